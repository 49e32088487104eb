// Export, then import: the same story, or a sentence that says what is not.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "google/protobuf/text_format.h"
#include "services/cli/exporters/html_writer.h"
#include "services/cli/exporters/losses.h"
#include "services/cli/exporters/markdown_writer.h"
#include "services/cli/exporters/ninjs_writer.h"
#include "services/cli/importers/markdown.h"
#include "services/cli/importers/recorded_problems.h"
#include "services/cli/importers/times.h"

namespace broadsheet::cli {
namespace {

namespace v1 = article::v1;
using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

v1::Block Block(const std::string& text) {
  v1::Block block;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &block)) << text;
  return block;
}

ExportedStory Story(const std::vector<v1::Block>& body = {}) {
  ExportedStory story;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(
      R"(article_id: "sea-wall" revision: 4 published_revision: 4 edit_state: EDIT_STATE_DONE
         pub_status: PUB_STATUS_USABLE first_published_at { seconds: 1794641400 }
         version_created_at { seconds: 1794641500 }
         content { headline: "Wall opens" section_id: "city" language: "en" })",
      &story.draft));
  for (const v1::Block& block : body) *story.draft.mutable_content()->add_body() = block;
  return story;
}

std::vector<std::string> Losses(const ExportedStory& story, const std::string& format) {
  if (format == "markdown") return LossesOfMarkdown(story, WriteMarkdown(story));
  return LossesOfNinjs(story, WriteNinjs(story, format == "ninjs2" ? 2 : 3));
}

class EveryFormat : public testing::TestWithParam<const char*> {
 protected:
  std::vector<std::string> Lost(const ExportedStory& story) { return Losses(story, GetParam()); }
};
INSTANTIATE_TEST_SUITE_P(RoundTrip, EveryFormat, testing::Values("ninjs2", "ninjs3", "markdown"));

TEST_P(EveryFormat, CarriesEveryFieldOfAStory) {
  ExportedStory story = Story();
  ASSERT_TRUE(google::protobuf::TextFormat::MergeFromString(
      R"(path: "/city/2026/11/wall-opens" ed_note: "Check \"it\": twice.\nThen go."
         embargoed_until { seconds: 1794641460 } expires_at { seconds: 1894641460 nanos: 500000000 }
         content { standfirst: "It opened: at # last." kicker: "Analysis" trail_text: "Short & <b>." byline: "By X"
           slugline: "wall-1" located: "AVERLEY" language: "en-GB" genre: "Feature" urgency: 3
           author_ids: "ann" author_ids: "bo" subjects: "flood defences" subjects: "sea: wall"
           lead_image { image_id: "wall-1" caption: "The \"wall\"" alt_text: "A wall" credit_line: "Ann / X" }
           related_article_ids: "ferry" related_article_ids: "bridge" follows_article_id: "storm"
           copyright_notice: "© X" usage_terms: "Print only" coverage_ended_at { seconds: 1794645000 } })",
      &story.draft));
  EXPECT_THAT(Lost(story), IsEmpty());
  for (int i = 0; i < v1::ArticleContent::descriptor()->field_count(); ++i) {
    const auto* field = v1::ArticleContent::descriptor()->field(i);
    if (field->name() == "body") continue;
    const bool is_set =
        field->is_repeated()
            ? story.draft.content().GetReflection()->FieldSize(story.draft.content(), field) > 0
            : story.draft.content().GetReflection()->HasField(story.draft.content(), field);
    EXPECT_TRUE(is_set) << field->name() << " is new: carry it, and set it here";
  }
}

TEST_P(EveryFormat, CarriesAuthorsWithoutMakingABylineOfThem) {
  ExportedStory story = Story();
  story.draft.mutable_content()->add_author_ids("ann");
  story.draft.mutable_content()->add_author_ids("bo");
  story.authors["ann"].set_name("Ann Pell");
  EXPECT_THAT(Lost(story), IsEmpty());
}

