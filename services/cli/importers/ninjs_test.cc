#include "services/cli/importers/ninjs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>

#include "absl/strings/str_cat.h"
#include "libs/testing/temp_dir.h"
#include "services/cli/importers/recorded_problems.h"
#include "services/cli/importers/shared_data.h"

namespace broadsheet::cli {
namespace {

namespace fs = std::filesystem;
namespace v1 = article::v1;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class Ninjs : public testing::Test, protected RecordedProblems {
 protected:
  void Write(const std::string& name, absl::string_view content) {
    std::ofstream(directory_.File(name), std::ios::binary) << content;
  }
  // Reads an item in which ' stands for ".
  void Read(std::string json, const std::string& section = "world") {
    std::replace(json.begin(), json.end(), '\'', '"');
    Write("item.json", json);
    ReadNinjsFile(directory_.File("item.json"), section, edition_, problems);
  }
  const ImportedArticle& Only() {
    EXPECT_THAT(edition_.articles, SizeIs(1)) << testing::PrintToString(lines);
    return edition_.articles.at(0);
  }

  test::TempDir directory_;
  ImportedEdition edition_;
};

TEST_F(Ninjs, Version1HasSinglePropertiesAndBodiesByForm) {
  Read(R"({'uri': 'http://news.example.com/items/1', 'type': 'text', 'versioncreated': '2026-11-14T07:30:00Z',
    'byline': 'Ann Pell', 'headline': 'Wall opens', 'description_text': 'Short.', 'language': 'en', 'located': 'Averley',
    'urgency': 3, 'pubstatus': 'usable', 'slugline': 'wall', 'ednote': 'Check.', 'usageterms': 'Print only',
    'copyrightnotice': '(c) Example', 'subject': [{'name': 'Floods'}, {'code': 'x'}], 'genre': [{'name': 'Feature'}],
    'body_text': 'plain', 'body_xhtml': '<p>One</p><p>Two</p>'})");
  const ImportedArticle& article = Only();
  const v1::ArticleContent& content = article.content;
  EXPECT_THAT(article.article_id, testing::StartsWith("news-example-com-items-1-"));
  EXPECT_EQ(content.headline(), "Wall opens");
  EXPECT_EQ(content.trail_text(), "Short.");
  EXPECT_EQ(content.byline(), "Ann Pell");
  EXPECT_EQ(content.located(), "Averley");
  EXPECT_EQ(content.urgency(), 3);
  EXPECT_EQ(content.section_id(), "world");
  EXPECT_EQ(content.slugline(), "wall");
  EXPECT_EQ(content.usage_terms(), "Print only");
  EXPECT_EQ(content.copyright_notice(), "(c) Example");
  EXPECT_THAT(content.subjects(), ElementsAre("Floods"));
  EXPECT_EQ(content.genre(), "Feature");
  EXPECT_EQ(article.ed_note, "Check.");
  EXPECT_EQ(content.body_size(), 2);
  EXPECT_TRUE(article.published);
  EXPECT_THAT(lines, IsEmpty());
}

TEST_F(Ninjs, Version2HasListsWithRoles) {
  Read(
      R"({'uri': 'urn:example:2', 'versioncreated': '2026-11-14T07:30:00Z', 'firstcreated': '2026-11-13T07:30:00Z', 'by': 'Ann',
    'headlines': [{'role': 'short', 'value': 'Wall'}, {'role': 'main', 'value': 'Wall opens'}],
    'descriptions': [{'role': 'lead', 'value': 'It opened.'}, {'role': 'text', 'value': 'Short.'}],
    'subjects': [{'name': 'Floods'}, {'name': 'Floods'}], 'copyrightholder': 'Example',
    'bodies': [{'role': 'text', 'contenttype': 'text/plain', 'value': 'no'},
               {'role': 'html', 'contenttype': 'text/html', 'value': '<h1>Wall opens</h1><p>One</p>'}]})");
  const v1::ArticleContent& content = Only().content;
  EXPECT_EQ(content.headline(), "Wall opens");
  EXPECT_EQ(content.standfirst(), "It opened.");
  EXPECT_EQ(content.trail_text(), "Short.");
  EXPECT_EQ(content.byline(), "Ann");
  EXPECT_EQ(content.copyright_notice(), "Example");
  EXPECT_THAT(content.subjects(), ElementsAre("Floods"));
  ASSERT_EQ(content.body_size(), 1) << "the headline is not repeated";
  EXPECT_EQ(absl::ToUnixSeconds(*Only().published), 1794555000) << "firstcreated";
}

