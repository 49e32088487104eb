#include "services/gateway/renderer/values.h"

#include "services/gateway/renderer/text.h"

namespace broadsheet::gateway {

Values& Values::Set(absl::string_view name, absl::string_view text) {
  texts_.emplace_back(name, CleanText(text));
  return *this;
}

Values& Values::SetIfAny(absl::string_view name, absl::string_view text) {
  if (!text.empty()) Add(name).Set(name, text);
  return *this;
}

Values& Values::Set(absl::string_view name, Markup markup) {
  texts_.emplace_back(name, std::move(markup.html));
  return *this;
}

Values& Values::Add(absl::string_view name) { return Include(name, "", {}); }

Values& Values::Show(absl::string_view name, bool shown) {
  if (shown) Add(name);
  return *this;
}

Values& Values::Include(absl::string_view name, absl::string_view file, Values values) {
  children_.push_back({std::string(name), std::string(file), std::make_unique<Values>(std::move(values))});
  return *children_.back().values;
}

}  // namespace broadsheet::gateway
