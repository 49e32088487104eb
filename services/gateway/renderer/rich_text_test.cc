#include "services/gateway/renderer/rich_text.h"

#include <gtest/gtest.h>

namespace broadsheet::gateway {
namespace {

using article::v1::RichText;
using article::v1::Span;

const std::map<std::string, std::string>& Paths() {
  static const auto& paths = *new std::map<std::string, std::string>{{"known", "/city/known"}};
  return paths;
}

std::string Html(const RichText& rich) { return RichTextHtml(rich, {"https://site.example", Paths()}); }

RichText Text(const std::string& text) {
  RichText rich;
  rich.set_text(text);
  return rich;
}

Span& Add(RichText& rich, uint32_t start, uint32_t end, article::v1::SpanKind kind) {
  Span& span = *rich.add_spans();
  span.set_start(start);
  span.set_end(end);
  span.set_kind(kind);
  return span;
}

TEST(RichText, TextIsEscapedAndLinesAreBroken) { EXPECT_EQ(Html(Text("a < b\n& c")), "a &lt; b<br>&amp; c"); }

TEST(RichText, EveryKindHasItsElement) {
  const std::pair<article::v1::SpanKind, const char*> kinds[] = {
      {article::v1::SPAN_KIND_STRONG, "<strong>x</strong>"},
      {article::v1::SPAN_KIND_EMPHASIS, "<em>x</em>"},
      {article::v1::SPAN_KIND_CODE, "<code>x</code>"},
      {article::v1::SPAN_KIND_STRIKETHROUGH, "<s>x</s>"},
      {article::v1::SPAN_KIND_SUBSCRIPT, "<sub>x</sub>"},
      {article::v1::SPAN_KIND_SUPERSCRIPT, "<sup>x</sup>"},
      {article::v1::SPAN_KIND_UNSPECIFIED, "x"},
      {static_cast<article::v1::SpanKind>(77), "x"}};
  for (const auto& [kind, expected] : kinds) {
    RichText rich = Text("x");
    Add(rich, 0, 1, kind);
    EXPECT_EQ(Html(rich), expected);
  }
}

TEST(RichText, RangesAreCountedInBytes) {
  RichText rich = Text("é und ü");
  Add(rich, 7, 9, article::v1::SPAN_KIND_STRONG);
  Add(rich, 0, 2, article::v1::SPAN_KIND_EMPHASIS);
  EXPECT_EQ(Html(rich), "<em>é</em> und <strong>ü</strong>");
}

TEST(RichText, RangesNest) {
  RichText rich = Text("abcdef");
  Add(rich, 1, 5, article::v1::SPAN_KIND_EMPHASIS);
  Add(rich, 0, 6, article::v1::SPAN_KIND_STRONG);
  Add(rich, 1, 3, article::v1::SPAN_KIND_CODE);
  EXPECT_EQ(Html(rich), "<strong>a<em><code>bc</code>de</em>f</strong>");
}

TEST(RichText, CrossingRangesAreCutAtTheEndOfTheOuterOne) {
  RichText rich = Text("abcdef");
  Add(rich, 0, 4, article::v1::SPAN_KIND_STRONG);
  Add(rich, 2, 6, article::v1::SPAN_KIND_EMPHASIS);
  EXPECT_EQ(Html(rich), "<strong>ab<em>cd</em></strong>ef");
}

TEST(RichText, RangesThatCannotBeAreIgnored) {
  RichText rich = Text("éa");
  Add(rich, 1, 3, article::v1::SPAN_KIND_STRONG);
  Add(rich, 0, 1, article::v1::SPAN_KIND_STRONG);
  Add(rich, 2, 2, article::v1::SPAN_KIND_STRONG);
  Add(rich, 3, 2, article::v1::SPAN_KIND_STRONG);
  Add(rich, 0, 4, article::v1::SPAN_KIND_STRONG);
  Add(rich, 4000000000u, 4000000001u, article::v1::SPAN_KIND_STRONG);
  EXPECT_EQ(Html(rich), "éa");
}

TEST(RichText, RangesOfBrokenTextAreIgnored) {
  RichText rich = Text("a\xFFz");
  Add(rich, 1, 2, article::v1::SPAN_KIND_STRONG);
  EXPECT_EQ(Html(rich), "a\xEF\xBF\xBDz");
}

TEST(RichText, AStoryIsLinkedWhereItIsAndNotAtAllWhileItIsNotPublished) {
  RichText rich = Text("ab");
  Add(rich, 0, 1, article::v1::SPAN_KIND_LINK).set_article_id("known");
  Add(rich, 1, 2, article::v1::SPAN_KIND_LINK).set_article_id("unpublished");
  EXPECT_EQ(Html(rich), "<a href=\"/city/known\" data-story=\"known\">a</a>b");
}

TEST(RichText, AnUnpublishedStoryIsNotReplacedByTheSpansUrl) {
  RichText rich = Text("ab");
  Span& span = Add(rich, 0, 2, article::v1::SPAN_KIND_LINK);
  span.set_article_id("unpublished");
  span.set_url("/city/unpublished");
  EXPECT_EQ(Html(rich), "ab");
}

TEST(RichText, LinksToOtherSitesSaySo) {
  RichText rich = Text("ab");
  Add(rich, 0, 1, article::v1::SPAN_KIND_LINK).set_url("https://other.example/?a=1&b=\"2\"");
  Add(rich, 1, 2, article::v1::SPAN_KIND_LINK).set_url("https://site.example/x");
  EXPECT_EQ(Html(rich),
            "<a href=\"https://other.example/?a=1&amp;b=%222%22\" rel=\"external noopener\">a</a>"
            "<a href=\"https://site.example/x\">b</a>");
}

TEST(RichText, AForbiddenAddressLeavesTheText) {
  RichText rich = Text("ab");
  Add(rich, 0, 2, article::v1::SPAN_KIND_LINK).set_url("javascript:alert(1)");
  EXPECT_EQ(Html(rich), "ab");
}

TEST(RichText, ALinkWithinALinkIsText) {
  RichText rich = Text("abc");
  Add(rich, 0, 3, article::v1::SPAN_KIND_LINK).set_url("/x");
  Add(rich, 1, 2, article::v1::SPAN_KIND_LINK).set_url("/y");
  EXPECT_EQ(Html(rich), "<a href=\"/x\">abc</a>");
}

TEST(RichText, OtherLanguagesCarryTheirTagAndDirection) {
  RichText rich = Text("ab");
  Add(rich, 0, 1, article::v1::SPAN_KIND_LANGUAGE).set_language("he");
  Add(rich, 1, 2, article::v1::SPAN_KIND_LANGUAGE).set_language("\"onload=");
  EXPECT_EQ(Html(rich), "<span lang=\"he\" dir=\"rtl\">a</span>b");
}

TEST(RichText, NestingIsBounded) {
  RichText rich = Text(std::string(1000, 'x'));
  for (uint32_t i = 0; i < 900; ++i) Add(rich, i, 1000, article::v1::SPAN_KIND_STRONG);
  std::string html = Html(rich);
  size_t depth = 0;
  for (size_t at = 0; (at = html.find("<strong>", at)) != std::string::npos; ++at) ++depth;
  EXPECT_EQ(depth, 16u);
}

TEST(RichText, LinesKeepTheirShareOfTheRanges) {
  RichText rich = Text("\nab\n\ncd\n");
  Add(rich, 2, 6, article::v1::SPAN_KIND_STRONG);
  const std::vector<RichText> lines = SplitLines(rich);
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_EQ(Html(lines[0]), "a<strong>b</strong>");
  EXPECT_EQ(Html(lines[1]), "<strong>c</strong>d");
}

}  // namespace
}  // namespace broadsheet::gateway
