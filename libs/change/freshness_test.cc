#include "libs/change/freshness.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <map>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gtest/gtest.h"
#include "libs/change/follower_memory.h"
#include "libs/change/manual_clock_testing.h"

namespace broadsheet::change {
namespace {

constexpr absl::Duration kLater = absl::Seconds(100);

View ViewOf(const TagHistory& tags, absl::Duration lease_until = kLater) {
  return {"log", lease_until, &tags};
}

TEST(Judge, IsFreshWhileNothingItDependsOnHasChanged) {
  TagHistory tags(10);
  tags.Note("article/1", 5);
  EXPECT_EQ(Judge({"log", 5, {"article/1"}}, ViewOf(tags), absl::Seconds(1)), Verdict::kFresh);
  EXPECT_EQ(Judge({"log", 4, {"article/2"}}, ViewOf(tags), absl::Seconds(1)), Verdict::kFresh);
  EXPECT_EQ(Judge({"log", 4, {"article/1"}}, ViewOf(tags), absl::Seconds(1)), Verdict::kChanged);
  EXPECT_EQ(Judge({"log", 4, {"article/2", "article/1"}}, ViewOf(tags), absl::Seconds(1)), Verdict::kChanged);
}

TEST(Judge, NeedsALease) {
  TagHistory tags(10);
  const Dependency entry{"log", 0, {"article/1"}};
  EXPECT_EQ(Judge(entry, ViewOf(tags, absl::Seconds(1)), absl::Seconds(1) - absl::Nanoseconds(1)),
            Verdict::kFresh);
  EXPECT_EQ(Judge(entry, ViewOf(tags, absl::Seconds(1)), absl::Seconds(1)), Verdict::kNoLease);
  EXPECT_EQ(Judge(entry, {"", kLater, &tags}, absl::Seconds(1)), Verdict::kNoLease);
  EXPECT_EQ(JudgeByMemory(entry, ViewOf(tags, absl::ZeroDuration())), Verdict::kFresh);
}

TEST(Judge, TrustsNothingOfAnotherLogOrFromBelowTheFloor) {
  TagHistory tags(10);
  tags.Reset(7);
  EXPECT_EQ(Judge({"other", 9, {}}, ViewOf(tags), absl::Seconds(1)), Verdict::kOtherLog);
  EXPECT_EQ(Judge({"log", 6, {}}, ViewOf(tags), absl::Seconds(1)), Verdict::kBelowFloor);
  EXPECT_EQ(Judge({"log", 7, {}}, ViewOf(tags), absl::Seconds(1)), Verdict::kFresh);
  EXPECT_EQ(JudgeByMemory({"", 0, {}}, {"", kLater, &tags}), Verdict::kOtherLog);
}

TEST(Judge, TrustsNothingByMemoryBeforeItHasCaughtUp) {
  TagHistory tags(10);
  tags.Reset(7);
  tags.Note("a", 8);
  const View view = {.log_id = "log", .lease_until = absl::ZeroDuration(), .tags = &tags, .caught_up = false};
  EXPECT_EQ(JudgeByMemory({"log", 7, {"b"}}, view), Verdict::kCatchingUp);
  EXPECT_EQ(JudgeByMemory({"log", 7, {"a", "b"}}, view), Verdict::kCatchingUp);  // b may have changed as well
  EXPECT_EQ(JudgeByMemory({"log", 6, {"b"}}, view), Verdict::kBelowFloor);
  EXPECT_EQ(JudgeByMemory({"other", 9, {"b"}}, view), Verdict::kOtherLog);
}

TEST(Judge, SaysBelowTheFloorOfWhatHasChangedSinceAsWell) {
  TagHistory tags(10);
  tags.Reset(7);
  tags.Note("a", 8);
  EXPECT_EQ(Judge({"log", 6, {"a"}}, ViewOf(tags), absl::Seconds(1)), Verdict::kBelowFloor);
  EXPECT_EQ(JudgeByMemory({"log", 6, {"a"}}, ViewOf(tags)), Verdict::kBelowFloor);
  EXPECT_EQ(Judge({"log", 7, {"a"}}, ViewOf(tags), absl::Seconds(1)), Verdict::kChanged);
}

// Every small history against the rule itself: an entry may be used only if no change after its position
// touched it.
TEST(Judge, AgreesWithTheLogInEverySmallCase) {
  const std::vector<std::string> names = {"a", "b", "c"};
  int cases = 0;
  for (int history = 0; history < 81; ++history) {  // four changes of one of three tags each
    for (std::size_t capacity = 1; capacity <= 3; ++capacity) {
      for (std::int64_t start = 0; start <= 2; ++start) {  // the follower joined after `start`
        TagHistory tags(capacity);
        tags.Reset(start);
        std::vector<std::string> changed;
        for (int i = 0, rest = history; i < 4; ++i, rest /= 3) changed.push_back(names[rest % 3]);
        for (std::int64_t position = start + 1; position <= 4; ++position)
          tags.Note(changed[position - 1], position);
        for (std::int64_t position = 0; position <= 4; ++position) {
          for (unsigned subset = 0; subset < 8; ++subset) {
            Dependency entry{"log", position, {}};
            bool touched = false;
            for (unsigned tag = 0; tag < 3; ++tag) {
              if ((subset >> tag & 1U) == 0) continue;
              entry.tags.push_back(names[tag]);
              for (std::int64_t later = position + 1; later <= 4; ++later)
                touched |= changed[later - 1] == names[tag];
            }
            const Verdict verdict = Judge(entry, ViewOf(tags), absl::Seconds(1));
            ASSERT_FALSE(touched && verdict == Verdict::kFresh);
            ASSERT_FALSE(!touched && verdict == Verdict::kChanged);
            // Memory that suffices is made use of.
            ASSERT_TRUE(touched || capacity < 3 || position < start || verdict == Verdict::kFresh);
            ++cases;
          }
        }
      }
    }
  }
  EXPECT_EQ(cases, 81 * 3 * 3 * 5 * 8);
}

TEST(TagHistory, RemembersTheLatestChangesAndRaisesItsFloor) {
  TagHistory tags(2);
  tags.Note("a", 1);
  tags.Note("b", 2);
  tags.Note("a", 3);
  EXPECT_EQ(tags.floor(), 0);
  tags.Note("c", 4);  // b is forgotten, which changed at 2
  EXPECT_EQ(tags.floor(), 2);
  EXPECT_EQ(tags.LastChange("a"), 3);
  EXPECT_EQ(tags.LastChange("b"), 0);
  EXPECT_EQ(tags.size(), 2U);
  tags.Forget("a");
  EXPECT_EQ(tags.LastChange("a"), 0);
  EXPECT_EQ(tags.size(), 1U);
}

TEST(TagHistory, StaysBoundedAndRightUnderManyChanges) {
  TagHistory tags(100);
  std::map<std::string, std::int64_t> all;
  std::minstd_rand random(1);
  for (std::int64_t position = 1; position <= 20'000; ++position) {
    const std::string tag = absl::StrCat("tag/", random() % 500);
    tags.Note(tag, position);
    all[tag] = position;
  }
  EXPECT_EQ(tags.size(), 100U);
  for (const auto& [tag, position] : all) {
    EXPECT_TRUE(tags.LastChange(tag) == position || position <= tags.floor()) << tag;
  }
}

v1::Change ChangeOf(std::int64_t position, const std::string& subject,
                    v1::ChangeKind kind = v1::CHANGE_KIND_PUBLISHED) {
  v1::Change change;
  change.set_position(position);
  change.set_subject(subject);
  change.add_tags(subject);
  change.set_kind(kind);
  return change;
}

TEST(FollowerMemory, LivesAsLongAsItsLease) {
  ManualClock clock;
  FollowerMemory memory(clock, 10, 10);
  EXPECT_FALSE(memory.live());
  memory.Reset("log", 3);
  EXPECT_FALSE(memory.live());
  memory.SetLease(clock.Now() + absl::Milliseconds(500));
  EXPECT_TRUE(memory.live());
  clock.Advance(absl::Milliseconds(499));
  EXPECT_EQ(memory.Judge({"log", 3, {}}), Verdict::kFresh);
  clock.Advance(absl::Milliseconds(1));
  EXPECT_EQ(memory.Judge({"log", 3, {}}), Verdict::kNoLease);
  EXPECT_FALSE(memory.live());
  EXPECT_FALSE(memory.WaitUntilLive(absl::Milliseconds(1)));
}

TEST(FollowerMemory, JudgesByMemoryOnlyWhatItHasBeenToldOfToTheEnd) {
  ManualClock clock;
  FollowerMemory memory(clock, 10, 10);
  memory.Reset("log", 3);
  memory.Note(ChangeOf(4, "article/1"));
  memory.Applied(4);
  EXPECT_EQ(memory.JudgeByMemory({"log", 3, {"article/2"}}), Verdict::kCatchingUp);
  memory.CaughtUp();
  EXPECT_EQ(memory.JudgeByMemory({"log", 3, {"article/2"}}), Verdict::kFresh);
  EXPECT_EQ(memory.JudgeByMemory({"log", 3, {"article/1"}}), Verdict::kChanged);
  memory.Reset("log", 3);  // what it was told of is forgotten
  EXPECT_EQ(memory.JudgeByMemory({"log", 3, {"article/1"}}), Verdict::kCatchingUp);
  memory.SetLease(clock.Now() + absl::Seconds(1));
  EXPECT_EQ(memory.JudgeByMemory({"log", 3, {"article/1"}}), Verdict::kFresh);
}

TEST(FollowerMemory, HasFollowedFromTheMomentItCaughtUpAndForGood) {
  FollowerMemory memory(Clock::Boot(), /*max_tags=*/10, /*max_withdrawn=*/10);
  memory.Reset("log", 3);
  memory.Applied(4);
  EXPECT_FALSE(memory.has_followed());
  memory.CaughtUp();  // the lease comes later: whoever sees it must not find that nothing was followed
  EXPECT_TRUE(memory.has_followed());
  memory.Reset("log", 3);
  EXPECT_TRUE(memory.has_followed());
}

TEST(FollowerMemory, SaysTheSameOfAMarkedDependencyWhateverItLearns) {
  ManualClock clock;
  FollowerMemory memory(clock, /*max_tags=*/4, /*max_withdrawn=*/10);
  FollowerMemory other(clock, 4, 10);
  const Dependency entry{"log", 3, {"a", "b"}};
  FreshMark mark;
  std::mt19937 random(1);
  std::int64_t position = 0;
  int fresh = 0;
  for (int step = 0; step < 20'000; ++step) {
    const unsigned what = random() % 16;
    if (what == 0) {
      position = random() % 4;
      memory.Reset(random() % 4 == 0 ? "another" : "log", position);
    } else if (what < 4) {
      v1::Change change;
      change.set_position(++position);
      change.add_tags(std::string(1, static_cast<char>('a' + random() % 8)));
      memory.Note(change);
    } else if (what < 8) {
      memory.SetLease(clock.Now() + absl::Seconds(static_cast<int>(random() % 3)));
    } else if (what == 8) {
      clock.Advance(absl::Seconds(1));
    }
    const Verdict verdict = memory.Judge(entry, mark);
    ASSERT_EQ(verdict, memory.Judge(entry)) << step;
    ASSERT_NE(other.Judge(entry, mark), Verdict::kFresh) << step;  // has never followed
    fresh += verdict == Verdict::kFresh;
  }
  EXPECT_GT(fresh, 100);
}

TEST(FollowerMemory, LosesItsLeaseWhenItBeginsAnew) {
  ManualClock clock;
  FollowerMemory memory(clock, 10, 10);
  memory.Reset("log", 0);
  memory.SetLease(clock.Now() + absl::Seconds(1));
  memory.Reset("log", 9);  // what changed between is not known, and what comes after 9 not yet
  EXPECT_EQ(memory.Judge({"log", 9, {}}), Verdict::kNoLease);
}

TEST(FollowerMemory, LetsARequestJoinOnlyWorkThatNothingHasOvertaken) {
  ManualClock clock;
  FollowerMemory memory(clock, 10, 10);
  memory.Reset("log", 0);
  EXPECT_FALSE(memory.MayJoin({"log", 0, {}}));
  memory.SetLease(clock.Now() + absl::Seconds(1));
  EXPECT_TRUE(memory.MayJoin({"log", 0, {}}));
  memory.Note(ChangeOf(1, "article/1"));
  memory.Applied(1);
  EXPECT_FALSE(memory.MayJoin({"log", 0, {}}));  // it may depend on article/1
  EXPECT_FALSE(memory.MayJoin({"log", 0, {"article/1"}}));
  EXPECT_TRUE(memory.MayJoin({"log", 0, {"article/2"}}));
  EXPECT_TRUE(memory.MayJoin({"log", 1, {}}));
  clock.Advance(absl::Seconds(1));
  EXPECT_FALSE(memory.MayJoin({"log", 1, {}}));
}

TEST(FollowerMemory, KnowsTheWithdrawnUntilTheyArePublishedAgain) {
  ManualClock clock;
  FollowerMemory memory(clock, 10, 2);
  memory.Reset("log", 0);
  memory.Note(ChangeOf(1, "article/1", v1::CHANGE_KIND_WITHDRAWN));
  memory.Note(ChangeOf(2, "article/2", v1::CHANGE_KIND_WITHDRAWN));
  memory.Note(ChangeOf(3, "article/2"));
  EXPECT_TRUE(memory.IsWithdrawn("article/1"));
  EXPECT_FALSE(memory.IsWithdrawn("article/2"));
  memory.Reset("log", 10);
  EXPECT_TRUE(memory.IsWithdrawn("article/1"));
  memory.Reset("other", 0);
  EXPECT_FALSE(memory.IsWithdrawn("article/1"));
  for (int i = 1; i <= 3; ++i)
    memory.Note(ChangeOf(i, absl::StrCat("article/", i), v1::CHANGE_KIND_WITHDRAWN));
  EXPECT_FALSE(memory.IsWithdrawn("article/1"));
  EXPECT_TRUE(memory.IsWithdrawn("article/3"));
  EXPECT_EQ(memory.size().withdrawn, 2U);
}

// What is published again often lacks what was shown before.
TEST(FollowerMemory, KnowsWhatWasReadBeforeAWithdrawalWhateverCameAfterIt) {
  ManualClock clock;
  FollowerMemory memory(clock, 10, 2);
  memory.Reset("log", 0);
  memory.Note(ChangeOf(5, "article/1", v1::CHANGE_KIND_WITHDRAWN));
  memory.Note(ChangeOf(6, "article/1"));
  EXPECT_TRUE(memory.WithdrawnSince({"log", 4, {}}, "article/1"));
  EXPECT_FALSE(memory.WithdrawnSince({"log", 5, {}}, "article/1"));
  EXPECT_FALSE(memory.WithdrawnSince({"log", 4, {}}, "article/2"));
  EXPECT_TRUE(memory.WithdrawnSince({"another", 9, {}}, "article/1"));
  memory.Reset("log", 3);
  EXPECT_TRUE(memory.WithdrawnSince({"log", 4, {}}, "article/1"));
  memory.Note(ChangeOf(4, "article/1", v1::CHANGE_KIND_WITHDRAWN));  // told again
  EXPECT_TRUE(memory.WithdrawnSince({"log", 4, {}}, "article/1")) << "the one at 5 counts";
  memory.Reset("other", 0);
  EXPECT_FALSE(memory.WithdrawnSince({"other", 0, {}}, "article/1"));
}

TEST(FollowerMemory, BelievesTheWorstOfWhatWasReadBeforeWithdrawalsThatWereForgotten) {
  ManualClock clock;
  FollowerMemory memory(clock, 10, 2);
  memory.Reset("log", 0);
  for (int i = 1; i <= 3; ++i) {
    memory.Note(ChangeOf(2 * i, absl::StrCat("article/", i), v1::CHANGE_KIND_WITHDRAWN));
  }
  EXPECT_TRUE(memory.WithdrawnSince({"log", 1, {}}, "article/1"));
  EXPECT_FALSE(memory.WithdrawnSince({"log", 2, {}}, "article/1"));
  EXPECT_FALSE(memory.WithdrawnSince({"log", 3, {}}, "article/4"));
}

TEST(FollowerMemory, KnowsWhatHasExpiredUntilItIsSaidOtherwise) {
  ManualClock clock;
  FollowerMemory memory(clock, 10, 2);
  memory.Reset("log", 0);
  const std::int64_t now = absl::ToUnixSeconds(absl::Now());
  const auto note = [&](std::int64_t position, const std::string& subject, std::int64_t expires_at) {
    v1::Change change = ChangeOf(position, subject);
    if (expires_at != 0) change.mutable_expires_at()->set_seconds(expires_at);
    memory.Note(change);
  };
  note(1, "article/1", now - 1);
  note(2, "article/2", now + 3600);
  EXPECT_TRUE(memory.IsWithdrawn("article/1"));
  EXPECT_FALSE(memory.IsWithdrawn("article/2"));
  memory.Reset("log", 10);
  EXPECT_TRUE(memory.IsWithdrawn("article/1"));
  note(11, "article/3", now - 1);
  EXPECT_TRUE(memory.IsWithdrawn("article/1")) << "of too many the one that lasts longest is forgotten";
  EXPECT_TRUE(memory.IsWithdrawn("article/3"));
  note(12, "article/1", 0);
  EXPECT_FALSE(memory.IsWithdrawn("article/1"));
  memory.Reset("other", 0);
  EXPECT_FALSE(memory.IsWithdrawn("article/3"));
}

TEST(FollowerMemory, JudgesForManyThreadsWhileItLearns) {
  FollowerMemory memory(Clock::Boot(), 1000, 10);
  memory.Reset("log", 0);
  memory.SetLease(Clock::Boot().Now() + absl::Hours(1));
  std::atomic<bool> done = false;
  std::atomic<std::int64_t> acknowledged = 0;
  std::atomic<int> violations = 0;
  std::vector<std::thread> readers;
  for (int i = 0; i < 3; ++i) {
    readers.emplace_back([&] {
      while (!done) {
        const std::int64_t position = acknowledged;
        if (position == 0) continue;
        const Dependency before{"log", position - 1, {absl::StrCat("article/", position % 50)}};
        if (memory.Judge(before) == Verdict::kFresh) ++violations;
      }
    });
  }
  for (std::int64_t position = 1; position <= 3000; ++position) {
    memory.Note(ChangeOf(position, absl::StrCat("article/", position % 50)));
    memory.Applied(position);
    acknowledged = position;
  }
  done = true;
  for (std::thread& reader : readers) reader.join();
  EXPECT_EQ(violations, 0);
}

// Processor time of this thread: what other processes do does not count.
absl::Duration ThreadTime() {
  timespec time = {};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return absl::DurationFromTimespec(time);
}

// The gateway asks for every request; printed, and bounded generously.
TEST(FollowerMemory, JudgesAnEntryOfTwentyTagsQuickly) {
  FollowerMemory memory(Clock::Boot(), 500'000, 10);
  memory.Reset("log", 0);
  memory.SetLease(Clock::Boot().Now() + absl::Hours(1));
  v1::Change change;
  for (std::int64_t position = 1; position <= 100; ++position) {
    change.clear_tags();
    change.set_position(position);
    for (int i = 0; i < 1000; ++i) change.add_tags(absl::StrCat("article/story-", position, "-", i));
    memory.Note(change);
    memory.Applied(position);
  }
  Dependency entry{"log", 100, {}};
  for (int i = 0; i < 20; ++i) entry.tags.push_back(absl::StrCat("article/story-", i * 5 + 1, "-", i * 40));
  constexpr int kRounds = 20'000;
  const absl::Duration before = ThreadTime();
  for (int i = 0; i < kRounds; ++i) ASSERT_EQ(memory.Judge(entry), Verdict::kFresh);
  const absl::Duration each = (ThreadTime() - before) / kRounds;
  std::printf("%s for an entry of 20 tags among 100,000\n", absl::FormatDuration(each).c_str());
  EXPECT_LT(each, absl::Microseconds(50));
}

}  // namespace
}  // namespace broadsheet::change
