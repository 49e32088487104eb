#ifndef BROADSHEET_SERVICES_GATEWAY_LAST_GOOD_PAGES_H_
#define BROADSHEET_SERVICES_GATEWAY_LAST_GOOD_PAGES_H_

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "services/gateway/earlier_run.h"
#include "services/gateway/page_entry.h"

// The two files in which a gateway leaves its most important pages to the next one in its place, as bytes. A
// record of ends belongs to one file of pages, by its name: pages without the record that belongs to them
// must not be shown, because what was withdrawn after they were written is not known then.
namespace broadsheet::gateway {

// Files larger than this are neither written nor read.
inline constexpr std::size_t kMaxLastGoodBytes = 64u << 20;

struct LastGoodPages {
  std::string site;         // address of the site they are pages of
  std::string record_name;  // of the record that belongs to them
  std::vector<std::shared_ptr<const PageEntry>> pages;
};

// "BSLG", a schema number, a digest of the rest, a StoredLastGood. Each page must have been vouched for.
std::string EncodeLastGoodPages(const LastGoodPages& pages);
// The reverse; nothing for whatever is not, byte for byte, what EncodeLastGoodPages of this schema made. Safe
// with any input.
std::optional<LastGoodPages> DecodeLastGoodPages(std::string_view bytes, std::string_view security_policy);

// The first line of a record, and one line for each end. A line is a digest and what it is of.
std::string EncodeRecordName(std::string_view name);
std::string EncodeEnd(const End& end);

struct EndRecord {
  std::string name;
  std::vector<End> ends;
};
// The reverse of lines put together. A last line without its line feed was never acknowledged and counts for
// nothing; if anything else is not as it was written, neither does the whole record.
std::optional<EndRecord> DecodeEndRecord(std::string_view bytes);

}  // namespace broadsheet::gateway

#endif  // BROADSHEET_SERVICES_GATEWAY_LAST_GOOD_PAGES_H_