TEST_F(Ninjs, Version3IsInCamelCase) {
  Read(
      R"({'uri': 'urn:example:3', 'type': 'text', 'versionCreated': '2026-11-14T07:30:00+01:00', 'pubStatus': 'usable',
    'edNote': 'Check.', 'usageTerms': 'Print only', 'copyrightNotice': 'C', 'embargoedUntil': '2026-12-01T00:00:00Z',
    'expires': '2027-12-01T00:00:00Z', 'headlines': [{'value': 'Wall opens'}],
    'bodies': [{'contentType': 'text/plain', 'value': 'One\n\nTwo'}]})");
  const ImportedArticle& article = Only();
  EXPECT_EQ(article.ed_note, "Check.");
  EXPECT_EQ(article.content.usage_terms(), "Print only");
  EXPECT_EQ(article.content.body_size(), 2);
  EXPECT_EQ(absl::ToUnixSeconds(*article.published), 1794637800);
  EXPECT_TRUE(article.embargoed_until && article.expires_at);
}

// As a gateway writes them: at the head of the text, and for the desk.
TEST_F(Ninjs, CorrectionsOfAPublishedItemAreReadOnce) {
  Read(
      R"({'uri': 'tag:a.example,2026-11-14:wall', 'versionCreated': '2026-11-14T07:30:00Z', 'headlines': [{'value': 'Wall opens'}],
    'standard': {'name': 'ninjs', 'version': '3.1'}, 'edNote': 'Correction, 2026-11-15: It is 12 metres.', 'bodies': [{'role': 'main',
    'contentType': 'text/html', 'value': '<aside><p><strong>Correction, <time>15 November 2026</time>.</strong> It is 12 metres.</p></aside><p>One</p>'}]})");
  const ImportedArticle& article = Only();
  ASSERT_EQ(article.content.body_size(), 2);
  EXPECT_EQ(article.content.body(0).paragraph().text().text(),
            "Correction, 15 November 2026. It is 12 metres.");
  EXPECT_THAT(article.corrections, IsEmpty());
  EXPECT_EQ(article.ed_note, "Correction, 2026-11-15: It is 12 metres.");
}

TEST_F(Ninjs, PubstatusDecidesWhatBecomesOfTheStory) {
  for (const auto& [status, intent] : std::map<std::string, Intent>{
           {"usable", Intent::kPublish}, {"withheld", Intent::kWithhold}, {"canceled", Intent::kCancel}}) {
    edition_ = {};
    Read(absl::StrCat("{'uri': 'u', 'headline': 'h', 'body_text': 'b', 'pubstatus': '", status, "'}"));
    EXPECT_EQ(Only().intent, intent) << status;
  }
  edition_ = {};
  Read("{'uri': 'u', 'headline': 'h', 'pubstatus': 'embargoed'}");
  EXPECT_THAT(edition_.articles, IsEmpty());
  EXPECT_THAT(lines, testing::Contains(HasSubstr("\"pubstatus\" must be one of usable, withheld, canceled")));
}

TEST_F(Ninjs, PicturesBesideTheFileAreUsed) {
  Write("wall-big.jpg", "big");
  Write("wall-small.jpg", "small");
  Write("other.jpg", "other");
  Write("item.json", R"({"uri": "u", "type": "composite", "headline": "h",
    "body_xhtml": "<p>One</p><img src='https://cdn.example/x/wall-small.jpg'/><p>Two</p><img src='other.jpg' alt='O'/>",
    "associations": {"main": {"uri": "p", "type": "picture", "byline": "Ann", "description_text": "The wall",
      "copyrightholder": "Example",
      "renditions": {"a": {"href": "https://cdn.example/x/wall-small.jpg", "width": 100},
                     "b": {"href": "https://cdn.example/x/wall-big.jpg?s=1", "width": 900}}},
      "film": {"uri": "v", "type": "video"}}})");
  ReadNinjsFile(directory_.File("item.json"), "world", edition_, problems);
  const v1::ArticleContent& content = Only().content;
  const ImportedImage& lead = edition_.images.at(content.lead_image().image_id());
  EXPECT_EQ(lead.file.filename(), "wall-big.jpg");
  EXPECT_EQ(lead.metadata.caption(), "The wall");
  EXPECT_EQ(lead.metadata.credit_line(), "Ann");
  EXPECT_EQ(lead.metadata.copyright_notice(), "Example");
  ASSERT_EQ(content.body_size(), 3) << "the lead image is not shown again";
  EXPECT_EQ(edition_.images.at(content.body(2).image().image_id()).file.filename(), "other.jpg");
  EXPECT_THAT(lines, ElementsAre(HasSubstr("the associated item \"film\" of type \"video\" was left out")));
}

