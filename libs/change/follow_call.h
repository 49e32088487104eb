#ifndef BROADSHEET_LIBS_CHANGE_FOLLOW_CALL_H_
#define BROADSHEET_LIBS_CHANGE_FOLLOW_CALL_H_

#include <chrono>
#include <memory>
#include <mutex>

#include "broadsheet/change/v1/change_service.grpc.pb.h"
#include "grpcpp/client_context.h"
#include "grpcpp/support/async_stream.h"
#include "libs/rpc/yielding_queue.h"

namespace broadsheet::change {

// The follower's end of one Follow call, driven by one thread: the mechanics, without the protocol.
class FollowCall {
 public:
  // Who runs the protocol; called by Run on its thread.
  class Protocol {
   public:
    virtual ~Protocol() = default;
    // Fills what to send next; false if there is nothing at the moment. The first message is asked for at
    // once.
    virtual bool NextRequest(v1::FollowRequest& request) = 0;
    // An error ends the call.
    virtual grpc::Status OnResponse(const v1::FollowResponse& response) = 0;
    // When to call OnTimer; asked again after each event.
    virtual std::chrono::system_clock::time_point NextTimer() = 0;
    virtual grpc::Status OnTimer() = 0;
  };

  // Both as in FollowerOptions.
  FollowCall(rpc::CompletionQueues* busy_queues, std::chrono::microseconds busy_pace)
      : queue_(busy_queues, busy_pace) {}

  // Runs a call to its end; how it ended, never OK. Waits for as long as the server cannot be reached.
  grpc::Status Run(v1::ChangeService::Stub& stub, Protocol& protocol);

  // Ends the call in progress, or keeps it from beginning. From any thread.
  void Cancel();

 private:
  enum Tag : std::intptr_t { kStarted = 1, kRead, kWritten, kFinished };

  void Drive(Protocol& protocol);
  void OnEvent(Tag tag, bool ok, Protocol& protocol);
  void Fail(const grpc::Status& status);
  void Write(Protocol& protocol);
  void FinishWhenIdle();

  grpc::ClientContext context_;
  rpc::YieldingQueue queue_;
  std::unique_ptr<grpc::ClientAsyncReaderWriter<v1::FollowRequest, v1::FollowResponse>> stream_;
  v1::FollowRequest request_;
  v1::FollowResponse response_;
  grpc::Status own_status_;    // why this side ended the call; OK if it did not
  grpc::Status peers_status_;  // what the server said
  bool started_ = false;
  bool reading_ = false;
  bool writing_ = false;
  bool ending_ = false;
  bool finishing_ = false;
  bool finished_ = false;
};

}  // namespace broadsheet::change

#endif  // BROADSHEET_LIBS_CHANGE_FOLLOW_CALL_H_
