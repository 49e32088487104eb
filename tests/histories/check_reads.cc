#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <tuple>

#include "absl/strings/str_cat.h"
#include "tests/histories/checks.h"

namespace broadsheet::histories {
namespace {

std::string Describe(const Read& read) {
  static constexpr const char* kKinds[] = {"by id", "by path", "past revision", "batch", "list"};
  return absl::StrCat("read ", kKinds[static_cast<int>(read.kind)], " of ",
                      read.asked.empty() ? "section '" + read.section + "'" : read.asked.front(), " at ",
                      read.position, ", replica ", read.replica, ", begun at ", read.time.begin);
}

class ReadCheck {
 public:
  ReadCheck(const History& history, const PublicStates& states, Violations& violations)
      : history_(history), states_(states), violations_(violations) {
    for (const std::string& story : states.stories()) stories_.push_back(story);
  }

  void Check(const Read& read) {
    read_ = &read;
    if (read.log_id != history_.log_id) return Report("another log", "");
    if (read.position > history_.head) return Report("state that was not committed", "");
    if (read.position < read.min_position)
      Report("older than asked for", absl::StrCat("min_position ", read.min_position));
    if (read.kind == ReadKind::kList) {
      CheckList();
    } else if (read.kind == ReadKind::kBatch) {
      CheckBatch();
    } else {
      CheckSingle();
    }
  }

 private:
  enum class Expected { kShown, kAbsent, kEither };

  // A story that expires is gone from that instant on, and committed as gone a little later.
  Expected ExpectedNow(const PublicState* state) const {
    if (state == nullptr || !state->revision->visible) return Expected::kAbsent;
    const std::int64_t expires = state->revision->expires_micros;
    if (expires == 0 || read_->wall_end_micros < expires) return Expected::kShown;
    return read_->wall_begin_micros >= expires ? Expected::kAbsent : Expected::kEither;
  }

  void CheckSingle() {
    const std::string& story = read_->asked.front();
    const PublicState* state = states_.At(story, read_->position);
    const Expected expected = ExpectedNow(state);
    if (!read_->shown.empty()) {
      const Shown& shown = read_->shown.front();
      if (shown.story != story) return Report("another story", shown.story);
      if (expected == Expected::kAbsent) return ReportUnreadable(shown, state);
      if (read_->kind == ReadKind::kPast) return CheckPast(shown, *state);
      return CheckShown(shown, *state);
    }
    if (read_->absence == Absence::kNoSuchRevision) {
      if (expected == Expected::kAbsent)
        return Report("answer that tells of a story that is not public", "no such revision");
      if (FindPast(*state))
        Report("revision that readers had is not found", absl::StrCat(read_->past_revision));
      return;
    }
    if (expected == Expected::kShown) return Report("public story is not found", Name(*state));
    if (state == nullptr) {
      if (read_->absence != Absence::kNotFound)
        Report("answer that tells of a story that was never public", "");
    } else if (read_->absence != Absence::kWithdrawn) {
      Report("withdrawn story looks like one that never was", Name(*state));
    } else if (!state->revision->visible && read_->withdrawal != state->revision->withdrawal) {
      Report("something else is seen instead of a withdrawn story", Name(*state));
    }
  }

  // What readers may see at the revision asked for; nullopt: nothing.
  std::optional<PublicState::Past> FindPast(const PublicState& state) const {
    if (read_->past_revision == state.revision->published_revision)
      return PublicState::Past{state.revision->article, state.revision->basic_article};
    const auto past = state.past.find(read_->past_revision);
    if (past == state.past.end()) return std::nullopt;
    return past->second;
  }

  void CheckPast(const Shown& shown, const PublicState& state) {
    const std::optional<PublicState::Past> past = FindPast(state);
    if (!past) return Report("revision that readers may not have is shown", absl::StrCat(shown.revision));
    if (shown.revision != read_->past_revision ||
        shown.article != (read_->body ? past->article : past->basic_article))
      Report("past revision is not as readers had it", absl::StrCat(shown.revision));
  }

  void CheckShown(const Shown& shown, const PublicState& state) {
    const Revision& right = *state.revision;
    if (shown.article == (read_->body ? right.article : right.basic_article)) return;
    for (const PublicState& other : states_.Of(shown.story)) {
      if (!other.revision->visible) continue;
      if (shown.article != (read_->body ? other.revision->article : other.revision->basic_article)) continue;
      return Report(
          other.position < state.position ? "stale read" : "read of a later state",
          absl::StrCat("shows the state of ", other.position, " instead of that of ", state.position));
    }
    ReportUnpublished(shown, state);
  }

  // Not a state that readers ever were to see: of which revision is the text?
  void ReportUnpublished(const Shown& shown, const PublicState& state) {
    const auto revisions = history_.stories.find(shown.story);
    if (revisions != history_.stories.end()) {
      for (const Revision& revision : revisions->second) {
        if (shown.content != (read_->body ? revision.content : revision.basic_content)) continue;
        if (revision.revision == state.revision->published_revision) break;  // it is not the text
        return Report("unpublished text is shown",
                      absl::StrCat("of revision ", revision.revision, " instead of ", Name(state)));
      }
    }
    Report("state that never was", absl::StrCat("revision ", shown.revision, " instead of ", Name(state)));
  }

