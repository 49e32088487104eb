#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "services/cli/command.h"

namespace broadsheet::cli {

namespace v1 = article::v1;

namespace {

constexpr absl::string_view kWithholdHelp =
    "usage: broadsheet withhold [FLAGS] ID…\n"
    "\n"
    "Takes stories away from readers, who then get \"410 Gone\", or revokes a scheduled publication. When "
    "the\n"
    "command returns, no reader gets the story any more. \"broadsheet publish\" brings it back.\n"
    "\n"
    "flags:\n"
    "  --notice=TEXT    say this to readers instead\n"
    "  --redirect=PATH  send readers there instead\n"
    "  --cancel         for good: the story cannot be published again\n"
    "\n"
    "examples:\n"
    "  broadsheet withhold sea-wall-opens\n"
    "  broadsheet withhold --notice='Withdrawn at the request of the court.' sea-wall-opens\n"
    "  broadsheet withhold --redirect=/harbour/2026/11/sea-wall-opens-at-last sea-wall-opens\n";

int RunWithhold(const CommandOptions& options) {
  if (options.arguments.empty()) {
    Print(options.err, "broadsheet withhold: name a story; see broadsheet withhold --help");
    return kWrongUsage;
  }
  if (!options.notice.empty() && !options.redirect.empty()) {
    Print(options.err, "broadsheet withhold: either --notice or --redirect, not both");
    return kWrongUsage;
  }
  v1::WithholdArticleRequest request;
  request.set_pub_status(options.cancel ? v1::PUB_STATUS_CANCELED : v1::PUB_STATUS_WITHHELD);
  request.mutable_withdrawal()->set_mode(!options.notice.empty()     ? v1::WITHDRAWAL_MODE_NOTICE
                                         : !options.redirect.empty() ? v1::WITHDRAWAL_MODE_REDIRECT
                                                                     : v1::WITHDRAWAL_MODE_GONE);
  request.mutable_withdrawal()->set_notice(options.notice);
  request.mutable_withdrawal()->set_redirect_path(options.redirect);

  Backends backends(options.backends);
  int status = kDone;
  for (const std::string& id : options.arguments) {
    request.set_request_id(FreshRequestId());
    request.set_article_id(id);
    const auto response = backends.WithholdArticle(request);
    if (response.ok()) {
      const std::string known = DescribePropagation(response->propagation());
      Print(options.out, absl::StrCat(id, ": ", options.cancel ? "canceled" : "withheld",
                                      known.empty() ? "" : ", ", known));
    } else {
      PrintFailure(options.err, id, response.status());
      status = kSomethingFailed;
    }
  }
  return status;
}

}  // namespace

Command WithholdCommand() {
  return {"withhold",
          "Take stories away from readers.",
          kWithholdHelp,
          {"notice", "redirect", "cancel"},
          RunWithhold};
}

}  // namespace broadsheet::cli
