#include "services/article/serving_lock.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <future>

#include "libs/testing/real_postgres.h"
#include "services/article/postgres.h"

namespace broadsheet::article {
namespace {

using ::testing::HasSubstr;

class ServingLockTest : public testing::Test {
 protected:
  static std::unique_ptr<sql::Database> Open(const std::string& address) {
    auto database = sql::OpenPostgres(
        address,
        {.connect_timeout = absl::Seconds(1), .answer_timeout = absl::Seconds(1), .replace_broken = false});
    EXPECT_TRUE(database.ok()) << database.status();
    return *std::move(database);
  }

  absl::StatusOr<std::unique_ptr<ServingLock>> Take(ServingLock::LostCallback on_lost =
                                                        [](const std::string&) { ADD_FAILURE() << "lost"; }) {
    return ServingLock::Take(
        *database_->Connect(), kOptions, [this] { return give_up_.load(); }, std::move(on_lost));
  }

  // Of whoever holds the lock.
  void EndSession() {
    server_.Command(
        "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND database ="
        " (SELECT oid FROM pg_database WHERE datname = current_database())",
        address_);
  }

  const ServingLock::Options kOptions{.timeout = absl::Seconds(3), .lease = absl::Milliseconds(200)};
  test::RealPostgres& server_ = test::RealPostgres::Shared();
  const std::string address_ = server_.NewDatabase();
  const std::unique_ptr<sql::Database> database_ = Open(address_);
  std::atomic<bool> give_up_{false};
};

TEST_F(ServingLockTest, ASecondProcessWaitsForTheFirst) {
  auto first = Take();
  ASSERT_TRUE(first.ok()) << first.status();
  ASSERT_TRUE((*first)->Enter().ok());
  EXPECT_EQ((*first)->predecessor_outlasts(), std::nullopt);
  std::future<bool> second = std::async(std::launch::async, [&] {
    auto lock = Take();
    return lock.ok() && (*lock)->Enter().ok() && (*lock)->predecessor_outlasts() == kOptions.lease;
  });
  EXPECT_EQ(second.wait_for(std::chrono::milliseconds(300)), std::future_status::timeout);
  first->reset();  // in good order: only its leases outlast it
  EXPECT_TRUE(second.get());
}

TEST_F(ServingLockTest, WaitingCanBeGivenUp) {
  auto first = Take();
  ASSERT_TRUE(first.ok());
  std::future<absl::Status> second = std::async(std::launch::async, [&] { return Take().status(); });
  give_up_ = true;
  EXPECT_TRUE(absl::IsCancelled(second.get()));
}

TEST_F(ServingLockTest, TellsWhenItsSessionIsEnded) {
  std::promise<std::string> lost;
  auto lock = Take([&](const std::string& reason) { lost.set_value(reason); });
  ASSERT_TRUE(lock.ok());
  ASSERT_TRUE((*lock)->Enter().ok());
  const absl::Time begun = absl::Now();
  EndSession();
  EXPECT_THAT(lost.get_future().get(), HasSubstr("is gone"));
  EXPECT_LT(absl::Now() - begun, kOptions.timeout);
  // A process that did not stop in good order may have been believed until its time-out, and its leases on.
  give_up_ = false;
  auto next = Take();
  ASSERT_TRUE(next.ok());
  ASSERT_TRUE((*next)->Enter().ok());
  EXPECT_EQ((*next)->predecessor_outlasts(), kOptions.timeout + kOptions.lease);
}

TEST_F(ServingLockTest, AShortLifeBetweenDoesNotShortenTheWaitForAProcessThatDoesNotKnowThatItIsOut) {
  auto first = Take([](const std::string&) {});  // goes on granting leases: only its session is gone
  ASSERT_TRUE(first.ok());
  ASSERT_TRUE((*first)->Enter().ok());
  EndSession();
  const absl::Time begun = absl::Now();
  auto second = Take();
  ASSERT_TRUE(second.ok()) << second.status();
  ASSERT_TRUE((*second)->Enter().ok());
  second->reset();  // in good order, at once
  auto third = Take();
  ASSERT_TRUE(third.ok()) << third.status();
  ASSERT_TRUE((*third)->Enter().ok());
  const absl::Duration whole = kOptions.timeout + kOptions.lease;
  EXPECT_GE((*third)->predecessor_outlasts(), whole - (absl::Now() - begun));
  EXPECT_LE((*third)->predecessor_outlasts(), whole);
}

TEST_F(ServingLockTest, AnUnorderlyEndLeavesNoLessThanWasLeftToIt) {
  auto longer = kOptions;
  longer.timeout = 2 * kOptions.timeout;
  auto first = ServingLock::Take(
      *database_->Connect(), longer, [] { return false; }, [](const std::string&) {});
  ASSERT_TRUE(first.ok());
  ASSERT_TRUE((*first)->Enter().ok());
  EndSession();
  for (int i = 0; i < 2; ++i) {
    auto next = Take([](const std::string&) {});
    ASSERT_TRUE(next.ok()) << next.status();
    ASSERT_TRUE((*next)->Enter().ok());
    EXPECT_EQ((*next)->predecessor_outlasts(), longer.timeout + longer.lease);
    EndSession();
  }
}

TEST_F(ServingLockTest, NothingIsWrittenBehindTheBackOfASuccessor) {
  std::promise<std::string> lost;
  auto writer = *database_->Connect();
  auto first = Take([&](const std::string& reason) { lost.set_value(reason); });
  ASSERT_TRUE(first.ok());
  ASSERT_TRUE((*first)->Enter().ok());
  EXPECT_TRUE((*first)->Check(*writer).ok());
  // As if the first one's session had ended without its knowledge.
  ASSERT_TRUE(writer->Run("UPDATE serving SET number = number + 1").ok());
  EXPECT_TRUE(absl::IsUnavailable((*first)->Check(*writer)));
  EXPECT_THAT(lost.get_future().get(), HasSubstr("taken over"));
}

}  // namespace
}  // namespace broadsheet::article
