#ifndef BROADSHEET_SERVICES_CLI_IMPORTERS_NINJS_OWN_H_
#define BROADSHEET_SERVICES_CLI_IMPORTERS_NINJS_OWN_H_

#include <string>
#include <vector>

#include "services/cli/importers/edition.h"
#include "services/cli/importers/news_item.h"

// What ninjs has no property for, as an exported item says it; see own_uri.h.
namespace broadsheet::cli {

// Names and roles that the exporter writes and the importer knows.
inline constexpr char kNinjsLead[] = "lead";        // association: the lead image
inline constexpr char kNinjsFollows[] = "follows";  // association: the story continued
inline constexpr char kNinjsKicker[] = "kicker";    // headline
// Roles of alternative ids. What readers cannot see is `withheld` to everybody else; these say why.
inline constexpr char kNinjsPath[] = "broadsheet:path";
inline constexpr char kNinjsState[] = "broadsheet:state";          // "draft"
inline constexpr char kNinjsScheduled[] = "broadsheet:scheduled";  // when it is to be published, RFC 3339
inline constexpr char kNinjsCoverageEnded[] = "broadsheet:coverage-ended";  // of a live story, RFC 3339

// Whether the item is an export of ours, of ninjs: only that is believed what it says of the newsroom's
// things.
bool IsOurs(const NewsItem& item);

// Reads section, authors, related stories, the story continued, kicker, path and the end of coverage.
void ReadOwnNinjs(const NewsItem& item, ImportedArticle& article);

// What the item says of the editing, in place of its `pubstatus`; leaves the article as it is if it says
// nothing.
void ReadOwnState(const NewsItem& item, ImportedArticle& article);

// Whether a byline only lists the names of the authors that the item names as ours.
bool IsListOfNames(const std::string& byline, const std::vector<NewsItem::Concept>& people);

// The names as a byline.
std::string ListOfNames(const std::vector<std::string>& names);

}  // namespace broadsheet::cli

#endif  // BROADSHEET_SERVICES_CLI_IMPORTERS_NINJS_OWN_H_