TEST_F(Ninjs, APictureAloneGoesToTheLibrary) {
  Write("wall.jpg", "wall");
  Read(
      "{'uri': 'p', 'type': 'picture', 'headlines': [{'value': 'Wall'}], 'renditions': [{'name': 'x', "
      "'href': 'wall.jpg'}]}");
  EXPECT_THAT(edition_.articles, IsEmpty());
  ASSERT_THAT(edition_.images, SizeIs(1));
  EXPECT_EQ(edition_.images.begin()->second.metadata.caption(), "Wall");
}

TEST_F(Ninjs, PicturesElsewhereAreReportedAndNeverFetched) {
  Read(
      R"({'uri': 'u', 'headline': 'h', 'body_text': 'b', 'associations': {'main': {'uri': 'p', 'type': 'picture',
    'renditions': {'a': {'href': '/etc/hostname'}, 'b': {'href': '../../../etc/hostname'}}}}})");
  EXPECT_FALSE(Only().content.has_lead_image());
  EXPECT_THAT(lines, testing::Contains(HasSubstr("the picture \"main\" was left out")));
}

TEST_F(Ninjs, AListOfItemsIsRead) {
  Read(
      "[{'uri': 'a', 'headline': 'A', 'body_text': 'x'}, {'uri': 'b', 'headline': 'B', 'body_text': 'x'}, "
      "{'uri': 'a', 'headline': 'C'}]");
  EXPECT_THAT(edition_.articles, SizeIs(2));
  EXPECT_THAT(lines, ElementsAre(HasSubstr("the story a is there twice")));
}

TEST_F(Ninjs, EachMistakeIsOneLineThatNamesTheProperty) {
  Read("{'headline': 'h'}");
  Read("{'uri': 'b', 'headline': 'h', 'body_text': 'x', 'urgency': 12.5}");
  Read("{'uri': 'c', 'headline': 'h', 'body_text': 'x', 'embargoed': 'soon'}");
  Read("{'uri': 'd', 'headlines': 'h'}");
  Read("{'uri': 'e', 'bodies': [{'value': {}}]}");
  Read("{'uri': 'f', 'type': 'video'}");
  Read(
      "{'uri': 'g', 'headlines': [{'value': 'h'}], 'bodies': [{'contenttype': 'application/pdf', 'value': "
      "'x'}]}");
  Read("{'uri': 'h',\n\n 'headline': }");
  Read("'text'");
  Read("{'uri': 'i', 'headline': 'h', 'body_text': 'x'}", "");
  EXPECT_THAT(edition_.articles, IsEmpty());
  EXPECT_THAT(
      lines,
      ElementsAre(HasSubstr("\"uri\" is missing"), HasSubstr("\"urgency\" must be"),
                  HasSubstr("\"embargoed\" must be a time"), HasSubstr("\"headlines\" must be a list"),
                  HasSubstr("bodies: \"value\" must be text"), HasSubstr("type \"video\" cannot be imported"),
                  HasSubstr("no body is HTML, NITF or plain text, but application/pdf"),
                  HasSubstr("not JSON, see line 3"), HasSubstr("must be an object"),
                  HasSubstr("name one with --section=ID")));
}

TEST_F(Ninjs, AStoryWithoutAHeadlineIsLeftADraft) {
  Read("{'uri': 'a', 'body_text': 'x', 'pubstatus': 'usable'}");
  EXPECT_EQ(Only().intent, Intent::kDraft);
  EXPECT_THAT(lines, ElementsAre(HasSubstr("there is no headline, so it is left a draft")));
}

