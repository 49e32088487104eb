#include "services/article/replica_group.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <thread>

#include "libs/testing/real_postgres.h"
#include "services/article/postgres.h"

namespace broadsheet::article {
namespace {

using ::testing::HasSubstr;

constexpr absl::Duration kTimeout = absl::Milliseconds(600);

template <class Condition>
bool Eventually(Condition condition) {
  const absl::Time deadline = absl::Now() + absl::Seconds(30);
  while (!condition() && absl::Now() < deadline) std::this_thread::yield();
  return condition();
}

absl::Status CommitTo(SqlArticleStore& store) {
  return store.Write([](EditTransaction& transaction) {
    change::v1::Change change;
    change.set_subject("article/a");
    change.add_tags("article/a");
    return transaction.AppendChange(change, absl::Now());
  });
}

// A process: a store, its group and a publisher, which no follower follows.
class Process {
 public:
  Process(const std::string& address, const std::string& name) {
    auto entered = ReplicaGroup::Enter(
        {.conninfo = address, .name = name, .timeout = kTimeout}, [] { return false; },
        [this](const std::string& reason) { lost.set_value(reason); });
    EXPECT_TRUE(entered.ok()) << entered.status();
    group = *std::move(entered);
    SqlArticleStore::Options options;
    options.may_write = [this](sql::Connection& writer) { return group->MayWrite(writer); };
    options.announce = [this](sql::Connection& writer) { return group->Announce(writer); };
    store = *SqlArticleStore::Open(*sql::OpenPostgres(address), options);
    EXPECT_TRUE(group->Join().ok());
    publisher =
        *change::Publisher::Start(*store, {.source = "article", .restart_grace = absl::ZeroDuration()});
    store->SetCommitListener([this](const std::vector<change::v1::Change>& changes, std::int64_t head) {
      EXPECT_EQ(changes.back().position(), head);
      publisher->Notify(head);
    });
    group->Start(*store, *publisher);
  }
  ~Process() { group->Leave(); }

  absl::Status Commit() { return CommitTo(*store); }
  absl::StatusOr<change::v1::Propagation> Wait(std::int64_t position) const {
    change::v1::Propagation propagation;
    absl::Status waited = group->WaitForPeers(position, propagation);
    if (!waited.ok()) return waited;
    return propagation;
  }

  std::promise<std::string> lost;
  std::unique_ptr<ReplicaGroup> group;
  std::unique_ptr<SqlArticleStore> store;
  std::unique_ptr<change::Publisher> publisher;
};

class ReplicaGroupTest : public testing::Test {
 protected:
  std::vector<Replica> Rows() { return *ListReplicas(*connection_); }
  // What the process was told when its database turned out to be another one; empty: it was not.
  static std::string LossOf(Process& process) {
    std::future<std::string> lost = process.lost.get_future();
    return lost.wait_for(std::chrono::seconds(30)) == std::future_status::ready ? lost.get() : "";
  }
  // As if what was committed there had been lost, and something else written.
  void ReplaceChange(std::int64_t position) {
    change::v1::Change another;
    another.set_position(position);
    another.set_subject("article/b");
    const std::string bytes = another.SerializeAsString();
    EXPECT_TRUE(
        connection_
            ->Run("UPDATE change_log SET change = $1 WHERE position = $2", {sql::Blob{bytes}, position})
            .ok());
  }
  std::string LogId() {
    std::string log_id;
    EXPECT_TRUE(connection_
                    ->Run("SELECT log_id FROM log", {},
                          [&](const sql::Row& row) { log_id = std::string(row.Text(0)); })
                    .ok());
    return log_id;
  }
  // A process of which there is only what it writes down.
  Replica JoinPeer() {
    Replica peer{.replica_id = "peer", .name = "peer", .timeout = kTimeout};
    auto joined = Join(*connection_, peer);
    EXPECT_TRUE(joined.ok()) << joined.status();
    peer.settled = joined->head;
    return peer;
  }
  bool BeatOf(Replica& peer, const Process& process) {
    ++peer.heartbeat;
    return Beat(*connection_, peer, process.store->log_id(), true).value();
  }

