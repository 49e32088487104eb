#include "services/cli/importers/text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/cli/importers/problems.h"

namespace broadsheet::cli {
namespace {

namespace v1 = article::v1;

v1::Span Mark(v1::SpanKind kind) {
  v1::Span span;
  span.set_kind(kind);
  return span;
}

std::string Marked(const v1::RichText& text, int span) {
  return text.text().substr(text.spans(span).start(), text.spans(span).end() - text.spans(span).start());
}

TEST(Text, TellsWhereUtf8Ends) {
  EXPECT_EQ(FirstInvalidUtf8("sea wall, Łódź, مكتبة, 🛟"), std::nullopt);
  EXPECT_EQ(FirstInvalidUtf8("caf\xE9!"), 3u);
  EXPECT_EQ(FirstInvalidUtf8("\xC0\xAF"), 0u) << "overlong";
  EXPECT_EQ(FirstInvalidUtf8("\xED\xA0\x80"), 0u) << "a surrogate";
  EXPECT_EQ(FirstInvalidUtf8("ab\xE2\x82"), 2u) << "cut off";
}

TEST(Text, FindsControlCharactersButNotLineEnds) {
  EXPECT_EQ(FirstControlCharacter("a\tb\nc"), std::nullopt);
  EXPECT_EQ(FirstControlCharacter(absl::string_view("a\0b", 3)), "U+0000");
  EXPECT_EQ(FirstControlCharacter("a\x7F"), "U+007F");
  EXPECT_EQ(FirstControlCharacter("a\xC2\x85"), "U+0085");
  EXPECT_EQ(FirstControlCharacter("\xC2\xA0"), std::nullopt) << "a no-break space is a character";
}

TEST(Text, AnIdIsMadeOfAnyTextAndIsAlwaysValid) {
  EXPECT_EQ(ToId("Sea Wall, ‘opens’!"), "sea-wall-opens");
  EXPECT_EQ(ToId("tt.se/media/text/210526-militarovning"), "tt-se-media-text-210526-militarovning");
  EXPECT_EQ(ToId("Café Ångström"), "cafe-angstrom");
  const std::string arabic = ToId("مكتبة الميناء");
  EXPECT_TRUE(IsId(arabic)) << arabic;
  EXPECT_NE(arabic, ToId("مكتبة")) << "what is lost is told apart by a hash";
  EXPECT_TRUE(IsId(ToId("")));
  const std::string longest = ToId(std::string(300, 'a'));
  EXPECT_LE(longest.size(), 100u);
  EXPECT_NE(longest, ToId(std::string(301, 'a')));
}

TEST(Text, KnowsAnId) {
  EXPECT_TRUE(IsId("sea-wall-2"));
  EXPECT_TRUE(IsId("2026"));
  EXPECT_FALSE(IsId(""));
  EXPECT_FALSE(IsId("-sea"));
  EXPECT_FALSE(IsId("Sea"));
  EXPECT_FALSE(IsId("sea_wall"));
  EXPECT_FALSE(IsId(std::string(101, 'a')));
}

TEST(Text, LinksGoToTheWebToMailOrWithinTheSite) {
  EXPECT_TRUE(IsLinkUrl("https://harbour.example/tides"));
  EXPECT_TRUE(IsLinkUrl("HTTP://harbour.example/"));
  EXPECT_TRUE(IsLinkUrl("mailto:desk@harbour.example"));
  EXPECT_TRUE(IsLinkUrl("/harbour"));
  EXPECT_FALSE(IsLinkUrl("//evil.example/"));
  EXPECT_FALSE(IsLinkUrl("/\\evil.example/"));
  EXPECT_FALSE(IsLinkUrl("javascript:alert(1)"));
  EXPECT_FALSE(IsLinkUrl("data:text/html,x"));
  EXPECT_FALSE(IsLinkUrl("harbour"));
  EXPECT_FALSE(IsLinkUrl(""));
}

TEST(RichTextBuilder, CollapsesWhiteSpaceAndTrims) {
  RichTextBuilder builder;
  builder.Append("  the \n\t sea ");
  builder.Append("  wall  ");
  EXPECT_EQ(builder.Finish().text(), "the sea wall");
}

TEST(RichTextBuilder, CountsSpansInBytesOfUtf8) {
  RichTextBuilder builder;
  builder.Append("Łódź ");
  builder.Open(Mark(v1::SPAN_KIND_STRONG));
  builder.Append("🛟 مكتبة");
  builder.Close();
  builder.Append(" end");
  const v1::RichText text = builder.Finish();
  ASSERT_EQ(text.spans_size(), 1);
  EXPECT_EQ(text.spans(0).start(), 8u);
  EXPECT_EQ(Marked(text, 0), "🛟 مكتبة");
}

TEST(RichTextBuilder, PutsOuterSpansBeforeInnerOnes) {
  RichTextBuilder builder;
  builder.Open(Mark(v1::SPAN_KIND_LINK));
  builder.Open(Mark(v1::SPAN_KIND_STRONG));
  builder.Append("both");
  builder.Close();
  builder.Close();
  builder.Append(" ");
  builder.Open(Mark(v1::SPAN_KIND_EMPHASIS));
  builder.Append("later");
  builder.Close();
  const v1::RichText text = builder.Finish();
  ASSERT_EQ(text.spans_size(), 3);
  EXPECT_EQ(text.spans(0).kind(), v1::SPAN_KIND_LINK);
  EXPECT_EQ(text.spans(1).kind(), v1::SPAN_KIND_STRONG);
  EXPECT_EQ(text.spans(2).kind(), v1::SPAN_KIND_EMPHASIS);
}

TEST(RichTextBuilder, ComposesCharactersAndMovesTheSpansAlong) {
  RichTextBuilder builder;
  builder.Append("cafe\u0301 ");  // decomposed: composing makes it one byte shorter
  builder.Open(Mark(v1::SPAN_KIND_STRONG));
  builder.Append("A\u030Angstro\u0308m");
  builder.Close();
  const v1::RichText text = builder.Finish();
  EXPECT_EQ(text.text(), "café Ångström");
  ASSERT_EQ(text.spans_size(), 1);
  EXPECT_EQ(Marked(text, 0), "Ångström");
}

TEST(RichTextBuilder, DropsSpansThatAreEmptyAndShortensThoseAtTheEdges) {
  RichTextBuilder builder;
  builder.Open(Mark(v1::SPAN_KIND_STRONG));
  builder.Append("  wall  ");
  builder.Close();
  builder.Open(Mark(v1::SPAN_KIND_EMPHASIS));
  builder.Append(" ");
  builder.Close();
  const v1::RichText text = builder.Finish();
  EXPECT_EQ(text.text(), "wall");
  ASSERT_EQ(text.spans_size(), 1);
  EXPECT_EQ(Marked(text, 0), "wall");
}

TEST(RichTextBuilder, ALineBreakTakesTheSpacesAroundIt) {
  RichTextBuilder builder;
  builder.Append("one ");
  builder.LineBreak();
  builder.Append(" two");
  EXPECT_EQ(builder.Finish().text(), "one\ntwo");
}

TEST(RichText, LinesAreJoinedWithTheirSpans) {
  RichTextBuilder first;
  first.Append("é");
  RichTextBuilder second;
  second.Open(Mark(v1::SPAN_KIND_STRONG));
  second.Append("two");
  const v1::RichText text = JoinLines({first.Finish(), second.Finish()});
  EXPECT_EQ(text.text(), "é\ntwo");
  EXPECT_EQ(Marked(text, 0), "two");
}

TEST(Problems, SayWhereTheyAreOnOneLine) {
  EXPECT_EQ(Describe({"stories/x.md", 12}, Severity::kError, "heading\nlevel"),
            "stories/x.md:12: heading level");
  EXPECT_EQ(Describe({"stories/x.md"}, Severity::kWarning, "odd"), "stories/x.md: warning: odd");
}

TEST(Problems, SuggestTheNearestWord) {
  const std::vector<std::string> words = {"headline", "standfirst", "kicker"};
  EXPECT_EQ(DidYouMean("haedline", words), " (did you mean \"headline\"?)");
  EXPECT_EQ(DidYouMean("stand_first", words), " (did you mean \"standfirst\"?)");
  EXPECT_EQ(DidYouMean("zzz", words), "");
  EXPECT_EQ(EditDistance("kitten", "sitting"), 3);
  EXPECT_EQ(EditDistance(std::string(1000, 'a'), "a"), 100);
}

}  // namespace
}  // namespace broadsheet::cli
