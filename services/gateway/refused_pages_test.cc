#include "services/gateway/refused_pages.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/testing/captured_log.h"

namespace broadsheet::gateway {
namespace {

using testing::HasSubstr;

class RefusedPagesTest : public testing::Test {
 protected:
  void Refuse(const std::string& path) {
    pages_.NoteRefused({.path = path,
                        .status = 503,
                        .reason = "unavailable",
                        .duration = absl::Milliseconds(25),
                        .trace_id = "0af7651916cd43dd8448eb211c80319c"});
  }

  absl::Time now_ = absl::UnixEpoch();
  RefusedPages pages_{[this] { return now_; }};
  test::CapturedLog log_;
};

TEST_F(RefusedPagesTest, ALineSaysWhichPageAndWhyAndHowLongItTook) {
  Refuse("/city/pier");
  EXPECT_EQ(log_.Count({"\"message\":\"a page was refused\"", "\"path\":\"/city/pier\"", "\"status\":503",
                        "\"reason\":\"unavailable\"", "\"milliseconds\":25",
                        "\"trace_id\":\"0af7651916cd43dd8448eb211c80319c\"", "\"left_out\":0"}),
            1);
}

TEST_F(RefusedPagesTest, AStormOnOnePathHidesNoOther) {
  for (int i = 0; i < 1'000; ++i) Refuse("/city/pier");
  Refuse("/city/ferry");
  EXPECT_EQ(log_.Count({"/city/pier"}), 1);
  EXPECT_EQ(log_.Count({"/city/ferry", "\"left_out\":999"}), 1);
}

TEST_F(RefusedPagesTest, AStormOnManyPathsIsAFewLinesASecond) {
  for (int i = 0; i < 1'000; ++i) Refuse(absl::StrCat("/city/", i));
  EXPECT_EQ(log_.Lines().size(), RefusedPages::kLinesPerSecond);
  now_ += absl::Seconds(1);
  Refuse("/city/pier");
  EXPECT_EQ(log_.Count({"/city/pier", "\"left_out\":980"}), 1);
}

TEST_F(RefusedPagesTest, PagesThatCouldNotBeMadeHaveLinesBesideThoseThatWereRefused) {
  pages_.NoteFailed("/city/pier", "article does not answer", "");
  Refuse("/city/pier");
  EXPECT_EQ(log_.Count({"a page could not be made anew", "/city/pier", "article does not answer"}), 1);
  EXPECT_EQ(log_.Count({"a page was refused", "/city/pier"}), 1);
}

TEST_F(RefusedPagesTest, TheLatestAreRememberedEachPathOnce) {
  for (int i = 0; i < 100; ++i) Refuse(absl::StrCat("/city/", i));
  Refuse("/city/99");
  Refuse("/city/90");
  const auto rows = pages_.StatusRows();
  ASSERT_EQ(rows.size(), RefusedPages::kRemembered + 1);
  EXPECT_THAT(rows[0].second, HasSubstr("102 refused"));
  EXPECT_EQ(rows[1].first, "/city/90");
  EXPECT_EQ(rows[2].first, "/city/99");
  EXPECT_THAT(rows[2].second, HasSubstr("503 unavailable at "));
  EXPECT_THAT(rows[2].second, HasSubstr(", 2 times"));
  EXPECT_EQ(rows[3].first, "/city/98");
}

}  // namespace
}  // namespace broadsheet::gateway
