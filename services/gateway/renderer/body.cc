#include "services/gateway/renderer/body.h"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/time.h"
#include "services/gateway/renderer/moments.h"
#include "services/gateway/renderer/rich_text.h"
#include "services/gateway/renderer/table.h"
#include "services/gateway/renderer/text.h"
#include "services/gateway/renderer/timestamp.h"

namespace broadsheet::gateway {
namespace {

using article::v1::Block;
using article::v1::RichText;

constexpr std::size_t kUsualBytes = 16 << 10;
constexpr int kMaxListDepth = 4;
constexpr int kMaxContentsLevel = 3;
constexpr std::size_t kMaxWords = 2'000;  // bytes, see Moment::words

class BodyWriter {
 public:
  explicit BodyWriter(const BodyContext& context) : context_(context) { html_.reserve(kUsualBytes); }

  void Write(const Block& block) {
    block_id_ = block.block_id();
    switch (block.kind_case()) {
      case Block::kParagraph:
        return Paragraph(block.paragraph().text());
      case Block::kHeading:
        return Heading(block.heading());
      case Block::kImage:
        return Append(context_.figure(block.image()).html);
      case Block::kQuote:
        return Quote(block.quote());
      case Block::kList:
        return List(block.list(), 1);
      case Block::kTable:
        return Append(WriteTable(block.table(), context_.links, Anchor()).html);
      case Block::kEmbed:
        return Embed(block.embed());
      case Block::kDivider:
        return Append("<hr>");
      case Block::kKeyEvent:
        return KeyEvent(block);
      case Block::KIND_NOT_SET:
        return;
    }
  }

  Body Finish() && {
    EndPart();
    std::reverse(moments_.begin(), moments_.end());  // at the same time the later block is the later moment
    std::stable_sort(moments_.begin(), moments_.end(), [](const Moment& a, const Moment& b) {
      return a.time.value_or(absl::InfinitePast()) > b.time.value_or(absl::InfinitePast());
    });
    return {std::move(introduction_), std::move(contents_), std::move(moments_)};
  }

 private:
  template <typename... Pieces>
  void Append(const Pieces&... pieces) {
    absl::StrAppend(&html_, pieces..., "\n");
  }

  std::string Rich(const RichText& rich) {
    if (!moments_.empty() && moments_.back().words.size() < kMaxWords)
      absl::StrAppend(&moments_.back().words, moments_.back().words.empty() ? "" : "\n", rich.text());
    return RichTextHtml(rich, context_.links);
  }

  void Paragraph(const RichText& text) {
    if (!text.text().empty()) Append("<p>", Rich(text), "</p>");
  }

  // A heading is at most one level below the one before it: readers of outlines must not meet gaps.
  void Heading(const article::v1::Heading& heading) {
    if (heading.text().text().empty()) return;
    const int highest = moments_.empty() ? 2 : std::min(context_.moment_level + 1, 4);
    level_ = std::clamp(heading.level(), highest, std::max(highest, std::min(level_ + 1, 4)));
    const std::string anchor = Anchor();
    Append("<h", level_, " id=\"", anchor, "\">", Rich(heading.text()), "</h", level_, ">");
    if (moments_.empty() && level_ <= kMaxContentsLevel)
      contents_.push_back({level_, anchor, heading.text().text()});
  }

  void Quote(const article::v1::Quote& quote) {
    if (quote.text().text().empty()) return;
    std::string lines;
    for (const RichText& line : SplitLines(quote.text())) absl::StrAppend(&lines, "<p>", Rich(line), "</p>");
    std::string caption = EscapeHtml(quote.attribution());
    if (const auto url = AllowedUrl(quote.source_url()); url && absl::StartsWithIgnoreCase(*url, "https:")) {
      caption = Link(*url, quote.attribution().empty() ? Host(*url) : quote.attribution());
    }
    if (!caption.empty()) caption = absl::StrCat("<figcaption>", caption, "</figcaption>");
    Append("<figure class=\"quote\"><blockquote>", lines, "</blockquote>", caption, "</figure>");
  }

