#include "tests/fuzz/one_client.h"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <memory>
#include <utility>

#include "libs/http/compression.h"
#include "libs/http/event_loop.h"
#include "libs/http/request_rules.h"
#include "libs/http/uri.h"
#include "tests/fuzz/expect.h"
#include "tests/fuzz/lines.h"

namespace broadsheet::fuzz {

using http::Request;
using http::Responder;

// The one loop of the process, for one client after the other.
class TheLoop {
 public:
  static TheLoop& Get() {
    static auto& loop = *new TheLoop();
    return loop;
  }

  http::EventLoop& events() { return *events_; }
  const http::ServerOptions& options() const { return *options_; }
  void Serve(OneClient* client) { client_ = client; }

 private:
  TheLoop() {
    std::signal(SIGPIPE, SIG_IGN);
    auto options = std::make_shared<http::ServerOptions>();
    options->methods = {http::Method::kGet, http::Method::kHead, http::Method::kPost};
    options->max_target_bytes = 256;
    options->max_header_bytes = 1024;
    options->max_header_fields = 20;
    options->max_body_bytes = 512;
    options->handler = [this](std::shared_ptr<const Request> request, Responder responder) {
      if (client_ != nullptr) client_->Handle(*request, std::move(responder));
    };
    options->on_served = [this](const http::Served& served) {
      if (client_ == nullptr) return;
      client_->answered_.push_back({served.request.method(), served.status, served.body_bytes});
    };
    options_ = options;
    events_ = std::make_shared<http::EventLoop>(options, /*max_connections=*/4, options->max_stream_bytes);
    events_->RunHere();
  }

  std::shared_ptr<const http::ServerOptions> options_;
  std::shared_ptr<http::EventLoop> events_;
  OneClient* client_ = nullptr;
};

namespace {

std::shared_ptr<const http::Content> Page() {
  static const auto page = [] {
    http::Content::Parts parts;
    parts.content_type = "text/html; charset=utf-8";
    for (int i = 0; i < 200; ++i) parts.body += "The lamp turned at dusk. ";
    parts.last_modified = absl::FromUnixSeconds(1'795'175'520);
    http::AddGzip(parts, http::Effort::kFast);
    http::AddBrotli(parts, http::Effort::kFast);
    return http::Content::Make(std::move(parts));
  }();
  return page;
}

void ExpectWithinRules(const Request& request) {
  const http::ServerOptions& options = TheLoop::Get().options();
  const std::string_view path = request.path();
  Expect(path.starts_with('/'), "a handler gets a path", path);
  Expect(http::IsValidUtf8(path), "a path is UTF-8", path);
  for (const char c : path)
    Expect(static_cast<unsigned char>(c) >= 0x20 && c != 0x7f && c != '\\', "a path has no control", path);
  const std::string ended = std::string(path).append("/");
  for (const char* dots : {"/./", "/../"}) Expect(ended.find(dots) == ended.npos, "no dot segments", path);
  Expect(request.target().size() <= options.max_target_bytes, "a target is bounded", request.target());
  Expect(request.body().size() <= options.max_body_bytes, "a body is bounded", request.body());
  Expect(request.fields().size() <= options.max_header_fields + 1, "fields are bounded");
  Expect(request.host().empty() || http::IsAuthority(request.host()), "Host is a host", request.host());
  for (const http::Field& field : request.fields()) {
    Expect(!field.name.empty() && field.name.find_first_of(" \t\r\n:") == field.name.npos, "a field's name",
           field.name);
    Expect(field.value.find_first_of(std::string_view("\r\n\0", 3)) == field.value.npos, "a field's value",
           field.value);
  }
}

}  // namespace

const http::ServerOptions& OneClient::Options() { return TheLoop::Get().options(); }

OneClient::OneClient() {
  int ends[2] = {-1, -1};
  Expect(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends) == 0, "a pair of sockets");
  socket_ = ends[0];
  TheLoop::Get().Serve(this);
  TheLoop::Get().events().Adopt(http::Socket(ends[1]));
  Settle();
}

OneClient::~OneClient() {
  close(std::exchange(socket_, -1));
  AnswerLate();
  http::EventLoop& events = TheLoop::Get().events();
  for (int turns = 0; events.Turn() || turns < 3; ++turns) Expect(turns < 1'000, "a loop comes to rest");
  Expect(events.counters().open.load() == 0, "a connection ends with its client");
  Expect(events.stream_bytes() == 0, "what streams held is counted back");
  TheLoop::Get().Serve(nullptr);
}

void OneClient::Send(std::string_view bytes) {
  for (int refused = 0; !bytes.empty();) {
    const ssize_t sent = send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent > 0) bytes.remove_prefix(static_cast<std::size_t>(sent));
    Settle();
    // The server has closed, or does not listen until it is answered.
    if (sent <= 0 && ++refused > 2) return;
  }
}

void OneClient::AnswerLate() {
  std::vector<Responder> late = std::move(late_);
  late_.clear();
  // In the other order than they were asked; and every third not at all.
  for (std::size_t i = late.size(); i > 0; --i) {
    if (i % 3 != 0) late[i - 1].Send(http::PlainText(200, "late"));
  }
  late.clear();
  Settle();
}

void OneClient::Finish() {
  while (!late_.empty()) AnswerLate();
  shutdown(socket_, SHUT_WR);
  Settle();
  while (!late_.empty()) AnswerLate();
  Expect(TheLoop::Get().events().counters().open.load() == 0, "a connection ends once all is answered");
}

void OneClient::Settle() {
  http::EventLoop& events = TheLoop::Get().events();
  int turns = 0;
  do {
    while (events.Turn()) Expect(++turns < 10'000, "a loop comes to rest");
  } while (Receive());
}

bool OneClient::Receive() {
  char buffer[16 * 1024];
  bool any = false;
  for (;;) {
    const ssize_t size = recv(socket_, buffer, sizeof(buffer), 0);
    if (size <= 0) return any;
    any = true;
    received_.append(buffer, static_cast<std::size_t>(size));
  }
}

void OneClient::Handle(const Request& request, Responder responder) {
  ExpectWithinRules(request);
  handled_.append(http::MethodName(request.method())).append(" ").append(request.target());
  handled_.append("\n  ").append(request.path()).append("\n  ").append(request.host());
  for (const http::Field& field : request.fields())
    handled_.append("\n  ").append(field.name).append(": ").append(field.value);
  handled_.append("\n  ").append(request.body()).append("\n");
  if (request.path().starts_with("/late")) return late_.push_back(std::move(responder));
  if (request.path().starts_with("/never")) return;
  if (request.path().starts_with("/gone")) return responder.Send(http::Redirect(301, "/there"));
  http::Response response = {.content = Page(), .headers = {}, .close_connection = false};
  response.headers.Add("Echo", request.QueryParameter("echo").value_or("none"));
  response.close_connection = request.path().starts_with("/last");
  responder.Send(std::move(response));
}

void ExpectFieldLines(std::string_view text) {
  while (!text.empty()) {
    const std::string_view line = Take(text);
    const std::size_t colon = line.find(": ");
    Expect(line.ends_with('\r') && colon != line.npos && colon > 0, "a line of a response's head", line);
    for (const char c : line.substr(0, line.size() - 1))
      Expect((static_cast<unsigned char>(c) >= 0x20 && c != 0x7f) || c == '\t', "no control in a head", line);
  }
}

}  // namespace broadsheet::fuzz
