#ifndef BROADSHEET_SERVICES_GATEWAY_RENDERER_VALUES_H_
#define BROADSHEET_SERVICES_GATEWAY_RENDERER_VALUES_H_

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"

namespace broadsheet::gateway {

// Markup that is known to be safe: it was made by this folder's writers, which escape all they are given.
struct Markup {
  std::string html;
};

// What a template is filled with. Names are upper case and, as the template's author sees them: NAME is
// escaped for the place it stands in; NAME_HTML and NAME_JSON are markup and JSON, written as they are;
// {{#NAME}}…{{/NAME}} appears once per entry added; {{>NAME}} is another file. Inside a section the names
// around it are known too, inside a file only those given to it and the shared ones.
class Values {
 public:
  // Text for NAME. Cleaned of what neither HTML nor XML can carry.
  Values& Set(absl::string_view name, absl::string_view text);
  // Text for NAME within a section NAME, so that its surroundings vanish with it; nothing if it is empty.
  Values& SetIfAny(absl::string_view name, absl::string_view text);
  // Markup for a NAME that ends in _HTML, or JSON for one that ends in _JSON.
  Values& Set(absl::string_view name, Markup markup);
  // Shows section NAME once more, with values of its own. The reference stays valid as long as this object.
  Values& Add(absl::string_view name);
  // Shows section NAME if `shown`.
  Values& Show(absl::string_view name, bool shown);
  // Puts the template `file`, filled with `values`, where {{>NAME}} stands.
  Values& Include(absl::string_view name, absl::string_view file, Values values);

  Values() = default;
  Values(Values&&) = default;
  Values& operator=(Values&&) = default;

  struct Child {
    std::string name;
    std::string file;  // empty: a section
    std::unique_ptr<Values> values;
  };
  const std::vector<std::pair<std::string, std::string>>& texts() const { return texts_; }
  const std::vector<Child>& children() const { return children_; }

 private:
  std::vector<std::pair<std::string, std::string>> texts_;
  std::vector<Child> children_;
};

}  // namespace broadsheet::gateway

#endif  // BROADSHEET_SERVICES_GATEWAY_RENDERER_VALUES_H_
