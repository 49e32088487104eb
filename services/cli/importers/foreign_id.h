#ifndef BROADSHEET_SERVICES_CLI_IMPORTERS_FOREIGN_ID_H_
#define BROADSHEET_SERVICES_CLI_IMPORTERS_FOREIGN_ID_H_

#include <string>

#include "absl/strings/string_view.h"

namespace broadsheet::cli {

// The id of a story that others name by `uri`: readable, and with a hash of the name, so that neither a story
// of the newsroom's own nor another name that reads the same has it. `origin` (a host, or what the file is
// called) is put before a name that says nothing of where it is from: "7" of "log.example" →
// "log-example-7-…". The scheme of a web address makes no difference.
std::string ForeignId(absl::string_view uri, absl::string_view origin);

// The host of a web address; empty if it is none.
std::string HostOf(absl::string_view url);

}  // namespace broadsheet::cli

#endif  // BROADSHEET_SERVICES_CLI_IMPORTERS_FOREIGN_ID_H_
