#include "services/cli/upload/story_upload.h"

#include <utility>

#include "services/cli/importers/times.h"
#include "services/cli/upload/story_plan.h"

namespace broadsheet::cli {

namespace v1 = article::v1;

namespace {

// Carries a plan out, one write after the other; each is made on the revision the previous one left.
class StoryWriter {
 public:
  StoryWriter(const ImportedArticle& wanted, Backends& backends) : wanted_(wanted), backends_(backends) {}

  absl::Status Write(const StoryPlan& plan, v1::Draft& draft) {
    absl::Status status = plan.create ? Create(draft) : absl::OkStatus();
    if (status.ok() && !plan.update_mask.empty()) status = Update(plan.update_mask, draft);
    if (status.ok() && plan.move) status = Move(draft);
    for (const v1::Correction& correction : plan.corrections) {
      if (status.ok()) status = Correct(correction, draft);
    }
    return status;
  }

  absl::Status Write(const PublicationPlan& plan, v1::Draft& draft) {
    switch (plan.step) {
      case PublicationPlan::Step::kNothing:
        return absl::OkStatus();
      case PublicationPlan::Step::kPublish:
        return Publish(std::nullopt, plan.first_published_at, draft);
      case PublicationPlan::Step::kSchedule:
        return Publish(wanted_.published, std::nullopt, draft);
      case PublicationPlan::Step::kWithhold:
        return Withhold(v1::PUB_STATUS_WITHHELD, draft);
      case PublicationPlan::Step::kCancel:
        return Withhold(v1::PUB_STATUS_CANCELED, draft);
    }
    return absl::InternalError("unknown step");
  }

 private:
  // Takes over the draft of an answer.
  template <class Response>
  static absl::Status Take(absl::StatusOr<Response> response, v1::Draft& draft) {
    if (!response.ok()) return response.status();
    draft = std::move(*response->mutable_draft());
    return absl::OkStatus();
  }

  // What all requests about an existing story have in common. The idempotency key comes last: it is made of
  // the rest.
  template <class Request>
  void Address(Request& request, const v1::Draft& draft) const {
    request.set_article_id(wanted_.article_id);
    request.set_expected_revision(draft.revision());
  }
  template <class Request>
  static Request& WithId(Request& request) {
    request.set_request_id(RequestId(request));
    return request;
  }

  absl::Status Create(v1::Draft& draft) {
    v1::CreateArticleRequest request;
    request.set_article_id(wanted_.article_id);
    *request.mutable_content() = wanted_.content;
    request.set_ed_note(wanted_.ed_note);
    request.set_path(wanted_.path);
    if (wanted_.embargoed_until) *request.mutable_embargoed_until() = ToTimestamp(*wanted_.embargoed_until);
    if (wanted_.expires_at) *request.mutable_expires_at() = ToTimestamp(*wanted_.expires_at);
    return Take(backends_.CreateArticle(WithId(request)), draft);
  }

  absl::Status Update(const std::vector<std::string>& mask, v1::Draft& draft) {
    v1::UpdateArticleRequest request;
    Address(request, draft);
    *request.mutable_content() = wanted_.content;
    request.set_ed_note(wanted_.ed_note);
    if (wanted_.embargoed_until) *request.mutable_embargoed_until() = ToTimestamp(*wanted_.embargoed_until);
    if (wanted_.expires_at) *request.mutable_expires_at() = ToTimestamp(*wanted_.expires_at);
    for (const std::string& path : mask) request.mutable_update_mask()->add_paths(path);
    return Take(backends_.UpdateArticle(WithId(request)), draft);
  }

  absl::Status Move(v1::Draft& draft) {
    v1::MoveArticleRequest request;
    Address(request, draft);
    request.set_path(wanted_.path);
    return Take(backends_.MoveArticle(WithId(request)), draft);
  }

  absl::Status Correct(const v1::Correction& correction, v1::Draft& draft) {
    v1::AddCorrectionRequest request;
    Address(request, draft);
    *request.mutable_correction() = correction;
    return Take(backends_.AddCorrection(WithId(request)), draft);
  }

  absl::Status Publish(std::optional<absl::Time> at, std::optional<absl::Time> first_published_at,
                       v1::Draft& draft) {
    v1::PublishArticleRequest request;
    Address(request, draft);
    if (at) *request.mutable_publish_at() = ToTimestamp(*at);
    if (first_published_at) *request.mutable_first_published_at() = ToTimestamp(*first_published_at);
    return Take(backends_.PublishArticle(WithId(request)), draft);
  }

  absl::Status Withhold(v1::PubStatus status, v1::Draft& draft) {
    v1::WithholdArticleRequest request;
    Address(request, draft);
    request.set_pub_status(status);
    return Take(backends_.WithholdArticle(WithId(request)), draft);
  }

  const ImportedArticle& wanted_;
  Backends& backends_;
};

}  // namespace

absl::StatusOr<StoryOutcome> UploadStory(const ImportedArticle& wanted, absl::Time now, Backends& backends) {
  absl::StatusOr<v1::Draft> current = backends.GetDraft(wanted.article_id);
  if (!current.ok() && !absl::IsNotFound(current.status())) return current.status();
  const bool existed = current.ok();
  const StoryPlan plan = PlanStory(wanted, existed ? &*current : nullptr);
  if (!plan.left_alone_because.empty()) return StoryOutcome{Outcome::kLeftAlone, plan.left_alone_because};

  if (!existed && wanted.intent == Intent::kPublish && wanted.expires_at && *wanted.expires_at <= now) {
    return absl::FailedPreconditionError("the story has expired, so it cannot be published any more");
  }

  v1::Draft draft;
  if (existed) draft = *std::move(current);
  StoryWriter writer(wanted, backends);
  bool was_taken_back = false;
  if (const PublicationPlan first = PlanPublication(wanted, draft, now); existed && first.takes_back()) {
    if (absl::Status written = writer.Write(first, draft); !written.ok()) return written;
    if (wanted.intent != Intent::kDraft) return StoryOutcome{Outcome::kUpdated};
    was_taken_back = true;
  }
  if (wanted.only_withdraw) return StoryOutcome{Outcome::kUnchanged};
  if (absl::Status written = writer.Write(plan, draft); !written.ok()) return written;
  const PublicationPlan publication = PlanPublication(wanted, draft, now);
  if (absl::Status published = writer.Write(publication, draft); !published.ok()) return published;

  if (!existed) return StoryOutcome{Outcome::kCreated};
  const bool changed =
      was_taken_back || plan.changes_text() || publication.step != PublicationPlan::Step::kNothing;
  return StoryOutcome{changed ? Outcome::kUpdated : Outcome::kUnchanged, "", publication.warning};
}

}  // namespace broadsheet::cli
