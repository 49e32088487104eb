#include "services/gateway/renderer/template_engine.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sys/stat.h>

#include <algorithm>
#include <ctime>
#include <filesystem>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "services/gateway/renderer/template_check.h"

namespace broadsheet::gateway {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kHtml[] = "{{%AUTOESCAPE context=\"HTML\"}}";

class TemplateFolder : public ::testing::Test {
 protected:
  TemplateFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "templates-XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
  }
  ~TemplateFolder() override { std::filesystem::remove_all(folder_); }

  void Write(const std::string& name, const std::string& text) const {
    std::ofstream(folder_ / name) << kHtml << text;
  }
  auto Load(const TemplateNames& known = {}) const { return TemplateEngine::Load(folder_.string(), known); }
  std::string Expand(const Values& values) const { return (*Load())->Expand("a.html", values, shared_); }

  std::filesystem::path folder_;
  Values shared_;
};

TEST_F(TemplateFolder, ValuesAreEscapedForTheirPlace) {
  Write("a.html", "<a href=\"{{URL}}\" title=\"{{TEXT}}\">{{TEXT}}</a>");
  Values values;
  values.Set("URL", "javascript:alert(1)").Set("TEXT", "<\"'&>");
  EXPECT_EQ(Expand(values), "<a href=\"#\" title=\"&lt;&quot;&#39;&amp;&gt;\">&lt;&quot;&#39;&amp;&gt;</a>");
}

TEST_F(TemplateFolder, MarkupIsWrittenAsItIs) {
  Write("a.html", "<p>{{B_HTML:none}}</p>");
  Values values;
  values.Set("B_HTML", Markup{"<b>x</b>"});
  EXPECT_EQ(Expand(values), "<p><b>x</b></p>");
}

TEST_F(TemplateFolder, ATextThatLooksLikeATemplateIsText) {
  Write("a.html", "<p>{{A}}</p>");
  Values values;
  values.Set("A", "{{B}} {{#C}}{{%AUTOESCAPE}}").Set("B", "secret");
  EXPECT_EQ(Expand(values), "<p>{{B}} {{#C}}{{%AUTOESCAPE}}</p>");
}

TEST_F(TemplateFolder, SectionsAppearOncePerEntryAndFilesKnowSharedValues) {
  Write("a.html", "{{#S}}[{{V}}]{{/S}}{{>PART}}{{>ABSENT}}");
  Write("b.html", "({{V}}{{SITE}}{{#SHOWN}}!{{/SHOWN}})");
  shared_.Set("SITE", "site").Show("SHOWN", true);
  Values values, part;
  values.Add("S").Set("V", "1");
  values.Add("S").Set("V", "2");
  part.Set("V", "p");
  values.Include("PART", "b.html", std::move(part));
  EXPECT_EQ(Expand(values), "[1][2](psite!)");
}

TEST_F(TemplateFolder, AMissingFolderIsNotFound) {
  EXPECT_EQ(TemplateEngine::Load((folder_ / "nowhere").string(), {}).status().code(),
            absl::StatusCode::kNotFound);
}

TEST_F(TemplateFolder, AMissingTemplateIsNamed) {
  const absl::Status status = Load({{"page.html", {}}}).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(status.message()), HasSubstr("page.html"));
}

TEST_F(TemplateFolder, ABrokenTemplateIsNamedWithItsLine) {
  Write("a.html", "\n\n{{#OPEN}}\nnever closed");
  const absl::Status status = Load().status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()), HasSubstr("a.html:3: section OPEN is not closed"));
}

TEST_F(TemplateFolder, ANameThatNothingSetsIsNamedWithItsLine) {
  Write("a.html", "<p>{{A}}</p>\n<p>{{B}}</p>");
  EXPECT_TRUE(Load({{"a.html", {"A", "B"}}}).ok());
  EXPECT_TRUE(Load().ok()) << "no template of this program's";
  const absl::Status status = Load({{"a.html", {"A"}}}).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()),
              HasSubstr("a.html:2: nothing is ever set for {{B}} in this file"));
}

TEST_F(TemplateFolder, ForANameThatNothingSetsTheNearestAreNamed) {
  const TemplateNames known = {{"a.html",
                                {"HEADLINE", "KICKER", "A", "B", "C", "D", "#LIVE", "LIVE/TIME", "#ENDED",
                                 "RELATED/>TEASER", ">MAIN", ">MOST_READ"}}};
  const auto fault = [&](const std::string& text) {
    Write("a.html", text);
    return std::string(Load(known).status().message());
  };
  EXPECT_THAT(fault("{{HEADLNE}}"), HasSubstr("{{HEADLNE}} in this file; here there are {{HEADLINE}} {{"));
  EXPECT_THAT(fault("{{HEADLNE}}"), Not(HasSubstr("TIME")));
  EXPECT_THAT(fault("{{#LIVE}}{{TIM}}{{/LIVE}}"), HasSubstr("; here there are {{TIME}} {{"));
  EXPECT_THAT(fault("{{#LIFE}}{{/LIFE}}"), ::testing::EndsWith("; here there are {{#LIVE}} {{#ENDED}}"));
  EXPECT_THAT(fault("{{>FOOTER}}"), ::testing::EndsWith("; here there are {{>MAIN}} {{>MOST_READ}}"));
}

