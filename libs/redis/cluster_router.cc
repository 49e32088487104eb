#include <algorithm>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "libs/redis/backoff.h"
#include "libs/redis/router.h"
#include "libs/redis/slots.h"

namespace broadsheet::redis {
namespace {

// Not counting those that were given to begin with. Slots of further ones are not served.
constexpr std::size_t kMaxNodes = 128;
constexpr int kMaxRedirections = 3;
// How long a node that has no slots yet is kept after a slot on its way to it was asked for.
constexpr absl::Duration kKeepUnmapped = absl::Minutes(1);

Time Now() { return std::chrono::steady_clock::now(); }

class ClusterRouter final : public Router {
 public:
  ClusterRouter(const Surroundings& around, std::vector<Address> seeds)
      : around_(around),
        seeds_(std::move(seeds)),
        slots_(kSlots, nullptr),
        retired_(around.loop),
        backoff_(around.options.min_retry, around.options.max_retry),
        refresh_timer_(around.loop, [this] { Refresh(); }) {
    AddSeeds();
  }
  ~ClusterRouter() override {
    retired_.Clear();
    const auto ended = std::exchange(members_, {});
  }

  void Route(const std::shared_ptr<Operation>& operation) override;

 private:
  struct Member {
    std::unique_ptr<Node> node;
    bool mapped = false;            // has slots
    Time last_asked = Time::min();  // when another node sent an operation here
  };

  void Send(Node& node, const std::shared_ptr<Operation>& operation, bool asking);
  void Redirect(const std::shared_ptr<Operation>& operation, Redirection to, const Address& from);

  Member* Find(const Address& address);
  Member* FindOrAdd(const Address& address);
  Member& Add(const Address& address);
  void AddSeeds();
  void OnNodeChanged();

  // Asks for the map of slots before long; once at a time, and not more often than the back-off allows.
  void WantRefresh();
  void Refresh();
  Node* AnyAvailable();
  void OnSlots(const absl::StatusOr<Reply>& reply, const Address& from);
  void RetireAllBut(const std::set<std::string>& mapped);

  const Surroundings around_;
  const std::vector<Address> seeds_;
  std::map<std::string, Member> members_;  // by ToText of the address
  std::vector<Node*> slots_;               // the master of each; null: not known
  bool known_ = false;                     // the map has been read
  Retired<Node> retired_;

