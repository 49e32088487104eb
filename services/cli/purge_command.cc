#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "services/cli/command.h"

namespace broadsheet::cli {

namespace {

constexpr absl::string_view kPurgeHelp =
    "usage: broadsheet purge [FLAGS] TAG|PATH\n"
    "\n"
    "Throws away the pages that show something, or the one at a public path, so that they are made anew. "
    "Without\n"
    "--confirm it only says which, how many and where, and prints the confirmation to be given.\n"
    "\n"
    "What readers see changes by itself when a story does; this is for pages made wrongly from right data. "
    "It asks\n"
    "one gateway, and Redis behind it; repeat it for each gateway.\n"
    "\n"
    "flags:\n"
    "  --gateway_address=HOST:PORT  which gateway (127.0.0.1:8081)\n"
    "  --confirm=TEXT               do it: what the same command printed without this flag\n"
    "  --even_if_unavailable        also while article is down, when readers get 503 in the pages' place, "
    "or\n"
    "                               Redis is, when pages may come back from there\n"
    "\n"
    "examples:\n"
    "  broadsheet purge section/harbour\n"
    "  broadsheet purge section/harbour --confirm=Jr2dPqUyUjyZb0Bb2FTuHg\n"
    "  broadsheet purge /harbour/lighthouse\n";

int RunPurge(const CommandOptions& options) {
  if (options.arguments.size() != 1) {
    Print(options.err, "broadsheet purge: takes one tag or path; see broadsheet purge --help");
    return kWrongUsage;
  }
  const std::string& selector = options.arguments.front();
  page::v1::PurgePagesRequest request;
  if (absl::StartsWith(selector, "/")) {
    request.set_path(selector);
  } else {
    request.set_tag(selector);
  }
  request.set_confirmation(options.confirm);
  request.set_even_if_unavailable(options.even_if_unavailable);
  Backends backends(options.backends);
  const absl::StatusOr<page::v1::PurgePagesResponse> response = backends.PurgePages(request);
  if (!response.ok()) {
    PrintFailure(options.err, selector, response.status());
    return kSomethingFailed;
  }
  std::string tiers;
  for (const page::v1::TierPages& tier : response->tiers())
    absl::StrAppend(&tiers, tiers.empty() ? "" : ", ",
                    EnumWord(page::v1::CacheTier_Name(tier.tier()), "CACHE_TIER_"), " ", tier.pages());
  Print(options.out, absl::StrCat(selector, ": ", response->purged() ? "thrown away: " : "would throw away: ",
                                  response->pages(), " pages (", tiers, ")"));
  for (const std::string& path : response->sample_paths()) Print(options.out, absl::StrCat("  ", path));
  if (response->purged()) return kDone;
  if (!response->owner_available())
    Print(options.out, "article cannot be followed: readers would get 503 in their place");
  if (!response->redis_available())
    Print(options.out, "Redis does not answer: pages that it has would come back");
  Print(options.out,
        absl::StrCat(
            "to do it: broadsheet purge ", selector, " --confirm=", response->confirmation(),
            response->owner_available() && response->redis_available() ? "" : " --even_if_unavailable"));
  return kDone;
}

}  // namespace

Command PurgeCommand() {
  return {"purge",
          "Throw pages away, to be made anew.",
          kPurgeHelp,
          {"gateway_address", "confirm", "even_if_unavailable"},
          RunPurge};
}

}  // namespace broadsheet::cli
