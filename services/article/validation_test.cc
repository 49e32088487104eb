#include "services/article/validation.h"

#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <functional>

#include "absl/strings/str_cat.h"

namespace broadsheet::article {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

template <typename Message>
Message Parse(const std::string& text) {
  Message message;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &message)) << text;
  return message;
}

std::vector<std::string> FieldsAtFault(v1::ArticleContent content) {
  FieldCheck check;
  CheckContent("content", content, check);
  std::vector<std::string> fields;
  for (const FieldViolation& violation : check.violations()) fields.push_back(violation.field);
  return fields;
}

std::vector<std::string> FieldsAtFault(const std::string& text) {
  return FieldsAtFault(Parse<v1::ArticleContent>(text));
}

std::string ParagraphOf(const std::string& text) {
  return absl::StrCat("body { paragraph { text { ", text, " } } }");
}

TEST(CheckContent, AcceptsAnEmptyDraft) { EXPECT_THAT(FieldsAtFault(""), IsEmpty()); }

TEST(CheckContent, AcceptsEveryKindOfBlock) {
  EXPECT_THAT(FieldsAtFault(R"(
    headline: "Sea wall opens" standfirst: "Twelve years.\nAnd more." language: "en-GB" urgency: 9
    section_id: "harbour" author_ids: "ann" author_ids: "bo" subjects: "flood defences"
    lead_image { image_id: "wall" caption: "The wall" alt_text: "A wall" credit_line: "ABP News" }
    body { paragraph { text { text: "A\nb" spans { start: 0 end: 1 kind: SPAN_KIND_STRONG } } } }
    body { heading { level: 2 text { text: "Why" } } }
    body { image { image_id: "plan" } }
    body { quote { text { text: "It holds." } attribution: "An engineer" source_url: "https://a.example/" } }
    body { list { items { text { text: "one" } nested { ordered: true items { text { text: "two" } } } } } }
    body { table { header { cells { text: "h" } } rows { cells { text: "c" } } alignments: COLUMN_ALIGNMENT_END } }
    body { embed { url: "https://video.example/1" title: "Film" } }
    body { divider {} }
    body { key_event { event_time { seconds: 1 } headline: "It opens" } }
    related_article_ids: "x" follows_article_id: "y")"),
              IsEmpty());
}

TEST(CheckContent, NamesTheFieldAtFault) {
  EXPECT_THAT(FieldsAtFault(R"(headline: "a\nb")"), ElementsAre("content.headline"));
  EXPECT_THAT(FieldsAtFault("urgency: 10"), ElementsAre("content.urgency"));
  EXPECT_THAT(FieldsAtFault("urgency: -1"), ElementsAre("content.urgency"));
  EXPECT_THAT(FieldsAtFault("section_id: 'A B'"), ElementsAre("content.section_id"));
  EXPECT_THAT(FieldsAtFault("author_ids: 'a' author_ids: 'a'"), ElementsAre("content.author_ids[1]"));
  EXPECT_THAT(FieldsAtFault("subjects: 'a' subjects: ' '"), ElementsAre("content.subjects[1]"));
  EXPECT_THAT(FieldsAtFault("subjects: 'a' subjects: 'a'"), ElementsAre("content.subjects[1]"));
  EXPECT_THAT(FieldsAtFault("language: 'en_GB'"), ElementsAre("content.language"));
  EXPECT_THAT(FieldsAtFault("lead_image { }"), ElementsAre("content.lead_image.image_id"));
  EXPECT_THAT(FieldsAtFault("body { divider {} } body { heading { level: 1 text { text: 'x' } } }"),
              ElementsAre("content.body[1].heading.level"));
  EXPECT_THAT(FieldsAtFault("body { heading { level: 5 text { text: 'x' } } }"),
              ElementsAre("content.body[0].heading.level"));
  EXPECT_THAT(FieldsAtFault("body { }"), ElementsAre("content.body[0].kind"));
  EXPECT_THAT(FieldsAtFault("body { paragraph { } }"), ElementsAre("content.body[0].paragraph.text.text"));
  EXPECT_THAT(FieldsAtFault("body { block_id: 'A' divider { } }"), ElementsAre("content.body[0].block_id"));
  EXPECT_THAT(FieldsAtFault("body { block_id: 'a' divider { } } body { block_id: 'a' divider { } }"),
              ElementsAre("content.body[1].block_id"));
  EXPECT_THAT(FieldsAtFault("body { embed { url: 'http://a.example/' } }"),
              ElementsAre("content.body[0].embed.url"));
  EXPECT_THAT(FieldsAtFault("body { quote { text { text: 'x' } source_url: 'javascript:1' } }"),
              ElementsAre("content.body[0].quote.source_url"));
  EXPECT_THAT(FieldsAtFault("body { list { } }"), ElementsAre("content.body[0].list.items"));
  EXPECT_THAT(FieldsAtFault("body { key_event { headline: 'x' } }"),
              ElementsAre("content.body[0].key_event.event_time"));
  EXPECT_THAT(FieldsAtFault("body { table { rows { cells { text: 'a\\tb' } } } }"),
              ElementsAre("content.body[0].table.rows[0].cells[0].text"));
}

