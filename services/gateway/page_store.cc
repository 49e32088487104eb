#include "services/gateway/page_store.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "services/gateway/stored_page.h"

namespace broadsheet::gateway {
namespace {

constexpr absl::Duration kKeep = absl::Hours(48);

}  // namespace

// A client that serves the thread it lives on.
class PageStore::OfThread {
 public:
  OfThread(const PageStore& store, std::unique_ptr<redis::Client> client)
      : store_(store), client_(std::move(client)) {
    latest_ = this;
  }
  ~OfThread() { latest_ = nullptr; }
  OfThread(const OfThread&) = delete;
  OfThread& operator=(const OfThread&) = delete;

  // This thread's for `store`; null: there is none.
  static redis::Client* For(const PageStore& store) {
    return latest_ != nullptr && &latest_->store_ == &store ? latest_->client_.get() : nullptr;
  }

 private:
  static thread_local OfThread* latest_;
  const PageStore& store_;
  const std::unique_ptr<redis::Client> client_;
};

thread_local PageStore::OfThread* PageStore::OfThread::latest_ = nullptr;

std::shared_ptr<void> PageStore::LoadHereThrough(std::unique_ptr<redis::Client> client) {
  return std::make_shared<OfThread>(*this, std::move(client));
}

redis::Client* PageStore::Loader() const {
  redis::Client* here = OfThread::For(*this);
  if (here != nullptr && here->available()) return here;
  return available() ? client_.get() : nullptr;
}

std::string PageStore::KeyOf(std::string_view path) const {
  return std::string("broadsheet:page:").append(site_).append(path);
}

rpc::Task<std::shared_ptr<const PageEntry>> PageStore::Load(std::string path) {
  absl::StatusOr<redis::Value> value = nullptr;
  if (redis::Client* client = Loader()) {
    auto get = client->Get(KeyOf(path));
    value = co_await get;
  }
  if (!value.ok() || *value == nullptr) co_return nullptr;
  co_return DecodeStoredPage(**value, path, security_policy_, uncoded_, *value);
}

void PageStore::Save(const PageEntry& entry) {
  if (!available() || entry.content->uncoded_bytes() > kMaxStoredPageBytes) return;
  client_->Set(KeyOf(entry.path), EncodeStoredPage(entry), kKeep, [](const absl::StatusOr<bool>&) {});
}

rpc::Task<PageStore::Answer> PageStore::Count(std::vector<std::string> paths) {
  return ForEach("EXISTS", std::move(paths));
}

rpc::Task<PageStore::Answer> PageStore::Delete(std::vector<std::string> paths) {
  return ForEach("DEL", std::move(paths));
}

// One key a command, because keys of different slots of a cluster cannot share one.
rpc::Task<PageStore::Answer> PageStore::ForEach(std::string command, std::vector<std::string> paths) {
  constexpr std::size_t kAtOnce = 256;
  Answer answer;
  if (client_ == nullptr) co_return answer;
  for (std::size_t first = 0; first < paths.size(); first += kAtOnce) {
    if (!available()) {
      answer.complete = false;
      break;
    }
    std::vector<redis::Client::Result<redis::Reply>> replies;
    for (std::size_t i = first; i < std::min(first + kAtOnce, paths.size()); ++i)
      replies.push_back(client_->Execute({command, KeyOf(paths[i])}));
    for (const auto& pending : replies) {
      const auto reply = pending;
      absl::StatusOr<redis::Reply> counted = co_await reply;
      if (counted.ok()) answer.pages += counted->integer;
      answer.complete &= counted.ok();
    }
  }
  co_return answer;
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
