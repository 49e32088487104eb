#ifndef BROADSHEET_SERVICES_GATEWAY_RENDERER_TEMPLATE_FAULTS_H_
#define BROADSHEET_SERVICES_GATEWAY_RENDERER_TEMPLATE_FAULTS_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace broadsheet::gateway {

// What is wrong with a folder of templates, so that a newsroom need not mend one fault to be told of the
// next. A status that tells of several has a line for each in its message; so has what this makes of them.
class TemplateFaults {
 public:
  static constexpr std::size_t kMost = 20;

  // Nothing if the status is OK. A line that is there already, and what is beyond kMost, is left out.
  void Add(const absl::Status& status);

  bool empty() const { return lines_.empty(); }
  bool full() const { return more_; }

  // OK if there is none; otherwise of the code of the first. A last line says so if there were more than
  // kMost.
  absl::Status status() const;

 private:
  absl::StatusCode code_ = absl::StatusCode::kOk;
  std::vector<std::string> lines_;
  bool more_ = false;
};

// Where in the text that is: 1 for the first line.
std::ptrdiff_t LineAt(absl::string_view text, std::size_t at);

}  // namespace broadsheet::gateway

#endif  // BROADSHEET_SERVICES_GATEWAY_RENDERER_TEMPLATE_FAULTS_H_
