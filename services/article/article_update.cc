#include "services/article/article_update.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "libs/rpc/status.h"
#include "services/article/request_check.h"
#include "services/article/validation.h"

namespace broadsheet::article {
namespace {

// More than there are fields; a client may name some twice.
constexpr int kMaxMaskPaths = 100;

void AddOnce(const google::protobuf::FieldDescriptor* field,
             std::vector<const google::protobuf::FieldDescriptor*>& fields) {
  if (std::find(fields.begin(), fields.end(), field) == fields.end()) fields.push_back(field);
}

bool SameBytes(const google::protobuf::MessageLite& a, const google::protobuf::MessageLite& b) {
  return a.ByteSizeLong() == b.ByteSizeLong() && a.SerializeAsString() == b.SerializeAsString();
}

}  // namespace

absl::StatusOr<ArticleUpdate> ArticleUpdate::Parse(const v1::UpdateArticleRequest& request) {
  ArticleUpdate update;
  FieldCheck check;
  const google::protobuf::Descriptor* descriptor = v1::ArticleContent::descriptor();
  if (request.update_mask().paths().empty()) check.Add("update_mask", "is required");
  if (request.update_mask().paths_size() > kMaxMaskPaths) {
    return rpc::InvalidArgument("update_mask", absl::StrCat("has more than ", kMaxMaskPaths, " paths"));
  }
  for (int i = 0; i < request.update_mask().paths_size(); ++i) {
    const std::string& path = request.update_mask().paths(i);
    const google::protobuf::FieldDescriptor* field = nullptr;
    if (path == "ed_note") {
      update.ed_note_ = true;
    } else if (path == "embargoed_until") {
      update.embargoed_until_ = true;
    } else if (path == "expires_at") {
      update.expires_at_ = true;
    } else if (path == "content") {
      for (int j = 0; j < descriptor->field_count(); ++j)
        AddOnce(descriptor->field(j), update.content_fields_);
    } else if (absl::StartsWith(path, "content.") &&
               (field = descriptor->FindFieldByName(std::string(absl::StripPrefix(path, "content.")))) !=
                   nullptr) {
      AddOnce(field, update.content_fields_);
    } else {
      check.Add(absl::StrCat("update_mask.paths[", i, "]"), "names no field that can be updated");
    }
  }

  update.content_ = request.content();
  const google::protobuf::Reflection* reflection = update.content_.GetReflection();
  for (int i = 0; i < descriptor->field_count(); ++i) {
    const auto* field = descriptor->field(i);
    const auto& named = update.content_fields_;
    if (std::find(named.begin(), named.end(), field) == named.end())
      reflection->ClearField(&update.content_, field);
  }
  CheckContent("content", update.content_, check);

  if (update.ed_note_) {
    *update.values_.mutable_ed_note() = request.ed_note();
    check.Lines("ed_note", kMaxEdNoteBytes, *update.values_.mutable_ed_note());
  }
  if (update.embargoed_until_ && request.has_embargoed_until()) {
    *update.values_.mutable_embargoed_until() = request.embargoed_until();
    check.Time("embargoed_until", *update.values_.mutable_embargoed_until());
  }
  if (update.expires_at_ && request.has_expires_at()) {
    *update.values_.mutable_expires_at() = request.expires_at();
    check.Time("expires_at", *update.values_.mutable_expires_at());
  }
  if (absl::Status valid = ToStatus(check); !valid.ok()) return valid;
  AssignBlockIds(update.content_);
  return update;
}

absl::StatusOr<bool> ArticleUpdate::ApplyTo(Story& story) const {
  if (absl::Status editable = CheckEditable(story); !editable.ok()) return editable;
  v1::Draft& draft = story.draft;
  bool changed = false;

  const bool whole =
      static_cast<int>(content_fields_.size()) == v1::ArticleContent::descriptor()->field_count();
  v1::ArticleContent merged;
  if (!whole) {
    merged = draft.content();
    for (const auto* field : content_fields_) merged.GetReflection()->ClearField(&merged, field);
    merged.MergeFrom(content_);
  }
  const v1::ArticleContent& content = whole ? content_ : merged;
  if (!SameBytes(content, draft.content())) {
    if (absl::Status replaced = ReplaceContent(story, content); !replaced.ok()) return replaced;
    changed = true;
  }
  if (ed_note_ && draft.ed_note() != values_.ed_note()) {
    draft.set_ed_note(values_.ed_note());
    changed = true;
  }
  if (embargoed_until_ && (draft.has_embargoed_until() != values_.has_embargoed_until() ||
                           !SameBytes(draft.embargoed_until(), values_.embargoed_until()))) {
    draft.clear_embargoed_until();
    if (values_.has_embargoed_until()) *draft.mutable_embargoed_until() = values_.embargoed_until();
    changed = true;
  }
  if (expires_at_ && (draft.has_expires_at() != values_.has_expires_at() ||
                      !SameBytes(draft.expires_at(), values_.expires_at()))) {
    draft.clear_expires_at();
    if (values_.has_expires_at()) *draft.mutable_expires_at() = values_.expires_at();
    changed = true;
  }
  if (absl::Status times = CheckTimes(draft); !times.ok()) return times;
  return changed;
}

absl::Status CheckTimes(const v1::Draft& draft) {
  if (draft.has_embargoed_until() && draft.has_expires_at() &&
      FromTimestamp(draft.expires_at()) <= FromTimestamp(draft.embargoed_until())) {
    return rpc::InvalidArgument("expires_at", "must lie after embargoed_until");
  }
  return absl::OkStatus();
}

}  // namespace broadsheet::article
