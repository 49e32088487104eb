#ifndef BROADSHEET_LIBS_HTTP_SERVER_FIXTURE_H_
#define BROADSHEET_LIBS_HTTP_SERVER_FIXTURE_H_

#include <gtest/gtest.h>

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "libs/http/compression.h"
#include "libs/http/server.h"

// For the tests of the server: what they start and what it answers.
namespace broadsheet::http {

// Keeps responders for a thread of the test's to answer with.
class Mailbox {
 public:
  void Put(Responder responder) {
    const std::lock_guard lock(mutex_);
    responders_.push_back(std::move(responder));
    changed_.notify_all();
  }
  Responder Take() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return !responders_.empty(); });
    Responder responder = std::move(responders_.front());
    responders_.erase(responders_.begin());
    return responder;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Responder> responders_;
};

inline std::shared_ptr<const Content> Page(std::string body) {
  Content::Parts parts;
  parts.content_type = "text/html; charset=utf-8";
  parts.headers.emplace_back("Cache-Control", "public, max-age=5");
  parts.body = std::move(body);
  AddGzip(parts, Effort::kFast);
  AddBrotli(parts, Effort::kFast);
  return Content::Make(std::move(parts));
}

// Answers with what was asked: method, path, query and body.
inline void Echo(std::shared_ptr<const Request> request, Responder responder) {
  responder.Send(
      Page(absl::StrCat(std::string(MethodName(request->method())), " ", std::string(request->path()), " ",
                        std::string(request->query()), " ", std::string(request->body()))));
}

inline std::unique_ptr<Server> StartServer(ServerOptions options) {
  options.address = "127.0.0.1";
  if (!options.handler) options.handler = Echo;
  absl::StatusOr<std::unique_ptr<Server>> server = Server::Start(std::move(options));
  EXPECT_TRUE(server.ok()) << server.status();
  return *std::move(server);
}

inline std::unique_ptr<Server> StartServer(Handler handler) {
  ServerOptions options;
  options.handler = std::move(handler);
  return StartServer(std::move(options));
}

inline constexpr std::string_view kGet = "GET /a HTTP/1.1\r\nHost: news.example\r\n\r\n";

inline ServerOptions AcceptingPosts() {
  ServerOptions options;
  options.methods = {Method::kGet, Method::kHead, Method::kPost};
  return options;
}

}  // namespace broadsheet::http

#endif  // BROADSHEET_LIBS_HTTP_SERVER_FIXTURE_H_