TEST_F(TemplateFolder, WhatStandsInASectionThatNothingSetsIsNotLookedAt) {
  Write("a.html", "{{#LIFE}}{{X}}{{#IN}}{{/IN}}{{/LIFE}}\n{{A}}{{Y}}{{Y}}");
  const std::string fault(Load({{"a.html", {"A"}}}).status().message());
  EXPECT_THAT(fault, HasSubstr("a.html:1: nothing is ever set for {{#LIFE}}"));
  EXPECT_THAT(fault, HasSubstr("\n" + (folder_ / "a.html:2: nothing is ever set for {{Y}}").string()));
  EXPECT_EQ(std::count(fault.begin(), fault.end(), '\n'), 1);
}

TEST_F(TemplateFolder, WhatOnlyTheEngineRefusesIsNamedWithItsLine) {
  Write("a.html", "\n<p>{{A}}</p>{{#S}}\n<i>{{B}}</i>\n<b \"{{C}}>{{D}}</b>\n{{/S}}\n<p>{{E}}</p>\n");
  const absl::Status status = Load().status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()), HasSubstr("a.html:4: the engine refuses it"));
}

TEST_F(TemplateFolder, WhatIsNoFileIsNotRead) {
  std::filesystem::create_symlink("/dev/zero", folder_ / "a.html");
  EXPECT_EQ(Load().status().code(), absl::StatusCode::kNotFound);
}

TEST_F(TemplateFolder, APipeIsNotWaitedFor) {
  ASSERT_EQ(mkfifo((folder_ / "a.html").c_str(), 0600), 0);
  EXPECT_EQ(Load().status().code(), absl::StatusCode::kNotFound);
}

TEST(TemplateCheck, BeginningsAreTemplates) {
  const std::string text = "a{{#S}}b\n{{C}}{{#T}}d{{/T}}{{/S}}";
  EXPECT_EQ(BeginningOfTemplate(text, 1), "a");
  EXPECT_EQ(BeginningOfTemplate(text, 5), "a");
  EXPECT_EQ(BeginningOfTemplate(text, 9), "a{{#S}}b\n{{/S}}");
  EXPECT_EQ(BeginningOfTemplate(text, 21), "a{{#S}}b\n{{C}}{{#T}}d{{/T}}{{/S}}");
  EXPECT_EQ(BeginningOfTemplate(text, text.size()), text);
}

std::string Fault(const std::string& text) { return std::string(CheckTemplate("t.html", text).message()); }

TEST(TemplateCheck, EscapingMustBeOn) {
  EXPECT_THAT(Fault("<p>"), HasSubstr("t.html:1: does not begin with {{%AUTOESCAPE"));
  EXPECT_FALSE(CheckTemplate("t.xml", std::string(kHtml) + "<p/>").ok());
  EXPECT_TRUE(CheckTemplate("t.xml", "{{%AUTOESCAPE context=\"XML\"}}<p/>").ok());
}

TEST(TemplateCheck, EscapingIsSwitchedOffForMarkupOnly) {
  EXPECT_TRUE(CheckTemplate("t.html", std::string(kHtml) + "{{A_HTML:none}}{{B_JSON:none}}{{C}}").ok());
  EXPECT_THAT(Fault(std::string(kHtml) + "\n{{HEADLINE:none}}"),
              HasSubstr("t.html:2: escaping must not be switched off"));
  EXPECT_THAT(Fault(std::string(kHtml) + "{{A_HTML}}"), HasSubstr("write {{A_HTML:none}}"));
  EXPECT_FALSE(CheckTemplate("t.html", std::string(kHtml) + "{{A:h}}").ok());
}

TEST(TemplateCheck, AValueCannotBeAnElementsName) {
  EXPECT_THAT(Fault(std::string(kHtml) + "<{{A}}>"), HasSubstr("cannot be the name of an element"));
  EXPECT_THAT(Fault(std::string(kHtml) + "</{{A}}>"), HasSubstr("cannot be the name of an element"));
  EXPECT_THAT(Fault(std::string(kHtml) + "<{{#A}}{{A}}{{/A}}>"),
              HasSubstr("cannot be the name of an element"));
  EXPECT_THAT(Fault(std::string(kHtml) + "<{{! a }}{{A}}>"), HasSubstr("cannot be the name of an element"));
}

