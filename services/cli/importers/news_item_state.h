#ifndef BROADSHEET_SERVICES_CLI_IMPORTERS_NEWS_ITEM_STATE_H_
#define BROADSHEET_SERVICES_CLI_IMPORTERS_NEWS_ITEM_STATE_H_

#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "services/cli/importers/news_item.h"
#include "services/cli/importers/xml_reader.h"

// Whether and when an item may be public, which formats say in several places: the strictest counts. What
// says something that cannot be understood is never taken for leave to publish.
namespace broadsheet::cli {

// `status`: "usable", "withheld", "canceled"; another is stricter than usable, and refused by the import.
void AddPubStatus(absl::string_view status, NewsItem& item);
// `time`: as RFC 3339 has it; empty: an embargo whose end is not known, which leaves a draft.
void AddEmbargo(absl::string_view time, NewsItem& item);
void AddExpiry(absl::string_view time, NewsItem& item);
// What the `docdata` of a NITF document say.
void AddNitfState(const XmlElement& nitf, NewsItem& item);

// Whether its source has taken the item back.
bool IsTakenBack(absl::string_view pub_status);

// Why a picture may not be used at `now`: "is withheld"; empty if it may.
std::string KeptBackBecause(const NewsItem& picture, absl::Time now);

}  // namespace broadsheet::cli

#endif  // BROADSHEET_SERVICES_CLI_IMPORTERS_NEWS_ITEM_STATE_H_
