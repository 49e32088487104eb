#ifndef BROADSHEET_SERVICES_GATEWAY_RENDERER_TEMPLATE_CHECK_H_
#define BROADSHEET_SERVICES_GATEWAY_RENDERER_TEMPLATE_CHECK_H_

#include <cstddef>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "services/gateway/renderer/template_names.h"

namespace broadsheet::gateway {

// Checks the text of one template before the engine sees it, because the engine reports faults to stderr
// only, without a line. INVALID_ARGUMENT "FILE:LINE: reason" for a missing AUTOESCAPE line (HTML for .html,
// XML for .xml), a mark that is not closed, sections that do not match, a value as the name of an element, or
// `:none` on a name that ends in neither _HTML nor _JSON; for teaser.html also if a teaser
// could not be found in a finished page (see mentions.h), for article.html if it has no place for moments
// or cannot be told from a list (kStoryPage in mentions.h),
// for page.html if it has none for the main part and the notice or its <html> cannot be labelled, and for
// more than kMaxTemplateBytes or kMaxNesting. Pure.
absl::Status CheckTemplate(absl::string_view file, absl::string_view text);

// INVALID_ARGUMENT "FILE:LINE: reason", a line for each name of a template, which has passed the check, that
// is not among `known` where it stands: a section of that name vanishes, a value is empty. What stands in
// such a section is not looked at. Of more than TemplateFaults::kMost names the first. Pure.
absl::Status CheckNames(absl::string_view file, absl::string_view text, const KnownMarks& known);

// The engine reads and expands nested sections by recursion.
inline constexpr std::size_t kMaxNesting = 32;
inline constexpr std::size_t kMaxTemplateBytes = 1024 * 1024;

// The first `size` bytes of a template that has passed the check, as a template of its own: without a mark
// that would be cut in two, and with an end for each section that would have none.
std::string BeginningOfTemplate(absl::string_view text, std::size_t size);

}  // namespace broadsheet::gateway

#endif  // BROADSHEET_SERVICES_GATEWAY_RENDERER_TEMPLATE_CHECK_H_
