#include "services/cli/importers/wxr.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ctime>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "libs/testing/temp_dir.h"
#include "services/cli/importers/foreign_id.h"
#include "services/cli/importers/recorded_problems.h"
#include "services/cli/importers/shared_data.h"
#include "services/cli/importers/wxr_content.h"

namespace broadsheet::cli {
namespace {

namespace fs = std::filesystem;
namespace v1 = article::v1;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr char kHead[] =
    "<?xml version='1.0' encoding='UTF-8' ?>\n<rss version='2.0' "
    "xmlns:excerpt='http://wordpress.org/export/1.2/excerpt/' "
    "xmlns:content='http://purl.org/rss/1.0/modules/content/' xmlns:dc='http://purl.org/dc/elements/1.1/' "
    "xmlns:wp='http://wordpress.org/export/1.2/'>\n<channel><title>The Averley "
    "Log</title><link>https://log.example</link><language>en-GB</language>\n"
    "<wp:author><wp:author_login>ann_p</wp:author_login><wp:author_display_name><![CDATA[Ann "
    "Pell]]></wp:author_display_name></wp:author>\n<wp:category><wp:category_nicename>harbour</"
    "wp:category_nicename>"
    "<wp:cat_name>Harbour</wp:cat_name><wp:category_description>Ships</wp:category_description></"
    "wp:category>\n";

class Wxr : public testing::Test, protected RecordedProblems {
 protected:
  void Write(const std::string& name, absl::string_view content) {
    fs::create_directories(fs::path(directory_.File(name)).parent_path());
    std::ofstream(directory_.File(name), std::ios::binary) << content;
  }
  void Read(const std::string& items, const std::string& section = "") {
    Write("export.xml", absl::StrCat(kHead, items, "</channel></rss>"));
    ReadWxrFile(directory_.File("export.xml"), section, edition_, problems);
  }
  static std::string Item(absl::string_view name, absl::string_view content, absl::string_view more = "",
                          absl::string_view status = "publish", absl::string_view type = "post") {
    return absl::StrCat(
        "<item><title>Wall &amp; sea</title><dc:creator>ann_p</dc:creator><content:encoded><![CDATA[",
        content,
        "]]></content:encoded><excerpt:encoded><![CDATA[<p>Short.</p>]]></excerpt:encoded>"
        "<wp:post_id>",
        NumberOf(name),
        "</wp:post_id><wp:post_date_gmt>2026-11-14 07:30:00</wp:post_date_gmt>"
        "<wp:post_name>",
        name, "</wp:post_name><wp:status>", status, "</wp:status><wp:post_type>", type,
        "</wp:post_type><category domain='category' nicename='harbour'>Harbour</category>", more,
        "</item>\n");
  }
  // A number for each name, the same every time.
  static std::size_t NumberOf(absl::string_view name) {
    std::size_t number = 7;
    for (const char c : name) number = (number * 131 + static_cast<unsigned char>(c)) % 1'000'003;
    return number;
  }
  static std::string Id(absl::string_view name) {
    return ForeignId(absl::StrCat("post-", NumberOf(name)), "log.example");
  }
  // One word for each block: its kind and text.
  static std::vector<std::string> Outline(const ImportedArticle& article) {
    std::vector<std::string> outline;
    for (const v1::Block& block : article.content.body()) {
      outline.push_back(block.has_paragraph() ? block.paragraph().text().text()
                        : block.has_heading() ? "## " + block.heading().text().text()
                        : block.has_embed()   ? "embed " + block.embed().url()
                        : block.has_image()   ? "image " + block.image().caption()
                                              : "other");
    }
    return outline;
  }
  std::vector<std::string> Body(absl::string_view content) {
    edition_ = {};
    Read(Item("wall", content));
    return edition_.articles.empty() ? std::vector<std::string>{"nothing"} : Outline(edition_.articles[0]);
  }