TEST_F(Ninjs, AnItemWithAMistakeDoesNotKeepTheOthersOut) {
  Read("[{'uri': 'a', 'headlines': 'x'}, {'uri': 'b', 'headline': 'B', 'body_text': 'x'}]");
  EXPECT_THAT(Only().article_id, HasSubstr("-b-"));
  EXPECT_THAT(lines, ElementsAre(HasSubstr("a: \"headlines\" must be a list")));
  EXPECT_THAT(edition_.article_ids, SizeIs(2)) << "both were there";
}

TEST_F(Ninjs, WhatAStoryHasNoPlaceForIsReported) {
  Read(
      "{'uri': 'u', 'headlines': [{'value': 'h'}], 'bodies': [{'value': 'x', 'contenttype': 'text/plain'}], "
      "'people': [{'name': 'Ann'}], 'places': []}");
  EXPECT_THAT(lines, ElementsAre(HasSubstr("u: left out, as a story has no place for it: people, places")));
}

TEST_F(Ninjs, AnItemOfOthersHasNoSayInWhatTheNewsroomHas) {
  Read(
      "{'uri': 'urn:a', 'headlines': [{'value': 'h'}], 'bodies': [{'value': 'x', 'contenttype': "
      "'text/plain'}], "
      "'altids': [{'role': 'broadsheet:path', 'value': '/front'}, {'role': 'broadsheet:state', 'value': "
      "'draft'}], "
      "'subjects': [{'name': 'S', 'uri': 'broadsheet:section/other'}], "
      "'people': [{'name': 'A', 'uri': 'broadsheet:author/ann'}]}");
  EXPECT_EQ(Only().path, "");
  EXPECT_EQ(Only().intent, Intent::kPublish);
  EXPECT_EQ(Only().content.section_id(), "world");
  EXPECT_THAT(Only().content.author_ids(), IsEmpty());
}

TEST_F(Ninjs, ABodyInNitfIsRead) {
  Read(
      R"({'uri': 'u', 'headlines': [{'value': 'h'}], 'bodies': [{'contenttype': 'application/nitf+xml', 'value':
    '<nitf><body><body.head><hedline><hl1>Not this</hl1></hedline></body.head><body.content><block><p>One <b>two</b></p><hl2>Three</hl2><p>Four</p></block><script>x</script></body.content></body></nitf>'}]})");
  const v1::ArticleContent& content = Only().content;
  ASSERT_EQ(content.body_size(), 3);
  EXPECT_EQ(content.body(0).paragraph().text().text(), "One two");
  EXPECT_EQ(content.body(1).heading().text().text(), "Three");
  EXPECT_THAT(lines, ElementsAre(HasSubstr("<script> was left out")));
}

