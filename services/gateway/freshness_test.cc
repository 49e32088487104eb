#include "services/gateway/freshness.h"

#include <functional>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace broadsheet::gateway {
namespace {

constexpr Standing kStandings[] = {Standing::kFresh, Standing::kChanged, Standing::kCutOff,
                                   Standing::kUnknown};
const FreshnessRules kRules;

// Every combination of what can be known: 4 x 4 standings, 8 marks, ages and times around each limit.
void ForEveryEntry(const std::function<void(const EntryFacts&)>& check) {
  const absl::Duration tick = absl::Nanoseconds(1);
  const std::vector<absl::Duration> ages = {-absl::Hours(1),          -tick,
                                            absl::ZeroDuration(),     kRules.degraded_lifetime - tick,
                                            kRules.degraded_lifetime, kRules.refresh_after - tick,
                                            kRules.refresh_after,     absl::Hours(1000)};
  const std::vector<absl::Duration> stale = {absl::ZeroDuration(), kRules.max_stale, kRules.max_stale + tick};
  for (Standing article : kStandings) {
    for (Standing media : kStandings) {
      for (int marks = 0; marks < 256; ++marks) {
        for (absl::Duration age : ages) {
          for (absl::Duration stale_for : stale) {
            check({.article = article,
                   .media = media,
                   .withdrawn = (marks & 1) != 0,
                   .aged = (marks & 32) != 0,
                   .not_found = (marks & 2) != 0,
                   .gone = (marks & 128) != 0,
                   .degraded = (marks & 4) != 0,
                   .without_images = (marks & 12) == 12,
                   .other_templates = (marks & 64) != 0,
                   .by_list_alone = (marks & 16) != 0,
                   .age = age,
                   .stale_for = stale_for});
          }
        }
      }
    }
  }
}

std::vector<Decision> BothDecisions(const EntryFacts& entry) {
  return {Decide(entry, Owner::kNotAsked, kRules), Decide(entry, Owner::kUnreachable, kRules)};
}

bool ShownUnlabelled(Decision decision) {
  return decision == Decision::kServe || decision == Decision::kServeAndRefresh;
}

bool Shown(Decision decision) { return ShownUnlabelled(decision) || decision == Decision::kServeStale; }

TEST(Freshness, WithoutArticlesLeaseOrAfterAChangeNothingIsShownUnlabelled) {
  ForEveryEntry([](const EntryFacts& entry) {
    if (entry.article == Standing::kFresh) return;
    for (Decision decision : BothDecisions(entry)) EXPECT_FALSE(ShownUnlabelled(decision));
  });
}

TEST(Freshness, APageWhosePictureHasChangedIsNotShownUnlabelled) {
  ForEveryEntry([](const EntryFacts& entry) {
    if (entry.media != Standing::kChanged) return;
    for (Decision decision : BothDecisions(entry)) EXPECT_FALSE(ShownUnlabelled(decision));
  });
}

TEST(Freshness, AWholePageNeedsMediasWordAsWell) {
  ForEveryEntry([](const EntryFacts& entry) {
    if (entry.degraded || entry.media == Standing::kFresh) return;
    for (Decision decision : BothDecisions(entry)) EXPECT_FALSE(ShownUnlabelled(decision));
  });
}

TEST(Freshness, WhatIsKnownToBeWithdrawnIsNeverShown) {
  ForEveryEntry([](const EntryFacts& entry) {
    if (!entry.withdrawn) return;
    for (Decision decision : BothDecisions(entry)) EXPECT_FALSE(Shown(decision));
  });
}

TEST(Freshness, NothingIsShownStaleBeforeTheOwnerWasAsked) {
  ForEveryEntry([](const EntryFacts& entry) {
    const Decision decision = Decide(entry, Owner::kNotAsked, kRules);
    EXPECT_NE(decision, Decision::kServeStale);
    EXPECT_NE(decision, Decision::kRefuse);
  });
}

TEST(Freshness, OnceTheOwnerIsKnownToBeUnreachableItIsNotAskedAgain) {
  ForEveryEntry([](const EntryFacts& entry) {
    EXPECT_NE(Decide(entry, Owner::kUnreachable, kRules), Decision::kMakeAnew);
  });
}

TEST(Freshness, NotFoundIsNeverSaidStale) {
  ForEveryEntry([](const EntryFacts& entry) {
    if (!entry.not_found) return;
    EXPECT_NE(Decide(entry, Owner::kUnreachable, kRules), Decision::kServeStale);
  });
}

TEST(Freshness, APageThatCannotBeJudgedIsRefusedWhenItsOwnerCannotBeAsked) {
  ForEveryEntry([](const EntryFacts& entry) {
    if (entry.article != Standing::kUnknown) return;
    EXPECT_EQ(Decide(entry, Owner::kUnreachable, kRules), Decision::kRefuse);
  });
}

TEST(Freshness, NothingIsShownStaleForLongerThanTheLimit) {
  ForEveryEntry([](const EntryFacts& entry) {
    if (entry.stale_for <= kRules.max_stale) return;
    EXPECT_NE(Decide(entry, Owner::kUnreachable, kRules), Decision::kServeStale);
  });
}

TEST(Freshness, AKnownPageIsShownWhenArticleIsUnreachableIfNoWithdrawalCanHaveBeenMissed) {
  ForEveryEntry([](const EntryFacts& entry) {
    if (entry.withdrawn || entry.not_found || entry.article == Standing::kUnknown) return;
    if (entry.media == Standing::kUnknown && !entry.without_images) return;
    if ((entry.by_list_alone || entry.gone) && entry.article == Standing::kChanged) return;
    if (entry.stale_for > kRules.max_stale) return;
    EXPECT_TRUE(Shown(Decide(entry, Owner::kUnreachable, kRules)));
  });
}

TEST(Freshness, AListThatDoesNotSayWhoseWithdrawalChangedItIsNotShownAfterAChange) {
  ForEveryEntry([](const EntryFacts& entry) {
    if (!entry.by_list_alone || entry.article != Standing::kChanged) return;
    for (Decision decision : BothDecisions(entry)) EXPECT_FALSE(Shown(decision));
  });
}

TEST(Freshness, GoneIsNotSaidOfWhatHasChangedSince) {
  ForEveryEntry([](const EntryFacts& entry) {
    if (!entry.gone || entry.article != Standing::kChanged) return;
    for (Decision decision : BothDecisions(entry)) EXPECT_FALSE(Shown(decision));
  });
}

TEST(Freshness, WhatTimeHasMadeWrongIsMadeAnewAndOtherwiseShownAsKnownLastAtMost) {
  ForEveryEntry([](const EntryFacts& entry) {
    if (!entry.aged) return;
    EXPECT_EQ(Decide(entry, Owner::kNotAsked, kRules), Decision::kMakeAnew);
    EXPECT_FALSE(ShownUnlabelled(Decide(entry, Owner::kUnreachable, kRules)));
  });
}

TEST(Freshness, OtherTemplatesNeverMakeAReaderWait) {
  ForEveryEntry([](const EntryFacts& entry) {
    if (!entry.other_templates) return;
    EntryFacts same = entry;
    same.other_templates = false;
    for (Owner owner : {Owner::kNotAsked, Owner::kUnreachable}) {
      const Decision decision = Decide(entry, owner, kRules);
      const Decision without = Decide(same, owner, kRules);
      if (without == Decision::kServe && !entry.degraded) {
        EXPECT_EQ(decision, Decision::kServeAndRefresh);
      } else {
        EXPECT_EQ(decision, without);
      }
    }
  });
}

TEST(Freshness, PicturesThatCannotBeJudgedAreShownOnlyWhereTheLabelSaysSo) {
  ForEveryEntry([](const EntryFacts& entry) {
    if (entry.media != Standing::kUnknown || entry.without_images) return;
    for (Decision decision : BothDecisions(entry)) EXPECT_FALSE(Shown(decision));
  });
}

TEST(Freshness, APageDegradedInOtherPartsNeedsMediasWordAsWell) {
  ForEveryEntry([](const EntryFacts& entry) {
    if (entry.without_images || entry.media == Standing::kFresh) return;
    for (Decision decision : BothDecisions(entry)) EXPECT_FALSE(ShownUnlabelled(decision));
  });
}

TEST(Freshness, ADegradedPageIsKeptForSecondsOnly) {
  ForEveryEntry([](const EntryFacts& entry) {
    const bool young = entry.age >= absl::ZeroDuration() && entry.age < kRules.degraded_lifetime;
    if (!entry.degraded || young) return;
    EXPECT_EQ(Decide(entry, Owner::kNotAsked, kRules), Decision::kMakeAnew);
  });
}

TEST(Freshness, ADegradedPageIsUsedMeanwhileSoThatAnOutageDoesNotMeanARenderPerReader) {
  for (Standing media : {Standing::kFresh, Standing::kCutOff, Standing::kUnknown}) {
    EXPECT_EQ(Decide({.article = Standing::kFresh, .media = media, .degraded = true, .without_images = true},
                     Owner::kNotAsked, kRules),
              Decision::kServe);
  }
}

TEST(Freshness, AFreshPageIsServedAndAfterAMinuteRefreshedBehindTheReader) {
  EntryFacts entry = {.article = Standing::kFresh, .media = Standing::kFresh};
  EXPECT_EQ(Decide(entry, Owner::kNotAsked, kRules), Decision::kServe);
  entry.age = kRules.refresh_after;
  EXPECT_EQ(Decide(entry, Owner::kNotAsked, kRules), Decision::kServeAndRefresh);
}

}  // namespace
}  // namespace broadsheet::gateway
