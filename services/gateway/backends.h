#ifndef BROADSHEET_SERVICES_GATEWAY_BACKENDS_H_
#define BROADSHEET_SERVICES_GATEWAY_BACKENDS_H_

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "broadsheet/article/v1/article_service.pb.h"
#include "broadsheet/media/v1/media_service.pb.h"
#include "broadsheet/page/v1/page_service.pb.h"
#include "broadsheet/recommendation/v1/recommendation_service.pb.h"
#include "libs/change/follower.h"
#include "libs/rpc/channel.h"
#include "libs/rpc/completion_queues.h"
#include "libs/rpc/context.h"
#include "libs/rpc/task.h"
#include "services/gateway/outlier_detector.h"

namespace broadsheet::gateway {

// The first calls made for one page, at most so many. Thread-safe.
class CallLog {
 public:
  static constexpr std::size_t kMaxCalls = 32;

  void Add(page::v1::BackendCall call);
  std::vector<page::v1::BackendCall> calls() const;

 private:
  mutable std::mutex mutex_;
  std::vector<page::v1::BackendCall> calls_;
};

// On whose behalf a call is made. A cheap value.
struct CallScope {
  rpc::Context context = rpc::Context(absl::ZeroDuration());
  std::shared_ptr<CallLog> log = nullptr;  // may be null
  // Answers must not be older than these positions; 0: no such demand.
  std::int64_t min_article_position = 0;
  std::int64_t min_media_position = 0;
  // The log that `min_article_position` is of, if any answer is certain to be of that state or a later one;
  // empty: it is not.
  std::string article_log_id = {};
  // A client demands positions that this gateway has not reached: that the owner does not answer with them
  // says nothing of how it is, so its breaker does not count it.
  bool ahead = false;
  // An older page is at hand, so article is not waited for longer than Budgets::known.
  bool known = false;
};

// The longest each call may take, within the deadline of its scope.
struct Budgets {
  absl::Duration article = absl::Seconds(1);  // a page cannot be without them
  absl::Duration list = absl::Seconds(1);
  absl::Duration author = absl::Seconds(1);
  absl::Duration summaries = absl::Milliseconds(300);  // optional parts from here on
  absl::Duration sections = absl::Milliseconds(300);
  absl::Duration images = absl::Milliseconds(300);
  absl::Duration related = absl::Milliseconds(150);
  absl::Duration most_read = absl::Milliseconds(150);
  absl::Duration record_reads = absl::Seconds(1);  // nobody waits for it
  // Bound of every call to article for a page of which an older one could be shown.
  absl::Duration known = absl::Milliseconds(300);
};

struct BackendsOptions {
  std::string article_address = "127.0.0.1:8082";
  std::string media_address = "127.0.0.1:8083";
  std::string recommendation_address = "127.0.0.1:8084";
  Budgets budgets = {};
  OutlierDetector::Options outliers = {};
  // Those that calls go by; which services are retried is not for this to say.
  rpc::ChannelOptions called = {};
  // The connections that logs are followed by.
  rpc::ChannelOptions followed = {.retried_services = {}, .own_connection = true};
};

// Every downstream call of the gateway, and the only place that knows the stubs. A call is in flight when its
// function returns; await it on a queue's thread. Each has its budget; each service has a circuit breaker, so
// a service that hangs costs its budget a few times and nothing afterwards: then calls fail at once with
// UNAVAILABLE. Thread-safe.
class Backends {
 public:
  // `queues` must be closed before this object ends, and outlive it and every call.
  Backends(BackendsOptions options, rpc::CompletionQueues& queues);
  ~Backends();

  template <class Response>
  using Call = rpc::Task<absl::StatusOr<Response>>;

  Call<article::v1::GetArticleResponse> Article(CallScope scope, std::string path);
  // Up to 100 stories in the BASIC view, with several calls where they are too long for one answer: then it
  // is an answer as of the oldest state that one of them was read from. See AskInHalves.
  Call<article::v1::BatchGetArticlesResponse> Summaries(CallScope scope, std::vector<std::string> ids);

  struct ListQuery {
    std::string section_id = {};  // empty: of all sections
    std::string author_id = {};   // empty: by anybody
    int page_size = 20;           // up to 100
    std::string page_token = {};
    absl::Time published_since = absl::InfinitePast();  // only first published at or after this time
    absl::Time published_before = absl::InfiniteFuture();
    bool with_curated = false;
  };
  Call<article::v1::ListArticlesResponse> List(CallScope scope, ListQuery query);
  Call<article::v1::GetAuthorResponse> Author(CallScope scope, std::string id);
  Call<article::v1::ListSectionsResponse> Sections(CallScope scope);
  // Up to 200 pictures.
  Call<media::v1::BatchGetImagesResponse> Images(CallScope scope, std::vector<std::string> ids);
  // For the story at `path`, whether there is one or not.
  Call<recommendation::v1::ListRelatedResponse> Related(CallScope scope, std::string path, int limit);
  Call<recommendation::v1::ListMostReadResponse> MostRead(CallScope scope, int limit);
  // 1 to 1,000 reads; `request_id` makes repeating harmless.
  Call<recommendation::v1::RecordReadsResponse> RecordReads(
      CallScope scope, std::string request_id,
      std::vector<recommendation::v1::RecordReadsRequest::Read> reads);

  const Budgets& budgets() const;

  // Whether the article service is known not to answer, so that waiting for it would be in vain.
  bool article_unreachable() const;

  // Follow the change logs of article and of media. What was read of a log that is not followed cannot be
  // judged, so a follower connects at once when a breaker closes.
  std::unique_ptr<change::Follower> FollowArticle(change::FollowerOptions options);
  std::unique_ptr<change::Follower> FollowMedia(change::FollowerOptions options);

  // Service and state of its breaker, for /status.
  std::vector<std::pair<std::string, std::string>> StatusRows() const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace broadsheet::gateway

#endif  // BROADSHEET_SERVICES_GATEWAY_BACKENDS_H_
