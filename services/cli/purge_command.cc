#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "services/cli/command.h"
#include "services/cli/gateway_addresses.h"

namespace broadsheet::cli {

namespace {

constexpr std::size_t kShownPaths = 20;

constexpr absl::string_view kPurgeHelp =
    "usage: broadsheet purge [FLAGS] TAG|PATH\n"
    "       broadsheet purge [FLAGS] --all\n"
    "\n"
    "Throws away the pages that show something, or the one at a public path, or all, so that they are made "
    "anew.\n"
    "Without --confirm it only says which, how many and where, and prints the confirmations to be given.\n"
    "\n"
    "What readers see changes by itself when a story does; this is for pages made wrongly from right data. "
    "Every\n"
    "gateway is asked that the address names, one after the other, and Redis behind it.\n"
    "\n"
    "flags:\n"
    "  --all                        all pages of the site, also those that only Redis has\n"
    "  --gateway_address=HOST:PORT  the gateways (127.0.0.1:8081): each address that HOST has; more of them "
    "after\n"
    "                               commas\n"
    "  --confirm=TEXT               do it: what the same command printed without this flag\n"
    "  --even_if_unavailable        also while article is down, when readers get 503 in the pages' place, "
    "or\n"
    "                               Redis is, when pages may come back from there\n"
    "\n"
    "examples:\n"
    "  broadsheet purge section/harbour\n"
    "  broadsheet purge section/harbour --confirm=Jr2dPqUyUjyZb0Bb2FTuHg\n"
    "  broadsheet purge --all --gateway_address=gateway:8081\n"
    "  broadsheet purge /harbour/lighthouse\n";

// What --confirm says: TEXT for every gateway, or ADDRESS=TEXT for each, with commas between them.
class Confirmations {
 public:
  explicit Confirmations(const std::string& text) : any_(!text.empty()) {
    if (!absl::StrContains(text, '=')) {
      for_every_ = text;
      return;
    }
    for (absl::string_view part : absl::StrSplit(text, ',')) {
      const std::pair<std::string, std::string> named = absl::StrSplit(part, absl::MaxSplits('=', 1));
      of_.insert(named);
    }
  }

  bool any() const { return any_; }
  // Empty: there is none.
  std::string Take(const std::string& address) {
    const auto found = of_.find(address);
    return found == of_.end() ? for_every_ : of_.extract(found).mapped();
  }
  // Whose were not taken.
  std::vector<std::string> left() const {
    std::vector<std::string> addresses;
    for (const auto& [address, confirmation] : of_) addresses.push_back(address);
    return addresses;
  }

