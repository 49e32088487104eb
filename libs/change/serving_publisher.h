#ifndef BROADSHEET_LIBS_CHANGE_SERVING_PUBLISHER_H_
#define BROADSHEET_LIBS_CHANGE_SERVING_PUBLISHER_H_

#include <condition_variable>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "libs/change/follow_stream.h"
#include "libs/change/lease_holder.h"
#include "libs/change/publisher.h"
#include "libs/change/recent_changes.h"
#include "libs/telemetry/log.h"
#include "libs/telemetry/metrics.h"

namespace broadsheet::change {

struct PublisherMetrics {
  explicit PublisherMetrics(const std::string& source)
      : followers("broadsheet_change_followers", "Followers with an open stream.", {{"source", source}}),
        acknowledged("broadsheet_change_followers_waited_for_total",
                     "Followers that writes waited for, by outcome.",
                     {{"source", source}, {"outcome", "acknowledged"}}),
        expired("broadsheet_change_followers_waited_for_total",
                "Followers that writes waited for, by outcome.",
                {{"source", source}, {"outcome", "lease_expired"}}),
        dropped("broadsheet_change_followers_dropped_total", "Followers dropped because they were too slow.",
                {{"source", source}}),
        log_failures("broadsheet_change_log_failures_total", "Failed readings of the change log.",
                     {{"source", source}}),
        propagation("broadsheet_change_propagation_seconds", "How long writes waited for their followers.",
                    {{"source", source}}) {}

  telemetry::Gauge followers;
  telemetry::Counter acknowledged;
  telemetry::Counter expired;
  telemetry::Counter dropped;
  telemetry::Counter log_failures;
  telemetry::Histogram propagation;
};

// One follower's stream and where it stands.
struct Following {
  std::shared_ptr<FollowStream> stream;
  std::shared_ptr<LeaseHolder> holder;  // null until `start` has come
  v1::FollowRequest::Start start;
  absl::Time opened = absl::Now();
  bool joined = false;       // `start` has been compared with the log
  bool answered = false;     // the first response has been sent
  bool reading_log = false;  // queued for, or in the hands of, the thread that reads the log
  std::int64_t floor = 0;
  std::int64_t sent = 0;  // position of the last change sent
  std::int64_t acknowledged = 0;
  std::int64_t renewal_wanted = 0;  // sequence of the renewal to be answered; 0 if none
  std::int64_t last_renewal = 0;
};

// The publisher. One mutex guards all that streams, writers and the threads that read the log share; the log
// is never read with it held. publisher.cc is the writers' side, publisher_streams.cc the followers',
// publisher_log.cc the log's.
class ServingPublisher final : public Publisher, private FollowStream::Host {
 public:
  ServingPublisher(const ChangeLog& log, PublisherOptions options, std::int64_t head);
  ~ServingPublisher() override;

  grpc::Service* service() override { return &service_; }
  void Serve(rpc::CompletionQueues& queues) override;
  void Stop() override;

  void Notify(std::int64_t position) override;
  v1::Propagation WaitForFollowers(std::int64_t position) override;
  Settlement WaitForSettlement(std::int64_t position, absl::Duration timeout) override;
  void ReviewLeases() override;
  std::vector<FollowerState> followers() const override;
  std::int64_t head() const override;

 private:
  // FollowStream::Host; all with the mutex held.
  std::mutex& mutex() override { return mutex_; }
  void OnOpened(const std::shared_ptr<FollowStream>& stream) override;
  void OnRequest(FollowStream& stream, const v1::FollowRequest& request) override;
  void OnSent(FollowStream& stream) override;
  void OnClosed(FollowStream& stream) override;

  // With the mutex held.
  void RaiseHead(std::int64_t position);
  std::vector<std::shared_ptr<LeaseHolder>> Holders() const;
  std::int64_t SettledAt(absl::Duration now) const;
  bool MayGrant(absl::Duration now) const;

  void OnStart(Following& following, const v1::FollowRequest::Start& start);
  void OnProgress(Following& following, const v1::FollowRequest::Progress& progress);

  // Sends what there is to send: changes, a lease, the first answer.
  void Advance(Following& following);
  void AdvanceAll();
  void Send(Following& following, v1::FollowResponse message, std::int64_t position);
  void ReadLogFor(Following& following);

  // Reads what has been committed since, for all followers.
  void FollowLog();
  void LookAround();
  // Those that do not read, and those that have not begun in time; returns the former's addresses. `head` as
  // read from the log; 0: it could not be.
  std::vector<std::string> DropSlowFollowers(std::int64_t head);
  // For a log whose old changes were deleted before they were read here: followers as far back start afresh.
  void SkipToFloor(std::unique_lock<std::mutex>& lock);
  // Compares starts with the log, and reads what followers need that is not recent.
  void ServeBacklog();
  void Join(FollowStream& stream, const v1::FollowRequest::Start& start);
  void SendBacklog(FollowStream& stream, std::int64_t after);
  Following* Find(FollowStream& stream);
  // Without the mutex: a log that nobody reads keeps who writes to it.
  void LogFailed(const absl::Status& status);

  const ChangeLog& log_;
  const PublisherOptions options_;
  const std::string log_id_;
  const absl::Duration earlier_leases_until_;
  PublisherMetrics metrics_;
  telemetry::LimitedLog limited_log_;
  v1::ChangeService::AsyncService service_;

  mutable std::mutex mutex_;
  std::condition_variable committed_;     // head_ has risen
  std::condition_variable acknowledged_;  // a follower has acknowledged, or head_ has risen, or stopping
  std::condition_variable backlog_waits_;
  bool stopping_ = false;
  std::int64_t head_;  // newest position known to be committed; recent_ follows it
  RecentChanges recent_;
  std::map<FollowStream*, Following> followings_;
  std::deque<std::shared_ptr<FollowStream>> backlog_;
  std::vector<std::shared_ptr<LeaseHolder>> departed_;  // streams ended, leases not

  std::thread log_follower_;
  std::thread backlog_server_;
};

}  // namespace broadsheet::change

#endif  // BROADSHEET_LIBS_CHANGE_SERVING_PUBLISHER_H_