TEST_P(EveryFormat, CarriesTheBlocksThatAllFormatsHave) {
  EXPECT_THAT(
      Lost(Story({
          Block("paragraph { text { text: 'A b c, d\\ne' spans { start: 0 end: 5 kind: SPAN_KIND_STRONG } "
                "spans { start: 2 "
                "end: 3 kind: SPAN_KIND_EMPHASIS } spans { start: 7 end: 8 kind: SPAN_KIND_CODE } } }"),
          Block("paragraph { text { text: 'one two three' spans { start: 0 end: 3 kind: SPAN_KIND_LINK url: "
                "'https://a.example/?a=1&b=(2)' } spans { start: 4 end: 7 kind: SPAN_KIND_LINK article_id: "
                "'ferry' } "
                "spans { start: 8 end: 13 kind: SPAN_KIND_LINK url: '/about' } } }"),
          Block("paragraph { text { text: 'old new' spans { start: 0 end: 3 kind: SPAN_KIND_STRIKETHROUGH } "
                "} }"),
          Block("heading { level: 2 text { text: '# 1. A & b #' } }"),
          Block("heading { level: 4 text { text: 'deep' spans { start: 0 end: 4 kind: SPAN_KIND_EMPHASIS } } "
                "}"),
          Block("image { image_id: 'wall-1' caption: 'The \"wall\" & more' alt_text: 'A [wall]' }"),
          Block("quote { text { text: 'One.\\nTwo.' } attribution: 'Ann, pilot' source_url: "
                "'https://a.example/q' }"),
          Block("quote { text { text: 'Bare.' } }"),
          Block("divider {}"),
          Block("list { items { text { text: 'a' } nested { ordered: true items { text { text: 'b\\nb' } "
                "nested { "
                "items { text { text: 'c' } nested { items { text { text: 'd' } } } } } } } } items { text { "
                "text: 'e' } } }"),
          Block("list { items { text { text: 'another list' } } }"),
          Block("list { items { text { text: 'third' } } }"),
          Block("list { ordered: true items { text { text: 'x' } } items { text { text: 'y' } } }"),
          Block("table { header { cells { text: 'Boat' } cells { text: 'Time' } } rows { cells { text: 'K | "
                "L' spans { "
                "start: 0 end: 1 kind: SPAN_KIND_STRONG } } cells { text: '1:02' } } rows { cells { text: '' "
                "} cells { "
                "text: 'a' spans { start: 0 end: 1 kind: SPAN_KIND_CODE } } } alignments: "
                "COLUMN_ALIGNMENT_CENTER "
                "alignments: COLUMN_ALIGNMENT_END }"),
          Block("paragraph { text { text: 'if (a) {\\n  b();\\n}' spans { start: 0 end: 17 kind: "
                "SPAN_KIND_CODE } } }"),
      })),
      IsEmpty());
}

TEST_P(EveryFormat, CarriesTextThatLooksLikeMarkup) {
  std::vector<v1::Block> body;
  for (const char* text : {"# no heading",
                           "- no list",
                           "1. no list",
                           "12) no list",
                           "> no quote",
                           "---",
                           "***",
                           "+ x",
                           "= y",
                           "| a | b |",
                           "**no strong** _no_ `no code` ~~no~~",
                           "<script>alert(1)</script>",
                           "&amp; &lt; &#60;",
                           "[a](https://b.example)",
                           "![a](b.jpg)",
                           "\\ back\\slash \\*",
                           "a\n# b\n- c\n    d",
                           "<!-- comment -->",
                           "story:ferry",
                           "— dash",
                           "؟ عربي",
                           "http://a.example/x_y_z",
                           "*",
                           "~~~",
                           "```",
                           "x < y > z",
                           "a \" b ' c",
                           "[^1]: note",
                           "[a]: /b"}) {
    body.emplace_back().mutable_paragraph()->mutable_text()->set_text(text);
  }
  for (const char* text : {"# y", "> z\nw"})
    body.emplace_back().mutable_quote()->mutable_text()->set_text(text);
  ExportedStory story = Story(body);
  story.draft.mutable_content()->set_headline("<b>\"Wall\"</b> & 'x': - #1 {y} [z] \\n");
  EXPECT_THAT(Lost(story), ElementsAre(HasSubstr("block 17, paragraph"))) << "spaces at the start of a line";
}

