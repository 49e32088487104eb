#ifndef BROADSHEET_SERVICES_ARTICLE_LIFECYCLE_H_
#define BROADSHEET_SERVICES_ARTICLE_LIFECYCLE_H_

#include <optional>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "broadsheet/article/v1/article.pb.h"
#include "broadsheet/article/v1/editorial_service.pb.h"

// The life of a story as a state machine: publication state × state of editing × time. The table is in the
// README. Pure: nothing here reads a clock or stores anything.
namespace broadsheet::article {

// What a commit did; each commit makes one revision.
enum class Action { kCreate, kUpdate, kPublish, kSchedule, kWithhold, kMove, kCorrect, kRestore, kExpire };

// "create", "update", …, as in `Revision.action`.
absl::string_view ActionName(Action action);

// A story with what the service knows beyond what the newsroom sees.
struct Story {
  v1::Draft draft;            // the newest revision
  bool visible = false;       // readers can see it, as far as the change log has told them
  bool was_visible = false;   // readers could see it once; stays true
  bool path_claimed = false;  // `draft.path` is its public path, not just the one it would get
};

// Whether readers may see the story at `now`: usable, past its embargo, before its expiry.
bool IsReadable(const v1::Draft& draft, absl::Time now);

// What cannot be done in the state things are in: FAILED_PRECONDITION with the reason INVALID_STATE.
absl::Status InvalidState(absl::string_view message);

// Each transition changes `story` and returns OK, or changes nothing and returns FAILED_PRECONDITION with the
// reason INVALID_STATE. None of them numbers the revision or settles what readers see: see Settle.

// Replaces the content. A published story goes back to DRAFT; a scheduled one stays scheduled and must stay
// fit to be published.
absl::Status ReplaceContent(Story& story, const v1::ArticleContent& content);

// Anything that leaves the content alone (a move, a correction, a note, embargo, expiry): allowed unless the
// story is canceled.
absl::Status CheckEditable(const Story& story);

// Adds a correction, which gets the next id and, if it has none, `now` as its time. A story has at most 100,
// of 256 KiB together.
absl::Status Correct(Story& story, v1::Correction correction, absl::Time now);

// Makes the newest revision the published one. `first_published_at`: for stories published elsewhere before.
absl::Status Publish(Story& story, absl::Time now, std::optional<absl::Time> first_published_at);

// Has the newest revision published at `at`.
absl::Status Schedule(Story& story, absl::Time at);

// Whether publishing or scheduling, which made `after` of `before`, asked for what is already so.
bool IsSamePublication(const v1::Draft& before, const v1::Draft& after);

// Takes the story from readers, or revokes its schedule, or changes what readers see instead of it.
// `pub_status` is WITHHELD or CANCELED.
absl::Status Withhold(Story& story, v1::PubStatus pub_status, const v1::Withdrawal* withdrawal);

// Revokes a schedule, and a publication that readers cannot see, because of its embargo or its expiry:
// without them the story is a draft. Its path and its past it keeps.
void Revoke(Story& story);

// After a transition: sets `visible`, `was_visible`, the publication times of a text that readers see for the
// first time, and, where the newest revision is the published one, `published_revision`. `revision` must
// already be the new one.
void Settle(Story& story, absl::Time now);

// When time alone will next change what readers see (schedule, end of embargo, expiry), of a story settled at
// `now`; nullopt: never.
std::optional<absl::Time> NextEvent(const Story& story, absl::Time now);

// Applies what time has brought about by `now`, one step; returns what it was, or nullopt if nothing is due.
std::optional<Action> Advance(Story& story, absl::Time now);

// Timestamps of the contract hold microseconds.
google::protobuf::Timestamp ToTimestamp(absl::Time time);
absl::Time FromTimestamp(const google::protobuf::Timestamp& timestamp);

}  // namespace broadsheet::article

#endif  // BROADSHEET_SERVICES_ARTICLE_LIFECYCLE_H_
