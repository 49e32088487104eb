#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "services/cli/command.h"
#include "services/cli/draft_text.h"

namespace broadsheet::cli {

namespace {

constexpr absl::string_view kShowHelp =
    "usage: broadsheet show [FLAGS] ID|PATH…\n"
    "\n"
    "Shows stories, whatever their state.\n"
    "\n"
    "flags:\n"
    "  --revision=N   an old revision instead of the newest\n"
    "  --json         print the story as JSON (broadsheet.article.v1.Draft)\n"
    "\n"
    "examples:\n"
    "  broadsheet show sea-wall-opens\n"
    "  broadsheet show --revision=2 sea-wall-opens\n"
    "  broadsheet show --json /harbour/2026/11/sea-wall-opens\n";

absl::StatusOr<article::v1::Draft> Load(Backends& backends, const std::string& key, std::int64_t revision) {
  absl::StatusOr<article::v1::Draft> draft = backends.GetDraft(key);
  if (!draft.ok() || revision == 0) return draft;
  return backends.GetRevision(draft->article_id(), revision);
}

int RunShow(const CommandOptions& options) {
  if (options.arguments.empty()) {
    Print(options.err, "broadsheet show: name a story; see broadsheet show --help");
    return kWrongUsage;
  }
  Backends backends(options.backends);
  int status = kDone;
  bool first = true;
  for (const std::string& key : options.arguments) {
    const absl::StatusOr<article::v1::Draft> draft = Load(backends, key, options.revision);
    if (!draft.ok()) {
      PrintFailure(options.err, key, draft.status());
      status = kSomethingFailed;
      continue;
    }
    if (!first && !options.json) Print(options.out, "\n");
    first = false;
    Print(options.out, options.json ? ToJson(*draft, /*one_line=*/false)
                                    : absl::StripTrailingAsciiWhitespace(DescribeDraft(*draft)));
  }
  return status;
}

}  // namespace

Command ShowCommand() {
  return {"show", "Show stories, whatever their state.", kShowHelp, {"json", "revision"}, RunShow};
}

}  // namespace broadsheet::cli
