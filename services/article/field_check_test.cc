#include "services/article/field_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace broadsheet::article {
namespace {

bool LinkIsAllowed(absl::string_view url) {
  FieldCheck check;
  check.Link("url", url);
  return check.ok();
}

TEST(Link, AllowsTheFourForms) {
  for (const char* url : {"https://example.org", "https://example.org/a?b=c#d", "http://example.org:8080/",
                          "HTTPS://example.org/", "mailto:desk@example.org", "/harbour/2026/11/x", "/",
                          "https://medium.example/@writer", "https://xn--bcher-kva.example/", "/a?next=//b",
                          "https://[2001:db8::1]/"}) {
    EXPECT_TRUE(LinkIsAllowed(url)) << url;
  }
}

TEST(Link, RefusesActiveAndForeignSchemesHoweverWritten) {
  for (const char* url :
       {"javascript:alert(1)", "JaVaScRiPt:alert(1)", " javascript:alert(1)", "\tjavascript:alert(1)",
        "java\tscript:alert(1)", "java\nscript:alert(1)", "\x01javascript:alert(1)",
        "javascript&#58;alert(1)", "data:text/html,<script>", "vbscript:msgbox(1)", "file:///etc/passwd",
        "ftp://example.org", "blob:x", "\xC2\xA0javascript:alert(1)",
        "\xE2\x80\x8B"
        "javascript:alert(1)",
        "jav\xC2\xAD"
        "ascript:alert(1)",
        "\xE2\x80\xAE"
        "javascript:alert(1)",
        "feed:javascript:alert(1)", "view-source:https://a"}) {
    EXPECT_FALSE(LinkIsAllowed(url)) << url;
  }
}

TEST(Link, RefusesWhatBrowsersReadAsAnotherHost) {
  for (const char* url :
       {"//evil.example", "/\\evil.example", "\\\\evil.example", "\\/evil.example", "/\t/evil.example",
        "/\n/evil.example", "https:evil.example", "https:/evil.example", "https://", "https:///evil.example",
        "https://good.example@evil.example/", "https://:80/", "evil.example", "", "?q", "#top", "../a"}) {
    EXPECT_FALSE(LinkIsAllowed(url)) << url;
  }
}

TEST(Link, RefusesCharactersThatUrlsMustEncode) {
  for (const char* url : {"https://a.example/ b", "https://a.example/\"onclick=", "https://a.example/<b>",
                          "mailto:nobody", "https://a.example/\xFF"}) {
    EXPECT_FALSE(LinkIsAllowed(url)) << url;
  }
  EXPECT_FALSE(LinkIsAllowed("/" + std::string(2000, 'a')));
}

TEST(HttpsUrl, AllowsNothingButHttps) {
  for (const auto& [url, allowed] : std::vector<std::pair<std::string, bool>>{{"", true},
                                                                              {"https://a.example/", true},
                                                                              {"http://a.example/", false},
                                                                              {"/a", false},
                                                                              {"mailto:a@b", false}}) {
    FieldCheck check;
    check.HttpsUrl("url", url);
    EXPECT_EQ(check.ok(), allowed) << url;
  }
}

TEST(Line, RefusesControlCharactersAndBidirectionalOverrides) {
  for (const char* text : {"a\nb", "a\tb", "a\x7F", "\xC2\x85",
                           "a\xE2\x80\xAE"
                           "b",
                           "\xE2\x80\xAA", "\xE2\x81\xA6open", "\xE2\x81\xA9", "\xEF\xBF\xBE", "\xFF", "\xC3",
                           "\xED\xA0\x80", "\xC0\xAF"}) {
    FieldCheck check;
    std::string line = text;
    check.Line("headline", 500, line);
    EXPECT_FALSE(check.ok()) << testing::PrintToString(line);
  }
  std::string nul("a\0b", 3);
  FieldCheck check;
  check.Line("headline", 500, nul);
  EXPECT_EQ(check.violations()[0].description, "has the control character U+0000 at byte 1");
}

TEST(Line, AcceptsClosedIsolatesAndRightToLeftText) {
  FieldCheck check;
  std::string line = "\xE2\x81\xA8GPS\xE2\x81\xA9 الميناء";
  check.Line("headline", 500, line);
  EXPECT_TRUE(check.ok());
}

TEST(Line, IsStoredInNormalizationFormC) {
  FieldCheck check;
  std::string line = "Cafe\xCC\x81";
  check.Line("headline", 5, line);
  EXPECT_TRUE(check.ok());
  EXPECT_EQ(line, "Caf\xC3\xA9");
}

TEST(Line, IsBoundedInBytes) {
  FieldCheck check;
  std::string fits(500, 'a'), long_one(501, 'a');
  check.Line("headline", 500, fits);
  EXPECT_TRUE(check.ok());
  check.Line("headline", 500, long_one);
  EXPECT_FALSE(check.ok());
}

TEST(Time, AcceptsTheYears1To9999InMicroseconds) {
  google::protobuf::Timestamp time;
  FieldCheck check;
  time.set_seconds(-62135596800);
  check.Time("at", time);
  time.set_seconds(253402300799);
  time.set_nanos(999'999'999);
  check.Time("at", time);
  EXPECT_TRUE(check.ok());
  EXPECT_EQ(time.nanos(), 999'999'000);
}

TEST(Time, RefusesEverythingOutside) {
  for (const auto& [seconds, nanos] : std::vector<std::pair<std::int64_t, int>>{
           {-62135596801, 0}, {253402300800, 0}, {0, -1}, {0, 1'000'000'000}}) {
    google::protobuf::Timestamp time;
    time.set_seconds(seconds);
    time.set_nanos(nanos);
    FieldCheck check;
    check.Time("at", time);
    EXPECT_FALSE(check.ok()) << seconds << "." << nanos;
  }
}

TEST(Language, FollowsTheShapeOfBcp47) {
  for (const char* tag : {"", "en", "en-GB", "ar", "zh-Hant-TW", "sl-rozaj-biske-1994", "de-CH-1901"}) {
    FieldCheck check;
    check.Language("language", tag);
    EXPECT_TRUE(check.ok()) << tag;
  }
  for (const char* tag : {"e", "en_GB", "en-", "-en", "en-languagetag", "1n", "en\"", "en GB"}) {
    FieldCheck check;
    check.Language("language", tag);
    EXPECT_FALSE(check.ok()) << tag;
  }
}

TEST(FieldCheck, KeepsTheFirstFiftyViolations) {
  FieldCheck check;
  for (int i = 0; i < 100; ++i) check.Add("field", "wrong");
  EXPECT_EQ(check.violations().size(), FieldCheck::kMaxViolations);
}

}  // namespace
}  // namespace broadsheet::article
