#include "services/article/replica_group.h"

#include <openssl/rand.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <limits>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "libs/telemetry/log.h"
#include "libs/telemetry/metrics.h"

namespace broadsheet::article {
namespace {

constexpr absl::Duration kRetry = absl::Milliseconds(100);
constexpr int kBeatsPerTimeout = 6;

std::string RandomId() {
  std::string bytes(16, '\0');
  if (RAND_bytes(reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(bytes.size())) != 1) {
    std::abort();  // two processes could take each other for one
  }
  return absl::BytesToHexString(bytes);
}

}  // namespace

absl::StatusOr<std::unique_ptr<ReplicaGroup>> ReplicaGroup::Enter(Options options,
                                                                  const std::function<bool()>& give_up,
                                                                  LostCallback on_lost) {
  std::unique_ptr<ReplicaGroup> group(new ReplicaGroup(std::move(options), std::move(on_lost)));
  telemetry::LimitedLog log;
  while (!give_up()) {
    absl::Status connected = group->ConnectBeats();
    if (connected.ok()) return group;
    if (!absl::IsFailedPrecondition(connected)) return connected;
    log.Log("held", telemetry::Severity::kInfo,
            "not ready: an article service of an earlier release serves the database; waiting until it ends");
    absl::SleepFor(kRetry);
  }
  return absl::CancelledError("stopped while an article service of an earlier release serves the database");
}

ReplicaGroup::ReplicaGroup(Options options, LostCallback on_lost)
    : options_(std::move(options)),
      on_lost_(std::move(on_lost)),
      wake_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)),
      self_{.replica_id = RandomId(), .name = options_.name, .timeout = options_.timeout},
      peers_(self_.replica_id) {}

ReplicaGroup::~ReplicaGroup() {
  Leave();
  close(wake_);
}

absl::Status ReplicaGroup::ConnectBeats() {
  sql::PostgresOptions options;
  options.answer_timeout = options_.timeout;  // a heartbeat that takes longer is none
  auto connection = sql::ConnectPostgres(options_.conninfo, options);
  if (!connection.ok()) return connection.status();
  // A heartbeat that a crash of the server takes back does no harm: see ReplicaPeers::Forget.
  absl::Status status = (*connection)->Run("SELECT set_config('synchronous_commit', 'off', false)");
  if (!status.ok()) return status;
  absl::StatusOr<bool> locked = LockAgainstSoleServers(**connection);
  if (!locked.ok()) return locked.status();
  if (!*locked) {
    return absl::FailedPreconditionError("an article service of an earlier release serves the database");
  }
  beats_ = *std::move(connection);
  return absl::OkStatus();
}

absl::Status ReplicaGroup::ConnectListener() {
  auto connection = sql::ConnectPostgres(options_.conninfo, {});
  if (!connection.ok()) return connection.status();
  if (absl::Status listening = Listen(**connection); !listening.ok()) return listening;
  listener_ = *std::move(connection);
  const std::lock_guard lock(mutex_);
  peers_.Forget();
  return absl::OkStatus();
}

absl::Status ReplicaGroup::Join() {
  const absl::Duration asked = options_.clock->Now();
  absl::StatusOr<Joined> joined = article::Join(*beats_, self_);
  if (!joined.ok()) return joined.status();
  log_id_ = joined->log_id;
  self_.settled = joined->sole_server_outlasts ? 0 : joined->head;
  restart_grace_ = joined->sole_server_outlasts.value_or(absl::ZeroDuration());
  BeCurrentUntil(asked + options_.timeout);
  return absl::OkStatus();
}

void ReplicaGroup::Start(SqlArticleStore& store, change::Publisher& publisher) {
  store_ = &store;
  publisher_ = &publisher;
  beating_ = std::thread([this] { BeatLoop(); });
  listening_ = std::thread([this] { ListenLoop(); });
}

void ReplicaGroup::Leave() {
  leaving_ = true;
  current_until_ = 0;
  if (beating_.joinable()) {
    absl::Duration longest;
    for (const change::Publisher::FollowerState& follower : publisher_->followers()) {
      longest = std::max(longest, follower.lease_left);
    }
    absl::SleepFor(longest);
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    looked_or_stopping_.notify_all();
    Wake();
    beating_.join();
    listening_.join();
  }
  if (!log_id_.empty() && beats_ != nullptr) {
    RemoveReplica(*beats_, self_.replica_id, self_.heartbeat).IgnoreError();
  }
  beats_.reset();
}

