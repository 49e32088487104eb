#ifndef BROADSHEET_SERVICES_GATEWAY_RENDERER_TEMPLATE_EXPANDER_H_
#define BROADSHEET_SERVICES_GATEWAY_RENDERER_TEMPLATE_EXPANDER_H_

#include <string>

#include "services/gateway/renderer/values.h"

namespace broadsheet::gateway {

// What a renderer has its templates filled by. Thread-safe.
class TemplateExpander {
 public:
  virtual ~TemplateExpander() = default;

  // The template `file` (a name within the folder) filled with `values`; `shared` are known in every included
  // file too.
  virtual std::string Expand(const std::string& file, const Values& values, const Values& shared) const = 0;
};

}  // namespace broadsheet::gateway

#endif  // BROADSHEET_SERVICES_GATEWAY_RENDERER_TEMPLATE_EXPANDER_H_
