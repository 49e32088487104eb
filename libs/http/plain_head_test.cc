// Heads of the usual kind are read by a short way. It must say what the whole grammar's parser says, or
// nothing: each head is read both ways, in one piece by the short way where that may be taken, in two by the
// other.
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "libs/http/plain_head.h"
#include "libs/http/request_reader.h"
#include "libs/http/server.h"

namespace broadsheet::http {
namespace {

using State = RequestReader::State;

constexpr std::string_view kRequest =
    "GET /news/2026?a=b HTTP/1.1\r\nHost: news.example:80\r\nAccept-Encoding: gzip, br \r\nX-Empty:\r\n"
    "Connection: keep-alive\r\nIf-None-Match: \"tag\"\r\n\r\n";

ServerOptions Options() {
  ServerOptions options;
  options.max_header_bytes = 1024;
  options.max_target_bytes = 100;
  options.max_header_fields = 6;
  return options;
}

bool IsPlain(std::string_view bytes) {
  absl::InlinedVector<Field, 20> fields;
  return ReadPlainHead(bytes, Options().max_header_fields, fields).size > 0;
}

// All that a reader says of `bytes`, given in two pieces the first of which has `first` bytes.
std::string Read(std::string_view bytes, std::size_t first) {
  static const ServerOptions options = Options();
  RequestReader reader(options, "192.0.2.1");
  std::size_t used = first > 0 ? reader.Feed(bytes.substr(0, first)) : 0;
  if (reader.state() != State::kFailed && reader.state() != State::kComplete)
    used += reader.Feed(bytes.substr(used));
  std::string said = absl::StrCat("state ", static_cast<int>(reader.state()), " ", reader.error_status());
  if (reader.state() != State::kComplete) return said;
  absl::StrAppend(&said, " used ", used, " keep ", reader.keep_alive(), " continue ",
                  reader.expects_continue());
  const std::shared_ptr<const Request> request = reader.Take();
  for (const std::string_view part : {MethodName(request->method()), request->target(), request->path(),
                                      request->query(), request->host(), request->remote_address()})
    said.append("|").append(part);
  for (const Field& field : request->fields())
    said.append("\n").append(field.name).append("=").append(field.value);
  return said;
}

void ExpectTheSameBothWays(const std::string& bytes) { EXPECT_EQ(Read(bytes, 0), Read(bytes, 1)) << bytes; }

TEST(PlainHead, IsWhatNearlyAllRequestsHave) {
  EXPECT_TRUE(IsPlain(kRequest));
  EXPECT_TRUE(IsPlain("HEAD / HTTP/1.1\r\nhost: x\r\n\r\nGET "));
  ExpectTheSameBothWays(std::string(kRequest));
  EXPECT_EQ(Read(kRequest, 0).substr(0, 7), "state 3");
}

TEST(PlainHead, IsNoHeadThatIsNotComplete) {
  for (std::size_t size = 0; size < kRequest.size(); ++size) EXPECT_FALSE(IsPlain(kRequest.substr(0, size)));
}

TEST(PlainHead, SaysNothingOfBodiesConnectionsAndExpectations) {
  for (const char* line :
       {"Content-Length: 0", "Transfer-Encoding: chunked", "Expect: 100-continue", "Connection: close",
        "Connection: keep-alive, x", "Proxy-Connection: close", "Upgrade: h2c", "Host: y", "Host: "}) {
    EXPECT_FALSE(IsPlain(absl::StrCat("GET / HTTP/1.1\r\nHost: x\r\n", line, "\r\n\r\n"))) << line;
    ExpectTheSameBothWays(absl::StrCat("GET / HTTP/1.1\r\nHost: x\r\n", line, "\r\n\r\n"));
  }
}

TEST(PlainHead, KeepsToTheLimits) {
  for (int more = 960; more < 1010; ++more)
    ExpectTheSameBothWays(
        absl::StrCat("GET / HTTP/1.1\r\nHost: x\r\nA: ", std::string(more, 'a'), "\r\n\r\n"));
  for (int size = 90; size < 110; ++size)
    ExpectTheSameBothWays(absl::StrCat("GET /", std::string(size, 'a'), " HTTP/1.1\r\nHost: x\r\n\r\n"));
  std::string fields = "Host: x\r\n";
  for (int i = 0; i < 8; ++i) {
    ExpectTheSameBothWays(absl::StrCat("GET / HTTP/1.1\r\n", fields, "\r\n"));
    fields += "A: b\r\n";
  }
}

TEST(PlainHead, IsReadAsByTheWholeGrammarWhateverByteIsChanged) {
  for (std::size_t i = 0; i < kRequest.size(); ++i) {
    for (int byte = 0; byte < 256; ++byte) {
      std::string changed(kRequest);
      changed[i] = static_cast<char>(byte);
      ExpectTheSameBothWays(changed);
    }
  }
}

TEST(PlainHead, IsReadAsByTheWholeGrammarWhateverByteIsAddedOrMissing) {
  for (std::size_t i = 0; i < kRequest.size(); ++i) {
    for (int byte = 0; byte < 256; ++byte)
      ExpectTheSameBothWays(std::string(kRequest).insert(i, 1, static_cast<char>(byte)));
    ExpectTheSameBothWays(std::string(kRequest).erase(i, 1));
  }
}

}  // namespace
}  // namespace broadsheet::http
