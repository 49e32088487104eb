#include "tests/benchmarks/article/load.h"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <fstream>
#include <memory>
#include <mutex>
#include <sstream>
#include <thread>

#include "absl/strings/str_format.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/generic/generic_stub.h"
#include "grpcpp/support/channel_arguments.h"

namespace broadsheet::bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds kCallTimeout(30);

// User and system time of a process so far.
double CpuSeconds(int pid) {
  if (pid == 0) return 0;
  std::ifstream file(absl::StrFormat("/proc/%d/stat", pid));
  std::string text{std::istreambuf_iterator<char>(file), {}};
  std::istringstream fields(text.substr(std::min(text.size(), text.rfind(')') + 1)));
  std::string skipped;
  for (int field = 3; field < 14; ++field) fields >> skipped;
  double user = 0;
  double system = 0;
  fields >> user >> system;
  return (user + system) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

// A connection, used by one thread.
class Caller {
 public:
  Caller(const std::string& address, std::string method) : method_(std::move(method)) {
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
    arguments.SetMaxReceiveMessageSize(-1);
    stub_ = std::make_unique<grpc::GenericStub>(
        grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments));
  }
  ~Caller() {
    queue_.Shutdown();
    void* tag = nullptr;
    bool ok = false;
    while (queue_.Next(&tag, &ok)) {
    }
  }

  grpc::Status Call(const grpc::ByteBuffer& request, grpc::ByteBuffer& response) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + kCallTimeout);
    context.set_wait_for_ready(true);
    grpc::Status status;
    auto call = stub_->PrepareUnaryCall(&context, method_, request, &queue_);
    call->StartCall();
    call->Finish(&response, &status, this);
    void* tag = nullptr;
    bool ok = false;
    queue_.Next(&tag, &ok);
    return status;
  }

 private:
  const std::string method_;
  grpc::CompletionQueue queue_;
  std::unique_ptr<grpc::GenericStub> stub_;
};

// What the callers share.
struct Running {
  std::atomic<bool> measuring{false};
  std::atomic<bool> over{false};
  std::mutex mutex;
  LoadResult result;  // under mutex
};

void CallUntilOver(const LoadOptions& options, int number, Running& running) {
  Caller caller(options.address, options.method);
  LoadResult own;
  while (!running.over.load(std::memory_order_relaxed)) {
    const grpc::ByteBuffer request = options.next(number);
    grpc::ByteBuffer response;
    const bool counted = running.measuring.load(std::memory_order_relaxed);
    const Clock::time_point begun = Clock::now();
    const grpc::Status status = caller.Call(request, response);
    const std::chrono::duration<float, std::micro> took = Clock::now() - begun;
    if (!status.ok()) {
      ++own.errors;
      own.last_error = status.error_message();
    } else if (counted) {
      ++own.calls;
      own.answer_bytes += static_cast<std::int64_t>(response.Length());
      own.micros.push_back(took.count());
    }
  }
  const std::lock_guard lock(running.mutex);
  running.result.calls += own.calls;
  running.result.errors += own.errors;
  if (own.errors > 0) running.result.last_error = own.last_error;
  running.result.answer_bytes += own.answer_bytes;
  running.result.micros.insert(running.result.micros.end(), own.micros.begin(), own.micros.end());
}

}  // namespace

grpc::ByteBuffer ToBytes(const google::protobuf::Message& message) {
  const grpc::Slice slice(message.SerializeAsString());
  return {&slice, 1};
}

std::string ToString(const grpc::ByteBuffer& bytes) {
  std::vector<grpc::Slice> slices;
  bytes.Dump(&slices);
  std::string text;
  for (const grpc::Slice& slice : slices)
    text.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  return text;
}

double LoadResult::Percentile(double share) const {
  if (micros.empty()) return 0;
  return micros[std::min(micros.size() - 1,
                         static_cast<std::size_t>(share * static_cast<double>(micros.size())))];
}

std::string LoadResult::Json() const {
  const double count = static_cast<double>(std::max<std::int64_t>(calls, 1));
  return absl::StrFormat(
      R"({"calls": %d, "errors": %d, "error": "%s", "per_second": %.1f, "p50_us": %.1f, "p99_us": %.1f, )"
      R"("cpu_us": %.2f, "bytes": %.0f})",
      calls, errors, last_error, static_cast<double>(calls) / seconds, Percentile(0.5), Percentile(0.99),
      server_cpu_seconds * 1e6 / count, static_cast<double>(answer_bytes) / count);
}

LoadResult RunLoad(const LoadOptions& options) {
  Running running;
  std::vector<std::thread> threads;
  for (int i = 0; i < options.callers; ++i)
    threads.emplace_back([&options, &running, i] { CallUntilOver(options, i, running); });
  std::this_thread::sleep_for(absl::ToChronoMilliseconds(options.warm_up));
  const double cpu = CpuSeconds(options.server_pid);
  const Clock::time_point begun = Clock::now();
  running.measuring = true;
  std::this_thread::sleep_for(absl::ToChronoMilliseconds(options.time));
  running.over = true;
  running.result.server_cpu_seconds = CpuSeconds(options.server_pid) - cpu;
  running.result.seconds = std::chrono::duration<double>(Clock::now() - begun).count();
  for (std::thread& thread : threads) thread.join();
  std::sort(running.result.micros.begin(), running.result.micros.end());
  return std::move(running.result);
}

absl::StatusOr<grpc::ByteBuffer> Call(const std::string& address, const std::string& method,
                                      const grpc::ByteBuffer& request) {
  Caller caller(address, method);
  grpc::ByteBuffer response;
  const grpc::Status status = caller.Call(request, response);
  if (status.ok()) return response;
  return absl::Status(static_cast<absl::StatusCode>(status.error_code()), status.error_message());
}

}  // namespace broadsheet::bench
