#ifndef BROADSHEET_TESTS_HISTORIES_NEWSROOM_H_
#define BROADSHEET_TESTS_HISTORIES_NEWSROOM_H_

#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/clock.h"
#include "broadsheet/article/v1/article_service.grpc.pb.h"
#include "broadsheet/article/v1/editorial_service.grpc.pb.h"
#include "broadsheet/change/v1/change_service.grpc.pb.h"
#include "libs/rpc/status.h"
#include "tests/histories/recorder.h"

// What the clients share: where the service is, and what they know of the stories.
namespace broadsheet::histories {

namespace v1 = article::v1;

struct Replica {
  Replica(int number, const std::string& address);
  const int number;
  const std::unique_ptr<v1::EditorialService::Stub> editing;
  const std::unique_ptr<v1::ArticleService::Stub> reading;
  const std::unique_ptr<change::v1::ChangeService::Stub> changes;
};

// A place that one story after the other takes: each lives until it has many revisions, and is canceled then.
// What is known of it may be outdated.
struct Slot {
  std::string article_id;
  std::int64_t revision = 0;  // 0: not created, as far as is known
  std::vector<std::string> paths;
  bool retired = false;
};

class Newsroom {
 public:
  struct Options {
    std::vector<std::string> replicas;  // gRPC addresses
    int slots = 12;
    int revisions_of_a_story = 150;
  };
  Newsroom(const Options& options, Recorder& recorder);

  Recorder& recorder() { return recorder_; }
  const std::deque<Replica>& replicas() const { return replicas_; }
  const Replica& AnyReplica(std::mt19937_64& random) const { return replicas_[random() % replicas_.size()]; }

  // Two sections for the stories, made if need be. Gives up after half a minute.
  absl::Status SetUp();
  static std::string SectionOf(int number);

  int slots() const { return options_.slots; }
  // Readers and writers prefer the first ones.
  int AnySlot(std::mt19937_64& random) const;
  Slot Look(int slot) const;
  // A retired story is replaced by a new one.
  Slot LookForWriting(int slot);
  void Learn(int slot, const Slot& known);
  void LearnPosition(std::int64_t position);
  std::int64_t newest_position() const { return newest_position_.load(); }
  // Every story that was ever begun.
  std::vector<std::string> stories() const;

  void Stop() { stopping_ = true; }
  bool stopping() const { return stopping_; }
  int revisions_of_a_story() const { return options_.revisions_of_a_story; }

 private:
  const Options options_;
  Recorder& recorder_;
  std::deque<Replica> replicas_;
  mutable std::mutex mutex_;
  std::vector<Slot> slots_;
  std::vector<std::string> stories_;
  std::atomic<std::int64_t> newest_position_{0};
  std::atomic<bool> stopping_{false};
};

// One attempt, bounded in time.
template <class Stub, class Request, class Response>
absl::StatusOr<Response> Call(Stub& stub,
                              grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                              const Request& request, absl::Duration patience = absl::Seconds(3)) {
  grpc::ClientContext context;
  context.set_deadline(absl::ToChronoTime(absl::Now() + patience));
  Response response;
  const absl::Status status = rpc::FromGrpc((stub.*method)(&context, request, &response));
  if (!status.ok()) return status;
  return response;
}

// Whether the status leaves open what was done, or says that nobody could be asked.
bool LeavesOpen(const absl::Status& status);

}  // namespace broadsheet::histories

#endif  // BROADSHEET_TESTS_HISTORIES_NEWSROOM_H_
