#ifndef BROADSHEET_SERVICES_GATEWAY_RENDERER_TEMPLATE_NORMAL_FORM_H_
#define BROADSHEET_SERVICES_GATEWAY_RENDERER_TEMPLATE_NORMAL_FORM_H_

#include <functional>
#include <string>

#include "absl/strings/string_view.h"

namespace broadsheet::gateway {

// How the engine would escape {{V}} at the end of a text: "V:h". Empty where it takes none.
using AskEngine = std::function<std::string(absl::string_view)>;

// A text that leaves the engine where `text`, which begins outside all tags, leaves it: whatever follows is
// escaped alike after both. So after texts of the same normal form everything is; the converse does not hold:
// of what is not written plainly nothing is left out. For plain markup it is short: "" outside all tags,
// `<a href="x` far into a value, `<script>;` between two statements. `text` has no marks but {{V}} where the
// engine notices a value (SeenByEngine).
std::string NormalForm(absl::string_view text, const AskEngine& ask);

// What the engine reads of a part of a template that comes after `before`: no comment, mark of a section or
// value, but {{V}} for the beginning of a value without quotes.
std::string SeenByEngine(absl::string_view before, absl::string_view part);

// Answers of the engine.
inline constexpr absl::string_view kPlain = "V:h";               // in text, and in most quotes
inline constexpr absl::string_view kUnquoted = "V:H=attribute";  // in a tag, outside quotes
inline constexpr absl::string_view kInString = "V:j";            // in a script
inline constexpr absl::string_view kInScript = "V:J=number";     // in a script, outside strings
inline constexpr absl::string_view kInStyle = "V:c";
// Ends every element without tags, and has the engine answer kUnquoted unless something else goes on.
inline constexpr absl::string_view kEnds = "</style></title></textarea></script><b x=";

}  // namespace broadsheet::gateway

#endif  // BROADSHEET_SERVICES_GATEWAY_RENDERER_TEMPLATE_NORMAL_FORM_H_
