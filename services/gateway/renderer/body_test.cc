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
  const Words words;
  return WriteBody(content.body(), {{"https://site.example", paths}, words, absl::UTCTimeZone(), figure});
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

TEST(Body, BlocksBelongToTheMomentBeforeThem) {
  const Body body = Write(
      "body { paragraph { text { text: 'before' } } } "
      "body { block_id: 'k' key_event { event_time { seconds: 1795146000 } headline: 'Now' } } "
      "body { paragraph { text { text: 'a' } } } body { heading { level: 2 text { text: 'h' } } } "
      "body { block_id: 'l' key_event { event_time { seconds: 1795146060 } headline: 'Later' key: true } }");
  EXPECT_EQ(body.markup.html, "<p>before</p>\n");
  ASSERT_EQ(body.moments.size(), 2u);
  EXPECT_EQ(body.moments[1].markup.html,
            "<article class=\"moment\" id=\"b-k\" aria-labelledby=\"b-k.h\">\n"
            "<p class=\"moment-time\"><a href=\"#b-k\"><time datetime=\"2026-11-20T03:40:00Z\">20 November "
            "2026, 03:40 UTC</time></a></p>\n"
            "<h3 id=\"b-k.h\">Now</h3>\n<p>a</p>\n<h4 id=\"b-part\">h</h4>\n</article>\n");
  EXPECT_EQ(body.moments[1].words, "a\nh");
  EXPECT_THAT(body.moments[0].markup.html, HasSubstr("<article class=\"moment key\" id=\"b-l\""));
  EXPECT_TRUE(body.moments[0].key);
  EXPECT_THAT(body.contents, ::testing::IsEmpty());
}

TEST(Body, TheLatestMomentComesFirstWhateverTheOrderOfBlocks) {
  const auto order = [](const std::vector<std::pair<std::string, int>>& moments) {
    std::string blocks, order;
    for (const auto& [id, seconds] : moments)
      absl::StrAppend(&blocks, "body { block_id: '", id, "' key_event { event_time { seconds: ", seconds,
                      " } headline: 'x' } }");
    for (const Moment& moment : Write(blocks).moments) absl::StrAppend(&order, moment.anchor, " ");
    return order;
  };
  EXPECT_EQ(order({{"a", 1}, {"b", 2}, {"c", 3}}), "b-c b-b b-a ");
  EXPECT_EQ(order({{"c", 3}, {"b", 2}, {"a", 1}}), "b-c b-b b-a ");
  EXPECT_EQ(order({{"b", 2}, {"a", 1}, {"c", 3}, {"b2", 2}}), "b-c b-b2 b-b b-a ") << "at the same time";
  EXPECT_EQ(order({{"a", 1}, {"b", 1}, {"c", 1}}), "b-c b-b b-a ") << "the one added last is the latest";
}

TEST(Body, AMomentWithoutATimeIsTheOldest) {
  const Body body = Write(
      "body { block_id: 'a' key_event { headline: 'x' } } "
      "body { block_id: 'b' key_event { event_time { seconds: -1 } headline: 'y' } }");
  ASSERT_EQ(body.moments.size(), 2u);
  EXPECT_EQ(body.moments[0].anchor, "b-b");
  EXPECT_THAT(body.moments[1].markup.html, Not(HasSubstr("<time")));
}

}  // namespace
}  // namespace broadsheet::gateway
