#ifndef BROADSHEET_LIBS_HTTP_REQUEST_READER_H_
#define BROADSHEET_LIBS_HTTP_REQUEST_READER_H_

#include <cstddef>
#include <memory>
#include <string_view>

#include "libs/http/request.h"
#include "libs/http/server.h"

namespace broadsheet::http {

// Reads the requests of one connection, one after the other, from whatever pieces its bytes arrive in.
// Stricter than RFC 9112 asks wherever two implementations could read the same bytes in two ways: what is not
// certain is refused. Not thread-safe.
class RequestReader {
 public:
  enum class State {
    kIdle,      // no byte of a request yet
    kHead,      // part of a head
    kBody,      // the head is complete, its body is not
    kComplete,  // Take() gives the request
    kFailed,    // see error_status(); the connection's bytes mean nothing any more
  };

  // `options` must outlive the reader.
  RequestReader(const ServerOptions& options, std::string_view remote_address);
  ~RequestReader();

  // Reads from `bytes`, the unread bytes of the connection, and returns how many of them were used up; the
  // others must be offered again, with more bytes behind them. Stops at the end of a request.
  std::size_t Feed(std::string_view bytes);

  State state() const { return state_; }
  int error_status() const { return error_status_; }
  std::string_view error_reason() const { return error_reason_; }  // static text for the client
  // Whether the request being read is a HEAD, whatever else is wrong with it: its answer has no body.
  bool is_head() const { return is_head_; }

  // From kBody on. Whether the client waits for 100 (Continue) before it sends the body.
  bool expects_continue() const;
  // From kBody on. Whether another request may follow on this connection.
  bool keep_alive() const;

  // Hands over the complete request and makes ready for the next one.
  std::shared_ptr<const Request> Take();

 private:
  class Parser;

  std::size_t FeedHead(std::string_view bytes);
  std::size_t FeedPlainHead(std::string_view bytes);
  std::size_t FeedBody(std::string_view bytes);
  // The length of the head at the front of `bytes` up to and with its empty line; 0 when it is not complete
  // yet (or wrong).
  std::size_t FindHeadEnd(std::string_view bytes);
  bool CheckLine(std::string_view line, bool first);
  void ReadHead(std::string_view head);
  void CheckHead();
  void Fail(int status, std::string_view reason);

  const ServerOptions& options_;
  const std::string_view remote_address_;
  State state_ = State::kIdle;
  std::size_t scanned_ = 0;    // bytes of an incomplete head that need no second look
  std::size_t body_wire_ = 0;  // bytes the body took on the wire, chunk framing included
  std::size_t body_rest_ = 0;  // bytes of the body that were offered and not used: its parser needs more
  int error_status_ = 0;
  std::string_view error_reason_;
  bool is_head_ = false;
  bool plain_ = false;              // the last request's head was of the usual kind, and not parsed
  std::unique_ptr<Parser> parser_;  // of the last request that had a head
  std::shared_ptr<Request> request_;
};

}  // namespace broadsheet::http

#endif  // BROADSHEET_LIBS_HTTP_REQUEST_READER_H_
