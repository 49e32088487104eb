#ifndef BROADSHEET_TESTS_FAULTS_REPORT_H_
#define BROADSHEET_TESTS_FAULTS_REPORT_H_

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "tests/faults/stalls.h"

namespace broadsheet::faults {

// Counts, latencies and violations of one run. Thread-safe.
class Report {
 public:
  // Adds one to what is counted under `name`, such as "answers http 200 memory".
  void Count(const std::string& name);
  std::int64_t count(const std::string& name) const;

  // Notes a latency under `name`, such as "publish".
  void Took(const std::string& name, absl::Duration latency);

  // Something that must not happen; `kind` such as "old", `faults` what was wrong just then, `detail` enough
  // to find the cause. Every one is counted, the first ten of a kind and fault are kept.
  void Violation(const std::string& kind, const std::string& faults, const std::string& detail);
  // The same if it turns out, in Settle, that between `begin` and `end` article was not silent without having
  // been made to be: what a gateway that is cut off may answer.
  void ViolationUnlessStalled(const std::string& kind, const std::string& faults, const std::string& detail,
                              std::int64_t begin, std::int64_t end);
  // Before this they are counted as violations; those that a stall excuses are counted as such from here on.
  void Settle(const Stalls& stalls, absl::Duration recovery);
  std::int64_t violations() const;

  // {"counts": {…}, "latencies_ms": {name: {"count", "median", "p99", "max"}}, "violations": {"kind, faults":
  // n},
  //  "details": ["old: …"]}
  std::string ToJson() const;

 private:
  struct Doubtful {
    std::string which;
    std::string detail;
    std::int64_t begin;
    std::int64_t end;
  };
  void Add(const std::string& which, const std::string& detail);

  mutable std::mutex mutex_;
  std::map<std::string, std::int64_t> counts_;
  std::map<std::string, std::vector<float>> millis_;
  std::map<std::string, std::int64_t> violations_;
  std::vector<std::string> details_;
  std::vector<Doubtful> doubtful_;  // as many as there are answers while something is wrong
};

}  // namespace broadsheet::faults

#endif  // BROADSHEET_TESTS_FAULTS_REPORT_H_
