#include "libs/testing/http_get.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

namespace broadsheet::test {
namespace {

// A connected socket with a deadline.
class Connection {
 public:
  explicit Connection(absl::Duration timeout) : deadline_(absl::Now() + timeout) {}
  ~Connection() {
    if (fd_ >= 0) close(fd_);
  }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  absl::Status Connect(int port) {
    fd_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0) {
      return absl::UnavailableError(absl::StrCat("cannot connect to port ", port));
    }
    return absl::OkStatus();
  }

  absl::Status Send(std::string_view text) {
    while (!text.empty()) {
      if (absl::Status ready = Await(POLLOUT); !ready.ok()) return ready;
      const ssize_t sent = send(fd_, text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
      if (sent > 0) text.remove_prefix(static_cast<std::size_t>(sent));
      // A server may answer without reading everything: then the answer matters.
      if (sent < 0 && errno != EAGAIN) return absl::OkStatus();
    }
    return absl::OkStatus();
  }

  // Appends what has arrived; false at the end of the connection.
  absl::StatusOr<bool> Receive(std::string& text) {
    if (absl::Status ready = Await(POLLIN); !ready.ok()) return ready;
    char buffer[16 * 1024];
    const ssize_t received = recv(fd_, buffer, sizeof(buffer), 0);
    if (received < 0) return absl::UnavailableError("the connection was reset");
    text.append(buffer, static_cast<std::size_t>(received));
    return received > 0;
  }

 private:
  absl::Status Await(short event) {
    pollfd poll_fd{fd_, event, 0};
    const auto left = absl::ToInt64Milliseconds(deadline_ - absl::Now());
    if (left <= 0 || poll(&poll_fd, 1, static_cast<int>(left)) <= 0) {
      return absl::DeadlineExceededError("no answer in time");
    }
    return absl::OkStatus();
  }

  const absl::Time deadline_;
  int fd_ = -1;
};

bool ParseHead(std::string_view head, HttpAnswer& answer) {
  std::size_t end = head.find("\r\n");
  const std::string status_line(head.substr(0, end));
  if (!status_line.starts_with("HTTP/1.") || status_line.size() < 12) return false;
  answer.status = std::atoi(status_line.c_str() + 9);
  while (end != std::string_view::npos) {
    head.remove_prefix(end + 2);
    end = head.find("\r\n");
    const std::string_view line = head.substr(0, end);
    const std::size_t colon = line.find(':');
    if (line.empty()) continue;
    if (colon == std::string_view::npos) return false;
    std::string name(line.substr(0, colon));
    std::string value(line.substr(colon + 1));
    absl::AsciiStrToLower(&name);
    absl::StripAsciiWhitespace(&value);
    auto [at, added] = answer.headers.try_emplace(name, value);
    if (!added) absl::StrAppend(&at->second, ", ", value);
  }
  return true;
}

// The chunks in `text` put together; nothing while the last one has not arrived.
std::optional<std::string> Dechunk(std::string_view text) {
  std::string body;
  while (true) {
    const std::size_t end = text.find("\r\n");
    if (end == std::string_view::npos) return std::nullopt;
    const std::size_t size = std::strtoul(std::string(text.substr(0, end)).c_str(), nullptr, 16);
    if (text.size() < end + 2 + size + 2) return std::nullopt;
    if (size == 0) return body;
    body.append(text.substr(end + 2, size));
    text.remove_prefix(end + 2 + size + 2);
  }
}

// Whether `rest`, what came after the head, is the whole body; then it is in `answer`.
bool TakeBody(std::string_view method, std::string_view rest, bool closed, HttpAnswer& answer) {
  if (method == "HEAD" || answer.status == 204 || answer.status == 304 || answer.status < 200) return true;
  if (answer.Header("transfer-encoding") == "chunked") {
    std::optional<std::string> body = Dechunk(rest);
    if (!body) return false;
    answer.body = *std::move(body);
    return true;
  }
  const std::string length_text = answer.Header("content-length");
  std::uint64_t length = 0;
  if (length_text.empty() ? !closed : !absl::SimpleAtoi(length_text, &length) || rest.size() < length) {
    return false;
  }
  answer.body = std::string(length_text.empty() ? rest : rest.substr(0, length));
  return true;
}

}  // namespace

std::string HttpAnswer::Header(const std::string& name) const {
  const auto found = headers.find(name);
  return found == headers.end() ? "" : found->second;
}

absl::StatusOr<HttpAnswer> HttpGet(int port, std::string_view path, const HttpHeaders& headers,
                                   absl::Duration timeout) {
  return HttpRequest(port, "GET", path, headers, "", timeout);
}

absl::StatusOr<HttpAnswer> HttpRequest(int port, std::string_view method, std::string_view path,
                                       const HttpHeaders& headers, std::string_view body,
                                       absl::Duration timeout) {
  std::string request = std::string(method) + " " + std::string(path) + " HTTP/1.1\r\n";
  const bool has_host = std::any_of(headers.begin(), headers.end(), [](const auto& header) {
    return absl::AsciiStrToLower(header.first) == "host";
  });
  if (!has_host) absl::StrAppend(&request, "Host: 127.0.0.1:", port, "\r\n");
  for (const auto& [name, value] : headers) absl::StrAppend(&request, name, ": ", value, "\r\n");
  if (!body.empty()) absl::StrAppend(&request, "Content-Length: ", body.size(), "\r\n");
  request += "Connection: close\r\n\r\n";
  request += body;

  Connection connection(timeout);
  if (absl::Status connected = connection.Connect(port); !connected.ok()) return connected;
  if (absl::Status sent = connection.Send(request); !sent.ok()) return sent;
  std::string text;
  while (true) {
    absl::StatusOr<bool> more = connection.Receive(text);
    if (!more.ok()) return more.status();
    const std::size_t head_end = text.find("\r\n\r\n");
    if (head_end != std::string::npos) {
      HttpAnswer answer;
      if (!ParseHead(std::string_view(text).substr(0, head_end), answer)) {
        return absl::DataLossError("the answer is not HTTP");
      }
      if (TakeBody(method, std::string_view(text).substr(head_end + 4), !*more, answer)) return answer;
    }
    if (!*more) return absl::DataLossError("the answer ends early");
  }
}

}  // namespace broadsheet::test
