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

Content::Head Whole(bool dated) { return dated ? Content::Head::kWhole : Content::Head::kUndated; }

}  // namespace

void WireResponse::Release() {
  content.reset();
  uncoded.reset();
  prepared.reset();
  head = {};
  body = {};
}

std::size_t WireResponse::head_bytes() const {
  std::size_t total = lines.size();
  for (const std::string_view piece : head) total += piece.size();
  return total;
}

bool WireResponse::Unpack() {
  if (body.left_out == 0) return true;
  uncoded = content->Uncoded();
  if (!uncoded) return false;
  body.whole = std::string_view(*uncoded).substr(body.left_out_from, std::exchange(body.left_out, 0));
  return true;
}

void ResponseWriter::WritePrepared(Content::Head head, Coding coding, WireResponse& wire) {
  wire.prepared = head;
  wire.coding = coding;
  wire.head = wire.content->http1_head(head, coding);
}

void ResponseWriter::WriteBody(Coding coding, std::size_t begin, std::size_t end, WireResponse& wire) {
  if (coding == Coding::kIdentity) {
    wire.body.left_out_from = begin;
    wire.body.left_out = end - begin;
  } else {
    wire.body.packed = &wire.content->coded(coding);
  }
}

void ResponseWriter::WriteSelected(const Request& request, bool dated, WireResponse& wire) {
  const Content& content = *wire.content;
  const Selection selection = Select(request, content);
  wire.status = selection.status;
  if (selection.status == content.status()) {
    WritePrepared(Whole(dated), selection.coding, wire);
    if (request.method() != Method::kHead) WriteBody(selection.coding, 0, content.uncoded_bytes(), wire);
  } else if (selection.status == 304) {
    WritePrepared(Content::Head::kNotModified, selection.coding, wire);
  } else if (selection.status == 206) {
    WriteBody(Coding::kIdentity, selection.begin, selection.end, wire);
    wire.lines.append(content.PartialHead(dated)).append(content.shared_);
    if (content.common_) wire.lines.append(content.common_->text());
    wire.lines.append(ContentRange(selection, content.uncoded_bytes()));
    wire.lines.append("Content-Length: ").append(std::to_string(wire.body.size())).append("\r\n");
  } else {
    WriteBareStatus(selection.status,
                    selection.status == 416 ? ContentRange(selection, content.uncoded_bytes()) : "",
                    wire.lines);
  }
}

void ResponseWriter::WriteContent(const Request* request, bool dated, WireResponse& wire) {
  if (request != nullptr) return WriteSelected(*request, dated, wire);
  wire.status = wire.content->status();
  WritePrepared(Whole(dated), Coding::kIdentity, wire);
  WriteBody(Coding::kIdentity, 0, wire.content->uncoded_bytes(), wire);
}

bool ResponseWriter::MayBeSent(Unpacking unpacking, WireResponse& wire) {
  if (wire.body.left_out == 0) return true;
  const bool later = unpacking == Unpacking::kLater && wire.content->is_packed();
  return later ? wire.content->MayBeUnpacked() : wire.Unpack();
}

void ResponseWriter::Write(const Request* request, Response response, const MessageDate& date, bool close,
                           WireResponse& wire, Unpacking unpacking) {
  if (!response.content) response = PlainText(500, "This request could not be answered.");
  wire.Release();
  wire.content = std::move(response.content);
  wire.lines.clear();
  WriteContent(request, wire.content->last_modified() <= date.time, wire);
  if (!MayBeSent(unpacking, wire)) {
    Response busy = PlainText(503, "Too many pages are being sent without compression.");
    busy.headers.Add("Retry-After", "5");
    return Write(nullptr, std::move(busy), date, close, wire);
  }
  wire.lines.append(date.line).append(response.headers.text());
  if (close) wire.lines.append("Connection: close\r\n");
  wire.lines.append("\r\n");
}

}  // namespace broadsheet::http
