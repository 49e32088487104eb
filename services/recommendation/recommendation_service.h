#ifndef BROADSHEET_SERVICES_RECOMMENDATION_RECOMMENDATION_SERVICE_H_
#define BROADSHEET_SERVICES_RECOMMENDATION_RECOMMENDATION_SERVICE_H_

#include <functional>

#include "absl/time/time.h"
#include "broadsheet/recommendation/v1/recommendation_service.grpc.pb.h"
#include "libs/telemetry/metrics.h"
#include "services/recommendation/indexer.h"
#include "services/recommendation/reading_log.h"
#include "services/recommendation/story_index.h"

namespace broadsheet::recommendation {

// Serves broadsheet.recommendation.v1.RecommendationService. Thread-safe; holds no state of its own. What it
// is given must outlive it.
class RecommendationService final : public v1::RecommendationService::Service {
 public:
  RecommendationService(const StoryIndex& index, const Indexer& indexer, ReadingLog& reading_log,
                        std::function<absl::Time()> clock = absl::Now)
      : index_(index), indexer_(indexer), reading_log_(reading_log), clock_(std::move(clock)) {}

  grpc::Status ListRelated(grpc::ServerContext* context, const v1::ListRelatedRequest* request,
                           v1::ListRelatedResponse* response) override;
  grpc::Status ListMostRead(grpc::ServerContext* context, const v1::ListMostReadRequest* request,
                            v1::ListMostReadResponse* response) override;
  grpc::Status RecordReads(grpc::ServerContext* context, const v1::RecordReadsRequest* request,
                           v1::RecordReadsResponse* response) override;

 private:
  const StoryIndex& index_;
  const Indexer& indexer_;
  ReadingLog& reading_log_;
  const std::function<absl::Time()> clock_;
  telemetry::Counter recorded_{"broadsheet_recommendation_reads_recorded_total", "Reads that were counted."};
  telemetry::Counter ignored_{"broadsheet_recommendation_reads_ignored_total",
                              "Reads of unknown stories, too old, or recorded before."};
};

}  // namespace broadsheet::recommendation

#endif  // BROADSHEET_SERVICES_RECOMMENDATION_RECOMMENDATION_SERVICE_H_