  bool wanted_ = false;  // a refresh is to come
  bool asking_ = false;  // one is under way
  Time last_refresh_;    // when it began
  Time next_refresh_;    // not before
  Backoff backoff_;
  EventLoop::Timer refresh_timer_;
  std::minstd_rand random_{std::random_device{}()};
};

// ---------------------------------------------------------------- operations

void ClusterRouter::Route(const std::shared_ptr<Operation>& operation) {
  const absl::StatusOr<int> slot = CommandSlot(operation->command);
  if (!slot.ok()) return operation->End(slot.status());
  Node* const node = slots_[*slot];
  if (node != nullptr) return Send(*node, operation, false);
  WantRefresh();
  operation->End(absl::UnavailableError(absl::StrCat("no node is known to have slot ", *slot)));
}

void ClusterRouter::Send(Node& node, const std::shared_ptr<Operation>& operation, bool asking) {
  node.Send(operation->command,
            {.deadline = operation->deadline, .place = operation->place, .asking = asking},
            [this, operation, from = node.address()](absl::StatusOr<Reply> reply) {
              if (const auto to = ReadRedirection(reply.status())) return Redirect(operation, *to, from);
              if (IsPassing(reply.status())) {
                WantRefresh();
                reply = absl::UnavailableError(reply.status().message());
              }
              operation->End(std::move(reply));
            });
}

void ClusterRouter::Redirect(const std::shared_ptr<Operation>& operation, Redirection to,
                             const Address& from) {
  if (to.address.host.empty()) to.address.host = from.host;
  Member* const member = FindOrAdd(to.address);
  const bool moved = to.kind == Redirection::Kind::kMoved;
  if (moved) {
    if (member != nullptr) slots_[to.slot] = member->node.get();
    WantRefresh();
  }
  if (member == nullptr || ++operation->redirections > kMaxRedirections)
    return operation->End(absl::UnavailableError("the cluster sends the command on and on"));
  if (Now() >= operation->deadline)
    return operation->End(absl::DeadlineExceededError("Redis did not answer in time"));
  member->last_asked = Now();
  Send(*member->node, operation, !moved);
}

// ---------------------------------------------------------------- nodes

ClusterRouter::Member* ClusterRouter::Find(const Address& address) {
  const auto found = members_.find(ToText(address));
  return found == members_.end() ? nullptr : &found->second;
}

ClusterRouter::Member* ClusterRouter::FindOrAdd(const Address& address) {
  if (Member* const member = Find(address)) return member;
  return members_.size() < kMaxNodes + seeds_.size() ? &Add(address) : nullptr;
}

ClusterRouter::Member& ClusterRouter::Add(const Address& address) {
  Member& member = members_[ToText(address)];
  member.node = std::make_unique<Node>(around_, address, Node::Role::kAny, [this] { OnNodeChanged(); });
  return member;
}

void ClusterRouter::AddSeeds() {
  for (const Address& seed : seeds_) {
    if (Find(seed) == nullptr) Add(seed);
  }
}

void ClusterRouter::OnNodeChanged() {
  int mapped = 0;
  int available = 0;
  bool all = known_;
  for (const auto& [name, member] : members_) {
    all = all && member.node->available();
    mapped += member.mapped ? 1 : 0;
    available += member.mapped && member.node->available() ? 1 : 0;
  }
  around_.status.SetAvailable(available > 0, mapped, available);
  if (!all) WantRefresh();
}

// ---------------------------------------------------------------- the map of slots

void ClusterRouter::WantRefresh() {
  if (std::exchange(wanted_, true) || asking_) return;
  const Time now = Now();
  // After a quiet time the first one is not held up.
  if (now - last_refresh_ > absl::ToChronoNanoseconds(2 * around_.options.max_retry)) {
    backoff_.Reset();
    next_refresh_ = now;
  }
  refresh_timer_.Set(absl::FromChrono(next_refresh_ - now));
}

Node* ClusterRouter::AnyAvailable() {
  std::vector<Node*> candidates;
  for (const auto& [name, member] : members_) {
    if (member.node->available()) candidates.push_back(member.node.get());
  }
  if (candidates.empty()) return nullptr;
  return candidates[std::uniform_int_distribution<std::size_t>(0, candidates.size() - 1)(random_)];
}

void ClusterRouter::Refresh() {
  wanted_ = false;
  Node* const node = AnyAvailable();
  if (node == nullptr) return AddSeeds();  // the first that answers wants the refresh again
  asking_ = true;
  last_refresh_ = Now();
  next_refresh_ = last_refresh_ + absl::ToChronoNanoseconds(backoff_.Next());
  const Time deadline = last_refresh_ + absl::ToChronoNanoseconds(around_.options.connect_timeout);
  node->Send({"CLUSTER", "SLOTS"}, {.deadline = deadline, .place = nullptr},
             [this, from = node->address()](const absl::StatusOr<Reply>& reply) {
               asking_ = false;
               OnSlots(reply, from);
               if (std::exchange(wanted_, false)) WantRefresh();
             });
}

void ClusterRouter::OnSlots(const absl::StatusOr<Reply>& reply, const Address& from) {
  absl::StatusOr<std::vector<SlotRange>> ranges = reply.ok() ? ReadSlots(*reply) : reply.status();
  // One that has been reset must not empty the map.
  if (ranges.ok() && ranges->empty()) ranges = absl::FailedPreconditionError("it knows of no slots");
  if (!ranges.ok()) {
    if (absl::IsFailedPrecondition(ranges.status()))
      around_.status.Problem("no map of the Redis cluster", from, std::string(ranges.status().message()));
    return WantRefresh();
  }
  std::set<std::string> mapped;
  for (SlotRange& range : *ranges) {
    if (range.master.host.empty()) range.master.host = from.host;
    mapped.insert(ToText(range.master));
  }
  RetireAllBut(mapped);
  slots_.assign(kSlots, nullptr);
  for (const SlotRange& range : *ranges) {
    Member* const member = FindOrAdd(range.master);
    if (member == nullptr) continue;
    member->mapped = true;
    for (int slot = range.first; slot <= range.last; ++slot) slots_[slot] = member->node.get();
  }
  known_ = true;
  OnNodeChanged();
  if (std::find(slots_.begin(), slots_.end(), nullptr) != slots_.end()) WantRefresh();
}

void ClusterRouter::RetireAllBut(const std::set<std::string>& mapped) {
  const Time long_ago = Now() - absl::ToChronoNanoseconds(kKeepUnmapped);
  for (auto each = members_.begin(); each != members_.end();) {
    Member& member = each->second;
    member.mapped = false;
    if (mapped.contains(each->first) || member.last_asked > long_ago) {
      ++each;
      continue;
    }
    member.node->Close();
    retired_.Add(std::move(member.node));
    each = members_.erase(each);
  }
}

}  // namespace

std::unique_ptr<Router> RouteToSlots(const Surroundings& around, std::vector<Address> seeds) {
  return std::make_unique<ClusterRouter>(around, std::move(seeds));
}

}  // namespace broadsheet::redis
