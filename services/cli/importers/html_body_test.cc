#include "services/cli/importers/html_body.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/time/clock.h"
#include "services/cli/importers/recorded_problems.h"

namespace broadsheet::cli {
namespace {

namespace v1 = article::v1;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class HtmlBody : public testing::Test, protected RecordedProblems {
 protected:
  ImportedBody Convert(absl::string_view html) {
    const BodyContext context{"x.json", 0, problems,
                              [this](absl::string_view source, int) -> std::optional<std::string> {
                                if (source == "wall.jpg") return "wall-1";
                                problems.Warning({"x.json", 0}, "no picture");
                                return std::nullopt;
                              }};
    return ConvertHtml(html, "The headline", context);
  }
};

// One word for each block: its kind, and its text if it has one.
std::vector<std::string> Outline(const ImportedBody& body) {
  std::vector<std::string> outline;
  for (const v1::Block& block : body.blocks) {
    if (block.has_paragraph()) outline.push_back("p:" + block.paragraph().text().text());
    if (block.has_heading()) {
      outline.push_back("h" + std::to_string(block.heading().level()) + ":" + block.heading().text().text());
    }
    if (block.has_quote())
      outline.push_back("quote:" + block.quote().text().text() + "|" + block.quote().attribution());
    if (block.has_image())
      outline.push_back("img:" + block.image().image_id() + "|" + block.image().caption());
    if (block.has_list()) outline.push_back(block.list().ordered() ? "ol" : "ul");
    if (block.has_table()) outline.push_back("table");
    if (block.has_divider()) outline.push_back("hr");
    if (block.has_embed()) outline.push_back("embed:" + block.embed().url());
  }
  return outline;
}

std::vector<std::string> HtmlSpans(const v1::RichText& text) {
  std::vector<std::string> spans;
  for (const v1::Span& span : text.spans()) {
    spans.push_back(v1::SpanKind_Name(span.kind()).substr(10) + ":" +
                    text.text().substr(span.start(), span.end() - span.start()));
  }
  return spans;
}

TEST_F(HtmlBody, ParagraphsAndMarks) {
  const ImportedBody body = Convert(
      "<p>A <b>strong</b>, <em>soft</em>, <a href='https://a.example/'>li<i>nk</i></a>, H<sub>2</sub>O, "
      "10<sup>3</sup>, <s>old</s>, <code>x</code>, <span lang='fr'>mot</span>, <q>said</q> &amp; Łódź</p>");
  ASSERT_THAT(body.blocks, SizeIs(1));
  const v1::RichText& text = body.blocks[0].paragraph().text();
  EXPECT_EQ(text.text(), "A strong, soft, link, H2O, 103, old, x, mot, “said” & Łódź");
  EXPECT_THAT(HtmlSpans(text),
              ElementsAre("STRONG:strong", "EMPHASIS:soft", "LINK:link", "EMPHASIS:nk", "SUBSCRIPT:2",
                          "SUPERSCRIPT:3", "STRIKETHROUGH:old", "CODE:x", "LANGUAGE:mot"));
  EXPECT_THAT(lines, IsEmpty());
}

TEST_F(HtmlBody, BlocksOfAWholeDocument) {
  const ImportedBody body = Convert(
      "<html><head><title>T</title></head><body><article><section><h1>The headline</h1><div>Bare "
      "<b>words</b></div>"
      "<p>One</p><h2>Two</h2><hr/><ul><li>a</li></ul><ol><li>b</li></ol>"
      "<figure><img src='wall.jpg' alt='A wall'/><figcaption>The "
      "<i>wall</i></figcaption></figure></section></article></body>");
  EXPECT_THAT(Outline(body),
              ElementsAre("p:Bare words", "p:One", "h2:Two", "hr", "ul", "ol", "img:wall-1|The wall"));
  EXPECT_EQ(body.blocks.back().image().alt_text(), "A wall");
  EXPECT_THAT(lines, IsEmpty());
}

TEST_F(HtmlBody, NothingActiveSurvives) {
  const ImportedBody body = Convert(
      "<p onclick='alert(1)'>one<script>alert(2)</script></p><style>p{}</style><svg "
      "onload=alert(3)><text>x</text></svg>"
      "<a href='javascript:alert(4)'>two</a> <a href=' jAvAsCrIpT:alert(5)'>three</a> <a "
      "href='data:text/html,x'>four</a>"
      "<img src=x onerror=alert(6)><iframe src='javascript:alert(7)'></iframe><object "
      "data=x>y</object><form><input></form>");
  EXPECT_THAT(Outline(body), ElementsAre("p:one", "p:two three four"));
  for (const v1::Block& block : body.blocks) EXPECT_THAT(HtmlSpans(block.paragraph().text()), IsEmpty());
  EXPECT_THAT(lines, testing::Contains(HasSubstr("<script> was left out")));
  EXPECT_THAT(lines, testing::Contains(HasSubstr("a link to \"javascript:alert(4)\" was left out")));
  EXPECT_EQ(body.errors, 0);
}

TEST_F(HtmlBody, ALinkWithinAnotherSiteIsNotOneOfOurs) {
  const ImportedBody body = Convert("<p><a href='/about'>about</a></p>");
  EXPECT_THAT(HtmlSpans(body.blocks.at(0).paragraph().text()), IsEmpty());
  EXPECT_THAT(lines, SizeIs(1));
}

TEST_F(HtmlBody, QuotesKeepTheirSource) {
  const ImportedBody body = Convert(
      "<blockquote cite='https://a.example/7'><p>One.</p><p>Two.</p><footer>— Ann, "
      "pilot</footer></blockquote>"
      "<blockquote>bare</blockquote>");
  EXPECT_THAT(Outline(body), ElementsAre("quote:One.\nTwo.|Ann, pilot", "quote:bare|"));
  EXPECT_EQ(body.blocks[0].quote().source_url(), "https://a.example/7");
}

TEST_F(HtmlBody, ListsNestToFourLevels) {
  const ImportedBody body = Convert(
      "<ol><li><p>one</p><p>more</p><ul><li>a<ul><li>b<ul><li>c<ul><li>d</li></ul></li></ul></li></ul></li></"
      "ul></li><li></li></ol>");
  ASSERT_THAT(Outline(body), ElementsAre("ol"));
  const v1::List& list = body.blocks[0].list();
  ASSERT_EQ(list.items_size(), 1);
  EXPECT_EQ(list.items(0).text().text(), "one\nmore");
  const v1::ListItem& deepest = list.items(0).nested().items(0).nested().items(0).nested().items(0);
  EXPECT_EQ(deepest.text().text(), "c\nd") << "what is too deep becomes a line";
  EXPECT_FALSE(deepest.has_nested());
}

TEST_F(HtmlBody, TablesKeepHeaderCaptionAndAlignment) {
  const ImportedBody body = Convert(
      "<table><caption>Results</caption><thead><tr><th>Boat</th><th "
      "align='right'>Time</th></tr></thead><tbody><tr><td><b>K</b></td>"
      "<td>1:02</td></tr><tr><td colspan='2'>all</td></tr></tbody></table>");
  ASSERT_THAT(Outline(body), ElementsAre("table"));
  const v1::Table& table = body.blocks[0].table();
  EXPECT_EQ(table.caption(), "Results");
  EXPECT_EQ(table.header().cells(1).text(), "Time");
  EXPECT_THAT(table.alignments(), ElementsAre(v1::COLUMN_ALIGNMENT_START, v1::COLUMN_ALIGNMENT_END));
  ASSERT_EQ(table.rows_size(), 2);
  EXPECT_THAT(HtmlSpans(table.rows(0).cells(0)), ElementsAre("STRONG:K"));
  EXPECT_THAT(lines, ElementsAre(HasSubstr("cells that span rows or columns")));
}

TEST_F(HtmlBody, BreaksInPairsSeparateParagraphs) {
  EXPECT_THAT(Outline(Convert("one<br>two<br><br>three<br/>\n<br/>four")),
              ElementsAre("p:one\ntwo", "p:three", "p:four"));
}

TEST_F(HtmlBody, AMarkAroundBlocksMarksEachOfThem) {
  const ImportedBody body = Convert("<div><b>x<div>one</div><div>two</div></b>three</div>");
  EXPECT_THAT(Outline(body), ElementsAre("p:x", "p:one", "p:two", "p:three"));
  EXPECT_THAT(HtmlSpans(body.blocks[1].paragraph().text()), ElementsAre("STRONG:one"));
  EXPECT_THAT(HtmlSpans(body.blocks[3].paragraph().text()), IsEmpty());
}

TEST_F(HtmlBody, HeadingsAreBroughtIntoRange) {
  EXPECT_THAT(Outline(Convert("<h1>Other</h1><h5>Five</h5><h3>Three<br>lines</h3><h2> </h2>")),
              ElementsAre("h2:Other", "h4:Five", "h3:Three lines"));
  EXPECT_THAT(lines, SizeIs(2));
}

TEST_F(HtmlBody, FramesBecomeEmbeds) {
  EXPECT_THAT(Outline(Convert("<iframe src='https://video.example/1' title='Film'></iframe>")),
              ElementsAre("embed:https://video.example/1"));
}

TEST_F(HtmlBody, BrokenAndHostileInputIsMended) {
  EXPECT_THAT(Outline(Convert("<p>one<p>two</div></b> three &bogus; &#1; &#x202E;x")),
              ElementsAre("p:one", testing::StartsWith("p:two")));
  EXPECT_THAT(Outline(Convert(absl::string_view("a\0b\x01<p>c", 8))), ElementsAre("p:ab", "p:c"));
  EXPECT_THAT(Outline(Convert("")), IsEmpty());
  std::string deep;
  for (int i = 0; i < 100'000; ++i) deep += "<div>";
  Convert(deep + "x");
  std::string nested;
  for (int i = 0; i < 5000; ++i) nested += "<blockquote><ul><li>";
  Convert(nested + "x");
}

TEST_F(HtmlBody, PlainTextIsSplitAtEmptyLinesOrElseAtLines) {
  const BodyContext context{"x.json", 0, problems, [](absl::string_view, int) { return std::nullopt; }};
  EXPECT_THAT(Outline(ConvertPlainText("one\r\ntwo\r\n\r\n three <b>", context)),
              ElementsAre("p:one two", "p:three <b>"));
  EXPECT_THAT(Outline(ConvertPlainText("one\ntwo\n", context)), ElementsAre("p:one", "p:two"));
  EXPECT_EQ(ConvertPlainText("a\x02", context).errors, 1);
}

TEST_F(HtmlBody, WhatAFigureHasBesidesItsPictureIsKept) {
  EXPECT_THAT(Outline(Convert("<figure><img src='wall.jpg'><p>One</p><iframe src='https://video.example/1'>"
                              "</iframe><figcaption>Cap</figcaption></figure><p>Two</p>")),
              ElementsAre("img:wall-1|Cap", "p:One", "embed:https://video.example/1", "p:Two"));
  EXPECT_THAT(Outline(Convert("<figure><a href='https://x.example'> <img src='wall.jpg'></a></figure>")),
              ElementsAre("img:wall-1|"));
}

TEST_F(HtmlBody, KeepsWhatFollowsTheEndOfTheDocument) {
  EXPECT_THAT(Outline(Convert("<html><body><p>One.</p></body></html>\n<p>Two.</p><!-- end -->Three.")),
              ElementsAre("p:One.", "p:Two.", "p:Three."));
}

TEST_F(HtmlBody, TakesATextThatTheParserReportsInPiecesForOne) {
  const std::string words = std::string(3000, 'a') + " &amp; " + std::string(3000, 'b');
  EXPECT_THAT(Outline(Convert("<p>" + words + "</p>")),
              ElementsAre("p:" + std::string(3000, 'a') + " & " + std::string(3000, 'b')));
}

TEST_F(HtmlBody, NestingWithoutEndCostsNoMoreThanItsLength) {
  std::string html = "<p>Before.</p>";
  for (int i = 0; i < 100'000; ++i) html += "<b>";
  for (int i = 0; i < 100'000; ++i) html += "</i>";
  const absl::Time begin = absl::Now();
  EXPECT_THAT(Outline(Convert(html)), ElementsAre("p:Before."));
  EXPECT_LT(absl::Now() - begin, absl::Seconds(5));  // where each looks through all others, minutes
}

}  // namespace
}  // namespace broadsheet::cli
