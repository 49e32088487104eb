#ifndef BROADSHEET_SERVICES_GATEWAY_RENDERER_TEMPLATE_CONTEXTS_H_
#define BROADSHEET_SERVICES_GATEWAY_RENDERER_TEMPLATE_CONTEXTS_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace broadsheet::gateway {

// The engine reads a template straight through, as if every section were shown once, and escapes each value
// for the place that it has then. This follows a template, which has passed CheckTemplate and which the
// engine has taken, with each section shown never, once, and again until that leads nowhere new, and wants
// the engine to escape every value alike on all these ways, as far as template_normal_form knows it.
// INVALID_ARGUMENT "FILE:LINE: reason" with the line of the section that makes the difference: one with an
// end of a quote, tag, comment or script, say, whose beginning stands outside. Stricter than it need be:
// refused is also what leads to many ways (64), and what is too intricate to be told (a section in the middle
// of a script's pattern). Takes a time that grows with the text.
absl::Status CheckContexts(absl::string_view file, absl::string_view text);

}  // namespace broadsheet::gateway

#endif  // BROADSHEET_SERVICES_GATEWAY_RENDERER_TEMPLATE_CONTEXTS_H_
