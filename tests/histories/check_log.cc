#include <algorithm>
#include <map>

#include "absl/strings/str_cat.h"
#include "tests/histories/checks.h"

namespace broadsheet::histories {
namespace {

void CheckStream(const Stream& stream, const History& history, std::map<std::int64_t, Change>& log,
                 Violations& violations) {
  const std::string who = absl::StrCat("replica ", stream.replica, ", from ", stream.start);
  if (stream.log_id != history.log_id) violations.push_back({"another log", who});
  std::int64_t expected = stream.start;
  for (const Change& change : stream.changes) {
    if (change.position != ++expected) {
      violations.push_back({"gap in what a follower got",
                            absl::StrCat(who, ": position ", change.position, " instead of ", expected)});
      expected = change.position;
    }
    const auto [known, added] = log.emplace(change.position, change);
    if (!added && known->second.all != change.all) {
      violations.push_back(
          {"position with two changes",
           absl::StrCat(change.position, ": ", known->second.subject, " and ", change.subject)});
    }
  }
}

}  // namespace

std::vector<Change> CheckLog(const History& history, Violations& violations) {
  std::map<std::int64_t, Change> by_position;
  for (const Stream& stream : history.streams) CheckStream(stream, history, by_position, violations);
  std::vector<Change> log;
  std::int64_t expected = 0;
  for (auto& [position, change] : by_position) {
    if (position != ++expected) {
      violations.push_back({"gap in the log", absl::StrCat("nothing from ", expected, " to ", position - 1)});
      expected = position;
    }
    log.push_back(change);
  }
  if (expected != history.head) {
    violations.push_back({"log that ends elsewhere", absl::StrCat("the head is ", history.head,
                                                                  ", the last change followed ", expected)});
  }
  return log;
}

void CheckLeases(const History& history, const PublicStates& states, Violations& violations) {
  // The newest position acknowledged by the time, for each time at which it grew.
  std::vector<std::pair<std::int64_t, std::int64_t>> acknowledged;
  std::map<std::int64_t, const Write*> by_position;
  for (const Write& write : history.writes) {
    const std::int64_t position = states.PositionOf(write.story, write.revision);
    if (write.outcome != Outcome::kAcknowledged || position == 0) continue;
    acknowledged.emplace_back(write.time.end, position);
    const Write*& first = by_position[position];
    if (first == nullptr || write.time.end < first->time.end) first = &write;
  }
  std::sort(acknowledged.begin(), acknowledged.end());
  for (std::size_t i = 1; i < acknowledged.size(); ++i) {
    acknowledged[i].second = std::max(acknowledged[i].second, acknowledged[i - 1].second);
  }
  for (const LeaseHeld& held : history.leases) {
    const auto after = std::lower_bound(acknowledged.begin(), acknowledged.end(),
                                        std::pair<std::int64_t, std::int64_t>(held.time.end, 0));
    if (after == acknowledged.begin() || std::prev(after)->second <= held.position) continue;
    violations.push_back(
        {"write acknowledged over a live lease",
         absl::StrCat("a follower of replica ", held.replica, " stood at ", held.position, " until ",
                      held.time.end, " under a lease asked for at ", held.time.begin, ", position ",
                      std::prev(after)->second, " (", by_position[std::prev(after)->second]->action, " of ",
                      by_position[std::prev(after)->second]->story, ") was acknowledged by ",
                      std::prev(after)->first)});
  }
}

Violations Check(const History& history) {
  Violations violations;
  const std::vector<Change> log = CheckLog(history, violations);
  const PublicStates states(history, log, violations);
  CheckWrites(history, states, violations);
  CheckReads(history, states, violations);
  CheckLeases(history, states, violations);
  return violations;
}

}  // namespace broadsheet::histories
