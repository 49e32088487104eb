#include <utility>

#include "libs/redis/router.h"

namespace broadsheet::redis {
namespace {

class ServerRouter final : public Router {
 public:
  ServerRouter(const Surroundings& around, const Address& address)
      : node_(around, address, Node::Role::kAny, [this, &status = around.status] {
          status.SetAvailable(node_.available(), 1, node_.available());
        }) {}

  void Route(const std::shared_ptr<Operation>& operation) override {
    node_.Send(std::exchange(operation->command, {}),
               {.deadline = operation->deadline, .place = operation->place},
               [operation](absl::StatusOr<Reply> reply) { operation->End(std::move(reply)); });
  }

 private:
  Node node_;
};

}  // namespace

std::unique_ptr<Router> RouteToServer(const Surroundings& around, const Address& address) {
  return std::make_unique<ServerRouter>(around, address);
}

}  // namespace broadsheet::redis
