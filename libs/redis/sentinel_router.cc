#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "libs/redis/backoff.h"
#include "libs/redis/router.h"

namespace broadsheet::redis {
namespace {

// How long a failover that leaves the old master running and connected can go unnoticed.
constexpr absl::Duration kAskAgain = absl::Seconds(1);

// Nothing: the reply names no server.
std::optional<Address> ReadMaster(const Reply& reply) {
  Address address;
  if (reply.list.size() != 2 || reply.list[0].kind != Reply::Kind::kText ||
      reply.list[1].kind != Reply::Kind::kText || reply.list[0].text->empty() ||
      !absl::SimpleAtoi(*reply.list[1].text, &address.port) || address.port < 1 || address.port > 65535)
    return std::nullopt;
  address.host = *reply.list[0].text;
  return address;
}

// Asks one sentinel again and again, the next one when it does not answer or names a master that is none.
class SentinelRouter final : public Router {
 public:
  SentinelRouter(const Surroundings& around, std::vector<Address> sentinels, std::string master_name)
      : around_(around),
        sentinels_(std::move(sentinels)),
        master_name_(std::move(master_name)),
        retired_(around.loop),
        backoff_(around.options.min_retry, around.options.max_retry),
        timer_(around.loop, [this] { Ask(); }) {
    UseNextSentinel();
  }
  ~SentinelRouter() override {
    retired_.Clear();
    sentinel_ = nullptr;
    const std::unique_ptr<Node> ended = std::move(master_);
  }

  void Route(const std::shared_ptr<Operation>& operation) override;

 private:
  void UseNextSentinel();
  void OnSentinelChanged();
  void Ask();
  void OnAnswer(const absl::StatusOr<Reply>& reply);
  void LeaveSentinel();
  void UseMaster(const Address& address);
  void OnMasterChanged();

  const Surroundings around_;
  const std::vector<Address> sentinels_;
  const std::string master_name_;
  std::size_t next_ = 0;
  Retired<Node> retired_;
  std::unique_ptr<Node> sentinel_;  // null: between two
  std::unique_ptr<Node> master_;    // null: not known yet
  bool asking_ = false;
  Backoff backoff_;
  EventLoop::Timer timer_;
};

void SentinelRouter::Route(const std::shared_ptr<Operation>& operation) {
  if (master_ == nullptr) return operation->End(absl::UnavailableError("the master is not known"));
  Node* const asked = master_.get();
  asked->Send(std::exchange(operation->command, {}),
              {.deadline = operation->deadline, .place = operation->place},
              [this, asked, operation](absl::StatusOr<Reply> reply) {
                if (absl::StartsWith(reply.status().message(), "READONLY")) {
                  reply = absl::UnavailableError("it is not the master any more");
                  if (asked == master_.get()) master_->GiveUp(std::string(reply.status().message()));
                }
                operation->End(std::move(reply));
              });
}

void SentinelRouter::UseNextSentinel() {
  asking_ = false;
  sentinel_ = std::make_unique<Node>(around_, sentinels_[next_++ % sentinels_.size()], Node::Role::kSentinel,
                                     [this] { OnSentinelChanged(); });
}

void SentinelRouter::OnSentinelChanged() { sentinel_->available() ? Ask() : LeaveSentinel(); }

void SentinelRouter::Ask() {
  if (sentinel_ == nullptr) return UseNextSentinel();
  if (!sentinel_->available() || std::exchange(asking_, true)) return;
  const Node* const asked = sentinel_.get();
  const Time deadline =
      std::chrono::steady_clock::now() + absl::ToChronoNanoseconds(around_.options.connect_timeout);
  sentinel_->Send({"SENTINEL", "GET-MASTER-ADDR-BY-NAME", master_name_},
                  {.deadline = deadline, .place = nullptr},
                  [this, asked](const absl::StatusOr<Reply>& reply) {
                    if (asked == sentinel_.get()) OnAnswer(reply);
                  });
}

void SentinelRouter::OnAnswer(const absl::StatusOr<Reply>& reply) {
  asking_ = false;
  if (!reply.ok()) return LeaveSentinel();
  const std::optional<Address> named = ReadMaster(*reply);
  if (!named) {
    around_.status.Problem("a sentinel is of no use", sentinel_->address(),
                           absl::StrCat("it knows no master \"", master_name_, "\""));
    return LeaveSentinel();
  }
  if (master_ == nullptr || *named != master_->address()) {
    UseMaster(*named);
  } else if (!master_->available()) {
    return LeaveSentinel();  // another one may know of another master
  }
  backoff_.Reset();
  timer_.Set(kAskAgain);
}

void SentinelRouter::LeaveSentinel() {
  sentinel_->Close();
  retired_.Add(std::move(sentinel_));
  timer_.Set(backoff_.Next());
}

void SentinelRouter::UseMaster(const Address& address) {
  if (master_) {
    master_->Close();
    retired_.Add(std::move(master_));
  }
  master_ = std::make_unique<Node>(around_, address, Node::Role::kMaster, [this] { OnMasterChanged(); });
  around_.status.SetAvailable(false, 1, 0);
}

void SentinelRouter::OnMasterChanged() {
  around_.status.SetAvailable(master_->available(), 1, master_->available());
  if (!master_->available()) Ask();
}

}  // namespace

std::unique_ptr<Router> RouteToMaster(const Surroundings& around, std::vector<Address> sentinels,
                                      std::string master_name) {
  return std::make_unique<SentinelRouter>(around, std::move(sentinels), std::move(master_name));
}

}  // namespace broadsheet::redis
