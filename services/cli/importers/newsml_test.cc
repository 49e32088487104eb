#include "services/cli/importers/newsml.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "absl/strings/str_cat.h"
#include "libs/testing/temp_dir.h"
#include "services/cli/importers/recorded_problems.h"
#include "services/cli/importers/xml_import.h"

namespace broadsheet::cli {
namespace {

namespace v1 = article::v1;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class Newsml : public testing::Test, protected RecordedProblems {
 protected:
  void Write(const std::string& name, absl::string_view content) {
    std::ofstream(directory_.File(name), std::ios::binary) << content;
  }
  void Read(absl::string_view xml, const std::string& section = "world") {
    Write("item.xml", xml);
    ReadXmlFile(directory_.File("item.xml"), section, edition_, problems);
  }
  // A news item of a class, with more in its content metadata and its content set.
  static std::string Item(absl::string_view guid, absl::string_view item_class, absl::string_view meta,
                          absl::string_view content, absl::string_view item_meta = "") {
    return absl::StrCat(
        "<newsItem xmlns='http://iptc.org/std/nar/2006-10-01/' guid='", guid,
        "' version='3' standard='NewsML-G2' xml:lang='en-GB'><rightsInfo><copyrightHolder literal='Log'/>"
        "<copyrightNotice>© Log</copyrightNotice><usageTerms>Print "
        "only</usageTerms></rightsInfo><itemMeta><itemClass "
        "qcode='ninat:",
        item_class,
        "'/><provider "
        "literal='Log'/><versionCreated>2026-11-14T07:30:00Z</versionCreated><edNote>Check.</edNote>",
        item_meta, "</itemMeta><contentMeta>", meta, "</contentMeta><contentSet>", content,
        "</contentSet></newsItem>\n");
  }
  static std::string Html(absl::string_view body) {
    return absl::StrCat(
        "<inlineXML contenttype='application/xhtml+xml'><html xmlns='http://www.w3.org/1999/xhtml'><head>"
        "<title>Not this</title></head><body>",
        body, "</body></html></inlineXML>");
  }
  static std::string Nitf(absl::string_view head, absl::string_view content, absl::string_view end = "") {
    return absl::StrCat(
        "<inlineXML contenttype='application/nitf+xml'><nitf "
        "xmlns='http://iptc.org/std/NITF/2006-10-18/'><body>"
        "<body.head>",
        head, "</body.head><body.content>", content, "</body.content><body.end>", end,
        "</body.end></body></nitf></inlineXML>");
  }
  const ImportedArticle& Only() {
    EXPECT_THAT(edition_.articles, SizeIs(1)) << testing::PrintToString(lines);
    return edition_.articles.at(0);
  }

