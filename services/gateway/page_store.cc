#include "services/gateway/page_store.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "services/gateway/stored_page.h"

namespace broadsheet::gateway {
namespace {

constexpr absl::Duration kKeep = absl::Hours(48);

std::string KeyOf(std::string_view path) { return std::string("broadsheet:page:").append(path); }

}  // namespace

rpc::Task<std::shared_ptr<const PageEntry>> PageStore::Load(std::string path) {
  if (client_ == nullptr || !client_->available()) co_return nullptr;
  auto get = client_->Get(KeyOf(path));
  absl::StatusOr<redis::Value> value = co_await get;
  if (!value.ok() || *value == nullptr) co_return nullptr;
  co_return DecodeStoredPage(**value, path, security_policy_);
}

void PageStore::Save(const PageEntry& entry) {
  if (client_ == nullptr || !client_->available() || entry.content->body().size() > kMaxStoredPageBytes)
    return;
  client_->Set(KeyOf(entry.path), EncodeStoredPage(entry), kKeep, [](const absl::StatusOr<bool>&) {});
}

std::vector<std::pair<std::string, std::string>> PageStore::StatusRows() const {
  if (client_ == nullptr) return {{"Redis", "not used"}};
  const redis::Client::State state = client_->state();
  return {{"Redis", state.available ? "answers" : absl::StrCat("does not answer: ", state.last_error)},
          {"operations in flight", absl::StrCat(state.in_flight)},
          {"operations failed", absl::StrCat(state.failures)},
          {"connections made", absl::StrCat(state.connects)}};
}

}  // namespace broadsheet::gateway
