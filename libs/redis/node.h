#ifndef BROADSHEET_LIBS_REDIS_NODE_H_
#define BROADSHEET_LIBS_REDIS_NODE_H_

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/redis/address.h"
#include "libs/redis/backoff.h"
#include "libs/redis/client.h"
#include "libs/redis/client_status.h"
#include "libs/redis/connection.h"
#include "libs/redis/event_loop.h"
#include "libs/redis/operation.h"
#include "libs/redis/resolver.h"
#include "libs/redis/retired.h"

namespace broadsheet::redis {

// What the nodes of a client share; it outlives them.
struct Surroundings {
  EventLoop& loop;
  Resolver& resolver;
  const ClientOptions& options;
  ClientStatus& status;
};

// One Redis server: pipelined over one connection, which is also the breaker, and found again by itself when
// it was away. Everything happens on the loop's thread.
class Node {
 public:
  enum class Role {
    kAny,
    kMaster,    // one that does not say that it is a master is not available
    kSentinel,  // has a password of its own
  };
  using Done = std::function<void(absl::StatusOr<Reply>)>;

  // Begins to connect. `changed` is called when the node has become available, and when an attempt or a
  // connection has been given up; it must not destroy the node, but may close it.
  Node(const Surroundings& around, Address address, Role role, std::function<void()> changed);
  // Ends what is under way with UNAVAILABLE.
  ~Node();
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;

  const Address& address() const { return address_; }
  bool available() const { return state_ == State::kAvailable; }

  struct Request {
    Time deadline;
    std::shared_ptr<void> place;  // kept until Redis has answered or the connection is given up
    bool asking = false;          // as the owner to be of a slot on its way to this node
  };
  // Calls `done` once, by the deadline; at once if the node is not available. UNAVAILABLE, DEADLINE_EXCEEDED,
  // or FAILED_PRECONDITION with what Redis answered.
  void Send(const std::vector<std::string>& command, Request request, Done done);

  // The connection is of no use; a new one will be made.
  void GiveUp(const std::string& reason);

  // Makes no connection any more and calls `changed` no more: it is about to be destroyed.
  void Close() { state_ = State::kClosed; }

 private:
  enum class State { kWaiting, kConnecting, kAvailable, kClosed };
  struct Sent;
  using SentPtr = std::shared_ptr<Sent>;

  void Connect();
  void Open(const Address& address);
  void Greet();
  void OnGreeting(const absl::StatusOr<Reply>& reply);
  void OnTimer();
  void CheckIdle();
  std::vector<std::string> Probe() const;
  absl::Status CheckProbe(const absl::StatusOr<Reply>& reply) const;

  void ExpireOverdue();
  void SetDeadlineTimer();
  void NoteOutcome(const absl::Status& status);

  const Surroundings around_;
  const Address address_;
  const Role role_;
  const std::function<void()> changed_;
  const std::shared_ptr<const bool> alive_ = std::make_shared<const bool>(true);

  State state_ = State::kWaiting;
  std::uint64_t attempt_ = 0;  // tells answers of an earlier connection from those of this one
  std::unique_ptr<Connection> connection_;
  Retired<Connection> ended_;
  std::multimap<Time, SentPtr> deadlines_;
  bool checking_ = false;  // an idle check is under way
  int failures_in_a_row_ = 0;
  Backoff backoff_;
  EventLoop::Timer deadline_timer_;
  EventLoop::Timer connect_timer_;  // to give up waiting for an answer, or to connect again
  EventLoop::Timer idle_timer_;
};

}  // namespace broadsheet::redis

#endif  // BROADSHEET_LIBS_REDIS_NODE_H_