TEST(TemplateCheck, ATeaserCanBeFoundInAFinishedPage) {
  const auto fault = [](absl::string_view text) {
    return std::string(CheckTemplate("teaser.html", absl::StrCat(kHtml, text)).message());
  };
  EXPECT_EQ(fault("<article class=\"x\" data-story=\"{{ARTICLE_ID}}\">\n<p>{{HEADLINE}}</p>\n</article>\n"),
            "");
  for (const char* text :
       {"<div data-story=\"{{ARTICLE_ID}}\">{{HEADLINE}}</div>", "<article>{{HEADLINE}}</article>",
        "<article>\n<p data-story=\"{{ARTICLE_ID}}\">{{HEADLINE}}</p></article>",
        "<article data-story=\"{{ARTICLE_ID}}\">{{HEADLINE}}</article><p>{{TRAIL_TEXT}}</p>",
        "<p>{{TRAIL_TEXT}}</p><article data-story=\"{{ARTICLE_ID}}\">{{HEADLINE}}</article>",
        "<article data-story=\"{{ARTICLE_ID}}\"><article></article>{{HEADLINE}}</article>", ""}) {
    EXPECT_THAT(fault(text), HasSubstr("teaser.html:1: a teaser is one <article")) << text;
  }
}

TEST(TemplateCheck, SizeAndNestingAreBounded) {
  std::string nested(kHtml);
  for (int i = 0; i < 32; ++i) nested += "{{#A}}\n";
  std::string more = nested + "{{#A}}{{/A}}";
  for (int i = 0; i < 32; ++i) nested += "{{/A}}", more += "{{/A}}";
  EXPECT_TRUE(CheckTemplate("t.html", nested).ok());
  EXPECT_THAT(Fault(more), HasSubstr("t.html:33: more than 32 sections in each other"));
  EXPECT_THAT(Fault(kHtml + std::string(1024 * 1024, 'a')),
              HasSubstr("t.html:1: is longer than 1048576 bytes"));
}

TEST(TemplateCheck, ManySectionsAreCheckedInOnePass) {
  std::string text(kHtml);
  while (text.size() < 1024 * 1024 - 100) text += "{{#A}}\n{{/A}}";
  const auto lines = std::count(text.begin(), text.end(), '\n');
  timespec before = {}, after = {};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &before);
  EXPECT_TRUE(CheckTemplate("t.html", text).ok());
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &after);
  // Many times what it takes; to count from the beginning for each of them takes many times this.
  EXPECT_LT(absl::DurationFromTimespec(after) - absl::DurationFromTimespec(before), absl::Milliseconds(500));
  EXPECT_THAT(Fault(text + "{{#B}}"), HasSubstr(absl::StrCat("t.html:", lines + 1, ": section B")));
}

TEST(TemplateCheck, AStorysTemplateHasAPlaceForMoments) {
  const auto fault = [](absl::string_view text) {
    return std::string(CheckTemplate("article.html", absl::StrCat(kHtml, text)).message());
  };
  EXPECT_EQ(fault("<article class=\"story\">{{#LIVE}}{{MOMENTS_HTML:none}}{{/LIVE}}</article>"), "");
  EXPECT_THAT(fault("{{BODY_HTML:none}}"), HasSubstr("article.html:1: has no {{MOMENTS_HTML:none}}"));
}

TEST(TemplateCheck, AStorysTemplateIsKnownForOneByTheScriptAndByWhatCutsMentions) {
  const auto fault = [](absl::string_view begin) {
    return std::string(
        CheckTemplate("article.html", absl::StrCat(kHtml, begin, "{{MOMENTS_HTML:none}}</article>"))
            .message());
  };
  EXPECT_EQ(fault("<article class=\"story\" dir=\"{{DIRECTION}}\">"), "");
  for (const char* begin : {"<article>", "<article class=\"report\">", "<article class=\"story wide\">",
                            "<article class='story'>", "<div class=\"story\">"}) {
    EXPECT_THAT(fault(begin), HasSubstr("article.html:1: has no <article class=\"story\" …>")) << begin;
    EXPECT_THAT(fault(begin), HasSubstr("that a story is read would not be counted")) << begin;
  }
}

