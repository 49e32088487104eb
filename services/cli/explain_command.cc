#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "services/cli/command.h"
#include "services/cli/draft_text.h"

namespace broadsheet::cli {

namespace {

constexpr absl::string_view kExplainHelp =
    "usage: broadsheet explain [FLAGS] PATH…\n"
    "\n"
    "Says how the page at a public path comes about: where the gateway has it from and keeps it, whether it "
    "is fresh,\n"
    "what it depends on and in which revision, which of that would have to be asked for if it were made now, "
    "the\n"
    "calls made for it with their times, and why it is degraded if it is.\n"
    "\n"
    "flags:\n"
    "  --gateway_address=HOST:PORT  which gateway (127.0.0.1:8081)\n"
    "  --json                       print broadsheet.page.v1.ExplainPageResponse as JSON\n"
    "\n"
    "examples:\n"
    "  broadsheet explain /\n"
    "  broadsheet explain /harbour/lighthouse --gateway_address=10.0.0.7:8081\n";

std::string Milliseconds(std::int64_t micros) {
  return absl::StrFormat("%.1f ms", static_cast<double>(micros) / 1000);
}

std::string TierWord(page::v1::CacheTier tier) {
  return EnumWord(page::v1::CacheTier_Name(tier), "CACHE_TIER_");
}

// "kept in memory, disk".
std::string KeptIn(const page::v1::ExplainPageResponse& page) {
  if (page.kept_in().empty()) return "kept nowhere";
  std::vector<std::string> tiers;
  for (const int tier : page.kept_in()) tiers.push_back(TierWord(static_cast<page::v1::CacheTier>(tier)));
  return absl::StrCat("kept in ", absl::StrJoin(tiers, ", "));
}

// Where its record would come from if the page were made now; empty if it has none.
std::string RecordOf(const page::v1::Dependency& dependency) {
  if (dependency.record_tier() == page::v1::CACHE_TIER_UNSPECIFIED) return "";
  if (dependency.record_tier() == page::v1::CACHE_TIER_RENDERED) return ", record to be asked for";
  return absl::StrCat(", record in ", TierWord(dependency.record_tier()));
}

void PrintText(const CommandOptions& options, const std::string& path,
               const page::v1::ExplainPageResponse& page) {
  Print(options.out, absl::StrCat(path, ": ", page.status(), ", from ", TierWord(page.tier()), " in ",
                                  Milliseconds(page.latency_micros()), ", ",
                                  page.fresh() ? "fresh" : absl::StrCat("not fresh: ", page.staleness())));
  Print(options.out, absl::StrCat("  ", KeptIn(page)));
  for (const page::v1::Degradation& degradation : page.degradations()) {
    Print(options.out,
          absl::StrCat(
              "  degraded: ", degradation.part(), " ", degradation.stale() ? "as known last" : "missing",
              ", ", EnumWord(page::v1::DegradationReason_Name(degradation.reason()), "DEGRADATION_REASON_")));
  }
  for (const page::v1::SourceState& source : page.sources()) {
    Print(options.out, absl::StrCat("  ", source.source(), ": ", source.live() ? "followed" : "cut off",
                                    " at position ", source.applied().position(),
                                    source.last_error().empty() ? "" : ", last error ", source.last_error()));
  }
  for (const page::v1::BackendCall& call : page.calls()) {
    Print(options.out,
          absl::StrCat("  call: ", call.method(), " ", Milliseconds(call.latency_micros()),
                       call.hedged() ? ", hedged" : "", call.error().empty() ? "" : ": ", call.error()));
  }
  for (const page::v1::Dependency& dependency : page.dependencies()) {
    Print(options.out,
          absl::StrCat("  depends on ", dependency.tag(),
                       dependency.revision() > 0 ? absl::StrCat(", revision ", dependency.revision()) : "",
                       dependency.last_change_position() > 0
                           ? absl::StrCat(", last changed at ", dependency.last_change_position())
                           : "",
                       dependency.changed() ? ", CHANGED since" : "", RecordOf(dependency)));
  }
}

int RunExplain(const CommandOptions& options) {
  if (options.arguments.empty()) {
    Print(options.err, "broadsheet explain: which page? see broadsheet explain --help");
    return kWrongUsage;
  }
  Backends backends(options.backends);
  int result = kDone;
  for (const std::string& path : options.arguments) {
    const absl::StatusOr<page::v1::ExplainPageResponse> page = backends.ExplainPage(path);
    if (!page.ok()) {
      PrintFailure(options.err, path, page.status());
      result = kSomethingFailed;
    } else if (options.json) {
      Print(options.out, ToJson(*page, /*one_line=*/false));
    } else {
      PrintText(options, path, *page);
    }
  }
  return result;
}

}  // namespace

Command ExplainCommand() {
  return {"explain", "Say how a page comes about.", kExplainHelp, {"gateway_address", "json"}, RunExplain};
}

}  // namespace broadsheet::cli
