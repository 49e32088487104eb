#include "services/gateway/renderer/template_contexts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ctime>
#include <filesystem>
#include <fstream>
#include <initializer_list>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "services/gateway/renderer/template_engine.h"

namespace broadsheet::gateway {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr char kHtmlTemplate[] = "{{%AUTOESCAPE context=\"HTML\"}}";

std::string ContextFault(absl::string_view text) {
  return std::string(CheckContexts("t.html", absl::StrCat(kHtmlTemplate, text)).message());
}

void ExpectTaken(std::initializer_list<const char*> texts) {
  for (const char* text : texts) EXPECT_EQ(ContextFault(text), "") << text;
}
void ExpectRefused(std::initializer_list<const char*> texts) {
  for (const char* text : texts) EXPECT_THAT(ContextFault(text), StartsWith("t.html:1: ")) << text;
}

TEST(TemplateContexts, AQuoteDoesNotBeginOrEndInASection) {
  ExpectRefused({"<a title={{#S}}\"{{/S}}{{V}}>", "<p title=\"{{#S}}\">{{/S}}{{V}}",
                 "<a title={{#S}}\"{{/S}}{{V}}{{#S}}\"{{/S}}>", "<a title={{#A}}'{{/A}}{{#B}}\"{{/B}}{{V}}>",
                 "<script>var a=\"{{#S}}\";{{/S}}{{V}}\"</script>"});
  EXPECT_THAT(
      ContextFault("<p title=\"{{#S}}\">{{/S}}{{V}}"),
      HasSubstr("whether what follows stands in text or in a quoted value depends on how often {{#S}} is"));
}

TEST(TemplateContexts, ATagThatBeginsInASectionEndsInIt) {
  ExpectRefused({"{{#S}}<a {{/S}}title=\"{{V}}\">", "{{#S}}<p title=\"{{/S}}{{V}}{{#S}}\">{{/S}}",
                 "<p {{#S}}title={{/S}}{{V}}>", "<a title={{#S}}{{V}}{{/S}} lang=\"{{L}}\">"});
}

TEST(TemplateContexts, AnElementWithoutTagsInItBeginsAndEndsInASection) {
  ExpectRefused({"{{#S}}<script>{{/S}}{{V}}", "{{#S}}<script>{{/S}}", "{{#S}}<style>{{/S}}p{}</style>",
                 "{{#S}}<title>{{/S}}{{V}}</title>", "<style>{{#S}}<!--{{/S}}</style>{{V}}",
                 "{{#S}}<!--{{/S}}{{V}}"});
  EXPECT_THAT(ContextFault("{{#S}}<script>{{/S}}{{V}}"),
              HasSubstr("stands in a script or in text depends on"));
}

TEST(TemplateContexts, TwoSectionsDoNotMakeGoodForEachOther) {
  ExpectRefused({"{{#A}}<script>{{/A}}{{#B}}</script>{{/B}}{{V}}",
                 "{{#A}}<script>{{/A}}{{#B}}<script>{{/B}}{{V}}",
                 "<p{{#A}} class=\"a{{/A}}{{#B}} class=\"b{{/B}}\">{{V}}"});
}

TEST(TemplateContexts, ANameIsNotPutTogetherOfSections) {
  ExpectRefused({"<a {{#S}}hr{{/S}}ef=\"{{V}}\">", "<{{#S}}b {{/S}}title={{V}}>", "<{{#S}}sc{{/S}}ript>{{V}}",
                 "<li{{#S}} class=\"n\"{{/S}}x=\"{{V}}\">"});
}

TEST(TemplateContexts, AnAddressDoesNotBeginInASectionAndGoOnBehindIt) {
  EXPECT_THAT(
      ContextFault("<a href=\"{{#S}}/a{{/S}}{{V}}\">"),
      HasSubstr("how {{V}} has to be escaped depends on how often {{#S}} is shown (never, once, more often): "
                "write the whole attribute within the section"));
  ExpectRefused({"<a href=\"{{#S}}{{V}}/{{/S}}\">"});
  ExpectTaken({"<a href=\"{{#S}}{{U}}{{/S}}\">", "<a href=\"/x{{#S}}/{{U}}{{/S}}?a={{V}}\">",
               "<a href=\"{{#S}}/a{{/S}}/b{{V}}\">"});
}

TEST(TemplateContexts, WhatStandsBetweenEntriesIsAsSoundAsTheEntries) {
  ExpectRefused({"<a title=\"{{#S}}{{V}}{{#S_separator}}\"{{/S_separator}}{{/S}}\">"});
  ExpectTaken({"<p>{{#S}}{{V}}{{#S_separator}}, {{/S_separator}}{{/S}}</p>",
               "<img srcset=\"{{#W}}{{URL}} {{W}}w{{#W_separator}}, {{/W_separator}}{{/W}}\" alt=\"{{A}}\">",
               "<script>var a=[{{#S}}\"{{V}}\"{{#S_separator}},{{/S_separator}}{{/S}}];</script>{{V}}"});
}

TEST(TemplateContexts, WholeElementsAndAttributesStandInSections) {
  ExpectTaken(
      {"<p>{{V}}{{#S}}<a href=\"{{U}}\" title='{{V}}'>{{V}}</a>{{/S}}</p>{{V}}",
       "{{#S}}<a href=\"{{U}}\">{{/S}}{{V}}{{#S}}</a>{{/S}}",
       "<li{{#S}} class=\"n\"{{/S}}{{#T}} id=\"{{I}}\"{{/T}} {{#U}}checked{{/U}} lang=\"{{L}}\">{{V}}",
       "<option{{#S}} selected{{/S}}>{{V}}", "<br{{#S}} class=\"x\"{{/S}}/>{{V}}",
       "{{#S}}<script>var a={{V}};</script>{{/S}}{{V}}", "<!-- {{#S}}{{V}}{{/S}} -->",
       "<a\n{{#S}}\n title=\"{{V}}\"\n{{/S}}\n href=\"{{U}}\">{{>P}}{{#S}}{{>Q}}{{/S}}{{V}}"});
}

TEST(TemplateContexts, SectionsStandWithinQuotes) {
  ExpectTaken({"<p class=\"a{{#S}} b{{/S}}{{#T}}-{{V}}{{/T}}\">{{V}}",
               "<p style=\"{{#S}}color:{{C}};{{/S}}\">", "<button onclick=\"f({{#S}}'{{V}}'{{/S}})\">"});
  std::string many = "<p class=\"p";
  for (int i = 0; i < 20; ++i) absl::StrAppend(&many, "{{#S}}-", i, "{{/S}}");
  EXPECT_EQ(ContextFault(many + "\">{{V}}"), "");
}

TEST(TemplateContexts, SectionsStandInEachOther) {
  ExpectTaken({"{{#A}}{{#B}}<b{{#C}} title=\"{{#D}}{{V}}{{/D}}\"{{/C}}>{{/B}}{{/A}}{{V}}"});
  ExpectRefused(
      {"{{#A}}<i>{{#B}}<b title=\"{{/B}}{{V}}</i>{{/A}}", "{{#A}}{{#B}}<script>{{/B}}{{V}}</script>{{/A}}"});
}

TEST(TemplateContexts, WhatIsPendingMatters) {
  ExpectRefused({R"~(<script>a="\{{#S}}\{{/S}}"; b="{{V}}";</script>)~",
                 R"~(<script>a="x{{#S}}\{{/S}}"; b="{{V}}";</script>)~",
                 R"~(<p onclick="&{{#S}}({{/S}}'{{V}}')">)~", R"~(<p onclick="&quot{{#S}};{{/S}} '{{V}}'")~",
                 "<script>/{{#S}}/{{/S}}\n\"{{V}}\"</script>", "<script><{{#S}}!--{{/S}}\n</script>{{V}}",
                 "<script></scr{{#S}}.{{/S}}ipt>{{V}}", "<!-{{#S}}-{{/S}} >{{V}}"});
  ExpectTaken({R"~(<script>a="\\{{#S}}\\{{/S}}"; b="{{V}}";</script>)~",
               R"~(<p onclick="a &amp;&amp; f({{#S}}'{{V}}'{{/S}})">)~"});
}

TEST(TemplateContexts, ARedirectsAddressDoesNotDependOnASection) {
  ExpectRefused({R"~(<meta http-equiv="refresh" content="{{#S}}x{{/S}}5;url={{U}}">)~",
                 R"~(<meta content="5;{{#S}}url={{/S}}{{U}}">)~",
                 R"~(<meta src=" {{#S}}a{{/S}};url={{U}}">)~"});
  ExpectTaken({R"~(<meta http-equiv="refresh" content="5;url={{U}}"{{#S}} lang="{{L}}"{{/S}}>)~",
               R"~(<meta name="description" content="News{{#S}} of {{V}}{{/S}}, {{W}}">)~",
               R"~(<meta name="description" content="{{#S}}{{V}}, {{/S}}{{W}}">)~"});
}

TEST(TemplateContexts, AValueWithoutQuotesIsNoName) {
  ExpectRefused({"<p {{A}}{{#S}}title={{V}}{{/S}}onclick={{W}}>", "<p {{#S}}title={{V}}{{/S}}lang=\"{{W}}\">",
                 "<p on{{#S}}a={{V}} {{/S}}click=\"{{W}}\">"});
  ExpectTaken({"<p class={{V}}{{#S}}-{{W}}{{/S}} lang=\"{{L}}\">", "<p class=a{{#S}}b{{/S}} lang={{L}}>"});
}

TEST(TemplateContexts, ASlashDividesOrBeginsAPatternOnAllWays) {
  ExpectRefused({R"~(<script>a {{#S}}return {{/S}}{{V}}/ "{{W}}</script>)~",
                 R"~(<script>a {{#S}}return {{/S}}{{V}}/1; b="{{W}}"/2;</script>)~",
                 R"~(<script>re{{#S}}turn{{/S}} / "{{V}}"</script>)~"});
  ExpectTaken({R"~(<script>a = b {{#S}}+ c {{/S}}/ 2; d = "{{V}}";</script>)~",
               R"~(<script>var live = {{#S}}true{{/S}};{{#T}} // words
 f("{{V}}", 1);{{/T}} g('{{#U}}a{{/U}}', {{W}}); {{#S}}/* {{V}} */{{/S}}; </script>)~"});
}

TEST(TemplateContexts, ASectionIsFollowedUntilItLeadsNowhereElse) {
  // Shown once it is as never and twice, shown three times it is not.
  ExpectRefused({R"~(<script>'{{V}}'{{#S}}{{#T}}x={{/T}}'{{W}}'/{{/S}} "{{X}}/"{{Y}}</script>)~",
                 R"~(<p onclick='{{#S}}<</{{#T}}a b{{/T}}{{/S}}+a"{{V}}"/{{W}}'>)~"});
}

TEST(TemplateContexts, WhatIsSaidOfScriptsIsTrueOfComments) {
  EXPECT_THAT(ContextFault("<script>{{#S}}/*{{/S}} {{V}} */</script>"),
              HasSubstr("whether what follows stands in a string, in a comment or in the script itself"));
  EXPECT_THAT(ContextFault("<title>{{#S}}<!--{{/S}} {{V}}</title>"),
              HasSubstr("stands within quotes or a comment, or outside them"));
}

TEST(TemplateContexts, ALongScriptMayHaveManySections) {
  std::string script = "<script>\n";
  while (script.size() < 60'000)
    script += "  var item = f(\"a b\"); {{#S}}g(\"{{V}}\", 1);{{/S}} // and so on, with some words\n";
  EXPECT_EQ(ContextFault(script + "</script>{{V}}"), "");
}

TEST(TemplateContexts, TheSectionsLineIsNamed) {
  EXPECT_THAT(ContextFault("\n{{#A}}\n<p>\n{{#B}}<b title=\"{{/B}}\n{{V}}\n{{/A}}"),
              StartsWith("t.html:4: "));
  EXPECT_THAT(ContextFault("\n<a {{#A}}hr{{/A}}\n{{#B}}title=\"x\"{{/B}}\n{{#C}}>{{/C}}"),
              StartsWith("t.html:4: "));
  EXPECT_THAT(ContextFault("\n<a\n{{#A}}hr{{/A}}ef=\n\"{{V}}\">"), StartsWith("t.html:3: "));
}

TEST(TemplateContexts, CommentsAndWordsAreNoMarks) {
  ExpectTaken({"{{! {{#S}} \" }}<a title=\"{{V}}\">", "<p>{{#S}}  Variable Node: V:h\n{{/S}}{{V}}"});
  ExpectRefused({"{{#S}}{{! \" }}<a title={{/S}}\"  Variable Node: V:h\n{{V}}\">"});
}

TEST(TemplateContexts, InXmlQuotesDoNotMatter) {
  EXPECT_TRUE(CheckContexts("t.xml", "{{%AUTOESCAPE context=\"XML\"}}<a b={{#S}}\"{{/S}}{{V}}>").ok());
}

TEST(TemplateContexts, ManySectionsTakeATimeThatGrowsWithTheText) {
  const auto seconds = [](const std::string& text) {
    timespec before = {}, after = {};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &before);
    ContextFault(text);
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &after);
    return absl::ToDoubleSeconds(absl::DurationFromTimespec(after) - absl::DurationFromTimespec(before));
  };
  std::string sections, names = "<p ";
  while (sections.size() < 20'000) sections += "<p{{#A}} lang=\"{{L}}\"{{/A}}>{{V}}\n";
  while (names.size() < 100'000) names += absl::StrCat("{{#A}}x", names.size() % 7, "{{/A}}");
  EXPECT_EQ(ContextFault(sections), "");
  // Many times what it takes; with every section against all of the text it would be many times this.
  EXPECT_LT(seconds(sections), 20);
  EXPECT_THAT(ContextFault(names), HasSubstr("too many sections"));
}

TEST(TemplateContexts, AFolderWithSuchATemplateDoesNotLoad) {
  std::string pattern = (std::filesystem::temp_directory_path() / "templates-XXXXXX").string();
  const std::filesystem::path folder = mkdtemp(pattern.data());
  std::ofstream(folder / "a.html") << kHtmlTemplate << "\n<a title={{#S}}\"{{/S}}{{V}}>";
  const absl::Status status = TemplateEngine::Load(folder.string(), {}).status();
  std::filesystem::remove_all(folder);
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()), HasSubstr("a.html:2: whether what follows stands"));
}

}  // namespace
}  // namespace broadsheet::gateway
