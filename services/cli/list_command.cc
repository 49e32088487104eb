#include <array>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "services/cli/command.h"
#include "services/cli/draft_text.h"
#include "services/cli/importers/problems.h"

namespace broadsheet::cli {

namespace v1 = article::v1;

namespace {

constexpr absl::string_view kListHelp =
    "usage: broadsheet list [FLAGS]\n"
    "\n"
    "Lists stories, last changed first: id, state, section and headline.\n"
    "\n"
    "flags:\n"
    "  --section=ID          only of this section\n"
    "  --state=STATE,…       only in one of these states: draft, scheduled, done (nothing newer than what "
    "was\n"
    "                        published); usable or published (the same), withheld, canceled\n"
    "  --json                print each story as one line of JSON (broadsheet.article.v1.Draft, without "
    "body)\n"
    "\n"
    "examples:\n"
    "  broadsheet list --section=harbour\n"
    "  broadsheet list --state=draft,scheduled\n"
    "  broadsheet list --state=withheld --json\n";

constexpr std::array<std::pair<absl::string_view, v1::EditState>, 3> kEditStates = {{
    {"draft", v1::EDIT_STATE_DRAFT},
    {"scheduled", v1::EDIT_STATE_SCHEDULED},
    {"done", v1::EDIT_STATE_DONE},
}};
constexpr std::array<std::pair<absl::string_view, v1::PubStatus>, 4> kPubStatuses = {{
    {"usable", v1::PUB_STATUS_USABLE},
    {"published", v1::PUB_STATUS_USABLE},  // as DescribeState says it
    {"withheld", v1::PUB_STATUS_WITHHELD},
    {"canceled", v1::PUB_STATUS_CANCELED},
}};

// False if there is no such state.
bool AddState(absl::string_view name, v1::ListDraftsRequest& request) {
  for (const auto& [known, state] : kEditStates) {
    if (name == known) return request.add_edit_states(state), true;
  }
  for (const auto& [known, status] : kPubStatuses) {
    if (name == known) return request.add_pub_statuses(status), true;
  }
  return false;
}

std::string Row(const v1::Draft& draft) {
  return absl::StrFormat("%-32s  %-12s  %-10s  %s", draft.article_id(), DescribeState(draft),
                         draft.content().section_id(), draft.content().headline());
}

int RunList(const CommandOptions& options) {
  v1::ListDraftsRequest request;
  request.set_section_id(options.section);
  request.set_page_size(100);
  for (const std::string& state : options.states) {
    if (AddState(state, request)) continue;
    Print(options.err,
          absl::StrCat("broadsheet list: \"", state, "\" is no state; see broadsheet list --help"));
    return kWrongUsage;
  }
  if (!options.arguments.empty()) {
    Print(options.err, "broadsheet list: takes flags only; see broadsheet list --help");
    return kWrongUsage;
  }
  Backends backends(options.backends);
  do {
    const absl::StatusOr<v1::ListDraftsResponse> page = backends.ListDrafts(request);
    if (!page.ok()) {
      PrintFailure(options.err, "broadsheet list", page.status());
      return kSomethingFailed;
    }
    for (const v1::Draft& draft : page->drafts())
      Print(options.out, options.json ? ToJson(draft, /*one_line=*/true) : Row(draft));
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty());
  return kDone;
}

}  // namespace

Command ListCommand() {
  return {"list", "List stories, last changed first.", kListHelp, {"section", "state", "json"}, RunList};
}

}  // namespace broadsheet::cli
