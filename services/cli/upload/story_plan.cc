#include "services/cli/upload/story_plan.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "google/protobuf/util/message_differencer.h"
#include "services/cli/importers/times.h"

namespace broadsheet::cli {

namespace v1 = article::v1;

namespace {

using google::protobuf::util::MessageDifferencer;

constexpr absl::string_view kPublicDraft =
    "a draft by its source, but public in the newsroom: readers keep what was published; to take it from "
    "them "
    "use \"broadsheet withhold\"";

// Block ids are the service's affair.
v1::ArticleContent WithoutBlockIds(v1::ArticleContent content) {
  for (v1::Block& block : *content.mutable_body()) block.clear_block_id();
  return content;
}

// Names the fields in which two contents differ: `content.headline`, ….
std::vector<std::string> DifferingFields(const v1::ArticleContent& wanted,
                                         const v1::ArticleContent& current) {
  std::vector<std::string> paths;
  const google::protobuf::Descriptor* descriptor = v1::ArticleContent::descriptor();
  for (int i = 0; i < descriptor->field_count(); ++i) {
    const google::protobuf::FieldDescriptor* field = descriptor->field(i);
    MessageDifferencer differencer;
    if (!differencer.CompareWithFields(wanted, current, {field}, {field})) {
      paths.push_back(absl::StrCat("content.", field->name()));
    }
  }
  return paths;
}

bool Differs(const std::optional<absl::Time>& wanted, bool present,
             const google::protobuf::Timestamp& current) {
  if (!wanted) return present;
  return !present || ToTime(current) != *wanted;
}

bool IsAmong(const v1::Correction& correction, const v1::Draft& draft) {
  return std::any_of(
      draft.corrections().begin(), draft.corrections().end(), [&](const v1::Correction& known) {
        return known.type() == correction.type() && known.text().text() == correction.text().text();
      });
}

bool IsWithdrawn(const v1::Draft& draft) {
  return draft.pub_status() == v1::PUB_STATUS_WITHHELD || draft.pub_status() == v1::PUB_STATUS_CANCELED;
}

}  // namespace

StoryPlan PlanStory(const ImportedArticle& wanted, const v1::Draft* current) {
  StoryPlan plan;
  if (current == nullptr) {
    plan.create = true;
    plan.corrections = wanted.corrections;
    return plan;
  }
  if (IsWithdrawn(*current)) {
    plan.left_alone_because = current->pub_status() == v1::PUB_STATUS_CANCELED ? "canceled" : "withheld";
    return plan;
  }
  plan.update_mask = DifferingFields(wanted.content, WithoutBlockIds(current->content()));
  if (wanted.ed_note != current->ed_note()) plan.update_mask.push_back("ed_note");
  if (Differs(wanted.embargoed_until, current->has_embargoed_until(), current->embargoed_until())) {
    plan.update_mask.push_back("embargoed_until");
  }
  if (Differs(wanted.expires_at, current->has_expires_at(), current->expires_at())) {
    plan.update_mask.push_back("expires_at");
  }
  plan.move = !wanted.path.empty() && wanted.path != current->path();
  for (const v1::Correction& correction : wanted.corrections) {
    if (!IsAmong(correction, *current)) plan.corrections.push_back(correction);
  }
  return plan;
}

PublicationPlan PlanPublication(const ImportedArticle& wanted, const v1::Draft& current, absl::Time now) {
  using Step = PublicationPlan::Step;
  const bool is_public = current.published_revision() != 0 && current.pub_status() == v1::PUB_STATUS_USABLE;
  const bool is_scheduled = current.edit_state() == v1::EDIT_STATE_SCHEDULED;
  if (wanted.intent == Intent::kWithhold || wanted.intent == Intent::kCancel) {
    if (!is_public && !is_scheduled) return {};
    return {wanted.intent == Intent::kCancel ? Step::kCancel : Step::kWithhold};
  }
  if (wanted.intent == Intent::kDraft) {
    if (is_public) return {Step::kNothing, std::nullopt, std::string(kPublicDraft)};
    // Of a story that was never public this revokes the schedule and nothing else.
    return {is_scheduled ? Step::kWithhold : Step::kNothing};
  }
  if (is_public && current.edit_state() == v1::EDIT_STATE_DONE) return {};
  if (wanted.published && *wanted.published > now && !is_public) {
    const bool same = is_scheduled && ToTime(current.scheduled_at()) == *wanted.published;
    return {same ? Step::kNothing : Step::kSchedule};
  }
  return {Step::kPublish, current.has_first_published_at() ? std::nullopt : wanted.published};
}

}  // namespace broadsheet::cli
