#include "services/gateway/renderer/rich_text.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "libs/http/uri.h"
#include "services/gateway/renderer/mentions.h"
#include "services/gateway/renderer/text.h"

namespace broadsheet::gateway {
namespace {

using article::v1::RichText;
using article::v1::Span;

constexpr size_t kMaxSpans = 1000;
constexpr size_t kMaxDepth = 16;

struct Tag {
  std::string open;
  std::string close;
};

std::vector<const Span*> UsableSpans(const RichText& rich) {
  std::vector<const Span*> spans;
  if (rich.spans().empty()) return spans;
  if (!http::IsValidUtf8(rich.text())) return spans;  // offsets into broken text mean nothing
  for (const Span& span : rich.spans()) {
    if (spans.size() == kMaxSpans) break;
    if (span.start() >= span.end() || span.end() > rich.text().size()) continue;
    if (!IsCharacterBoundary(rich.text(), span.start()) || !IsCharacterBoundary(rich.text(), span.end()))
      continue;
    spans.push_back(&span);
  }
  std::stable_sort(spans.begin(), spans.end(), [](const Span* a, const Span* b) {
    return std::pair(a->start(), b->end()) < std::pair(b->start(), a->end());
  });
  return spans;
}

Tag Anchor(absl::string_view url, absl::string_view attributes) {
  return {absl::StrCat("<a href=\"", EscapeHtml(url), "\"", attributes, ">"), "</a>"};
}

std::optional<Tag> LinkTag(const Span& span, const LinkTargets& targets) {
  if (!span.article_id().empty()) {
    const auto story = targets.story_paths.find(span.article_id());
    if (story == targets.story_paths.end()) return std::nullopt;
    if (targets.absolute) return Anchor(absl::StrCat(targets.site_url, PathReference(story->second)), "");
    return Tag{absl::StrCat("<a href=\"", EscapeHtml(PathReference(story->second)), "\"", kMentionAttribute,
                            "\"", EscapeHtml(span.article_id()), "\">"),
               "</a>"};
  }
  const std::optional<std::string> url = AllowedUrl(span.url());
  if (!url) return std::nullopt;
  if (targets.absolute && absl::StartsWith(*url, "/"))
    return Anchor(absl::StrCat(targets.site_url, *url), "");
  return Anchor(*url, IsExternal(*url, targets.site_url) ? " rel=\"external noopener\"" : "");
}

std::optional<Tag> LanguageSpanTag(const Span& span) {
  const std::string language = LanguageTag(span.language(), "");
  if (language.empty()) return std::nullopt;
  return Tag{absl::StrCat("<span lang=\"", language, "\" dir=\"", TextDirection(language), "\">"), "</span>"};
}

std::optional<Tag> ElementTag(absl::string_view name) {
  return Tag{absl::StrCat("<", name, ">"), absl::StrCat("</", name, ">")};
}

std::optional<Tag> TagFor(const Span& span, const LinkTargets& targets) {
  switch (span.kind()) {
    case article::v1::SPAN_KIND_STRONG:
      return ElementTag("strong");
    case article::v1::SPAN_KIND_EMPHASIS:
      return ElementTag("em");
    case article::v1::SPAN_KIND_CODE:
      return ElementTag("code");
    case article::v1::SPAN_KIND_STRIKETHROUGH:
      return ElementTag("s");
    case article::v1::SPAN_KIND_SUBSCRIPT:
      return ElementTag("sub");
    case article::v1::SPAN_KIND_SUPERSCRIPT:
      return ElementTag("sup");
    case article::v1::SPAN_KIND_LANGUAGE:
      return LanguageSpanTag(span);
    case article::v1::SPAN_KIND_LINK:
      return LinkTag(span, targets);
    default:
      return std::nullopt;
  }
}

// Writes one text: opens and closes ranges as it goes, with the open ones on a stack.
class Writer {
 public:
  Writer(absl::string_view text, const LinkTargets& targets) : text_(text), targets_(targets) {
    html_.reserve(text.size() + text.size() / 8);  // of texts with few links
  }

  void Open(const Span& span) {
    CloseUntil(span.start());
    const bool link = span.kind() == article::v1::SPAN_KIND_LINK;
    if (open_.size() == kMaxDepth || (link && InLink())) return;
    std::optional<Tag> tag = TagFor(span, targets_);
    if (!tag) return;
    WriteTo(span.start());
    html_ += tag->open;
    const size_t outer_end = open_.empty() ? text_.size() : open_.back().end;
    open_.push_back({std::min<size_t>(span.end(), outer_end), link, std::move(tag->close)});
  }

  std::string Finish() && {
    CloseUntil(text_.size());
    WriteTo(text_.size());
    return std::move(html_);
  }

 private:
  struct OpenRange {
    size_t end;
    bool link;
    std::string close;
  };

  bool InLink() const {
    return std::any_of(open_.begin(), open_.end(), [](const OpenRange& range) { return range.link; });
  }

  void CloseUntil(size_t offset) {
    while (!open_.empty() && open_.back().end <= offset) {
      WriteTo(open_.back().end);
      html_ += open_.back().close;
      open_.pop_back();
    }
  }

  void WriteTo(size_t offset) {
    absl::string_view rest = text_.substr(written_, offset - written_);
    for (size_t end = rest.find('\n'); end != absl::string_view::npos; end = rest.find('\n')) {
      AppendEscaped(rest.substr(0, end), html_);
      html_ += "<br>";
      rest.remove_prefix(end + 1);
    }
    AppendEscaped(rest, html_);
    written_ = offset;
  }

  absl::string_view text_;
  const LinkTargets& targets_;
  size_t written_ = 0;
  std::vector<OpenRange> open_;
  std::string html_;
};

RichText Slice(const RichText& rich, size_t start, size_t end) {
  RichText slice;
  slice.set_text(rich.text().substr(start, end - start));
  for (const Span& span : rich.spans()) {
    const size_t from = std::max<size_t>(span.start(), start);
    const size_t to = std::min<size_t>(span.end(), end);
    if (from >= to) continue;
    Span& part = *slice.add_spans();
    part = span;
    part.set_start(static_cast<uint32_t>(from - start));
    part.set_end(static_cast<uint32_t>(to - start));
  }
  return slice;
}

}  // namespace

std::string RichTextHtml(const RichText& rich, const LinkTargets& targets) {
  Writer writer(rich.text(), targets);
  for (const Span* span : UsableSpans(rich)) writer.Open(*span);
  return std::move(writer).Finish();
}

std::vector<RichText> SplitLines(const RichText& rich) {
  std::vector<RichText> lines;
  const std::string& text = rich.text();
  for (size_t start = 0; start < text.size();) {
    const size_t end = std::min(text.find('\n', start), text.size());
    if (end > start) lines.push_back(Slice(rich, start, end));
    start = end + 1;
  }
  return lines;
}

}  // namespace broadsheet::gateway
