#include "services/article/edit_queue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

namespace broadsheet::article {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr EditKind kOrdinary = EditKind::kOrdinary;
constexpr EditKind kBulk = EditKind::kBulk;

std::vector<EditKind> Kinds(const EditQueue::Batch& batch) {
  std::vector<EditKind> kinds;
  for (const PendingEdit* edit : batch) kinds.push_back(edit->kind);
  return kinds;
}

// A test is the writing thread; each edit has a thread that waits for it.
class EditQueueTest : public testing::Test {
 protected:
  ~EditQueueTest() override {
    while (std::optional<EditQueue::Batch> batch = TakeAtOnce()) {
      if (batch->empty()) break;
      queue_->Finish(*batch);
    }
    for (std::thread& caller : callers_) caller.join();
  }

  void Open(EditQueue::Options options) { queue_.emplace(options); }

  // Returns when the edit is queued.
  void Queue(EditKind kind, int count = 1) {
    for (int i = 0; i < count; ++i) {
      const std::size_t before = queue_->waiting();
      callers_.emplace_back([this, kind] {
        const auto nothing = [](EditTransaction&) { return absl::OkStatus(); };
        queue_->Run(nothing, kind).IgnoreError();
      });
      while (queue_->waiting() == before) std::this_thread::yield();
    }
  }

  std::optional<EditQueue::Batch> TakeAtOnce() { return queue_->Take(std::chrono::milliseconds(0)); }

  std::optional<EditQueue> queue_;
  std::vector<std::thread> callers_;
};

TEST_F(EditQueueTest, GivesNothingWhenNothingComes) {
  Open({});
  EXPECT_THAT(*TakeAtOnce(), IsEmpty());
}

TEST_F(EditQueueTest, TakesTheOrdinaryEditsThatWaitAndNoMore) {
  Open({.max_ordinary = 2});
  Queue(kOrdinary, 3);
  EditQueue::Batch first = *TakeAtOnce();
  EXPECT_THAT(first, SizeIs(2));
  EXPECT_FALSE(queue_->TakeMore(first)) << "a commit of ordinary edits waits for nothing";
  EditQueue::Batch second = *TakeAtOnce();
  EXPECT_THAT(second, SizeIs(1));
  queue_->Finish(first);
  queue_->Finish(second);
}

TEST_F(EditQueueTest, BulkEditsFollowEachOtherIntoACommitUpToABound) {
  Open({.max_bulk = 2});
  Queue(kBulk, 3);
  EditQueue::Batch batch = *TakeAtOnce();
  EXPECT_THAT(Kinds(batch), ElementsAre(kBulk));
  EXPECT_TRUE(queue_->TakeMore(batch));
  EXPECT_THAT(Kinds(batch), ElementsAre(kBulk, kBulk));
  EXPECT_FALSE(queue_->TakeMore(batch));
  queue_->Finish(batch);
}

TEST_F(EditQueueTest, ACommitOfBulkEditsWaitsForTheNext) {
  Open({.company = std::chrono::minutes(1)});
  Queue(kBulk);
  EditQueue::Batch batch = *TakeAtOnce();
  std::thread later(
      [&] { queue_->Run([](EditTransaction&) { return absl::OkStatus(); }, kBulk).IgnoreError(); });
  EXPECT_TRUE(queue_->TakeMore(batch));
  EXPECT_THAT(Kinds(batch), ElementsAre(kBulk, kBulk));
  queue_->Finish(batch);
  later.join();
}

TEST_F(EditQueueTest, AnOrdinaryEditGoesAlongWithTheBulkEditsBeforeItAndEndsTheirCommit) {
  Open({.company = std::chrono::minutes(1)});
  Queue(kBulk, 2);
  EditQueue::Batch batch = *TakeAtOnce();
  Queue(kOrdinary);
  EXPECT_TRUE(queue_->TakeMore(batch));
  EXPECT_THAT(Kinds(batch), ElementsAre(kBulk, kOrdinary)) << "the second bulk edit waits";
  EXPECT_FALSE(queue_->TakeMore(batch));
  queue_->Finish(batch);
}

TEST_F(EditQueueTest, AnOrdinaryEditGoesAlongWithACommitThatIsFullOfBulkEdits) {
  Open({.max_bulk = 1});
  Queue(kBulk);
  EditQueue::Batch batch = *TakeAtOnce();
  Queue(kOrdinary);
  EXPECT_TRUE(queue_->TakeMore(batch));
  EXPECT_THAT(Kinds(batch), ElementsAre(kBulk, kOrdinary));
  queue_->Finish(batch);
}

TEST_F(EditQueueTest, TheBulkEditThatWaitsLongestIsPassedOverOnce) {
  Open({.max_ordinary = 1});
  Queue(kBulk);
  Queue(kOrdinary, 2);
  EditQueue::Batch first = *TakeAtOnce();
  EXPECT_THAT(Kinds(first), ElementsAre(kOrdinary));
  EditQueue::Batch second = *TakeAtOnce();
  EXPECT_THAT(Kinds(second), ElementsAre(kBulk, kOrdinary));
  queue_->Finish(first);
  queue_->Finish(second);
}

TEST_F(EditQueueTest, WhatIsQueuedIsTakenBeforeItEnds) {
  Open({});
  Queue(kOrdinary);
  queue_->Stop();
  const std::optional<EditQueue::Batch> batch = queue_->Take(std::nullopt);
  ASSERT_TRUE(batch.has_value());
  EXPECT_THAT(*batch, SizeIs(1));
  queue_->Finish(*batch);
  EXPECT_FALSE(queue_->Take(std::nullopt).has_value());
}

TEST_F(EditQueueTest, EachCallerGetsTheResultOfItsEdit) {
  Open({});
  absl::Status result;
  std::thread caller(
      [&] { result = queue_->Run([](EditTransaction&) { return absl::OkStatus(); }, kOrdinary); });
  const EditQueue::Batch batch = *queue_->Take(std::nullopt);
  batch[0]->result = absl::AbortedError("mine");
  queue_->Finish(batch);
  caller.join();
  EXPECT_EQ(result, absl::AbortedError("mine"));
}

}  // namespace
}  // namespace broadsheet::article
