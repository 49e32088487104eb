#include "libs/change/follow_call.h"

#include <utility>

namespace broadsheet::change {
namespace {

void* AsTag(std::intptr_t tag) { return reinterpret_cast<void*>(tag); }  // NOLINT(performance-no-int-to-ptr)

}  // namespace

void FollowCall::Cancel() { context_.TryCancel(); }

grpc::Status FollowCall::Run(v1::ChangeService::Stub& stub, Protocol& protocol) {
  // The stream has no deadline: the protocol's timer ends it when the server falls silent.
  context_.set_wait_for_ready(true);
  stream_ = stub.AsyncFollow(&context_, &queue_.queue(), AsTag(kStarted));
  Drive(protocol);
  queue_.queue().Shutdown();
  void* tag = nullptr;
  bool ok = false;
  while (queue_.queue().Next(&tag, &ok)) {
  }
  if (!own_status_.ok()) return own_status_;
  if (!peers_status_.ok()) return peers_status_;
  return {grpc::StatusCode::UNAVAILABLE, "the server ended the stream"};
}

void FollowCall::Drive(Protocol& protocol) {
  while (!finished_) {
    void* tag = nullptr;
    bool ok = false;
    switch (queue_.AsyncNext(&tag, &ok, protocol.NextTimer())) {
      case grpc::CompletionQueue::GOT_EVENT:
        OnEvent(static_cast<Tag>(reinterpret_cast<std::intptr_t>(tag)), ok, protocol);
        break;
      case grpc::CompletionQueue::TIMEOUT:
        if (!ending_) {
          if (const grpc::Status status = protocol.OnTimer(); !status.ok()) Fail(status);
        }
        break;
      case grpc::CompletionQueue::SHUTDOWN:
        return;
    }
    if (started_ && !ending_) Write(protocol);
  }
}

void FollowCall::OnEvent(Tag tag, bool ok, Protocol& protocol) {
  switch (tag) {
    case kStarted:
      started_ = ok;
      ending_ = !ok;
      if (ok) {
        reading_ = true;
        stream_->Read(&response_, AsTag(kRead));
      }
      break;
    case kRead:
      reading_ = false;
      if (!ok) {
        ending_ = true;
      } else if (!ending_) {
        if (const grpc::Status status = protocol.OnResponse(response_); !status.ok()) {
          Fail(status);
        } else {
          reading_ = true;
          stream_->Read(&response_, AsTag(kRead));
        }
      }
      break;
    case kWritten:
      writing_ = false;
      // When writing fails, reading does too, and then Finish tells why.
      break;
    case kFinished:
      finished_ = true;
      return;
  }
  if (ending_) FinishWhenIdle();
}

void FollowCall::Write(Protocol& protocol) {
  if (writing_) return;
  request_.Clear();
  if (!protocol.NextRequest(request_)) return;
  writing_ = true;
  stream_->Write(request_, AsTag(kWritten));
}

void FollowCall::Fail(const grpc::Status& status) {
  own_status_ = status;
  ending_ = true;
  context_.TryCancel();
  FinishWhenIdle();
}

void FollowCall::FinishWhenIdle() {
  if (reading_ || writing_ || std::exchange(finishing_, true)) return;
  stream_->Finish(&peers_status_, AsTag(kFinished));
}

}  // namespace broadsheet::change
