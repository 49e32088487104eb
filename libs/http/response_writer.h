#ifndef BROADSHEET_LIBS_HTTP_RESPONSE_WRITER_H_
#define BROADSHEET_LIBS_HTTP_RESPONSE_WRITER_H_

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "libs/http/request.h"
#include "libs/http/response.h"

namespace broadsheet::http {

// The body of a response as it is kept: in one piece, or in blocks.
struct WireBody {
  std::string_view whole;
  const PackedBytes* packed = nullptr;  // null: `whole` is it
  // Of a body that is not unpacked yet, which has no bytes before: where it begins among the uncoded bytes of
  // its content, and its size. 0: nothing of it is left out.
  std::size_t left_out_from = 0;
  std::size_t left_out = 0;

  std::size_t size() const { return packed != nullptr ? packed->size() : whole.size() + left_out; }
  bool empty() const { return size() == 0; }
  // The bytes from `offset` on that stand together; empty at the end.
  std::string_view From(std::size_t offset) const {
    return packed != nullptr ? packed->From(offset) : whole.substr(offset);
  }
};

// One response, in the pieces it is sent in: HTTP/1.1 sends the texts one after the other. All but `lines`
// belongs to the content or to `uncoded`, or lives for ever.
struct WireResponse {
  std::shared_ptr<const Content> content;
  int status = 0;
  // What is prepared of the head; nothing where the status line is in `lines`.
  std::optional<Content::Head> prepared;
  Coding coding = Coding::kIdentity;  // of `prepared`
  Content::Http1Head head;            // `prepared` as HTTP/1.1 sends it
  std::string lines;  // what is written anew for each response, with the empty line that ends the head
  WireBody body;
  std::shared_ptr<const std::string> uncoded;  // what `body` is a view of, unless it is null

  // Has the body unpacked that was left out, before its bytes are used. False: too much is being sent.
  bool Unpack();
  // What is held for its body alone, give or take who else does.
  std::size_t unpacked_bytes() const { return uncoded && content->is_packed() ? uncoded->size() : 0; }
  // Of the bytes of `body`.
  std::shared_ptr<const void> body_owner() const {
    return uncoded ? std::shared_ptr<const void>(uncoded) : std::shared_ptr<const void>(content);
  }
  // `prepared` as HTTP/2 sends it.
  Content::Http2Head http2_head() const {
    return prepared ? content->http2_head(*prepared, coding) : Content::Http2Head();
  }
  std::size_t head_bytes() const;  // as HTTP/1.1 sends it, with `lines`
  // Forgets the content; keeps the room for lines.
  void Release();
};

// When answers are made, as they say themselves.
struct MessageDate {
  absl::Time time;
  std::string line;  // "Date: …\r\n"
};

class ResponseWriter {
 public:
  // Whether a body that has to be unpacked is so at once.
  enum class Unpacking { kNow, kLater };

  // Fills `wire` (keeping the capacity of its strings) with the answer to `request`. A null `request` stands
  // for one that could not be read. With `close`, the client is told that the connection ends.
  static void Write(const Request* request, Response response, const MessageDate& date, bool close,
                    WireResponse& wire, Unpacking unpacking = Unpacking::kNow);

 private:
  static void WritePrepared(Content::Head head, Coding coding, WireResponse& wire);
  static void WriteContent(const Request* request, bool dated, WireResponse& wire);
  static void WriteSelected(const Request& request, bool dated, WireResponse& wire);
  // Leaves out an uncoded body, of which the bytes from `begin` to `end` are wanted.
  static void WriteBody(Coding coding, std::size_t begin, std::size_t end, WireResponse& wire);
  // Unpacks what was left out, if that is to be done now. False: too much is being sent for that.
  static bool MayBeSent(Unpacking unpacking, WireResponse& wire);
};

}  // namespace broadsheet::http

#endif  // BROADSHEET_LIBS_HTTP_RESPONSE_WRITER_H_
