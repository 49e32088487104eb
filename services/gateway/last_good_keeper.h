#ifndef BROADSHEET_SERVICES_GATEWAY_LAST_GOOD_KEEPER_H_
#define BROADSHEET_SERVICES_GATEWAY_LAST_GOOD_KEEPER_H_

#include <array>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "broadsheet/change/v1/change.pb.h"
#include "libs/telemetry/log.h"
#include "libs/telemetry/metrics.h"
#include "services/gateway/earlier_run.h"
#include "services/gateway/followers.h"
#include "services/gateway/last_good_folder.h"

namespace broadsheet::gateway {

struct LastGoodOptions {
  std::string folder;  // empty: nothing is kept
  LeftPageRules rules;
  absl::Duration interval = absl::Seconds(15);           // between two looks at what has changed
  absl::Duration vouch_again = absl::Minutes(1);         // unchanged pages are written again after this
  std::size_t max_pages = 100;                           // 1 to 1,000
  std::size_t max_bytes = 32u << 20;                     // of pages, uncoded and coded together
  std::size_t max_record_bytes = std::size_t{64} << 10;  // a longer record is shortened with the next writing
};

// Leaves the front, the sections and the pages read most to the gateway that will run here next, as they were
// when their owners vouched for them last, and writes down what of them is withdrawn before the withdrawal is
// acknowledged: so the next run knows all that this one knew, whenever this one ends (README, "A start while
// everything else is down"). Thread-safe; one thread of its own.
class LastGoodKeeper {
 public:
  // Where the pages come from.
  struct Pages {
    // Paths that matter, the most important first, at most so many.
    std::function<std::vector<std::string>(std::size_t)> wanted;
    // What is in memory for a path, the whole one first. Does not count as reading it.
    std::function<std::vector<std::shared_ptr<const PageEntry>>(const std::string&)> find;
    // Asks for the page to be made anew, without waiting.
    std::function<void(const std::string&)> renew;
  };

  // Opens the folder and reads what was left there, if anything can be believed; never fails: a gateway
  // without such pages is as good as one in whose folder nothing was. `site`: see LastGoodPages.
  LastGoodKeeper(LastGoodOptions options, std::string site, std::string_view security_policy);
  ~LastGoodKeeper();  // Stop

  // What was left. Call each once, before Start.
  EarlierRun TakeEarlierRun() { return std::move(earlier_run_); }
  std::vector<std::shared_ptr<const PageEntry>> TakePages() { return std::move(left_); }

  // Begins to look after `pages`; both must outlive Stop.
  void Start(Pages pages, const Followers& followers);
  // Writes once more, if something has changed, and ends. Idempotent.
  void Stop();

  // For Followers::Options.
  void OnChange(const change::v1::Change& change);
  void OnReset(Source source, const std::string& log_id, std::int64_t floor);

  using Wanted = std::function<bool(const PageEntry&)>;
  // Paths of the pages on disk that `wanted` is true of. Does not wait for the disk.
  std::vector<std::string> PathsWhere(const Wanted& wanted) const;
  // Deletes them, on the thread of its own, and then says how many. Does not wait for the disk. False: it was
  // not taken, because too many are waiting or it has been stopped.
  bool Forget(Wanted wanted, std::function<void(std::size_t)> done);

  std::vector<std::pair<std::string, std::string>> StatusRows() const;

 private:
  using Entry = std::shared_ptr<const PageEntry>;
  struct Forgetting {
    Wanted wanted;
    std::function<void(std::size_t)> done;
  };

  void Load(std::string site, std::string_view security_policy);
  void Run();
  void LookAround();
  void WriteChosen(const std::vector<std::string>& paths, std::vector<std::string>& to_renew);
  std::size_t ForgetNow(const Wanted& wanted);
  // With mutex_ held: what is to be kept now, and the paths of pages that should be better.
  std::vector<Entry> Choose(const std::vector<std::string>& paths, std::vector<std::string>& to_renew);
  Entry Vouched(const std::string& path, absl::Time now) const;
  Entry StillGood(const std::string& path, absl::Time now) const;
  bool IsKnownPage(const std::string& path) const;
  bool IsKept(const std::vector<Entry>& pages) const;
  // With writing_mutex_ held, and mutex_ by `lock`, which is given back while the disk is waited for.
  void Write(std::vector<Entry> pages, std::unique_lock<std::mutex>& lock);
  void SetKept(std::vector<Entry> pages, absl::Time written_at);
  void ShortenRecord();
  void Drop(const absl::Status& why);
  bool IsUsable();
  std::size_t ForgetKept(const Wanted& wanted, std::unique_lock<std::mutex>& lock);
  bool ConcernsKept(const End& end) const;

  const LastGoodOptions options_;
  EarlierRun earlier_run_;
  std::vector<Entry> left_;
  bool keeps_ = false;  // there is a folder; set before Start
  Pages pages_;
  const Followers* followers_ = nullptr;
  telemetry::Gauge kept_pages_;
  telemetry::Counter written_, failed_, recorded_;
  telemetry::LimitedLog log_;

  // Three locks, taken in this order. Held while the pages on disk are exchanged:
  std::mutex writing_mutex_;
  // Held while pages are judged and become those to be written, so that a withdrawal is either known to the
  // judgement or written down after it, and while one is written down. Not while pages are written: who
  // brings a withdrawal meanwhile waits for the record alone.
  std::mutex mutex_;
  std::unique_ptr<LastGoodFolder> folder_;  // null: nothing is kept; this and all below are guarded by mutex_
  bool dropped_ = false;                    // the folder must be cleared before it is used again
  std::vector<Entry> pending_;              // what is being written and may be on disk already
  std::vector<End> ends_;                   // what the record says
  std::array<std::string, kSources> log_ids_;  // those followed
  // Never held while the disk is waited for. What it guards is changed with mutex_ held as well, but for the
  // last two.
  mutable std::mutex quick_mutex_;
  std::shared_ptr<const std::vector<Entry>> kept_ =
      std::make_shared<std::vector<Entry>>();  // what is on disk
  absl::Time written_at_ = absl::InfinitePast();
  std::size_t recorded_ends_ = 0;
  std::vector<Forgetting> forgetting_;  // asked for
  bool stopping_ = false;
  std::condition_variable wake_;

  std::thread thread_;
};

}  // namespace broadsheet::gateway

#endif  // BROADSHEET_SERVICES_GATEWAY_LAST_GOOD_KEEPER_H_
