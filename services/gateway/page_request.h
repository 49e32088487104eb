#ifndef BROADSHEET_SERVICES_GATEWAY_PAGE_REQUEST_H_
#define BROADSHEET_SERVICES_GATEWAY_PAGE_REQUEST_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/gateway/page_entry.h"

// What the doors have in common: reading what was asked for. Pure.
namespace broadsheet::gateway {

// The decoded path of a request over gRPC, or what is wrong with it.
absl::StatusOr<std::string> ReadPath(const std::string& path);

// Whether `tag` has the form of one: INVALID_ARGUMENT if not.
absl::Status CheckTag(const std::string& tag);

// Whether a change of `tag` makes the page stale. One that nobody outside may learn of counts as none.
bool DependsOn(const PageEntry& entry, std::string_view tag);

// Whether a User-Agent field is that of a program that visits pages by itself and can come back later.
bool IsCrawler(std::string_view user_agent);

// Positions that a page must not be older than; 0: no such demand.
struct MinPositions {
  std::int64_t article = 0;
  std::int64_t media = 0;
  std::string article_log_id;  // of which log the position is; empty: not said
  std::string media_log_id;
};

// Of the field Broadsheet-Min-Position, `article=42, media=7` in any order, each at most once; a position may
// be followed by its log, `article=42@LOG`, whose id has at most 128 visible characters. INVALID_ARGUMENT for
// anything else. Empty: no demand.
absl::StatusOr<MinPositions> ReadMinPositions(std::string_view field);

// Of a query, the value of `since`; nothing if it is not there. Empty, so that it can be the id of no moment,
// if it is malformed or there twice. All else in a query means nothing.
std::optional<std::string> ReadSince(std::string_view query);

}  // namespace broadsheet::gateway

#endif  // BROADSHEET_SERVICES_GATEWAY_PAGE_REQUEST_H_
