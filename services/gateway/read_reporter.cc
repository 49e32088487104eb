#include "services/gateway/read_reporter.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"

namespace broadsheet::gateway {
namespace {

telemetry::Counter Reads(std::string_view outcome) {
  return {"broadsheet_gateway_reads_total",
          "Reads that pages told of, by what became of them.",
          {{"outcome", std::string(outcome)}}};
}

std::string FreshRequestId() {
  std::random_device random;
  return absl::StrCat("reads-", absl::Hex(random(), absl::kZeroPad8), absl::Hex(random(), absl::kZeroPad8),
                      absl::Hex(random(), absl::kZeroPad8));
}

ReadReporterOptions Bounded(ReadReporterOptions options) {
  options.one_in = std::clamp(options.one_in, 1U, 10'000U);
  return options;
}

}  // namespace

ReadReporter::ReadReporter(Backends& backends, rpc::CompletionQueues& queues, ReadReporterOptions options)
    : backends_(backends),
      queues_(queues),
      options_(Bounded(options)),
      reported_(Reads("reported")),
      ignored_(Reads("ignored")),
      not_looked_up_(Reads("not_looked_up")),
      sampled_out_(Reads("sampled_out")),
      overflowed_(Reads("overflowed")),
      undelivered_(Reads("undelivered")),
      random_(std::random_device{}()) {}

void ReadReporter::Add(std::string article_id, std::string previous_article_id) {
  Read read;
  read.set_article_id(std::move(article_id));
  read.set_previous_article_id(std::move(previous_article_id));
  read.set_weight(static_cast<int>(options_.one_in));
  {
    std::lock_guard lock(mutex_);
    if (options_.one_in > 1 && random_() % options_.one_in != 0) return sampled_out_.Increment();
    if (waiting_.size() >= options_.max_waiting) return overflowed_.Increment();
    waiting_.push_back(std::move(read));
    if (std::exchange(reporting_, true)) return;
  }
  rpc::Detach(Report());
}

// Until nothing waits any more.
rpc::Task<void> ReadReporter::Report() {
  for (bool full = false;;) {
    auto pause = queues_.Sleep(full ? absl::ZeroDuration() : options_.interval);
    co_await pause;
    std::vector<Read> batch = TakeBatch();
    if (batch.empty()) co_return;
    full = batch.size() == options_.max_batch;
    const double reads = static_cast<double>(batch.size());
    auto call = backends_.RecordReads({.context = rpc::Context(absl::Seconds(5))}, FreshRequestId(),
                                      std::move(batch));
    const absl::StatusOr<recommendation::v1::RecordReadsResponse> response = co_await call;
    if (response.ok()) {
      reported_.Increment(reads);
      continue;
    }
    undelivered_.Increment(reads);
    log_.Log("undelivered", telemetry::Severity::kWarning, "reads could not be reported and are dropped",
             {{"reads", reads}, {"reason", response.status().message()}});
  }
}

std::vector<ReadReporter::Read> ReadReporter::TakeBatch() {
  std::lock_guard lock(mutex_);
  const auto end =
      waiting_.begin() + static_cast<std::ptrdiff_t>(std::min(options_.max_batch, waiting_.size()));
  std::vector<Read> batch(std::make_move_iterator(waiting_.begin()), std::make_move_iterator(end));
  waiting_.erase(waiting_.begin(), end);
  reporting_ = !batch.empty();
  return batch;
}

}  // namespace broadsheet::gateway
