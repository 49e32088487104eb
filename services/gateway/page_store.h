#ifndef BROADSHEET_SERVICES_GATEWAY_PAGE_STORE_H_
#define BROADSHEET_SERVICES_GATEWAY_PAGE_STORE_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "libs/redis/client.h"
#include "libs/rpc/task.h"
#include "services/gateway/page_entry.h"

namespace broadsheet::gateway {

// Finished pages in Redis, shared by the gateways of a site and surviving their restarts. Storage only:
// whether a page may be served is decided by who loads it. Thread-safe.
//
// All of a site's pages are thrown away together by raising its epoch, one number in Redis: every page
// carries the epoch at which its making began, and one of an earlier epoch than the present counts as none. A
// gateway asks for the epoch with the first page it loads in a second, in the same round trip; while Redis
// has the page but not the epoch, the one known last counts.
class PageStore {
 public:
  // What Redis said of some pages.
  struct Answer {
    std::int64_t pages = 0;  // that were there
    bool complete = true;    // it answered for every one of them; true where there is no Redis
  };

  // `client` may be null: then nothing is kept. `site`: its address, which tells its pages from those of
  // other sites in the same Redis. `security_policy`: see PreparePage; `uncoded`: see PageBody.
  PageStore(std::unique_ptr<redis::Client> client, std::string site, std::string security_policy,
            std::shared_ptr<http::UncodedBodies> uncoded)
      : client_(std::move(client)),
        site_(std::move(site)),
        security_policy_(std::move(security_policy)),
        uncoded_(std::move(uncoded)) {}

  // Until the result is destroyed, which must be on this thread, pages that are loaded on it are asked for
  // through `client`, whose loop it runs, while that is available: no other thread has a part in them.
  std::shared_ptr<void> LoadHereThrough(std::unique_ptr<redis::Client> client);

  // Null: there is none, or Redis does not answer within its timeout, or what it holds is not a page. From
  // any thread; ends on that of a queue it was awaited on, otherwise on that of Redis's client: what comes
  // after must not keep that one for long.
  rpc::Task<std::shared_ptr<const PageEntry>> Load(std::string path);

  // Whether anything can be kept at the moment.
  bool available() const { return client_ != nullptr && client_->available(); }
  // The epoch as known last; 0: not known, or the first.
  std::int64_t epoch() const { return epoch_.load(std::memory_order_relaxed); }
  // In the background; may fail. `epoch`: before anything was read for the page.
  void Save(const PageEntry& entry, std::int64_t epoch);

  // How many of the pages are there. Await them on a queue's thread.
  rpc::Task<Answer> Count(std::vector<std::string> paths);
  // Deletes them; how many were there. One that Redis did not answer for may still be there.
  rpc::Task<Answer> Delete(std::vector<std::string> paths);

  // Raises the epoch: what Redis has now counts as none, here once this has returned, for other gateways from
  // a second later on. False: Redis did not say that it has done so. Await it on a queue's thread.
  rpc::Task<bool> ForgetAll();
  // Whether Redis, where there is one, says which epoch it is.
  rpc::Task<bool> LearnEpoch();

  // For /status.
  std::vector<std::pair<std::string, std::string>> StatusRows() const;

 private:
  class OfThread;
  std::string KeyOf(std::string_view path) const;
  // Null: none can be asked.
  redis::Client* Loader() const;
  std::string EpochKey() const;
  bool KnowsEpoch() const;
  rpc::Task<bool> LearnEpochThrough(redis::Client& client);
  bool MustLearnEpoch() const;
  void NoteEpoch(std::int64_t epoch);
  // Makes it this in Redis, `above` what it was or no lower than that.
  rpc::Task<bool> RaiseEpoch(std::int64_t epoch, bool above);
  rpc::Task<Answer> ForEach(std::string command, std::vector<std::string> paths);

  const std::unique_ptr<redis::Client> client_;
  const std::string site_;
  const std::string security_policy_;
  const std::shared_ptr<http::UncodedBodies> uncoded_;
  std::atomic<std::int64_t> epoch_ = 0;
  std::atomic<std::int64_t> epoch_known_at_ = 0;  // SteadyNow in nanoseconds; 0: never
};

}  // namespace broadsheet::gateway

#endif  // BROADSHEET_SERVICES_GATEWAY_PAGE_STORE_H_