void ReplicaGroup::BeCurrentUntil(absl::Duration until) {
  current_until_ = absl::ToInt64Nanoseconds(until);
  if (leaving_) current_until_ = 0;
}

bool ReplicaGroup::HasPeers() const {
  const std::lock_guard lock(mutex_);
  return !peers_.empty();
}

bool ReplicaGroup::Pause(absl::Duration time) {
  std::unique_lock lock(mutex_);
  return !looked_or_stopping_.wait_for(lock, absl::ToChronoNanoseconds(time), [this] { return stopping_; });
}

absl::Status ReplicaGroup::CatchUp() {
  absl::Status caught = store_->CatchUp();
  if (!absl::IsDataLoss(caught)) return caught;
  if (HasLostChanges(caught)) {
    store_->Close();  // until this can end
    if (absl::Status renamed = GiveLogNewId(); !renamed.ok()) return renamed;
  }
  std::call_once(lost_, [&] { on_lost_(std::string(caught.message())); });
  return caught;
}

// Positions will be given twice, and pages read at those that are lost must not pass for newer than what is
// written there next. Before this process ends: it may be the only one that remembers. Nothing is renamed
// where nothing is lost: who found that it is may have read from a server that is no longer the one.
absl::Status ReplicaGroup::GiveLogNewId() {
  sql::PostgresOptions options;
  options.answer_timeout = options_.timeout;
  auto connection = sql::ConnectPostgres(options_.conninfo, options);
  if (!connection.ok()) return connection.status();
  absl::Status status = (*connection)->Begin(sql::TransactionMode::kWrite);
  if (!status.ok()) return status;
  const absl::Status holds = store_->CheckHolds(**connection);
  if (holds.ok() || !HasLostChanges(holds)) {
    (*connection)->Rollback();
    return holds;
  }
  status = RenameLog(**connection, log_id_, RandomId());
  if (status.ok()) status = article::Announce(**connection);
  if (status.ok()) status = (*connection)->Commit();
  if (!status.ok()) return status;
  telemetry::Log(
      telemetry::Severity::kError,
      "the database has lost changes that had been published; its log has a new id, and everything "
      "that was kept of it elsewhere is made anew");
  return absl::OkStatus();
}

void ReplicaGroup::BeatLoop() {
  static telemetry::Counter failures("broadsheet_article_replica_heartbeat_failures_total",
                                     "Heartbeats that could not be written to the shared database.");
  telemetry::LimitedLog log;
  const absl::Duration period = options_.timeout / kBeatsPerTimeout;
  do {
    // Alone, nobody waits to hear how far the followers are.
    const std::int64_t beyond = HasPeers() ? self_.settled : std::numeric_limits<std::int64_t>::max();
    absl::Status beaten = BeatOnce(publisher_->WaitForSettlement(beyond, period));
    if (beaten.ok()) continue;
    failures.Increment();
    log.Log("beat", telemetry::Severity::kWarning,
            "this replica could not renew its place among those that serve the database",
            {{"error", beaten.ToString()}});
    beats_.reset();
    Pause(kRetry);
  } while (Pause(absl::ZeroDuration()));
}

absl::Status ReplicaGroup::BeatOnce(const change::Publisher::Settlement& settlement) {
  const absl::Duration asked = options_.clock->Now();
  if (beats_ == nullptr) {
    if (absl::Status connected = ConnectBeats(); !connected.ok()) return connected;
  }
  // Who cannot catch up must not be taken for alive.
  if (absl::Status caught = CatchUp(); !caught.ok()) return caught;
  // The followers may be further than what this process has in memory.
  const std::int64_t settled = std::min(settlement.position, store_->told_position());
  const bool progress = settled > self_.settled;
  if (progress) {
    self_.settled = settled;
    self_.acknowledged = settlement.acknowledged;
    self_.expired = settlement.expired;
  }
  ++self_.heartbeat;
  absl::StatusOr<bool> beaten = Beat(*beats_, self_, log_id_, progress);
  if (!beaten.ok()) return beaten.status();
  if (!*beaten) return JoinAnew();
  BeCurrentUntil(asked + options_.timeout);
  publisher_->ReviewLeases();
  return absl::OkStatus();
}

