// Changes stories at a given rate through EditorialService.ImportArticles, and says on one line of JSON how
// many it has changed and in what time.
#include <algorithm>
#include <cstdio>
#include <string>

#include "absl/flags/flag.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "broadsheet/article/v1/editorial_service.pb.h"
#include "libs/rpc/process.h"
#include "tests/benchmarks/article/load.h"
#include "tests/benchmarks/article/sample_story.h"

ABSL_FLAG(std::string, address, "", "Of the article service.");
ABSL_FLAG(int, stories, 1'000,
          "SampleStories 0 to here are changed, one after the other, and again from the first.");
ABSL_FLAG(int, per_second, 1'000, "Stories a second.");
ABSL_FLAG(int, at_once, 100, "Stories a call.");
ABSL_FLAG(int, body_bytes, 600, "Of a story.");
ABSL_FLAG(absl::Duration, time, absl::Seconds(3), "How long.");

namespace {

namespace bench = broadsheet::bench;
namespace v1 = broadsheet::article::v1;

constexpr char kImport[] = "/broadsheet.article.v1.EditorialService/ImportArticles";

// `count` stories from `number` on, with a headline that they never had.
v1::ImportArticlesRequest ChangeOf(int number, int count) {
  v1::ImportArticlesRequest request;
  for (int i = 0; i < count; ++i) {
    const int story = (number + i) % absl::GetFlag(FLAGS_stories);
    v1::ArticleImport& import = *request.add_articles();
    import.set_article_id(bench::ArticleId(story));
    import.set_state(v1::IMPORT_STATE_USABLE);
    *import.mutable_content() = bench::SampleContent(story, absl::GetFlag(FLAGS_body_bytes));
    import.mutable_content()->set_headline(
        absl::StrCat("Changed at ", absl::ToUnixNanos(absl::Now()), " ", i));
  }
  return request;
}

absl::StatusOr<int> Import(const v1::ImportArticlesRequest& request) {
  auto answer = bench::Call(absl::GetFlag(FLAGS_address), kImport, bench::ToBytes(request));
  if (!answer.ok()) return answer.status();
  v1::ImportArticlesResponse response;
  if (!response.ParseFromString(bench::ToString(*answer))) return absl::InternalError("not an answer");
  return static_cast<int>(std::count_if(
      response.articles().begin(), response.articles().end(),
      [](const v1::ImportedArticle& imported) { return imported.outcome() == v1::IMPORT_OUTCOME_UPDATED; }));
}

}  // namespace

int main(int argc, char** argv) {
  broadsheet::rpc::Process process(argc, argv, "Changes stories at a given rate.");
  const int at_once = std::clamp(absl::GetFlag(FLAGS_at_once), 1, 500);
  const absl::Duration apart = absl::Seconds(1) * at_once / std::max(absl::GetFlag(FLAGS_per_second), 1);
  const absl::Time begun = absl::Now();
  int changed = 0;
  int calls = 0;
  for (; absl::Now() - begun < absl::GetFlag(FLAGS_time); ++calls) {
    const absl::StatusOr<int> done = Import(ChangeOf(calls * at_once, at_once));
    if (!done.ok()) return process.Fail(done.status());
    changed += *done;
    absl::SleepFor(begun + (calls + 1) * apart - absl::Now());
  }
  std::printf("{\"changed\": %d, \"seconds\": %.3f}\n", changed, absl::ToDoubleSeconds(absl::Now() - begun));
  return 0;
}
