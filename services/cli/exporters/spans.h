#ifndef BROADSHEET_SERVICES_CLI_EXPORTERS_SPANS_H_
#define BROADSHEET_SERVICES_CLI_EXPORTERS_SPANS_H_

#include <algorithm>
#include <vector>

#include "absl/strings/string_view.h"
#include "broadsheet/article/v1/article.pb.h"

namespace broadsheet::cli {

// Walks a text with its spans from left to right: `open` and `close` are called around what a span covers,
// which nest whatever the spans say, and `text` with the pieces between.
template <class Open, class Text, class Close>
void WalkSpans(const article::v1::RichText& rich, Open open, Text text, Close close) {
  const absl::string_view whole = rich.text();
  std::vector<std::pair<const article::v1::Span*, std::size_t>> stack;  // with where each ends
  std::size_t at = 0;
  const auto advance = [&](std::size_t to) {
    if (to > at) text(whole.substr(at, to - at));
    at = std::max(at, to);
  };
  const auto close_up_to = [&](std::size_t position) {
    while (!stack.empty() && stack.back().second <= position) {
      advance(stack.back().second);
      close(*stack.back().first);
      stack.pop_back();
    }
  };
  for (const article::v1::Span& span : rich.spans()) {
    const std::size_t start = std::min<std::size_t>(span.start(), whole.size());
    close_up_to(start);
    advance(start);
    const std::size_t limit = stack.empty() ? whole.size() : stack.back().second;
    stack.emplace_back(&span, std::min<std::size_t>(span.end(), limit));
    open(span);
  }
  close_up_to(whole.size());
  advance(whole.size());
}

}  // namespace broadsheet::cli

#endif  // BROADSHEET_SERVICES_CLI_EXPORTERS_SPANS_H_
