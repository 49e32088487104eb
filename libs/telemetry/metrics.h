#ifndef BROADSHEET_LIBS_TELEMETRY_METRICS_H_
#define BROADSHEET_LIBS_TELEMETRY_METRICS_H_

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace prometheus {
class Counter;
class Gauge;
class Histogram;
}  // namespace prometheus

namespace broadsheet::telemetry {

using Labels = std::vector<std::pair<std::string, std::string>>;

// Handles of series in the process's one registry: cheap to copy, thread-safe, valid until the process ends.
// Making a handle takes a lock and looks the series up by name and labels (the same ones give the same
// series), so keep it.
//
// Names and help texts are API: `broadsheet_<service>_<what>_<unit>` (Prometheus conventions; counters end in
// _total). A name used for two types, or an invalid name, ends the process: it is a mistake in the program. A
// name holds at most 1,000 label sets; further ones are counted in one series whose label values are all
// "other".
class Counter {
 public:
  Counter(std::string_view name, std::string_view help, const Labels& labels = {});
  void Increment(double amount = 1);  // amount >= 0
  double Value() const;

 private:
  prometheus::Counter* counter_;
};

class Gauge {
 public:
  Gauge(std::string_view name, std::string_view help, const Labels& labels = {});
  void Set(double value);
  void Increment(double amount = 1);
  void Decrement(double amount = 1);
  double Value() const;

 private:
  prometheus::Gauge* gauge_;
};

// From 100 microseconds to 10 seconds, for latencies in seconds.
const std::vector<double>& LatencyBuckets();

class Histogram {
 public:
  // `buckets`: ascending upper bounds; must be the same for every label set of a name.
  Histogram(std::string_view name, std::string_view help, const Labels& labels = {},
            const std::vector<double>& buckets = LatencyBuckets());
  void Observe(double value);

 private:
  prometheus::Histogram* histogram_;
};

// Everything above plus the process's own metrics (process_start_time_seconds, process_resident_memory_bytes,
// process_open_fds, process_cpu_seconds_total) in Prometheus text format 0.0.4.
std::string MetricsText();

// Publishes broadsheet_build_info{service,version} 1.
void PublishBuildInfo(std::string_view service, std::string_view version);

}  // namespace broadsheet::telemetry

#endif  // BROADSHEET_LIBS_TELEMETRY_METRICS_H_
