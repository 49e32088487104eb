#include "services/gateway/earlier_run.h"

#include "gtest/gtest.h"

namespace broadsheet::gateway {
namespace {

const LeftPageRules kLeftPageRules;
const absl::Time kStart = absl::FromUnixSeconds(1'790'000'000);
const absl::Duration kTick = absl::Nanoseconds(1);

// Every combination of moments around each limit.
template <class Check>
void ForEveryLeftPage(Check check) {
  const std::vector<absl::Duration> absences = {-absl::Hours(1000),
                                                -kLeftPageRules.max_clock_step - kTick,
                                                -kLeftPageRules.max_clock_step,
                                                -kTick,
                                                absl::ZeroDuration(),
                                                kTick,
                                                kLeftPageRules.max_absence - kTick,
                                                kLeftPageRules.max_absence,
                                                kLeftPageRules.max_absence + kTick,
                                                absl::Hours(1000)};
  const std::vector<absl::Duration> runs = {-absl::Hours(1000),
                                            -kLeftPageRules.max_clock_step - kTick,
                                            -kTick,
                                            absl::ZeroDuration(),
                                            kTick,
                                            absl::Seconds(59),
                                            kLeftPageRules.max_absence,
                                            absl::Hours(1000)};
  for (absl::Duration absence : absences) {
    for (absl::Duration run : runs) {
      check(LeftPage{.vouched_at = kStart - absence, .started_at = kStart, .now = kStart + run});
    }
  }
  check(LeftPage{.vouched_at = absl::InfinitePast(), .started_at = kStart, .now = kStart});
  check(LeftPage{.vouched_at = absl::InfiniteFuture(), .started_at = kStart, .now = kStart});
}

TEST(EarlierRun, NothingItLeftStandsBetterThanCutOff) {
  ForEveryLeftPage([](const LeftPage& page) {
    const Standing standing = StandingOfLeftPage(page, kLeftPageRules);
    EXPECT_TRUE(standing == Standing::kCutOff || standing == Standing::kUnknown);
  });
}

TEST(EarlierRun, AfterALongAbsenceAWithdrawalMayHaveBeenMissed) {
  ForEveryLeftPage([](const LeftPage& page) {
    if (page.started_at - page.vouched_at <= kLeftPageRules.max_absence) return;
    EXPECT_EQ(StandingOfLeftPage(page, kLeftPageRules), Standing::kUnknown);
  });
}

TEST(EarlierRun, WhatSeemsToComeFromTheFutureHasNoAge) {
  ForEveryLeftPage([](const LeftPage& page) {
    if (page.vouched_at <= std::min(page.started_at, page.now) + kLeftPageRules.max_clock_step) return;
    EXPECT_EQ(StandingOfLeftPage(page, kLeftPageRules), Standing::kUnknown);
  });
}

TEST(EarlierRun, AfterAShortAbsenceItsPagesStandAsIfItHadBeenCutOffSince) {
  int shown = 0;
  ForEveryLeftPage([&](const LeftPage& page) {
    const absl::Duration absence = page.started_at - page.vouched_at;
    if (absence < absl::ZeroDuration() || absence > kLeftPageRules.max_absence || page.now < page.vouched_at)
      return;
    ++shown;
    EXPECT_EQ(StandingOfLeftPage(page, kLeftPageRules), Standing::kCutOff);
  });
  EXPECT_GT(shown, 10);
}

const change::Dependency kVouched = {"log", 7, {}};

bool HasEnded(const End& end, absl::Time now = kStart) {
  return EarlierRun({end}, kStart, kLeftPageRules).HasEnded("article/pier", kVouched, now);
}

TEST(EarlierRun, WhatWasWithdrawnAfterThePageWasVouchedForHasEnded) {
  EXPECT_TRUE(HasEnded({.subject = "article/pier", .log_id = "log", .position = 8}));
  EXPECT_FALSE(HasEnded({.subject = "article/ferry", .log_id = "log", .position = 8}));
}

TEST(EarlierRun, WhatWasPublishedAgainBeforeThePageWasVouchedForHasNot) {
  EXPECT_FALSE(HasEnded({.subject = "article/pier", .log_id = "log", .position = 7}));
}

TEST(EarlierRun, OfAnotherLogNobodyKnowsWhichCameFirst) {
  EXPECT_TRUE(HasEnded({.subject = "article/pier", .log_id = "other", .position = 1}));
}

TEST(EarlierRun, WhatIsToExpireEndsAtItsTime) {
  const End expiry = {.subject = "article/pier", .log_id = "log", .position = 8, .at = kStart};
  EXPECT_FALSE(HasEnded(expiry, kStart - kTick));
  EXPECT_TRUE(HasEnded(expiry, kStart));
}

TEST(EarlierRun, OfSeveralEndsAnyCounts) {
  const EarlierRun run({{.subject = "article/pier", .log_id = "log", .position = 6},
                        {.subject = "article/pier", .log_id = "log", .position = 9}},
                       kStart, kLeftPageRules);
  EXPECT_TRUE(run.HasEnded("article/pier", kVouched, kStart));
}

}  // namespace
}  // namespace broadsheet::gateway
