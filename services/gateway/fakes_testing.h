#ifndef BROADSHEET_SERVICES_GATEWAY_FAKES_TESTING_H_
#define BROADSHEET_SERVICES_GATEWAY_FAKES_TESTING_H_

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "broadsheet/media/v1/media_service.grpc.pb.h"
#include "broadsheet/recommendation/v1/recommendation_service.grpc.pb.h"
#include "libs/testing/memory_change_log.h"
#include "services/gateway/fake_article_testing.h"
#include "services/gateway/fake_server_testing.h"

namespace broadsheet::gateway {

// Has every picture it is asked for, except those that were withheld; at most 200 in a call.
class FakeMedia final : public media::v1::MediaService::Service {
 public:
  FakeMedia();

  std::int64_t SetCaption(const std::string& id, const std::string& caption);
  std::int64_t Withhold(const std::string& id);
  // One that was withheld can be shown again.
  std::int64_t Restore(const std::string& id);
  // Calls that ask for it, with whatever else, fail from now on.
  void FailCallsFor(const std::string& id);

  Faults faults;
  RestartableServer& server() { return *server_; }

  grpc::Status BatchGetImages(grpc::ServerContext* context, const media::v1::BatchGetImagesRequest* request,
                              media::v1::BatchGetImagesResponse* response) override;

 private:
  std::int64_t Commit(const std::string& id, change::v1::ChangeKind kind);

  test::MemoryChangeLog log_{"media-log"};
  mutable std::mutex mutex_;
  std::map<std::string, std::string> captions_;  // guarded by mutex_
  std::map<std::string, bool> withheld_;         // guarded by mutex_
  std::string failing_;                          // guarded by mutex_
  std::unique_ptr<RestartableServer> server_;
};

// Recommends what it is told to.
class FakeRecommendation final : public recommendation::v1::RecommendationService::Service {
 public:
  FakeRecommendation();

  void Recommend(std::vector<std::string> ids);
  void SetMostRead(std::vector<std::string> ids);

  // Every read recorded so far.
  std::vector<recommendation::v1::RecordReadsRequest::Read> reads();

  Faults faults;
  RestartableServer& server() { return *server_; }

  grpc::Status RecordReads(grpc::ServerContext* context,
                           const recommendation::v1::RecordReadsRequest* request,
                           recommendation::v1::RecordReadsResponse* response) override;
  grpc::Status ListRelated(grpc::ServerContext* context,
                           const recommendation::v1::ListRelatedRequest* request,
                           recommendation::v1::ListRelatedResponse* response) override;
  grpc::Status ListMostRead(grpc::ServerContext* context,
                            const recommendation::v1::ListMostReadRequest* request,
                            recommendation::v1::ListMostReadResponse* response) override;

 private:
  std::mutex mutex_;
  std::vector<std::string> related_;                                 // guarded by mutex_
  std::vector<std::string> most_read_;                               // guarded by mutex_
  std::vector<recommendation::v1::RecordReadsRequest::Read> reads_;  // guarded by mutex_
  std::unique_ptr<RestartableServer> server_;
};

}  // namespace broadsheet::gateway

#endif  // BROADSHEET_SERVICES_GATEWAY_FAKES_TESTING_H_
