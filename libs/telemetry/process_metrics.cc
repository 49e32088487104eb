#include "libs/telemetry/process_metrics.h"

#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <string>

#include "libs/telemetry/log.h"

namespace broadsheet::telemetry {
namespace {

prometheus::MetricFamily Family(std::string name, std::string help, prometheus::MetricType type,
                                double value) {
  prometheus::MetricFamily family;
  family.name = std::move(name);
  family.help = std::move(help);
  family.type = type;
  prometheus::ClientMetric metric;
  metric.gauge.value = value;
  metric.counter.value = value;
  family.metric.push_back(std::move(metric));
  return family;
}

// Seconds since the epoch at which this process started, as the kernel counts them.
std::optional<double> StartTime() {
  std::ifstream stat("/proc/self/stat");
  std::string text((std::istreambuf_iterator<char>(stat)), std::istreambuf_iterator<char>());
  const std::size_t after_name = text.rfind(')');  // the name may hold anything, also spaces and parentheses
  if (after_name == std::string::npos) return std::nullopt;
  std::istringstream fields(text.substr(after_name + 1));
  std::string skipped;
  for (int i = 3; i < 22; ++i) fields >> skipped;
  double start_ticks = 0;
  if (!(fields >> start_ticks)) return std::nullopt;
  std::ifstream system("/proc/stat");
  for (std::string key; system >> key;) {
    if (key == "btime") {
      double boot_time = 0;
      if (!(system >> boot_time)) return std::nullopt;
      return boot_time + start_ticks / static_cast<double>(sysconf(_SC_CLK_TCK));
    }
    std::getline(system, skipped);
  }
  return std::nullopt;
}

std::optional<double> ResidentBytes() {
  std::ifstream statm("/proc/self/statm");
  double total = 0;
  double resident = 0;
  if (!(statm >> total >> resident)) return std::nullopt;
  return resident * static_cast<double>(sysconf(_SC_PAGESIZE));
}

std::optional<double> OpenFiles() {
  std::error_code error;
  std::filesystem::directory_iterator entries("/proc/self/fd", error);
  if (error) return std::nullopt;
  double count = -1;  // one of them is the listing's own
  for (const std::filesystem::directory_iterator end; entries != end; entries.increment(error)) ++count;
  return count;
}

std::optional<double> CpuSeconds() {
  rusage usage;
  if (getrusage(RUSAGE_SELF, &usage) != 0) return std::nullopt;
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

}  // namespace

std::vector<prometheus::MetricFamily> ProcessMetrics() {
  using prometheus::MetricType;
  static const std::optional<double> kStartTime = StartTime();
  std::vector<prometheus::MetricFamily> families;
  const auto add = [&](const char* name, const char* help, MetricType type, std::optional<double> value) {
    if (value) families.push_back(Family(name, help, type, *value));
  };
  add("process_start_time_seconds", "When the process started, in seconds since the epoch.",
      MetricType::Gauge, kStartTime);
  add("process_resident_memory_bytes", "Memory of the process that is in RAM.", MetricType::Gauge,
      ResidentBytes());
  add("process_open_fds", "Open file descriptors.", MetricType::Gauge, OpenFiles());
  add("process_cpu_seconds_total", "CPU time of the process, user and system.", MetricType::Counter,
      CpuSeconds());
  add("broadsheet_log_lines_lost_total", "Log lines that could not be written.", MetricType::Counter,
      static_cast<double>(LostLogLines()));
  return families;
}

}  // namespace broadsheet::telemetry