  void ReportUnreadable(const Shown& shown, const PublicState* state) {
    if (state == nullptr)
      return Report("unpublished story is shown", absl::StrCat("revision ", shown.revision));
    Report(state->revision->visible ? "expired story is shown" : "withdrawn story is shown", Name(*state));
  }

  void CheckBatch() {
    std::vector<std::string> stories;
    std::set<std::string> seen;
    for (const std::string& story : read_->asked) {
      if (seen.insert(story).second) stories.push_back(story);
    }
    CheckSequence(stories);
  }

  void CheckList() {
    // Most recently first published first.
    std::vector<std::tuple<std::int64_t, std::string>> order;
    for (const std::string& story : stories_) {
      const PublicState* state = states_.At(story, read_->position);
      if (state == nullptr || !state->revision->visible) continue;
      if (!read_->section.empty() && state->revision->section != read_->section) continue;
      order.emplace_back(state->revision->first_published_micros, story);
    }
    std::sort(order.rbegin(), order.rend());
    std::vector<std::string> stories;
    for (const auto& [time, story] : order) stories.push_back(story);
    CheckSequence(stories);
  }

  // The answer shows those of `stories` that are public, in that order, and nothing else.
  void CheckSequence(const std::vector<std::string>& stories) {
    auto shown = read_->shown.begin();
    for (const std::string& story : stories) {
      const PublicState* state = states_.At(story, read_->position);
      const Expected expected = ExpectedNow(state);
      if (shown != read_->shown.end() && shown->story == story) {
        if (expected == Expected::kAbsent) {
          ReportUnreadable(*shown, state);
        } else {
          CheckShown(*shown, *state);
        }
        ++shown;
      } else if (expected == Expected::kShown && !(read_->more && shown == read_->shown.end())) {
        return Report("public story is missing", absl::StrCat(story, " ", Name(*state)));
      }
    }
    if (shown == read_->shown.end()) return;
    const PublicState* state = states_.At(shown->story, read_->position);
    if (ExpectedNow(state) == Expected::kAbsent) return ReportUnreadable(*shown, state);
    Report("story that does not belong here", shown->story);
  }

  static std::string Name(const PublicState& state) {
    return absl::StrCat("revision ", state.revision->revision, " (", state.revision->action, ") of position ",
                        state.position);
  }

  void Report(const char* kind, const std::string& more) {
    violations_.push_back({kind, absl::StrCat(Describe(*read_), more.empty() ? "" : ": ", more)});
  }

  const History& history_;
  const PublicStates& states_;
  Violations& violations_;
  std::vector<std::string> stories_;
  const Read* read_ = nullptr;
};

// Something that said a position: later questions must not be answered with an older one.
struct Said {
  std::int64_t end;
  std::int64_t position;
  int replica;
};
constexpr int kAnyReplica = -1;

// What binds: an acknowledged write all replicas, an answer to a reader the replica that gave it.
std::vector<Said> Sayings(const History& history, const PublicStates& states) {
  std::vector<Said> said;
  for (const Write& write : history.writes) {
    if (write.outcome != Outcome::kAcknowledged) continue;
    const std::int64_t own = states.PositionOf(write.story, write.revision);
    said.push_back({write.time.end, std::max(write.position, own), kAnyReplica});
  }
  for (const Read& read : history.reads) said.push_back({read.time.end, read.position, read.replica});
  std::sort(said.begin(), said.end(), [](const Said& a, const Said& b) { return a.end < b.end; });
  return said;
}

// Calls `older` with each read whose position is older than one that was said before it began and binds it.
template <class Older>
void ForEachReadBehind(const History& history, const std::vector<Said>& said, bool all_bind, Older older) {
  std::vector<const Read*> reads;
  for (const Read& read : history.reads) reads.push_back(&read);
  std::sort(reads.begin(), reads.end(),
            [](const Read* a, const Read* b) { return a->time.begin < b->time.begin; });
  std::map<int, std::int64_t> highest;
  auto next = said.begin();
  for (const Read* read : reads) {
    for (; next != said.end() && next->end < read->time.begin; ++next) {
      std::int64_t& known = highest[all_bind ? kAnyReplica : next->replica];
      known = std::max(known, next->position);
    }
    const std::int64_t known = std::max(highest[kAnyReplica], highest[read->replica]);
    if (read->position < known) older(*read, known);
  }
}

}  // namespace

void CheckReads(const History& history, const PublicStates& states, Violations& violations) {
  ReadCheck check(history, states, violations);
  for (const Read& read : history.reads) check.Check(read);
  ForEachReadBehind(history, Sayings(history, states), false, [&](const Read& read, std::int64_t known) {
    violations.push_back(
        {"read that went back", absl::StrCat(Describe(read), ": ", known, " had been said")});
  });
}

std::int64_t CountReadsBehindOtherReplicas(const History& history) {
  std::vector<Said> said;
  for (const Read& read : history.reads) said.push_back({read.time.end, read.position, read.replica});
  std::sort(said.begin(), said.end(), [](const Said& a, const Said& b) { return a.end < b.end; });
  std::int64_t count = 0;
  ForEachReadBehind(history, said, true, [&](const Read&, std::int64_t) { ++count; });
  return count;
}

}  // namespace broadsheet::histories
