#include <algorithm>
#include <limits>
#include <map>
#include <set>

#include "absl/strings/str_cat.h"
#include "tests/histories/checks.h"

namespace broadsheet::histories {
namespace {

constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max();

std::string Describe(const Write& write) {
  return absl::StrCat(write.story, " ", write.action, " '", write.mark, "' on ", write.expected_revision,
                      ", begun at ", write.time.begin, ", over at ", write.time.end);
}

// The writes of one story against its revisions.
class StoryWrites {
 public:
  StoryWrites(const std::string& story, const std::vector<Revision>& revisions, Violations& violations)
      : story_(story), revisions_(revisions), by_(revisions.size()), violations_(violations) {}

  void Add(const Write& write) { writes_.push_back(&write); }
  void Add(const DraftRead& read) { draft_reads_.push_back(&read); }

  void Check() {
    for (std::size_t i = 0; i < revisions_.size(); ++i) {
      if (revisions_[i].revision != static_cast<std::int64_t>(i) + 1) {
        return Report("gap in the revisions", absl::StrCat(story_, " has no revision ", i + 1));
      }
    }
    NoteWhatWasSeen();
    // Of several publications answered with one revision, one that expected the revision before made it; the
    // others changed nothing.
    for (const bool sure : {true, false}) {
      for (const Write* write : writes_) {
        if (write->outcome == Outcome::kAcknowledged &&
            sure == (write->expected_revision == write->revision - 1))
          CheckAcknowledged(*write);
      }
    }
    CheckOrder();
    ExplainTheRest();
    for (const Write* write : writes_) {
      if (write->outcome == Outcome::kMismatch) CheckMismatch(*write);
      if (write->outcome == Outcome::kRefused || write->outcome == Outcome::kMismatch)
        CheckWithoutEffect(*write);
    }
    for (const DraftRead* read : draft_reads_) {
      CheckCurrent(read->revision, read->time, absl::StrCat("a draft of ", story_, " read"));
    }
    CheckCurrents();
  }

 private:
  void Report(const char* kind, std::string detail) { violations_.push_back({kind, std::move(detail)}); }

  const Revision* Find(std::int64_t revision) const {
    if (revision < 1 || revision > static_cast<std::int64_t>(revisions_.size())) return nullptr;
    return &revisions_[revision - 1];
  }
  const Write*& By(std::int64_t revision) { return by_[revision - 1]; }

  static bool CouldHaveMade(const Write& write, const Revision& revision) {
    return write.action == revision.action && (write.mark == revision.mark || revision.mark.empty()) &&
           (write.expected_revision == 0 || write.expected_revision == revision.revision - 1);
  }

  void CheckAcknowledged(const Write& write) {
    const Revision* revision = Find(write.revision);
    if (revision == nullptr)
      return Report("lost write", absl::StrCat(Describe(write), ": there is no revision ", write.revision));
    if (revision->draft != write.draft)
      return Report("revision that changed",
                    absl::StrCat(Describe(write), ": revision ", write.revision, " is another text now"));
    const bool sure = write.action != "publish" || write.expected_revision == write.revision - 1;
    if (CouldHaveMade(write, *revision) && By(write.revision) == nullptr &&
        (sure || write.time.begin <= seen_by_[write.revision])) {
      By(write.revision) = &write;
      return;
    }
    // Publishing what is public already changes nothing.
    if (write.action == "publish" && revision->settled &&
        (write.expected_revision == 0 || write.expected_revision == write.revision)) {
      return CheckCurrent(write.revision, write.time, Describe(write));
    }
    if (write.expected_revision != 0 && write.expected_revision != write.revision - 1)
      return Report("write on another revision than expected",
                    absl::StrCat(Describe(write), " made ", write.revision));
    Report("revision that is another write's",
           absl::StrCat(Describe(write), ": revision ", write.revision, " is a ", revision->action, " '",
                        revision->mark, "'"));
  }