TEST(CheckContent, ChecksWhenCoverageEndedIfItDid) {
  EXPECT_THAT(FieldsAtFault("body { divider {} }"), ElementsAre());
  EXPECT_THAT(FieldsAtFault("coverage_ended_at { seconds: 1795416000 }"), ElementsAre());
  EXPECT_THAT(FieldsAtFault("coverage_ended_at { seconds: 1 nanos: -1 }"),
              ElementsAre("content.coverage_ended_at.nanos"));
}

TEST(CheckContent, BoundsEveryList) {
  v1::ArticleContent content;
  for (int i = 0; i < 21; ++i) content.add_author_ids(absl::StrCat("a", i));
  for (int i = 0; i < 51; ++i) content.add_subjects(absl::StrCat("s", i));
  for (int i = 0; i < 21; ++i) content.add_related_article_ids(absl::StrCat("r", i));
  for (int i = 0; i < 2001; ++i) content.add_body()->mutable_divider();
  EXPECT_THAT(FieldsAtFault(content), ElementsAre("content.author_ids", "content.subjects", "content.body",
                                                  "content.related_article_ids"));
}

TEST(CheckContent, BoundsTheBodyInBytes) {
  v1::ArticleContent content;
  for (int i = 0; i < 65; ++i) {
    content.add_body()->mutable_paragraph()->mutable_text()->set_text(std::string(64 << 10, 'a'));
  }
  EXPECT_THAT(FieldsAtFault(content), ElementsAre("content.body"));
  content.Clear();
  content.add_body()->mutable_paragraph()->mutable_text()->set_text(std::string((64 << 10) + 1, 'a'));
  EXPECT_THAT(FieldsAtFault(content), ElementsAre("content.body[0].paragraph.text.text"));
}

