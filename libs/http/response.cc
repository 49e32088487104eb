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

constexpr bool IsTokenCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

constexpr bool IsControl(char c) { return (c >= 0 && c < 0x20 && c != '\t') || c == 0x7f; }

// Every line of every head is looked at, so each kind of character is looked up.
class CharacterSet {
 public:
  explicit constexpr CharacterSet(bool (*contains)(char)) {
    for (std::size_t i = 0; i < members_.size(); ++i) members_[i] = contains(static_cast<char>(i));
  }
  bool ContainsAll(std::string_view text) const {
    return std::all_of(text.begin(), text.end(), [this](char c) { return Contains(c); });
  }
  bool ContainsNone(std::string_view text) const {
    return std::none_of(text.begin(), text.end(), [this](char c) { return Contains(c); });
  }
  bool Contains(char c) const { return members_[static_cast<unsigned char>(c)]; }

 private:
  std::array<bool, 256> members_{};
};

constexpr CharacterSet kTokenCharacters(IsTokenCharacter);
constexpr CharacterSet kControls(IsControl);

bool IsToken(std::string_view text) { return !text.empty() && kTokenCharacters.ContainsAll(text); }

void AppendLine(std::string& text, std::string_view name, std::string_view value) {
  if (!IsToken(name)) return;
  text.append(name).append(": ");
  if (kControls.ContainsNone(value)) {
    text += value;
  } else {
    for (const char c : value) text += kControls.Contains(c) ? ' ' : c;
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

constexpr std::string_view kNotModified = "HTTP/1.1 304 Not Modified\r\n";
constexpr std::string_view kNotModifiedTagged = "HTTP/1.1 304 Not Modified\r\nETag: ";
constexpr std::size_t kEtagLine = std::string_view("ETag: \r\n").size();  // around the tag

std::string_view CodingName(Coding coding) { return coding == Coding::kGzip ? "gzip" : "br"; }

}  // namespace

PreparedLines::PreparedLines(const std::vector<std::pair<std::string, std::string>>& lines) {
  for (const auto& [name, value] : lines) AppendLine(text_, name, value);
  text_.shrink_to_fit();
  AppendHttp2Fields(text_, http2_);
  http2_.shrink_to_fit();
}

void HeaderLines::Add(std::string_view name, std::string_view value) { AppendLine(text_, name, value); }

std::shared_ptr<const Content> Content::Make(Parts parts) {
  auto content = std::shared_ptr<Content>(new Content());
  content->status_ = parts.status;
  content->last_modified_ = parts.last_modified;
  if (parts.etag.empty() && parts.status == 200) parts.etag = StrongEtag(parts.body);
  content->KeepBodies(parts);
  content->WriteHeads(parts);
  content->content_type_ = std::move(parts.content_type);
  content->common_ = std::move(parts.common);
  return content;
}

// What 200, 206 and 304 have in common (RFC 9110, section 15.4.5) is shared, the rest describes the bytes.
void Content::WriteHeads(const Parts& parts) {
  for (const auto& [name, value] : parts.headers) AppendLine(shared_, name, value);
  const bool coded = Offers(Coding::kGzip) || Offers(Coding::kBrotli);
  const bool varies = coded || IsCompressible(parts.content_type);
  if (varies) AppendLine(shared_, "Vary", "Accept-Encoding");
  shared_.shrink_to_fit();

  std::string head = StatusLine(parts.status);
  status_line_bytes_ = head.size();
  if (parts.last_modified != absl::InfinitePast())
    AppendLine(head, "Last-Modified", HttpDate(parts.last_modified));
  dated_bytes_ = head.size() - status_line_bytes_;
  if (!parts.content_type.empty()) AppendLine(head, "Content-Type", parts.content_type);
  const std::size_t common_bytes = head.size();
  described_bytes_ = common_bytes - status_line_bytes_ - dated_bytes_;
  for (int i = 0; i < kCodings; ++i) {
    const auto coding = static_cast<Coding>(i);
    if (!Offers(coding) && !varies) continue;
    Variant& variant = variants_[static_cast<std::size_t>(i)];
    if (!parts.etag.empty()) variant.etag = EtagOf(coding, parts.etag);
    if (!Offers(coding)) continue;
    head.resize(common_bytes);
    if (!parts.etag.empty()) AppendLine(head, "ETag", variant.etag);
    if (coding != Coding::kIdentity) AppendLine(head, "Content-Encoding", CodingName(coding));
    if (coding == Coding::kIdentity && parts.status == 200) AppendLine(head, "Accept-Ranges", "bytes");
    if (MayHaveBody(parts.status)) AppendLine(head, "Content-Length", std::to_string(BodyBytes(coding)));
    variant.head = head;
  }
}

Content::~Content() { delete http2_.load(std::memory_order_relaxed); }

Content::Http1Head Content::http1_head(Head head, Coding coding) const {
  const std::string_view common = common_ ? std::string_view(common_->text()) : std::string_view();
  const Variant& own = variant(coding);
  if (head == Head::kWhole) return {own.head, shared_, common, {}, {}};
  if (head == Head::kUndated) {
    const std::string_view whole = own.head;
    return {whole.substr(0, status_line_bytes_),
            whole.substr(status_line_bytes_ + dated_bytes_),
            shared_,
            common,
            {}};
  }
  if (own.etag.empty()) return {kNotModified, shared_, common, {}, {}};
  return {kNotModifiedTagged, own.etag, "\r\n", shared_, common};
}

Content::Http2Head Content::http2_head(Head head, Coding coding) const {
  const Http2Blocks& blocks = http2();
  const auto index = static_cast<std::size_t>(coding);
  std::string_view own = head == Head::kNotModified ? blocks.etags[index] : blocks.heads[index];
  if (head == Head::kUndated) own.remove_prefix(blocks.dated);
  return {own, blocks.shared, common_ ? std::string_view(common_->http2()) : std::string_view()};
}

// What comes behind the ETag.
std::string_view Content::LinesOfBody(Coding coding) const {
  const Variant& own = variant(coding);
  const std::size_t tag = own.etag.empty() ? 0 : kEtagLine + own.etag.size();
  return std::string_view(own.head).substr(status_line_bytes_ + dated_bytes_ + described_bytes_ + tag);
}

// For 206, without Content-Range and Content-Length, and without what is shared.
std::string Content::PartialHead(bool dated) const {
  const std::string_view whole = variant(Coding::kIdentity).head;
  const std::size_t begin = status_line_bytes_ + (dated ? 0 : dated_bytes_);
  const std::size_t end = whole.size() - LinesOfBody(Coding::kIdentity).size();
  return StatusLine(206).append(whole.substr(begin, end - begin));
}

// Such fragments refer to nothing, so each is made once and put together.
const Content::Http2Blocks& Content::MakeHttp2() const {
  auto made = std::make_unique<Http2Blocks>();
  AppendHttp2Fields(shared_, made->shared);
  std::string described;
  const std::string_view first = variant(Coding::kIdentity).head;
  AppendHttp2Fields(first.substr(status_line_bytes_, dated_bytes_), described);
  made->dated = described.size();
  AppendHttp2Fields(first.substr(status_line_bytes_ + dated_bytes_, described_bytes_), described);
  for (std::size_t i = 0; i < variants_.size(); ++i) {
    const Variant& own = variants_[i];
    std::string line;
    if (!own.etag.empty()) AppendLine(line, "ETag", own.etag);
    AppendHttp2Fields(line, made->etags[i]);
    if (own.head.empty()) continue;
    made->heads[i].append(described).append(made->etags[i]);
    AppendHttp2Fields(LinesOfBody(static_cast<Coding>(i)), made->heads[i]);
  }
  const Http2Blocks* theirs = nullptr;  // two who ask at once may both make them
  if (!http2_.compare_exchange_strong(theirs, made.get(), std::memory_order_acq_rel,
                                      std::memory_order_acquire))
    return *theirs;
  return *made.release();
}

void Content::KeepBodies(Parts& parts) {
  uncoded_bytes_ = std::max(parts.body.size(), parts.body_bytes);
  variants_[1].coded =
      parts.owned_gzip.empty() ? PackedBytes(parts.gzip) : PackedBytes(std::move(parts.owned_gzip));
  variants_[2].coded = PackedBytes(parts.brotli);
  if (parts.uncoded && Offers(Coding::kGzip)) {
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
  std::size_t lines = shared_.capacity();
  std::size_t total = sizeof(*this) + content_type_.capacity();
  if (uncoded_) total += uncoded_->capacity();
  for (const Variant& own : variants_) {
    lines += own.head.capacity() + own.etag.capacity();
    total += own.coded.bytes();
  }
  // As fragments of HTTP/2, which never are longer, they may be there later; tags are in heads as well.
  return total + 2 * lines + sizeof(Http2Blocks);
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
