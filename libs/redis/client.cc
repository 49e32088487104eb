#include "libs/redis/client.h"

#include <algorithm>
#include <atomic>
#include <memory>
#include <utility>

#include "libs/redis/address.h"
#include "libs/redis/client_status.h"
#include "libs/redis/event_loop.h"
#include "libs/redis/operation.h"
#include "libs/redis/resolver.h"
#include "libs/redis/router.h"

namespace broadsheet::redis {
namespace {

// What is under way, bounded in number and bytes. Thread-safe.
class Admission {
 public:
  Admission(int max, std::size_t max_bytes) : max_(max), max_bytes_(max_bytes) {}

  // A place, given back when the last copy is gone; null: there is none.
  std::shared_ptr<void> Admit(std::size_t bytes) {
    if (in_flight_.fetch_add(1) >= max_ || bytes_.load() + bytes > max_bytes_) {
      --in_flight_;
      return nullptr;
    }
    bytes_ += bytes;
    return {this, [bytes](Admission* admission) {
              --admission->in_flight_;
              admission->bytes_ -= bytes;
            }};
  }
  std::int64_t in_flight() const { return in_flight_; }

 private:
  const std::int64_t max_;
  const std::size_t max_bytes_;
  std::atomic<std::int64_t> in_flight_ = 0;
  std::atomic<std::size_t> bytes_ = 0;
};

std::unique_ptr<Router> MakeRouter(const Surroundings& around, const Deployment& deployment) {
  switch (deployment.kind) {
    case Deployment::Kind::kSentinel:
      return RouteToMaster(around, deployment.addresses, deployment.master_name);
    case Deployment::Kind::kCluster:
      return RouteToSlots(around, deployment.addresses);
    case Deployment::Kind::kStandalone:
      break;
  }
  return RouteToServer(around, deployment.addresses.front());
}

class RoutedClient final : public Client {
 public:
  // `loop`: the calling thread's; null: it has its own.
  RoutedClient(ClientOptions options, const Deployment& deployment, event_base* loop);
  ~RoutedClient() override;

  void Execute(std::vector<std::string> command, absl::Duration timeout, Callback<Reply> done) override;
  using Client::Execute;
  bool available() const override { return status_.available(); }
  State state() const override;

 private:
  void Fail(const Callback<Reply>& done, const absl::Status& status);
  // Counts the result, and hands it on.
  Callback<Reply> Counted(Callback<Reply> done);

  const ClientOptions options_;
  ClientStatus status_;
  Admission admission_;
  std::atomic<bool> closing_ = false;
  std::unique_ptr<Router> router_;  // the loop's thread only
  EventLoop loop_;                  // its thread uses all the above
  Resolver resolver_{loop_};
};

RoutedClient::RoutedClient(ClientOptions options, const Deployment& deployment, event_base* loop)
    : Client(options.max_value_bytes),
      options_(std::move(options)),
      status_(/*shown=*/loop == nullptr),
      admission_(options_.max_in_flight, options_.max_in_flight_bytes),
      loop_(loop) {
  loop_.Post([this, deployment] { router_ = MakeRouter({loop_, resolver_, options_, status_}, deployment); });
}

RoutedClient::~RoutedClient() {
  closing_ = true;
  loop_.Stop([this] { router_ = nullptr; });
}

void RoutedClient::Execute(std::vector<std::string> command, absl::Duration timeout, Callback<Reply> done) {
  if (!available() || closing_) return Fail(done, absl::UnavailableError("Redis is not available"));
  std::size_t bytes = 0;
  for (const std::string& argument : command) bytes += argument.size();
  std::shared_ptr<void> place = admission_.Admit(bytes);
  if (place == nullptr)
    return Fail(done, absl::ResourceExhaustedError("too many Redis operations are under way"));
  auto operation = std::make_shared<Operation>();
  operation->deadline =
      std::chrono::steady_clock::now() + absl::ToChronoNanoseconds(timeout > absl::ZeroDuration()
                                                                       ? std::min(timeout, absl::Hours(1))
                                                                       : options_.timeout);
  operation->command = std::move(command);
  operation->place = std::move(place);
  operation->done = Counted(std::move(done));
  loop_.Post([this, operation = std::move(operation)] {
    closing_ ? operation->End(absl::UnavailableError("")) : router_->Route(operation);
  });
}

void RoutedClient::Fail(const Callback<Reply>& done, const absl::Status& status) {
  status_.OperationEnded(status, absl::ZeroDuration());
  done(status);
}

Client::Callback<Reply> RoutedClient::Counted(Callback<Reply> done) {
  return [this, started = std::chrono::steady_clock::now(),
          done = std::move(done)](absl::StatusOr<Reply> reply) {
    if (!reply.ok() && closing_) reply = absl::CancelledError("the client is closing");
    status_.OperationEnded(reply.status(), absl::FromChrono(std::chrono::steady_clock::now() - started));
    done(std::move(reply));
  };
}

Client::State RoutedClient::state() const {
  State state = status_.state();
  state.in_flight = admission_.in_flight();
  return state;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Client>> Client::Start(ClientOptions options) {
  return StartHere(nullptr, std::move(options));
}

absl::StatusOr<std::unique_ptr<Client>> Client::StartHere(event_base* loop, ClientOptions options) {
  absl::StatusOr<Deployment> deployment = ParseDeployment(options.address);
  if (!deployment.ok()) return deployment.status();
  return std::make_unique<RoutedClient>(std::move(options), *deployment, loop);
}

}  // namespace broadsheet::redis
