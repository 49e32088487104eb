#include "services/recommendation/recommendation_service.h"

#include <algorithm>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

#include "libs/rpc/status.h"
#include "services/recommendation/request_check.h"

namespace broadsheet::recommendation {
namespace {

constexpr absl::Duration kDefaultWindow = absl::Hours(24);

std::size_t LimitOf(int limit) {
  return static_cast<std::size_t>(limit == 0 ? kDefaultLimit : std::min(limit, kMaxLimit));
}

absl::Duration WindowOf(const v1::ListMostReadRequest& request) {
  if (!request.has_window()) return kDefaultWindow;
  return absl::Seconds(request.window().seconds()) + absl::Nanoseconds(request.window().nanos());
}

absl::Time TimeOf(const v1::RecordReadsRequest::Read& read) {
  if (!read.has_read_time()) return absl::InfiniteFuture();  // now
  return absl::FromUnixSeconds(read.read_time().seconds()) + absl::Nanoseconds(read.read_time().nanos());
}

absl::Status NotCaughtUp() {
  return rpc::ErrorInfo(absl::StatusCode::kUnavailable, "INDEX_NOT_READY",
                        "the index has not caught up with the article service yet");
}

}  // namespace

grpc::Status RecommendationService::ListRelated(grpc::ServerContext* /*context*/,
                                                const v1::ListRelatedRequest* request,
                                                v1::ListRelatedResponse* response) {
  if (absl::Status valid = Validate(*request); !valid.ok()) return rpc::ToGrpc(valid);
  const Indexer::Position position =
      indexer_.position();  // before the index is read: it is never behind this
  if (!position.caught_up) return rpc::ToGrpc(NotCaughtUp());
  const std::unordered_set<std::string> recent(request->recent_article_ids().begin(),
                                               request->recent_article_ids().end());
  const std::string& reference =
      request->article_path().empty() ? request->article_id() : request->article_path();
  for (RelatedStory& story : index_.Related(reference, recent, LimitOf(request->limit()), clock_())) {
    v1::RelatedArticle* const related = response->add_related();
    related->set_article_id(std::move(story.id));
    related->set_score(story.score);
    related->set_reason(story.reason);
    related->set_explanation(std::move(story.explanation));
  }
  response->set_article_position(position.position);
  response->set_article_log_id(position.log_id);
  return grpc::Status::OK;
}

grpc::Status RecommendationService::ListMostRead(grpc::ServerContext* /*context*/,
                                                 const v1::ListMostReadRequest* request,
                                                 v1::ListMostReadResponse* response) {
  if (absl::Status valid = Validate(*request); !valid.ok()) return rpc::ToGrpc(valid);
  if (!indexer_.position().caught_up) return rpc::ToGrpc(NotCaughtUp());
  const std::string& section = request->section_id();
  const auto wanted = [&](const std::string& id) {
    return section.empty() ? index_.Contains(id) : index_.IsInSection(id, section);
  };
  for (ReadCounts::Entry& entry :
       reading_log_.MostRead(WindowOf(*request), LimitOf(request->limit()), wanted)) {
    v1::ReadArticle* const read = response->add_articles();
    read->set_article_id(std::move(entry.article_id));
    read->set_reads(entry.reads);
  }
  return grpc::Status::OK;
}

grpc::Status RecommendationService::RecordReads(grpc::ServerContext* /*context*/,
                                                const v1::RecordReadsRequest* request,
                                                v1::RecordReadsResponse* response) {
  if (absl::Status valid = Validate(*request); !valid.ok()) return rpc::ToGrpc(valid);
  if (!indexer_.position().caught_up) return rpc::ToGrpc(NotCaughtUp());
  std::vector<ReadingLog::Read> reads;
  for (const v1::RecordReadsRequest::Read& read : request->reads()) {
    if (!index_.Contains(read.article_id())) continue;
    reads.push_back({read.article_id(), TimeOf(read), std::max(read.weight(), 1)});
  }
  const absl::StatusOr<int> recorded = reading_log_.Record(request->request_id(), std::move(reads));
  if (!recorded.ok()) return rpc::ToGrpc(recorded.status());
  recorded_.Increment(*recorded);
  ignored_.Increment(request->reads_size() - *recorded);
  response->set_recorded(*recorded);
  return grpc::Status::OK;
}

}  // namespace broadsheet::recommendation
