#include "services/gateway/backends.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "absl/time/clock.h"
#include "broadsheet/article/v1/article_service.grpc.pb.h"
#include "broadsheet/media/v1/media_service.grpc.pb.h"
#include "broadsheet/recommendation/v1/recommendation_service.grpc.pb.h"
#include "libs/rpc/channel.h"
#include "services/gateway/backend_call.h"
#include "services/gateway/batch_halves.h"

namespace broadsheet::gateway {
namespace {

using article::v1::ArticleService;
using internal::Run;
using internal::RunHedged;
using internal::Service;
using media::v1::MediaService;
using recommendation::v1::RecommendationService;

google::protobuf::Timestamp ToTimestamp(absl::Time time) {
  google::protobuf::Timestamp timestamp;
  timestamp.set_seconds(absl::ToUnixSeconds(time));
  timestamp.set_nanos(
      static_cast<int>((time - absl::FromUnixSeconds(timestamp.seconds())) / absl::Nanoseconds(1)));
  return timestamp;
}

template <class Proto>
void Connect(Service<typename Proto::Stub>& service, const std::string& address,
             const BackendsOptions& options) {
  service.name = Proto::service_full_name();
  rpc::ChannelOptions called = options.called;
  called.retried_services = {service.name};
  service.replicas =
      std::make_unique<ReplicaChannels>(service.name, address, std::move(called), options.outliers);
}

// Threads that make pages keep it too: pictures change more rarely than stories, and may do so some
// milliseconds later for the sake of pages.
constexpr std::chrono::milliseconds kPaceForMedia(1);

}  // namespace

struct Backends::Parts {
  BackendsOptions options;
  rpc::CompletionQueues& queues;
  rpc::Ticks ticks{queues};  // when second attempts are due
  Service<ArticleService::Stub> article;
  Service<MediaService::Stub> media;
  Service<RecommendationService::Stub> recommendation;
  // Of the calls that a page cannot be without.
  HedgePolicy article_hedge{HedgePolicy::Options()};
  HedgePolicy list_hedge{HedgePolicy::Options()};
  HedgePolicy author_hedge{HedgePolicy::Options()};
};

void internal::ShowBreaker(const std::string& service, bool open) {
  telemetry::Gauge("broadsheet_gateway_breaker_open", "1 while calls to a service fail at once.",
                   {{"service", service}})
      .Set(open ? 1 : 0);
  telemetry::Counter("broadsheet_gateway_breaker_opens_total", "Times a service was found not to answer.",
                     {{"service", service}})
      .Increment(open ? 1 : 0);
}

void internal::CountBreaker(const std::string& service, bool open) {
  static telemetry::LimitedLog log;
  ShowBreaker(service, open);
  log.Log(service + (open ? "opened" : "closed"),
          open ? telemetry::Severity::kWarning : telemetry::Severity::kInfo,
          open ? "a service does not answer; calls to it fail at once" : "a service answers again",
          {{"called", service}});
}

void internal::CountHedge(const std::string& method, bool won) {
  telemetry::Counter("broadsheet_gateway_hedged_calls_total",
                     "Calls made a second time because they were slow, by which attempt was answered first.",
                     {{"method", method}, {"first", won ? "second" : "first"}})
      .Increment();
}

void CallLog::Add(page::v1::BackendCall call) {
  std::lock_guard lock(mutex_);
  if (calls_.size() >= kMaxCalls) return;
  calls_.push_back(std::move(call));
}

std::vector<page::v1::BackendCall> CallLog::calls() const {
  std::lock_guard lock(mutex_);
  return calls_;
}

Backends::Backends(BackendsOptions options, rpc::CompletionQueues& queues)
    : parts_(new Parts{.options = std::move(options),
                       .queues = queues,
                       .article = {},
                       .media = {},
                       .recommendation = {},
                       .article_hedge = HedgePolicy({}),
                       .list_hedge = HedgePolicy({}),
                       .author_hedge = HedgePolicy({})}) {
  Connect<ArticleService>(parts_->article, parts_->options.article_address, parts_->options);
  parts_->article.known_budget = parts_->options.budgets.known;
  parts_->article.followed = rpc::NewChannel(parts_->options.article_address, parts_->options.followed);
  Connect<MediaService>(parts_->media, parts_->options.media_address, parts_->options);
  parts_->media.followed = rpc::NewChannel(parts_->options.media_address, parts_->options.followed);
  Connect<RecommendationService>(parts_->recommendation, parts_->options.recommendation_address,
                                 parts_->options);
  // Who watches them sees them before the first outage.
  for (const std::string& name : {parts_->article.name, parts_->media.name, parts_->recommendation.name})
    internal::ShowBreaker(name, false);
}

Backends::~Backends() = default;

Backends::Call<article::v1::GetArticleResponse> Backends::Article(CallScope scope, std::string path) {
  article::v1::GetArticleRequest request;
  request.set_path(std::move(path));
  request.set_view(article::v1::ARTICLE_VIEW_FULL);
  request.set_min_position(scope.min_article_position);
  return RunHedged<article::v1::GetArticleResponse>(
      parts_->queues, parts_->ticks, parts_->article, parts_->article_hedge,
      &ArticleService::Stub::PrepareAsyncGetArticle, "GetArticle", std::move(scope),
      parts_->options.budgets.article, std::move(request));
}

Backends::Call<article::v1::BatchGetArticlesResponse> Backends::Summaries(CallScope scope,
                                                                          std::vector<std::string> ids) {
  const Budgets& budgets = parts_->options.budgets;
  const absl::Duration budget = scope.known ? std::min(budgets.summaries, budgets.known) : budgets.summaries;
  return AskInHalves(std::move(scope), std::move(ids), budget,
                     [&parts = *parts_, budget](CallScope within, std::vector<std::string> asked) {
                       article::v1::BatchGetArticlesRequest request;
                       request.mutable_article_ids()->Assign(asked.begin(), asked.end());
                       request.set_view(article::v1::ARTICLE_VIEW_BASIC);
                       request.set_min_position(within.min_article_position);
                       return Run<article::v1::BatchGetArticlesResponse>(
                           parts.queues, parts.article, &ArticleService::Stub::PrepareAsyncBatchGetArticles,
                           "BatchGetArticles", std::move(within), budget, std::move(request));
                     });
}

Backends::Call<article::v1::ListArticlesResponse> Backends::List(CallScope scope, ListQuery query) {
  article::v1::ListArticlesRequest request;
  request.set_section_id(std::move(query.section_id));
  request.set_author_id(std::move(query.author_id));
  request.set_page_size(query.page_size);
  request.set_page_token(std::move(query.page_token));
  if (query.published_since != absl::InfinitePast())
    *request.mutable_published_since() = ToTimestamp(query.published_since);
  request.set_with_curated(query.with_curated);
  if (query.published_before != absl::InfiniteFuture())
    *request.mutable_published_before() = ToTimestamp(query.published_before);
  request.set_view(article::v1::ARTICLE_VIEW_BASIC);
  request.set_min_position(scope.min_article_position);
  return RunHedged<article::v1::ListArticlesResponse>(
      parts_->queues, parts_->ticks, parts_->article, parts_->list_hedge,
      &ArticleService::Stub::PrepareAsyncListArticles, "ListArticles", std::move(scope),
      parts_->options.budgets.list, std::move(request));
}

Backends::Call<article::v1::GetAuthorResponse> Backends::Author(CallScope scope, std::string id) {
  article::v1::GetAuthorRequest request;
  request.set_author_id(std::move(id));
  request.set_min_position(scope.min_article_position);
  return RunHedged<article::v1::GetAuthorResponse>(
      parts_->queues, parts_->ticks, parts_->article, parts_->author_hedge,
      &ArticleService::Stub::PrepareAsyncGetAuthor, "GetAuthor", std::move(scope),
      parts_->options.budgets.author, std::move(request));
}

Backends::Call<article::v1::ListSectionsResponse> Backends::Sections(CallScope scope) {
  article::v1::ListSectionsRequest request;
  request.set_min_position(scope.min_article_position);
  return Run<article::v1::ListSectionsResponse>(
      parts_->queues, parts_->article, &ArticleService::Stub::PrepareAsyncListSections, "ListSections",
      std::move(scope), parts_->options.budgets.sections, std::move(request));
}

Backends::Call<media::v1::BatchGetImagesResponse> Backends::Images(CallScope scope,
                                                                   std::vector<std::string> ids) {
  media::v1::BatchGetImagesRequest request;
  request.mutable_image_ids()->Assign(ids.begin(), ids.end());
  request.set_min_position(scope.min_media_position);
  return Run<media::v1::BatchGetImagesResponse>(
      parts_->queues, parts_->media, &MediaService::Stub::PrepareAsyncBatchGetImages, "BatchGetImages",
      std::move(scope), parts_->options.budgets.images, std::move(request));
}

Backends::Call<recommendation::v1::ListRelatedResponse> Backends::Related(CallScope scope, std::string path,
                                                                          int limit) {
  recommendation::v1::ListRelatedRequest request;
  request.set_article_path(std::move(path));
  request.set_limit(limit);
  return Run<recommendation::v1::ListRelatedResponse>(
      parts_->queues, parts_->recommendation, &RecommendationService::Stub::PrepareAsyncListRelated,
      "ListRelated", std::move(scope), parts_->options.budgets.related, std::move(request));
}

Backends::Call<recommendation::v1::ListMostReadResponse> Backends::MostRead(CallScope scope, int limit) {
  recommendation::v1::ListMostReadRequest request;
  request.set_limit(limit);
  return Run<recommendation::v1::ListMostReadResponse>(
      parts_->queues, parts_->recommendation, &RecommendationService::Stub::PrepareAsyncListMostRead,
      "ListMostRead", std::move(scope), parts_->options.budgets.most_read, std::move(request));
}

Backends::Call<recommendation::v1::RecordReadsResponse> Backends::RecordReads(
    CallScope scope, std::string request_id,
    std::vector<recommendation::v1::RecordReadsRequest::Read> reads) {
  recommendation::v1::RecordReadsRequest request;
  request.set_request_id(std::move(request_id));
  for (recommendation::v1::RecordReadsRequest::Read& read : reads) *request.add_reads() = std::move(read);
  return Run<recommendation::v1::RecordReadsResponse>(
      parts_->queues, parts_->recommendation, &RecommendationService::Stub::PrepareAsyncRecordReads,
      "RecordReads", std::move(scope), parts_->options.budgets.record_reads, std::move(request));
}

const Budgets& Backends::budgets() const { return parts_->options.budgets; }

bool Backends::article_unreachable() const { return parts_->article.breaker.open(SteadyNow()); }

std::unique_ptr<change::Follower> Backends::FollowArticle(change::FollowerOptions options) {
  options.source = "article";
  options.on_connected = [&service = parts_->article] { service.replicas->ConnectNow(); };
  options.busy_queues = &parts_->queues;
  return change::Follower::Start(parts_->article.followed, std::move(options));
}

std::unique_ptr<change::Follower> Backends::FollowMedia(change::FollowerOptions options) {
  options.source = "media";
  options.on_connected = [&service = parts_->media] { service.replicas->ConnectNow(); };
  options.busy_queues = &parts_->queues;
  options.busy_pace = kPaceForMedia;
  return change::Follower::Start(parts_->media.followed, std::move(options));
}

std::vector<std::pair<std::string, std::string>> Backends::StatusRows() const {
  auto row = [](const auto& service, const std::string& address) {
    return std::pair(service.name + " at " + address,
                     std::string(service.breaker.tripped() ? "not answering: breaker open" : "ok"));
  };
  return {row(parts_->article, parts_->options.article_address),
          row(parts_->media, parts_->options.media_address),
          row(parts_->recommendation, parts_->options.recommendation_address)};
}

}  // namespace broadsheet::gateway
