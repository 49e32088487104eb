// What of a request is read after it was accepted: its target, and the fields that choose the answer. The
// first line is the target, each other one a field.
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "libs/http/compression.h"
#include "libs/http/request.h"
#include "libs/http/response.h"
#include "libs/http/response_writer.h"
#include "libs/http/selection.h"
#include "libs/http/uri.h"
#include "libs/http/validators.h"
#include "tests/fuzz/expect.h"
#include "tests/fuzz/lines.h"
#include "tests/fuzz/one_client.h"

namespace broadsheet::fuzz {
namespace {

using namespace http;  // NOLINT(google-build-using-namespace)

std::shared_ptr<const Content> ContentOf(std::size_t bytes, bool coded) {
  Content::Parts parts;
  parts.content_type = "text/plain";
  parts.body = std::string(bytes, 'a');
  parts.etag = "tag";
  if (coded) parts.last_modified = absl::FromUnixSeconds(784'111'777);
  if (coded) AddGzip(parts, Effort::kFast);
  if (coded) AddBrotli(parts, Effort::kFast);
  return Content::Make(std::move(parts));
}

// Decoding what was encoded gives what was decoded.
void CheckUri(std::string_view text) {
  if (const std::optional<std::string> path = DecodePath(text)) {
    Expect(IsValidUtf8(*path) && path->starts_with('/'), "a decoded path", *path);
    Expect(DecodePath(EncodePath(*path)) == path, "a path survives its encoding", *path);
  }
  if (const std::optional<std::string> value = DecodeQueryComponent(text)) {
    Expect(IsValidUtf8(*value), "a decoded value is UTF-8", *value);
    Expect(DecodeQueryComponent(EncodeQueryComponent(*value)) == value, "a value survives its encoding",
           *value);
  }
}

void CheckDate(std::string_view text) {
  const std::optional<absl::Time> time = ParseHttpDate(text);
  if (!time || *time < absl::UnixEpoch() || *time > absl::FromUnixSeconds(253'402'300'799)) return;
  const std::string written = HttpDate(*time);
  Expect(ParseHttpDate(written) == absl::FromUnixSeconds(absl::ToUnixSeconds(*time)), "a date survives",
         written);
}

// As it is written at `now`.
void CheckWritten(const Request& request, const std::shared_ptr<const Content>& content,
                  const Selection& selection, absl::Time now) {
  WireResponse wire;
  ResponseWriter::Write(&request, {.content = content, .headers = {}, .close_connection = false},
                        {.time = now, .line = "Date: x\r\n"}, false, wire);
  Expect(wire.status == selection.status, "what is written is what was chosen");
  if (wire.status == 206)
    Expect(wire.body.size() == selection.end - selection.begin, "as much as was chosen");
  std::string head;
  for (const std::string_view piece : wire.head) head += piece;
  head += wire.lines;
  Expect(head.ends_with("\r\n\r\n"), "a head has an end", head);
  if (wire.status == 304) Expect(head.find("ETag: ") != std::string::npos, "a copy has a tag", head);
  head.resize(head.size() - 2);
  std::string_view lines = head;
  Take(lines);
  ExpectFieldLines(lines);
}

void CheckSelection(const Request& request, const std::shared_ptr<const Content>& content) {
  const Selection selection = Select(request, *content);
  const int status = selection.status;
  Expect(content->Offers(selection.coding) || status == 304, "what is chosen is offered");
  Expect(status == 200 || status == 206 || status == 304 || status == 412 || status == 416, "a status",
         std::to_string(status));
  if (status == 206) {
    Expect(selection.begin < selection.end && selection.end <= content->uncoded_bytes(), "a range is within");
    Expect(selection.coding == Coding::kIdentity, "a range is of the uncoded body");
  }
  CheckWritten(request, content, selection, absl::InfinitePast());
  CheckWritten(request, content, selection, absl::InfiniteFuture());
}

}  // namespace
}  // namespace broadsheet::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace broadsheet::fuzz;
  static const auto plain = ContentOf(100, false);
  static const auto coded = ContentOf(2000, true);
  static const auto empty = ContentOf(0, false);
  std::string_view text(reinterpret_cast<const char*>(data), size);
  Request::Parts parts;
  parts.target = Take(text);
  CheckUri(parts.target);
  while (!text.empty() && parts.headers.size() < 20) {
    std::string_view line = Take(text);
    const std::string_view name = Take(line, ':');
    while (line.starts_with(' ')) line.remove_prefix(1);
    CheckUri(line);
    CheckDate(line);
    parts.headers.emplace_back(name, line);
  }
  for (const Method method : {Method::kGet, Method::kHead, Method::kPost}) {
    parts.method = method;
    const absl::StatusOr<std::shared_ptr<const Request>> request = Request::Make(parts);
    if (!request.ok()) return 0;
    (*request)->QueryParameter("echo");
    for (const auto& content : {plain, coded, empty}) CheckSelection(**request, content);
  }
  return 0;
}
