#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "services/cli/command.h"
#include "services/cli/importers/times.h"

namespace broadsheet::cli {

namespace {

constexpr absl::string_view kPublishHelp =
    "usage: broadsheet publish [FLAGS] ID…\n"
    "\n"
    "Publishes the newest revision of each story. When the command returns, no reader gets an older page.\n"
    "\n"
    "flags:\n"
    "  --at=TIME   publish then instead, for example 2026-11-24T06:00:00Z\n"
    "\n"
    "examples:\n"
    "  broadsheet publish sea-wall-opens\n"
    "  broadsheet publish --at=2026-11-24T06:00:00Z sea-wall-opens ferry-returns\n";

// For the editor, who may have forgotten it.
std::string DescribeUncorrected(const article::v1::PublishArticleResponse& response) {
  if (response.uncorrected_changes().empty()) return {};
  return absl::StrCat("; changed without a correction: ",
                      absl::StrJoin(response.uncorrected_changes(), ", "));
}

std::string Describe(const article::v1::PublishArticleResponse& response) {
  const article::v1::Draft& draft = response.draft();
  if (draft.edit_state() == article::v1::EDIT_STATE_SCHEDULED) {
    return absl::StrCat("scheduled for ", absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", ToTime(draft.scheduled_at()),
                                                           absl::UTCTimeZone()));
  }
  const std::string known = DescribePropagation(response.propagation());
  return absl::StrCat("published revision ", draft.published_revision(), " at ", draft.path(),
                      known.empty() ? "" : ", ", known);
}

int RunPublish(const CommandOptions& options) {
  absl::Time at;
  std::string error;
  if (options.arguments.empty()) {
    Print(options.err, "broadsheet publish: name a story; see broadsheet publish --help");
    return kWrongUsage;
  }
  if (!options.at.empty() && !absl::ParseTime(absl::RFC3339_full, options.at, &at, &error)) {
    Print(options.err,
          absl::StrCat("broadsheet publish: --at must be a time like 2026-11-24T06:00:00Z, not \"",
                       options.at, "\""));
    return kWrongUsage;
  }
  Backends backends(options.backends);
  int status = kDone;
  for (const std::string& id : options.arguments) {
    article::v1::PublishArticleRequest request;
    request.set_request_id(FreshRequestId());
    request.set_article_id(id);
    if (!options.at.empty()) *request.mutable_publish_at() = ToTimestamp(at);
    const auto response = backends.PublishArticle(request);
    if (response.ok()) {
      Print(options.out, absl::StrCat(id, ": ", Describe(*response), DescribeUncorrected(*response)));
    } else {
      PrintFailure(options.err, id, response.status());
      status = kSomethingFailed;
    }
  }
  return status;
}

}  // namespace

Command PublishCommand() {
  return {"publish", "Publish stories, now or at a time.", kPublishHelp, {"at"}, RunPublish};
}

}  // namespace broadsheet::cli
