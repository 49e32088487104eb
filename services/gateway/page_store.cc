#include "services/gateway/page_store.h"

#include <algorithm>
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
  absl::StatusOr<redis::Value> value = nullptr;
  if (available()) {
    auto get = client_->Get(KeyOf(path));
    value = co_await get;
  }
  if (!value.ok() || *value == nullptr) co_return nullptr;
  co_return DecodeStoredPage(**value, path, security_policy_, uncoded_);
}

void PageStore::Save(const PageEntry& entry) {
  if (!available() || entry.content->uncoded_bytes() > kMaxStoredPageBytes) return;
  client_->Set(KeyOf(entry.path), EncodeStoredPage(entry), kKeep, [](const absl::StatusOr<bool>&) {});
}

rpc::Task<std::int64_t> PageStore::Count(std::vector<std::string> paths) {
  return ForEach("EXISTS", std::move(paths));
}

rpc::Task<std::int64_t> PageStore::Delete(std::vector<std::string> paths) {
  return ForEach("DEL", std::move(paths));
}

// One key a command, because keys of different slots of a cluster cannot share one.
rpc::Task<std::int64_t> PageStore::ForEach(std::string command, std::vector<std::string> paths) {
  constexpr std::size_t kAtOnce = 256;
  std::int64_t total = 0;
  for (std::size_t first = 0; first < paths.size(); first += kAtOnce) {
    if (!available()) co_return total;
    std::vector<redis::Client::Result<redis::Reply>> replies;
    for (std::size_t i = first; i < std::min(first + kAtOnce, paths.size()); ++i)
      replies.push_back(client_->Execute({command, KeyOf(paths[i])}));
    for (const auto& pending : replies) {
      const auto reply = pending;
      absl::StatusOr<redis::Reply> counted = co_await reply;
      if (counted.ok()) total += counted->integer;
    }
  }
  co_return total;
}

std::vector<std::pair<std::string, std::string>> PageStore::StatusRows() const {
  if (client_ == nullptr) return {{"Redis", "not used"}};
  const redis::Client::State state = client_->state();
  return {{"Redis", state.available ? "answers" : absl::StrCat("does not answer: ", state.last_error)},
          {"nodes that answer", absl::StrCat(state.available_nodes, " of ", state.nodes)},
          {"operations in flight", absl::StrCat(state.in_flight)},
          {"operations failed", absl::StrCat(state.failures)},
          {"connections made", absl::StrCat(state.connects)}};
}

}  // namespace broadsheet::gateway
