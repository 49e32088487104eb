#include "services/article/material_change.h"

#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "services/article/lifecycle.h"
#include "services/article/unicode.h"

namespace broadsheet::article {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

v1::ArticleContent Content(const std::string& text) {
  v1::ArticleContent content;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &content)) << text;
  return content;
}

std::vector<std::string> Changes(const std::string& from, const std::string& to) {
  return FindMaterialChanges(Content(from), Content(to));
}

std::string Paragraph(const std::string& text) {
  return absl::StrCat(" body { paragraph { text { text: '", text, "' } } }");
}

TEST(FoldToWords, LeavesOutCasePunctuationAndSpacing) {
  EXPECT_EQ(FoldToWords("The  “sea wall” — it's OPEN!"), "the sea wall its open");
  EXPECT_EQ(FoldToWords("Łódź, ΑΘΉΝΑ; Берег."), "łódź αθήνα берег");
  EXPECT_EQ(FoldToWords("مرحبًا، 東京"), "مرحبًا 東京");
  EXPECT_EQ(FoldToWords("sea\xC2\xADwall"), "seawall");  // a soft hyphen
  EXPECT_EQ(FoldToWords(" …!? "), "");
  EXPECT_EQ(FoldToWords(""), "");
}

TEST(FoldToWords, KeepsWhatFiguresMean) {
  EXPECT_NE(FoldToWords("1.5"), FoldToWords("15"));
  EXPECT_NE(FoldToWords("5%"), FoldToWords("5"));
  EXPECT_NE(FoldToWords("€5"), FoldToWords("$5"));
  EXPECT_NE(FoldToWords("-5 degrees"), FoldToWords("5 degrees"));
  EXPECT_EQ(FoldToWords("-5 degrees"), FoldToWords("−5 degrees"));
  EXPECT_EQ(FoldToWords("5-7 boats"), FoldToWords("5–7 boats"));
}

TEST(FindMaterialChanges, FindsNoneInTheSameText) {
  const std::string text = "headline: 'H' standfirst: 'S' byline: 'B' author_ids: 'ann'" + Paragraph("P");
  EXPECT_THAT(Changes(text, text), IsEmpty());
  EXPECT_THAT(Changes("", ""), IsEmpty());
}

TEST(FindMaterialChanges, NamesEachFieldInOrder) {
  EXPECT_THAT(Changes("headline: 'H' standfirst: 'S' byline: 'B' author_ids: 'ann'" + Paragraph("P"),
                      "headline: 'I' standfirst: 'T' byline: 'C' author_ids: 'bo'" + Paragraph("Q")),
              ElementsAre("content.headline", "content.standfirst", "content.author_ids", "content.byline",
                          "content.body"));
}

TEST(FindMaterialChanges, OtherFieldsAreNotMaterial) {
  EXPECT_THAT(Changes("kicker: 'a' trail_text: 'a' slugline: 'a' section_id: 'a' subjects: 'a' urgency: 1",
                      "kicker: 'b' trail_text: 'b' slugline: 'b' section_id: 'b' subjects: 'b' urgency: 2 "
                      "lead_image { image_id: 'b' }"),
              IsEmpty());
  EXPECT_THAT(Changes("author_ids: 'ann' author_ids: 'bo'", "author_ids: 'bo' author_ids: 'ann'"), IsEmpty());
}

TEST(FindMaterialChanges, TypographyAndMarksAreNotMaterial) {
  EXPECT_THAT(Changes("headline: 'Sea wall opens'" + Paragraph("He said: \"Yes\", and left."),
                      "headline: 'Sea Wall opens!'" + Paragraph("He said: “Yes” – and left.")),
              IsEmpty());
  EXPECT_THAT(Changes(Paragraph("wall"),
                      "body { block_id: 'x' paragraph { text { text: 'wall' spans { end: 4 "
                      "kind: SPAN_KIND_LINK url: '/x' } } } }"),
              IsEmpty());
}

