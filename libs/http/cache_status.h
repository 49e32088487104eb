#ifndef BROADSHEET_LIBS_HTTP_CACHE_STATUS_H_
#define BROADSHEET_LIBS_HTTP_CACHE_STATUS_H_

#include <optional>
#include <string>
#include <string_view>

#include "absl/time/time.h"

namespace broadsheet::http {

// One member of a Cache-Status field (RFC 9211).
struct CacheStatus {
  std::string_view cache = "broadsheet";  // who speaks
  bool hit = false;
  std::string_view forward = "";  // why it was not a hit: "miss", "stale", "uri-miss", "bypass", "partial", …
  std::optional<int> forward_status;
  std::optional<absl::Duration> ttl;  // remaining freshness, whole seconds; negative when stale
  bool stored = false;
  bool collapsed = false;  // joined another request's work
  std::string_view key = "";
  std::string_view detail = "";  // "memory", "redis", "stale-unavailable", …
};

// `broadsheet; hit; ttl=4; detail=memory`. Strings are quoted and bytes a quoted string cannot hold are left
// out.
std::string FormatCacheStatus(const CacheStatus& status);

}  // namespace broadsheet::http

#endif  // BROADSHEET_LIBS_HTTP_CACHE_STATUS_H_
