#ifndef BROADSHEET_SERVICES_GATEWAY_BEACON_H_
#define BROADSHEET_SERVICES_GATEWAY_BEACON_H_

#include <cstddef>
#include <string>
#include <string_view>

#include "libs/http/request.h"

namespace broadsheet::gateway {

inline constexpr std::string_view kBeaconPath = "/beacon";
inline constexpr std::size_t kMaxBeaconBytes = 4096;  // two of the longest paths, coded

// What a page tells of having been read: two paths of the site and nothing of the reader.
struct Beacon {
  int status = 204;       // what to answer; anything else: the request is refused
  bool counts = false;    // whether it is to be counted
  std::string page = {};  // the story's path, decoded
  std::string from = {};  // the page of this site that the reader came from; empty: none
};

// Reads a POST to kBeaconPath, as navigator.sendBeacon sends a URLSearchParams: a form of the fields `page`
// and, optionally, `from`. Refuses what does not come from a page of this site or of `site_url` (403), other
// media types (415), larger bodies (413) and any other field (400). A reader who asks not to be tracked
// (Sec-GPC, DNT) is answered like everybody else and not counted. Reads no address, cookie or identifier.
// Pure.
Beacon ReadBeacon(const http::Request& request, std::string_view site_url);

}  // namespace broadsheet::gateway

#endif  // BROADSHEET_SERVICES_GATEWAY_BEACON_H_
