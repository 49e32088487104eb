#include "libs/http/response_writer.h"

#include <utility>

#include "libs/http/selection.h"

namespace broadsheet::http {
namespace {

// A status without content of its own: the head that 412 and 416 need.
void WriteBareStatus(int status, std::string_view extra, std::string& lines) {
  lines.append("HTTP/1.1 ").append(std::to_string(status)).append(" ").append(ReasonPhrase(status));
  lines.append("\r\nContent-Length: 0\r\n").append(extra);
}

std::string ContentRange(const Selection& selection, std::size_t size) {
  std::string line = "Content-Range: bytes ";
  if (selection.status == 206) {
    line.append(std::to_string(selection.begin)).append("-").append(std::to_string(selection.end - 1));
  } else {
    line.append("*");
  }
  return line.append("/").append(std::to_string(size)).append("\r\n");
}

}  // namespace

const PreparedLines WireResponse::kNoLines;

void WireResponse::Release() {
  content.reset();
  uncoded.reset();
  head = shared = &kNoLines;
  body = {};
}

bool ResponseWriter::WriteBody(Coding coding, WireResponse& wire) {
  if (coding != Coding::kIdentity) {
    wire.body.packed = &wire.content->coded(coding);
    return true;
  }
  wire.uncoded = wire.content->Uncoded();
  if (wire.uncoded) wire.body.whole = *wire.uncoded;
  return wire.uncoded != nullptr;
}

bool ResponseWriter::WriteSelected(const Request& request, WireResponse& wire) {
  const Content& content = *wire.content;
  const Selection selection = Select(request, content);
  const Content::Variant& variant = content.variant(selection.coding);
  wire.status = selection.status;
  if (selection.status == content.status()) {
    wire.head = &variant.head;
    wire.shared = &content.shared_;
    return request.method() == Method::kHead || WriteBody(selection.coding, wire);
  }
  if (selection.status == 304) {
    wire.head = &variant.head_not_modified;
    wire.shared = &content.shared_;
  } else if (selection.status == 206) {
    if (!WriteBody(Coding::kIdentity, wire)) return false;
    wire.body.whole = wire.body.whole.substr(selection.begin, selection.end - selection.begin);
    wire.lines.append(content.partial_head_).append(content.shared_.text);
    wire.lines.append(ContentRange(selection, content.uncoded_bytes()));
    wire.lines.append("Content-Length: ").append(std::to_string(wire.body.size())).append("\r\n");
  } else {
    WriteBareStatus(selection.status,
                    selection.status == 416 ? ContentRange(selection, content.uncoded_bytes()) : "",
                    wire.lines);
  }
  return true;
}

bool ResponseWriter::WriteContent(const Request* request, WireResponse& wire) {
  if (request != nullptr) return WriteSelected(*request, wire);
  wire.status = wire.content->status();
  wire.head = &wire.content->variant(Coding::kIdentity).head;
  wire.shared = &wire.content->shared_;
  return WriteBody(Coding::kIdentity, wire);
}

void ResponseWriter::Write(const Request* request, Response response, std::string_view date_line, bool close,
                           WireResponse& wire) {
  if (!response.content) response = PlainText(500, "This request could not be answered.");
  wire.Release();
  wire.content = std::move(response.content);
  wire.lines.clear();
  if (!WriteContent(request, wire)) {
    Response busy = PlainText(503, "Too many pages are being sent without compression.");
    busy.headers.Add("Retry-After", "5");
    return Write(nullptr, std::move(busy), date_line, close, wire);
  }
  wire.lines.append(date_line).append(response.headers.text());
  if (close) wire.lines.append("Connection: close\r\n");
  wire.lines.append("\r\n");
}

}  // namespace broadsheet::http