  void List(const article::v1::List& list, int depth) {
    if (list.items().empty()) return;
    const absl::string_view name = list.ordered() ? "ol" : "ul";
    absl::StrAppend(&html_, "<", name, ">");
    for (const article::v1::ListItem& item : list.items()) {
      absl::StrAppend(&html_, "<li>", Rich(item.text()));
      if (item.has_nested() && depth < kMaxListDepth) List(item.nested(), depth + 1);
      absl::StrAppend(&html_, "</li>");
    }
    Append("</", name, ">");
  }

  // Nothing of another site is loaded; the reader decides whether to go there.
  void Embed(const article::v1::Embed& embed) {
    const auto url = AllowedUrl(embed.url());
    const bool linked = url && absl::StartsWithIgnoreCase(*url, "https:");
    if (!linked && embed.title().empty()) return;
    if (!linked) return Append("<p class=\"embed\">", EscapeHtml(embed.title()), "</p>");
    Append("<p class=\"embed\">", Link(*url, embed.title().empty() ? embed.url() : embed.title()),
           " <span class=\"embed-host\" dir=\"ltr\">", EscapeHtml(Host(*url)), "</span></p>");
  }

  // The blocks up to the next key event belong to this one.
  void KeyEvent(const Block& block) {
    EndPart();
    const article::v1::KeyEvent& event = block.key_event();
    Moment& moment = moments_.emplace_back();
    moment.anchor = Anchor();
    moment.headline = event.headline();
    moment.key = event.key();
    const std::string& anchor = moment.anchor;
    Append(kMomentStart, moment.key ? " key" : "", "\" id=\"", anchor, "\" aria-labelledby=\"", anchor,
           ".h\">");
    if (event.has_event_time()) {
      moment.time = TimeOf(event.event_time());
      Append("<p class=\"moment-time\"><a href=\"#", anchor, "\">", Time(*moment.time), "</a></p>");
    }
    level_ = context_.moment_level;
    Append("<h", level_, " id=\"", anchor, ".h\">", EscapeHtml(event.headline()), "</h", level_, ">");
  }

  // What was written since the last key event belongs to it, or to the introduction.
  void EndPart() {
    if (!moments_.empty()) Append("</article>");
    (moments_.empty() ? introduction_ : moments_.back().markup).html = std::exchange(html_, "");
  }

  std::string Time(absl::Time time) const {
    const std::string& language = context_.time_language;
    return absl::StrCat("<time datetime=\"", MachineTime(time), "\"",
                        language.empty()
                            ? ""
                            : absl::StrCat(" lang=\"", language, "\" dir=\"", TextDirection(language), "\""),
                        ">", EscapeHtml(context_.words.DateTime(time, context_.time_zone)), "</time>");
  }

  std::string Link(absl::string_view url, absl::string_view text) const {
    const absl::string_view relation =
        IsExternal(url, context_.links.site_url) ? " rel=\"external noopener\"" : "";
    return absl::StrCat("<a href=\"", EscapeHtml(url), "\"", relation, ">", EscapeHtml(text), "</a>");
  }

  static std::string Host(absl::string_view url) {
    const std::vector<absl::string_view> parts = absl::StrSplit(url, absl::MaxSplits('/', 3));
    return std::string(parts.size() > 2 ? parts[2] : url);
  }

  // The block's id, made unique; it outlives changes of the words, so links to a part of a story do too.
  std::string Anchor() {
    const bool valid = !block_id_.empty() && block_id_.size() <= 100 &&
                       std::all_of(block_id_.begin(), block_id_.end(),
                                   [](unsigned char c) { return absl::ascii_isalnum(c) || c == '-'; });
    const std::string stem = absl::StrCat("b-", valid ? block_id_ : "part");
    std::string anchor = stem;
    for (int n = 2; !anchors_.insert(anchor).second; ++n) anchor = absl::StrCat(stem, ".", n);
    return anchor;
  }

  const BodyContext& context_;
  std::string html_;
  Markup introduction_;
  std::vector<Moment> moments_;
  std::vector<ContentsEntry> contents_;
  std::set<std::string> anchors_;
  std::string block_id_;
  int level_ = 1;
};

}  // namespace

Body WriteBody(const google::protobuf::RepeatedPtrField<Block>& blocks, const BodyContext& context) {
  BodyWriter writer(context);
  for (const Block& block : blocks) writer.Write(block);
  return std::move(writer).Finish();
}

}  // namespace broadsheet::gateway
