#include "services/article/article_service.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "libs/rpc/status.h"
#include "services/article/page_token.h"
#include "services/article/request_check.h"

namespace broadsheet::article {
namespace {

constexpr int kMaxBatch = 100;

Body BodyOf(v1::ArticleView view, v1::ArticleView if_unset) {
  return (view == v1::ARTICLE_VIEW_UNSPECIFIED ? if_unset : view) == v1::ARTICLE_VIEW_FULL ? Body::kWith
                                                                                           : Body::kWithout;
}

void CheckView(v1::ArticleView view, FieldCheck& check) {
  if (!v1::ArticleView_IsValid(view)) check.Add("view", "must be BASIC or FULL");
}

void CheckMinPosition(std::int64_t min_position, FieldCheck& check) {
  if (min_position < 0) check.Add("min_position", "must not be negative");
}

absl::Status Validate(const v1::GetArticleRequest& request) {
  FieldCheck check;
  CheckKey(request, check);
  CheckView(request.view(), check);
  CheckMinPosition(request.min_position(), check);
  if (request.revision() < 0) check.Add("revision", "must not be negative");
  return ToStatus(check);
}

absl::Status Validate(const v1::BatchGetArticlesRequest& request) {
  FieldCheck check;
  if (request.article_ids_size() < 1 || request.article_ids_size() > kMaxBatch) {
    check.Add("article_ids", absl::StrCat("must have 1 to ", kMaxBatch, " entries"));
  } else {
    for (int i = 0; i < request.article_ids_size(); ++i) {
      check.Id(absl::StrCat("article_ids[", i, "]"), request.article_ids(i));
    }
  }
  CheckView(request.view(), check);
  CheckMinPosition(request.min_position(), check);
  return ToStatus(check);
}

absl::Status Validate(const v1::ListArticlesRequest& request) {
  FieldCheck check;
  check.OptionalId("section_id", request.section_id());
  check.OptionalId("author_id", request.author_id());
  std::string subject = request.subject();
  check.Line("subject", 100, subject);
  google::protobuf::Timestamp since = request.published_since();
  google::protobuf::Timestamp before = request.published_before();
  check.Time("published_since", since);
  check.Time("published_before", before);
  if (request.max_urgency() < 0 || request.max_urgency() > 9) check.Add("max_urgency", "must be 0 to 9");
  CheckPageSize(request.page_size(), check);
  const bool whole = request.author_id().empty() && request.subject().empty() &&
                     !request.has_published_since() && !request.has_published_before() &&
                     request.max_urgency() == 0 && request.page_token().empty();
  if (request.with_curated() && !whole)
    check.Add("with_curated", "goes with no other filter than section_id, and with no page_token");
  CheckView(request.view(), check);
  CheckMinPosition(request.min_position(), check);
  return ToStatus(check);
}

// Times of requests count in microseconds, as those of stories do.
ListQuery ToQuery(const v1::ListArticlesRequest& request) {
  ListQuery query;
  query.section_id = request.section_id();
  query.author_id = request.author_id();
  query.subject = NormalizeNfc(request.subject()).text;
  if (request.has_published_since()) query.since = FromTimestamp(request.published_since());
  if (request.has_published_before()) query.before = FromTimestamp(request.published_before());
  if (request.max_urgency() != 0) query.max_urgency = request.max_urgency();
  query.limit = PageSize(request.page_size());
  query.with_curated = request.with_curated();
  return query;
}

ListPlace PlaceOf(const v1::Article& article) {
  return {absl::ToUnixMicros(FromTimestamp(article.first_published_at())), article.article_id()};
}

// Fields that are sent as they are stored, without being parsed here.
google::protobuf::UnknownFieldSet& FieldsOf(google::protobuf::Message& response) {
  return *response.GetReflection()->MutableUnknownFields(&response);
}

grpc::Status NotPublic(const SnapshotRead<ArticleLookup>& read) {
  const std::optional<v1::Withdrawal>& withdrawal = read.value.withdrawal;
  absl::Status status;
  if (withdrawal) {
    status = rpc::NotFound("ARTICLE_WITHDRAWN", "the story was withdrawn",
                           {{"article_id", read.value.withdrawn_id}});
  } else if (read.value.no_such_revision) {
    status = rpc::NotFound("REVISION_NOT_FOUND", "readers never had that revision of the story");
  } else {
    status = rpc::NotFound("ARTICLE_NOT_FOUND", "no such story is public");
  }
  status = rpc::WithDetail(std::move(status), read.snapshot);
  if (withdrawal) status = rpc::WithDetail(std::move(status), *withdrawal);
  return rpc::ToGrpc(status);
}

}  // namespace

grpc::Status ArticleService::GetArticle(grpc::ServerContext* /*context*/,
                                        const v1::GetArticleRequest* request,
                                        v1::GetArticleResponse* response) {
  if (absl::Status valid = Validate(*request); !valid.ok()) return rpc::ToGrpc(valid);
  const ArticleKey key = KeyOf(*request);
  const Body body = BodyOf(request->view(), v1::ARTICLE_VIEW_FULL);
  absl::StatusOr<SnapshotRead<ArticleLookup>> read =
      request->revision() == 0
          ? store_.FindArticle(key, body, clock_, request->min_position())
          : store_.FindPastArticle(key, request->revision(), body, clock_, request->min_position());
  if (!read.ok()) return rpc::ToGrpc(read.status());
  if (read->value.found == nullptr) return NotPublic(*read);
  FieldsOf(*response).MergeFrom(read->value.found->encoded);
  *response->mutable_snapshot() = std::move(read->snapshot);
  return grpc::Status::OK;
}

grpc::Status ArticleService::BatchGetArticles(grpc::ServerContext* /*context*/,
                                              const v1::BatchGetArticlesRequest* request,
                                              v1::BatchGetArticlesResponse* response) {
  if (absl::Status valid = Validate(*request); !valid.ok()) return rpc::ToGrpc(valid);
  absl::StatusOr<SnapshotRead<std::vector<std::string>>> read =
      store_.FindArticles({request->article_ids().begin(), request->article_ids().end()},
                          BodyOf(request->view(), v1::ARTICLE_VIEW_BASIC), clock_, request->min_position());
  if (!read.ok()) return rpc::ToGrpc(read.status());
  for (std::string& article : read->value)
    *FieldsOf(*response).AddLengthDelimited(v1::BatchGetArticlesResponse::kArticlesFieldNumber) =
        std::move(article);
  *response->mutable_snapshot() = std::move(read->snapshot);
  return grpc::Status::OK;
}

grpc::Status ArticleService::ListArticles(grpc::ServerContext* /*context*/,
                                          const v1::ListArticlesRequest* request,
                                          v1::ListArticlesResponse* response) {
  if (absl::Status valid = Validate(*request); !valid.ok()) return rpc::ToGrpc(valid);
  ListQuery query = ToQuery(*request);
  const std::string filters = FiltersOf(*request);
  if (!request->page_token().empty()) {
    query.after = ReadPageToken(token_key_, filters, request->page_token());
    if (!query.after) return rpc::ToGrpc(BadPageToken());
  }
  absl::StatusOr<SnapshotRead<PublicStore::List>> read = store_.ListArticles(
      query, BodyOf(request->view(), v1::ARTICLE_VIEW_BASIC), clock_, request->min_position());
  if (!read.ok()) return rpc::ToGrpc(read.status());
  std::vector<v1::Article>& articles = read->value.articles;
  if (read->value.more)
    response->set_next_page_token(MakePageToken(token_key_, filters, PlaceOf(articles.back())));
  for (v1::Article& article : articles) *response->add_articles() = std::move(article);
  for (v1::Article& article : read->value.curated) *response->add_curated() = std::move(article);
  *response->mutable_snapshot() = std::move(read->snapshot);
  return grpc::Status::OK;
}

grpc::Status ArticleService::GetAuthor(grpc::ServerContext* /*context*/, const v1::GetAuthorRequest* request,
                                       v1::GetAuthorResponse* response) {
  FieldCheck check;
  check.Id("author_id", request->author_id());
  CheckMinPosition(request->min_position(), check);
  if (absl::Status valid = ToStatus(check); !valid.ok()) return rpc::ToGrpc(valid);
  absl::StatusOr<SnapshotRead<std::optional<v1::Author>>> read =
      store_.FindAuthor(request->author_id(), request->min_position());
  if (!read.ok()) return rpc::ToGrpc(read.status());
  if (!read->value) {
    return rpc::ToGrpc(
        rpc::WithDetail(rpc::NotFound("AUTHOR_NOT_FOUND", "there is no such author"), read->snapshot));
  }
  *response->mutable_author() = *std::move(read->value);
  *response->mutable_snapshot() = std::move(read->snapshot);
  return grpc::Status::OK;
}

grpc::Status ArticleService::ListSections(grpc::ServerContext* /*context*/,
                                          const v1::ListSectionsRequest* request,
                                          v1::ListSectionsResponse* response) {
  FieldCheck check;
  CheckMinPosition(request->min_position(), check);
  if (absl::Status valid = ToStatus(check); !valid.ok()) return rpc::ToGrpc(valid);
  absl::StatusOr<SnapshotRead<std::vector<v1::Section>>> read = store_.ListSections(request->min_position());
  if (!read.ok()) return rpc::ToGrpc(read.status());
  for (v1::Section& section : read->value) *response->add_sections() = std::move(section);
  *response->mutable_snapshot() = std::move(read->snapshot);
  return grpc::Status::OK;
}

}  // namespace broadsheet::article
