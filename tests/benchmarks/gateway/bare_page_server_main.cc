// The least that a server of gRPC can do to answer a call with bytes that it has: takes the request off the
// wire, does not look at it, and returns the same buffer every time.
#include <atomic>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/flags/flag.h"
#include "grpcpp/generic/async_generic_service.h"
#include "grpcpp/security/server_credentials.h"
#include "grpcpp/server.h"
#include "grpcpp/server_builder.h"
#include "libs/rpc/process.h"

ABSL_FLAG(std::string, response, "", "File with the bytes to answer with.");
ABSL_FLAG(int, threads, 1, "Threads, each with a completion queue.");
ABSL_FLAG(std::string, port_file, "", "File to write the port to.");

namespace {

constexpr int kCallsWaitedForAQueue = 64;

// One call, and after it the next.
class Call {
 public:
  Call(grpc::AsyncGenericService& service, grpc::ServerCompletionQueue& queue, const grpc::ByteBuffer& answer)
      : service_(service), queue_(queue), answer_(answer) {
    Await();
  }

  // An event of the call; `ok` as the queue says.
  void Go(bool ok) {
    if (!ok || state_ == State::kFinishing) {
      if (state_ != State::kAwaiting) Await();
      return;
    }
    if (state_ == State::kAwaiting) {
      state_ = State::kReading;
      stream_->Read(&request_, this);
      return;
    }
    state_ = State::kFinishing;
    stream_->WriteAndFinish(answer_, grpc::WriteOptions(), grpc::Status::OK, this);
  }

 private:
  enum class State { kAwaiting, kReading, kFinishing };

  void Await() {
    state_ = State::kAwaiting;
    stream_.reset();
    context_ = std::make_unique<grpc::GenericServerContext>();
    stream_ = std::make_unique<grpc::GenericServerAsyncReaderWriter>(context_.get());
    service_.RequestCall(context_.get(), stream_.get(), &queue_, &queue_, this);
  }

  grpc::AsyncGenericService& service_;
  grpc::ServerCompletionQueue& queue_;
  const grpc::ByteBuffer& answer_;
  State state_ = State::kAwaiting;
  std::unique_ptr<grpc::GenericServerContext> context_;
  std::unique_ptr<grpc::GenericServerAsyncReaderWriter> stream_;
  grpc::ByteBuffer request_;
};

}  // namespace

int main(int argc, char** argv) {
  broadsheet::rpc::Process process(argc, argv, "Answers every call with the same bytes.");
  std::ifstream file(absl::GetFlag(FLAGS_response), std::ios::binary);
  const std::string bytes((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  if (bytes.empty()) return process.Fail(absl::InvalidArgumentError("--response cannot be read"));
  const grpc::Slice slice(bytes);
  const grpc::ByteBuffer answer(&slice, 1);
  grpc::AsyncGenericService service;
  grpc::ServerBuilder builder;
  builder.RegisterAsyncGenericService(&service);
  int port = 0;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
  std::vector<std::unique_ptr<grpc::ServerCompletionQueue>> queues(absl::GetFlag(FLAGS_threads));
  for (auto& queue : queues) queue = builder.AddCompletionQueue();
  const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  if (server == nullptr) return process.Fail(absl::UnavailableError("the server does not start"));
  std::vector<std::unique_ptr<Call>> calls;
  std::vector<std::thread> threads;
  for (const auto& queue : queues) {
    for (int i = 0; i < kCallsWaitedForAQueue; ++i)
      calls.push_back(std::make_unique<Call>(service, *queue, answer));
    threads.emplace_back([&queue = *queue] {
      void* call = nullptr;
      for (bool ok = false; queue.Next(&call, &ok);) static_cast<Call*>(call)->Go(ok);
    });
  }
  const absl::Status written =
      broadsheet::rpc::WritePortFile(absl::GetFlag(FLAGS_port_file), {{"grpc", port}});
  if (!written.ok()) return process.Fail(written);
  process.WaitForShutdown();
  server->Shutdown(std::chrono::system_clock::now());
  for (const auto& queue : queues) queue->Shutdown();
  for (std::thread& thread : threads) thread.join();
  return 0;
}
