#include "services/gateway/renderer/words.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "libs/testing/temp_dir.h"
#include "services/gateway/renderer/renderer.h"
#include "services/gateway/renderer/testing/sample_pages.h"

namespace broadsheet::gateway {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

const absl::Time kFriday = absl::FromUnixSeconds(1795167300);  // 20 November 2026, 09:35 UTC

std::string WordsFault(absl::string_view text) {
  return std::string(Words::Parse("words.txt", text).status().message());
}

TEST(Words, WhatNobodyNamesIsEnglish) {
  const absl::StatusOr<Words> words = Words::Parse("words.txt", "\xEF\xBB\xBF# nothing\n\n");
  ASSERT_TRUE(words.ok()) << words.status();
  EXPECT_EQ(words->WeekdayDate(kFriday, absl::UTCTimeZone()), "Friday 20 November 2026");
  EXPECT_EQ((*words)[Word::kImageSource], "Image source:");
  EXPECT_EQ(words->PageTitle("A", "B"), "A · B");
}

TEST(Words, APaperPrintsDatesInItsOwnWordsAndOrder) {
  const absl::StatusOr<Words> words =
      Words::Parse("words.txt",
                   "november = November\r\nfriday=Freitag\n weekday_date = {weekday}, {day}. {month} {year}\n"
                   "date = {dd}.{mm}.{year}\ndate_time = {day}.{m}.{year} um {hour}.{minute} Uhr ({zone})\n"
                   "time_of_day = {hour}h{minute}\npage_title = {site}: {title}\n");
  ASSERT_TRUE(words.ok()) << words.status();
  EXPECT_EQ(words->WeekdayDate(kFriday, absl::UTCTimeZone()), "Freitag, 20. November 2026");
  EXPECT_EQ(words->Date(absl::FromUnixSeconds(1770000000), absl::UTCTimeZone()), "02.02.2026");
  EXPECT_EQ(words->DateTime(kFriday, absl::UTCTimeZone()), "20.11.2026 um 09.35 Uhr (UTC)");
  EXPECT_EQ(words->TimeOfDay(kFriday, absl::UTCTimeZone()), "09h35");
  EXPECT_EQ(words->PageTitle("{site}", "{title}"), "{title}: {site}");
}

TEST(Words, EveryMonthAndDayHasItsOwn) {
  std::string text;
  for (const char* key :
       {"january", "february", "march", "april", "may", "june", "july", "august", "september", "october",
        "november", "december", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"})
    absl::StrAppend(&text, key, " = <", key, ">\n");
  const absl::StatusOr<Words> words = Words::Parse("words.txt", text);
  ASSERT_TRUE(words.ok()) << words.status();
  const Words english;
  for (int day = 0; day < 365; day += 3) {
    const absl::Time time = kFriday + absl::Hours(24) * day;
    const auto named = [&](const char* format) {
      return absl::StrCat("<", absl::AsciiStrToLower(absl::FormatTime(format, time, absl::UTCTimeZone())),
                          ">");
    };
    EXPECT_EQ(words->WeekdayDate(time, absl::UTCTimeZone()),
              absl::StrCat(named("%A"), " ", absl::FormatTime("%-d", time, absl::UTCTimeZone()), " ",
                           named("%B"), " ", absl::FormatTime("%Y", time, absl::UTCTimeZone())));
    EXPECT_EQ(english.WeekdayDate(time, absl::UTCTimeZone()),
              absl::FormatTime("%A %-d %B %Y", time, absl::UTCTimeZone()));
  }
}

TEST(Words, WhatIsWrongIsNamedWithItsLine) {
  EXPECT_THAT(WordsFault("# x\nmost-read = Y"),
              HasSubstr("words.txt:2: there is no key \"most-read\": there are january"));
  EXPECT_THAT(WordsFault("most_read"), HasSubstr("words.txt:1: is not \"key = words\""));
  EXPECT_THAT(WordsFault("\n\nmost_read = \n"), HasSubstr("words.txt:3: most_read: is empty"));
  EXPECT_THAT(WordsFault("gone = a\ngone = b"), HasSubstr("words.txt:2: gone is there twice"));
  EXPECT_THAT(WordsFault("date = {day} {mont}"),
              HasSubstr("there is no mark {mont}: there are {weekday} {day}"));
  EXPECT_THAT(WordsFault("date = {title}"), HasSubstr("there is no mark {title}"));
  for (const char* alone : {"{day", "day}", "{{day}}", "{day}{"})
    EXPECT_THAT(WordsFault(absl::StrCat("date = ", alone)), HasSubstr("a brace stands alone")) << alone;
  EXPECT_THAT(WordsFault("date = today"), HasSubstr("date: has no mark"));
  EXPECT_THAT(WordsFault("page_title = {site}"), HasSubstr("has no {title}"));
  EXPECT_THAT(WordsFault("gone = a\xFFz"), HasSubstr("gone: is not UTF-8"));
  EXPECT_THAT(WordsFault(absl::StrCat("gone = ", std::string(kMaxWordBytes + 1, 'x'))),
              HasSubstr("is longer than"));
}

class TemplatesWithWords : public ::testing::Test {
 protected:
  TemplatesWithWords() {
    std::filesystem::copy(RENDERER_SOURCE_DIR "/templates", folder(),
                          std::filesystem::copy_options::recursive);
  }
  std::string folder() const { return directory_.File("templates"); }
  auto Load(const std::string& words) const {
    if (!words.empty()) std::ofstream(std::filesystem::path(folder()) / "words.txt") << words;
    return Renderer::Load(folder(), testing::SampleSite());
  }
  test::TempDir directory_;
};

TEST_F(TemplatesWithWords, TheyAreEscapedWhereverTheyStand) {
  const auto renderer = Load(
      "november = <b>&\"\nmost_read = <i>الأكثر قراءة</i>\ngone = <u>Fort</u>\npage_title = <z>{title} | "
      "{site}\n"
      "correction = <q>Errata\nimage_source = <em>Foto:\n");
  ASSERT_TRUE(renderer.ok()) << renderer.status();
  ListPage front = testing::SampleFront();
  for (const std::string& html :
       {(*renderer)->RenderMostRead({front.frame, front.stories, front.authors, front.images}),
        (*renderer)->RenderArticle(testing::LiveArticle()),
        (*renderer)->RenderArticle(testing::CompleteArticle()),
        (*renderer)->RenderError(testing::SampleError(410)), (*renderer)->RenderNinjs(testing::LiveArticle()),
        (*renderer)->RenderNinjs(testing::CompleteArticle())}) {
    for (const char* raw : {"<b>&", "<i>", "<u>", "<z>", "<q>", "<em>Foto"})
      EXPECT_THAT(html, Not(HasSubstr(raw)));
  }
  const std::string most_read =
      (*renderer)->RenderMostRead({front.frame, front.stories, front.authors, front.images});
  EXPECT_THAT(most_read, HasSubstr("<h1>&lt;i&gt;الأكثر قراءة&lt;/i&gt;</h1>"));
  EXPECT_THAT(most_read, HasSubstr("\"name\":\"\\u003ci\\u003eالأكثر قراءة"));
  EXPECT_THAT((*renderer)->RenderError(testing::SampleError(410)),
              HasSubstr("<title>&lt;z&gt;&lt;u&gt;Fort&lt;/u&gt; | "));
  EXPECT_THAT((*renderer)->RenderArticle(testing::LiveArticle()),
              HasSubstr("20 &lt;b&gt;&amp;&quot; 2026, "));
  EXPECT_THAT((*renderer)->RenderNinjs(testing::CompleteArticle()), HasSubstr("&lt;q&gt;Errata, "));
  EXPECT_THAT((*renderer)->RenderNinjs(testing::CompleteArticle()), HasSubstr("&lt;em&gt;Foto: "));
}

TEST_F(TemplatesWithWords, TheyBelongToTheVersion) {
  const std::uint64_t without = (*Load(""))->version();
  const std::uint64_t with = (*Load("gone = Fort\n"))->version();
  EXPECT_NE(without, with);
  EXPECT_NE((*Load("gone = Weg\n"))->version(), with);
}

TEST_F(TemplatesWithWords, AFileThatIsWrongIsNamedAndNoneIsRead) {
  EXPECT_THAT(std::string(Load("\ngon = Fort\n").status().message()),
              HasSubstr("words.txt:2: there is no key"));
  EXPECT_THAT(std::string(Load(std::string(kMaxWordsBytes + 1, '#')).status().message()),
              HasSubstr("words.txt: is longer than"));
  std::filesystem::remove(std::filesystem::path(folder()) / "words.txt");
  std::filesystem::create_directory(std::filesystem::path(folder()) / "words.txt");
  EXPECT_THAT(std::string(Load("").status().message()), HasSubstr("cannot read"));
}

}  // namespace
}  // namespace broadsheet::gateway
