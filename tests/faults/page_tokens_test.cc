#include "tests/faults/page_tokens.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace broadsheet::faults {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(PageTokens, AreFoundWhereverTheyStand) {
  const std::string page = "<h1>" + ToWord({7, 123}) + "</h1><p>x" + ToWord({9999, 999999}) + "," +
                           ToWord({0, 1}) + ToWord({7, 124});
  EXPECT_THAT(FindTokens(page), ElementsAre(Token{7, 123}, Token{9999, 999999}, Token{0, 1}, Token{7, 124}));
}

TEST(PageTokens, IgnoreWhatOnlyLooksLikeOne) {
  EXPECT_THAT(FindTokens(""), IsEmpty());
  EXPECT_THAT(FindTokens("qzs0007r00012"), IsEmpty());
  EXPECT_THAT(FindTokens("qzs0007r00012xz"), IsEmpty());
  EXPECT_THAT(FindTokens("qzs00-7r000123z"), IsEmpty());
  EXPECT_THAT(FindTokens("qzsqzs0007r000123z"), ElementsAre(Token{7, 123}));
}

TEST(PageTokens, TellAStalePageFromOneThatLacksAPart) {
  EXPECT_TRUE(IsLabelledStale("<!doctype html>\n<html data-degraded=\"stale\" lang=\"en\">"));
  EXPECT_TRUE(IsLabelledStale("<html lang=\"en\" data-degraded=\"stale images:unavailable\">"));
  EXPECT_FALSE(IsLabelledStale("<html data-degraded=\"images:unavailable\">"));
  EXPECT_TRUE(IsLabelledDegraded("<html data-degraded=\"images:unavailable\">"));
  EXPECT_FALSE(IsLabelledDegraded("<html lang=\"en\"><p>data-degraded=\"stale\""));
  EXPECT_FALSE(IsLabelledStale("<html lang=\"en\"><p data-degraded=\"stale\">"));
}

}  // namespace
}  // namespace broadsheet::faults
