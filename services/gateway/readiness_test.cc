#include "services/gateway/readiness.h"

#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace broadsheet::gateway {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class ReadinessTest : public testing::Test {
 protected:
  Readiness Make(bool waits_for_pages) {
    return Readiness(waits_for_pages, [this](bool ready) { told_.push_back(ready); });
  }
  std::vector<bool> told_;
};

TEST_F(ReadinessTest, ComesWithTheDoorsIfNothingIsWaitedFor) {
  Readiness readiness = Make(false);
  EXPECT_FALSE(readiness.ready());
  readiness.DoorsOpen();
  EXPECT_TRUE(readiness.ready());
  readiness.HasPages();
  EXPECT_THAT(told_, ElementsAre(true));
}

TEST_F(ReadinessTest, WaitsForPagesAndForTheDoorsInEitherOrder) {
  Readiness doors_first = Make(true);
  doors_first.DoorsOpen();
  EXPECT_THAT(told_, IsEmpty());
  doors_first.HasPages();
  EXPECT_THAT(told_, ElementsAre(true));
  Readiness pages_first = Make(true);
  pages_first.HasPages();
  EXPECT_THAT(told_, ElementsAre(true));
  pages_first.DoorsOpen();
  EXPECT_THAT(told_, ElementsAre(true, true));
  pages_first.HasPages();
  EXPECT_THAT(told_, ElementsAre(true, true));
}

TEST_F(ReadinessTest, EndsForGoodWithTheDraining) {
  Readiness ready = Make(false);
  ready.DoorsOpen();
  ready.Draining();
  EXPECT_FALSE(ready.ready());
  EXPECT_THAT(told_, ElementsAre(true, false));
  Readiness still_waiting = Make(true);
  still_waiting.DoorsOpen();
  still_waiting.Draining();
  still_waiting.HasPages();
  EXPECT_FALSE(still_waiting.ready());
  EXPECT_THAT(told_, ElementsAre(true, false));
}

}  // namespace
}  // namespace broadsheet::gateway
