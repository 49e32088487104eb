#include "libs/testing/real_redis_cluster.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <functional>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "libs/testing/free_port.h"

namespace broadsheet::test {
namespace {

constexpr int kSlots = 16384;

void Await(const char* what, const std::function<bool()>& condition) {
  const absl::Time deadline = absl::Now() + absl::Seconds(30);
  while (!condition()) {
    if (absl::Now() > deadline) {
      std::fprintf(stderr, "the Redis cluster does not come to be: %s\n", what);
      std::abort();
    }
    absl::SleepFor(absl::Milliseconds(10));
  }
}

bool Says(RealRedis& node, const std::vector<std::string>& command, const std::string& text) {
  return node.Command(command).find(text) != std::string::npos;
}

}  // namespace

RealRedisCluster::RealRedisCluster(int masters) : masters_(masters) {
  for (int i = 0; i < masters; ++i) {
    Add();
    node(i).Command({"CLUSTER", "SET-CONFIG-EPOCH", std::to_string(i + 1)});
    node(i).Command({"CLUSTER", "ADDSLOTSRANGE", std::to_string(kSlots * i / masters),
                     std::to_string(kSlots * (i + 1) / masters - 1)});
    if (i > 0) Join(i);
  }
  for (const auto& each : nodes_) {
    Await("all know all slots", [&] {
      return Says(*each, {"CLUSTER", "INFO"}, "cluster_state:ok") &&
             Says(*each, {"CLUSTER", "INFO"}, absl::StrCat("cluster_slots_ok:", kSlots));
    });
  }
}

int RealRedisCluster::Add() {
  bus_ports_.push_back(FreePort());
  nodes_.push_back(std::make_unique<RealRedis>(
      std::vector<std::string>{"--cluster-enabled", "yes", "--cluster-port",
                               std::to_string(bus_ports_.back()), "--cluster-node-timeout", "1000",
                               "--cluster-require-full-coverage", "no", "--repl-diskless-sync-delay", "0"}));
  return static_cast<int>(nodes_.size()) - 1;
}

void RealRedisCluster::Join(int index) {
  node(index).Command(
      {"CLUSTER", "MEET", "127.0.0.1", std::to_string(node(0).port()), std::to_string(bus_ports_[0])});
}

int RealRedisCluster::AddReplica(int master) {
  const int index = Add();
  Join(index);
  const std::string id_of_master = id(master);
  Await("the replica knows its master", [&] {
    return Says(node(index), {"CLUSTER", "REPLICATE", id_of_master}, "OK");
  });
  Await("the replica has what its master has", [&] {
    return Says(node(index), {"INFO", "replication"}, "master_link_status:up");
  });
  Await("the master knows its replica", [&] {
    return Says(node(master), {"CLUSTER", "NODES"}, absl::StrCat("slave ", id_of_master));
  });
  return index;
}

std::string RealRedisCluster::address() const {
  std::vector<std::string> addresses;
  for (int i = 0; i < masters_; ++i) addresses.push_back(nodes_[i]->tcp_address());
  return absl::StrCat("cluster://", absl::StrJoin(addresses, ","));
}

int RealRedisCluster::OwnerOf(int slot, int asked) {
  // Of a master: id address flags master ping pong epoch link slots…, where slots is a number or a range.
  for (const auto line : absl::StrSplit(node(asked).Command({"CLUSTER", "NODES"}), '\n')) {
    const std::vector<std::string> words = absl::StrSplit(line, ' ');
    for (std::size_t i = 8; i < words.size(); ++i) {
      const std::vector<std::string> range = absl::StrSplit(words[i], '-');
      int first = 0;
      int last = 0;
      if (!absl::SimpleAtoi(range.front(), &first) || !absl::SimpleAtoi(range.back(), &last) ||
          slot < first || slot > last)
        continue;
      for (std::size_t each = 0; each < nodes_.size(); ++each) {
        if (words[1].starts_with(nodes_[each]->tcp_address() + "@")) return static_cast<int>(each);
      }
    }
  }
  return -1;
}

}  // namespace broadsheet::test