TEST_P(EveryFormat, CarriesTheStateOrSaysSo) {
  ExportedStory draft = Story();
  draft.draft.set_pub_status(v1::PUB_STATUS_UNSPECIFIED);
  draft.draft.clear_first_published_at();
  draft.draft.set_edit_state(v1::EDIT_STATE_DRAFT);
  EXPECT_THAT(Lost(draft), IsEmpty());

  ExportedStory scheduled = draft;
  scheduled.draft.set_edit_state(v1::EDIT_STATE_SCHEDULED);
  scheduled.draft.mutable_scheduled_at()->set_seconds(1994641400);
  EXPECT_THAT(Lost(scheduled), IsEmpty());

  ExportedStory withheld = Story();
  withheld.draft.set_pub_status(v1::PUB_STATUS_WITHHELD);
  withheld.draft.mutable_withdrawal()->set_notice("Sorry.");
  EXPECT_THAT(Lost(withheld), Contains(HasSubstr("what readers see instead")));
}

class Ninjs : public testing::TestWithParam<int> {};
INSTANTIATE_TEST_SUITE_P(RoundTrip, Ninjs, testing::Values(2, 3));

TEST_P(Ninjs, CarriesTheBlocksThatMarkdownHasNoFormFor) {
  const ExportedStory story = Story({
      Block("paragraph { text { text: 'H2O 103 mot' spans { start: 1 end: 2 kind: SPAN_KIND_SUBSCRIPT } "
            "spans { start: 6 "
            "end: 7 kind: SPAN_KIND_SUPERSCRIPT } spans { start: 8 end: 11 kind: SPAN_KIND_LANGUAGE "
            "language: 'fr' } } }"),
      Block("image { image_id: 'wall-1' caption: 'The wall' alt_text: 'A wall' credit_line: 'Ann' }"),
      Block("image { image_id: 'wall-1' credit_line: 'Ann' }"),
      Block("table { caption: 'Results' rows { cells { text: 'a\\nb' } } }"),
      Block("embed { url: 'https://video.example/1?a=1&b=2' title: 'A \"film\"' }"),
      Block("key_event { event_time { seconds: 1794641400 nanos: 5000000 } headline: 'The gate <opens>' }"),
      Block("key_event { event_time { seconds: 1794641500 } headline: 'It shuts' key: true }"),
  });
  EXPECT_THAT(LossesOfNinjs(story, WriteNinjs(story, GetParam())), IsEmpty());
}

TEST_P(Ninjs, NamesPicturesWithTheirRightsAndRenditions) {
  ExportedStory story = Story({Block("image { image_id: 'map-2' }")});
  story.draft.mutable_content()->mutable_lead_image()->set_image_id("wall-1");
  story.media_url = "https://media.example";
  media::v1::Image& image = story.images["wall-1"];
  image.mutable_metadata()->set_copyright_notice("© Ann");
  media::v1::Rendition& rendition = *image.add_renditions();
  rendition.set_name("w640");
  rendition.set_path("/media/0f/w640.webp");
  const std::string text = WriteNinjs(story, GetParam());
  const nlohmann::json associations = nlohmann::json::parse(text)["associations"];
  ASSERT_EQ(associations.size(), 2u);
  EXPECT_EQ(associations[0][GetParam() == 3 ? "copyrightNotice" : "copyrightnotice"], "© Ann");
  EXPECT_EQ(associations[0]["renditions"][0]["href"], "https://media.example/media/0f/w640.webp");
  EXPECT_EQ(associations[1]["uri"], "broadsheet:image/map-2");
  EXPECT_THAT(LossesOfNinjs(story, text), IsEmpty());
}

TEST_P(Ninjs, SaysWithheldToEverybodyElseOfWhatReadersCannotSee) {
  for (const v1::EditState state : {v1::EDIT_STATE_DRAFT, v1::EDIT_STATE_SCHEDULED}) {
    ExportedStory story = Story();
    story.draft.set_pub_status(v1::PUB_STATUS_UNSPECIFIED);
    story.draft.set_edit_state(state);
    const nlohmann::json item = nlohmann::json::parse(WriteNinjs(story, GetParam()));
    EXPECT_EQ(item[GetParam() == 3 ? "pubStatus" : "pubstatus"], "withheld");
  }
}

