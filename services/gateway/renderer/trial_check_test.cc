#include "services/gateway/renderer/trial_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "libs/testing/temp_dir.h"
#include "services/gateway/renderer/renderer.h"
#include "services/gateway/renderer/testing/sample_pages.h"

namespace broadsheet::gateway {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

// A newsroom's copy of the templates.
class NewsroomsTemplates : public ::testing::Test {
 protected:
  void SetUp() override {
    fs::copy(fs::path(RENDERER_SOURCE_DIR) / "templates", Folder(), fs::copy_options::recursive);
  }
  std::string Folder() const { return parent_.File("templates"); }

  std::string Read(const std::string& file) const {
    std::ifstream stream(fs::path(Folder()) / file, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
  }
  void Write(const std::string& file, const std::string& text) const {
    std::ofstream(fs::path(Folder()) / file, std::ios::binary) << text;
  }
  // In place of each `from` in the file stands `to`.
  void Edit(const std::string& file, const std::string& from, const std::string& to) const {
    const std::string text = Read(file);
    ASSERT_NE(text.find(from), std::string::npos) << from;
    Write(file, absl::StrReplaceAll(text, {{from, to}}));
  }
  // Leaves out what stands from `begin` to `end`, these included.
  void Cut(const std::string& file, const std::string& begin, const std::string& end) const {
    std::string text = Read(file);
    const std::size_t from = text.find(begin), to = text.find(end, from);
    ASSERT_NE(to, std::string::npos) << begin;
    Write(file, text.erase(from, to + end.size() - from));
  }
  // Why they do not come into force; empty if they do.
  std::string LoadFault() const {
    const absl::Status status = Renderer::Load(Folder(), testing::SampleSite()).status();
    EXPECT_TRUE(status.ok() || status.code() == absl::StatusCode::kInvalidArgument) << status;
    return std::string(status.message());
  }
  std::string At(const std::string& file_and_rest) const {
    return absl::StrCat(Folder(), "/", file_and_rest);
  }

  test::TempDir parent_;
};

TEST_F(NewsroomsTemplates, AreTakenAsTheyCome) { EXPECT_EQ(LoadFault(), ""); }

TEST_F(NewsroomsTemplates, AMisspeltValueIsNamedWithItsLine) {
  Edit("article.html", "{{HEADLINE}}</h1>", "{{HEADLNE}}</h1>");
  EXPECT_THAT(LoadFault(), HasSubstr(At("article.html:9: nothing is ever set for {{HEADLNE}} in this file")));
}

TEST_F(NewsroomsTemplates, AMisspeltSectionIsNamedWithItsLine) {
  Edit("article.html", "{{#STANDFIRST}}", "{{#STANDFRIST}}");
  Edit("article.html", "{{/STANDFIRST}}", "{{/STANDFRIST}}");
  EXPECT_THAT(LoadFault(), HasSubstr(At("article.html:10: nothing is ever set for {{#STANDFRIST}}")));
}

TEST_F(NewsroomsTemplates, AMisspeltFileIsNamedWithItsLine) {
  Edit("most_read.html", "{{>TEASER}}", "{{>TEESER}}");
  EXPECT_THAT(LoadFault(), HasSubstr(At("most_read.html:6: nothing is ever set for {{>TEESER}}")));
}

TEST_F(NewsroomsTemplates, AValueOutsideTheSectionThatItIsSetInIsNamed) {
  Edit("article.html", "{{/STANDFIRST}}", "{{/STANDFIRST}}\n{{STANDFIRST}}");
  EXPECT_THAT(LoadFault(), HasSubstr("{{STANDFIRST}} here, only within {{#STANDFIRST}}"));
}

TEST_F(NewsroomsTemplates, AValueOfAnotherFileIsNamed) {
  Edit("atom.xml", "{{UPDATED}}</updated>\n<link rel=\"self\"",
       "{{UPDATED_MAIL}}{{PUBLISHED_MAIL}}<link rel=\"self\"");
  EXPECT_THAT(LoadFault(), HasSubstr(At("atom.xml:8: nothing is ever set for {{PUBLISHED_MAIL}} here")));
}

TEST_F(NewsroomsTemplates, APageHasAPlaceForTheNotice) {
  Edit("page.html", "<!--notice-->", "");
  EXPECT_THAT(LoadFault(), HasSubstr(At("page.html:1: has no <!--notice-->")));
}

TEST_F(NewsroomsTemplates, ThePlaceForTheNoticeIsOneThatReadersSee) {
  for (const char* place :
       {"<!-- <!--notice--> -->", "{{#IS_FRONT}}<!--notice-->{{/IS_FRONT}}", "<!--notice--><!--notice-->"}) {
    Edit("page.html", "<!--notice-->", place);
    EXPECT_THAT(LoadFault(), HasSubstr("would have no place for a notice in its body, once")) << place;
    Edit("page.html", place, "<!--notice-->");
  }
  Edit("page.html", "<!--notice-->", "");
  Edit("page.html", "<head>", "<head><!--notice-->");
  EXPECT_THAT(LoadFault(), HasSubstr("would have no place for a notice in its body, once"));
}

TEST_F(NewsroomsTemplates, TheNoticeSaysSomething) {
  Write("notice.html", "{{%AUTOESCAPE context=\"HTML\"}}");
  EXPECT_THAT(LoadFault(), HasSubstr(At("notice.html: ")));
}

TEST_F(NewsroomsTemplates, AnHtmlElementThatCannotBeLabelledIsNamedWithItsLine) {
  const std::string element =
      "<html lang=\"{{LANGUAGE}}\" dir=\"{{DIRECTION}}\"{{#DEGRADED}} "
      "data-degraded=\"{{DEGRADED}}\"{{/DEGRADED}}>";
  for (const char* other :
       {"<html>", "<html lang=\"{{LANGUAGE}}\" dir=\"{{DIRECTION}}\">",
        "<html{{#DEGRADED}} data-degraded=\"{{DEGRADED}}\"{{/DEGRADED}}>",
        "<html lang=\"{{LANGUAGE}}\"{{#DEGRADED}} data-degraded='{{DEGRADED}}'{{/DEGRADED}}>"}) {
    Edit("page.html", element, other);
    EXPECT_THAT(LoadFault(), HasSubstr(At("page.html:2: a degraded page would not be labelled"))) << other;
    Edit("page.html", other, element);
  }
}

TEST_F(NewsroomsTemplates, ALabelStandsWhereItIsLookedForAndOnlyOnDegradedPages) {
  const std::string label = "{{#DEGRADED}} data-degraded=\"{{DEGRADED}}\"{{/DEGRADED}}";
  for (const char* other :
       {" data-a=\">\"{{#DEGRADED}} data-degraded=\"{{DEGRADED}}\"{{/DEGRADED}}",
        " data-degraded=\"no\"{{#DEGRADED}} data-degraded=\"{{DEGRADED}}\"{{/DEGRADED}}",
        "{{#IS_FRONT}}{{#DEGRADED}} data-degraded=\"{{DEGRADED}}\"{{/DEGRADED}}{{/IS_FRONT}}"}) {
    Edit("page.html", label, other);
    EXPECT_THAT(LoadFault(), HasSubstr("would have no data-degraded when and only when it is degraded"))
        << other;
    Edit("page.html", other, label);
  }
}

TEST_F(NewsroomsTemplates, APageHasATitleAndAnH1ThatSayWhatItIs) {
  Edit("page.html", "<title>{{TITLE}}</title>", "<title>{{SITE_NAME}}</title>");
  EXPECT_THAT(LoadFault(), HasSubstr(At("page.html:6: a story's page would have no <title>")));
  Edit("page.html", "<title>{{SITE_NAME}}</title>", "<title>{{OG_TITLE}} | {{SITE_NAME}}</title>");
  EXPECT_EQ(LoadFault(), "");
  Edit("article.html", "h1", "h2");
  EXPECT_THAT(LoadFault(), HasSubstr(At("article.html: a story's page would have no <h1>")));
}

TEST_F(NewsroomsTemplates, AnH1ThatSaysSomethingElseIsNamedWithItsLine) {
  Edit("article.html", "{{HEADLINE}}</h1>", "{{SITE_NAME}}</h1>");
  EXPECT_EQ(LoadFault(), At("article.html:9: a story's page would have no <h1> that says what it is"));
}

TEST_F(NewsroomsTemplates, FaultsOfAllFilesAreToldAtOnce) {
  Edit("article.html", "{{HEADLINE}}</h1>", "{{HEADLNE}}</h1>");
  Edit("article.html", "{{#STANDFIRST}}", "{{#STANDFRIST}}");
  Edit("article.html", "{{/STANDFIRST}}", "{{/STANDFRIST}}");
  Edit("page.html", "<!--notice-->", "");
  Write("words.txt", "gon = Fort\ngone =\n");
  Write("assets/page.css~", "p {}");
  Write("assets/empty.svg", "");
  const std::vector<std::string> lines = absl::StrSplit(LoadFault(), '\n');
  EXPECT_THAT(lines, ElementsAre(StartsWith(At("article.html:9: nothing is ever set for {{HEADLNE}}")),
                                 StartsWith(At("article.html:10: nothing is ever set for {{#STANDFRIST}}")),
                                 StartsWith(At("page.html:1: has no <!--notice-->")),
                                 StartsWith(At("assets/empty.svg: is empty")),
                                 StartsWith(At("assets/page.css~: a name has")),
                                 StartsWith(At("words.txt:1: there is no key")),
                                 StartsWith(At("words.txt:2: gone: is empty"))));
}

TEST_F(NewsroomsTemplates, WhatPagesLackIsToldAtOnceAndOnceOfAllThatLackIt) {
  Edit("page.html", "<title>{{TITLE}}</title>", "<title>{{SITE_NAME}}</title>");
  Edit("article.html", "{{HEADLINE}}</h1>", "{{SITE_NAME}}</h1>");
  Edit("author.html", "h1", "h2");
  Edit("section.html", "{{>TEASER}}", "");
  const std::vector<std::string> lines = absl::StrSplit(LoadFault(), '\n');
  EXPECT_THAT(lines, ElementsAre(StartsWith(At("page.html:6: a story's page would have no <title>")),
                                 StartsWith(At("article.html:9: a story's page would have no <h1>")),
                                 StartsWith(At("section.html: a section's page would have no ")),
                                 StartsWith(At("author.html: an author's page would have no <h1>"))));
}

TEST_F(NewsroomsTemplates, OfMoreThanTwentyFaultsTheFirstAreTold) {
  std::string names;
  for (int i = 1; i <= 25; ++i) absl::StrAppend(&names, "{{NAME_", i, "}}\n");
  Edit("article.html", "<article class=\"story\">", absl::StrCat("<article class=\"story\">", names));
  const std::vector<std::string> lines = absl::StrSplit(LoadFault(), '\n');
  ASSERT_EQ(lines.size(), 21U);
  EXPECT_THAT(lines[19], HasSubstr("nothing is ever set for {{NAME_20}}"));
  EXPECT_EQ(lines[20], "there are more, which are told when these are mended");
}

TEST_F(NewsroomsTemplates, AnH1ThatOnlySomePagesHaveIsNone) {
  Edit("article.html", "<h1 class=\"headline\">{{HEADLINE}}</h1>", "");
  Edit("article.html", "<p class=\"kicker\">{{KICKER}}</p>",
       "<p class=\"kicker\">{{KICKER}}</p><h1>{{HEADLINE}}</h1>");
  EXPECT_THAT(LoadFault(), HasSubstr("the page of a story without optional parts would have no <h1>"));
}

TEST_F(NewsroomsTemplates, EveryKindOfPageHasItsH1) {
  for (const char* file : {"section.html", "author.html", "error.html"}) {
    const std::string text = Read(file);
    Edit(file, "h1", "h2");
    EXPECT_THAT(LoadFault(), HasSubstr(At(absl::StrCat(file, ": ")))) << file;
    Write(file, text);
  }
  Edit("page.html", "h1", "p");
  EXPECT_THAT(LoadFault(), HasSubstr(At("front.html: the front page would have no <h1>")));
}

TEST_F(NewsroomsTemplates, APageHasItsText) {
  const std::pair<const char*, const char*> texts[] = {{"article.html", "{{BODY_HTML:none}}"},
                                                       {"section.html", "{{>TEASER}}"},
                                                       {"front.html", "{{>TEASER}}"},
                                                       {"author.html", "{{>TEASER}}"},
                                                       {"rss.xml", "{{HEADLINE}}"},
                                                       {"atom.xml", "{{URL}}"},
                                                       {"sitemap.xml", "{{URL}}"},
                                                       {"sitemap_index.xml", "{{URL}}"},
                                                       {"news_sitemap.xml", "{{URL}}"}};
  for (const auto& [file, words] : texts) {
    const std::string text = Read(file);
    Edit(file, words, "");
    EXPECT_THAT(LoadFault(), HasSubstr(At(absl::StrCat(file, ": ")))) << file;
    EXPECT_THAT(LoadFault(), HasSubstr("which stands for its text")) << file;
    Write(file, text);
  }
  Edit("page.html", "{{>MAIN}}", "");
  EXPECT_THAT(LoadFault(), HasSubstr(At("page.html:1: has no {{>MAIN}}")));
}

TEST_F(NewsroomsTemplates, MomentsMustBeSeen) {
  Edit("article.html", "{{MOMENTS_HTML:none}}", "{{#ENDED}}{{MOMENTS_HTML:none}}{{/ENDED}}");
  EXPECT_THAT(LoadFault(), HasSubstr("article.html: a live story's page would have no \"Trial moment\""));
}

TEST_F(NewsroomsTemplates, MayLeaveOutWhatIsOptional) {
  for (const char* section :
       {"SECTION", "KICKER", "STANDFIRST", "BYLINE", "PUBLISHED", "UPDATED", "LOCATED", "HAS_LEAD_FIGURE",
        "CORRECTIONS", "CONTENTS", "KEY_EVENTS", "SUBJECTS", "COPYRIGHT_NOTICE", "AUTHOR_BOX", "RELATED"}) {
    Cut("article.html", absl::StrCat("{{#", section, "}}"), absl::StrCat("{{/", section, "}}"));
  }
  Cut("article.html", "{{>MOST_READ", "}}");
  for (const char* section : {"SECONDARY", "BRIEFS", "LATEST", "COLUMN", "EMPTY"})
    Cut("front.html", absl::StrCat("{{#", section, "}}"), absl::StrCat("{{/", section, "}}"));
  for (const char* section : {"KICKER", "KICKER_SECTION", "TRAIL_TEXT", "AUTHORS", "TIME"})
    Cut("teaser.html", absl::StrCat("{{#", section, "}}"), absl::StrCat("{{/", section, "}}"));
  Cut("error.html", "{{#STORIES}}", "{{/STORIES}}");
  Cut("author.html", "{{#PORTRAIT}}", "{{/PORTRAIT}}");
  Cut("page.html", "<footer", "</footer>");
  Cut("page.html", "{{#PREVIEW_IMAGE}}", "{{/PREVIEW_IMAGE}}");
  Cut("page.html", "{{#IS_ARTICLE}}", "{{/IS_ARTICLE}}");
  Cut("page.html", "{{#STRUCTURED_DATA}}", "{{/STRUCTURED_DATA}}");
  Cut("rss.xml", "{{#PICTURE}}", "{{/PICTURE}}");
  Write("figure.html", "{{%AUTOESCAPE context=\"HTML\"}}{{PICTURE_HTML:none}}\n");
  EXPECT_EQ(LoadFault(), "");
}

// As our own did before the names were set within these sections.
TEST_F(NewsroomsTemplates, OfEarlierReleasesStayInForce) {
  Edit("rss.xml", "{{#NO_DESCRIPTION}}\n<description>{{DESCRIPTION}}",
       "{{#NO_DESCRIPTION}}\n<description>{{TITLE}}");
  Edit("page.html", "{{#OG_LOCALE}}\n", "");
  Edit("page.html", "{{/OG_LOCALE}}\n", "");
  EXPECT_EQ(LoadFault(), "");
}

TEST_F(NewsroomsTemplates, MayUseWhatOurOwnDoNot) {
  Edit("article.html", "{{#MIDDLE}}, {{/MIDDLE}}", "{{#FIRST}}our {{/FIRST}}{{#MIDDLE}}, {{/MIDDLE}}");
  Edit("article.html", "<li>{{SUBJECT}}</li>",
       "<li>{{SUBJECT}}{{#SUBJECT_separator}}, {{/SUBJECT_separator}}</li>");
  Edit("article.html", "<article class=\"story\">",
       "<article class=\"story\">{{! by {{SITE_NAME}}{{BI_SPACE}}");
  Write("leaflet.html", "{{%AUTOESCAPE context=\"HTML\"}}<p>{{ANYTHING}}</p>");
  EXPECT_EQ(LoadFault(), "");
}

}  // namespace
}  // namespace broadsheet::gateway
