#ifndef BROADSHEET_SERVICES_GATEWAY_SILENT_LOG_TESTING_H_
#define BROADSHEET_SERVICES_GATEWAY_SILENT_LOG_TESTING_H_

#include <string>
#include <utility>

#include "broadsheet/change/v1/change_service.grpc.pb.h"

namespace broadsheet::gateway {

// A source that names its log, and falls silent before it has said what is in it.
class SilentLog final : public change::v1::ChangeService::Service {
 public:
  explicit SilentLog(std::string log_id) : log_id_(std::move(log_id)) {}

  grpc::Status Follow(
      grpc::ServerContext*,
      grpc::ServerReaderWriter<change::v1::FollowResponse, change::v1::FollowRequest>* stream) override {
    change::v1::FollowResponse begin;
    begin.set_log_id(log_id_);
    stream->Write(begin);
    for (change::v1::FollowRequest request; stream->Read(&request);) {
    }
    return grpc::Status::OK;
  }

 private:
  const std::string log_id_;
};

}  // namespace broadsheet::gateway

#endif  // BROADSHEET_SERVICES_GATEWAY_SILENT_LOG_TESTING_H_
