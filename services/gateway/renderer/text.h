#ifndef BROADSHEET_SERVICES_GATEWAY_RENDERER_TEXT_H_
#define BROADSHEET_SERVICES_GATEWAY_RENDERER_TEXT_H_

#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

// Text from a model on its way into a page. Pure functions.
namespace broadsheet::gateway {

// `text` as HTML and XML can carry it: bytes that are not UTF-8 become U+FFFD; control characters other than
// newline and tab, and code points that are not characters, are left out.
std::string CleanText(absl::string_view text);

// Cleaned and escaped for element content and for quoted attribute values.
std::string EscapeHtml(absl::string_view text);
// The same, at the end of `html`.
void AppendEscaped(absl::string_view text, std::string& html);

// Whether `offset` of `text` is a character's first byte or the end.
bool IsCharacterBoundary(absl::string_view text, size_t offset);

// Cleaned, on one line, at most about `max_bytes` long, cut at a word with an ellipsis.
std::string Summary(absl::string_view text, size_t max_bytes);

// A BCP 47 tag in letters, digits and hyphens; `fallback` in place of anything else.
std::string LanguageTag(absl::string_view tag, absl::string_view fallback);

// Whether texts under both tags can stand in one element: "en-GB" and "en-US", but not "az" and "az-Arab".
// Empty is "en".
bool SameLanguage(absl::string_view tag, absl::string_view other);

// "rtl" for languages or scripts written right to left, else "ltr".
absl::string_view TextDirection(absl::string_view language_tag);

// Times for machines: "2026-11-20T11:40:00Z", "Fri, 20 Nov 2026 11:40:00 +0000". As printed: see words.h.
std::string MachineTime(absl::Time time);
std::string MailTime(absl::Time time);

}  // namespace broadsheet::gateway

#endif  // BROADSHEET_SERVICES_GATEWAY_RENDERER_TEXT_H_