TEST(TemplateCheck, TheFrameHasRoomForWhatIsPutIntoFinishedPages) {
  constexpr absl::string_view kHead =
      "\n<html lang=\"{{LANGUAGE}}\"{{#DEGRADED}} data-degraded=\"{{DEGRADED}}\"{{/DEGRADED}}>\n";
  constexpr absl::string_view kBody = "<body><!--notice-->{{>MAIN}}</body>";
  const auto fault = [](absl::string_view text) {
    return std::string(CheckTemplate("page.html", absl::StrCat(kHtml, text)).message());
  };
  EXPECT_EQ(fault(absl::StrCat(kHead, kBody)), "");
  EXPECT_THAT(fault(absl::StrCat(kHead, "{{>MAIN}}")), HasSubstr("page.html:1: has no <!--notice-->"));
  EXPECT_THAT(fault(absl::StrCat(kHead, "<!--notice-->")), HasSubstr("page.html:1: has no {{>MAIN}}"));
  EXPECT_THAT(fault(kBody), HasSubstr("page.html:1: has no <html"));
  for (const char* head :
       {"\n<html>", "\n<HTML lang=\"{{LANGUAGE}}\">", "\n<html lang=\"{{LANGUAGE}}\">",
        "\n<html{{#DEGRADED}} data-degraded=\"{{DEGRADED}}\"{{/DEGRADED}}>",
        "\n<html lang=\"en\"\n{{#DEGRADED}} data-degraded=\"{{DEGRADED}}\"{{/DEGRADED}}>"}) {
    EXPECT_THAT(fault(absl::StrCat(head, kBody)),
                HasSubstr("page.html:2: a degraded page would not be labelled"))
        << head;
  }
}

std::string NameFault(absl::string_view text, const KnownMarks& known) {
  return std::string(CheckNames("t.html", absl::StrCat(kHtml, text), known).message());
}

TEST(TemplateCheck, NamesAreKnownInTheSectionsTheyAreSetIn) {
  const KnownMarks known = {"A", "#S", "S/B", "S/#T", "S/T/C", "S/>F"};
  EXPECT_EQ(NameFault("{{A}}{{#S}}{{A}}{{B}}{{#T}}{{A}}{{B}}{{C}}{{>F}}{{/T}}{{>F}}{{/S}}{{!B}}", known), "");
  EXPECT_THAT(NameFault("\n{{D}}", known), HasSubstr("t.html:2: nothing is ever set for {{D}} in this file"));
  EXPECT_THAT(NameFault("\n\n{{#D}}{{/D}}", known), HasSubstr("t.html:3: nothing is ever set for {{#D}}"));
  EXPECT_THAT(NameFault("{{>D}}", known), HasSubstr("nothing is ever set for {{>D}} in this file"));
  EXPECT_THAT(NameFault("{{#S}}{{/S}}\n{{B}}", known),
              HasSubstr("t.html:2: nothing is ever set for {{B}} here, only within {{#S}}"));
  EXPECT_THAT(NameFault("{{#S}}{{C}}{{/S}}", known), HasSubstr("here, only within {{#S}}{{#T}}"));
  EXPECT_THAT(NameFault("{{S}}", known), HasSubstr("{{S}} in this file")) << "a section is no value";
}

TEST(TemplateCheck, ASectionSeenFromWithinAnotherKnowsNothingOfThatOne) {
  const KnownMarks known = {"#S", "S/A", "#T", "T/B"};
  EXPECT_EQ(NameFault("{{#S}}{{#T}}{{B}}{{/T}}{{A}}{{/S}}", known), "");
  EXPECT_THAT(NameFault("{{#S}}{{#T}}{{A}}{{/T}}{{/S}}", known), HasSubstr("only within {{#S}}"));
}

TEST(TemplateCheck, WhatTheEngineSetsItselfIsKnown) {
  const KnownMarks known = {"#S", "S/A"};
  EXPECT_EQ(
      NameFault("{{BI_SPACE}}{{#S}}{{A}}{{#S_separator}}, {{A}}{{/S_separator}}{{BI_NEWLINE}}{{/S}}", known),
      "");
  EXPECT_THAT(NameFault("{{#S_separator}}{{/S_separator}}", known), HasSubstr("{{#S_separator}}"));
}

TEST(TemplateCheck, MarksMustBeWhole) {
  EXPECT_THAT(Fault(std::string(kHtml) + "{{A"), HasSubstr("{{ without }}"));
  EXPECT_THAT(Fault(std::string(kHtml) + "{{/A}}"), HasSubstr("not open"));
  EXPECT_THAT(Fault(std::string(kHtml) + "{{#A}}\n{{#B}}{{/A}}"),
              HasSubstr("t.html:2: closes A, but B of line 2 is open"));
  EXPECT_THAT(Fault(std::string(kHtml) + "{{A B}}"), HasSubstr("not a name"));
  EXPECT_THAT(Fault(std::string(kHtml) + "{{%AUTOESCAPE context=\"JAVASCRIPT\"}}"), HasSubstr("not a name"));
}

}  // namespace
}  // namespace broadsheet::gateway
