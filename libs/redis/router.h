#ifndef BROADSHEET_LIBS_REDIS_ROUTER_H_
#define BROADSHEET_LIBS_REDIS_ROUTER_H_

#include <memory>
#include <string>
#include <vector>

#include "libs/redis/address.h"
#include "libs/redis/node.h"
#include "libs/redis/operation.h"

namespace broadsheet::redis {

// Knows which node an operation goes to, and says in ClientStatus whether any is there. Made, used and
// destroyed on the loop's thread.
class Router {
 public:
  virtual ~Router() = default;
  // Ends the operation, by its deadline.
  virtual void Route(const std::shared_ptr<Operation>& operation) = 0;
};

std::unique_ptr<Router> RouteToServer(const Surroundings& around, const Address& address);

// To the master that the sentinels name.
std::unique_ptr<Router> RouteToMaster(const Surroundings& around, std::vector<Address> sentinels,
                                      std::string master_name);

// To the master of the key's slot. `seeds`: nodes to ask for the map of slots.
std::unique_ptr<Router> RouteToSlots(const Surroundings& around, std::vector<Address> seeds);

}  // namespace broadsheet::redis

#endif  // BROADSHEET_LIBS_REDIS_ROUTER_H_
