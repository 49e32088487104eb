// The least that makes pages of stories: for each, three calls at the same time (the story, its pictures,
// what is related), the gateway's own templates, and the compression that a reader waits for. No cache, no
// front door, no deadlines of parts, no freshness. Says on one line of JSON what that took.
#include <sys/resource.h>

#include <algorithm>
#include <cstdio>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "broadsheet/article/v1/article_service.grpc.pb.h"
#include "broadsheet/media/v1/media_service.grpc.pb.h"
#include "broadsheet/recommendation/v1/recommendation_service.grpc.pb.h"
#include "grpcpp/create_channel.h"
#include "libs/http/compression.h"
#include "libs/rpc/process.h"
#include "libs/rpc/task.h"
#include "libs/rpc/unary_call.h"
#include "services/gateway/renderer/renderer.h"
#include "tests/benchmarks/article/sample_story.h"

ABSL_FLAG(std::string, article_address, "", "Of the article service.");
ABSL_FLAG(std::string, media_address, "", "Of the media service.");
ABSL_FLAG(std::string, recommendation_address, "", "Of the recommendation service.");
ABSL_FLAG(std::string, templates, "", "Folder of templates and assets.");
ABSL_FLAG(std::string, site_url, "", "As the gateway's.");
ABSL_FLAG(std::string, media_url, "", "As the gateway's.");
ABSL_FLAG(std::string, image, "", "Id of the picture that every story shows.");
ABSL_FLAG(int, first, 0, "Number of the first SampleStory whose page is made.");
ABSL_FLAG(int, pages, 100, "How many pages.");
ABSL_FLAG(int, warm_up, 20, "How many of them are made once before.");
ABSL_FLAG(int, at_a_time, 8, "How many of them at a time.");

namespace {

using broadsheet::article::v1::ArticleService;
using broadsheet::media::v1::MediaService;
using broadsheet::recommendation::v1::RecommendationService;
namespace article = broadsheet::article::v1;
namespace gateway = broadsheet::gateway;
namespace http = broadsheet::http;
namespace media = broadsheet::media::v1;
namespace recommendation = broadsheet::recommendation::v1;
namespace rpc = broadsheet::rpc;

constexpr int kRelated = 6;
constexpr int kMostRead = 5;

double CpuSeconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

rpc::Context Deadline() { return rpc::Context(absl::Seconds(10)); }

template <class Proto>
std::unique_ptr<typename Proto::Stub> Connect(const std::string& address) {
  return Proto::NewStub(grpc::CreateChannel(address, grpc::InsecureChannelCredentials()));
}

// Requests of the gateway.
struct Requests {
  article::GetArticleRequest story;
  media::BatchGetImagesRequest pictures;
  recommendation::ListRelatedRequest related;

  explicit Requests(int number) {
    const std::string id = broadsheet::bench::ArticleId(static_cast<std::uint64_t>(number));
    story.set_path(absl::StrCat("/", id));
    story.set_view(article::ARTICLE_VIEW_FULL);
    pictures.add_image_ids(absl::GetFlag(FLAGS_image));
    related.set_article_path(story.path());
    related.set_limit(kRelated);
  }
};

class PageMaker {
 public:
  PageMaker(rpc::CompletionQueues& queues, const gateway::Renderer& renderer)
      : queues_(queues),
        renderer_(renderer),
        articles_(Connect<ArticleService>(absl::GetFlag(FLAGS_article_address))),
        media_(Connect<MediaService>(absl::GetFlag(FLAGS_media_address))),
        recommendation_(Connect<RecommendationService>(absl::GetFlag(FLAGS_recommendation_address))) {}

  // What stands around every story, here the same on every page.
  rpc::Task<absl::Status> LoadFrame() {
    const article::ListSectionsRequest all;
    article::BatchGetArticlesRequest request;
    request.set_view(article::ARTICLE_VIEW_BASIC);
    for (int number = 0; number < kRelated + kMostRead; ++number)
      request.add_article_ids(broadsheet::bench::ArticleId(static_cast<std::uint64_t>(number)));
    auto sections_call =
        rpc::CallUnary(queues_, Deadline(), *articles_, &ArticleService::Stub::PrepareAsyncListSections, all);
    auto stories_call = rpc::CallUnary(queues_, Deadline(), *articles_,
                                       &ArticleService::Stub::PrepareAsyncBatchGetArticles, request);
    absl::StatusOr<article::ListSectionsResponse> sections = co_await sections_call;
    absl::StatusOr<article::BatchGetArticlesResponse> stories = co_await stories_call;
    if (!sections.ok()) co_return sections.status();
    if (!stories.ok()) co_return stories.status();
    around_.frame.sections.assign(sections->sections().begin(), sections->sections().end());
    for (const article::Article& story : stories->articles())
      (around_.related.size() < kRelated ? around_.related : around_.most_read).push_back(story);
    co_return absl::OkStatus();
  }

  // The pages of every `step`th story from `number` to before `end`, one after the other.
  rpc::Task<absl::Status> Make(int number, int end, int step) {
    for (; number < end; number += step) {
      auto making = MakeOne(Requests(number));
      absl::Status made = co_await making;
      if (!made.ok()) co_return made;
    }
    co_return absl::OkStatus();
  }

