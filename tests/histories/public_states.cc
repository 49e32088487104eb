#include "tests/histories/public_states.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace broadsheet::histories {
namespace {

// Whether a commit leaves what readers see as it is.
bool LooksTheSame(const Revision& now, const Revision& before) {
  if (now.visible != before.visible) return false;
  return now.visible ? now.article == before.article : now.withdrawal == before.withdrawal;
}

// What can be asked for by number after `now`, which follows `before`.
std::map<std::int64_t, PublicState::Past> PastAfter(const PublicState& before, const Revision& now) {
  std::map<std::int64_t, PublicState::Past> past = before.past;
  const Revision& old = *before.revision;
  if (now.action == "withhold") return {};
  if (old.visible && (!now.visible || old.published_revision != now.published_revision)) {
    past[old.published_revision] = {old.article, old.basic_article};
  }
  return past;
}

}  // namespace

PublicStates::PublicStates(const History& history, const std::vector<Change>& log, Violations& violations) {
  std::map<std::string, std::vector<const Change*>> by_story;
  for (const Change& change : log) {
    absl::string_view subject = change.subject;
    if (absl::ConsumePrefix(&subject, "article/")) by_story[std::string(subject)].push_back(&change);
  }
  for (const auto& [story, changes] : by_story) {
    if (history.stories.count(story) > 0) continue;
    violations.push_back({"change of a story that is not there",
                          absl::StrCat(story, " at position ", changes.front()->position)});
  }
  for (const auto& [story, revisions] : history.stories) {
    Build(story, revisions, by_story[story], violations);
  }
}

void PublicStates::Build(const std::string& story, const std::vector<Revision>& revisions,
                         const std::vector<const Change*>& changes, Violations& violations) {
  std::vector<PublicState>& states = states_[story];
  auto next = changes.begin();
  bool forgotten = false;  // withheld by a commit that readers could not notice
  for (const Revision& revision : revisions) {
    const PublicState* before = states.empty() ? nullptr : &states.back();
    if (next == changes.end() || (*next)->commit_micros != revision.micros) {
      if (before == nullptr ? revision.visible : !LooksTheSame(revision, *before->revision)) {
        violations.push_back(
            {"commit that the log does not tell", absl::StrCat(story, " revision ", revision.revision)});
      }
      forgotten = forgotten || revision.action == "withhold";
      continue;
    }
    const Change& change = **next++;
    if (change.published != revision.visible) {
      violations.push_back({"change of the wrong kind", absl::StrCat(story, " revision ", revision.revision,
                                                                     " at position ", change.position)});
    }
    positions_[story][revision.revision] = change.position;
    PublicState state{change.position, &revision, {}};
    if (before != nullptr && !forgotten) state.past = PastAfter(*before, revision);
    forgotten = false;
    states.push_back(std::move(state));
  }
  for (; next != changes.end(); ++next) {
    violations.push_back(
        {"change that no commit made", absl::StrCat(story, " at position ", (*next)->position)});
  }
}

const PublicState* PublicStates::At(const std::string& story, std::int64_t position) const {
  const std::vector<PublicState>& states = Of(story);
  const auto after =
      std::upper_bound(states.begin(), states.end(), position,
                       [](std::int64_t wanted, const PublicState& state) { return wanted < state.position; });
  return after == states.begin() ? nullptr : &*std::prev(after);
}

const std::vector<PublicState>& PublicStates::Of(const std::string& story) const {
  static const std::vector<PublicState> none;
  const auto found = states_.find(story);
  return found == states_.end() ? none : found->second;
}

std::int64_t PublicStates::PositionOf(const std::string& story, std::int64_t revision) const {
  const auto positions = positions_.find(story);
  if (positions == positions_.end()) return 0;
  const auto found = positions->second.find(revision);
  return found == positions->second.end() ? 0 : found->second;
}

std::vector<std::string> PublicStates::stories() const {
  std::vector<std::string> names;
  for (const auto& [story, states] : states_) names.push_back(story);
  return names;
}

}  // namespace broadsheet::histories