// What the others have published without this process is unknown to it, and to followers whose leases are
// long over.
absl::Status ReplicaGroup::JoinAnew() {
  telemetry::Log(telemetry::Severity::kWarning,
                 "this replica was given up by those that serve the database with it; it joins them anew");
  current_until_ = 0;
  const absl::Duration asked = options_.clock->Now();
  absl::StatusOr<Joined> joined = article::Join(*beats_, self_);
  if (!joined.ok()) return joined.status();
  if (joined->log_id != log_id_) {
    std::call_once(lost_, [&] { on_lost_("the database holds another change log than before"); });
    return absl::DataLossError("the database holds another change log than before");
  }
  if (joined->sole_server_outlasts) {
    std::call_once(lost_, [&] { on_lost_("an article service of an earlier release has served meanwhile"); });
  }
  self_.settled = joined->head;
  if (absl::Status caught = CatchUp(); !caught.ok()) return caught;
  BeCurrentUntil(asked + options_.timeout);
  publisher_->ReviewLeases();
  return absl::OkStatus();
}

void ReplicaGroup::ListenLoop() {
  telemetry::LimitedLog log;
  do {
    absl::Status listened = ListenOnce();
    if (listened.ok()) continue;
    log.Log("listen", telemetry::Severity::kWarning, "cannot hear the others that serve the database",
            {{"error", listened.ToString()}});
    listener_.reset();
    Pause(kRetry);
  } while (Pause(absl::ZeroDuration()));
}

absl::Status ReplicaGroup::ListenOnce() {
  if (listener_ == nullptr) {
    if (absl::Status connected = ConnectListener(); !connected.ok()) return connected;
  } else {
    absl::Status awaited = listener_->Await(options_.timeout / kBeatsPerTimeout, wake_);
    if (!awaited.ok()) return awaited;
  }
  if (absl::Status looked = Look(); !looked.ok()) return looked;
  return CatchUp();
}

absl::Status ReplicaGroup::Look() {
  static telemetry::Gauge count("broadsheet_article_replicas",
                                "Processes that serve the shared database, this one included.");
  static telemetry::Counter removals("broadsheet_article_replicas_removed_total",
                                     "Others that gave no sign of life and were removed.");
  std::uint64_t woken = 0;
  if (read(wake_, &woken, sizeof woken) < 0) woken = 0;  // not woken: nothing to take back
  std::unique_lock lock(mutex_);
  const std::int64_t wanted = looks_wanted_;
  lock.unlock();
  absl::StatusOr<std::vector<Replica>> replicas = ListReplicas(*listener_);
  if (!replicas.ok()) return replicas.status();
  lock.lock();
  const std::vector<Replica> silent = peers_.Observe(*replicas, options_.clock->Now());
  looks_done_ = wanted;
  lock.unlock();
  looked_or_stopping_.notify_all();
  count.Set(static_cast<double>(replicas->size()));
  for (const Replica& replica : silent) {
    if (absl::Status removed = RemoveReplica(*listener_, replica.replica_id, replica.heartbeat);
        !removed.ok()) {
      return removed;
    }
    removals.Increment();
    telemetry::Log(telemetry::Severity::kWarning, "removed a replica that gave no sign of life",
                   {{"replica", replica.name}});
    Wake();
  }
  return absl::OkStatus();
}

void ReplicaGroup::Wake() const {
  const std::uint64_t one = 1;
  if (write(wake_, &one, sizeof one) < 0) return;  // full: it is awake
}

absl::Status ReplicaGroup::WaitForPeers(std::int64_t position, change::v1::Propagation& propagation) {
  static telemetry::Histogram seconds("broadsheet_article_replica_wait_seconds",
                                      "How long writes waited for the other replicas' followers.");
  const absl::Duration begun = options_.clock->Now();
  std::unique_lock lock(mutex_);
  const std::int64_t wanted = ++looks_wanted_;
  Wake();
  const bool settled =
      looked_or_stopping_.wait_for(lock, absl::ToChronoNanoseconds(options_.wait_limit),
                                   [&] { return looks_done_ >= wanted && peers_.Settled(position); });
  const absl::Duration waited = options_.clock->Now() - begun;
  seconds.Observe(absl::ToDoubleSeconds(waited));
  propagation.set_wait_micros(propagation.wait_micros() + absl::ToInt64Microseconds(waited));
  if (settled) {
    peers_.AddTo(propagation);
    return absl::OkStatus();
  }
  return absl::UnavailableError(
      "it is committed, but other processes that serve the database did not confirm it in time: some readers "
      "may see the older state; ask again with the same request_id");
}

std::vector<ReplicaPeers::Seen> ReplicaGroup::peers() const {
  const std::lock_guard lock(mutex_);
  return peers_.peers();
}

}  // namespace broadsheet::article