TEST(FindMaterialChanges, AWordAFigureOrANameIsMaterial) {
  const std::string text = Paragraph("It cost 12 million, Ann Bell said.");
  for (const char* other : {"It cost 12 billion, Ann Bell said.", "It cost 13 million, Ann Bell said.",
                            "It cost 12 million, Ann Ball said.", "It cost 1.2 million, Ann Bell said.",
                            "It cost not 12 million, Ann Bell said."}) {
    EXPECT_THAT(Changes(text, Paragraph(other)), ElementsAre("content.body")) << other;
  }
}

TEST(FindMaterialChanges, WhatIsAddedOrMovedIsNotMaterialButWhatIsTakenAwayIs) {
  const std::string both = Paragraph("One.") + Paragraph("Two.");
  EXPECT_THAT(Changes(both, Paragraph("Two.") + Paragraph("New.") + Paragraph("One.")), IsEmpty());
  EXPECT_THAT(Changes(both, Paragraph("One.")), ElementsAre("content.body"));
  EXPECT_THAT(Changes(Paragraph("One.") + Paragraph("One."), Paragraph("One.")), ElementsAre("content.body"))
      << "each block counts";
  EXPECT_THAT(Changes("body { divider {} }" + both, both), IsEmpty()) << "a divider says nothing";
}

TEST(FindMaterialChanges, LooksIntoEveryKindOfBlock) {
  const std::vector<std::pair<std::string, std::string>> changed = {
      {"heading { level: 2 text { text: 'a' } }", "heading { level: 2 text { text: 'b' } }"},
      {"image { image_id: 'a' }", "image { image_id: 'b' }"},
      {"image { image_id: 'a' caption: 'a' }", "image { image_id: 'a' caption: 'b' }"},
      {"image { image_id: 'a' alt_text: 'a' }", "image { image_id: 'a' alt_text: 'b' }"},
      {"image { image_id: 'a' credit_line: 'a' }", "image { image_id: 'a' credit_line: 'b' }"},
      {"quote { text { text: 'a' } }", "quote { text { text: 'b' } }"},
      {"quote { text { text: 'a' } attribution: 'a' }", "quote { text { text: 'a' } attribution: 'b' }"},
      {"list { items { text { text: 'a' } nested { items { text { text: 'a' } } } } }",
       "list { items { text { text: 'a' } nested { items { text { text: 'b' } } } } }"},
      {"table { caption: 'a' }", "table { caption: 'b' }"},
      {"table { header { cells { text: 'a' } } }", "table { header { cells { text: 'b' } } }"},
      {"table { rows { cells { text: '1' } cells { text: '23' } } }",
       "table { rows { cells { text: '12' } cells { text: '3' } } }"},
      {"embed { url: 'https://a/' }", "embed { url: 'https://b/' }"},
      {"embed { url: 'https://a/' title: 'a' }", "embed { url: 'https://a/' title: 'b' }"},
      {"key_event { event_time { seconds: 1 } headline: 'a' }",
       "key_event { event_time { seconds: 2 } headline: 'a' }"},
      {"key_event { headline: 'a' }", "key_event { headline: 'b' }"}};
  for (const auto& [from, to] : changed) {
    EXPECT_THAT(Changes("body { " + from + " }", "body { " + to + " }"), ElementsAre("content.body")) << from;
    EXPECT_THAT(Changes("body { " + from + " }", "body { " + from + " }"), IsEmpty()) << from;
  }
}

TEST(HasCorrectionSince, LooksAtTheTimeOfEachCorrection) {
  v1::Draft draft;
  const absl::Time time = absl::FromUnixSeconds(1000);
  EXPECT_FALSE(HasCorrectionSince(draft, time));
  *draft.add_corrections()->mutable_create_time() = ToTimestamp(time);
  EXPECT_TRUE(HasCorrectionSince(draft, time));
  EXPECT_FALSE(HasCorrectionSince(draft, time + absl::Microseconds(1)));
}

}  // namespace
}  // namespace broadsheet::article
