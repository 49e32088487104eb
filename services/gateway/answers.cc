#include "services/gateway/answers.h"

#include <utility>

#include "libs/rpc/status.h"
#include "services/gateway/dependencies.h"
#include "services/gateway/route.h"

namespace broadsheet::gateway {
namespace {

constexpr std::string_view kWithdrawn = "ARTICLE_WITHDRAWN";
constexpr std::string_view kTooLarge = "ANSWER_TOO_LARGE";
constexpr std::size_t kMaxSections = 100;

bool IsUsable(const article::v1::Article& story) {
  return story.pub_status() == article::v1::PUB_STATUS_USABLE && IsId(story.article_id()) &&
         IsStoryPath(story.path()) && !story.content().headline().empty();
}

}  // namespace

absl::Status CheckStory(const absl::StatusOr<article::v1::GetArticleResponse>& response) {
  if (absl::Status answered = CheckSnapshot(response); !answered.ok()) return answered;
  if (!IsUsable(response->article()))
    return absl::InternalError("an answer without a story that can be shown");
  return absl::OkStatus();
}

bool IsStoryPath(std::string_view path) {
  const PageKind kind = ParseRoute(path).kind;
  return kind == PageKind::kArticle || kind == PageKind::kSection;
}

Teasers UsableStories(google::protobuf::RepeatedPtrField<article::v1::Article>& stories) {
  Teasers usable;
  for (article::v1::Article& story : stories) {
    if (IsUsable(story)) usable.push_back(std::move(story));
  }
  return usable;
}

absl::Time ExpiryOf(const article::v1::Article& story) {
  if (!story.has_expires_at()) return absl::InfiniteFuture();
  return absl::FromUnixSeconds(story.expires_at().seconds()) + absl::Nanoseconds(story.expires_at().nanos());
}

bool IsExpired(const article::v1::Article& story, absl::Time now) { return ExpiryOf(story) <= now; }

absl::Time ReadableUntil(const article::v1::Article& story, absl::Time now) {
  const absl::Time expiry = ExpiryOf(story);
  return expiry > now ? expiry : now + absl::Seconds(1);
}

std::vector<article::v1::Section> UsableSections(const article::v1::ListSectionsResponse& response) {
  std::vector<article::v1::Section> usable;
  for (const article::v1::Section& section : response.sections()) {
    if (usable.size() < kMaxSections && IsId(section.section_id()) && !section.name().empty())
      usable.push_back(section);
  }
  return usable;
}

bool IsTooLarge(const absl::Status& status) {
  return absl::IsResourceExhausted(status) && rpc::Reason(status) == kTooLarge;
}

bool IsAbsence(const absl::Status& status) {
  if (!absl::IsNotFound(status)) return false;
  const std::string reason = rpc::Reason(status);
  return reason == kWithdrawn || reason.ends_with("_NOT_FOUND");
}

std::optional<change::v1::Snapshot> SnapshotOfAbsence(const absl::Status& status) {
  if (!IsAbsence(status)) return std::nullopt;
  return rpc::Detail<change::v1::Snapshot>(status);
}

std::optional<article::v1::Withdrawal> WithdrawalOf(const absl::Status& status) {
  if (!absl::IsNotFound(status) || rpc::Reason(status) != kWithdrawn) return std::nullopt;
  article::v1::Withdrawal withdrawal =
      rpc::Detail<article::v1::Withdrawal>(status).value_or(article::v1::Withdrawal());
  const PageKind kind = ParseRoute(withdrawal.redirect_path()).kind;
  const bool leads_nowhere = kind == PageKind::kNone || kind == PageKind::kRedirect;
  if (withdrawal.mode() == article::v1::WITHDRAWAL_MODE_REDIRECT && leads_nowhere) {
    withdrawal.set_mode(article::v1::WITHDRAWAL_MODE_GONE);
  }
  return withdrawal;
}

std::string WithdrawnTagOf(const absl::Status& status) {
  if (!absl::IsNotFound(status) || rpc::Reason(status) != kWithdrawn) return "";
  const std::string id = rpc::MetadataValue(status, "article_id");
  return id.empty() ? "" : ArticleTag(id);
}

}  // namespace broadsheet::gateway
