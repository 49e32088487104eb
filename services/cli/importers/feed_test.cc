#include "services/cli/importers/feed.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "absl/strings/str_cat.h"
#include "libs/testing/temp_dir.h"
#include "services/cli/importers/foreign_id.h"
#include "services/cli/importers/recorded_problems.h"
#include "services/cli/importers/xml_import.h"

namespace broadsheet::cli {
namespace {

namespace v1 = article::v1;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class Feed : public testing::Test, protected RecordedProblems {
 protected:
  void Write(const std::string& name, absl::string_view content) {
    std::ofstream(directory_.File(name), std::ios::binary) << content;
  }
  void Read(absl::string_view xml, const std::string& section = "world") {
    Write("feed.xml", xml);
    ReadXmlFile(directory_.File("feed.xml"), section, edition_, problems);
  }
  const ImportedArticle& Only() {
    EXPECT_THAT(edition_.articles, SizeIs(1)) << testing::PrintToString(lines);
    return edition_.articles.at(0);
  }

  test::TempDir directory_;
  ImportedEdition edition_;
};

constexpr char kRssHead[] =
    "<?xml version='1.0'?><rss version='2.0' xmlns:c='http://purl.org/rss/1.0/modules/content/' "
    "xmlns:d='http://purl.org/dc/elements/1.1/'><channel><title>Log</title><link>https://log.example/</link>"
    "<language>en-GB</language><copyright>© Log</copyright>";

TEST_F(Feed, AnRssItemBecomesAStory) {
  Read(absl::StrCat(
      kRssHead,
      "<item><title>Wall &amp;amp; sea</title><link>https://log.example/wall</link>"
      "<guid isPermaLink='false'>log-7</guid><pubDate>Sat, 14 Nov 2026 07:30:00 GMT</pubDate>"
      "<d:creator>Ann Pell</d:creator><category>Floods</category><category>Sea</category>"
      "<description>Short &lt;b&gt;words&lt;/b&gt;.</description>"
      "<c:encoded><![CDATA[<p>One</p><script>alert(1)</script><p onclick='x'>Two</p>]]></c:encoded>"
      "</item></channel></rss>"));
  const ImportedArticle& article = Only();
  EXPECT_EQ(article.article_id, ForeignId("log-7", "log.example"));
  EXPECT_EQ(article.content.headline(), "Wall & sea");
  EXPECT_EQ(article.content.trail_text(), "Short words.");
  EXPECT_EQ(article.content.byline(), "Ann Pell");
  EXPECT_EQ(article.content.language(), "en-GB");
  EXPECT_EQ(article.content.copyright_notice(), "© Log");
  EXPECT_EQ(article.content.section_id(), "world");
  EXPECT_THAT(article.content.subjects(), ElementsAre("Floods", "Sea"));
  EXPECT_EQ(article.content.body_size(), 2);
  EXPECT_EQ(absl::ToUnixSeconds(*article.published), 1794641400);
  EXPECT_THAT(lines, ElementsAre(HasSubstr("<script> was left out")));
}

TEST_F(Feed, ADescriptionAloneIsTheBodyAndTheLinkTheId) {
  Read(absl::StrCat(
      kRssHead,
      "<item><title>Wall</title><link>https://log.example/wall</link><author>ann@log.example (Ann "
      "Pell)</author><pubDate>14 Nov 2026 02:30:00 EST</pubDate><description>&lt;p&gt;One&lt;/p&gt;"
      "</description></item></channel></rss>"));
  EXPECT_EQ(Only().article_id, ForeignId("https://log.example/wall", ""));
  EXPECT_EQ(Only().content.byline(), "Ann Pell");
  EXPECT_EQ(Only().content.trail_text(), "");
  EXPECT_EQ(Only().content.body(0).paragraph().text().text(), "One");
  EXPECT_EQ(absl::ToUnixSeconds(*Only().published), 1794641400);
}

TEST_F(Feed, PicturesBesideTheFileAreUsedAndOtherAttachmentsReported) {
  Write("wall.jpg", "wall");
  Read(absl::StrCat(
      kRssHead,
      "<item><title>Wall</title><guid>a</guid><description>One</description><enclosure "
      "url='https://log.example/x/wall.jpg' type='image/jpeg' length='1'/><enclosure url='x.mp3' "
      "type='audio/mpeg' length='1'/></item></channel></rss>"));
  EXPECT_EQ(edition_.images.at(Only().content.lead_image().image_id()).file.filename(), "wall.jpg");
  EXPECT_THAT(lines, ElementsAre(HasSubstr("an attachment of type audio/mpeg")));
}

TEST_F(Feed, AnAtomEntryBecomesAStory) {
  Read(
      R"xml(<a:feed xmlns:a="http://www.w3.org/2005/Atom"><a:title>Log</a:title><a:author><a:name>The Log</a:name></a:author>
    <a:entry xml:lang="fr"><a:id>tag:log.example,2026:7</a:id><a:title type="html">Wall &amp;lt;opens&amp;gt;</a:title>
      <a:published>2026-11-14T08:30:00+01:00</a:published><a:updated>2026-11-15T08:30:00Z</a:updated>
      <a:category term="floods" label="Floods"/><a:category term="sea"/><a:summary>Short &lt;.</a:summary>
      <a:rights>© Ann</a:rights><a:content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>One <b>two</b></p>
      <p>x &lt; y <a href="javascript:alert(1)">z</a></p></div></a:content></a:entry></a:feed>)xml");
  const ImportedArticle& article = Only();
  EXPECT_THAT(article.article_id, testing::StartsWith("tag-log-example-2026-7-"));
  EXPECT_EQ(article.content.headline(), "Wall <opens>");
  EXPECT_EQ(article.content.byline(), "The Log");
  EXPECT_EQ(article.content.trail_text(), "Short <.");
  EXPECT_EQ(article.content.language(), "fr");
  EXPECT_EQ(article.content.copyright_notice(), "© Ann");
  EXPECT_THAT(article.content.subjects(), ElementsAre("Floods", "sea"));
  ASSERT_EQ(article.content.body_size(), 2);
  EXPECT_EQ(article.content.body(0).paragraph().text().spans_size(), 1);
  EXPECT_EQ(article.content.body(1).paragraph().text().text(), "x < y z");
  EXPECT_EQ(absl::ToUnixSeconds(*article.published), 1794641400);
  EXPECT_THAT(lines, ElementsAre(HasSubstr("a link to \"javascript:alert(1)\"")));
}

TEST_F(Feed, EachMistakeIsOneLineAndTheRestGoesOn) {
  Read(absl::StrCat(
      kRssHead,
      "<item><title>No id</title></item>\n<item><title>Bad time</title><guid>b</guid><pubDate>soon</pubDate>"
      "<description>x</description></item>\n<item><title>Good</title><guid>c</guid><description>x"
      "</description></item></channel></rss>"));
  EXPECT_EQ(Only().article_id, ForeignId("c", "log.example"));
  EXPECT_THAT(lines, ElementsAre(HasSubstr("feed.xml:1: \"uri\" is missing"),
                                 HasSubstr("feed.xml:2: \"firstcreated\" must be")));
  lines.clear();
  Read(absl::StrCat(kRssHead, "<item><title>A</title><guid>d</guid></item></channel></rss>"), "");
  EXPECT_THAT(lines, testing::Contains(HasSubstr("name one with --section=ID")));
}

TEST_F(Feed, WhatIsNoKnownFormatIsSaid) {
  Read("<html><body/></html>");
  Read("not xml");
  Read("");
  EXPECT_THAT(edition_.articles, IsEmpty());
  EXPECT_THAT(lines, ElementsAre(HasSubstr("is <html>"), HasSubstr("is not XML"), HasSubstr("is not XML")));
}

// What looks like a feed may be a WordPress export, whose drafts are none of the public's.
TEST_F(Feed, AnItemWithElementsOfWordPressIsRefused) {
  const std::string item = "<item><title>T</title><guid>1</guid><description>x</description>";
  Read(absl::StrCat("<rss version='2.0'><channel>\n", item,
                    "<x:status xmlns:x='http://wordpress.org/export/1.2/'>draft</x:status></item>\n", item,
                    "<wp:status xmlns:wp='http://other.example/'>draft</wp:status></item>\n", item,
                    "</item></channel></rss>"));
  EXPECT_THAT(edition_.articles, SizeIs(1));
  EXPECT_THAT(lines, ElementsAre(HasSubstr("feed.xml:2: the item has elements of a WordPress export"),
                                 HasSubstr("feed.xml:3: the item has elements of a WordPress export")));
}

TEST_F(Feed, AnUndeclaredPrefixOfWordPressIsNotPublished) {
  Read(
      "<rss version='2.0'><channel><item><title>T</title><guid>1</guid><description>x</description>"
      "<wp:status>draft</wp:status></item></channel></rss>");
  EXPECT_THAT(edition_.articles, IsEmpty());
  EXPECT_THAT(lines, SizeIs(1));
}

TEST_F(Feed, ADraftOfAtomIsLeftOne) {
  const auto entry = [](absl::string_view id, absl::string_view more) {
    return absl::StrCat("<entry><id>tag:log.example,2026:", id, "</id><title>T</title><content>x</content>",
                        more, "</entry>\n");
  };
  Read(absl::StrCat(
      "<feed xmlns='http://www.w3.org/2005/Atom' xmlns:p='http://www.w3.org/2007/app' "
      "xmlns:b='http://schemas.google.com/blogger/2018'>",
      entry("1", "<p:control><p:draft>yes</p:draft></p:control>"),
      entry("2", "<p:control><p:draft>no</p:draft></p:control>"), entry("3", "<b:status>DRAFT</b:status>"),
      entry("4", "<b:status>LIVE</b:status>"),
      entry("5", "<control xmlns='http://purl.org/atom/app#'><draft>yes</draft></control>"), "</feed>"));
  std::vector<Intent> intents;
  for (const ImportedArticle& article : edition_.articles) intents.push_back(article.intent);
  EXPECT_THAT(intents, ElementsAre(Intent::kDraft, Intent::kPublish, Intent::kDraft, Intent::kPublish,
                                   Intent::kDraft));
  EXPECT_THAT(lines, SizeIs(3));
}

TEST_F(Feed, WhatIsNoPostOfABlogIsLeftOut) {
  const auto entry = [](absl::string_view id, absl::string_view more) {
    return absl::StrCat("<entry><id>tag:log.example,2026:", id, "</id><title>T</title><content>x</content>",
                        more, "</entry>\n");
  };
  const auto kind = [](absl::string_view name) {
    return absl::StrCat(
        "<category scheme='http://schemas.google.com/g/2005#kind' "
        "term='http://schemas.google.com/blogger/2008/kind#",
        name, "'/>");
  };
  Read(
      absl::StrCat("<feed xmlns='http://www.w3.org/2005/Atom' "
                   "xmlns:b='http://schemas.google.com/blogger/2018'>",
                   entry("1", kind("post")), entry("2", kind("comment")), entry("3", kind("settings")),
                   entry("4", "<b:type>COMMENT</b:type>"), "</feed>"));
  EXPECT_THAT(Only().content.subjects(), IsEmpty());
  EXPECT_THAT(lines, ElementsAre(HasSubstr("it is a comment"), HasSubstr("it is a settings"),
                                 HasSubstr("it is a comment")));
}

TEST_F(Feed, AFileThatDeclaresEntitiesIsRefused) {
  Read(
      "<!DOCTYPE rss [<!ENTITY a 'ha'>]><rss version='2.0'><channel><item><title>T</title><guid>1</guid>"
      "<description>x</description></item></channel></rss>");
  EXPECT_THAT(edition_.articles, IsEmpty());
  EXPECT_THAT(lines, ElementsAre(HasSubstr("declares entities of its own")));
}

TEST_F(Feed, ANameOfAnotherIsNeverTheNameOfAStoryOfOurs) {
  Read(
      "<rss version='2.0'><channel><link>https://log.example/</link><item><title>T</title>"
      "<guid>sea-wall</guid><description>x</description></item></channel></rss>");
  EXPECT_THAT(Only().article_id, testing::StartsWith("log-example-sea-wall-"));
  edition_ = {};
  Read(
      "<rss version='2.0'><channel><item><title>T</title><guid>sea-wall</guid><description>x</description>"
      "</item></channel></rss>");
  EXPECT_THAT(Only().article_id, testing::StartsWith("feed-sea-wall-")) << "of the file's name";
}

TEST(ForeignId, NamesThatReadTheSameAreDifferent) {
  const std::set<std::string> ids = {ForeignId("https://a.b/c", ""), ForeignId("https://a-b-c", ""),
                                     ForeignId("https://a.b.c", ""), ForeignId("a-b-c", ""),
                                     ForeignId("c", "a.b.example"),  ForeignId("c", "other.example")};
  EXPECT_THAT(ids, SizeIs(6));
  EXPECT_EQ(ForeignId("https://a.b/c", "x"), ForeignId("http://a.b/c", "y"));
  EXPECT_LE(ForeignId(std::string(300, 'a'), "x").size(), 100u);
}

TEST_F(Feed, LinesAreCountedInLongFiles) {
  Read(absl::StrCat("<rss version='2.0'><channel>", std::string(70'000, '\n'),
                    "<item><title>Bad time</title><guid>b</guid><pubDate>soon</pubDate><description>",
                    std::string(2000, 'x'), "</description></item>\n</channel></rss>"));
  EXPECT_THAT(lines, ElementsAre(HasSubstr("feed.xml:70001: \"firstcreated\" must be")));
}

}  // namespace
}  // namespace broadsheet::cli
