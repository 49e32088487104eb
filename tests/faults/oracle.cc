#include "tests/faults/oracle.h"

#include <optional>

namespace broadsheet::faults {
namespace {

using Kind = StoryState::Kind;

bool MayReflect(const StoryHistory& history, Window window, StoryState state) {
  for (int write = window.returned; write <= window.begun; ++write) {
    if (history.state(write) == state) return true;
  }
  return false;
}

bool PublicAtSomeTime(const StoryHistory& history, Window window) {
  for (int write = window.returned; write <= window.begun; ++write) {
    if (history.state(write).kind == Kind::kPublished) return true;
  }
  return false;
}

// Whether the gateway knew that the text of write `shown_write` had been withdrawn, and nothing published
// after that could have reached it by the end of the window.
bool KnewItWasWithdrawn(const StoryHistory& history, Window window, int shown_write, int known_withdrawal) {
  if (known_withdrawal <= shown_write) return false;
  for (int write = known_withdrawal + 1; write <= window.begun; ++write) {
    if (history.state(write).kind == Kind::kPublished) return false;
  }
  return true;
}

Verdict JudgeOlderText(const StoryHistory& history, Window window, const Shown& shown, int shown_write) {
  if (KnewItWasWithdrawn(history, window, shown_write, shown.known_withdrawal))
    return Verdict::kWithdrawnShown;
  if (shown.labelled_stale) return Verdict::kLabelledOld;
  return PublicAtSomeTime(history, window) ? Verdict::kOld : Verdict::kWithdrawnShown;
}

std::optional<int> FirstAfter(const StoryHistory& history, int write, Kind kind) {
  for (int later = write + 1; later <= history.begun(); ++later) {
    if (history.state(later).kind == kind) return later;
  }
  return std::nullopt;
}

}  // namespace

std::string_view VerdictName(Verdict verdict) {
  switch (verdict) {
    case Verdict::kCurrent:
      return "current";
    case Verdict::kLabelledOld:
      return "labelled old";
    case Verdict::kOld:
      return "old";
    case Verdict::kUnpublished:
      return "unpublished";
    case Verdict::kWithdrawnShown:
      return "withdrawn shown";
    case Verdict::kDenied:
      return "denied";
  }
  return "";
}

Verdict Judge(const StoryHistory& history, Window window, const Shown& shown) {
  if (MayReflect(history, window, shown.state)) return Verdict::kCurrent;
  switch (shown.state.kind) {
    case Kind::kPublished: {
      const int write = history.WriteOf(shown.state.revision);
      if (write < 0 || write > window.begun) return Verdict::kUnpublished;
      return JudgeOlderText(history, window, shown, write);
    }
    case Kind::kWithheld:
      return shown.labelled_stale ? Verdict::kLabelledOld : Verdict::kDenied;
    case Kind::kAbsent:
      // "Not found" is only ever said on the owner's word, so no label excuses it.
      return Verdict::kDenied;
  }
  return Verdict::kDenied;
}

Verdict JudgeMention(const StoryHistory& history, Window window, const Shown& shown) {
  const Verdict strict = Judge(history, window, shown);
  const bool old =
      strict == Verdict::kOld || (strict == Verdict::kLabelledOld && PublicAtSomeTime(history, window));
  return old ? Verdict::kCurrent : strict;
}

int WithdrawalBehindGone(const StoryHistory& history, Window window) {
  for (int write = window.returned; write <= window.begun; ++write) {
    if (history.state(write).kind == Kind::kWithheld) return write;
  }
  return 0;
}

bool WithdrawnAfter(const StoryHistory& history, int write) {
  return FirstAfter(history, write, Kind::kWithheld).has_value();
}

bool PublishedAndWithdrawnAfter(const StoryHistory& history, int write) {
  const std::optional<int> publication = FirstAfter(history, write, Kind::kPublished);
  return publication && WithdrawnAfter(history, *publication);
}

}  // namespace broadsheet::faults
