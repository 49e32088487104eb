#ifndef BROADSHEET_LIBS_TELEMETRY_PROCESS_METRICS_H_
#define BROADSHEET_LIBS_TELEMETRY_PROCESS_METRICS_H_

#include <prometheus/metric_family.h>

#include <vector>

namespace broadsheet::telemetry {

// What every Prometheus client library reports about its process, read from /proc now; a value that cannot be
// read is left out. For this library's own use: it shows Prometheus types.
std::vector<prometheus::MetricFamily> ProcessMetrics();

}  // namespace broadsheet::telemetry

#endif  // BROADSHEET_LIBS_TELEMETRY_PROCESS_METRICS_H_
