#ifndef BROADSHEET_LIBS_CHANGE_FOLLOW_STREAM_H_
#define BROADSHEET_LIBS_CHANGE_FOLLOW_STREAM_H_

#include <memory>
#include <mutex>
#include <string>

#include "absl/time/time.h"
#include "broadsheet/change/v1/change_service.grpc.pb.h"
#include "grpcpp/server_context.h"
#include "grpcpp/support/async_stream.h"
#include "libs/rpc/completion_queues.h"

namespace broadsheet::change {

// The server's end of one Follow call: the mechanics of an asynchronous stream (one read, one write at a
// time, one end), without the protocol. Everything happens under the host's mutex.
class FollowStream : public std::enable_shared_from_this<FollowStream> {
 public:
  // Who runs the protocol. Called on a queue's thread with the mutex held.
  class Host {
   public:
    virtual ~Host() = default;
    virtual std::mutex& mutex() = 0;
    virtual void OnOpened(const std::shared_ptr<FollowStream>& stream) = 0;
    virtual void OnRequest(FollowStream& stream, const v1::FollowRequest& request) = 0;
    // The message sent last has left; the next may be sent.
    virtual void OnSent(FollowStream& stream) = 0;
    // The follower is gone, or the stream has been ended: nothing more comes from it. Once per opened stream.
    virtual void OnClosed(FollowStream& stream) = 0;
  };

  // Waits for the next Follow call on `queue`, and after it for another. The three outlive all streams.
  static void Accept(Host& host, v1::ChangeService::AsyncService& service, rpc::CompletionQueue& queue);

  // Under the mutex: sends; only if `!sending()`.
  void Send(const v1::FollowResponse& message);
  bool sending() const { return write_.in_flight(); }
  // When the message being sent was handed over, by the caller's clock; see Send.
  absl::Time sending_since() const { return sending_since_; }

  // Under the mutex: ends the stream with `status` once what is being sent has left. The first call counts.
  void End(const grpc::Status& status);
  bool ended() const { return ended_; }
  // Breaks the stream off; the follower sees CANCELLED.
  void Cancel() { context_.TryCancel(); }

  std::string peer() const { return context_.peer(); }

 private:
  // One kind of operation; keeps the stream alive while one is in flight.
  class Operation final : public rpc::Completion {
   public:
    using Handler = void (FollowStream::*)(bool ok);
    Operation(FollowStream& stream, Handler handler) : stream_(stream), handler_(handler) {}
    // The tag for an operation that starts now; null when the queue is closed.
    void* Begin();
    bool in_flight() const { return keep_alive_ != nullptr; }
    void Complete(bool ok) override;

   private:
    FollowStream& stream_;
    const Handler handler_;
    std::shared_ptr<FollowStream> keep_alive_;
  };

  FollowStream(Host& host, v1::ChangeService::AsyncService& service, rpc::CompletionQueue& queue)
      : host_(host), service_(service), queue_(queue) {}

  void OnAccepted(bool ok);
  void OnRead(bool ok);
  void OnWritten(bool ok);
  void OnFinished(bool ok);
  void Read();
  void FinishWhenIdle();
  void Close();

  Host& host_;
  v1::ChangeService::AsyncService& service_;
  rpc::CompletionQueue& queue_;
  grpc::ServerContext context_;
  grpc::ServerAsyncReaderWriter<v1::FollowResponse, v1::FollowRequest> stream_{&context_};
  v1::FollowRequest request_;
  grpc::Status status_;
  absl::Time sending_since_;
  bool ended_ = false;
  bool finishing_ = false;
  bool closed_ = false;
  Operation accept_{*this, &FollowStream::OnAccepted};
  Operation read_{*this, &FollowStream::OnRead};
  Operation write_{*this, &FollowStream::OnWritten};
  Operation finish_{*this, &FollowStream::OnFinished};
};

}  // namespace broadsheet::change

#endif  // BROADSHEET_LIBS_CHANGE_FOLLOW_STREAM_H_
