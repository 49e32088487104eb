#include "libs/telemetry/metrics.h"

#include <prometheus/check_names.h>
#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <cstdlib>
#include <exception>
#include <iterator>
#include <map>
#include <mutex>
#include <set>
#include <sstream>

#include "libs/telemetry/log.h"
#include "libs/telemetry/process_metrics.h"

namespace broadsheet::telemetry {
namespace {

using PrometheusLabels = std::map<std::string, std::string>;

constexpr std::size_t kMaxLabelSets = 1'000;

[[noreturn]] void Refuse(std::string_view name, std::string_view reason) {
  Log(Severity::kError, "a metric is declared wrongly", {{"metric", name}, {"reason", reason}});
  std::abort();
}

// The process's registry and the label sets each name has. Never destroyed: handles outlive everything.
class Series {
 public:
  static Series& Instance() {
    static auto* const kInstance = new Series();
    return *kInstance;
  }

  prometheus::Registry& registry() { return registry_; }

  // `labels`, or the set that stands for all others once the name has too many.
  PrometheusLabels Bounded(const std::string& name, const Labels& labels) {
    PrometheusLabels wanted(labels.begin(), labels.end());
    const std::lock_guard lock(mutex_);
    std::set<PrometheusLabels>& known = known_[name];
    if (known.contains(wanted)) return wanted;
    if (known.size() >= kMaxLabelSets) {
      for (auto& [label, value] : wanted) value = "other";
    }
    known.insert(wanted);
    return wanted;
  }

 private:
  prometheus::Registry registry_;
  std::mutex mutex_;
  std::map<std::string, std::set<PrometheusLabels>> known_;
};

template <typename Builder, typename... Arguments>
auto* Add(Builder builder, std::string_view name, std::string_view help, const Labels& labels,
          const Arguments&... arguments) {
  const std::string owned_name(name);
  try {
    Series& series = Series::Instance();
    auto& family = builder.Name(owned_name).Help(std::string(help)).Register(series.registry());
    return &family.Add(series.Bounded(owned_name, labels), arguments...);
  } catch (const std::exception& error) {
    Refuse(name, error.what());
  }
}

}  // namespace

Counter::Counter(std::string_view name, std::string_view help, const Labels& labels)
    : counter_(Add(prometheus::BuildCounter(), name, help, labels)) {}

void Counter::Increment(double amount) { counter_->Increment(amount); }

double Counter::Value() const { return counter_->Value(); }

Gauge::Gauge(std::string_view name, std::string_view help, const Labels& labels)
    : gauge_(Add(prometheus::BuildGauge(), name, help, labels)) {}

void Gauge::Set(double value) { gauge_->Set(value); }

void Gauge::Increment(double amount) { gauge_->Increment(amount); }

void Gauge::Decrement(double amount) { gauge_->Decrement(amount); }

double Gauge::Value() const { return gauge_->Value(); }

const std::vector<double>& LatencyBuckets() {
  static const auto* const kBuckets = new std::vector<double>{
      0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10};
  return *kBuckets;
}

Histogram::Histogram(std::string_view name, std::string_view help, const Labels& labels,
                     const std::vector<double>& buckets)
    : histogram_(Add(prometheus::BuildHistogram(), name, help, labels, buckets)) {}

void Histogram::Observe(double value) { histogram_->Observe(value); }

std::string MetricsText() {
  std::vector<prometheus::MetricFamily> families = Series::Instance().registry().Collect();
  std::vector<prometheus::MetricFamily> process = ProcessMetrics();
  families.insert(families.end(), std::make_move_iterator(process.begin()),
                  std::make_move_iterator(process.end()));
  std::ostringstream text;
  prometheus::TextSerializer().Serialize(text, families);
  return text.str();
}

void PublishBuildInfo(std::string_view service, std::string_view version) {
  Gauge("broadsheet_build_info", "Which build of which service this process runs.",
        {{"service", std::string(service)}, {"version", std::string(version)}})
      .Set(1);
}

}  // namespace broadsheet::telemetry
