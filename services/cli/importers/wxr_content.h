#ifndef BROADSHEET_SERVICES_CLI_IMPORTERS_WXR_CONTENT_H_
#define BROADSHEET_SERVICES_CLI_IMPORTERS_WXR_CONTENT_H_

#include <functional>
#include <string>

#include "absl/strings/string_view.h"

namespace broadsheet::cli {

// What WordPress adds to HTML, for wxr.cc.
struct WxrContext {
  std::function<std::string(absl::string_view id)> attachment_url;  // empty: there is none
  std::function<void(absl::string_view message)> warn;
};

// The content of a post as HTML. Block comments that stand for something (`<!-- wp:embed {"url":…} -->`)
// become it; shortcodes of captions, galleries and embeds become figures, pictures and frames; other
// shortcodes and blocks that only WordPress can fill are left out, with a warning, their text kept. Text of
// the classic editor, without blocks, has its lines broken as WordPress shows them. What is no markup of
// WordPress stays as it is.
std::string WxrToHtml(absl::string_view content, const WxrContext& context);

}  // namespace broadsheet::cli

#endif  // BROADSHEET_SERVICES_CLI_IMPORTERS_WXR_CONTENT_H_