  test::TempDir directory_;
  ImportedEdition edition_;
};

TEST_F(Newsml, ATextItemBecomesAStory) {
  Read(Item(
      "urn:newsml:log.example:7", "text",
      "<urgency>3</urgency><located><name>Averley</name></located><headline role='hld:subHeadline'>Not "
      "this</headline>"
      "<headline role='hld:main'>Wall opens</headline><description role='drol:summary'>It "
      "opened.</description>"
      "<description role='drol:text'>Short.</description><slugline>wall</slugline><by>Ann "
      "Pell</by><genre><name>Feature"
      "</name></genre><subject type='cpnat:abstract'><name>Floods</name></subject><subject qcode='x:1'/>",
      Html("<p>One <b>two</b></p><script>alert(1)</script><h2>Three</h2>"),
      "<firstCreated>2026-11-13T07:30:00Z</firstCreated><pubStatus qcode='stat:usable'/><embargoed>"
      "2026-11-15T07:30:00Z</embargoed>"));
  const ImportedArticle& article = Only();
  const v1::ArticleContent& content = article.content;
  EXPECT_THAT(article.article_id, testing::StartsWith("urn-newsml-log-example-7-"));
  EXPECT_EQ(content.headline(), "Wall opens");
  EXPECT_EQ(content.standfirst(), "It opened.");
  EXPECT_EQ(content.trail_text(), "Short.");
  EXPECT_EQ(content.byline(), "Ann Pell");
  EXPECT_EQ(content.located(), "Averley");
  EXPECT_EQ(content.language(), "en-GB");
  EXPECT_EQ(content.genre(), "Feature");
  EXPECT_EQ(content.urgency(), 3);
  EXPECT_EQ(content.slugline(), "wall");
  EXPECT_EQ(content.copyright_notice(), "© Log");
  EXPECT_EQ(content.usage_terms(), "Print only");
  EXPECT_THAT(content.subjects(), ElementsAre("Floods"));
  EXPECT_EQ(article.ed_note, "Check.");
  EXPECT_EQ(absl::ToUnixSeconds(*article.published), 1794555000);
  EXPECT_TRUE(article.embargoed_until.has_value());
  ASSERT_EQ(content.body_size(), 2);
  EXPECT_EQ(content.body(0).paragraph().text().spans_size(), 1);
  EXPECT_EQ(content.body(1).heading().level(), 2);
  EXPECT_THAT(lines, ElementsAre(HasSubstr("<script> was left out")));
}

TEST_F(Newsml, ANitfBodyBecomesBlocks) {
  Write("wall.jpg", "wall");
  Read(Item(
      "urn:a", "text", "",
      Nitf(
          "<hedline><hl1>Wall opens</hl1></hedline><byline>By <person>Ann Pell</person></byline>"
          "<dateline><location>Averley</location></dateline>",
          "<block><p>One <person>Ann</person> <em>two</em></p><hl2>Three</hl2><bq><block><p>Said.</p></block>"
          "<credit>Bo</credit></bq><ul><li>a</li></ul><media media-type='image'><media-reference "
          "source='https://log.example/wall.jpg' alternate-text='A wall'/><media-caption>The "
          "wall</media-caption>"
          "<media-producer>Ann</media-producer></media><media media-type='video'><media-reference "
          "source='x.mp4'/>"
          "</media></block>",
          "<tagline>Edited by Cy</tagline>")));
  const v1::ArticleContent& content = Only().content;
  EXPECT_EQ(content.headline(), "Wall opens");
  EXPECT_EQ(content.byline(), "Ann Pell");
  EXPECT_EQ(content.located(), "Averley");
  ASSERT_EQ(content.body_size(), 6);
  EXPECT_EQ(content.body(0).paragraph().text().text(), "One Ann two");
  EXPECT_EQ(content.body(1).heading().text().text(), "Three");
  EXPECT_EQ(content.body(2).quote().text().text(), "Said.");
  EXPECT_EQ(content.body(2).quote().attribution(), "Bo");
  EXPECT_TRUE(content.body(3).has_list());
  EXPECT_EQ(content.body(4).image().caption(), "The wall");
  EXPECT_EQ(content.body(4).image().alt_text(), "A wall");
  EXPECT_EQ(content.body(4).image().credit_line(), "Ann");
  EXPECT_EQ(content.body(5).paragraph().text().text(), "Edited by Cy");
  EXPECT_THAT(lines, ElementsAre(HasSubstr("<video> was left out")));
}

TEST_F(Newsml, APictureItemGoesToTheLibraryInItsLargestRendition) {
  Write("small.jpg", "small");
  Write("big.jpg", "big");
  Read(Item("urn:p", "picture",
            "<headline>Wall</headline><description role='drol:caption'>The "
            "wall</description><creator><name>Ann</name>"
            "</creator><creditline>Ann / Log</creditline>",
            "<remoteContent href='https://log.example/small.jpg' width='100'/><remoteContent "
            "href='https://log.example/big.jpg' width='900'/>"));
  EXPECT_THAT(edition_.articles, IsEmpty());
  ASSERT_THAT(edition_.images, SizeIs(1));
  const ImportedImage& image = edition_.images.begin()->second;
  EXPECT_EQ(image.file.filename(), "big.jpg");
  EXPECT_EQ(image.metadata.caption(), "The wall");
  EXPECT_EQ(image.metadata.creator(), "Ann");
  EXPECT_EQ(image.metadata.credit_line(), "Ann / Log");
  EXPECT_EQ(image.metadata.copyright_notice(), "© Log");
}

TEST_F(Newsml, AMessageHoldsManyItemsAndPackagesAreReported) {
  Read(absl::StrCat(
      "<newsMessage xmlns='http://iptc.org/std/nar/2006-10-01/'><header/><itemSet>\n",
      Item("urn:a", "text", "<headline>A</headline>",
           "<inlineData contenttype='text/plain'>One</inlineData>"),
      Item("urn:b", "text", "<headline>B</headline>", Html("<p>x</p>"), "<pubStatus qcode='stat:canceled'/>"),
      Item("urn:c", "text", "<headline>C</headline>", Html("<p>x</p>"), "<pubStatus qcode='stat:withheld'/>"),
      "<packageItem guid='urn:d'/></itemSet></newsMessage>"));
  ASSERT_THAT(edition_.articles, SizeIs(3));
  EXPECT_EQ(edition_.articles[0].content.body(0).paragraph().text().text(), "One");
  EXPECT_EQ(edition_.articles[1].intent, Intent::kCancel);
  EXPECT_EQ(edition_.articles[2].intent, Intent::kWithhold);
  EXPECT_EQ(edition_.articles[2].where.line, 4);
  EXPECT_THAT(lines, ElementsAre(HasSubstr("item.xml:5: warning: a <packageItem> was left out")));
}

TEST_F(Newsml, WhatAStoryHasNoPlaceForIsReported) {
  Read(Item("urn:a", "text", "<headline>A</headline>", Html("<p>x</p>"),
            "<link rel='irel:seeAlso' residref='urn:b'/>"));
  EXPECT_THAT(lines, ElementsAre(HasSubstr("a link to urn:b")));
}

TEST_F(Newsml, EachMistakeIsOneLineAndTheRestGoesOn) {
  Read(absl::StrCat(
      "<newsMessage xmlns='http://iptc.org/std/nar/2006-10-01/'><itemSet>\n", Item("", "text", "", Html("x")),
      Item("urn:v", "video", "", ""),
      Item("urn:x", "text", "<headline>x</headline><urgency>12</urgency>", Html("<p>x</p>")),
      Item("urn:e", "text", "<headline>x</headline>", Html("<p>x</p>"), "<pubStatus qcode='stat:odd'/>"),
      Item("urn:i", "text", "<headline>x</headline>",
           "<inlineXML contenttype='application/x'><x/></inlineXML>"),
      Item("urn:g", "text", "<headline>Good</headline>", Html("<p>x</p>")), "</itemSet></newsMessage>"));
  EXPECT_THAT(Only().article_id, testing::StartsWith("urn-g-"));
  EXPECT_THAT(lines, ElementsAre(HasSubstr("item.xml:2: \"uri\" is missing"),
                                 HasSubstr("type \"video\" cannot be imported"),
                                 HasSubstr("\"urgency\" must be"), HasSubstr("\"pubstatus\" must be"),
                                 HasSubstr("no body is HTML, NITF or plain text, but application/x")));
}

TEST_F(Newsml, OlderNewsmlIsRefused) {
  Read("<NewsML Version='1.2'><NewsItem/></NewsML>");
  EXPECT_THAT(lines, ElementsAre(HasSubstr("is <NewsML>: WordPress exports, RSS, Atom and NewsML-G2")));
}

TEST_F(Newsml, AStatusThatIsNoCodeIsNeverLeaveToPublish) {
  const auto intent = [&](absl::string_view meta) -> std::string {
    edition_ = {};
    lines.clear();
    Read(Item("urn:a", "text", "<headline>A</headline>", Html("<p>x</p>"), meta));
    if (edition_.articles.empty()) return "refused";
    const Intent found = Only().intent;
    return found == Intent::kPublish    ? "published"
           : found == Intent::kCancel   ? "canceled"
           : found == Intent::kWithhold ? "withheld"
                                        : "draft";
  };
  EXPECT_EQ(intent(""), "published");
  EXPECT_EQ(intent("<pubStatus uri='http://cv.iptc.org/newscodes/pubstatusg2/usable'/>"), "published");
  EXPECT_EQ(intent("<pubStatus/>"), "refused");
  EXPECT_EQ(intent("<pubStatus literal='usable'/>"), "refused");
  EXPECT_EQ(intent("<pubStatus>canceled</pubStatus>"), "canceled");
  EXPECT_EQ(intent("<pubStatus qcode='stat:withheld'/><pubStatus/>"), "withheld");
  EXPECT_EQ(intent("<pubStatus qcode='stat:canceled'/><pubStatus qcode='stat:usable'/>"), "canceled");
  EXPECT_EQ(intent("<embargoed/>"), "draft");
  EXPECT_EQ(intent("<embargoed>soon</embargoed>"), "refused");
  EXPECT_EQ(intent("<signal qcode='sig:kill'/>"), "canceled");
  EXPECT_EQ(intent("<signal qcode='sig:update'/>"), "published");
  EXPECT_THAT(lines, ElementsAre(HasSubstr("the signal update")));
}

TEST_F(Newsml, ThePassingOfTimeIsReadFromItemAndNitf) {
  const auto nitf = [&](absl::string_view data) {
    edition_ = {};
    lines.clear();
    Read(Item(
        "urn:a", "text", "<headline>A</headline>",
        absl::StrCat("<inlineXML contenttype='application/nitf+xml'><nitf "
                     "xmlns='http://iptc.org/std/NITF/2006-10-18/'><head>",
                     data, "</head><body><body.content><p>x</p></body.content></body></nitf></inlineXML>"),
        "<expires>2100-01-01T00:00:00Z</expires>"));
  };
  nitf(
      "<docdata management-status='usable'><date.release norm='21991114T073000+0100'/>"
      "<date.expire norm='20990101T000000Z'/></docdata>");
  EXPECT_EQ(absl::FormatTime(*Only().embargoed_until, absl::UTCTimeZone()), "2199-11-14T06:30:00+00:00");
  EXPECT_EQ(absl::FormatTime(*Only().expires_at, absl::UTCTimeZone()), "2099-01-01T00:00:00+00:00");
  EXPECT_EQ(Only().intent, Intent::kPublish);
  nitf("<docdata management-status='canceled'/>");
  EXPECT_EQ(Only().intent, Intent::kCancel);
  EXPECT_EQ(absl::FormatTime(*Only().expires_at, absl::UTCTimeZone()), "2100-01-01T00:00:00+00:00");
  nitf("<docdata management-status='embargoed'/>");
  EXPECT_EQ(Only().intent, Intent::kDraft);
  nitf("<docdata><date.release norm='soon'/></docdata>");
  EXPECT_EQ(Only().intent, Intent::kDraft);
  nitf("<docdata><date.expire norm='2026'/></docdata>");
  EXPECT_EQ(Only().intent, Intent::kDraft);
}

TEST_F(Newsml, OfSeveralVersionsTheNewestCounts) {
  const auto version = [](int number, absl::string_view headline, absl::string_view meta = "") {
    std::string item =
        Item("urn:a", "text", absl::StrCat("<headline>", headline, "</headline>"), Html("<p>x</p>"), meta);
    return item.replace(item.find("version='3'"), 11, absl::StrCat("version='", number, "'"));
  };
  const auto message = [](absl::string_view items) {
    return absl::StrCat("<newsMessage xmlns='http://iptc.org/std/nar/2006-10-01/'><itemSet>", items,
                        "</itemSet></newsMessage>");
  };
  Read(message(version(10, "New", "<pubStatus qcode='stat:withheld'/>") + version(9, "Old")));
  EXPECT_EQ(Only().content.headline(), "New");
  EXPECT_EQ(Only().intent, Intent::kWithhold);
  EXPECT_THAT(lines, ElementsAre(HasSubstr("urn:a was left out: version 10 of it is in the file, too")));
  edition_ = {};
  Read(message(version(9, "Old") + version(10, "New")));
  EXPECT_EQ(Only().content.headline(), "New");
  edition_ = {};
  Read(message(version(9, "One") + version(9, "Two")));
  EXPECT_THAT(edition_.articles, IsEmpty());
}

TEST_F(Newsml, NoBodyIsTakenForAnEmptyOne) {
  const auto blocks = [&](absl::string_view content) {
    edition_ = {};
    Read(Item("urn:a", "text", "<headline>A</headline>", content));
    return edition_.articles.empty() ? -1 : Only().content.body_size();
  };
  EXPECT_EQ(blocks("<inlineXML><div xmlns='http://www.w3.org/1999/xhtml'><p>x</p><p>y</p></div></inlineXML>"),
            2);
  EXPECT_EQ(
      blocks("<inlineXML contenttype='application/xhtml+xml'><p xmlns='http://www.w3.org/1999/xhtml'>x</p>"
             "</inlineXML>"),
      1);
  EXPECT_EQ(
      blocks("<inlineXML contenttype='application/nitf+xml'><nitf><body><p>x</p></body></nitf></inlineXML>"),
      1);
  EXPECT_EQ(blocks("<inlineXML><odd>x</odd></inlineXML>"), -1);
  EXPECT_EQ(blocks("<inlineXML contenttype='application/xhtml+xml'/>"), -1);
  EXPECT_EQ(blocks(Html("")), -1);
}

TEST_F(Newsml, APictureThatIsTakenBackDoesNotGoToTheLibrary) {
  Write("wall.jpg", "wall");
  Read(Item("urn:p", "picture", "<headline>Wall</headline>", "<remoteContent href='wall.jpg'/>",
            "<pubStatus qcode='stat:canceled'/>"));
  EXPECT_THAT(edition_.images, IsEmpty());
  EXPECT_THAT(lines, ElementsAre(HasSubstr("\"urn:p\" was left out: it is canceled")));
}

}  // namespace
}  // namespace broadsheet::cli
