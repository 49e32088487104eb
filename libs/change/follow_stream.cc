#include "libs/change/follow_stream.h"

#include <utility>

#include "absl/time/clock.h"

namespace broadsheet::change {

void* FollowStream::Operation::Begin() {
  if (!stream_.queue_.Begin()) return nullptr;
  keep_alive_ = stream_.shared_from_this();
  return rpc::AsTag(this);
}

void FollowStream::Operation::Complete(bool ok) {
  std::shared_ptr<FollowStream> keep_alive;  // released after the mutex
  std::lock_guard lock(stream_.host_.mutex());
  keep_alive = std::move(keep_alive_);
  (stream_.*handler_)(ok);
}

void FollowStream::Accept(Host& host, v1::ChangeService::AsyncService& service, rpc::CompletionQueue& queue) {
  const std::shared_ptr<FollowStream> stream(new FollowStream(host, service, queue));
  void* tag = stream->accept_.Begin();
  if (tag == nullptr) return;
  service.RequestFollow(&stream->context_, &stream->stream_, queue.grpc_queue(), queue.server_queue(), tag);
}

void FollowStream::OnAccepted(bool ok) {
  if (!ok) return;  // the server is shutting down
  Accept(host_, service_, queue_);
  host_.OnOpened(shared_from_this());
  Read();
}

void FollowStream::Read() {
  if (void* tag = read_.Begin()) {
    stream_.Read(&request_, tag);
  } else {
    Close();
  }
}

void FollowStream::OnRead(bool ok) {
  if (!ok) {  // the follower has closed its side or is gone
    End(grpc::Status::OK);
    Close();
    return;
  }
  if (ended_) return;
  host_.OnRequest(*this, request_);
  if (!ended_) Read();
}

void FollowStream::Send(const v1::FollowResponse& message) {
  if (ended_) return;
  if (void* tag = write_.Begin()) {
    sending_since_ = absl::Now();
    stream_.Write(message, tag);
  }
}

void FollowStream::OnWritten(bool ok) {
  if (!ok) {
    End(grpc::Status::OK);
    Close();
  } else if (ended_) {
    FinishWhenIdle();
  } else {
    host_.OnSent(*this);
  }
}

void FollowStream::End(const grpc::Status& status) {
  if (std::exchange(ended_, true)) return;
  status_ = status;
  FinishWhenIdle();
}

void FollowStream::FinishWhenIdle() {
  if (finishing_ || write_.in_flight()) return;
  finishing_ = true;
  if (void* tag = finish_.Begin()) {
    stream_.Finish(status_, tag);
  } else {
    Close();
  }
}

void FollowStream::OnFinished(bool) { Close(); }

void FollowStream::Close() {
  if (std::exchange(closed_, true)) return;
  host_.OnClosed(*this);
}

}  // namespace broadsheet::change
