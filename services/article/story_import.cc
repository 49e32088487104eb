#include "services/article/story_import.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/rpc/status.h"
#include "services/article/article_update.h"
#include "services/article/paths.h"
#include "services/article/request_check.h"
#include "services/article/validation.h"

namespace broadsheet::article {
namespace {

bool SameBytes(const google::protobuf::MessageLite& a, const google::protobuf::MessageLite& b) {
  return a.ByteSizeLong() == b.ByteSizeLong() && a.SerializeAsString() == b.SerializeAsString();
}

v1::ArticleContent WithoutBlockIds(v1::ArticleContent content) {
  for (v1::Block& block : *content.mutable_body()) block.clear_block_id();
  return content;
}

bool IsWithdrawn(const v1::Draft& draft) {
  return draft.pub_status() == v1::PUB_STATUS_WITHHELD || draft.pub_status() == v1::PUB_STATUS_CANCELED;
}

bool IsPublic(const v1::Draft& draft) {
  return draft.published_revision() != 0 && draft.pub_status() == v1::PUB_STATUS_USABLE;
}

bool IsScheduled(const v1::Draft& draft) { return draft.edit_state() == v1::EDIT_STATE_SCHEDULED; }

bool IsAmong(const v1::Correction& correction, const v1::Draft& draft) {
  return std::any_of(
      draft.corrections().begin(), draft.corrections().end(), [&](const v1::Correction& known) {
        return known.type() == correction.type() && known.text().text() == correction.text().text();
      });
}

void CheckTime(const std::string& field, bool present, google::protobuf::Timestamp& time, FieldCheck& check) {
  if (present) check.Time(field, time);
}

// The path that a story has may be one that it could not get today; only another one is looked at.
absl::Status MoveTo(const std::string& path, StoryImport::Change& change) {
  if (auto error = FindStoryPathError(path)) return rpc::InvalidArgument("path", *error);
  change.story.draft.set_path(path);
  change.story.path_claimed = true;
  change.to_other_path = true;
  return absl::OkStatus();
}

bool TakesBack(v1::ImportState state) {
  return state == v1::IMPORT_STATE_WITHHELD || state == v1::IMPORT_STATE_CANCELED;
}

}  // namespace

absl::StatusOr<StoryImport> StoryImport::Parse(const v1::ArticleImport& request) {
  StoryImport parsed;
  FieldCheck check;
  parsed.article_id_ = request.article_id();
  check.Id("article_id", request.article_id());
  if (request.has_content()) {
    parsed.content_ = request.content();
    parsed.has_block_ids_ = std::any_of(request.content().body().begin(), request.content().body().end(),
                                        [](const v1::Block& block) { return !block.block_id().empty(); });
    CheckContent("content", *parsed.content_, check);
  } else if (!TakesBack(request.state())) {
    check.Add("content", "is required");
  }
  v1::ArticleImport& values = parsed.values_;
  values.set_ed_note(request.ed_note());
  check.Lines("ed_note", kMaxEdNoteBytes, *values.mutable_ed_note());
  values.set_path(request.path());
  if (!request.path().empty()) {
    if (auto error = FindPathError(request.path())) check.Add("path", *error);
  }
  if (request.has_embargoed_until()) *values.mutable_embargoed_until() = request.embargoed_until();
  if (request.has_expires_at()) *values.mutable_expires_at() = request.expires_at();
  if (request.has_published_at()) *values.mutable_published_at() = request.published_at();
  CheckTime("embargoed_until", request.has_embargoed_until(), *values.mutable_embargoed_until(), check);
  CheckTime("expires_at", request.has_expires_at(), *values.mutable_expires_at(), check);
  CheckTime("published_at", request.has_published_at(), *values.mutable_published_at(), check);
  if (!request.has_embargoed_until()) values.clear_embargoed_until();
  if (!request.has_expires_at()) values.clear_expires_at();
  if (!request.has_published_at()) values.clear_published_at();
  *values.mutable_corrections() = request.corrections();
  for (int i = 0; i < values.corrections_size(); ++i)
    CheckCorrection(absl::StrCat("corrections[", i, "]"), *values.mutable_corrections(i), check);
  values.set_state(request.state());
  if (request.state() == v1::IMPORT_STATE_UNSPECIFIED || !v1::ImportState_IsValid(request.state()))
    check.Add("state", "must be DRAFT, USABLE, WITHHELD or CANCELED");
  if (absl::Status valid = ToStatus(check); !valid.ok()) return valid;
  if (parsed.content_) AssignBlockIds(*parsed.content_);
  return parsed;
}

absl::StatusOr<StoryImport::Change> StoryImport::ChangeOf(const Story& before, absl::Time now) const {
  Change change;
  change.story = before;
  const v1::Draft& draft = change.story.draft;
  if (IsWithdrawn(draft)) {
    change.left_alone = true;
    return change;
  }
  const bool is_out = IsPublic(draft) || IsScheduled(draft);
  const bool cancels = values_.state() == v1::IMPORT_STATE_CANCELED;
  const auto withdraw = [&](v1::PubStatus pub_status) {
    change.action = Action::kWithhold;
    return Withhold(change.story, pub_status, nullptr);
  };
  if (TakesBack(values_.state()) && is_out) {
    absl::Status withheld = withdraw(cancels ? v1::PUB_STATUS_CANCELED : v1::PUB_STATUS_WITHHELD);
    if (!withheld.ok()) return withheld;
    return change;
  }
  if (!content_) return change;
  if (values_.state() == v1::IMPORT_STATE_DRAFT) KeepFromReaders(change);
  absl::Status status = Rewrite(change);
  if (status.ok() && !LeavesReadersAlone(draft)) status = AddCorrections(change, now);
  if (status.ok() && values_.state() == v1::IMPORT_STATE_USABLE) status = Release(change, now);
  if (!status.ok()) return status;
  return change;
}

absl::StatusOr<StoryImport::Change> StoryImport::CreationOf(absl::Time now) && {
  Change change;
  if (!content_) return change;
  change.action = Action::kCreate;
  v1::Draft& draft = change.story.draft;
  draft.set_article_id(article_id_);
  draft.set_edit_state(v1::EDIT_STATE_DRAFT);
  *draft.mutable_content() = *std::move(content_);
  draft.set_ed_note(values_.ed_note());
  if (values_.has_embargoed_until()) *draft.mutable_embargoed_until() = values_.embargoed_until();
  if (values_.has_expires_at()) *draft.mutable_expires_at() = values_.expires_at();
  if (absl::Status times = CheckTimes(draft); !times.ok()) return times;
  if (!values_.path().empty()) {
    if (absl::Status moved = MoveTo(values_.path(), change); !moved.ok()) return moved;
  }
  absl::Status status = AddCorrections(change, now);
  if (status.ok() && values_.state() == v1::IMPORT_STATE_USABLE) status = Release(change, now);
  if (!status.ok()) return status;
  return change;
}

void StoryImport::KeepFromReaders(Change& change) const {
  const v1::Draft before = change.story.draft;
  Revoke(change.story);
  change.still_public = change.story.visible;
  if (SameBytes(before, change.story.draft)) return;
  // A withdrawal forgets the past that readers may see.
  change.action = change.story.was_visible ? Action::kUpdate : Action::kWithhold;
}

absl::Status StoryImport::CheckPath(const v1::Draft& draft) const {
  if (values_.path().empty() || values_.path() == draft.path()) return absl::OkStatus();
  if (auto error = FindStoryPathError(values_.path())) return rpc::InvalidArgument("path", *error);
  return absl::OkStatus();
}

bool StoryImport::LeavesReadersAlone(const v1::Draft& draft) const {
  return values_.state() == v1::IMPORT_STATE_DRAFT && IsPublic(draft);
}

bool StoryImport::HasText(const v1::ArticleContent& content) const {
  if (SameBytes(content, *content_)) return true;
  return !has_block_ids_ && SameBytes(WithoutBlockIds(content), WithoutBlockIds(*content_));
}

absl::Status StoryImport::Rewrite(Change& change) const {
  v1::Draft& draft = change.story.draft;
  const auto differs = [](bool wanted, const google::protobuf::Timestamp& wanted_time, bool present,
                          const google::protobuf::Timestamp& time) {
    return wanted != present || (wanted && !SameBytes(wanted_time, time));
  };
  bool changed = false;
  if (!HasText(draft.content())) {
    if (absl::Status replaced = ReplaceContent(change.story, *content_); !replaced.ok()) return replaced;
    changed = true;
  }
  if (draft.ed_note() != values_.ed_note()) {
    draft.set_ed_note(values_.ed_note());
    changed = true;
  }
  if (changed && !change.action) change.action = Action::kUpdate;
  if (LeavesReadersAlone(draft)) return CheckPath(draft);
  if (differs(values_.has_embargoed_until(), values_.embargoed_until(), draft.has_embargoed_until(),
              draft.embargoed_until())) {
    draft.clear_embargoed_until();
    if (values_.has_embargoed_until()) *draft.mutable_embargoed_until() = values_.embargoed_until();
    changed = true;
  }
  if (differs(values_.has_expires_at(), values_.expires_at(), draft.has_expires_at(), draft.expires_at())) {
    draft.clear_expires_at();
    if (values_.has_expires_at()) *draft.mutable_expires_at() = values_.expires_at();
    changed = true;
  }
  if (changed && !change.action) change.action = Action::kUpdate;
  if (!values_.path().empty() && values_.path() != draft.path()) {
    if (absl::Status moved = MoveTo(values_.path(), change); !moved.ok()) return moved;
    if (!change.action) change.action = Action::kMove;
  }
  return CheckTimes(draft);
}

absl::Status StoryImport::AddCorrections(Change& change, absl::Time now) const {
  for (const v1::Correction& correction : values_.corrections()) {
    if (IsAmong(correction, change.story.draft)) continue;
    if (absl::Status corrected = Correct(change.story, correction, now); !corrected.ok()) return corrected;
    if (!change.action) change.action = Action::kCorrect;
  }
  return absl::OkStatus();
}

absl::Status StoryImport::Release(Change& change, absl::Time now) const {
  const v1::Draft& draft = change.story.draft;
  const bool is_public = IsPublic(draft);
  if (is_public && draft.edit_state() == v1::EDIT_STATE_DONE) return absl::OkStatus();
  std::optional<absl::Time> published;
  if (values_.has_published_at()) published = FromTimestamp(values_.published_at());
  if (published && *published > now && !is_public) {
    if (IsScheduled(draft) && FromTimestamp(draft.scheduled_at()) == *published) return absl::OkStatus();
    change.action = Action::kSchedule;
    return Schedule(change.story, *published);
  }
  if (draft.has_first_published_at() || (published && *published > now)) published.reset();
  change.action = Action::kPublish;
  return Publish(change.story, now, published);
}

}  // namespace broadsheet::article
