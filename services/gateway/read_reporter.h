#ifndef BROADSHEET_SERVICES_GATEWAY_READ_REPORTER_H_
#define BROADSHEET_SERVICES_GATEWAY_READ_REPORTER_H_

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <random>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "broadsheet/recommendation/v1/recommendation_service.pb.h"
#include "libs/rpc/completion_queues.h"
#include "libs/rpc/task.h"
#include "libs/telemetry/log.h"
#include "libs/telemetry/metrics.h"
#include "services/gateway/backends.h"

namespace broadsheet::gateway {

struct ReadReporterOptions {
  std::uint32_t one_in = 1;  // of so many reads one is reported, with that weight; from 1 to 10,000 it counts
  std::size_t max_waiting = 10'000;            // reads beyond are dropped
  std::size_t max_batch = 1'000;               // 1 to 1,000, what the contract allows
  absl::Duration interval = absl::Seconds(1);  // between two reports
};

// Tells recommendation what is read: sampled, in batches, never in anybody's way. What cannot be delivered is
// dropped and counted. Thread-safe; must outlive the queues' work.
class ReadReporter {
 public:
  ReadReporter(Backends& backends, rpc::CompletionQueues& queues, ReadReporterOptions options);

  // Does not wait, nor fail. `previous_article_id` may be empty.
  void Add(std::string article_id, std::string previous_article_id);
  // For reads that are not to be reported.
  void CountIgnored() { ignored_.Increment(); }
  // For those of which nobody looked up whether they are, because too many were being looked up.
  void CountNotLookedUp() { not_looked_up_.Increment(); }

 private:
  using Read = recommendation::v1::RecordReadsRequest::Read;

  rpc::Task<void> Report();
  std::vector<Read> TakeBatch();

  Backends& backends_;
  rpc::CompletionQueues& queues_;
  const ReadReporterOptions options_;
  telemetry::Counter reported_, ignored_, not_looked_up_, sampled_out_, overflowed_, undelivered_;
  telemetry::LimitedLog log_;

  std::mutex mutex_;
  std::minstd_rand random_;    // guarded by mutex_
  std::vector<Read> waiting_;  // guarded by mutex_
  bool reporting_ = false;     // guarded by mutex_
};

}  // namespace broadsheet::gateway

#endif  // BROADSHEET_SERVICES_GATEWAY_READ_REPORTER_H_
