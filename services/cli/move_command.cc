#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "services/cli/command.h"

namespace broadsheet::cli {

namespace {

constexpr absl::string_view kMoveHelp =
    "usage: broadsheet move ID PATH\n"
    "\n"
    "Gives a story another public path. The old ones lead to it for ever.\n"
    "\n"
    "examples:\n"
    "  broadsheet move sea-wall-opens /harbour/2026/11/sea-wall-opens-at-last\n";

int RunMove(const CommandOptions& options) {
  if (options.arguments.size() != 2 || !absl::StartsWith(options.arguments[1], "/")) {
    Print(options.err,
          "broadsheet move: name a story and a path that starts with /; see broadsheet move --help");
    return kWrongUsage;
  }
  article::v1::MoveArticleRequest request;
  request.set_request_id(FreshRequestId());
  request.set_article_id(options.arguments[0]);
  request.set_path(options.arguments[1]);
  Backends backends(options.backends);
  const auto response = backends.MoveArticle(request);
  if (!response.ok()) {
    PrintFailure(options.err, options.arguments[0], response.status());
    return kSomethingFailed;
  }
  const std::string known = DescribePropagation(response->propagation());
  Print(options.out, absl::StrCat(options.arguments[0], ": moved to ", response->draft().path(),
                                  known.empty() ? "" : ", ", known));
  return kDone;
}

}  // namespace

Command MoveCommand() { return {"move", "Give a story another public path.", kMoveHelp, {}, RunMove}; }

}  // namespace broadsheet::cli
