#ifndef BROADSHEET_LIBS_TESTING_REAL_REDIS_CLUSTER_H_
#define BROADSHEET_LIBS_TESTING_REAL_REDIS_CLUSTER_H_

#include <memory>
#include <string>
#include <vector>

#include "libs/testing/real_redis.h"

namespace broadsheet::test {

// A Redis Cluster of the test's own, which serves the slots it has also when it has not all of them. The
// masters, from 0 on, share the slots evenly and in order. All of it answers when the constructor returns.
class RealRedisCluster {
 public:
  explicit RealRedisCluster(int masters = 3);

  // For redis::ClientOptions::address: every master there was at the start.
  std::string address() const;

  RealRedis& node(int index) { return *nodes_.at(index); }
  // The node's name in the cluster.
  std::string id(int index) { return node(index).Command({"CLUSTER", "MYID"}); }
  // The node that this node holds to be the master of the slot; -1: none.
  int OwnerOf(int slot, int asked = 0);

  // Adds a replica of the node and waits until it is one; its index.
  int AddReplica(int master);

 private:
  int Add();
  void Join(int index);

  std::vector<std::unique_ptr<RealRedis>> nodes_;
  std::vector<int> bus_ports_;
  const int masters_;
};

}  // namespace broadsheet::test

#endif  // BROADSHEET_LIBS_TESTING_REAL_REDIS_CLUSTER_H_
