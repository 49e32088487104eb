#ifndef BROADSHEET_LIBS_REDIS_SLOTS_H_
#define BROADSHEET_LIBS_REDIS_SLOTS_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/redis/address.h"
#include "libs/redis/client.h"

namespace broadsheet::redis {

// The words of the Redis Cluster specification. All of this is pure.

inline constexpr int kSlots = 16384;

// CRC16 (XMODEM) of the key, or of what is between its first `{` and the next `}` if that is not empty,
// modulo the number of slots.
int KeySlot(std::string_view key);

// The slot of a command's keys. FAILED_PRECONDITION: it is not one of the commands whose keys are known here,
// has none, or has keys of different slots.
absl::StatusOr<int> CommandSlot(const std::vector<std::string>& command);

// Where a node sends a client on to.
struct Redirection {
  enum class Kind {
    kMoved,  // for good
    kAsk,    // this time, after ASKING
  };
  Kind kind = Kind::kMoved;
  int slot = 0;
  Address address;  // an empty host: the host of the node that says so
};

// Reads the status of a command that was answered with MOVED or ASK; nothing for any other.
std::optional<Redirection> ReadRedirection(const absl::Status& status);

// Whether the status is a node's answer that it, or the cluster, cannot serve the command now.
bool IsPassing(const absl::Status& status);

// Slots that one master serves.
struct SlotRange {
  int first = 0;
  int last = 0;
  Address master;  // an empty host: the host of the node that says so
};

// Reads the answer to CLUSTER SLOTS. FAILED_PRECONDITION: it is none.
absl::StatusOr<std::vector<SlotRange>> ReadSlots(const Reply& reply);

}  // namespace broadsheet::redis

#endif  // BROADSHEET_LIBS_REDIS_SLOTS_H_
