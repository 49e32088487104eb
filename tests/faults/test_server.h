#ifndef BROADSHEET_TESTS_FAULTS_TEST_SERVER_H_
#define BROADSHEET_TESTS_FAULTS_TEST_SERVER_H_

#include <atomic>
#include <boost/asio/buffer.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <functional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace broadsheet::faults {

// For the tests of this folder: answers each line (or, with another delimiter, each request) with what a
// function makes of it. One thread for each connection.
class TestServer {
 public:
  TestServer(std::string delimiter, std::function<std::string(const std::string&)> answer)
      : delimiter_(std::move(delimiter)),
        answer_(std::move(answer)),
        acceptor_(io_context_, {boost::asio::ip::address_v4::loopback(), 0}) {
    accepting_ = std::thread([this] { Accept(); });
  }
  ~TestServer() {
    stopping_ = true;
    boost::system::error_code ignored;
    boost::asio::ip::tcp::socket wake(io_context_);
    wake.connect({boost::asio::ip::address_v4::loopback(), static_cast<unsigned short>(port())}, ignored);
    accepting_.join();
    for (std::thread& thread : threads_) thread.join();
  }

  int port() const { return acceptor_.local_endpoint().port(); }

 private:
  void Accept() {
    while (true) {
      boost::asio::ip::tcp::socket socket(io_context_);
      boost::system::error_code error;
      acceptor_.accept(socket, error);
      if (stopping_ || error) return;
      threads_.emplace_back([this, socket = std::move(socket)]() mutable { Serve(std::move(socket)); });
    }
  }

  void Serve(boost::asio::ip::tcp::socket socket) {
    std::string received;
    while (true) {
      boost::system::error_code error;
      const std::size_t size =
          boost::asio::read_until(socket, boost::asio::dynamic_buffer(received), delimiter_, error);
      if (error) return;
      const std::string answer = answer_(received.substr(0, size));
      received.erase(0, size);
      boost::asio::write(socket, boost::asio::buffer(answer), error);
      if (error) return;
    }
  }

  const std::string delimiter_;
  const std::function<std::string(const std::string&)> answer_;
  boost::asio::io_context io_context_;
  boost::asio::ip::tcp::acceptor acceptor_;
  std::atomic<bool> stopping_ = false;
  std::thread accepting_;
  std::vector<std::thread> threads_;
};

// Blocking; the empty string when the connection has ended or nothing has come for as long as
// `patience_millis`.
class TestClient {
 public:
  explicit TestClient(int port, int patience_millis = 10'000) : socket_(io_context_) {
    socket_.connect({boost::asio::ip::address_v4::loopback(), static_cast<unsigned short>(port)}, error_);
    const timeval timeout = {.tv_sec = patience_millis / 1000, .tv_usec = patience_millis % 1000 * 1000};
    setsockopt(socket_.native_handle(), SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout));
  }

  void Send(const std::string& text) { boost::asio::write(socket_, boost::asio::buffer(text), error_); }

  std::string Receive() {
    char block[4096];
    const ssize_t size = recv(socket_.native_handle(), block, sizeof(block), 0);
    return size > 0 ? std::string(block, static_cast<std::size_t>(size)) : "";
  }

  // Whether nothing has come, though the connection stands.
  bool IsSilent() {
    char byte;
    return recv(socket_.native_handle(), &byte, 1, MSG_PEEK) < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
  }

  std::string Exchange(const std::string& text) {
    Send(text);
    return Receive();
  }

 private:
  boost::asio::io_context io_context_;
  boost::asio::ip::tcp::socket socket_;
  boost::system::error_code error_;
};

}  // namespace broadsheet::faults

#endif  // BROADSHEET_TESTS_FAULTS_TEST_SERVER_H_
