#ifndef BROADSHEET_TESTS_FAULTS_ORACLE_H_
#define BROADSHEET_TESTS_FAULTS_ORACLE_H_

#include <string_view>

#include "tests/faults/story_history.h"

namespace broadsheet::faults {

// The writes of a story that an answer may reflect: none before `returned`, which had returned when the
// request was sent, and none after `begun`, which had begun when the answer was there.
struct Window {
  int returned = 0;
  int begun = 0;
};

// What one answer says of a story.
struct Shown {
  StoryState state;
  bool labelled_stale = false;  // it says that it is what was known last, and may be old
  // The newest withdrawal that the answering gateway is known to have known of before the request was sent,
  // as a write of the story; 0: none.
  int known_withdrawal = 0;
};

enum class Verdict {
  kCurrent,         // as promised
  kLabelledOld,     // older than what had returned, and says so: allowed while cut off
  kOld,             // older than what had returned, as if it were current
  kUnpublished,     // a revision whose publication had not begun: a draft has leaked
  kWithdrawnShown,  // a withdrawn story, as if it were current, or by a gateway that knew of the withdrawal
  kDenied,          // "not found" or "gone", though a publication had returned
};
std::string_view VerdictName(Verdict verdict);  // "current", "labelled old", …

inline bool IsViolation(Verdict verdict) {
  return verdict != Verdict::kCurrent && verdict != Verdict::kLabelledOld;
}

// The promise, as a pure function: every answer that was requested after a write had returned shows what that
// write left or something newer, unless it is labelled; a withdrawn story is not shown by a gateway that
// knew, labelled or not.
Verdict Judge(const StoryHistory& history, Window window, const Shown& shown);

// The same for a story that another page mentions without promising its newest text: it must not be a draft,
// and not withdrawn during the whole window.
Verdict JudgeMention(const StoryHistory& history, Window window, const Shown& shown);

// Which withdrawal the gateway that answered "gone" must have known of then: the earliest that the answer may
// reflect; 0 if there is none.
int WithdrawalBehindGone(const StoryHistory& history, Window window);

// Whether a withdrawal after `write` has begun.
bool WithdrawnAfter(const StoryHistory& history, int write);
// Whether a publication after `write` has begun, and a withdrawal after that.
bool PublishedAndWithdrawnAfter(const StoryHistory& history, int write);

}  // namespace broadsheet::faults

#endif  // BROADSHEET_TESTS_FAULTS_ORACLE_H_
