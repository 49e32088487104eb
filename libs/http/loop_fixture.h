#ifndef BROADSHEET_LIBS_HTTP_LOOP_FIXTURE_H_
#define BROADSHEET_LIBS_HTTP_LOOP_FIXTURE_H_

#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "libs/http/event_loop.h"
#include "libs/http/raw_client.h"
#include "libs/http/server_fixture.h"
#include "libs/http/socket.h"

// For tests: a loop that takes its turns, and lets time pass, when it is told to.
namespace broadsheet::http {

inline constexpr int kTinyBuffer = 4096;  // what the client's kernel takes for who does not read

// Serves 4 MB at every path but /short, where it is what waits to be written of one connection at most, and
// /owed, which is answered never.
class LoopTest : public testing::Test {
 protected:
  LoopTest() : port_(Listen()) {}
  ~LoopTest() override {
    if (loop_) loop_->Stop();
  }

  void Serve(std::size_t max_connections, ServerOptions options = {}) {
    options.on_given_up = [this](GivenUp why) { given_up_.push_back(why); };
    options.handler = [this](std::shared_ptr<const Request> request, Responder responder) {
      if (request->path() == "/short") return responder.Send(short_);
      if (request->path() != "/owed") return responder.Send(page_);
      owed_.push_back(std::move(responder));
    };
    ServeWith(max_connections, std::move(options));
  }

  void ServeWith(std::size_t max_connections, ServerOptions options) {
    const std::size_t max_stream_bytes = options.max_stream_bytes;
    loop_ = std::make_shared<EventLoop>(std::make_shared<const ServerOptions>(std::move(options)),
                                        max_connections, max_stream_bytes);
    loop_->RunHere();
  }

  std::unique_ptr<RawClient> Connect(int receive_buffer = kTinyBuffer) {
    auto client = std::make_unique<RawClient>(port_, receive_buffer);
    Socket socket;
    while (listener_.Accept(socket) != Socket::Outcome::kDone) {
    }
    loop_->Adopt(std::move(socket));
    return client;
  }

  // Connects, says that, and is being answered.
  std::unique_ptr<RawClient> Ask(std::string_view request, int receive_buffer = kTinyBuffer) {
    auto client = Connect(receive_buffer);
    client->Send(request);
    const std::uint64_t wanted = loop_->counters().requests + 1;
    RunUntil([&] { return loop_->counters().requests >= wanted; });
    return client;
  }

  void RunUntil(const std::function<bool()>& done) {
    while (!done()) loop_->Turn();
  }

  void Pass(int seconds) {
    for (int i = 0; i < 4 * seconds; ++i) {
      loop_->Pass(std::chrono::milliseconds(250));
      loop_->Turn();
    }
  }

  // Turns until clients' kernels have acknowledged what came, which takes them up to 40 ms of their own time.
  void Settle() {
    const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(100);
    while (std::chrono::steady_clock::now() < end) loop_->Turn();
  }

  // At least so many bytes; how many.
  static std::size_t Read(RawClient& client, std::size_t bytes) {
    std::size_t received = 0;
    while (received < bytes) received += client.ReceivePart(1'000).size();
    return received;
  }

  // The rest of an answer of so many bytes; false: it does not come.
  bool ReadRest(RawClient& client, std::size_t bytes) {
    for (std::size_t received = 0; received < bytes; loop_->Turn()) {
      const std::size_t part = client.ReceivePart(8'000).size();
      if (part == 0) return false;
      received += part;
    }
    return true;
  }

  // Whether the newcomer gets a first part of an answer.
  bool IsServed(RawClient& newcomer) {
    newcomer.Send(kGet);
    const std::uint64_t wanted = loop_->counters().requests + 1;
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (loop_->counters().requests < wanted && std::chrono::steady_clock::now() < end) loop_->Turn();
    return loop_->counters().requests == wanted && newcomer.ReceivePart().starts_with("HTTP/1.1 200 OK");
  }

  void ExpectGivenUpWhenItDrips(RawClient& client) {
    int seconds = 0;
    for (; counters().open > 0 && seconds < 300; ++seconds) {
      client.ReceivePart(60);
      Pass(1);
    }
    EXPECT_EQ(counters().slow_readers, 1u);
    EXPECT_GE(seconds, 20);
    EXPECT_LT(seconds, 100);
  }

  EventLoop::Counters& counters() { return loop_->counters(); }

  Socket listener_;
  const int port_;
  const std::shared_ptr<const Content> page_ = Page(std::string(4'000'000, 'x'));
  const std::shared_ptr<const Content> short_ = Page(std::string(240'000, 'x'));
  std::vector<Responder> owed_;
  std::vector<GivenUp> given_up_;
  std::shared_ptr<EventLoop> loop_;

 private:
  int Listen() {
    absl::StatusOr<Socket> bound = Socket::Bind("127.0.0.1", 0, /*first=*/true);
    EXPECT_TRUE(bound.ok() && bound->Listen(absl::Minutes(1)).ok());
    listener_ = *std::move(bound);
    return listener_.LocalPort();
  }
};

}  // namespace broadsheet::http

#endif  // BROADSHEET_LIBS_HTTP_LOOP_FIXTURE_H_
