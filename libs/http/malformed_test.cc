// Requests that two implementations could read differently, or that ask for more than they may: each is
// refused, and the connection is closed, since nobody knows what its next bytes would mean.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "libs/http/raw_client.h"
#include "libs/http/server.h"

namespace broadsheet::http {
namespace {

struct Attack {
  std::string name;
  std::string bytes;
  int status;
};

std::string Get(const std::string& lines) { return "GET / HTTP/1.1\r\n" + lines + "\r\n"; }
std::string Post(const std::string& lines, const std::string& body) {
  return "POST / HTTP/1.1\r\nHost: x\r\n" + lines + "\r\n" + body;
}

std::vector<Attack> ListedAttacks() {
  const std::string smuggled = "GET /admin HTTP/1.1\r\nHost: x\r\n\r\n";
  const std::string chunked = "Transfer-Encoding: chunked\r\n";
  return {
      // Framing
      {"length and chunked", Post("Content-Length: 4\r\n" + chunked, "0\r\n\r\n" + smuggled), 400},
      {"chunked and length", Post(chunked + "Content-Length: 4\r\n", "0\r\n\r\n" + smuggled), 400},
      {"two lengths that differ", Post("Content-Length: 4\r\nContent-Length: 5\r\n", "abcde"), 400},
      {"two lengths that agree", Post("Content-Length: 4\r\nContent-Length: 4\r\n", "abcd"), 400},
      {"a list of lengths", Post("Content-Length: 4, 4\r\n", "abcd"), 400},
      {"a signed length", Post("Content-Length: +4\r\n", "abcd"), 400},
      {"a negative length", Post("Content-Length: -4\r\n", "abcd"), 400},
      {"a hexadecimal length", Post("Content-Length: 0x4\r\n", "abcd"), 400},
      {"a length with a space inside", Post("Content-Length: 1 2\r\n", "abcd"), 400},
      {"an empty length", Post("Content-Length:\r\n", "abcd"), 400},
      {"a length beyond 64 bits", Post("Content-Length: 18446744073709551620\r\n", "abcd"), 400},
      {"a length beyond the limit", Post("Content-Length: 65537\r\n", ""), 413},
      {"a length before the colon's space", Post("Content-Length : 4\r\n", "abcd"), 400},
      {"two codings", Post("Transfer-Encoding: gzip, chunked\r\n", "0\r\n\r\n"), 501},
      {"identity coding", Post("Transfer-Encoding: identity\r\n", "abcd"), 501},
      {"chunked twice", Post(chunked + chunked, "0\r\n\r\n"), 400},
      {"chunked listed twice", Post("Transfer-Encoding: chunked, chunked\r\n", "0\r\n\r\n"), 501},
      {"chunked misspelt", Post("Transfer-Encoding: xchunked\r\n", "0\r\n\r\n"), 501},
      {"chunked with a vertical tab",
       Post("Transfer-Encoding: \x0b"
            "chunked\r\n",
            "0\r\n\r\n"),
       400},
      {"chunked in HTTP/1.0", "POST / HTTP/1.0\r\nHost: x\r\n" + chunked + "\r\n0\r\n\r\n", 400},
      // Chunks
      {"a chunk size that is no number", Post(chunked, "zz\r\nabc\r\n0\r\n\r\n"), 400},
      {"a signed chunk size", Post(chunked, "+3\r\nabc\r\n0\r\n\r\n"), 400},
      {"a chunk size with 0x", Post(chunked, "0x3\r\nabc\r\n0\r\n\r\n"), 400},
      {"a chunk size beyond 64 bits", Post(chunked, "10000000000000003\r\nabc\r\n0\r\n\r\n"), 400},
      {"a chunk beyond the limit", Post(chunked, "fffffffffffffff0\r\nabc"), 413},
      {"a chunk longer than it says", Post(chunked, "3\r\nabcd\r\n0\r\n\r\n"), 400},
      {"a chunk line ended by LF", Post(chunked, "3\nabc\r\n0\r\n\r\n"), 400},
      {"a chunk ended by LF", Post(chunked, "3\r\nabc\n0\r\n\r\n"), 400},
      {"a chunk extension with a control character", Post(chunked, "3;a=\x01\r\nabc\r\n0\r\n\r\n"), 400},
      {"a chunk extension with a line feed between quotes", Post(chunked, "3;a=\"\n\"\r\nabc\r\n0\r\n\r\n"),
       400},
      {"a last chunk with a line feed between quotes", Post(chunked, "0;a=\"\n\"\r\n\r\n"), 400},
      {"an endless chunk extension", Post(chunked, "3;" + std::string(40'000, 'a')), 400},
      {"a length in the trailer", Post(chunked, "3\r\nabc\r\n0\r\nContent-Length: 5\r\n\r\n"), 400},
      {"a trailer that is no field", Post(chunked, "3\r\nabc\r\n0\r\nnot a field\r\n\r\n"), 400},
      // Lines
      {"lines ended by LF", "GET / HTTP/1.1\nHost: x\n\n", 400},
      {"one line ended by LF", "GET / HTTP/1.1\r\nHost: x\nA: b\r\n\r\n", 400},
      {"a bare CR in a value", Get("Host: x\r\nA: b\rContent-Length: 5\r\n"), 400},
      {"a bare CR before the request line's end", "GET / HTTP/1.1\r\r\nHost: x\r\n\r\n", 400},
      {"NUL in a value", Get(std::string("Host: x\r\nA: b\0c\r\n", 17)), 400},
      {"a control character in a value",
       Get("Host: x\r\nA: b\x07"
           "c\r\n"),
       400},
      {"DEL in a value", Get("Host: x\r\nA: b\x7f\r\n"), 400},
      {"a folded field", Get("Host: x\r\nA: b\r\n c\r\n"), 400},
      {"a folded field with a tab", Get("Host: x\r\nTransfer-Encoding:\r\n\tchunked\r\n"), 400},
      {"a fold before the first field", Get(" Host: x\r\n"), 400},
      {"a space before a colon", Get("Host : x\r\n"), 400},
      {"a space in a field name", Get("Host: x\r\nA b: c\r\n"), 400},
      {"a field without a colon", Get("Host: x\r\nA\r\n"), 400},
      {"a field without a name", Get("Host: x\r\n: c\r\n"), 400},
      {"a field name that is not ASCII", Get("Host: x\r\n\xc3\xa9: c\r\n"), 400},
      {"a quote in a field name", Get("Host: x\r\n\"A\": c\r\n"), 400},
      {"a malformed Connection", Get("Host: x\r\nConnection: a b=c\r\n"), 400},
      // Host and target
      {"no Host", "GET / HTTP/1.1\r\n\r\n", 400},
      {"two Hosts", Get("Host: x\r\nHost: y\r\n"), 400},
      {"two equal Hosts", Get("Host: x\r\nHost: x\r\n"), 400},
      {"an empty Host", Get("Host:\r\n"), 400},
      {"a Host with a path", Get("Host: x/y\r\n"), 400},
      {"a Host with user information", Get("Host: a@x\r\n"), 400},
      {"a list of Hosts", Get("Host: x, y\r\n"), 400},
      {"a target that disagrees with Host", "GET http://y/ HTTP/1.1\r\nHost: x\r\n\r\n", 400},
      {"a target with user information", "GET http://x@y/ HTTP/1.1\r\nHost: x\r\n\r\n", 400},
      {"another scheme", "GET ftp://x/ HTTP/1.1\r\nHost: x\r\n\r\n", 400},
      {"a relative target", "GET index.html HTTP/1.1\r\nHost: x\r\n\r\n", 400},
      {"a star for GET", "GET * HTTP/1.1\r\nHost: x\r\n\r\n", 400},
      {"a fragment", "GET /#a HTTP/1.1\r\nHost: x\r\n\r\n", 400},
      {"a dot segment", "GET /a/../b HTTP/1.1\r\nHost: x\r\n\r\n", 400},
      {"an encoded dot segment", "GET /a/%2e%2E/b HTTP/1.1\r\nHost: x\r\n\r\n", 400},
      {"an encoded slash", "GET /a%2fb HTTP/1.1\r\nHost: x\r\n\r\n", 400},
      {"an encoded NUL", "GET /a%00b HTTP/1.1\r\nHost: x\r\n\r\n", 400},
      {"an encoded line end", "GET /a%0d%0aX:y HTTP/1.1\r\nHost: x\r\n\r\n", 400},
      {"a backslash", "GET /a\\b HTTP/1.1\r\nHost: x\r\n\r\n", 400},
      {"a malformed escape", "GET /a%zz HTTP/1.1\r\nHost: x\r\n\r\n", 400},
      {"an unfinished escape", "GET /a%4 HTTP/1.1\r\nHost: x\r\n\r\n", 400},
      {"bytes that are not UTF-8", "GET /a%ff HTTP/1.1\r\nHost: x\r\n\r\n", 400},
      {"an overlong encoding", "GET /a%c0%af HTTP/1.1\r\nHost: x\r\n\r\n", 400},
      {"a space in the target", "GET /a b HTTP/1.1\r\nHost: x\r\n\r\n", 400},
      {"two spaces before the target", "GET  / HTTP/1.1\r\nHost: x\r\n\r\n", 400},
      {"a tab for a space", "GET\t/ HTTP/1.1\r\nHost: x\r\n\r\n", 400},
      // Method and version
      {"no version", "GET /\r\nHost: x\r\n\r\n", 400},
      {"a version in lower case", "GET / http/1.1\r\nHost: x\r\n\r\n", 400},
      {"a version with two digits", "GET / HTTP/1.10\r\nHost: x\r\n\r\n", 400},
      {"a space after the version", "GET / HTTP/1.1 \r\nHost: x\r\n\r\n", 400},
      {"version 2.0", "GET / HTTP/2.0\r\nHost: x\r\n\r\n", 505},
      {"version 0.9", "GET / HTTP/0.9\r\nHost: x\r\n\r\n", 505},
      {"an unknown method", "BREW / HTTP/1.1\r\nHost: x\r\n\r\n", 501},
      {"a method in lower case", "get / HTTP/1.1\r\nHost: x\r\n\r\n", 501},
      {"CONNECT", "CONNECT x:80 HTTP/1.1\r\nHost: x:80\r\n\r\n", 501},
      {"TRACE", "TRACE / HTTP/1.1\r\nHost: x\r\n\r\n", 501},
      {"a method that is no token", "GE\"T / HTTP/1.1\r\nHost: x\r\n\r\n", 400},
      {"a TLS handshake", std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11), 400},
      {"a binary protocol", std::string("\0\0\0\x10", 4), 400},
      {"white space before the method", " GET / HTTP/1.1\r\nHost: x\r\n\r\n", 400},
      {"an unknown expectation", Get("Host: x\r\nExpect: more\r\n"), 417},
      // Size
      {"a target that is too long", "GET /" + std::string(9000, 'a') + " HTTP/1.1\r\nHost: x\r\n\r\n", 414},
      {"a target without an end", "GET /" + std::string(9000, 'a'), 414},
      {"a field that is too large", Get("Host: x\r\nA: " + std::string(17'000, 'a') + "\r\n"), 431},
      {"a field without an end", "GET / HTTP/1.1\r\nHost: x\r\nA: " + std::string(17'000, 'a'), 431},
      {"too many fields",
       Get("Host: x\r\n" +
           [] {
             std::string lines;
             for (int i = 0; i < 101; ++i) lines += "A: b\r\n";
             return lines;
           }()),
       431},
  };
}

// Every character where it must not be.
void AddForbiddenCharacters(std::vector<Attack>& attacks) {
  for (int code = 0; code <= 0x7f; ++code) {
    const std::string name = absl::StrCat("character ", code);
    const std::string character(1, static_cast<char>(code));
    const std::string in_path = absl::StrFormat("GET /a%%%02xb HTTP/1.1\r\nHost: x\r\n\r\n", code);
    if (const bool control = code < 0x20 || code == 0x7f; control) {
      attacks.push_back({name + " escaped in a path", in_path, 400});
      attacks.push_back({name + " in a target", "GET /a" + character + "b HTTP/1.1\r\nHost: x\r\n\r\n", 400});
      attacks.push_back({name + " in a field name", Get("Host: x\r\nA" + character + "B: c\r\n"), 400});
      if (character != "\t")
        attacks.push_back({name + " in a value", Get("Host: x\r\nA: b" + character + "c\r\n"), 400});
    } else if (std::string_view("\"(),/;<=>?@[\\]{} ").find(character) != std::string_view::npos) {
      attacks.push_back({name + " in a field name", Get("Host: x\r\nA" + character + "B: c\r\n"), 400});
      attacks.push_back({name + " in a method", "GE" + character + "T / HTTP/1.1\r\nHost: x\r\n\r\n", 400});
    }
  }
}

// Framing that one implementation overlooks and another obeys.
void AddHiddenFraming(std::vector<Attack>& attacks) {
  const std::string smuggled = "0\r\n\r\nGET /admin HTTP/1.1\r\nHost: x\r\n\r\n";
  for (const char* coding :
       {"chunked,", ",chunked", "chunked;q=1", "\"chunked\"", "'chunked'", "chunked chunked", "chunk",
        "chunked\\", "deflate", "gzip,chunked", "chunked, identity", "identity, chunked", "cow"}) {
    attacks.push_back(
        {absl::StrCat("the coding ", coding),
         Post(absl::StrCat("Content-Length: 6\r\nTransfer-Encoding: ", coding, "\r\n"), smuggled), 400});
  }
  for (const char* length :
       {"4,", ",4", "4;5", "4.0", "4e0", "4_0", "0b1", "4 bytes", "\"4\"", "--4", "4-", "NaN", "\xd9\xa4",
        "99999999999999999999999", "-0", "+0", "0x0", "4,5", "4\t5"}) {
    attacks.push_back({absl::StrCat("the length ", length),
                       Post(absl::StrCat("Content-Length: ", length, "\r\n"), "abcd"), 400});
  }
  for (const char* host :
       {"x y", "x?y", "x#y", "%78", "http://x", "x;y", "'x'", "x\\y", "\xc3\xa9", "x,x", "<x>", "x\ty"}) {
    attacks.push_back({absl::StrCat("the Host ", host), Get(absl::StrCat("Host: ", host, "\r\n")), 400});
  }
  for (const char* version :
       {"HTTP/1,1", "HTTP/11", "HTTPS/1.1", "HTTP/1.1.1", "HTTP 1.1", "HTTP/-1.1", "HTTP/1.a", "/1.1"}) {
    attacks.push_back(
        {absl::StrCat("the version ", version), absl::StrCat("GET / ", version, "\r\nHost: x\r\n\r\n"), 400});
  }
}

std::vector<Attack> Attacks() {
  std::vector<Attack> attacks = ListedAttacks();
  AddForbiddenCharacters(attacks);
  AddHiddenFraming(attacks);
  return attacks;
}

class Malformed : public ::testing::Test {
 protected:
  void SetUp() override {
    ServerOptions options;
    options.address = "127.0.0.1";
    options.methods = {Method::kGet, Method::kHead, Method::kPost};
    options.handler = [this](std::shared_ptr<const Request>, Responder responder) {
      ++handled_;
      responder.Send(PlainText(200, "served"));
    };
    absl::StatusOr<std::unique_ptr<Server>> server = Server::Start(std::move(options));
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
  }

  std::atomic<int> handled_{0};
  std::unique_ptr<Server> server_;
};

TEST_F(Malformed, RequestsAreRefusedAndTheConnectionIsClosed) {
  const std::vector<Attack> attacks = Attacks();
  ASSERT_GE(attacks.size(), 200u);
  for (const Attack& attack : attacks) {
    SCOPED_TRACE(attack.name);
    RawClient client(server_->port());
    const RawClient::Reply reply = client.Exchange(attack.bytes);
    EXPECT_EQ(reply.status, attack.status);
    EXPECT_EQ(reply.Header("Connection"), "close");
    EXPECT_TRUE(client.IsClosed());
  }
  EXPECT_EQ(handled_, 0);
  EXPECT_EQ(server_->statistics().rejected, attacks.size());
}

TEST_F(Malformed, ARefusedHeadIsAnsweredWithoutABody) {
  for (const std::string& head :
       {std::string("HEAD /a%2fb HTTP/1.1\r\nHost: x\r\n\r\n"), std::string("HEAD / HTTP/1.1\r\n\r\n"),
        "HEAD /" + std::string(9'000, 'a') + " HTTP/1.1\r\nHost: x\r\n\r\n"}) {
    RawClient client(server_->port());
    client.Send(head);
    client.FinishSending();
    const std::string reply = client.ReceiveAll();
    EXPECT_TRUE(reply.starts_with("HTTP/1.1 4")) << reply;
    EXPECT_TRUE(reply.ends_with("\r\n\r\n")) << reply;
  }
}

TEST_F(Malformed, BytesAfterARefusedRequestAreNeverServed) {
  for (const Attack& attack : Attacks()) {
    SCOPED_TRACE(attack.name);
    RawClient client(server_->port());
    client.Send(attack.bytes + "\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n");
    client.FinishSending();
    EXPECT_EQ(client.ReceiveAll().find("served"), std::string::npos);
  }
  EXPECT_EQ(handled_, 0);
}

TEST_F(Malformed, RequestsCutOffAnywhereHarmNobody) {
  const std::string request = Post("Transfer-Encoding: chunked\r\n", "3;a=b\r\nabc\r\n0\r\nT: u\r\n\r\n");
  for (std::size_t size = 0; size < request.size(); ++size) {
    RawClient client(server_->port());
    client.Send(request.substr(0, size));
    client.FinishSending();
    EXPECT_TRUE(client.IsClosed()) << size;
  }
  EXPECT_EQ(handled_, 0);
  RawClient client(server_->port());
  EXPECT_EQ(client.Exchange(request).body, "served\n");
}

}  // namespace
}  // namespace broadsheet::http
