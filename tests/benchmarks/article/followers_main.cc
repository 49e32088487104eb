// Follows the article service many times over and has stories published meanwhile.

#include <algorithm>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "broadsheet/article/v1/editorial_service.grpc.pb.h"
#include "libs/change/follower.h"
#include "libs/rpc/channel.h"
#include "libs/rpc/process.h"
#include "tests/benchmarks/article/newsroom.h"
#include "tests/benchmarks/article/sample_story.h"

ABSL_FLAG(std::string, address, "", "Of the service.");
ABSL_FLAG(int, followers, 200, "How many, each on a connection of its own.");
ABSL_FLAG(int, publications, 200, "How many.");

namespace {

namespace v1 = broadsheet::article::v1;
using broadsheet::change::Follower;
using broadsheet::change::FollowerOptions;

struct Totals {
  std::vector<double> micros;  // of the calls
  std::vector<double> waits;   // for the followers, as the service says
  int fewest = 1 << 30;        // acknowledged
  int expired = 0;
};

absl::Status Publish(v1::EditorialService::Stub& stub, int number, Totals& totals) {
  v1::CreateArticleRequest create;
  create.set_article_id(absl::StrCat("followed-", absl::ToUnixNanos(absl::Now()), "-", number));
  *create.mutable_content() = broadsheet::bench::SampleContent(number, 2000);
  grpc::ClientContext create_context;
  v1::CreateArticleResponse created;
  grpc::Status status = stub.CreateArticle(&create_context, create, &created);
  if (!status.ok()) return absl::UnavailableError(status.error_message());
  v1::PublishArticleRequest publish;
  publish.set_article_id(create.article_id());
  grpc::ClientContext context;
  v1::PublishArticleResponse published;
  const absl::Time begun = absl::Now();
  status = stub.PublishArticle(&context, publish, &published);
  if (!status.ok()) return absl::UnavailableError(status.error_message());
  totals.micros.push_back(absl::ToDoubleMicroseconds(absl::Now() - begun));
  totals.waits.push_back(static_cast<double>(published.propagation().wait_micros()));
  totals.fewest = std::min(totals.fewest, published.propagation().acknowledged());
  totals.expired += published.propagation().expired();
  return absl::OkStatus();
}

double Percentile(std::vector<double> values, double share) {
  std::sort(values.begin(), values.end());
  return values[static_cast<std::size_t>(share * static_cast<double>(values.size() - 1))];
}

}  // namespace

int main(int argc, char** argv) {
  broadsheet::rpc::Process process(argc, argv,
                                   "Publishes stories to many followers and says how long they take.");
  const std::string address = absl::GetFlag(FLAGS_address);
  broadsheet::bench::Newsroom newsroom(address, 0, 0);
  if (absl::Status filled = newsroom.Fill(false); !filled.ok()) return process.Fail(filled);
  broadsheet::rpc::ChannelOptions channel_options;
  channel_options.own_connection = true;
  std::vector<std::unique_ptr<Follower>> followers;
  for (int i = 0; i < absl::GetFlag(FLAGS_followers); ++i) {
    FollowerOptions options;
    options.source = "article";
    options.follower_id = absl::StrCat("follower-", i);
    options.history = 0;
    followers.push_back(Follower::Start(broadsheet::rpc::NewChannel(address, channel_options), options));
  }
  for (const auto& follower : followers) {
    if (!follower->WaitUntilLive(absl::Seconds(30)))
      return process.Fail(absl::DeadlineExceededError("a follower gets no lease"));
  }
  const auto stub = v1::EditorialService::NewStub(broadsheet::rpc::NewChannel(address, channel_options));
  Totals totals;
  for (int i = 0; i < absl::GetFlag(FLAGS_publications); ++i) {
    if (absl::Status published = Publish(*stub, i, totals); !published.ok()) return process.Fail(published);
  }
  absl::PrintF(
      "{\"fewest_acknowledged\": %d, \"expired\": %d, \"publish_p50_us\": %.0f, \"publish_p99_us\": %.0f, "
      "\"wait_p50_us\": %.0f, \"wait_p99_us\": %.0f}\n",
      totals.fewest, totals.expired, Percentile(totals.micros, 0.5), Percentile(totals.micros, 0.99),
      Percentile(totals.waits, 0.5), Percentile(totals.waits, 0.99));
  return 0;
}
