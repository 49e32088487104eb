#ifndef BROADSHEET_SERVICES_GATEWAY_RENDERER_TEMPLATE_NAMES_H_
#define BROADSHEET_SERVICES_GATEWAY_RENDERER_TEMPLATE_NAMES_H_

#include <map>
#include <set>
#include <string>

#include "absl/strings/string_view.h"
#include "services/gateway/renderer/template_expander.h"
#include "services/gateway/renderer/values.h"

namespace broadsheet::gateway {

// What may stand between braces in one template, each with the sections around it: "HEADLINE", "#LIVE",
// "LIVE/#ENDED", "LIVE/ENDED/TIME_PRINTED", "RELATED/>TEASER".
using KnownMarks = std::set<std::string>;

// The marks that something is set for, by the template's name.
using TemplateNames = std::map<std::string, KnownMarks>;

// Fills no template, but learns what it would be filled with: rendering with it tells which names the program
// sets where, in the words of the very code that sets them. For one thread.
class NameRecorder final : public TemplateExpander {
 public:
  // The least that Renderer::LabelStale takes for a page.
  std::string Expand(const std::string& file, const Values& values, const Values& shared) const override;

  // So far. What was shared by one page is known in every file that is given what pages share.
  TemplateNames names() const;

 private:
  void LearnFile(const std::string& file, const Values& values, bool shares) const;
  void LearnMarks(const Values& values, const std::string& scope, bool shares, KnownMarks& marks) const;

  mutable TemplateNames own_;
  mutable KnownMarks shared_;
  mutable std::set<std::string> sharing_;  // files
};

// The names that are set in pages of every kind and with every part. Files that are not among them are no
// templates of this program's.
const TemplateNames& KnownTemplateNames();

}  // namespace broadsheet::gateway

#endif  // BROADSHEET_SERVICES_GATEWAY_RENDERER_TEMPLATE_NAMES_H_
