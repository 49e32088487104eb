#include "services/gateway/renderer/text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include "services/gateway/renderer/words.h"

namespace broadsheet::gateway {
namespace {

using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::SizeIs;
using ::testing::StartsWith;

TEST(Text, MarkupCharactersAreEscaped) {
  EXPECT_EQ(EscapeHtml("<a href=\"x\" b='&'>"), "&lt;a href=&quot;x&quot; b=&#39;&amp;&#39;&gt;");
  EXPECT_EQ(EscapeHtml("nothing to escape"), "nothing to escape");
  EXPECT_EQ(EscapeHtml("at the end, &"), "at the end, &amp;");
  EXPECT_EQ(EscapeHtml("between < and after"), "between &lt; and after");
}

TEST(Text, BytesThatAreNotUtf8AreReplaced) {
  EXPECT_EQ(CleanText("a\xFF\x62"), "a\xEF\xBF\xBD\x62");
  EXPECT_EQ(CleanText("cut \xE2\x80"), "cut \xEF\xBF\xBD\xEF\xBF\xBD");
  EXPECT_EQ(CleanText("overlong \xC0\xAF"), "overlong \xEF\xBF\xBD\xEF\xBF\xBD");
  EXPECT_EQ(CleanText("surrogate \xED\xA0\x80"), "surrogate \xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");
}

TEST(Text, ControlCharactersAreLeftOutButLineBreaksStay) {
  EXPECT_EQ(CleanText(absl::string_view("a\0b\x1B[31m\tc\n\x7F\xC2\x85\xEF\xBF\xBE", 17)), "ab[31m\tc\n");
}

TEST(Text, WholeTextsOfAnyScriptAreKept) { EXPECT_EQ(CleanText("مكتبة 𝔘 é — 😀"), "مكتبة 𝔘 é — 😀"); }

TEST(Text, EveryByteIsTreatedAlikeWhereverItStands) {
  for (int byte = 0; byte < 0x80; ++byte) {
    const std::string one(1, static_cast<char>(byte));
    const bool kept = byte == '\n' || byte == '\t' || (byte >= 0x20 && byte < 0x7F);
    for (std::size_t before : {0, 1, 7, 8, 15, 16}) {
      const std::string start(before, 'a');
      EXPECT_EQ(CleanText(start + one + "é"), start + (kept ? one : "") + "é") << byte << " at " << before;
      EXPECT_EQ(EscapeHtml(start + one + "é"), start + EscapeHtml(one) + "é") << byte << " at " << before;
    }
    if (one.find_first_of("&<>\"'") == std::string::npos) {
      EXPECT_EQ(EscapeHtml(one), CleanText(one)) << byte;
    } else {
      EXPECT_THAT(EscapeHtml(one), AllOf(StartsWith("&"), EndsWith(";"))) << byte;
    }
  }
}

TEST(Text, WhatIsEscapedIsClean) {
  EXPECT_EQ(EscapeHtml("<\xFF\x1B>"), "&lt;\xEF\xBF\xBD&gt;");
  std::string html = "before ";
  AppendEscaped("a < b", html);
  EXPECT_EQ(html, "before a &lt; b");
}

TEST(Text, ASummaryEndsAtAWordAndIsOneLine) {
  EXPECT_EQ(Summary("short\ntext", 100), "short text");
  EXPECT_EQ(Summary("one two three four", 13), "one two three…");
  EXPECT_THAT(Summary(std::string(40, 'x'), 10), SizeIs(13));
  EXPECT_THAT(Summary("ééééééééé", 5), EndsWith("é…"));
}

TEST(Text, DirectionFollowsLanguageAndScript) {
  for (const char* tag : {"ar", "he", "fa", "ur", "AR-eg", "az-Arab", "yi"})
    EXPECT_EQ(TextDirection(tag), "rtl") << tag;
  for (const char* tag : {"en", "de-AT", "ar-Latn", "", "art"}) EXPECT_EQ(TextDirection(tag), "ltr") << tag;
}

TEST(Text, OnlyLanguageTagsAreLanguageTags) {
  EXPECT_EQ(LanguageTag("en-GB", "x"), "en-GB");
  for (const char* tag : {"", "en\"onload", "-en", "9", "a b"})
    EXPECT_EQ(LanguageTag(tag, "en"), "en") << tag;
}

TEST(Text, LanguagesAreTheSameWhateverTheRegion) {
  EXPECT_TRUE(SameLanguage("en-GB", "en"));
  EXPECT_TRUE(SameLanguage("", "en"));
  EXPECT_FALSE(SameLanguage("en", "ar"));
  EXPECT_FALSE(SameLanguage("az", "az-Arab"));
}

TEST(Text, TimesArePrintedInTheSitesZoneAndSentInUtc) {
  const absl::Time time = absl::FromUnixSeconds(1795168800);
  absl::TimeZone zone;
  ASSERT_TRUE(absl::LoadTimeZone("Asia/Kolkata", &zone));
  const Words words;
  EXPECT_EQ(words.DateTime(time, zone), "20 November 2026, 15:30 IST");
  EXPECT_EQ(words.Date(time, zone), "20 November 2026");
  EXPECT_EQ(words.WeekdayDate(time, zone), "Friday 20 November 2026");
  EXPECT_EQ(words.TimeOfDay(time, zone), "15:30");
  EXPECT_EQ(MachineTime(time), "2026-11-20T10:00:00Z");
  EXPECT_EQ(MailTime(time), "Fri, 20 Nov 2026 10:00:00 +0000");
  EXPECT_EQ(words.Date(absl::FromUnixSeconds(1793577600), absl::UTCTimeZone()), "2 November 2026");
}

}  // namespace
}  // namespace broadsheet::gateway
