#include "services/gateway/page_store.h"

#include <algorithm>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "services/gateway/steady_time.h"
#include "services/gateway/stored_page.h"

namespace broadsheet::gateway {
namespace {

constexpr absl::Duration kKeep = absl::Hours(48);
constexpr absl::Duration kEpochKnownFor = absl::Seconds(1);
constexpr int kMaxRaises = 4;                                // by others, at the same moment
constexpr absl::Duration kRaisePatience = absl::Seconds(1);  // nobody waits for a page meanwhile

// What is no number counts as none.
std::int64_t EpochIn(const redis::Value& value) {
  std::int64_t epoch = 0;
  return value != nullptr && absl::SimpleAtoi(*value, &epoch) ? std::max<std::int64_t>(epoch, 0) : 0;
}

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
  redis::Client* client = Loader();
  if (client == nullptr) co_return nullptr;
  auto get = client->Get(KeyOf(path));
  if (MustLearnEpoch()) {  // behind the page: what was there before the epoch was raised is not taken for
                           // later
    auto learning = LearnEpochThrough(*client);
    co_await learning;
  }
  const absl::StatusOr<redis::Value> value = co_await get;
  if (!value.ok() || *value == nullptr || !KnowsEpoch()) co_return nullptr;
  std::shared_ptr<const PageEntry> entry =
      DecodeStoredPage(**value, path, security_policy_, uncoded_, *value);
  if (entry != nullptr && entry->epoch < epoch()) entry = nullptr;
  co_return entry;
}

std::string PageStore::EpochKey() const { return "broadsheet:epoch:" + site_; }

bool PageStore::KnowsEpoch() const { return epoch_known_at_.load(std::memory_order_relaxed) != 0; }

bool PageStore::MustLearnEpoch() const {
  const std::int64_t known_at = epoch_known_at_.load(std::memory_order_relaxed);
  return known_at == 0 ||
         absl::ToUnixNanos(SteadyNow()) - known_at > absl::ToInt64Nanoseconds(kEpochKnownFor);
}

void PageStore::NoteEpoch(std::int64_t epoch) {
  std::int64_t known = epoch_.load();
  while (known < epoch && !epoch_.compare_exchange_weak(known, epoch)) {
  }
}

rpc::Task<bool> PageStore::LearnEpoch() {
  if (client_ == nullptr) co_return true;
  auto learning = LearnEpochThrough(*client_);
  co_return co_await learning;
}

rpc::Task<bool> PageStore::LearnEpochThrough(redis::Client& client) {
  const std::int64_t asked_at = absl::ToUnixNanos(SteadyNow());
  auto get = client.Get(EpochKey());
  const absl::StatusOr<redis::Value> value = co_await get;
  if (!value.ok()) co_return false;
  const std::int64_t said = EpochIn(*value);
  NoteEpoch(said);
  epoch_known_at_ = asked_at;
  if (said >= epoch()) co_return true;
  auto restoring = RaiseEpoch(epoch(), /*above=*/false);  // Redis has lost it
  co_return co_await restoring;
}

rpc::Task<bool> PageStore::RaiseEpoch(std::int64_t epoch, bool above) {
  for (int raises = 0; raises < kMaxRaises; ++raises) {
    auto set = client_->Execute({"SET", EpochKey(), absl::StrCat(epoch), "GET"}, kRaisePatience);
    const absl::StatusOr<redis::Reply> before = co_await set;
    if (!before.ok()) co_return false;
    const std::int64_t was = EpochIn(before->text);
    if (was < epoch || (was == epoch && !above)) {
      NoteEpoch(epoch);
      co_return true;
    }
    epoch = above ? was + 1 : was;
  }
  co_return false;
}

// A time, so that it is above what it was when nobody knows that any more; learned first, so that what others
// have raised is not lowered, not even for a moment.
rpc::Task<bool> PageStore::ForgetAll() {
  if (client_ == nullptr) co_return true;
  auto learning = LearnEpoch();
  if (!co_await learning) co_return false;
  auto raising = RaiseEpoch(std::max(epoch() + 1, absl::ToUnixMicros(absl::Now())), /*above=*/true);
  co_return co_await raising;
}

void PageStore::Save(const PageEntry& entry, std::int64_t epoch) {
  if (!available() || entry.content->uncoded_bytes() > kMaxStoredPageBytes) return;
  client_->Set(KeyOf(entry.path), EncodeStoredPage(entry, epoch), kKeep, [](const absl::StatusOr<bool>&) {});
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
          {"epoch", KnowsEpoch() ? absl::StrCat(epoch()) : "not known: no page is taken"},
          {"nodes that answer", absl::StrCat(state.available_nodes, " of ", state.nodes)},
          {"operations in flight", absl::StrCat(state.in_flight)},
          {"operations failed", absl::StrCat(state.failures)},
          {"connections made", absl::StrCat(state.connects)}};
}

}  // namespace broadsheet::gateway