TEST_F(Ninjs, DeepAssociationsAndListsEnd) {
  std::string deep = "{'uri': 'u', 'type': 'picture'}";
  for (int i = 0; i < 200; ++i)
    deep = absl::StrCat("{'uri': 'u', 'headline': 'h', 'type': 'text', 'associations': {'a': ", deep, "}}");
  Read(deep);
  EXPECT_THAT(edition_.articles, SizeIs(1));
  Read(std::string(100'000, '['));
  EXPECT_THAT(lines, testing::Contains(HasSubstr("not JSON")));
}

// The examples that the standard's makers publish, where they are at hand; the samples above are everybody's.
TEST_F(Ninjs, TheStandardsExamplesOfTextImport) {
  BROADSHEET_NEEDS_SHARED_DATA("ninjs");
  const fs::path examples = SharedData() / "ninjs" / "examples";
  const std::map<std::string, std::size_t> blocks_by_file = {
      {"1.4/ninjsExSimpleText1.json", 4},
      {"1.4/ninjsExComplex1.json", 4},
      {"1.4/businesswire-newsml-20130515006361.json", 1},
      {"2.1/ninjsExSimpleText_2.json", 4},
      {"2.1/dpa_text.json", 5},
      {"2.1/tt_text_image_2.json", 4},
      {"3.0/ninjsExSimpleText_3.json", 4},
      {"3.0/businesswire-newsml-20130731006140.json", 1}};
  for (const auto& [file, at_least] : blocks_by_file) {
    edition_ = {};
    ReadNinjsFile(examples / file, "world", edition_, problems);
    ASSERT_THAT(edition_.articles, SizeIs(1)) << file << testing::PrintToString(lines);
    EXPECT_GE(static_cast<std::size_t>(edition_.articles[0].content.body_size()), at_least) << file;
    EXPECT_FALSE(edition_.articles[0].content.headline().empty()) << file;
  }
}

TEST_F(Ninjs, APictureThatMayNotBeShownIsLeftOut) {
  for (const char* state : {"'pubstatus': 'withheld'", "'pubstatus': 'canceled'",
                            "'embargoed': '2199-01-01T00:00:00Z'", "'expires': '2001-01-01T00:00:00Z'"}) {
    edition_ = {};
    lines.clear();
    Write("wall.jpg", "wall");
    Read(
        absl::StrCat("{'uri': 'a', 'headline': 'A', 'body_xhtml': '<p>x</p><img src=wall.jpg>', "
                     "'associations': {'lead': {'uri': 'p', 'type': 'picture', ",
                     state, ", 'renditions': {'big': {'href': 'wall.jpg'}}}}}"));
    EXPECT_FALSE(Only().content.has_lead_image()) << state;
    EXPECT_EQ(Only().content.body_size(), 1) << state;
    EXPECT_THAT(edition_.images, testing::IsEmpty()) << state;
    EXPECT_THAT(lines, testing::Contains(HasSubstr("the picture \"lead\" was left out: it "))) << state;
  }
}

TEST_F(Ninjs, AWithdrawalIsCarriedOutInSpiteOfMistakes) {
  Read(
      "[{'uri': 'a', 'headlines': 'x', 'pubstatus': 'canceled'},"
      " {'uri': 'b', 'headline': 'B', 'body_pdf': 'x', 'pubstatus': 'withheld'},"
      " {'uri': 'c', 'headline': 'C', 'body_text': 'x'},"
      " {'uri': 'c', 'headline': 'C', 'body_text': 'x', 'pubstatus': 'canceled'}]");
  std::vector<Intent> intents;
  for (const ImportedArticle& article : edition_.articles) {
    EXPECT_TRUE(article.only_withdraw);
    intents.push_back(article.intent);
  }
  EXPECT_THAT(intents, ElementsAre(Intent::kCancel, Intent::kWithhold, Intent::kCancel));
  EXPECT_EQ(problems.errors(), 0) << testing::PrintToString(lines);
}

TEST_F(Ninjs, WhatANitfBodySaysOfItsStateCounts) {
  Read(
      "{'uri': 'a', 'headlines': [{'value': 'A'}], 'bodies': [{'role': 'main', 'contenttype': "
      "'application/nitf+xml', "
      "'value': '<nitf><head><docdata management-status=withheld></docdata></head><body>"
      "<body.content><p>x</p></body.content></body></nitf>'}]}");
  EXPECT_EQ(Only().intent, Intent::kWithhold);
}

TEST_F(Ninjs, OnlyAnExportOfOursNamesThingsOfTheNewsroom) {
  const auto blocks = [](absl::string_view uri) {
    return absl::StrCat("{'uri': '", uri,
                        "', 'headline': 'A', 'body_xhtml': '<p>x <a href=broadsheet:article/wall>y</a></p>"
                        "<img src=broadsheet:image/wall-1>', 'associations': {'lead': {'type': 'picture', "
                        "'uri': 'broadsheet:image/wall-2', 'renditions': {'a': {'href': 'x.jpg'}}}}}");
  };
  Read(blocks("broadsheet:article/ours"));
  EXPECT_THAT(Only().image_ids, ElementsAre("wall-1", "wall-2"));
  EXPECT_THAT(Only().references, SizeIs(2)) << "the section, and the story linked to";
  edition_ = {};
  Read(blocks("https://other.example/1"));
  EXPECT_THAT(Only().image_ids, testing::IsEmpty());
  EXPECT_THAT(Only().references, SizeIs(1));
  EXPECT_EQ(Only().content.body(0).paragraph().text().spans_size(), 0);
}

}  // namespace
}  // namespace broadsheet::cli
