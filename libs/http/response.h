#ifndef BROADSHEET_LIBS_HTTP_RESPONSE_H_
#define BROADSHEET_LIBS_HTTP_RESPONSE_H_

#include <array>
#include <atomic>
#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "libs/http/packed_bytes.h"
#include "libs/http/uncoded_bodies.h"

namespace broadsheet::http {

// The content codings the server negotiates (RFC 9110, section 8.4.1).
enum class Coding { kIdentity = 0, kGzip = 1, kBrotli = 2 };
inline constexpr int kCodings = 3;

// Field lines that differ from response to response (Cache-Status, Server-Timing), ready to be written.
class HeaderLines {
 public:
  // `name` must be an RFC 9110 token, otherwise the line is left out. Control characters in `value` become
  // spaces, so that no value can end the line.
  void Add(std::string_view name, std::string_view value);
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

// Field lines in both forms in which they are sent, for many contents. Immutable.
class PreparedLines {
 public:
  // Same rules as HeaderLines::Add.
  explicit PreparedLines(const std::vector<std::pair<std::string, std::string>>& lines);

  const std::string& text() const { return text_; }    // of HTTP/1.1, with their line ends
  const std::string& http2() const { return http2_; }  // see AppendHttp2Fields

 private:
  std::string text_;
  std::string http2_;
};

// A complete answer prepared once and sent any number of times: status, field lines, and the body in each
// coding it is offered in. Immutable; share it freely between threads, caches and responses. Sending it
// copies and renders nothing.
//
// The server chooses the coding, answers conditional and range requests from it, leaves the body out for
// HEAD, and adds Date, Connection and the response's own lines. It writes Content-Type, Content-Length,
// Content-Encoding, ETag, Last-Modified, Accept-Ranges and (for text, whether coded or not) Vary:
// Accept-Encoding; `headers` must not name these. As long as the date of the last modification lies ahead, no
// answer bears it (RFC 9110, section 8.8.2.1), and whoever knows of an earlier one has another version.
class Content {
 public:
  struct Parts {
    int status = 200;
    std::string content_type;  // "text/html; charset=utf-8"; needed unless the body is empty
    std::vector<std::pair<std::string, std::string>> headers;  // same rules as HeaderLines::Add
    std::string body;                                          // identity bytes
    // How long the body is that is left out, see `uncoded`; 0: it is not.
    std::size_t body_bytes = 0;
    std::string gzip;    // the body as gzip; empty: not offered
    std::string brotli;  // the body as brotli; empty: not offered
    // The identity coding's opaque tag without quotes. Empty: StrongEtag(body) for status 200, none for
    // others. Other codings append "-gzip" or "-br", and are weak: their bytes may change without it.
    std::string etag;
    absl::Time last_modified = absl::InfinitePast();  // InfinitePast: no Last-Modified
    // With it and with `gzip`, which must hold the same bytes, `body` is not kept: it is unpacked when
    // somebody asks for it, and is at hand there afterwards. Whoever knows `body_bytes` and `etag` need not
    // give it. Null: kept with the content.
    std::shared_ptr<UncodedBodies> uncoded = {};
    OwnedBytes owned_gzip = {};  // instead of `gzip`; read before this returns
    // Lines that other contents have as well; behind `headers`. May be null.
    std::shared_ptr<const PreparedLines> common = {};
  };
  static std::shared_ptr<const Content> Make(Parts parts);

  int status() const { return status_; }
  const std::string& content_type() const { return content_type_; }
  // The identity bytes, for a reader: others will ask for them, too. Hold the result while its bytes are
  // used. Null: more of them are being sent than there may be, see UncodedBodies; or the body was left out,
  // and `gzip` does not hold what was said.
  std::shared_ptr<const std::string> Uncoded(
      UncodedBodies::Claim claim = UncodedBodies::Claim::kAnybody) const;
  // Whether Uncoded() would have to find room for them, and whether there is room, or somebody has them.
  bool is_packed() const { return uncoded_ == nullptr; }
  bool MayBeUnpacked() const;
  // Whether they need not wait for room that others hold.
  bool has_plenty_of_room() const { return !bodies_ || bodies_->has_plenty_of_room(); }
  // The same for one who makes something else of them. Nothing: `gzip` does not hold them.
  std::optional<std::string> UncodedCopy() const;
  std::size_t uncoded_bytes() const { return uncoded_bytes_; }
  bool Offers(Coding coding) const { return coding == Coding::kIdentity || !variant(coding).coded.empty(); }
  // The bytes of that coding, which is not the identity; empty when it is not offered.
  const PackedBytes& coded(Coding coding) const { return variant(coding).coded; }
  // With quotes, as in the ETag field; empty when there is none. Codings that are not offered have theirs
  // where they might be: whoever has them from elsewhere, or will, holds the same page.
  const std::string& etag(Coding coding = Coding::kIdentity) const { return variant(coding).etag; }
  absl::Time last_modified() const { return last_modified_; }
  // Heap bytes held, for caches bounded by bytes; with what HTTP/2 may have it make later, and without what
  // other contents hold as well.
  std::size_t bytes() const;

