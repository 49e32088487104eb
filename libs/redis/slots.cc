#include "libs/redis/slots.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"

namespace broadsheet::redis {
namespace {

constexpr std::array<std::uint16_t, 256> MakeCrcTable() {
  std::array<std::uint16_t, 256> table{};
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    std::uint32_t crc = byte << 8U;
    for (int bit = 0; bit < 8; ++bit) crc = (crc & 0x8000U) != 0 ? (crc << 1U) ^ 0x1021U : crc << 1U;
    table.at(byte) = static_cast<std::uint16_t>(crc);
  }
  return table;
}

std::uint16_t Crc16(std::string_view text) {
  static constexpr std::array<std::uint16_t, 256> kTable = MakeCrcTable();
  std::uint32_t crc = 0;
  for (const char each : text) {
    const std::uint32_t index = ((crc >> 8U) ^ static_cast<unsigned char>(each)) & 0xFFU;
    crc = ((crc << 8U) ^ kTable.at(index)) & 0xFFFFU;
  }
  return static_cast<std::uint16_t>(crc);
}

// Commands with one key, their first argument.
constexpr std::array<absl::string_view, 7> kOfOneKey = {"GET",     "SET",    "PTTL", "TTL",
                                                        "PEXPIRE", "STRLEN", "TYPE"};
// Commands all of whose arguments are keys.
constexpr std::array<absl::string_view, 5> kOfKeys = {"DEL", "EXISTS", "UNLINK", "MGET", "TOUCH"};

bool Contains(const auto& list, absl::string_view name) {
  return std::find(list.begin(), list.end(), name) != list.end();
}

absl::Status Unreadable() { return absl::FailedPreconditionError("the answer is no map of slots"); }

bool IsSlot(std::int64_t number) { return number >= 0 && number < kSlots; }

std::optional<SlotRange> ReadRange(const Reply& reply) {
  const std::vector<Reply>& parts = reply.list;  // first, last, master, replicas
  if (parts.size() < 3 || !IsSlot(parts[0].integer) || !IsSlot(parts[1].integer) || parts[2].list.size() < 2)
    return std::nullopt;
  const Reply& host = parts[2].list[0];
  const std::int64_t port = parts[2].list[1].integer;
  if (port < 1 || port > 65535) return std::nullopt;
  // Nothing and "?" are what a node says that has not been told its address.
  const bool known = host.kind == Reply::Kind::kText && *host.text != "?";
  return SlotRange{
      .first = static_cast<int>(parts[0].integer),
      .last = static_cast<int>(parts[1].integer),
      .master = {.socket_path = "", .host = known ? *host.text : "", .port = static_cast<int>(port)}};
}

}  // namespace

int KeySlot(std::string_view key) {
  const std::size_t open = key.find('{');
  if (open != std::string_view::npos) {
    const std::size_t close = key.find('}', open + 1);
    if (close != std::string_view::npos && close > open + 1) key = key.substr(open + 1, close - open - 1);
  }
  return Crc16(key) % kSlots;
}

absl::StatusOr<int> CommandSlot(const std::vector<std::string>& command) {
  const std::string name = command.empty() ? "" : absl::AsciiStrToUpper(command[0]);
  const bool many = Contains(kOfKeys, name);
  if (command.size() < 2 || (!many && !Contains(kOfOneKey, name)))
    return absl::FailedPreconditionError(absl::StrCat("which node answers \"", name, "\" is not known"));
  const int slot = KeySlot(command[1]);
  for (std::size_t i = 2; many && i < command.size(); ++i) {
    if (KeySlot(command[i]) != slot)
      return absl::FailedPreconditionError("keys of different slots cannot share a command");
  }
  return slot;
}

std::optional<Redirection> ReadRedirection(const absl::Status& status) {
  if (!absl::IsFailedPrecondition(status)) return std::nullopt;
  const std::vector<absl::string_view> words = absl::StrSplit(status.message(), ' ');
  if (words.size() < 3 || (words[0] != "MOVED" && words[0] != "ASK")) return std::nullopt;
  Redirection to;
  to.kind = words[0] == "ASK" ? Redirection::Kind::kAsk : Redirection::Kind::kMoved;
  const std::size_t colon = words[2].rfind(':');  // an IPv6 address comes without brackets
  if (colon == absl::string_view::npos || !absl::SimpleAtoi(words[1], &to.slot) || !IsSlot(to.slot) ||
      !absl::SimpleAtoi(words[2].substr(colon + 1), &to.address.port) || to.address.port < 1 ||
      to.address.port > 65535)
    return std::nullopt;
  const absl::string_view host = words[2].substr(0, colon);
  if (host != "?") to.address.host = std::string(host);
  return to;
}

bool IsPassing(const absl::Status& status) {
  if (!absl::IsFailedPrecondition(status)) return false;
  constexpr std::array<absl::string_view, 4> kPassing = {"TRYAGAIN", "CLUSTERDOWN", "LOADING", "MASTERDOWN"};
  return Contains(kPassing, status.message().substr(0, status.message().find(' ')));
}

absl::StatusOr<std::vector<SlotRange>> ReadSlots(const Reply& reply) {
  if (reply.kind != Reply::Kind::kList || reply.list.size() > kSlots) return Unreadable();
  std::vector<SlotRange> ranges;
  for (const Reply& item : reply.list) {
    std::optional<SlotRange> range = ReadRange(item);
    if (!range) return Unreadable();
    ranges.push_back(*std::move(range));
  }
  return ranges;
}

}  // namespace broadsheet::redis