  // Of each page the time until the last of its calls was answered, in microseconds.
  std::vector<double> call_micros;
  std::size_t body_bytes = 0;
  std::size_t gzip_bytes = 0;

 private:
  rpc::Task<absl::Status> MakeOne(Requests requests) {
    const absl::Time begun = absl::Now();
    auto story_call = rpc::CallUnary(queues_, Deadline(), *articles_,
                                     &ArticleService::Stub::PrepareAsyncGetArticle, requests.story);
    auto pictures_call = rpc::CallUnary(queues_, Deadline(), *media_,
                                        &MediaService::Stub::PrepareAsyncBatchGetImages, requests.pictures);
    auto related_call =
        rpc::CallUnary(queues_, Deadline(), *recommendation_,
                       &RecommendationService::Stub::PrepareAsyncListRelated, requests.related);
    absl::StatusOr<article::GetArticleResponse> story = co_await story_call;
    absl::StatusOr<media::BatchGetImagesResponse> pictures = co_await pictures_call;
    absl::StatusOr<recommendation::ListRelatedResponse> related = co_await related_call;
    for (const absl::Status& status : {story.status(), pictures.status(), related.status()})
      if (!status.ok()) co_return status;
    call_micros.push_back(absl::ToDoubleMicroseconds(absl::Now() - begun));
    gateway::ArticlePage page = around_;
    page.article.Swap(story->mutable_article());
    page.authors.assign(story->authors().begin(), story->authors().end());
    page.section.Swap(story->mutable_section());
    for (media::Image& picture : *pictures->mutable_images()) page.images[picture.image_id()].Swap(&picture);
    const std::string body = renderer_.RenderArticle(page);
    const absl::StatusOr<std::string> gzip = http::Gzip(body, http::Effort::kFast);
    if (!gzip.ok()) co_return gzip.status();
    body_bytes += body.size();
    gzip_bytes += gzip->size();
    co_return absl::OkStatus();
  }

  rpc::CompletionQueues& queues_;
  const gateway::Renderer& renderer_;
  std::unique_ptr<ArticleService::Stub> articles_;
  std::unique_ptr<MediaService::Stub> media_;
  std::unique_ptr<RecommendationService::Stub> recommendation_;
  gateway::ArticlePage around_;
};

// All of them on the queue's one thread, some at a time.
rpc::Task<absl::Status> MakePages(rpc::CompletionQueues& queues, PageMaker& maker, int first, int end) {
  auto hop = queues.Hop();
  co_await hop;
  const int lanes = std::max(absl::GetFlag(FLAGS_at_a_time), 1);
  std::vector<rpc::Task<absl::Status>> making;
  for (int lane = 0; lane < lanes; ++lane) making.push_back(maker.Make(first + lane, end, lanes));
  absl::Status status;
  for (rpc::Task<absl::Status>& lane : making) {
    absl::Status made = co_await lane;
    status.Update(made);
  }
  co_return status;
}

}  // namespace

int main(int argc, char** argv) {
  rpc::Process process(argc, argv, "Makes pages of stories with as little as possible.");
  gateway::Site site = {.name = "Broadsheet",
                        .url = absl::GetFlag(FLAGS_site_url),
                        .media_url = absl::GetFlag(FLAGS_media_url),
                        .language = "en-GB",
                        .description = "",
                        .time_zone = absl::UTCTimeZone()};
  const auto renderer = gateway::Renderer::Load(absl::GetFlag(FLAGS_templates), std::move(site));
  if (!renderer.ok()) return process.Fail(renderer.status());
  rpc::CompletionQueues queues(1);
  PageMaker maker(queues, **renderer);
  absl::Status status = rpc::Wait(maker.LoadFrame());
  const int first = absl::GetFlag(FLAGS_first);
  const int warm_up = absl::GetFlag(FLAGS_warm_up);
  const int end = first + absl::GetFlag(FLAGS_pages);
  if (status.ok()) status = rpc::Wait(MakePages(queues, maker, first, first + warm_up));
  maker.call_micros.clear();
  maker.body_bytes = maker.gzip_bytes = 0;
  const double cpu = CpuSeconds();
  if (status.ok()) status = rpc::Wait(MakePages(queues, maker, first, end));
  if (!status.ok()) return process.Fail(status);
  std::vector<double>& calls = maker.call_micros;
  std::sort(calls.begin(), calls.end());
  const auto pages = static_cast<double>(calls.size());
  std::printf(
      "{\"cpu_us\": %.1f, \"calls_p50_us\": %.0f, \"calls_p99_us\": %.0f, \"bytes\": %.0f, \"gzip_bytes\": "
      "%.0f}\n",
      (CpuSeconds() - cpu) * 1e6 / pages, calls[calls.size() / 2], calls[calls.size() * 99 / 100],
      static_cast<double>(maker.body_bytes) / pages, static_cast<double>(maker.gzip_bytes) / pages);
  return 0;
}