  // A prepared head in the pieces it is sent in: views of this content, or of what lives for ever.
  enum class Head { kWhole, kUndated, kNotModified };  // kUndated: the whole one without Last-Modified
  using Http1Head = std::array<std::string_view, 5>;
  using Http2Head = std::array<std::string_view, 3>;  // fragments of a header block, without :status
  Http1Head http1_head(Head head, Coding coding) const;
  // Made for all codings when it is asked for first.
  Http2Head http2_head(Head head, Coding coding) const;

  ~Content();

 private:
  friend class ResponseWriter;

  struct Variant {
    std::string head;   // status line and the lines that depend on the coding
    PackedBytes coded;  // the body; of the identity see Uncoded
    std::string etag;
  };
  // Field lines as fragments of a header block of HTTP/2.
  struct Http2Blocks {
    std::size_t dated = 0;  // bytes of each of `heads` that are Last-Modified; it comes first
    std::array<std::string, kCodings> heads;
    std::array<std::string, kCodings> etags;
    std::string shared;
  };
  Content() = default;
  void WriteHeads(const Parts& parts);
  const Http2Blocks& http2() const {
    const Http2Blocks* blocks = http2_.load(std::memory_order_acquire);
    return blocks != nullptr ? *blocks : MakeHttp2();
  }
  const Http2Blocks& MakeHttp2() const;
  std::string_view LinesOfBody(Coding coding) const;
  std::string PartialHead(bool dated) const;
  const Variant& variant(Coding coding) const { return variants_[static_cast<std::size_t>(coding)]; }
  void KeepBodies(Parts& parts);
  std::size_t BodyBytes(Coding coding) const;
  // Null: nobody holds them.
  std::shared_ptr<const UncodedBodies::Body> AtHand() const;
  std::optional<std::string> Unpack() const;

  int status_ = 200;
  std::string content_type_;
  absl::Time last_modified_;
  std::size_t status_line_bytes_ = 0;            // in each of the heads
  std::size_t dated_bytes_ = 0;                  // behind it: Last-Modified
  std::size_t described_bytes_ = 0;              // behind that: what else all codings have in common
  std::string shared_;                           // goes behind each of the heads
  std::shared_ptr<const PreparedLines> common_;  // goes behind that; may be null
  mutable std::atomic<const Http2Blocks*> http2_ = nullptr;  // owned; null: nobody has asked for it
  std::array<Variant, kCodings> variants_;
  std::size_t uncoded_bytes_ = 0;
  std::shared_ptr<const std::string> uncoded_;  // null: to be had from recently_ or unpacked
  std::shared_ptr<UncodedBodies> bodies_;       // null: uncoded_ is not
  mutable std::mutex mutex_;
  mutable std::weak_ptr<const UncodedBodies::Body> recently_;  // guarded by mutex_
};

// One answer: prepared content and the lines of this response alone.
struct Response {
  std::shared_ptr<const Content> content;  // null is answered as 500
  HeaderLines headers;
  bool close_connection = false;
};

// Short answers that need no preparing: a plain-text body (with a final newline added), Cache-Control:
// no-store.
Response PlainText(int status, std::string_view text);
// `location` must be encoded already (EncodePath). 301, 302, 303, 307 or 308.
Response Redirect(int status, std::string_view location, std::string_view cache_control = "no-store");
// 405 with Allow, for handlers whose routes differ in what they allow. `allow` is "GET, HEAD".
Response MethodNotAllowed(std::string_view allow);

// "Not Found" for 404; "Unknown" for a status without a registered phrase.
std::string_view ReasonPhrase(int status);

}  // namespace broadsheet::http

#endif  // BROADSHEET_LIBS_HTTP_RESPONSE_H_
