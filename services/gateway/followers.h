#ifndef BROADSHEET_SERVICES_GATEWAY_FOLLOWERS_H_
#define BROADSHEET_SERVICES_GATEWAY_FOLLOWERS_H_

#include <array>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "libs/change/follower.h"
#include "services/gateway/backends.h"
#include "services/gateway/dependencies.h"
#include "services/gateway/earlier_run.h"
#include "services/gateway/freshness.h"
#include "services/gateway/page_entry.h"
#include "services/gateway/told_withdrawals.h"

namespace broadsheet::gateway {

// What this gateway knows of its sources' change logs, put in the terms that `Decide` asks in. Thread-safe
// once started.
class Followers {
 public:
  struct Options {
    std::string follower_id;  // for operators; empty: host name and process id
    // Called on a follower's thread for each change, before it is acknowledged; must be quick.
    std::function<void(const change::v1::Change&)> on_change;
    // The same when a log is followed anew, with its id, before any change of it: what was read below `floor`
    // cannot be judged any more.
    std::function<void(Source, const std::string& log_id, std::int64_t floor)> on_reset;
    // The same when everything up to now has been applied, with a lease: once for each stream.
    std::function<void(Source)> on_caught_up = nullptr;
    // What is believed of the pages of an earlier run until a source has been followed.
    EarlierRun earlier_run;
  };

  // Nothing can be judged before Start.
  Followers() = default;
  // Call once, before the first question.
  void Start(Backends& backends, Options options);
  // Ends both streams; no callback runs after it has returned. Nothing can be judged any more.
  void Stop();

  Standing StandingOf(Source source, const change::Dependency& dependency) const;
  // Whether `tag`, shown by something read at `dependency`, is known to have been withdrawn since, be it that
  // it was published again after that: often without what was shown then.
  bool WithdrawnSince(Source source, const change::Dependency& dependency, std::string_view tag) const;
  // The same, but only if the log that `dependency` was read from says so, and says no more until that
  // position. Of what its owner has just answered nothing else is known better than by the answer.
  bool CertainlyWithdrawnSince(Source source, const change::Dependency& dependency,
                               const std::string& tag) const;
  // Article has said, in answer to a call, that `tag` was withdrawn: until its log says so too that counts
  // for what the log does not vouch for.
  void NoteWithdrawn(std::string_view tag, const change::v1::Snapshot& snapshot) const;
  // What everything read from the source from now on includes. An empty log_id: not known.
  change::v1::Snapshot position(Source source) const;
  bool live(Source source) const;

  // Everything there is to know of an entry now.
  EntryFacts Examine(const PageEntry& entry, absl::Time now) const;
  // Whether the story the page is about has been withdrawn since or has expired, and is not there again: the
  // page's path is gone.
  bool SubjectWithdrawn(const PageEntry& entry, absl::Time now) const;
  // Whether anything that a page made just now shows is certain to have been withdrawn since it was read.
  // Whatever is not certain is left to its owners, whose answer it is.
  bool AnythingWithdrawnSince(const PageEntry& entry) const;
  // The tags of the stories withdrawn since, or expired, that a page about something else mentions, if
  // leaving them out is all it takes to show it again; otherwise none.
  std::vector<std::string> WithdrawnMentions(const PageEntry& entry, absl::Time now) const;

  // Null before Start and after Stop.
  const change::Follower* follower(Source source) const {
    return followers_[static_cast<std::size_t>(source)].get();
  }

 private:
  // Whether how this entry stands with the source is for those to tell who had it before this run has
  // followed the log: the earlier run, or this one when it made it.
  bool LeftToJudge(const PageEntry& entry, Source source) const;
  // What they say.
  Standing StandingBefore(const PageEntry& entry, absl::Time now) const;
  Standing StandingOf(const PageEntry& entry, Source source, absl::Time now) const;
  bool AnyWithdrawn(const PageEntry& entry, Source source, absl::Time now) const;
  bool HasEnded(const PageEntry& entry, std::string_view tag, absl::Time now) const;
  std::vector<std::string> Ended(const PageEntry& entry, absl::Time now) const;
  absl::Duration StaleFor(const PageEntry& entry, Standing article, absl::Time now) const;

  bool AnythingWithdrawnSince(const PageEntry& entry, Source source) const;
  // Whether the story the page is about is there again, though what the page shows of it was withdrawn.
  bool CameBack(const PageEntry& entry) const;
  bool ToldWithdrawn(std::string_view tag, const change::Dependency& dependency) const;

  EarlierRun earlier_run_;
  mutable ToldWithdrawals told_;
  std::array<std::unique_ptr<change::Follower>, kSources> followers_;
};

}  // namespace broadsheet::gateway

#endif  // BROADSHEET_SERVICES_GATEWAY_FOLLOWERS_H_
