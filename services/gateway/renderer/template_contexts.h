#ifndef BROADSHEET_SERVICES_GATEWAY_RENDERER_TEMPLATE_CONTEXTS_H_
#define BROADSHEET_SERVICES_GATEWAY_RENDERER_TEMPLATE_CONTEXTS_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace broadsheet::gateway {

// The engine reads a template straight through, as if every section were shown once, and escapes each value
// for the place that it has then. This follows a template, which has passed CheckTemplate and which the
// engine has taken, with each section shown never, once and twice, and wants every value in the same kind of
// place on all these ways. INVALID_ARGUMENT "FILE:LINE: reason" with the line of the section that makes the
// difference: one with an end of a quote, tag, comment or script, say, whose beginning stands outside. Takes
// a time that grows with the text, but for tags and scripts, which are refused if they are too long for the
// sections in them.
absl::Status CheckContexts(absl::string_view file, absl::string_view text);

}  // namespace broadsheet::gateway

#endif  // BROADSHEET_SERVICES_GATEWAY_RENDERER_TEMPLATE_CONTEXTS_H_
