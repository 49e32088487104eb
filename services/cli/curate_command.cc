#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "services/cli/command.h"

namespace broadsheet::cli {

namespace {

constexpr absl::string_view kCurateHelp =
    "usage: broadsheet curate [FLAGS] [ID…]\n"
    "\n"
    "Chooses the stories that stand first on the front or on a section's page, in this order; the rest of "
    "the\n"
    "page fills itself. Stories that are not public yet are shown once they are. Without stories, prints "
    "what\n"
    "is chosen, one id a line.\n"
    "\n"
    "flags:\n"
    "  --section=ID   the section's page instead of the front\n"
    "  --cancel       choose nothing: the page fills itself\n"
    "\n"
    "examples:\n"
    "  broadsheet curate sea-wall-opens ferry-returns\n"
    "  broadsheet curate --section=sport cup-final\n"
    "  broadsheet curate --section=sport --cancel\n";

std::string PageName(const CommandOptions& options) {
  return options.section.empty() ? "front" : "section " + options.section;
}

int PrintChoice(const CommandOptions& options, Backends& backends) {
  const auto curation = backends.GetCuration(options.section);
  if (!curation.ok()) {
    PrintFailure(options.err, PageName(options), curation.status());
    return kSomethingFailed;
  }
  for (const std::string& id : curation->article_ids()) Print(options.out, id);
  return kDone;
}

int RunCurate(const CommandOptions& options) {
  if (options.cancel && !options.arguments.empty()) {
    Print(options.err, "broadsheet curate: --cancel goes without stories; see broadsheet curate --help");
    return kWrongUsage;
  }
  Backends backends(options.backends);
  if (!options.cancel && options.arguments.empty()) return PrintChoice(options, backends);
  article::v1::PutCurationRequest request;
  request.set_request_id(FreshRequestId());
  request.mutable_curation()->set_section_id(options.section);
  request.mutable_curation()->mutable_article_ids()->Assign(options.arguments.begin(),
                                                            options.arguments.end());
  const auto response = backends.PutCuration(request);
  if (!response.ok()) {
    PrintFailure(options.err, PageName(options), response.status());
    return kSomethingFailed;
  }
  const std::string known = DescribePropagation(response->propagation());
  const auto& ids = response->curation().article_ids();
  Print(options.out, absl::StrCat(PageName(options), ": ",
                                  ids.empty() ? "fills itself" : absl::StrJoin(ids, ", ") + " first",
                                  known.empty() ? "" : ", ", known));
  return kDone;
}

}  // namespace

Command CurateCommand() {
  return {"curate",
          "Choose what stands first on the front or a section's page.",
          kCurateHelp,
          {"section", "cancel"},
          RunCurate};
}

}  // namespace broadsheet::cli