TEST_P(Ninjs, SaysThatItHasNoCorrections) {
  ExportedStory story = Story();
  story.draft.add_corrections()->set_type(v1::CORRECTION_TYPE_CORRECTION);
  EXPECT_THAT(LossesOfNinjs(story, WriteNinjs(story, GetParam())),
              ElementsAre("does not carry all of correction 1"));
}

TEST(Markdown, CarriesCorrectionsAndSaysWhatItHasNoFormFor) {
  ExportedStory story = Story({
      Block("paragraph { text { text: 'H2O' spans { start: 1 end: 2 kind: SPAN_KIND_SUBSCRIPT } } }"),
      Block("embed { url: 'https://video.example/1' title: 'Film' }"),
      Block("table { caption: 'Results' header { cells { text: 'a' } } }"),
      Block("paragraph { text { text: 'kept' } }"),
  });
  ASSERT_TRUE(
      google::protobuf::TextFormat::ParseFromString("type: CORRECTION_TYPE_CLARIFICATION text { text: 'It is "
                                                    "\"12\".' } create_time { seconds: 1794641400 } "
                                                    "correction_id: 'c'",
                                                    story.draft.add_corrections()));
  EXPECT_THAT(
      LossesOfMarkdown(story, WriteMarkdown(story)),
      ElementsAre(HasSubstr("block 1, paragraph"), HasSubstr("block 2, embed"), HasSubstr("block 3, table")));
}

TEST(Markdown, CarriesTheMomentsOfALiveStory) {
  ExportedStory story = Story({
      Block("paragraph { text { text: 'It has begun.' } }"),
      Block("key_event { event_time { seconds: 1794641400 nanos: 5000000 } headline: 'The gate [opens] <b>#' "
            "}"),
      Block("paragraph { text { text: 'Slowly.' } }"),
      Block("key_event { event_time { seconds: 1794641500 } headline: '1. It shuts' key: true }"),
      Block("heading { level: 2 text { text: '2026-11-14T07:30:00Z: no moment' } }"),
  });
  story.draft.mutable_content()->mutable_coverage_ended_at()->set_seconds(1794645000);
  EXPECT_THAT(LossesOfMarkdown(story, WriteMarkdown(story)), IsEmpty());
  EXPECT_THAT(WriteMarkdown(story), HasSubstr("(moment:2026-11-14T"));
}

TEST(Markdown, SaysThatAQuoteWithoutASourceCannotEndInADash) {
  const ExportedStory story = Story({Block("quote { text { text: 'One.\\n— Two' } }")});
  EXPECT_THAT(LossesOfMarkdown(story, WriteMarkdown(story)), ElementsAre(HasSubstr("block 1, quote")));
}

TEST(Html, WhatAnAuthorWritesNeverBecomesMarkup) {
  v1::ArticleContent content;
  *content.add_body() = Block("paragraph { text { text: '<img src=x onerror=alert(1)>' } }");
  *content.add_body() = Block("image { image_id: 'a' alt_text: '\" onload=\"x' caption: '<b>' }");
  EXPECT_THAT(WriteHtml(content.body()),
              AllOf(Not(HasSubstr("<img src=x")), Not(HasSubstr("\" onload")), HasSubstr("&lt;b&gt;")));
}

// The stories of the sample edition, which use all of the Markdown format.
TEST_P(EveryFormat, CarriesTheSampleEdition) {
  RecordedProblems found;
  ImportedEdition edition;
  ReadMarkdownFolder(std::filesystem::path(BROADSHEET_SOURCE_DIR) / "deploy" / "local" / "edition", edition,
                     found.problems);
  ASSERT_GT(edition.articles.size(), 20u);
  for (const ImportedArticle& article : edition.articles) {
    ExportedStory story = Story();
    story.draft.set_article_id(article.article_id);
    *story.draft.mutable_content() = article.content;
    if (article.published) *story.draft.mutable_first_published_at() = ToTimestamp(*article.published);
    EXPECT_THAT(Losses(story, GetParam()), IsEmpty()) << article.article_id;
  }
}

}  // namespace
}  // namespace broadsheet::cli