  test::RealPostgres& server_ = test::RealPostgres::Shared();
  const std::string address_ = server_.NewDatabase();
  const std::unique_ptr<sql::Connection> connection_ = *sql::ConnectPostgres(address_, {});
};

TEST_F(ReplicaGroupTest, AloneItWaitsForNobody) {
  Process process(address_, "one");
  EXPECT_TRUE(process.group->IsCurrent());
  ASSERT_TRUE(process.Commit().ok());
  absl::StatusOr<change::v1::Propagation> waited = process.Wait(1);
  ASSERT_TRUE(waited.ok()) << waited.status();
  EXPECT_EQ(waited->followers(), 0);
}

TEST_F(ReplicaGroupTest, TellsWhatAnotherProcessCommitted) {
  Process one(address_, "one");
  Process two(address_, "two");
  for (std::int64_t position = 1; position <= 10; position += 2) {
    ASSERT_TRUE(one.Commit().ok());
    ASSERT_TRUE(one.Wait(position).ok());
    EXPECT_GE(two.store->told_position(), position);
    ASSERT_TRUE(two.Commit().ok());
    ASSERT_TRUE(two.Wait(position + 1).ok());
    EXPECT_GE(one.store->told_position(), position + 1);
  }
  EXPECT_EQ(one.store->Head().value(), 10);
}

TEST_F(ReplicaGroupTest, AWriteWaitsForThePeersFollowersAndAddsThem) {
  Process process(address_, "one");
  Replica peer = JoinPeer();
  ASSERT_TRUE(process.Commit().ok());
  std::future<absl::StatusOr<change::v1::Propagation>> waiting =
      std::async(std::launch::async, [&] { return process.Wait(1); });
  // Alive for longer than it may be silent, and not through.
  const absl::Time until = absl::Now() + 2 * kTimeout;
  while (absl::Now() < until) {
    ASSERT_TRUE(BeatOf(peer, process));
    EXPECT_EQ(waiting.wait_for(std::chrono::milliseconds(50)), std::future_status::timeout);
  }
  peer.settled = 1;
  peer.acknowledged = 3;
  peer.expired = 1;
  ASSERT_TRUE(BeatOf(peer, process));
  absl::StatusOr<change::v1::Propagation> waited = waiting.get();
  ASSERT_TRUE(waited.ok()) << waited.status();
  EXPECT_EQ(waited->followers(), 4);
  EXPECT_EQ(waited->acknowledged(), 3);
  EXPECT_EQ(waited->expired(), 1);
  EXPECT_GE(absl::Microseconds(waited->wait_micros()), kTimeout);
}

TEST_F(ReplicaGroupTest, APeerThatGivesNoSignOfLifeIsRemovedBeforeTheWriteReturns) {
  Process process(address_, "one");
  Replica peer = JoinPeer();
  const absl::Time joined = absl::Now();
  ASSERT_TRUE(process.Commit().ok());
  absl::StatusOr<change::v1::Propagation> waited = process.Wait(1);
  ASSERT_TRUE(waited.ok()) << waited.status();
  EXPECT_GE(absl::Now() - joined, kTimeout);
  EXPECT_EQ(Rows().size(), 1u);
  EXPECT_FALSE(BeatOf(peer, process));  // it learns so when it comes back
}

TEST_F(ReplicaGroupTest, OneThatWasRemovedJoinsAnew) {
  Process process(address_, "one");
  const std::vector<Replica> before = Rows();
  ASSERT_EQ(before.size(), 1u);
  ASSERT_TRUE(RemoveReplica(*connection_, before[0].replica_id, before[0].heartbeat + 1000).ok());
  EXPECT_TRUE(Eventually([&] { return Rows().size() == 1; }));
  EXPECT_TRUE(Eventually([&] { return process.group->IsCurrent(); }));
}

TEST_F(ReplicaGroupTest, WithoutHeartbeatsItIsNotCurrentAndGrantsNoLeases) {
  test::RealPostgres server;
  const std::string address = server.NewDatabase();
  Process process(address, "one");
  EXPECT_TRUE(process.group->IsCurrent());
  server.Stop();
  EXPECT_TRUE(Eventually([&] { return !process.group->IsCurrent(); }));
  server.Start();
  EXPECT_TRUE(Eventually([&] { return process.group->IsCurrent(); }));
  EXPECT_TRUE(Eventually([&] { return process.Commit().ok(); }));
  EXPECT_TRUE(process.Wait(1).ok());
}

TEST_F(ReplicaGroupTest, LeavesNobodyWaiting) {
  Process stays(address_, "stays");
  {
    Process leaves(address_, "leaves");
    EXPECT_EQ(Rows().size(), 2u);
  }
  EXPECT_EQ(Rows().size(), 1u);
}

TEST_F(ReplicaGroupTest, TellsWhenTheDatabaseWasReplaced) {
  Process process(address_, "one");
  ASSERT_TRUE(connection_->Run("UPDATE log SET log_id = 'restored'").ok());
  EXPECT_THAT(process.lost.get_future().get(), HasSubstr("another change log"));
}

TEST_F(ReplicaGroupTest, TellsWhenTheLogWentBack) {
  Process process(address_, "one");
  ASSERT_TRUE(process.Commit().ok());
  ASSERT_TRUE(connection_->Run("DELETE FROM change_log").ok());
  EXPECT_THAT(process.lost.get_future().get(), HasSubstr("did hold the change 1"));
}

TEST_F(ReplicaGroupTest, ALogThatWentBackIsAnotherLogBeforeAnybodyIsTold) {
  std::string before;
  {
    Process process(address_, "one");
    before = process.store->log_id();
    ASSERT_TRUE(process.Commit().ok());
    ASSERT_TRUE(connection_->Run("DELETE FROM change_log").ok());
    EXPECT_THAT(LossOf(process), HasSubstr("did hold the change 1"));
    EXPECT_NE(LogId(), before);
    EXPECT_TRUE(absl::IsUnavailable(process.store->Head().status())) << "it ends, and answers no more";
    EXPECT_TRUE(absl::IsUnavailable(process.Commit()));
  }
  Process next(address_, "next");
  EXPECT_EQ(next.store->log_id(), LogId());
  ASSERT_TRUE(next.Commit().ok());
  EXPECT_TRUE(next.group->IsCurrent());
}

TEST_F(ReplicaGroupTest, ALogThatLostChangesAndHasGrownAsLongAgainIsFoundToo) {
  Process process(address_, "one");
  const std::string before = process.store->log_id();
  ASSERT_TRUE(process.Commit().ok());
  ASSERT_TRUE(process.Commit().ok());
  ReplaceChange(2);
  EXPECT_THAT(LossOf(process), HasSubstr("another change 2"));
  EXPECT_NE(LogId(), before);
}

TEST_F(ReplicaGroupTest, AWriteDoesNotGoOnFromAChangeThatWasLost) {
  auto store = *SqlArticleStore::Open(*sql::OpenPostgres(address_), {});
  const auto commit = [&] { return CommitTo(*store); };
  ASSERT_TRUE(commit().ok());
  ReplaceChange(1);
  EXPECT_TRUE(HasLostChanges(commit()));
  EXPECT_EQ(store->told_position(), 1);
}

TEST_F(ReplicaGroupTest, ALogIsRenamedOnceHoweverManyFindThatItLostChanges) {
  Process process(address_, "one");
  const std::string before = process.store->log_id();
  ASSERT_TRUE(RenameLog(*connection_, before, "first").ok());
  ASSERT_TRUE(RenameLog(*connection_, before, "second").ok());
  EXPECT_EQ(LogId(), "first");
  EXPECT_TRUE(absl::IsUnavailable(process.Commit())) << "nobody writes under the old id";
  ASSERT_TRUE(connection_->Run("DELETE FROM log").ok());
  EXPECT_TRUE(absl::IsUnavailable(RenameLog(*connection_, before, "third"))) << "it is being restored";
}

// A process of an earlier release: it took this lock, and the next number.
constexpr std::int64_t kServingLock = 0x42534154'00000002;

TEST_F(ReplicaGroupTest, WaitsWhileAProcessThatServesAloneDoes) {
  ASSERT_TRUE(connection_->Run("SELECT pg_advisory_lock($1)", {kServingLock}).ok());
  std::atomic<bool> give_up{false};
  auto enter = [&] {
    return ReplicaGroup::Enter(
               {.conninfo = address_, .name = "one"}, [&] { return give_up.load(); },
               [](const std::string&) {})
        .status();
  };
  std::future<absl::Status> entering = std::async(std::launch::async, enter);
  EXPECT_EQ(entering.wait_for(std::chrono::milliseconds(200)), std::future_status::timeout);
  ASSERT_TRUE(connection_->Run("SELECT pg_advisory_unlock($1)", {kServingLock}).ok());
  EXPECT_TRUE(entering.get().ok());
  ASSERT_TRUE(connection_->Run("SELECT pg_advisory_lock($1)", {kServingLock}).ok());
  std::future<absl::Status> waiting = std::async(std::launch::async, enter);
  give_up = true;
  EXPECT_TRUE(absl::IsCancelled(waiting.get()));
}

TEST_F(ReplicaGroupTest, WaitsForTheFollowersOfAProcessThatServedAlone) {
  // Its stories, and what it wrote down when it took over.
  ASSERT_TRUE(SqlArticleStore::Open(*sql::OpenPostgres(address_), {}).ok());
  ASSERT_TRUE(
      connection_->Run("CREATE TABLE serving (number BIGINT NOT NULL, outlasts_micros BIGINT NOT NULL)")
          .ok());
  ASSERT_TRUE(connection_->Run("INSERT INTO serving VALUES (7, 3500000)").ok());
  Process first(address_, "first");
  EXPECT_EQ(first.group->restart_grace(), absl::Milliseconds(3500));
  Process second(address_, "second");  // is told by the first
  EXPECT_EQ(second.group->restart_grace(), absl::ZeroDuration());
}

TEST_F(ReplicaGroupTest, WritesNothingBehindTheBackOfAProcessThatServesAlone) {
  Process process(address_, "one");
  ASSERT_TRUE(process.Commit().ok());
  ASSERT_TRUE(connection_->Run("UPDATE serving SET number = number + 1, replicas = NULL").ok());
  EXPECT_TRUE(absl::IsUnavailable(process.Commit()));
  EXPECT_THAT(process.lost.get_future().get(), HasSubstr("earlier release"));
}

}  // namespace
}  // namespace broadsheet::article