  // Revisions that no acknowledged write made: what was due, or writes of unknown outcome, each at most once.
  void ExplainTheRest() {
    for (const Write* write : writes_) {
      if (write->outcome == Outcome::kUnknown) unknown_.push_back(write);
    }
    for (const Revision& revision : revisions_) {
      if (By(revision.revision) != nullptr || WasDue(revision)) continue;
      std::set<const Write*> tried;
      if (!Assign(revision, tried)) ReportUnexplained(revision);
    }
  }

  // An answer that names a revision shows that it and those before it had been made.
  void NoteWhatWasSeen() {
    seen_by_.assign(revisions_.size() + 1, kNever);
    auto note = [&](std::int64_t revision, const Interval& time) {
      if (Find(revision) != nullptr) seen_by_[revision] = std::min(seen_by_[revision], time.end);
    };
    for (const Write* write : writes_) {
      if (write->outcome == Outcome::kAcknowledged || write->outcome == Outcome::kMismatch)
        note(write->revision, write->time);
    }
    for (const DraftRead* read : draft_reads_) note(read->revision, read->time);
    for (std::size_t i = revisions_.size(); i > 0; --i)
      seen_by_[i - 1] = std::min(seen_by_[i - 1], seen_by_[i]);
  }

  bool WasDue(const Revision& revision) const {
    const Revision* before = Find(revision.revision - 1);
    return before != nullptr && before->due > 0 && before->due <= revision.micros &&
           (revision.action == "publish" || revision.action == "expire");
  }

  // Finds a write for the revision, letting others change theirs if need be.
  bool Assign(const Revision& revision, std::set<const Write*>& tried) {
    for (const Write* write : unknown_) {
      if (!CouldHaveMade(*write, revision) || write->time.begin > seen_by_[revision.revision]) continue;
      if (!tried.insert(write).second) continue;
      std::int64_t& holder = held_by_[write];
      if (holder != 0 && !Assign(*Find(holder), tried)) continue;
      holder = revision.revision;
      By(holder) = write;
      return true;
    }
    return false;
  }

  void ReportUnexplained(const Revision& revision) {
    const std::string what = absl::StrCat(story_, " revision ", revision.revision, ", ", revision.action,
                                          " '", revision.mark, "'");
    for (const Write* write : writes_) {
      if (write->action != revision.action || write->mark.empty() || write->mark != revision.mark) continue;
      if (write->outcome == Outcome::kRefused || write->outcome == Outcome::kMismatch) return;  // see there
      return Report("write applied twice", what);
    }
    Report("revision that nobody wrote", what);
  }

  void CheckOrder() {
    std::int64_t first_end = kNever;  // of the later revisions
    std::int64_t first_end_revision = 0;
    ended_before_.assign(revisions_.size() + 1, kNever);
    for (std::int64_t number = static_cast<std::int64_t>(revisions_.size()); number > 0; --number) {
      ended_before_[number] = first_end;
      const Write* write = By(number);
      if (write == nullptr) continue;
      if (first_end < write->time.begin) {
        Report("writes out of order",
               absl::StrCat(Describe(*write), " made ", number, " when ", first_end_revision,
                            " was acknowledged already at ", first_end));
      }
      if (write->outcome == Outcome::kAcknowledged && write->time.end < first_end) {
        first_end = write->time.end;
        first_end_revision = number;
      }
    }
  }

  // Whether `revision` can have been the newest one at some moment of `time`.
  void CheckCurrent(std::int64_t revision, const Interval& time, const std::string& what) {
    currents_.push_back({revision, time, what});
  }
  void CheckCurrents() {
    for (const auto& [revision, time, what] : currents_) {
      if (Find(revision) == nullptr) {
        Report("revision that is not there", absl::StrCat(what, ": ", revision));
      } else if (ended_before_[revision] < time.begin) {
        Report("stale revision",
               absl::StrCat(what, " at revision ", revision, ", begun at ", time.begin,
                            ", when a later one was acknowledged at ", ended_before_[revision]));
      } else if (By(revision) != nullptr && By(revision)->time.begin > time.end) {
        Report("revision from the future", absl::StrCat(what, " at revision ", revision));
      }
    }
  }

