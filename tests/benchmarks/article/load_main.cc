// Calls the article service, or a peer of it, and says on one line of JSON how fast it answered.

#include <atomic>
#include <cstdio>
#include <fstream>
#include <string>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/strings/str_cat.h"
#include "broadsheet/article/v1/article_service.pb.h"
#include "google/protobuf/text_format.h"
#include "libs/rpc/process.h"
#include "tests/benchmarks/article/load.h"
#include "tests/benchmarks/article/newsroom.h"

ABSL_FLAG(std::string, address, "", "Of the server.");
ABSL_FLAG(std::string, what, "get", "get, list, update or publish.");
ABSL_FLAG(int, callers, 16, "Callers at a time, each with a connection and a thread of its own.");
ABSL_FLAG(double, seconds, 3, "How long is measured.");
ABSL_FLAG(int, server_pid, 0, "Process whose CPU time is counted.");
ABSL_FLAG(std::string, requests, "", "get, list: file of requests in protobuf's text format, one to a line.");
ABSL_FLAG(int, skip_pages, 0, "list: how many pages of 100 to go before the page that is measured.");
ABSL_FLAG(std::string, save, "", "get: file for the first answer's bytes.");
ABSL_FLAG(int, body_bytes, 12000, "update, publish: of the story.");
ABSL_FLAG(bool, fill, true, "update: make the stories first; otherwise they are there.");
ABSL_FLAG(int, stories, 160, "update, publish: how many there are.");

namespace {

using broadsheet::bench::LoadOptions;
namespace v1 = broadsheet::article::v1;

constexpr char kService[] = "/broadsheet.article.v1.ArticleService/";

template <class Request>
std::vector<Request> ReadRequests() {
  std::ifstream file(absl::GetFlag(FLAGS_requests));
  std::vector<Request> requests;
  for (std::string line; std::getline(file, line);) {
    Request request;
    if (google::protobuf::TextFormat::ParseFromString(line, &request)) requests.push_back(request);
  }
  return requests;
}

// The token of the page after `skip_pages` pages of 100.
absl::Status Skip(v1::ListArticlesRequest& request) {
  const int page_size = request.page_size();
  request.set_page_size(100);
  for (int page = 0; page < absl::GetFlag(FLAGS_skip_pages); ++page) {
    auto answer =
        broadsheet::bench::Call(absl::GetFlag(FLAGS_address), absl::StrCat(kService, "ListArticles"),
                                broadsheet::bench::ToBytes(request));
    if (!answer.ok()) return answer.status();
    v1::ListArticlesResponse response;
    if (!response.ParseFromString(broadsheet::bench::ToString(*answer)) || response.next_page_token().empty())
      return absl::OutOfRangeError("the list ends before the page to measure");
    request.set_page_token(response.next_page_token());
  }
  request.set_page_size(page_size);
  return absl::OkStatus();
}

absl::Status PrepareReads(std::vector<grpc::ByteBuffer>& requests) {
  if (absl::GetFlag(FLAGS_what) == "list") {
    for (v1::ListArticlesRequest& request : ReadRequests<v1::ListArticlesRequest>()) {
      if (absl::Status skipped = Skip(request); !skipped.ok()) return skipped;
      requests.push_back(broadsheet::bench::ToBytes(request));
    }
  } else {
    for (const v1::GetArticleRequest& request : ReadRequests<v1::GetArticleRequest>())
      requests.push_back(broadsheet::bench::ToBytes(request));
  }
  if (requests.empty()) return absl::InvalidArgumentError("no requests");
  return absl::OkStatus();
}

absl::Status SaveAnswer(const LoadOptions& options, const grpc::ByteBuffer& request) {
  if (absl::GetFlag(FLAGS_save).empty()) return absl::OkStatus();
  auto answer = broadsheet::bench::Call(options.address, options.method, request);
  if (!answer.ok()) return answer.status();
  std::ofstream(absl::GetFlag(FLAGS_save), std::ios::binary) << broadsheet::bench::ToString(*answer);
  return absl::OkStatus();
}

}  // namespace

int main(int argc, char** argv) {
  broadsheet::rpc::Process process(argc, argv, "Calls the article service and says how fast it answers.");
  LoadOptions options;
  options.address = absl::GetFlag(FLAGS_address);
  options.callers = absl::GetFlag(FLAGS_callers);
  options.time = absl::Seconds(absl::GetFlag(FLAGS_seconds));
  options.server_pid = absl::GetFlag(FLAGS_server_pid);
  const std::string what = absl::GetFlag(FLAGS_what);
  std::vector<grpc::ByteBuffer> requests;
  std::atomic<std::size_t> next{0};
  broadsheet::bench::Newsroom newsroom(options.address, absl::GetFlag(FLAGS_stories),
                                       absl::GetFlag(FLAGS_body_bytes));
  if (what == "get" || what == "list") {
    options.method = absl::StrCat(kService, what == "get" ? "GetArticle" : "ListArticles");
    if (absl::Status prepared = PrepareReads(requests); !prepared.ok()) return process.Fail(prepared);
    if (absl::Status saved = SaveAnswer(options, requests.front()); !saved.ok()) return process.Fail(saved);
    options.next = [&](int) {
      return requests[next.fetch_add(1, std::memory_order_relaxed) % requests.size()];
    };
  } else {
    if (absl::GetFlag(FLAGS_fill)) {
      if (absl::Status filled = newsroom.Fill(what == "publish"); !filled.ok()) return process.Fail(filled);
    }
    if (what == "publish") return 0;
    options.method = "/broadsheet.article.v1.EditorialService/UpdateArticle";
    options.next = [&](int caller) { return newsroom.NextUpdate(caller, options.callers); };
  }
  std::puts(RunLoad(options).Json().c_str());
  return 0;
}