TEST(CheckContent, BoundsTheBytesOfEveryText) {
  using Content = v1::ArticleContent;
  using Set = std::function<void(Content&, std::string)>;
  const std::vector<std::tuple<std::string, std::size_t, Set>> fields = {
      {"headline", 500, [](Content& c, std::string t) { c.set_headline(t); }},
      {"standfirst", 2000, [](Content& c, std::string t) { c.set_standfirst(t); }},
      {"kicker", 100, [](Content& c, std::string t) { c.set_kicker(t); }},
      {"trail_text", 2000, [](Content& c, std::string t) { c.set_trail_text(t); }},
      {"byline", 300, [](Content& c, std::string t) { c.set_byline(t); }},
      {"slugline", 200, [](Content& c, std::string t) { c.set_slugline(t); }},
      {"located", 200, [](Content& c, std::string t) { c.set_located(t); }},
      {"genre", 100, [](Content& c, std::string t) { c.set_genre(t); }},
      {"subjects[0]", 100, [](Content& c, std::string t) { c.add_subjects(t); }},
      {"copyright_notice", 300, [](Content& c, std::string t) { c.set_copyright_notice(t); }},
      {"usage_terms", 2000, [](Content& c, std::string t) { c.set_usage_terms(t); }},
      {"body[0].heading.text.text", 500,
       [](Content& c, std::string t) {
         auto* heading = c.add_body()->mutable_heading();
         heading->set_level(2);
         heading->mutable_text()->set_text(t);
       }},
      {"body[0].quote.text.text", 16 << 10,
       [](Content& c, std::string t) { c.add_body()->mutable_quote()->mutable_text()->set_text(t); }},
      {"body[0].list.items[0].text.text", 16 << 10,
       [](Content& c, std::string t) {
         c.add_body()->mutable_list()->add_items()->mutable_text()->set_text(t);
       }},
      {"body[0].table.rows[0].cells[0].text", 4 << 10,
       [](Content& c, std::string t) {
         c.add_body()->mutable_table()->add_rows()->add_cells()->set_text(t);
       }},
  };
  for (const auto& [field, max, set] : fields) {
    v1::ArticleContent fits, too_long;
    set(fits, std::string(max, 'a'));
    set(too_long, std::string(max + 1, 'a'));
    EXPECT_THAT(FieldsAtFault(fits), IsEmpty()) << field;
    EXPECT_THAT(FieldsAtFault(too_long), ElementsAre("content." + field));
  }
}

TEST(CheckContent, BoundsTheDepthOfLists) {
  v1::ArticleContent content;
  v1::List* list = content.add_body()->mutable_list();
  for (int depth = 1; depth < 4; ++depth) {
    list = list->add_items()->mutable_nested();
  }
  list->add_items();
  EXPECT_THAT(FieldsAtFault(content), IsEmpty());
  list->mutable_items(0)->mutable_nested()->add_items();
  EXPECT_THAT(
      FieldsAtFault(content),
      ElementsAre("content.body[0].list.items[0].nested.items[0].nested.items[0].nested.items[0].nested"));
}

TEST(CheckContent, BoundsTables) {
  v1::ArticleContent content;
  v1::Table* table = content.add_body()->mutable_table();
  for (int i = 0; i < 51; ++i) table->mutable_header()->add_cells();
  for (int i = 0; i < 1001; ++i) table->add_rows();
  EXPECT_THAT(FieldsAtFault(content),
              ElementsAre("content.body[0].table.header.cells", "content.body[0].table.rows"));
}

