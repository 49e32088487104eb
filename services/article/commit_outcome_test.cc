// A commit whose answer is lost: nobody is told that it was made, and nothing that it changed stays hidden.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <mutex>

#include "libs/telemetry/metrics.h"
#include "services/article/engine_testing.h"
#include "services/article/sql_article_store.h"
#include "services/article/tags.h"

namespace broadsheet::article {
namespace {

using ::testing::ElementsAre;

// What happens to the next commit: it is made, or it is not, and either way its answer does not arrive; or it
// is refused, as by a full disk.
enum class Fault { kNone, kMade, kNotMade, kRefused };

class FaultyConnection final : public sql::Connection {
 public:
  FaultyConnection(std::unique_ptr<sql::Connection> connection, std::atomic<Fault>& fault)
      : connection_(std::move(connection)), fault_(fault) {}
  using sql::Connection::Run;
  absl::Status Run(absl::string_view statement, const std::vector<sql::Value>& parameters,
                   absl::FunctionRef<void(const sql::Row&)> on_row) override {
    return connection_->Run(statement, parameters, on_row);
  }
  absl::Status Begin(sql::TransactionMode mode) override { return connection_->Begin(mode); }
  absl::Status Commit() override {
    const Fault fault = fault_.exchange(Fault::kNone);
    if (fault == Fault::kRefused) {
      connection_->Rollback();
      return absl::UnavailableError("disk full");
    }
    if (fault == Fault::kNotMade) {
      connection_->Rollback();
    } else if (absl::Status committed = connection_->Commit(); fault == Fault::kNone) {
      return committed;
    }
    return absl::UnknownError("no answer");
  }
  void Rollback() override { connection_->Rollback(); }
  bool InTransaction() const override { return connection_->InTransaction(); }

 private:
  const std::unique_ptr<sql::Connection> connection_;
  std::atomic<Fault>& fault_;
};

class FaultyDatabase final : public sql::Database {
 public:
  FaultyDatabase(std::unique_ptr<sql::Database> database, std::atomic<Fault>& fault)
      : database_(std::move(database)), fault_(fault) {}
  const sql::Dialect& dialect() const override { return database_->dialect(); }
  absl::StatusOr<std::unique_ptr<sql::Connection>> Connect() override {
    auto connection = database_->Connect();
    if (!connection.ok()) return connection.status();
    return std::make_unique<FaultyConnection>(*std::move(connection), fault_);
  }

 private:
  const std::unique_ptr<sql::Database> database_;
  std::atomic<Fault>& fault_;
};

class CommitOutcomeTest : public testing::TestWithParam<Engine> {
 protected:
  void SetUp() override {
    auto database = database_.Open();
    ASSERT_TRUE(database.ok()) << database.status();
    auto store = SqlArticleStore::Open(std::make_unique<FaultyDatabase>(*std::move(database), fault_), {});
    ASSERT_TRUE(store.ok()) << store.status();
    store_ = *std::move(store);
    store_->SetCommitListener([this](const std::vector<change::v1::Change>& changes, std::int64_t head) {
      const std::lock_guard lock(mutex_);
      for (const change::v1::Change& change : changes) told_.push_back(change.position());
      EXPECT_EQ(told_.back(), head);
    });
  }

  absl::Status Append(const std::string& author_id) {
    return store_->Write([&](EditTransaction& transaction) {
      return transaction.AppendChange(AuthorChange(author_id, false), absl::Now());
    });
  }
  std::vector<std::int64_t> told() {
    const std::lock_guard lock(mutex_);
    return told_;
  }

  const TestDatabase database_{GetParam()};
  std::atomic<Fault> fault_{Fault::kNone};
  std::mutex mutex_;
  std::vector<std::int64_t> told_;
  std::unique_ptr<SqlArticleStore> store_;
};

TEST_P(CommitOutcomeTest, ACommitThatWasMadeIsToldOfWithoutAnotherWrite) {
  ASSERT_TRUE(Append("a").ok());
  fault_ = Fault::kMade;
  EXPECT_TRUE(absl::IsUnavailable(Append("b")));
  const absl::Time deadline = absl::Now() + absl::Seconds(20);
  while (told().size() < 2 && absl::Now() < deadline) absl::SleepFor(absl::Milliseconds(1));
  EXPECT_THAT(told(), ElementsAre(1, 2));
  EXPECT_EQ(store_->Head().value(), 2);
}

TEST_P(CommitOutcomeTest, ACommitThatWasMadeIsToldOfBeforeTheNextEditReturns) {
  fault_ = Fault::kMade;
  EXPECT_TRUE(absl::IsUnavailable(Append("a")));
  EXPECT_TRUE(Append("b").ok());
  EXPECT_THAT(told(), ElementsAre(1, 2));
}

TEST_P(CommitOutcomeTest, ACommitThatWasNotMadeLeavesNothing) {
  fault_ = Fault::kNotMade;
  EXPECT_TRUE(absl::IsUnavailable(Append("a")));
  EXPECT_EQ(store_->Head().value(), 0);
  EXPECT_TRUE(Append("b").ok());
  EXPECT_THAT(told(), ElementsAre(1));
}

double CommitFailures() {
  return telemetry::Counter("broadsheet_article_commit_failures_total",
                            "Commits that the storage did not make: disk full, database away or read-only.")
      .Value();
}

bool Reaches(double wanted) {
  const absl::Time deadline = absl::Now() + absl::Seconds(20);
  while (CommitFailures() < wanted && absl::Now() < deadline) absl::SleepFor(absl::Milliseconds(1));
  return CommitFailures() == wanted;
}

TEST_P(CommitOutcomeTest, ACommitThatIsRefusedIsCountedAndARefusedEditIsNot) {
  const double before = CommitFailures();
  fault_ = Fault::kRefused;
  EXPECT_TRUE(absl::IsUnavailable(Append("a")));
  EXPECT_TRUE(Reaches(before + 1));
  EXPECT_TRUE(absl::IsNotFound(store_->Write([](EditTransaction&) { return absl::NotFoundError("no"); })));
  EXPECT_TRUE(Append("b").ok());
  EXPECT_TRUE(Reaches(before + 1));
}

INSTANTIATE_TEST_SUITE_P(Engines, CommitOutcomeTest, AllEngines(), EngineName);

}  // namespace
}  // namespace broadsheet::article
