#include "services/article/editorial_service.h"

#include <openssl/rand.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "libs/rpc/status.h"
#include "libs/telemetry/log.h"
#include "services/article/article_update.h"
#include "services/article/idempotent_write.h"
#include "services/article/named_parts.h"
#include "services/article/path_claims.h"
#include "services/article/paths.h"
#include "services/article/request_check.h"
#include "services/article/story_commit.h"
#include "services/article/uncorrected_changes.h"
#include "services/article/validation.h"

namespace broadsheet::article {
namespace {

std::string RandomId() {
  unsigned char bytes[8];
  if (RAND_bytes(bytes, sizeof(bytes)) != 1) std::abort();
  return absl::BytesToHexString(absl::string_view(reinterpret_cast<const char*>(bytes), sizeof(bytes)));
}

// Commits `story` and notes in `outcome` what the answer needs.
absl::Status Commit(EditTransaction& transaction, const Story* before, Story& story, Action action,
                    absl::Time now, WriteOutcome& outcome) {
  absl::StatusOr<bool> noticed = CommitStory(transaction, before, story, action, now);
  if (!noticed.ok()) return noticed.status();
  if (*noticed) outcome.position = transaction.snapshot().position();
  outcome.draft = std::move(story.draft);
  return absl::OkStatus();
}

// Fills in `response.uncorrected_changes`. A hint: the write stands without it.
template <class Response>
void FlagUncorrectedChanges(const EditStore& store, Response& response) {
  static telemetry::LimitedLog log;
  absl::StatusOr<std::vector<std::string>> changes = FindUncorrectedChanges(store, response.draft());
  if (!changes.ok()) {
    log.Log("uncorrected_changes", telemetry::Severity::kWarning,
            "changes could not be flagged to the editor", {{"error", changes.status().ToString()}});
    return;
  }
  for (std::string& field : *changes) response.add_uncorrected_changes(std::move(field));
}

}  // namespace

grpc::Status EditorialService::CreateArticle(grpc::ServerContext* /*context*/,
                                             const v1::CreateArticleRequest* request,
                                             v1::CreateArticleResponse* response) {
  Story created;
  v1::Draft& draft = created.draft;
  *draft.mutable_content() = request->content();
  draft.set_ed_note(request->ed_note());
  draft.set_edit_state(v1::EDIT_STATE_DRAFT);
  FieldCheck check;
  CheckWrite(*request, check);
  check.OptionalId("article_id", request->article_id());
  CheckContent("content", *draft.mutable_content(), check);
  check.Lines("ed_note", kMaxEdNoteBytes, *draft.mutable_ed_note());
  if (request->has_embargoed_until()) {
    *draft.mutable_embargoed_until() = request->embargoed_until();
    check.Time("embargoed_until", *draft.mutable_embargoed_until());
  }
  if (request->has_expires_at()) {
    *draft.mutable_expires_at() = request->expires_at();
    check.Time("expires_at", *draft.mutable_expires_at());
  }
  if (!request->path().empty()) {
    if (auto error = FindStoryPathError(request->path())) check.Add("path", *error);
    draft.set_path(request->path());
    created.path_claimed = true;
  }
  absl::Status valid = ToStatus(check);
  if (valid.ok()) valid = CheckTimes(draft);
  if (!valid.ok()) return rpc::ToGrpc(valid);
  AssignBlockIds(*draft.mutable_content());
  draft.set_article_id(request->article_id().empty() ? RandomId() : request->article_id());

  const absl::Time now = clock_();
  return rpc::ToGrpc(IdempotentWrite<v1::CreateArticleRequest, v1::CreateArticleResponse>(
      store_, wait_for_followers_, now, *request, *response,
      [&](EditTransaction& transaction, v1::CreateArticleResponse& /*response*/,
          WriteOutcome& outcome) -> absl::Status {
        absl::StatusOr<std::optional<Story>> taken = transaction.FindStory(draft.article_id());
        if (!taken.ok()) return taken.status();
        if (*taken) {
          return rpc::AlreadyExists("ARTICLE_EXISTS", absl::StrCat("there is a story ", draft.article_id()));
        }
        if (created.path_claimed) {
          absl::Status free = CheckPathFree(transaction, draft.path(), draft.article_id());
          if (!free.ok()) return free;
        }
        if (absl::Status named =
                NamedParts(transaction).Check(draft.content(), v1::ArticleContent::default_instance());
            !named.ok())
          return named;
        return Commit(transaction, nullptr, created, Action::kCreate, now, outcome);
      }));
}

grpc::Status EditorialService::UpdateArticle(grpc::ServerContext* /*context*/,
                                             const v1::UpdateArticleRequest* request,
                                             v1::UpdateArticleResponse* response) {
  FieldCheck check;
  CheckWrite(*request, check);
  check.Id("article_id", request->article_id());
  if (absl::Status valid = ToStatus(check); !valid.ok()) return rpc::ToGrpc(valid);
  absl::StatusOr<ArticleUpdate> update = ArticleUpdate::Parse(*request);
  if (!update.ok()) return rpc::ToGrpc(update.status());

  const absl::Time now = clock_();
  const absl::Status written = IdempotentWrite<v1::UpdateArticleRequest, v1::UpdateArticleResponse>(
      store_, wait_for_followers_, now, *request, *response,
      [&](EditTransaction& transaction, v1::UpdateArticleResponse& answer,
          WriteOutcome& outcome) -> absl::Status {
        absl::StatusOr<Story> before =
            LoadStory(transaction, request->article_id(), request->expected_revision());
        if (!before.ok()) return before.status();
        Story story = *before;
        absl::StatusOr<bool> changed = update->ApplyTo(story);
        if (!changed.ok()) return changed.status();
        if (!*changed) {
          *answer.mutable_snapshot() = transaction.snapshot();
          outcome.draft = std::move(story.draft);
          return absl::OkStatus();
        }
        if (absl::Status named =
                NamedParts(transaction).Check(story.draft.content(), before->draft.content());
            !named.ok())
          return named;
        absl::Status committed = Commit(transaction, &*before, story, Action::kUpdate, now, outcome);
        *answer.mutable_snapshot() = transaction.snapshot();
        outcome.only_draft = outcome.position == 0;
        return committed;
      });
  // Of a draft: what is published already is not flagged again.
  if (written.ok() && response->draft().published_revision() != response->draft().revision())
    FlagUncorrectedChanges(store_, *response);
  return rpc::ToGrpc(written);
}

grpc::Status EditorialService::PublishArticle(grpc::ServerContext* /*context*/,
                                              const v1::PublishArticleRequest* request,
                                              v1::PublishArticleResponse* response) {
  const absl::Time now = clock_();
  google::protobuf::Timestamp publish_at = request->publish_at();
  google::protobuf::Timestamp first_published_at = request->first_published_at();
  FieldCheck check;
  CheckWrite(*request, check);
  check.Id("article_id", request->article_id());
  check.Time("publish_at", publish_at);
  check.Time("first_published_at", first_published_at);
  std::optional<absl::Time> first_published;
  if (request->has_first_published_at()) first_published = FromTimestamp(first_published_at);
  std::optional<absl::Time> later;
  if (request->has_publish_at() && FromTimestamp(publish_at) > now) later = FromTimestamp(publish_at);
  if (first_published && *first_published > now)
    check.Add("first_published_at", "must not lie in the future");
  if (first_published && later)
    check.Add("first_published_at", "cannot be given with a publish_at in the future");
  if (absl::Status valid = ToStatus(check); !valid.ok()) return rpc::ToGrpc(valid);

  const absl::Status written = IdempotentWrite<v1::PublishArticleRequest, v1::PublishArticleResponse>(
      store_, wait_for_followers_, now, *request, *response,
      [&](EditTransaction& transaction, v1::PublishArticleResponse& answer,
          WriteOutcome& outcome) -> absl::Status {
        absl::StatusOr<Story> before =
            LoadStory(transaction, request->article_id(), request->expected_revision());
        if (!before.ok()) return before.status();
        Story story = *before;
        absl::Status changed = later ? Schedule(story, *later) : Publish(story, now, first_published);
        if (!changed.ok()) return changed;
        if (IsSamePublication(before->draft, story.draft)) {
          outcome.draft = std::move(before->draft);
        } else {
          const Action action = later ? Action::kSchedule : Action::kPublish;
          if (absl::Status committed = Commit(transaction, &*before, story, action, now, outcome);
              !committed.ok()) {
            return committed;
          }
        }
        *answer.mutable_snapshot() = transaction.snapshot();
        if (!later) outcome.position = transaction.snapshot().position();
        return absl::OkStatus();
      });
  if (later) response->clear_propagation();  // it is of something else that came due
  if (written.ok()) FlagUncorrectedChanges(store_, *response);
  return rpc::ToGrpc(written);
}

grpc::Status EditorialService::WithholdArticle(grpc::ServerContext* /*context*/,
                                               const v1::WithholdArticleRequest* request,
                                               v1::WithholdArticleResponse* response) {
  v1::Withdrawal withdrawal = request->withdrawal();
  v1::PubStatus pub_status = request->pub_status();
  if (pub_status == v1::PUB_STATUS_UNSPECIFIED) pub_status = v1::PUB_STATUS_WITHHELD;
  FieldCheck check;
  CheckWrite(*request, check);
  check.Id("article_id", request->article_id());
  if (pub_status != v1::PUB_STATUS_WITHHELD && pub_status != v1::PUB_STATUS_CANCELED) {
    check.Add("pub_status", "must be WITHHELD or CANCELED");
  }
  CheckWithdrawal("withdrawal", withdrawal, check);
  if (absl::Status valid = ToStatus(check); !valid.ok()) return rpc::ToGrpc(valid);

  const absl::Time now = clock_();
  return rpc::ToGrpc(IdempotentWrite<v1::WithholdArticleRequest, v1::WithholdArticleResponse>(
      store_, wait_for_followers_, now, *request, *response,
      [&](EditTransaction& transaction, v1::WithholdArticleResponse& answer,
          WriteOutcome& outcome) -> absl::Status {
        absl::StatusOr<Story> before =
            LoadStory(transaction, request->article_id(), request->expected_revision());
        if (!before.ok()) return before.status();
        absl::StatusOr<bool> elsewhere = LeadsElsewhere(transaction, request->article_id(), withdrawal, "");
        if (!elsewhere.ok()) return elsewhere.status();
        if (!*elsewhere)
          return rpc::InvalidArgument("withdrawal.redirect_path", "leads back to the story itself");
        Story story = *before;
        absl::Status withheld =
            Withhold(story, pub_status, request->has_withdrawal() ? &withdrawal : nullptr);
        if (!withheld.ok()) return withheld;
        absl::Status committed = Commit(transaction, &*before, story, Action::kWithhold, now, outcome);
        *answer.mutable_snapshot() = transaction.snapshot();
        return committed;
      }));
}

grpc::Status EditorialService::MoveArticle(grpc::ServerContext* /*context*/,
                                           const v1::MoveArticleRequest* request,
                                           v1::MoveArticleResponse* response) {
  FieldCheck check;
  CheckWrite(*request, check);
  check.Id("article_id", request->article_id());
  if (auto error = FindStoryPathError(request->path())) check.Add("path", *error);
  if (absl::Status valid = ToStatus(check); !valid.ok()) return rpc::ToGrpc(valid);

  const absl::Time now = clock_();
  return rpc::ToGrpc(IdempotentWrite<v1::MoveArticleRequest, v1::MoveArticleResponse>(
      store_, wait_for_followers_, now, *request, *response,
      [&](EditTransaction& transaction, v1::MoveArticleResponse& answer,
          WriteOutcome& outcome) -> absl::Status {
        absl::StatusOr<Story> before =
            LoadStory(transaction, request->article_id(), request->expected_revision());
        if (!before.ok()) return before.status();
        Story story = *before;
        if (absl::Status editable = CheckEditable(story); !editable.ok()) return editable;
        *answer.mutable_snapshot() = transaction.snapshot();
        if (story.path_claimed && story.draft.path() == request->path()) {  // it is there already
          outcome.draft = std::move(story.draft);
          return absl::OkStatus();
        }
        if (absl::Status free = CheckMove(transaction, story.draft, request->path()); !free.ok()) return free;
        story.draft.set_path(request->path());
        story.path_claimed = true;
        absl::Status committed = Commit(transaction, &*before, story, Action::kMove, now, outcome);
        *answer.mutable_snapshot() = transaction.snapshot();
        return committed;
      }));
}

grpc::Status EditorialService::AddCorrection(grpc::ServerContext* /*context*/,
                                             const v1::AddCorrectionRequest* request,
                                             v1::AddCorrectionResponse* response) {
  const absl::Time now = clock_();
  v1::Correction correction = request->correction();
  FieldCheck check;
  CheckWrite(*request, check);
  check.Id("article_id", request->article_id());
  CheckCorrection("correction", correction, check);
  if (absl::Status valid = ToStatus(check); !valid.ok()) return rpc::ToGrpc(valid);

  return rpc::ToGrpc(IdempotentWrite<v1::AddCorrectionRequest, v1::AddCorrectionResponse>(
      store_, wait_for_followers_, now, *request, *response,
      [&](EditTransaction& transaction, v1::AddCorrectionResponse& answer,
          WriteOutcome& outcome) -> absl::Status {
        absl::StatusOr<Story> before =
            LoadStory(transaction, request->article_id(), request->expected_revision());
        if (!before.ok()) return before.status();
        Story story = *before;
        if (absl::Status corrected = Correct(story, correction, now); !corrected.ok()) return corrected;
        absl::Status committed = Commit(transaction, &*before, story, Action::kCorrect, now, outcome);
        *answer.mutable_snapshot() = transaction.snapshot();
        return committed;
      }));
}

grpc::Status EditorialService::RestoreRevision(grpc::ServerContext* /*context*/,
                                               const v1::RestoreRevisionRequest* request,
                                               v1::RestoreRevisionResponse* response) {
  FieldCheck check;
  CheckWrite(*request, check);
  check.Id("article_id", request->article_id());
  if (request->revision() < 1) check.Add("revision", "must be a revision of the story");
  if (absl::Status valid = ToStatus(check); !valid.ok()) return rpc::ToGrpc(valid);

  const absl::Time now = clock_();
  return rpc::ToGrpc(IdempotentWrite<v1::RestoreRevisionRequest, v1::RestoreRevisionResponse>(
      store_, wait_for_followers_, now, *request, *response,
      [&](EditTransaction& transaction, v1::RestoreRevisionResponse& /*answer*/,
          WriteOutcome& outcome) -> absl::Status {
        absl::StatusOr<Story> before =
            LoadStory(transaction, request->article_id(), request->expected_revision());
        if (!before.ok()) return before.status();
        absl::StatusOr<std::optional<v1::Draft>> old =
            transaction.FindRevision(request->article_id(), request->revision(), Body::kWith);
        if (!old.ok()) return old.status();
        if (!*old)
          return rpc::NotFound("REVISION_NOT_FOUND",
                               absl::StrCat("there is no revision ", request->revision()));
        if (absl::Status named = NamedParts(transaction).Check((*old)->content(), before->draft.content());
            !named.ok())
          return named;
        Story story = *before;
        if (absl::Status replaced = ReplaceContent(story, (*old)->content()); !replaced.ok()) return replaced;
        return Commit(transaction, &*before, story, Action::kRestore, now, outcome);
      }));
}

}  // namespace broadsheet::article