TEST(RichText, AcceptsNestingAndAdjacentSpans) {
  EXPECT_THAT(FieldsAtFault(ParagraphOf(R"(text: "abcdef"
    spans { start: 0 end: 6 kind: SPAN_KIND_EMPHASIS } spans { start: 0 end: 3 kind: SPAN_KIND_STRONG }
    spans { start: 3 end: 6 kind: SPAN_KIND_LINK url: "https://a.example/" }
    spans { start: 3 end: 4 kind: SPAN_KIND_LANGUAGE language: "fr" })")),
              IsEmpty());
}

TEST(RichText, RefusesSpansThatCrossOrPointOutside) {
  const std::string text = "content.body[0].paragraph.text";
  EXPECT_THAT(FieldsAtFault(ParagraphOf(R"(text: "abc" spans { start: 0 end: 4 kind: SPAN_KIND_CODE })")),
              ElementsAre(text + ".spans[0].end"));
  EXPECT_THAT(FieldsAtFault(ParagraphOf(R"(text: "abc" spans { start: 1 end: 1 kind: SPAN_KIND_CODE })")),
              ElementsAre(text + ".spans[0].end"));
  EXPECT_THAT(
      FieldsAtFault(ParagraphOf(R"(text: "abc" spans { start: 4294967295 end: 1 kind: SPAN_KIND_CODE })")),
      ElementsAre(text + ".spans[0].end"));
  EXPECT_THAT(FieldsAtFault(ParagraphOf(R"(text: "é" spans { start: 1 end: 2 kind: SPAN_KIND_CODE })")),
              ElementsAre(text + ".spans[0].start"));
  EXPECT_THAT(FieldsAtFault(ParagraphOf(R"(text: "aé" spans { start: 0 end: 2 kind: SPAN_KIND_CODE })")),
              ElementsAre(text + ".spans[0].end"));
  EXPECT_THAT(FieldsAtFault(ParagraphOf(R"(text: "abcd" spans { start: 1 end: 3 kind: SPAN_KIND_CODE }
                                         spans { start: 0 end: 2 kind: SPAN_KIND_STRONG })")),
              ElementsAre(text + ".spans[0]"));
  EXPECT_THAT(
      FieldsAtFault(ParagraphOf(R"(text: "abcd" spans { start: 0 end: 3 kind: SPAN_KIND_LINK url: "/a" }
                                         spans { start: 1 end: 2 kind: SPAN_KIND_LINK url: "/b" })")),
      ElementsAre(text + ".spans[1]"));
}

TEST(RichText, RefusesMarksWithoutMeaning) {
  const std::string span = "content.body[0].paragraph.text.spans[0]";
  auto with = [](const std::string& mark) {
    return FieldsAtFault(ParagraphOf(absl::StrCat("text: 'abc' spans { start: 0 end: 1 ", mark, " }")));
  };
  EXPECT_THAT(with(""), ElementsAre(span + ".kind"));
  EXPECT_THAT(with("kind: SPAN_KIND_LINK"), ElementsAre(span + ".url"));
  EXPECT_THAT(with("kind: SPAN_KIND_LINK url: 'javascript:alert(1)'"), ElementsAre(span + ".url"));
  EXPECT_THAT(with("kind: SPAN_KIND_LINK article_id: 'A!'"), ElementsAre(span + ".article_id"));
  EXPECT_THAT(with("kind: SPAN_KIND_LINK article_id: 'a' url: '/b'"), ElementsAre(span + ".url"));
  EXPECT_THAT(with("kind: SPAN_KIND_STRONG url: '/b'"), ElementsAre(span + ".url"));
  EXPECT_THAT(with("kind: SPAN_KIND_LANGUAGE"), ElementsAre(span + ".language"));
  EXPECT_THAT(with("kind: SPAN_KIND_LANGUAGE language: 'x'"), ElementsAre(span + ".language"));
}

TEST(RichText, MovesSpansWhenTextIsNormalized) {
  auto text =
      Parse<v1::RichText>(R"(text: "cafe\xCC\x81 bar" spans { start: 7 end: 10 kind: SPAN_KIND_STRONG }
                                     spans { start: 0 end: 6 kind: SPAN_KIND_CODE })");
  FieldCheck check;
  CheckRichText("text", 100, text, check);
  ASSERT_TRUE(check.ok());
  EXPECT_EQ(text.text(), "caf\xC3\xA9 bar");
  EXPECT_EQ(text.spans(0).kind(), v1::SPAN_KIND_CODE);
  EXPECT_EQ(text.spans(0).end(), 5u);
  EXPECT_EQ(text.spans(1).start(), 6u);
  EXPECT_EQ(text.spans(1).end(), 9u);
}

TEST(RichText, RefusesASpanThatSplitsAComposedCharacter) {
  auto text = Parse<v1::RichText>(R"(text: "e\xCC\x81" spans { start: 0 end: 1 kind: SPAN_KIND_STRONG })");
  FieldCheck check;
  CheckRichText("text", 100, text, check);
  ASSERT_EQ(check.violations().size(), 1u);
  EXPECT_EQ(check.violations()[0].field, "text.text");
}

TEST(CheckCorrection, NeedsATypeAndAText) {
  v1::Correction correction;
  FieldCheck check;
  CheckCorrection("correction", correction, check);
  ASSERT_EQ(check.violations().size(), 2u);
  EXPECT_EQ(check.violations()[0].field, "correction.type");
  EXPECT_EQ(check.violations()[1].field, "correction.text.text");
}

TEST(CheckCorrection, IsBoundedWithItsMarks) {
  for (const int links : {30, 40}) {  // of 1,900 bytes
    v1::Correction correction;
    correction.set_type(v1::CORRECTION_TYPE_UPDATE);
    correction.mutable_text()->set_text(std::string(80, 'a'));
    for (int i = 0; i < links; ++i) {
      v1::Span* span = correction.mutable_text()->add_spans();
      span->set_start(2 * i);
      span->set_end(2 * i + 1);
      span->set_kind(v1::SPAN_KIND_LINK);
      span->set_url("https://a.example/" + std::string(1882, 'a'));
    }
    FieldCheck check;
    CheckCorrection("correction", correction, check);
    EXPECT_EQ(check.ok(), links == 30);
    if (!check.ok()) {
      EXPECT_EQ(check.violations()[0].field, "correction.text");
    }
  }
}

TEST(CheckWithdrawal, WantsExactlyWhatTheModeNeeds) {
  for (const auto& [text, field] : std::vector<std::pair<std::string, std::string>>{
           {"", ""},
           {"mode: WITHDRAWAL_MODE_REDIRECT redirect_path: '/a'", ""},
           {"mode: WITHDRAWAL_MODE_REDIRECT redirect_path: '/'", ""},
           {"mode: WITHDRAWAL_MODE_REDIRECT redirect_path: '//a'", "w.redirect_path"},
           {"mode: WITHDRAWAL_MODE_REDIRECT", "w.redirect_path"},
           {"mode: WITHDRAWAL_MODE_GONE redirect_path: '/a'", "w.redirect_path"},
           {"mode: WITHDRAWAL_MODE_NOTICE notice: 'Legal reasons.'", ""},
           {"mode: WITHDRAWAL_MODE_NOTICE", "w.notice"},
           {"notice: 'x'", "w.notice"}}) {
    auto withdrawal = Parse<v1::Withdrawal>(text);
    FieldCheck check;
    CheckWithdrawal("w", withdrawal, check);
    EXPECT_EQ(check.ok() ? "" : check.violations()[0].field, field) << text;
  }
}

TEST(CheckAuthor, NamesTheFieldAtFault) {
  auto author =
      Parse<v1::Author>("author_id: 'Ann' profile_urls: 'http://a.example/' portrait { image_id: '!' }");
  FieldCheck check;
  CheckAuthor("author", author, check);
  std::vector<std::string> fields;
  for (const FieldViolation& violation : check.violations()) fields.push_back(violation.field);
  EXPECT_THAT(fields, ElementsAre("author.author_id", "author.name", "author.portrait.image_id",
                                  "author.profile_urls[0]"));
}

TEST(CheckPublishable, NeedsHeadlineAndSection) {
  FieldCheck check;
  CheckPublishable(v1::ArticleContent(), check);
  ASSERT_EQ(check.violations().size(), 2u);
  EXPECT_EQ(check.violations()[0].field, "content.headline");
  EXPECT_EQ(check.violations()[1].field, "content.section_id");
}

TEST(AssignBlockIds, GivesTheSameTextTheSameIds) {
  auto content = Parse<v1::ArticleContent>(
      "body { divider {} } body { divider {} } body { block_id: 'mine' divider {} } body { heading { level: "
      "2 } }");
  v1::ArticleContent again = content;
  AssignBlockIds(content);
  AssignBlockIds(again);
  EXPECT_EQ(content.SerializeAsString(), again.SerializeAsString());
  EXPECT_EQ(content.body(1).block_id(), content.body(0).block_id() + "-2");
  EXPECT_EQ(content.body(2).block_id(), "mine");
  EXPECT_NE(content.body(3).block_id(), content.body(0).block_id());
  EXPECT_THAT(FieldsAtFault("body { block_id: '" + content.body(0).block_id() + "' divider {} }"), IsEmpty());
}

}  // namespace
}  // namespace broadsheet::article
