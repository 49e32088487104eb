#ifndef BROADSHEET_TESTS_HISTORIES_FOLLOWER_H_
#define BROADSHEET_TESTS_HISTORIES_FOLLOWER_H_

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "tests/histories/newsroom.h"

namespace broadsheet::histories {

// Follows the change log at one replica, as the contract has it and no better: acknowledges what it has
// applied, keeps a lease, comes back where it was when the stream breaks; and records what it got and when it
// held a lease. Of its own, not libs/change, so that a mistake there is seen.
class Follower {
 public:
  // Begins at once.
  Follower(const Replica& replica, Recorder& recorder);
  // Records what is left.
  ~Follower();

  // What it has applied.
  std::int64_t position() const { return position_.load(); }

 private:
  using Request = change::v1::FollowRequest;
  using Response = change::v1::FollowResponse;
  using Call = grpc::ClientReaderWriter<Request, Response>;

  void Loop();
  void FollowOnce();
  void Renew(Call& call, const std::atomic<bool>& over);
  void Apply(const Response& response, Stream& stream);
  bool Acknowledge(Call& call, std::int64_t renewal_sequence);
  // Notes until when the present position was used under a lease.
  void CloseLease(std::int64_t now);

  const Replica& replica_;
  Recorder& recorder_;
  std::string log_id_;
  std::atomic<std::int64_t> position_{0};
  std::atomic<bool> stopping_{false};
  std::mutex mutex_;                               // guards what follows, and the writing side of the stream
  std::map<std::int64_t, std::int64_t> asked_at_;  // renewal -> when
  std::int64_t lease_end_ = 0;
  std::int64_t lease_asked_at_ = 0;
  std::int64_t lease_nanos_ = 0;
  grpc::ClientContext* context_ = nullptr;
  std::thread thread_;
};

}  // namespace broadsheet::histories

#endif  // BROADSHEET_TESTS_HISTORIES_FOLLOWER_H_
