#ifndef BROADSHEET_SERVICES_GATEWAY_STORED_PAGE_H_
#define BROADSHEET_SERVICES_GATEWAY_STORED_PAGE_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "services/gateway/page_entry.h"

namespace broadsheet::gateway {

// Pages larger than this, uncoded, are neither stored nor read.
inline constexpr std::size_t kMaxStoredPageBytes = 16 * 1024 * 1024;

// The page as bytes for a store outside this process: "BSPG", a schema number, http::Checksum of the rest in
// 16 hexadecimal digits, a StoredPage.
// `epoch`: see PageStore.
std::string EncodeStoredPage(const PageEntry& entry, std::int64_t epoch = 0);

// The reverse; null for whatever is not, byte for byte, what EncodeStoredPage of this schema made for `path`.
// Safe with any input. With `uncoded` (see PageBody) it is not unpacked: that its gzip holds as many bytes as
// it says is believed until somebody asks for them. With `owner`, of which `bytes` is a view, the page keeps
// that instead of a copy of its gzip.
std::shared_ptr<const PageEntry> DecodeStoredPage(std::string_view bytes, std::string_view path,
                                                  std::string_view security_policy,
                                                  std::shared_ptr<http::UncodedBodies> uncoded,
                                                  std::shared_ptr<const std::string> owner = nullptr);

}  // namespace broadsheet::gateway

#endif  // BROADSHEET_SERVICES_GATEWAY_STORED_PAGE_H_
