#include "services/gateway/renderer/template_names.h"

#include <memory>

#include "absl/strings/str_cat.h"
#include "services/gateway/renderer/renderer.h"
#include "services/gateway/renderer/trial_models.h"
#include "services/gateway/renderer/trial_pages.h"

namespace broadsheet::gateway {

// `scope` are the sections around, each with a slash after it.
void NameRecorder::LearnMarks(const Values& values, const std::string& scope, bool shares,
                              KnownMarks& marks) const {
  for (const auto& [name, text] : values.texts()) marks.insert(absl::StrCat(scope, name));
  for (const Values::Child& child : values.children()) {
    const bool section = child.file.empty();
    marks.insert(absl::StrCat(scope, section ? "#" : ">", child.name));
    if (section) {
      LearnMarks(*child.values, absl::StrCat(scope, child.name, "/"), shares, marks);
    } else {
      LearnFile(child.file, *child.values, shares);
    }
  }
}

void NameRecorder::LearnFile(const std::string& file, const Values& values, bool shares) const {
  if (shares) sharing_.insert(file);
  LearnMarks(values, "", shares, own_[file]);
}

std::string NameRecorder::Expand(const std::string& file, const Values& values, const Values& shared) const {
  LearnMarks(shared, "", false, shared_);
  LearnFile(file, values, !shared.texts().empty());
  return "<html ><!--notice-->";
}

TemplateNames NameRecorder::names() const {
  TemplateNames names = own_;
  for (const std::string& file : sharing_) names[file].insert(shared_.begin(), shared_.end());
  return names;
}

const TemplateNames& KnownTemplateNames() {
  static const TemplateNames& known = *new TemplateNames([] {
    const auto recorder = std::make_shared<NameRecorder>();
    RenderTrialPages(*Renderer::Over(recorder, TrialSite()));
    return recorder->names();
  }());
  return known;
}

}  // namespace broadsheet::gateway