  test::TempDir directory_;
  ImportedEdition edition_;
};

TEST_F(Wxr, APostBecomesAStoryWithItsAuthorSectionAndTime) {
  Read(Item("sea-wall", "<p>One</p>", "<category domain='post_tag' nicename='floods'>Floods</category>"));
  ASSERT_THAT(edition_.articles, SizeIs(1));
  const ImportedArticle& article = edition_.articles[0];
  EXPECT_EQ(article.article_id, Id("sea-wall"));
  EXPECT_EQ(article.content.headline(), "Wall & sea");
  EXPECT_EQ(article.content.standfirst(), "Short.");
  EXPECT_EQ(article.content.section_id(), "harbour");
  EXPECT_EQ(article.content.language(), "en-GB");
  EXPECT_THAT(article.content.subjects(), ElementsAre("Floods"));
  EXPECT_THAT(article.content.author_ids(), ElementsAre("ann-p"));
  EXPECT_EQ(article.intent, Intent::kPublish);
  EXPECT_EQ(absl::ToUnixSeconds(*article.published), 1794641400);
  EXPECT_EQ(article.where.line, 6);
  ASSERT_THAT(edition_.authors, SizeIs(1));
  EXPECT_EQ(edition_.authors[0].author.name(), "Ann Pell");
  ASSERT_THAT(edition_.sections, SizeIs(1));
  EXPECT_EQ(edition_.sections[0].section.description(), "Ships");
  EXPECT_TRUE(edition_.sections[0].only_if_missing);
  EXPECT_THAT(lines, IsEmpty());
}

TEST_F(Wxr, StatusAndTypeDecideWhatBecomesOfAnItem) {
  Read(absl::StrCat(Item("a", "x", "", "draft"), Item("b", "x", "", "future"), Item("c", "x", "", "private"),
                    Item("d", "x", "<wp:post_password>secret</wp:post_password>"),
                    Item("e", "x", "", "trash"), Item("f", "x", "", "publish", "page"),
                    Item("g", "x", "", "publish", "product"), Item("h", "x", "", "inherit", "revision")));
  std::vector<std::string> found;
  for (const ImportedArticle& article : edition_.articles) {
    found.push_back(article.article_id + (article.intent == Intent::kPublish ? "+" : "-"));
  }
  EXPECT_THAT(found, ElementsAre(Id("a") + "-", Id("b") + "+", Id("c") + "-", Id("d") + "-", Id("f") + "+"));
  EXPECT_THAT(lines, ElementsAre(HasSubstr(Id("c") + " was private"), HasSubstr(Id("d") + " had a password"),
                                 HasSubstr("status is \"trash\""), HasSubstr("of type \"product\"")));
}

TEST_F(Wxr, APostKeepsItsIdWhenItGetsItsName) {
  const std::string published = Item("wall", "x");
  std::string draft = published;
  draft.replace(draft.find("<wp:post_name>wall"), 18, "<wp:post_name>");
  Read(published);
  const std::string id = edition_.articles.at(0).article_id;
  edition_ = {};
  Read(draft);
  EXPECT_EQ(edition_.articles.at(0).article_id, id);
  EXPECT_NE(id, "wall") << "the name of another, perhaps";
}

TEST_F(Wxr, ATimeOfNoKnownZoneIsNeverTakenForThePast) {
  const auto intent = [&](const std::string& status, const std::string& gmt) {
    edition_ = {};
    lines.clear();
    std::string item = Item("wall", "x", "<wp:post_date>2026-11-14 09:30:00</wp:post_date>", status);
    item.replace(item.find("2026-11-14 07:30:00"), 19, gmt);
    Read(item);
    return edition_.articles.at(0).intent;
  };
  EXPECT_EQ(intent("future", "0000-00-00 00:00:00"), Intent::kDraft);
  EXPECT_THAT(lines, ElementsAre(HasSubstr("whose zone is not known, and is left a draft")));
  EXPECT_EQ(intent("future", ""), Intent::kDraft);
  EXPECT_EQ(intent("publish", ""), Intent::kPublish);
  EXPECT_THAT(lines, ElementsAre(HasSubstr("UTC is assumed")));
  EXPECT_EQ(intent("publish", "2026-11-14 07:30:00"), Intent::kPublish);
  EXPECT_THAT(lines, IsEmpty());
}

// Each would take minutes if every bracket had the rest of the text read.
TEST_F(Wxr, ContentThatIsAllBracketsIsReadInOneGo) {
  for (const std::string piece :
       {"[a", "[a b ", "[[", "[a=1]", "[x y=1]", "<!-- wp:embed {\"url\":\"https://e.example/\"} -->"}) {
    std::string content;
    for (int i = 0; i < 100'000; ++i) {
      absl::StrAppend(&content, piece);
      if (piece == "[x y=1]") content.insert(content.size() - 5, std::to_string(i));  // each of another name
    }
    const std::clock_t start = std::clock();  // of the processor: others use the machine as well
    WxrToHtml(content, {[](absl::string_view) { return ""; }, [](absl::string_view) {}});
    EXPECT_LT(std::clock() - start, 5 * CLOCKS_PER_SEC) << piece;
  }
}

TEST_F(Wxr, AStoryWithoutACategoryNeedsASection) {
  std::string item = Item("a", "x");
  item.replace(item.find("<category"), item.find("</category>") + 11 - item.find("<category"), "");
  Read(item);
  EXPECT_THAT(edition_.articles, IsEmpty());
  EXPECT_THAT(lines, ElementsAre(HasSubstr("name a section with --section=ID")));
  edition_ = {};
  Read(item, "world");
  EXPECT_EQ(edition_.articles.at(0).content.section_id(), "world");
}

TEST_F(Wxr, TheClassicEditorSeparatesParagraphsByEmptyLines) {
  EXPECT_THAT(Body("One\nline.\n\nTwo <b>bold</b>.\n<h2>Three</h2>\n<!--more-->\nFour"),
              ElementsAre("One\nline.", "Two bold.", "## Three", "Four"));
  EXPECT_THAT(lines, IsEmpty());
}

TEST_F(Wxr, BlockCommentsBecomeWhatTheyStandFor) {
  EXPECT_THAT(
      Body(
          "<!-- wp:paragraph -->\n<p>One</p>\n<!-- /wp:paragraph -->\n\n<!-- wp:heading {\"level\":3} "
          "-->\n<h3>Two</h3>"
          "<!-- /wp:heading -->\n<!-- wp:embed {\"url\":\"https://video.example/1\",\"type\":\"video\"} -->\n"
          "<figure class=\"wp-block-embed\"><div>\nhttps://video.example/1\n</div></figure>\n<!-- /wp:embed "
          "-->\n"
          "<!-- wp:latest-posts {\"postsToShow\":3} /-->\n<!-- wp:paragraph --><p>Three</p><!-- "
          "/wp:paragraph -->"),
      ElementsAre("One", "## Two", "embed https://video.example/1", "Three"));
  EXPECT_THAT(lines, ElementsAre(HasSubstr("the block \"latest-posts\"")));
}

TEST_F(Wxr, ShortcodesBecomeWhatTheyShowOrAreReported) {
  Write("wp-content/uploads/2026/wall.jpg", "wall");
  Write("uploads/2026/sea.jpg", "sea");
  const std::string attachment =
      "<item><title>Sea</title><wp:post_id>42</wp:post_id><wp:post_type>attachment</"
      "wp:post_type><wp:attachment_url>"
      "https://log.example/wp-content/uploads/2026/sea.jpg</wp:attachment_url></item>";
  Read(
      Item(
          "wall",
          "[caption id=\"a\" width=\"300\"]<a href='x'><img src='https://log.example/wp-content/uploads/2026/"
          "wall-300x200.jpg' alt='W'/></a> The wall[/caption]\n\n[gallery "
          "ids=\"42,43\"]\n\n[embed]https://video.example/2"
          "[/embed]\n\nHe said [sic] so [[gallery]]. [contact-form to=\"x\"] [b]kept[/b]") +
      attachment);
  ASSERT_THAT(edition_.articles, SizeIs(1)) << testing::PrintToString(lines);
  EXPECT_THAT(Outline(edition_.articles[0]),
              ElementsAre("image The wall", "image ", "embed https://video.example/2",
                          "He said [sic] so [gallery]. kept"));
  EXPECT_THAT(lines, ElementsAre(HasSubstr("the shortcode [contact-form] was left out"),
                                 HasSubstr("the shortcode [b] was left out, its text kept")));
  EXPECT_THAT(edition_.images, SizeIs(2));
}

TEST_F(Wxr, TheFeaturedImageIsTheLead) {
  Write("sea.jpg", "sea");
  Read(Item("wall", "x",
            "<wp:postmeta><wp:meta_key>_thumbnail_id</wp:meta_key><wp:meta_value>42</wp:meta_value></"
            "wp:postmeta>"
            "<wp:comment><wp:comment_content>Nice</wp:comment_content></wp:comment>") +
       "<item><title>Sea</title><excerpt:encoded>The sea</excerpt:encoded><wp:post_id>42</wp:post_id>"
       "<wp:post_type>attachment</wp:post_type><wp:attachment_url>https://log.example/sea.jpg</"
       "wp:attachment_url>"
       "<wp:postmeta><wp:meta_key>_wp_attachment_image_alt</wp:meta_key><wp:meta_value>Waves</"
       "wp:meta_value></wp:postmeta></item>");
  const v1::ImageReference& lead = edition_.articles.at(0).content.lead_image();
  EXPECT_EQ(lead.caption(), "The sea");
  EXPECT_EQ(lead.alt_text(), "Waves");
  EXPECT_EQ(edition_.images.at(lead.image_id()).file.filename(), "sea.jpg");
  EXPECT_THAT(lines, ElementsAre(HasSubstr("1 comments of readers were left out")));
}

TEST_F(Wxr, AllPicturesOfAGalleryAreKept) {
  Write("a.jpg", "a");
  Write("b.jpg", "b");
  EXPECT_THAT(Body("<!-- wp:gallery --><figure class='wp-block-gallery'><figure><img "
                   "src='/a.jpg'/><figcaption>A</figcaption>"
                   "</figure><figure><img src='/b.jpg'/></figure></figure><!-- /wp:gallery -->"),
              ElementsAre("image A", "image "));
}

TEST_F(Wxr, PicturesOutsideOfTheFolderAreNeverRead) {
  EXPECT_THAT(Body("<p>x</p><img src='/../../../etc/hostname'/><img src='file:///etc/hostname'/>"),
              ElementsAre("x"));
  EXPECT_THAT(edition_.images, IsEmpty());
  EXPECT_THAT(lines, SizeIs(2));
}

TEST_F(Wxr, BrokenAndHostileFilesEndWithOneLine) {
  Write("export.xml", absl::StrCat(kHead, Item("a", "x"), "<item><title>cut"));
  ReadWxrFile(directory_.File("export.xml"), "", edition_, problems);
  EXPECT_THAT(lines, ElementsAre(HasSubstr(" is not XML: ")));
  EXPECT_THAT(edition_.articles, IsEmpty()) << "a file that is cut off is not trusted";
  lines.clear();
  std::string laughs = "<?xml version='1.0'?><!DOCTYPE rss [<!ENTITY a 'ha'>";
  for (char c = 'b'; c < 'p'; ++c) {
    laughs += absl::StrCat("<!ENTITY ", std::string(1, c), " '");
    for (int i = 0; i < 10; ++i) laughs += absl::StrCat("&", std::string(1, c - 1), ";");
    laughs += "'>";
  }
  Write("export.xml",
        laughs +
            "<!ENTITY x SYSTEM 'file:///etc/hostname'>]><rss><channel><item><title>&o;&x;</title>"
            "</item></channel></rss>");
  ReadWxrFile(directory_.File("export.xml"), "", edition_, problems);
  EXPECT_THAT(lines, SizeIs(1));
  EXPECT_THAT(edition_.articles, IsEmpty());
}

TEST_F(Wxr, ALongExportIsReadOnceEach) {
  std::string items;
  for (int i = 0; i < 2000; ++i) items += Item(absl::StrCat("post-", i), "<p>One</p>");
  Read(items);
  EXPECT_THAT(edition_.articles, SizeIs(2000));
  EXPECT_THAT(edition_.authors, SizeIs(1));
  EXPECT_THAT(edition_.sections, SizeIs(1));
}

TEST_F(Wxr, WhatWasReadMayBeTakenOutAsItComes) {
  std::size_t most = 0;
  edition_.after_story = [&] {
    most = std::max(most, edition_.articles.size());
    if (edition_.articles.size() == 10) edition_.articles.clear();
  };
  std::string items;
  for (int i = 0; i < 95; ++i) items += Item(absl::StrCat("post-", i), "<p>One</p>");
  Read(items);
  EXPECT_EQ(most, 10u);
  EXPECT_THAT(edition_.articles, SizeIs(5));
  EXPECT_THAT(edition_.article_ids, SizeIs(95));
}

// Payloads that attack sanitizers: whatever they are, what comes out is text, and addresses that may be
// linked.
TEST_F(Wxr, NothingActiveSurvives) {
  BROADSHEET_NEEDS_SHARED_DATA("xss");
  std::ostringstream text;
  text << std::ifstream(SharedData() / "xss" / "payloads.json").rdbuf();
  for (const auto& test : nlohmann::json::parse(text.str())) {
    std::string payload = test["payload"].get<std::string>();
    if (absl::StrContains(payload, "]]>")) continue;
    for (const std::string& content :
         {payload, "<!-- wp:html -->" + payload, "[caption]<img " + payload + "[/caption]"}) {
      Body(content);
      for (const ImportedArticle& article : edition_.articles) {
        for (const v1::Block& block : article.content.body()) {
          const bool is_safe = !block.has_embed() || absl::StartsWith(block.embed().url(), "https://");
          EXPECT_TRUE(is_safe) << payload;
          for (const v1::Span& span : block.paragraph().text().spans()) {
            const bool is_allowed = span.url().empty() || absl::StartsWithIgnoreCase(span.url(), "http://") ||
                                    absl::StartsWithIgnoreCase(span.url(), "https://") ||
                                    absl::StartsWithIgnoreCase(span.url(), "mailto:");
            EXPECT_TRUE(is_allowed) << span.url() << " of " << payload;
          }
        }
      }
    }
  }
  EXPECT_THAT(edition_.images, IsEmpty());
}

}  // namespace
}  // namespace broadsheet::cli
