#include "services/gateway/purges.h"

#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace broadsheet::gateway {
namespace {

bool MayKeep(const Purges& purges, const std::string& path, Purges::Moment moment) {
  bool ran = false;
  const bool kept = purges.KeepUnlessPurged(path, moment, [&ran] { ran = true; });
  EXPECT_EQ(kept, ran);
  return kept;
}

TEST(Purges, WhatWasReadBeforeAPurgeIsNotKeptAfterIt) {
  Purges purges;
  const Purges::Moment before = purges.now();
  { const Purges::UnderWay purge(purges, {"/city/pier"}); }
  EXPECT_FALSE(MayKeep(purges, "/city/pier", before));
  EXPECT_TRUE(MayKeep(purges, "/city/bridge", before));
}

TEST(Purges, WhatIsReadWhileAPurgeIsUnderWayIsNotKept) {
  Purges purges;
  auto purge = std::make_unique<Purges::UnderWay>(purges, std::set<std::string>{"/city/pier"});
  const Purges::Moment within = purges.now();
  EXPECT_FALSE(MayKeep(purges, "/city/pier", within));
  EXPECT_TRUE(MayKeep(purges, "/city/bridge", within));
  purge.reset();
  EXPECT_FALSE(MayKeep(purges, "/city/pier", within)) << "it may be what the purge had not come to yet";
  EXPECT_TRUE(MayKeep(purges, "/city/pier", purges.now()));
}

TEST(Purges, WhatIsReadAfterAPurgeIsKept) {
  Purges purges;
  { const Purges::UnderWay purge(purges, {"/city/pier"}); }
  EXPECT_TRUE(MayKeep(purges, "/city/pier", purges.now()));
}

TEST(Purges, WhatIsOlderThanEveryPurgeThatIsRememberedIsNotKept) {
  Purges purges;
  const Purges::Moment before = purges.now();
  for (int i = 0; i < 100; ++i) const Purges::UnderWay purge(purges, {absl::StrCat("/", i)});
  EXPECT_FALSE(MayKeep(purges, "/never/purged", before));
  EXPECT_TRUE(MayKeep(purges, "/never/purged", purges.now()));
}

TEST(Purges, APurgeThatIsUnderWayIsNeverForgotten) {
  Purges purges;
  auto slow = std::make_unique<Purges::UnderWay>(purges, std::set<std::string>{"/city/pier"});
  for (int i = 0; i < 100; ++i) const Purges::UnderWay purge(purges, {absl::StrCat("/", i)});
  EXPECT_FALSE(MayKeep(purges, "/city/pier", purges.now()));
  slow.reset();
  EXPECT_TRUE(MayKeep(purges, "/city/pier", purges.now()));
}

TEST(Purges, APurgeOfAllConcernsEveryPath) {
  Purges purges;
  const Purges::Moment before = purges.now();
  { const Purges::UnderWay purge(purges); }
  EXPECT_FALSE(MayKeep(purges, "/never/asked", before));
  EXPECT_TRUE(MayKeep(purges, "/never/asked", purges.now()));
}

TEST(Purges, APurgeOfVeryManyPathsConcernsEveryPath) {
  Purges purges;
  std::set<std::string> paths;
  for (int i = 0; i < 10'001; ++i) paths.insert(absl::StrCat("/", i));
  const Purges::Moment before = purges.now();
  { const Purges::UnderWay purge(purges, std::move(paths)); }
  EXPECT_FALSE(MayKeep(purges, "/never/purged", before));
  EXPECT_TRUE(MayKeep(purges, "/never/purged", purges.now()));
}

}  // namespace
}  // namespace broadsheet::gateway
