#ifndef BROADSHEET_LIBS_RPC_YIELDING_QUEUE_H_
#define BROADSHEET_LIBS_RPC_YIELDING_QUEUE_H_

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <vector>

#include "grpcpp/completion_queue.h"
#include "libs/rpc/completion_queues.h"

namespace broadsheet::rpc {

// A completion queue for one thread that waits for little, in a process whose other threads may have a lot to
// do. gRPC lets every thread that waits take turns at reading the network for all, so one that has nothing to
// do itself costs the others two switches between threads for each call. While `others` are quick this one
// stays away from the network, which they read for it: between two pieces of their own work, once in a
// millisecond, they look for its events and bring them. When they have had little to do, or taken long for
// it, for fifteen milliseconds, it waits as any other thread does.
class YieldingQueue final : private Guest {
 public:
  using NextStatus = grpc::CompletionQueue::NextStatus;

  // A thread that ends an operation at least once in this time, on average, is quick: it takes no longer for
  // one, and reads the network in between. One that makes pages is not: it takes a millisecond for each, and
  // where processors are short it is put aside for several.
  static constexpr std::chrono::microseconds kQuick{250};

  // `others` outlive this; null: it never stays away. `quick`: with a longer time it stays away more often,
  // and its events come later.
  explicit YieldingQueue(CompletionQueues* others, std::chrono::microseconds quick = kQuick);
  ~YieldingQueue();
  YieldingQueue(const YieldingQueue&) = delete;
  YieldingQueue& operator=(const YieldingQueue&) = delete;

  grpc::CompletionQueue& queue() { return queue_; }

  // As grpc::CompletionQueue::AsyncNext; an event may come some milliseconds late. From one thread.
  NextStatus AsyncNext(void** tag, bool* ok, std::chrono::system_clock::time_point deadline);

  // Whether it stays away, as far as it has looked.
  bool yielding() const;

 private:
  using Clock = std::chrono::steady_clock;
  using Time = Clock::time_point;
  struct Brought {
    NextStatus status;
    void* tag;
    bool ok;
  };

  void Look();
  bool AnyIsQuick(Clock::duration elapsed);
  // What the others have brought, waiting for it until `until`.
  NextStatus NextBrought(void** tag, bool* ok, Time until);
  void LookIn() override;

  CompletionQueues* const others_;
  const std::chrono::microseconds quick_;
  grpc::CompletionQueue queue_;
  std::vector<std::uint64_t> events_;  // of each of the others, when it looked last
  Time looked_;
  std::chrono::milliseconds wait_;  // until it looks again, if it does not stay away
  int slow_looks_;                  // in a row

  std::mutex mutex_;
  std::condition_variable changed_;
  bool waiting_ = false;            // guarded by mutex_; only then something is brought
  std::optional<Brought> brought_;  // guarded by mutex_
};

}  // namespace broadsheet::rpc

#endif  // BROADSHEET_LIBS_RPC_YIELDING_QUEUE_H_
