#include "services/article/lifecycle.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "google/rpc/error_details.pb.h"
#include "libs/rpc/status.h"
#include "services/article/validation.h"

namespace broadsheet::article {
namespace {

constexpr int kMaxCorrections = 100;
// Of a story: every list that it is in carries them. A hundred of the longest texts fit.
constexpr std::size_t kMaxCorrectionsBytes = 256 << 10;

absl::Status CheckFitToPublish(const v1::ArticleContent& content) {
  FieldCheck check;
  CheckPublishable(content, check);
  if (check.ok()) return absl::OkStatus();
  google::rpc::BadRequest bad_request;
  for (const FieldViolation& violation : check.violations()) {
    auto* detail = bad_request.add_field_violations();
    detail->set_field(violation.field);
    detail->set_description(violation.description);
  }
  return rpc::WithDetail(InvalidState("the story lacks what a page needs"), bad_request);
}

bool IsExpired(const v1::Draft& draft, absl::Time now) {
  return draft.has_expires_at() && FromTimestamp(draft.expires_at()) <= now;
}

bool IsEmbargoed(const v1::Draft& draft, absl::Time now) {
  return draft.has_embargoed_until() && now < FromTimestamp(draft.embargoed_until());
}

bool IsScheduled(const v1::Draft& draft) { return draft.edit_state() == v1::EDIT_STATE_SCHEDULED; }

void Unschedule(v1::Draft& draft) {
  draft.clear_scheduled_at();
  draft.set_edit_state(v1::EDIT_STATE_DRAFT);
}

}  // namespace

absl::Status InvalidState(absl::string_view message) {
  return rpc::FailedPrecondition("INVALID_STATE", std::string_view(message.data(), message.size()));
}

absl::string_view ActionName(Action action) {
  switch (action) {
    case Action::kCreate:
      return "create";
    case Action::kUpdate:
      return "update";
    case Action::kPublish:
      return "publish";
    case Action::kSchedule:
      return "schedule";
    case Action::kWithhold:
      return "withhold";
    case Action::kMove:
      return "move";
    case Action::kCorrect:
      return "correct";
    case Action::kRestore:
      return "restore";
    case Action::kExpire:
      return "expire";
  }
  return "";
}

bool IsReadable(const v1::Draft& draft, absl::Time now) {
  return draft.pub_status() == v1::PUB_STATUS_USABLE && draft.published_revision() > 0 &&
         !IsEmbargoed(draft, now) && !IsExpired(draft, now);
}

absl::Status CheckEditable(const Story& story) {
  if (story.draft.pub_status() == v1::PUB_STATUS_CANCELED) return InvalidState("the story is canceled");
  return absl::OkStatus();
}

absl::Status ReplaceContent(Story& story, const v1::ArticleContent& content) {
  if (absl::Status editable = CheckEditable(story); !editable.ok()) return editable;
  if (IsScheduled(story.draft)) {
    if (absl::Status fit = CheckFitToPublish(content); !fit.ok()) return fit;
  } else {
    story.draft.set_edit_state(v1::EDIT_STATE_DRAFT);
  }
  *story.draft.mutable_content() = content;
  return absl::OkStatus();
}

absl::Status Correct(Story& story, v1::Correction correction, absl::Time now) {
  if (absl::Status editable = CheckEditable(story); !editable.ok()) return editable;
  const int count = story.draft.corrections_size();
  if (count >= kMaxCorrections) return InvalidState(absl::StrCat("the story has ", count, " corrections"));
  correction.set_correction_id(absl::StrCat("c", count + 1));
  if (!correction.has_create_time()) *correction.mutable_create_time() = ToTimestamp(now);
  std::size_t bytes = correction.ByteSizeLong();
  for (const v1::Correction& earlier : story.draft.corrections()) bytes += earlier.ByteSizeLong();
  if (bytes > kMaxCorrectionsBytes) {
    return InvalidState(
        absl::StrCat("the story's corrections would have more than ", kMaxCorrectionsBytes, " bytes"));
  }
  *story.draft.add_corrections() = std::move(correction);
  return absl::OkStatus();
}

absl::Status Publish(Story& story, absl::Time now, std::optional<absl::Time> first_published_at) {
  v1::Draft& draft = story.draft;
  if (absl::Status editable = CheckEditable(story); !editable.ok()) return editable;
  if (absl::Status fit = CheckFitToPublish(draft.content()); !fit.ok()) return fit;
  if (IsExpired(draft, now)) return InvalidState("expires_at has passed");
  if (first_published_at && draft.has_first_published_at() &&
      *first_published_at != FromTimestamp(draft.first_published_at())) {
    return InvalidState("first_published_at is for the first publication only");
  }
  draft.clear_version_created_at();
  if (first_published_at && !draft.has_first_published_at()) {
    *draft.mutable_first_published_at() = ToTimestamp(*first_published_at);
    *draft.mutable_version_created_at() = ToTimestamp(*first_published_at);
  }
  draft.clear_scheduled_at();
  draft.clear_withdrawal();
  draft.set_edit_state(v1::EDIT_STATE_DONE);
  draft.set_pub_status(v1::PUB_STATUS_USABLE);
  return absl::OkStatus();
}

absl::Status Schedule(Story& story, absl::Time at) {
  v1::Draft& draft = story.draft;
  if (absl::Status editable = CheckEditable(story); !editable.ok()) return editable;
  if (absl::Status fit = CheckFitToPublish(draft.content()); !fit.ok()) return fit;
  if (IsExpired(draft, at)) return InvalidState("expires_at lies before the time of publication");
  *draft.mutable_scheduled_at() = ToTimestamp(at);
  draft.set_edit_state(v1::EDIT_STATE_SCHEDULED);
  return absl::OkStatus();
}

bool IsSamePublication(const v1::Draft& before, const v1::Draft& after) {
  if (before.edit_state() != after.edit_state() || before.pub_status() != after.pub_status()) return false;
  return after.edit_state() == v1::EDIT_STATE_DONE ||
         FromTimestamp(before.scheduled_at()) == FromTimestamp(after.scheduled_at());
}

absl::Status Withhold(Story& story, v1::PubStatus pub_status, const v1::Withdrawal* withdrawal) {
  v1::Draft& draft = story.draft;
  const bool cancel = pub_status == v1::PUB_STATUS_CANCELED;
  const bool never_published = draft.pub_status() == v1::PUB_STATUS_UNSPECIFIED;
  const bool scheduled = IsScheduled(draft);
  if (!cancel && draft.pub_status() == v1::PUB_STATUS_CANCELED) return InvalidState("the story is canceled");
  if (!cancel && never_published && !scheduled) {
    return InvalidState("the story is neither published nor scheduled");
  }
  if (scheduled) Unschedule(draft);
  if (never_published && !cancel) return absl::OkStatus();
  draft.set_pub_status(pub_status);
  draft.set_published_revision(0);
  if (withdrawal != nullptr) {
    *draft.mutable_withdrawal() = *withdrawal;
    if (withdrawal->mode() == v1::WITHDRAWAL_MODE_UNSPECIFIED) {
      draft.mutable_withdrawal()->set_mode(v1::WITHDRAWAL_MODE_GONE);
    }
  } else if (!scheduled || !draft.has_withdrawal()) {
    draft.mutable_withdrawal()->Clear();
    draft.mutable_withdrawal()->set_mode(v1::WITHDRAWAL_MODE_GONE);
  }
  return absl::OkStatus();
}

void Revoke(Story& story) {
  v1::Draft& draft = story.draft;
  if (IsScheduled(draft)) Unschedule(draft);
  if (draft.pub_status() != v1::PUB_STATUS_USABLE || story.visible) return;
  draft.set_pub_status(v1::PUB_STATUS_UNSPECIFIED);
  draft.set_published_revision(0);
  draft.set_edit_state(v1::EDIT_STATE_DRAFT);
  if (story.was_visible) return;
  draft.clear_first_published_at();
  draft.clear_version_created_at();
}

void Settle(Story& story, absl::Time now) {
  v1::Draft& draft = story.draft;
  if (draft.pub_status() == v1::PUB_STATUS_USABLE && draft.edit_state() == v1::EDIT_STATE_DONE) {
    draft.set_published_revision(draft.revision());
  }
  story.visible = IsReadable(draft, now);
  if (!story.visible) return;
  story.was_visible = true;
  if (!draft.has_first_published_at()) *draft.mutable_first_published_at() = ToTimestamp(now);
  if (!draft.has_version_created_at()) *draft.mutable_version_created_at() = ToTimestamp(now);
}

std::optional<absl::Time> NextEvent(const Story& story, absl::Time now) {
  const v1::Draft& draft = story.draft;
  absl::Time next = absl::InfiniteFuture();
  if (IsScheduled(draft)) next = FromTimestamp(draft.scheduled_at());
  if (story.visible) {
    if (draft.has_expires_at()) next = std::min(next, FromTimestamp(draft.expires_at()));
  } else if (draft.has_embargoed_until()) {
    const absl::Time end = FromTimestamp(draft.embargoed_until());
    if (end > now && IsReadable(draft, end)) next = std::min(next, end);
  }
  if (next == absl::InfiniteFuture()) return std::nullopt;
  return next;
}

std::optional<Action> Advance(Story& story, absl::Time now) {
  v1::Draft& draft = story.draft;
  if (story.visible && IsExpired(draft, now)) return Action::kExpire;
  if (IsScheduled(draft) && FromTimestamp(draft.scheduled_at()) <= now) {
    if (Publish(story, now, std::nullopt).ok()) return Action::kPublish;
    Unschedule(draft);  // it expired before it could be published
    return Action::kExpire;
  }
  if (!story.visible && IsReadable(draft, now)) return Action::kPublish;
  return std::nullopt;
}

google::protobuf::Timestamp ToTimestamp(absl::Time time) {
  const std::int64_t micros = absl::ToUnixMicros(time);
  std::int64_t seconds = micros / 1'000'000;
  std::int64_t rest = micros % 1'000'000;
  if (rest < 0) {
    --seconds;
    rest += 1'000'000;
  }
  google::protobuf::Timestamp timestamp;
  timestamp.set_seconds(seconds);
  timestamp.set_nanos(static_cast<std::int32_t>(rest * 1000));
  return timestamp;
}

absl::Time FromTimestamp(const google::protobuf::Timestamp& timestamp) {
  return absl::FromUnixSeconds(timestamp.seconds()) + absl::Nanoseconds(timestamp.nanos());
}

}  // namespace broadsheet::article