 private:
  const bool any_;
  std::string for_every_;
  std::map<std::string, std::string> of_;
};

struct Answered {
  std::string address;
  page::v1::PurgePagesResponse response;
};

// What the gateways answered, and whether all of them did.
struct Purged {
  std::vector<Answered> answers;
  bool failed = false;
};

std::string SelectorText(const CommandOptions& options) {
  return options.all ? "--all" : options.arguments.front();
}

page::v1::PurgePagesRequest RequestOf(const CommandOptions& options) {
  page::v1::PurgePagesRequest request;
  if (options.all) {
    request.set_all(true);
  } else if (absl::StartsWith(options.arguments.front(), "/")) {
    request.set_path(options.arguments.front());
  } else {
    request.set_tag(options.arguments.front());
  }
  request.set_even_if_unavailable(options.even_if_unavailable);
  return request;
}

// A line for each gateway, when there are several with its address.
Purged AskAll(const CommandOptions& options, const std::vector<std::string>& addresses) {
  Confirmations confirmations(options.confirm);
  Purged purged;
  page::v1::PurgePagesRequest request = RequestOf(options);
  const auto fail = [&](const std::string& address, const absl::Status& status) {
    purged.failed = true;
    PrintFailure(options.err, addresses.size() == 1 ? SelectorText(options) : address, status);
  };
  for (const std::string& address : addresses) {
    request.set_confirmation(confirmations.Take(address));
    if (confirmations.any() && request.confirmation().empty()) {
      fail(address, absl::FailedPreconditionError("--confirm says nothing of this gateway"));
      continue;
    }
    Backends::Options to = options.backends;
    to.gateway_address = address;
    absl::StatusOr<page::v1::PurgePagesResponse> response = Backends(to).PurgePages(request);
    if (!response.ok()) {
      fail(address, response.status());
      continue;
    }
    std::string tiers;
    for (const page::v1::TierPages& tier : response->tiers())
      absl::StrAppend(&tiers, tiers.empty() ? "" : ", ",
                      EnumWord(page::v1::CacheTier_Name(tier.tier()), "CACHE_TIER_"), " ", tier.pages());
    Print(options.out,
          absl::StrCat(addresses.size() == 1 ? "" : absl::StrCat(address, ": "), SelectorText(options), ": ",
                       response->purged() ? "thrown away: " : "would throw away: ", response->pages(),
                       " pages (", tiers, ")"));
    purged.answers.push_back({address, *std::move(response)});
  }
  for (const std::string& address : confirmations.left()) {
    purged.failed = true;
    PrintFailure(options.err, address,
                 absl::NotFoundError("is not among the addresses of --gateway_address"));
  }
  return purged;
}

// Of all gateways, in alphabetical order.
void PrintSamples(const CommandOptions& options, const std::vector<Answered>& answers) {
  std::set<std::string> paths;
  for (const Answered& answer : answers)
    paths.insert(answer.response.sample_paths().begin(), answer.response.sample_paths().end());
  std::size_t shown = 0;
  for (const std::string& path : paths) {
    if (shown++ < kShownPaths) Print(options.out, absl::StrCat("  ", path));
  }
}

// What has to be given to do it: with several gateways each one's own, so that none is purged that has not
// said what it would throw away.
std::string ConfirmFlag(const std::vector<Answered>& answers, std::size_t gateways) {
  if (gateways == 1) return absl::StrCat("--confirm=", answers.front().response.confirmation());
  std::string of_each;
  for (const Answered& answer : answers) {
    absl::StrAppend(&of_each, of_each.empty() ? "" : ",", answer.address, "=",
                    answer.response.confirmation());
  }
  return absl::StrCat("--confirm=", of_each);
}

// With every flag that decides who is asked: run as it is printed, it asks the same gateways.
std::string CommandToDoIt(const CommandOptions& options, const std::string& confirm_flag, bool available) {
  const std::string& gateways = options.backends.gateway_address;
  return absl::StrCat("broadsheet purge ", SelectorText(options), " ",
                      gateways == kDefaultGateway ? "" : absl::StrCat("--gateway_address=", gateways, " "),
                      confirm_flag, available ? "" : " --even_if_unavailable");
}

void SayHowToDoIt(const CommandOptions& options, const std::vector<Answered>& answers, std::size_t gateways) {
  bool available = true;
  for (const Answered& answer : answers) {
    const std::string who = answers.size() == 1 ? "" : absl::StrCat(answer.address, ": ");
    available &= answer.response.owner_available() && answer.response.redis_available();
    if (!answer.response.owner_available())
      Print(options.out,
            absl::StrCat(who, "article cannot be followed: readers would get 503 in their place"));
    if (!answer.response.redis_available())
      Print(options.out, absl::StrCat(who, "Redis does not answer: pages that it has would come back"));
  }
  Print(options.out,
        absl::StrCat("to do it: ", CommandToDoIt(options, ConfirmFlag(answers, gateways), available)));
}

int RunPurge(const CommandOptions& options) {
  if (options.arguments.size() != (options.all ? 0 : 1)) {
    Print(options.err, "broadsheet purge: takes one tag or path, or --all; see broadsheet purge --help");
    return kWrongUsage;
  }
  const absl::StatusOr<std::vector<std::string>> addresses =
      GatewayAddresses(options.backends.gateway_address);
  if (!addresses.ok()) {
    PrintFailure(options.err, "--gateway_address", addresses.status());
    return absl::IsUnavailable(addresses.status()) ? kSomethingFailed : kWrongUsage;
  }
  const Purged purged = AskAll(options, *addresses);
  PrintSamples(options, purged.answers);
  if (options.confirm.empty() && !purged.answers.empty()) {
    SayHowToDoIt(options, purged.answers, addresses->size());
  }
  return purged.failed ? kSomethingFailed : kDone;
}

}  // namespace

Command PurgeCommand() {
  return {"purge",
          "Throw pages away, to be made anew.",
          kPurgeHelp,
          {"gateway_address", "all", "confirm", "even_if_unavailable"},
          RunPurge};
}

}  // namespace broadsheet::cli
