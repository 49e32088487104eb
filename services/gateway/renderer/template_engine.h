#ifndef BROADSHEET_SERVICES_GATEWAY_RENDERER_TEMPLATE_ENGINE_H_
#define BROADSHEET_SERVICES_GATEWAY_RENDERER_TEMPLATE_ENGINE_H_

#include <map>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "services/gateway/renderer/template_expander.h"
#include "services/gateway/renderer/template_names.h"
#include "services/gateway/renderer/values.h"

namespace broadsheet::gateway {

// A folder of templates that escape every value for the place it stands in. Thread-safe once loaded. With
// template_contexts the only place that knows ctemplate.
class TemplateEngine final : public TemplateExpander {
 public:
  // Reads and checks every .html and .xml file in `directory`. NOT_FOUND when the directory or one of the
  // files in `known` is missing, INVALID_ARGUMENT with file, line and reason for a template that is not
  // sound: one without an AUTOESCAPE line, with an unknown or unbalanced mark, with the escaping switched off
  // for a name that does not promise markup, in a file of `known` with a name that is not known there, or
  // with a value that has to be escaped in another way when a section is left out (CheckContexts). The
  // message has a line for each fault (TemplateFaults): of every file, and of one all unknown names.
  static absl::StatusOr<std::unique_ptr<TemplateEngine>> Load(absl::string_view directory,
                                                              const TemplateNames& known);
  ~TemplateEngine() override;

  // Every file's text, by its name.
  const std::map<std::string, std::string>& texts() const { return texts_; }

  std::string Expand(const std::string& file, const Values& values, const Values& shared) const override;

 private:
  struct Cache;
  TemplateEngine();

  // One file of the folder.
  absl::Status LoadFile(const std::string& root, const std::string& name, const TemplateNames& known);

  std::unique_ptr<Cache> cache_;
  std::map<std::string, std::string> texts_;
};

}  // namespace broadsheet::gateway

#endif  // BROADSHEET_SERVICES_GATEWAY_RENDERER_TEMPLATE_ENGINE_H_
