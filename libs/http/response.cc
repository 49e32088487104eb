#include "libs/http/response.h"

#include <algorithm>

#include "libs/http/compression.h"
#include "libs/http/http2_fields.h"
#include "libs/http/validators.h"

namespace broadsheet::http {
namespace {

constexpr std::array<std::pair<int, std::string_view>, 39> kPhrases = {{
    {100, "Continue"},
    {200, "OK"},
    {201, "Created"},
    {202, "Accepted"},
    {204, "No Content"},
    {206, "Partial Content"},
    {301, "Moved Permanently"},
    {302, "Found"},
    {303, "See Other"},
    {304, "Not Modified"},
    {307, "Temporary Redirect"},
    {308, "Permanent Redirect"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {406, "Not Acceptable"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {410, "Gone"},
    {411, "Length Required"},
    {412, "Precondition Failed"},
    {413, "Content Too Large"},
    {414, "URI Too Long"},
    {415, "Unsupported Media Type"},
    {416, "Range Not Satisfiable"},
    {417, "Expectation Failed"},
    {421, "Misdirected Request"},
    {422, "Unprocessable Content"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {451, "Unavailable For Legal Reasons"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {502, "Bad Gateway"},
    {503, "Service Unavailable"},
    {504, "Gateway Timeout"},
    {505, "HTTP Version Not Supported"},
}};

bool IsToken(std::string_view text) {
  constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           kMarks.find(c) != std::string_view::npos;
  });
}

bool IsControl(char c) { return (c >= 0 && c < 0x20 && c != '\t') || c == 0x7f; }

void AppendLine(std::string& text, std::string_view name, std::string_view value) {
  if (!IsToken(name)) return;
  text.append(name).append(": ");
  if (std::none_of(value.begin(), value.end(), IsControl)) {
    text += value;
  } else {
    for (const char c : value) text += IsControl(c) ? ' ' : c;
  }
  text += "\r\n";
}

std::string StatusLine(int status) {
  return std::string("HTTP/1.1 ")
      .append(std::to_string(status))
      .append(" ")
      .append(ReasonPhrase(status))
      .append("\r\n");
}

bool MayHaveBody(int status) { return status >= 200 && status != 204 && status != 304; }

// With quotes. Those of codings are weak (RFC 9110, section 8.8.1): coding the same page anew, or elsewhere,
// makes other bytes.
std::string EtagOf(Coding coding, std::string_view opaque) {
  if (coding == Coding::kIdentity) return std::string("\"").append(opaque).append("\"");
  const std::string_view suffix = coding == Coding::kGzip ? "-gzip\"" : "-br\"";
  return std::string("W/\"").append(opaque).append(suffix);
}

std::size_t BytesOf(const PreparedLines& lines) { return lines.text.capacity() + lines.http2.capacity(); }

std::string_view CodingName(Coding coding) { return coding == Coding::kGzip ? "gzip" : "br"; }

}  // namespace

PreparedLines PreparedLines::Of(std::string text) {
  text.shrink_to_fit();
  std::string http2 = PrepareHttp2Fields(text);
  return {.text = std::move(text), .http2 = std::move(http2)};
}

void HeaderLines::Add(std::string_view name, std::string_view value) { AppendLine(text_, name, value); }

std::shared_ptr<const Content> Content::Make(Parts parts) {
  auto content = std::shared_ptr<Content>(new Content());
  content->status_ = parts.status;
  content->last_modified_ = parts.last_modified;
  if (parts.etag.empty() && parts.status == 200) parts.etag = StrongEtag(parts.body);

  // What 200, 206 and 304 have in common (RFC 9110, section 15.4.5), then what describes the bytes.
  std::string shared;
  for (const auto& [name, value] : parts.headers) AppendLine(shared, name, value);
  const bool coded = !parts.gzip.empty() || !parts.brotli.empty();
  const bool varies = coded || IsCompressible(parts.content_type);
  if (varies) AppendLine(shared, "Vary", "Accept-Encoding");
  std::string described;
  if (!parts.content_type.empty()) AppendLine(described, "Content-Type", parts.content_type);
  if (parts.last_modified != absl::InfinitePast()) {
    AppendLine(described, "Last-Modified", HttpDate(parts.last_modified));
  }

  content->content_type_ = std::move(parts.content_type);
  content->KeepBodies(parts);
  for (int i = 0; i < kCodings; ++i) {
    const auto coding = static_cast<Coding>(i);
    if (!content->Offers(coding) && !varies) continue;
    Variant& variant = content->variants_[static_cast<std::size_t>(i)];
    std::string etag_line;
    if (!parts.etag.empty()) {
      variant.etag = EtagOf(coding, parts.etag);
      AppendLine(etag_line, "ETag", variant.etag);
    }
    if (parts.status == 200) variant.head_not_modified = PreparedLines::Of(StatusLine(304).append(etag_line));
    if (!content->Offers(coding)) continue;
    std::string head = StatusLine(parts.status).append(described).append(etag_line);
    if (coding != Coding::kIdentity) AppendLine(head, "Content-Encoding", CodingName(coding));
    if (coding == Coding::kIdentity && parts.status == 200) AppendLine(head, "Accept-Ranges", "bytes");
    if (MayHaveBody(parts.status))
      AppendLine(head, "Content-Length", std::to_string(content->BodyBytes(coding)));
    variant.head = PreparedLines::Of(std::move(head));
    if (coding == Coding::kIdentity && parts.status == 200)
      content->partial_head_ = StatusLine(206).append(described).append(etag_line);
  }
  content->shared_ = PreparedLines::Of(std::move(shared));
  return content;
}

void Content::KeepBodies(Parts& parts) {
  uncoded_bytes_ = std::max(parts.body.size(), parts.body_bytes);
  variants_[1].coded = PackedBytes(parts.gzip);
  variants_[2].coded = PackedBytes(parts.brotli);
  if (parts.uncoded && !parts.gzip.empty()) {
    bodies_ = std::move(parts.uncoded);
  } else {
    uncoded_ = std::make_shared<const std::string>(std::move(parts.body));
  }
}

std::size_t Content::BodyBytes(Coding coding) const {
  return coding == Coding::kIdentity ? uncoded_bytes_ : coded(coding).size();
}

std::shared_ptr<const UncodedBodies::Body> Content::AtHand() const {
  std::lock_guard lock(mutex_);
  return recently_.lock();
}

std::optional<std::string> Content::Unpack() const {
  absl::StatusOr<std::string> bytes = Gunzip(coded(Coding::kGzip).Joined(), uncoded_bytes_, uncoded_bytes_);
  if (!bytes.ok() || bytes->size() != uncoded_bytes_) return std::nullopt;
  return *std::move(bytes);
}

bool Content::MayBeUnpacked() const {
  return !is_packed() || AtHand() != nullptr ||
         bodies_->HasRoomFor(uncoded_bytes_, UncodedBodies::Claim::kAnybody);
}

std::shared_ptr<const std::string> Content::Uncoded(UncodedBodies::Claim claim) const {
  if (uncoded_) return uncoded_;

  std::shared_ptr<const UncodedBodies::Body> body = AtHand();
  if (body) {
    body->asked_for.store(true, std::memory_order_relaxed);
  } else {  // two who ask at once may both unpack it
    if (!bodies_->HasRoomFor(uncoded_bytes_, claim)) return nullptr;
    std::optional<std::string> bytes = Unpack();
    if (bytes) body = bodies_->Keep(*std::move(bytes), claim);
    if (!body) return nullptr;
    std::lock_guard lock(mutex_);
    recently_ = body;
  }
  return {body, &body->bytes};
}

std::optional<std::string> Content::UncodedCopy() const {
  if (uncoded_) return *uncoded_;
  const std::shared_ptr<const UncodedBodies::Body> body = AtHand();
  return body ? std::optional(body->bytes) : Unpack();
}

std::size_t Content::bytes() const {
  std::size_t total = sizeof(*this) + content_type_.capacity() + partial_head_.capacity() + BytesOf(shared_);
  if (uncoded_) total += uncoded_->capacity();
  for (const Variant& variant : variants_) {
    total += BytesOf(variant.head) + BytesOf(variant.head_not_modified) + variant.coded.bytes() +
             variant.etag.capacity();
  }
  return total;
}

Response PlainText(int status, std::string_view text) {
  Content::Parts parts;
  parts.status = status;
  if (MayHaveBody(status)) {
    parts.content_type = "text/plain; charset=utf-8";
    parts.body.append(text).append("\n");
  }
  parts.headers.emplace_back("Cache-Control", "no-store");
  return {.content = Content::Make(std::move(parts)), .headers = {}, .close_connection = false};
}

Response Redirect(int status, std::string_view location, std::string_view cache_control) {
  Content::Parts parts;
  parts.status = status;
  parts.content_type = "text/plain; charset=utf-8";
  parts.body.append("See ").append(location).append("\n");
  parts.headers.emplace_back("Location", location);
  parts.headers.emplace_back("Cache-Control", cache_control);
  return {.content = Content::Make(std::move(parts)), .headers = {}, .close_connection = false};
}

Response MethodNotAllowed(std::string_view allow) {
  Response response = PlainText(405, "This method is not allowed here.");
  response.headers.Add("Allow", allow);
  return response;
}

std::string_view ReasonPhrase(int status) {
  const auto* found = std::find_if(kPhrases.begin(), kPhrases.end(),
                                   [=](const auto& phrase) { return phrase.first == status; });
  return found == kPhrases.end() ? "Unknown" : found->second;
}

}  // namespace broadsheet::http
