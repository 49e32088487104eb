#include "services/gateway/renderer/body.h"

#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "services/gateway/renderer/text.h"

namespace broadsheet::gateway {
namespace {

using ::testing::Eq;
using ::testing::HasSubstr;
using ::testing::Not;

Body Write(const std::string& blocks) {
  static const auto& paths = *new std::map<std::string, std::string>;
  article::v1::ArticleContent content;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(blocks, &content));
  const auto figure = [](const article::v1::ImageReference& reference) {
    return Markup{absl::StrCat("<figure>", EscapeHtml(reference.image_id()), "</figure>")};
  };
  return WriteBody(content.body(), {{"https://site.example", paths}, absl::UTCTimeZone(), figure});
}

std::string Html(const std::string& blocks) { return Write(blocks).markup.html; }

TEST(Body, BlocksComeInOrder) {
  EXPECT_EQ(
      Html("body { paragraph { text { text: 'a' } } } body { divider {} } body { image { image_id: 'i' } }"),
      "<p>a</p>\n<hr>\n<figure>i</figure>\n");
}

TEST(Body, UnknownAndEmptyBlocksAreSkipped) {
  EXPECT_THAT(Html("body {} body { paragraph {} } body { heading {} } body { quote {} } body { list {} } "
                   "body { table {} } "
                   "body { embed { url: 'javascript:x' } }"),
              Eq("\n"));
}

TEST(Body, HeadingsKeepTheirIdsAndLeaveNoLevelOut) {
  const Body body = Write(
      "body { block_id: 'x' heading { level: 4 text { text: 'A' } } } body { block_id: 'x' heading { level: "
      "4 text { text: 'B' } } } "
      "body { heading { level: 9 text { text: 'C' } } } body { heading { level: -1 text { text: 'D' } } }");
  EXPECT_EQ(body.markup.html,
            "<h2 id=\"b-x\">A</h2>\n<h3 id=\"b-x.2\">B</h3>\n<h4 id=\"b-part\">C</h4>\n<h2 "
            "id=\"b-part.2\">D</h2>\n");
  ASSERT_EQ(body.contents.size(), 3u);
  EXPECT_EQ(body.contents[1].anchor, "b-x.2");
  EXPECT_EQ(body.contents[1].level, 3);
  EXPECT_EQ(body.contents[2].text, "D");
}

TEST(Body, AnIdThatIsNoneIsNotUsed) {
  EXPECT_THAT(Html("body { block_id: '\"><script>' heading { text { text: 'A' } } }"),
              HasSubstr("id=\"b-part\""));
}

TEST(Body, AQuoteHasParagraphsAndSaysWhoseItIs) {
  EXPECT_EQ(Html("body { quote { text { text: 'one\\ntwo' } attribution: 'A & B' source_url: "
                 "'https://x.example/y' } }"),
            "<figure class=\"quote\"><blockquote><p>one</p><p>two</p></blockquote><figcaption><a "
            "href=\"https://x.example/y\" "
            "rel=\"external noopener\">A &amp; B</a></figcaption></figure>\n");
}

TEST(Body, AQuotesSourceMustBeHttps) {
  EXPECT_THAT(Html("body { quote { text { text: 'q' } attribution: 'A' source_url: 'javascript:x' } }"),
              HasSubstr("<figcaption>A</figcaption>"));
}

TEST(Body, ListsNestButNotForEver) {
  const std::string level = "items { text { text: 'x' } nested { ";
  std::string list = "body { list { ";
  for (int i = 0; i < 50; ++i) list += level;
  for (int i = 0; i < 50; ++i) list += "} } ";
  const std::string html = Html(list + "} }");
  size_t lists = 0;
  for (size_t at = 0; (at = html.find("<ul>", at)) != std::string::npos; ++at) ++lists;
  EXPECT_EQ(lists, 4u);
}

TEST(Body, OrderedListsAreNumbered) {
  EXPECT_EQ(Html("body { list { ordered: true items { text { text: 'a' } } } }"), "<ol><li>a</li></ol>\n");
}

TEST(Body, ATableHasCaptionScopesAndFullRows) {
  const std::string html = Html(
      "body { block_id: 't' table { caption: 'C' header { cells { text: 'a' } cells { text: 'b' } } rows { "
      "cells { text: '1' } } "
      "alignments: COLUMN_ALIGNMENT_START alignments: COLUMN_ALIGNMENT_END } }");
  EXPECT_THAT(
      html, HasSubstr("<div class=\"table-scroll\" tabindex=\"0\" role=\"region\" aria-labelledby=\"b-t\">"));
  EXPECT_THAT(html, HasSubstr("<caption id=\"b-t\">C</caption>"));
  EXPECT_THAT(html, HasSubstr("<th scope=\"col\">a</th><th scope=\"col\" class=\"end\">b</th>"));
  EXPECT_THAT(html, HasSubstr("<tr><td>1</td><td class=\"end\"></td></tr>"));
}

TEST(Body, ATableIsNeverWiderThanFiftyColumns) {
  std::string cells;
  for (int i = 0; i < 500; ++i) cells += "cells { text: 'x' } ";
  const std::string html = Html(absl::StrCat("body { table { rows { ", cells, "} } }"));
  size_t count = 0;
  for (size_t at = 0; (at = html.find("<td>", at)) != std::string::npos; ++at) ++count;
  EXPECT_EQ(count, 50u);
}

TEST(Body, AnEmbedIsALinkThatSaysWhereItLeads) {
  const std::string html = Html("body { embed { url: 'https://video.example/x' title: 'Film' } }");
  EXPECT_THAT(html, HasSubstr("<a href=\"https://video.example/x\" rel=\"external noopener\">Film</a>"));
  EXPECT_THAT(html, HasSubstr(">video.example</span>"));
  EXPECT_THAT(Html("body { embed { url: 'http://video.example/x' title: 'Film' } }"), Not(HasSubstr("href")));
}

TEST(Body, BlocksBelongToTheKeyEventBeforeThem) {
  const Body body = Write(
      "body { block_id: 'k' key_event { event_time { seconds: 1795146000 } headline: 'Now' } } body { "
      "paragraph { text { text: 'a' } } } "
      "body { heading { level: 2 text { text: 'h' } } } body { key_event { headline: 'Later' } }");
  EXPECT_THAT(
      body.markup.html,
      HasSubstr("<section class=\"key-event\" aria-labelledby=\"b-k\">\n<p class=\"key-event-time\"><time "
                "datetime=\"2026-11-20T03:40:00Z\">20 November 2026, 03:40 UTC</time></p>\n"
                "<h2 id=\"b-k\">Now</h2>\n<p>a</p>\n<h3 id=\"b-part\">h</h3>\n</section>\n<section"));
  EXPECT_THAT(body.contents, ::testing::SizeIs(3));
}

}  // namespace
}  // namespace broadsheet::gateway
