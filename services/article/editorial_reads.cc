#include <limits>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/rpc/status.h"
#include "services/article/editorial_service.h"
#include "services/article/page_token.h"
#include "services/article/request_check.h"
#include "services/article/revision_diff.h"

namespace broadsheet::article {
namespace {

absl::Status NoSuchStory() { return rpc::NotFound("ARTICLE_NOT_FOUND", "there is no such story"); }

// Each once and in order, so that few different queries arise.
template <class Enum>
std::vector<Enum> Distinct(const google::protobuf::RepeatedField<int>& numbers) {
  std::vector<Enum> result;
  for (int number : std::set<int>(numbers.begin(), numbers.end()))
    result.push_back(static_cast<Enum>(number));
  return result;
}

absl::StatusOr<EditStore::RevisionLookup> LoadRevision(const EditStore& store, const std::string& article_id,
                                                       std::int64_t revision) {
  absl::StatusOr<std::optional<EditStore::RevisionLookup>> found = store.FindRevision(article_id, revision);
  if (!found.ok()) return found.status();
  if (*found) return **std::move(found);
  absl::StatusOr<std::optional<v1::Draft>> story = store.FindDraft({ArticleKey::Kind::kId, article_id});
  if (!story.ok()) return story.status();
  if (!*story) return NoSuchStory();
  return rpc::NotFound("REVISION_NOT_FOUND", absl::StrCat("there is no revision ", revision));
}

// The revision, or the newest one for 0.
absl::StatusOr<v1::Draft> LoadDraft(const EditStore& store, const std::string& article_id,
                                    std::int64_t revision) {
  if (revision == 0) {
    absl::StatusOr<std::optional<v1::Draft>> newest = store.FindDraft({ArticleKey::Kind::kId, article_id});
    if (!newest.ok()) return newest.status();
    if (!*newest) return NoSuchStory();
    return **std::move(newest);
  }
  absl::StatusOr<EditStore::RevisionLookup> found = LoadRevision(store, article_id, revision);
  if (!found.ok()) return found.status();
  return std::move(found->draft);
}

// The ids of the blocks of `draft` at `places`.
void AddIds(const v1::Draft& draft, const std::vector<int>& places,
            google::protobuf::RepeatedPtrField<std::string>& ids) {
  for (int place : places) *ids.Add() = draft.content().body(place).block_id();
}

absl::Status Validate(const v1::ListDraftsRequest& request) {
  FieldCheck check;
  check.OptionalId("section_id", request.section_id());
  for (int i = 0; i < request.edit_states_size(); ++i) {
    if (!v1::EditState_IsValid(request.edit_states(i)))
      check.Add(absl::StrCat("edit_states[", i, "]"), "is not known");
  }
  for (int i = 0; i < request.pub_statuses_size(); ++i) {
    if (!v1::PubStatus_IsValid(request.pub_statuses(i)))
      check.Add(absl::StrCat("pub_statuses[", i, "]"), "is not known");
  }
  CheckPageSize(request.page_size(), check);
  return ToStatus(check);
}

}  // namespace

grpc::Status EditorialService::GetDraft(grpc::ServerContext* /*context*/, const v1::GetDraftRequest* request,
                                        v1::GetDraftResponse* response) {
  FieldCheck check;
  CheckKey(*request, check);
  if (absl::Status valid = ToStatus(check); !valid.ok()) return rpc::ToGrpc(valid);
  absl::StatusOr<std::optional<v1::Draft>> draft = store_.FindDraft(KeyOf(*request));
  if (!draft.ok()) return rpc::ToGrpc(draft.status());
  if (!*draft) return rpc::ToGrpc(NoSuchStory());
  *response->mutable_draft() = **std::move(draft);
  return grpc::Status::OK;
}

grpc::Status EditorialService::ListDrafts(grpc::ServerContext* /*context*/,
                                          const v1::ListDraftsRequest* request,
                                          v1::ListDraftsResponse* response) {
  if (absl::Status valid = Validate(*request); !valid.ok()) return rpc::ToGrpc(valid);
  DraftQuery query;
  query.section_id = request->section_id();
  query.edit_states = Distinct<v1::EditState>(request->edit_states());
  query.pub_statuses = Distinct<v1::PubStatus>(request->pub_statuses());
  query.limit = PageSize(request->page_size());
  const std::string filters = FiltersOf(*request);
  if (!request->page_token().empty()) {
    query.after = ReadPageToken(store_.token_key(), filters, request->page_token());
    if (!query.after) return rpc::ToGrpc(BadPageToken());
  }
  absl::StatusOr<EditStore::Drafts> list = store_.ListDrafts(query);
  if (!list.ok()) return rpc::ToGrpc(list.status());
  if (list->more) {
    const v1::Draft& last = list->drafts.back();
    response->set_next_page_token(
        MakePageToken(store_.token_key(), filters,
                      {absl::ToUnixMicros(FromTimestamp(last.update_time())), last.article_id()}));
  }
  for (v1::Draft& draft : list->drafts) *response->add_drafts() = std::move(draft);
  return grpc::Status::OK;
}

grpc::Status EditorialService::ListRevisions(grpc::ServerContext* /*context*/,
                                             const v1::ListRevisionsRequest* request,
                                             v1::ListRevisionsResponse* response) {
  FieldCheck check;
  check.Id("article_id", request->article_id());
  CheckPageSize(request->page_size(), check);
  if (absl::Status valid = ToStatus(check); !valid.ok()) return rpc::ToGrpc(valid);
  std::int64_t before = std::numeric_limits<std::int64_t>::max();
  const std::string filters = FiltersOf(*request);
  if (!request->page_token().empty()) {
    // A revision's place is its number.
    std::optional<ListPlace> place = ReadPageToken(store_.token_key(), filters, request->page_token());
    if (!place) return rpc::ToGrpc(BadPageToken());
    before = place->micros;
  }
  absl::StatusOr<EditStore::Revisions> list =
      store_.ListRevisions(request->article_id(), before, PageSize(request->page_size()));
  if (absl::IsNotFound(list.status())) return rpc::ToGrpc(NoSuchStory());
  if (!list.ok()) return rpc::ToGrpc(list.status());
  if (list->more) {
    response->set_next_page_token(MakePageToken(store_.token_key(), filters,
                                                {list->revisions.back().revision(), request->article_id()}));
  }
  for (v1::Revision& revision : list->revisions) *response->add_revisions() = std::move(revision);
  return grpc::Status::OK;
}

grpc::Status EditorialService::GetRevision(grpc::ServerContext* /*context*/,
                                           const v1::GetRevisionRequest* request,
                                           v1::GetRevisionResponse* response) {
  FieldCheck check;
  check.Id("article_id", request->article_id());
  if (request->revision() < 1) check.Add("revision", "must be a revision of the story");
  if (absl::Status valid = ToStatus(check); !valid.ok()) return rpc::ToGrpc(valid);
  absl::StatusOr<EditStore::RevisionLookup> found =
      LoadRevision(store_, request->article_id(), request->revision());
  if (!found.ok()) return rpc::ToGrpc(found.status());
  *response->mutable_draft() = std::move(found->draft);
  *response->mutable_revision() = std::move(found->revision);
  return grpc::Status::OK;
}

grpc::Status EditorialService::DiffRevisions(grpc::ServerContext* /*context*/,
                                             const v1::DiffRevisionsRequest* request,
                                             v1::DiffRevisionsResponse* response) {
  FieldCheck check;
  check.Id("article_id", request->article_id());
  if (request->from_revision() < 1) check.Add("from_revision", "must be a revision of the story");
  if (request->to_revision() < 0) check.Add("to_revision", "must not be negative");
  if (absl::Status valid = ToStatus(check); !valid.ok()) return rpc::ToGrpc(valid);
  // Revisions never change, so two reads see what one would have seen.
  absl::StatusOr<v1::Draft> from = LoadDraft(store_, request->article_id(), request->from_revision());
  if (!from.ok()) return rpc::ToGrpc(from.status());
  absl::StatusOr<v1::Draft> to = LoadDraft(store_, request->article_id(), request->to_revision());
  if (!to.ok()) return rpc::ToGrpc(to.status());
  for (std::string& field : ChangedFields(*from, *to)) response->add_changed_fields(std::move(field));
  const BodyDiff diff = DiffBodies(from->content().body(), to->content().body());
  AddIds(*to, diff.added, *response->mutable_added_block_ids());
  AddIds(*from, diff.removed, *response->mutable_removed_block_ids());
  AddIds(*to, diff.changed, *response->mutable_changed_block_ids());
  AddIds(*to, diff.moved, *response->mutable_moved_block_ids());
  response->set_to_revision(to->revision());
  return grpc::Status::OK;
}

}  // namespace broadsheet::article
