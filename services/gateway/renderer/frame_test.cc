#include "services/gateway/renderer/frame.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "services/gateway/renderer/renderer.h"
#include "services/gateway/renderer/testing/sample_pages.h"

// What stands around every page.
namespace broadsheet::gateway {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::unique_ptr<Renderer> FrameRendererOf(const Site& site) {
  auto renderer = Renderer::Load(RENDERER_SOURCE_DIR "/templates", site);
  EXPECT_TRUE(renderer.ok()) << renderer.status();
  return *std::move(renderer);
}

std::string FrontIn(const std::string& language) {
  Site site = testing::SampleSite();
  site.language = language;
  return FrameRendererOf(site)->RenderList(testing::SampleFront());
}

class TimeZoneOfAPage : public ::testing::Test {
 protected:
  TimeZoneOfAPage() { EXPECT_TRUE(absl::LoadTimeZone("Europe/London", &site_.time_zone)); }

  std::string NotFoundAt(absl::Time now) const {
    ErrorPage page = testing::SampleError(404);
    page.frame.now = now;
    return FrameRendererOf(site_)->RenderError(page);
  }
  absl::Time Noon(int month) const {
    return absl::FromCivil(absl::CivilHour(2026, month, 15, 12), site_.time_zone);
  }

  Site site_ = testing::SampleSite();
};

// On 1 January 1970 it was an hour ahead all winter.
TEST_F(TimeZoneOfAPage, WithoutADateIsThatOfNow) {
  EXPECT_THAT(NotFoundAt(Noon(1)), HasSubstr("Times are GMT."));
  EXPECT_THAT(NotFoundAt(Noon(7)), HasSubstr("Times are BST."));
}

TEST_F(TimeZoneOfAPage, WithoutADateAndWithoutNowIsNamedForTheWholeYear) {
  EXPECT_THAT(NotFoundAt(absl::InfinitePast()), HasSubstr("Times are Europe/London."));
}

TEST_F(TimeZoneOfAPage, WithADateIsThatOfTheDate) {
  ListPage page = testing::SampleFront();  // of November
  page.frame.now = Noon(7);
  EXPECT_THAT(FrameRendererOf(site_)->RenderList(page), HasSubstr("Times are GMT."));
}

TEST(LocaleOfAPage, IsALanguageAndATerritory) {
  EXPECT_THAT(FrontIn("en-GB"), HasSubstr("<meta property=\"og:locale\" content=\"en_GB\">"));
  EXPECT_THAT(FrontIn("de-ch-1996"), HasSubstr("<meta property=\"og:locale\" content=\"de_CH\">"));
  EXPECT_THAT(FrontIn("zh-Hant-TW"), HasSubstr("<meta property=\"og:locale\" content=\"zh_TW\">"));
}

TEST(LocaleOfAPage, IsLeftOutWhereTheLanguageHasNoTerritory) {
  for (const char* language : {"en", "ar", "zh-Hant", "es-419", "en-x-gb", "de-1996-u-co-ph"})
    EXPECT_THAT(FrontIn(language), Not(HasSubstr("og:locale"))) << language;
}

}  // namespace
}  // namespace broadsheet::gateway
