#ifndef BROADSHEET_TESTS_FUZZ_HTTP2_SCRIPT_H_
#define BROADSHEET_TESTS_FUZZ_HTTP2_SCRIPT_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

struct nghttp2_hd_deflater;

namespace broadsheet::fuzz {

// Makes bytes of HTTP/2 out of lines that say what a client does, so that a change of a byte changes a frame
// and not the framing. The first character of a line names the frame, the rest is what it holds; README.md
// has the table.
class Http2Script {
 public:
  Http2Script();
  ~Http2Script();
  Http2Script(const Http2Script&) = delete;
  Http2Script& operator=(const Http2Script&) = delete;

  // The bytes of one line; may be none.
  std::string Line(std::string_view line);
  // Whether a line so far can have kept the client from getting all of an answer it was owed: by a reset, or
  // by a window for each stream that is smaller than at first.
  bool gives_up_answers() const { return gives_up_answers_; }
  // How many lines so far can have been requests without a body in their answer, well-formed or not.
  std::size_t possible_heads() const { return possible_heads_; }

 private:
  std::string Headers(std::string_view line);
  std::string Settings(std::string_view line);

  nghttp2_hd_deflater* deflater_ = nullptr;
  bool gives_up_answers_ = false;
  std::size_t possible_heads_ = 0;
};

// A frame with any head. `stream` is cut to 31 bits.
std::string Frame(std::uint8_t type, std::uint8_t flags, std::uint32_t stream, std::string_view payload);

}  // namespace broadsheet::fuzz

#endif  // BROADSHEET_TESTS_FUZZ_HTTP2_SCRIPT_H_
