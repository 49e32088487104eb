#include "services/cli/command.h"

namespace broadsheet::cli {

namespace {

constexpr absl::string_view kDependentsHelp =
    "usage: broadsheet dependents [FLAGS] TAG…\n"
    "\n"
    "Lists the pages that the gateway knows to show something, one path a line. A tag is article/ID, "
    "author/ID,\n"
    "section/ID, image/ID, path/P or list/….\n"
    "\n"
    "flags:\n"
    "  --gateway_address=HOST:PORT  which gateway (127.0.0.1:8081)\n"
    "\n"
    "examples:\n"
    "  broadsheet dependents article/lighthouse\n"
    "  broadsheet dependents image/quay --gateway_address=10.0.0.7:8081\n";

int RunDependents(const CommandOptions& options) {
  if (options.arguments.empty()) {
    Print(options.err, "broadsheet dependents: of what? see broadsheet dependents --help");
    return kWrongUsage;
  }
  Backends backends(options.backends);
  int result = kDone;
  for (const std::string& tag : options.arguments) {
    page::v1::ListDependentsRequest request;
    request.set_tag(tag);
    request.set_page_size(1000);
    do {
      const absl::StatusOr<page::v1::ListDependentsResponse> part = backends.ListDependents(request);
      if (!part.ok()) {
        PrintFailure(options.err, tag, part.status());
        result = kSomethingFailed;
        break;
      }
      for (const std::string& path : part->paths()) Print(options.out, path);
      request.set_page_token(part->next_page_token());
    } while (!request.page_token().empty());
  }
  return result;
}

}  // namespace

Command DependentsCommand() {
  return {"dependents",
          "List the pages that show something.",
          kDependentsHelp,
          {"gateway_address"},
          RunDependents};
}

}  // namespace broadsheet::cli
