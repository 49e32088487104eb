#include <algorithm>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "absl/time/clock.h"
#include "services/gateway/page_server.h"

// The part of PageServer that heeds what requests demand: no page older than some position of a log.
namespace broadsheet::gateway {
namespace {

// What was read of media, where that did not answer, may be older than what was demanded.
bool Reaches(const PageRequest& request, const PageEntry& entry) {
  const auto reaches = [&entry](Source source, std::int64_t asked) {
    if (asked <= 0 || !entry.dependencies.has_read(source)) return true;
    const change::v1::Snapshot read = entry.dependencies.snapshot(source);
    return !read.log_id().empty() && read.position() >= asked && !entry.dependencies.has_last_known(source);
  };
  return reaches(Source::kArticle, request.min_article_position) &&
         reaches(Source::kMedia, request.min_media_position);
}

// Who goes without in the counts and the log, beside those who have a priority.
constexpr std::string_view kAheadName = "ahead";

}  // namespace

std::optional<PageServer::OtherLog> PageServer::DemandsOfOtherLog(const PageRequest& request) const {
  const auto differs = [this](Source source, std::int64_t position,
                              const std::string& log_id) -> std::optional<OtherLog> {
    if (position == 0 || log_id.empty()) return std::nullopt;
    std::string followed = parts_.followers.position(source).log_id();
    if (followed.empty() || followed == log_id) return std::nullopt;
    return OtherLog{.source = source, .followed = std::move(followed)};
  };
  std::optional<OtherLog> article =
      differs(Source::kArticle, request.min_article_position, request.article_log_id);
  return article ? article : differs(Source::kMedia, request.min_media_position, request.media_log_id);
}

bool PageServer::SatisfiesPositions(const PageRequest& request) const {
  auto reached = [this](Source source, std::int64_t position) {
    return position <= 0 || parts_.followers.position(source).position() >= position;
  };
  return reached(Source::kArticle, request.min_article_position) &&
         reached(Source::kMedia, request.min_media_position);
}

// What has not changed up to the positions this gateway has reached is as new as any that it has reached.
bool PageServer::IsAsNewAsAsked(const PageRequest& request, const PageAnswer& answer) const {
  const auto shows_older = [&](Source source, std::int64_t asked) {
    return asked > 0 && answer.entry->dependencies.has_last_known(source);
  };
  if (shows_older(Source::kArticle, request.min_article_position) ||
      shows_older(Source::kMedia, request.min_media_position))
    return false;
  if (!answer.stale) return true;
  const EntryFacts facts = parts_.followers.Examine(*answer.entry, absl::Now());
  auto unchanged = [](std::int64_t asked, Standing standing) {
    return asked <= 0 || standing == Standing::kCutOff || standing == Standing::kFresh;
  };
  return unchanged(request.min_article_position, facts.article) &&
         unchanged(request.min_media_position, facts.media);
}

// Asking for what this gateway knows already makes every replica of an owner answer with it or not at all.
CallScope PageServer::ScopeFor(const PageRequest& request) const {
  auto known = [this](Source source) {
    return parts_.followers.live(source) ? parts_.followers.position(source) : change::v1::Snapshot();
  };
  const change::v1::Snapshot article = known(Source::kArticle);
  const change::v1::Snapshot media = known(Source::kMedia);
  return {.context = rpc::Context(options_.render_timeout, request.trace),
          .log = std::make_shared<CallLog>(),
          .min_article_position = std::max(request.min_article_position, article.position()),
          .min_media_position = std::max(request.min_media_position, media.position()),
          .article_log_id = article.log_id(),
          .ahead = !SatisfiesPositions(request)};
}

// Whoever demands what this gateway has not heard of yet gets a page made for him alone, if there is room.
rpc::Task<PageAnswer> PageServer::AnswerAhead(PageRequest request) {
  bool room = false;
  {
    std::lock_guard lock(mutex_);
    room = ahead_ < options_.max_ahead;
    if (room) ++ahead_;
  }
  if (!room) {
    NoteShed(kAheadName, request.path);
    co_return PageAnswer{.entry = Unavailable(page::v1::DEGRADATION_REASON_OVERLOADED, absl::Now()),
                         .tier = page::v1::CACHE_TIER_RENDERED};
  }
  auto hop = parts_.queues.Hop();
  co_await hop;
  const std::int64_t epoch = parts_.store.epoch();
  const auto draft = std::make_shared<PageDraft>();
  const Purges::Moment begun = draft->begun = purges_.now();
  auto making = MakeAnew(request, nullptr, draft);
  PageAnswer answer = co_await making;
  if (!Reaches(request, *answer.entry)) {
    answer = {.entry = Unavailable(page::v1::DEGRADATION_REASON_UNAVAILABLE, absl::Now(), false),
              .tier = page::v1::CACHE_TIER_RENDERED};
  }
  Store(answer, begun, epoch);
  std::lock_guard lock(mutex_);
  --ahead_;
  co_return answer;
}

}  // namespace broadsheet::gateway
