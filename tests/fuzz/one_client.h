#ifndef BROADSHEET_TESTS_FUZZ_ONE_CLIENT_H_
#define BROADSHEET_TESTS_FUZZ_ONE_CLIENT_H_

#include <string>
#include <string_view>
#include <vector>

#include "libs/http/server.h"

namespace broadsheet::fuzz {

// A server's event loop, run by this thread, and one connection of a client that sends whatever it likes.
// Checks what every request must keep to by the time a handler sees it, and that the connection ends with its
// client, or once a client that sends no more has been answered.
class OneClient {
 public:
  struct Answered {
    http::Method method;
    int status;
    std::size_t body_bytes;
  };

  OneClient();
  ~OneClient();
  OneClient(const OneClient&) = delete;
  OneClient& operator=(const OneClient&) = delete;

  // One write of the client's, and all that follows from it.
  void Send(std::string_view bytes);
  // Answers what the handler has kept back: requests for paths that begin with "/late".
  void AnswerLate();
  // Sends no more, and reads until the server has nothing to say; by then it has ended the connection.
  void Finish();

  // Every request that reached the handler, a line for each thing about it.
  const std::string& handled() const { return handled_; }
  // Well-formed requests, answered in this order.
  const std::vector<Answered>& answered() const { return answered_; }
  const std::string& received() const { return received_; }

  // The loop's limits, small enough to be met.
  static const http::ServerOptions& Options();

 private:
  friend class TheLoop;

  void Settle();
  bool Receive();
  void Handle(const http::Request& request, http::Responder responder);

  int socket_ = -1;
  std::string handled_;
  std::vector<Answered> answered_;
  std::string received_;
  std::vector<http::Responder> late_;
};

// Whether `text` is a header section of a response: lines of a name, ": " and a value, nothing else.
void ExpectFieldLines(std::string_view text);

}  // namespace broadsheet::fuzz

#endif  // BROADSHEET_TESTS_FUZZ_ONE_CLIENT_H_