  void CheckMismatch(const Write& write) {
    if (write.revision == write.expected_revision) {
      return Report("refused although the expected revision was current", Describe(write));
    }
    CheckCurrent(write.revision, write.time, absl::StrCat("mismatch of ", Describe(write)));
  }

  void CheckWithoutEffect(const Write& write) {
    if (write.mark.empty()) return;
    for (const Revision& revision : revisions_) {
      if (revision.action == write.action && revision.mark == write.mark)
        Report("refused write that took effect",
               absl::StrCat(Describe(write), " made revision ", revision.revision));
    }
  }

  struct Current {
    std::int64_t revision;
    Interval time;
    std::string what;
  };

  const std::string story_;
  const std::vector<Revision>& revisions_;
  std::vector<const Write*> writes_;
  std::vector<const DraftRead*> draft_reads_;
  std::vector<const Write*> by_;  // the write that made each revision
  std::vector<const Write*> unknown_;
  std::map<const Write*, std::int64_t> held_by_;
  std::vector<std::int64_t> ended_before_;  // by revision: when the first later one was acknowledged
  std::vector<std::int64_t> seen_by_;       // by revision: when an answer first named it or a later one
  std::vector<Current> currents_;
  Violations& violations_;
};

// Positions follow real time, whatever the story.
void CheckPositions(const History& history, const PublicStates& states, Violations& violations) {
  struct Placed {
    const Write* write;
    std::int64_t position;
  };
  std::vector<Placed> by_begin, by_end;
  for (const Write& write : history.writes) {
    if (write.outcome != Outcome::kAcknowledged) continue;
    const std::int64_t position = states.PositionOf(write.story, write.revision);
    if (write.position > history.head || (write.position > 0 && write.position < position)) {
      violations.push_back({"answer with a wrong position",
                            absl::StrCat(Describe(write), " is at ", position, ", the head at ", history.head,
                                         ", the answer says ", write.position)});
    }
    if (position == 0) continue;
    by_end.push_back({&write, position});
    // A publication may have found that it was public already.
    if (write.action != "publish" || write.expected_revision == write.revision - 1)
      by_begin.push_back({&write, position});
  }
  std::sort(by_begin.begin(), by_begin.end(),
            [](const Placed& a, const Placed& b) { return a.write->time.begin < b.write->time.begin; });
  std::sort(by_end.begin(), by_end.end(),
            [](const Placed& a, const Placed& b) { return a.write->time.end < b.write->time.end; });
  std::int64_t highest = 0;
  auto ended = by_end.begin();
  for (const Placed& placed : by_begin) {
    for (; ended != by_end.end() && ended->write->time.end < placed.write->time.begin; ++ended)
      highest = std::max(highest, ended->position);
    if (placed.position < highest) {
      violations.push_back(
          {"positions out of order", absl::StrCat(Describe(*placed.write), " is at ", placed.position,
                                                  ", but ", highest, " had been acknowledged before")});
    }
  }
}

}  // namespace

void CheckWrites(const History& history, const PublicStates& states, Violations& violations) {
  static const std::vector<Revision> none;
  std::map<std::string, StoryWrites> stories;
  auto find = [&](const std::string& story) -> StoryWrites& {
    const auto known = history.stories.find(story);
    const auto& revisions = known == history.stories.end() ? none : known->second;
    return stories.try_emplace(story, story, revisions, violations).first->second;
  };
  for (const auto& [story, revisions] : history.stories) find(story);
  for (const Write& write : history.writes) find(write.story).Add(write);
  for (const DraftRead& read : history.draft_reads) find(read.story).Add(read);
  for (auto& [story, writes] : stories) writes.Check();
  CheckPositions(history, states, violations);
}

}  // namespace broadsheet::histories
