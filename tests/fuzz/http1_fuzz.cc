// Bytes to an HTTP/1.1 connection. The first line of the input gives the sizes of the client's writes, one
// byte for each, again and again; the rest is what it sends. However it is cut, the same requests reach the
// handler, and what comes back is one response for each and, for what is no request, one more.
#include <algorithm>
#include <optional>
#include <string>
#include <string_view>

#include "absl/strings/numbers.h"
#include "tests/fuzz/expect.h"
#include "tests/fuzz/lines.h"
#include "tests/fuzz/one_client.h"

namespace broadsheet::fuzz {
namespace {

constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
constexpr std::string_view kHttp2 = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

// Takes one response, whose body has so many bytes; nothing: as many as it says.
void TakeResponse(std::string_view& rest, int status, std::optional<std::size_t> body, bool may_have_none) {
  while (rest.starts_with(kContinue)) rest.remove_prefix(kContinue.size());
  const std::string_view all = rest;
  const std::size_t head = rest.find("\r\n\r\n");
  Expect(head != rest.npos, "a response has a head", all);
  const std::string start = "HTTP/1.1 " + (status == 0 ? "" : std::to_string(status) + " ");
  Expect(rest.starts_with(start), "a response has its status", all);
  std::string_view lines = rest.substr(0, head + 2);
  Take(lines);
  ExpectFieldLines(lines);
  const std::size_t field = rest.substr(0, head).find("\r\nContent-Length: ");
  std::size_t length = 0;
  if (field != rest.npos) {
    std::string_view value = rest.substr(field + 18);
    value = Take(value, '\r');
    Expect(absl::SimpleAtoi(absl::string_view(value.data(), value.size()), &length), "a length is a number",
           all);
    Expect(may_have_none || !body || *body == length, "a length is that of the body", all);
  }
  rest.remove_prefix(head + 4);
  const std::size_t size = body.value_or(length);
  Expect(rest.size() >= size, "a body is complete", all);
  rest.remove_prefix(size);
}

// Whether there is an answer to what is no request; one that begins like a HEAD has no body.
bool CheckResponses(const OneClient& client, bool may_begin_like_head) {
  std::string_view rest = client.received();
  for (const OneClient::Answered& answered : client.answered()) {
    const bool none =
        answered.method == http::Method::kHead || answered.status == 304 || answered.status == 204;
    TakeResponse(rest, answered.status, answered.body_bytes, none);
  }
  while (rest.starts_with(kContinue)) rest.remove_prefix(kContinue.size());
  if (rest.empty()) return false;
  Expect(rest.find("\r\nConnection: close\r\n") != rest.npos, "who is refused is told of the end", rest);
  const bool none = may_begin_like_head && rest.ends_with("\r\n\r\n");
  TakeResponse(rest, 0, none ? std::optional<std::size_t>(0) : std::nullopt, none);
  Expect(rest.empty(), "nothing follows a refusal", rest);
  return true;
}

struct Outcome {
  std::string handled;
  bool refused = false;
};

Outcome Run(std::string_view bytes, std::string_view sizes) {
  OneClient client;
  const bool http2 = bytes.starts_with(kHttp2);
  const bool head = bytes.find("HEAD ") != bytes.npos;
  for (std::size_t i = 0; !bytes.empty(); ++i) {
    const std::size_t size =
        sizes.empty() ? bytes.size() : static_cast<unsigned char>(sizes[i % sizes.size()]);
    client.Send(bytes.substr(0, size + 1));
    bytes.remove_prefix(std::min(bytes.size(), size + 1));
    client.AnswerLate();
  }
  client.Finish();
  return {client.handled(), !http2 && CheckResponses(client, head)};
}

}  // namespace
}  // namespace broadsheet::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace broadsheet::fuzz;
  std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const std::string_view sizes = Take(bytes);
  const Outcome whole = Run(bytes, "");
  const Outcome cut = Run(bytes, sizes);
  Expect(whole.handled == cut.handled, "requests do not depend on how they arrive",
         whole.handled + "--- but\n" + cut.handled);
  Expect(whole.refused == cut.refused, "a refusal does not depend on how the bytes arrive");
  return 0;
}
