#ifndef BROADSHEET_LIBS_HTTP_RAW_CLIENT_H_
#define BROADSHEET_LIBS_HTTP_RAW_CLIENT_H_

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <cctype>
#include <string>
#include <string_view>
#include <utility>

namespace broadsheet::http {

// For tests: a client that sends exactly the bytes it is given. Reads give up after ten seconds (the socket's
// own timeout).
class RawClient {
 public:
  struct Reply {
    int status = 0;  // 0: the connection ended before a complete response
    std::string head;
    std::string body;

    // The value of a field, any case; empty when absent.
    std::string Header(std::string_view name) const {
      const std::string wanted = "\r\n" + Lower(name) + ":";
      const std::size_t at = Lower(head).find(wanted);
      if (at == std::string::npos) return "";
      const std::size_t start = head.find_first_not_of(' ', at + wanted.size());
      return head.substr(start, head.find("\r\n", start) - start);
    }
  };

  explicit RawClient(int port, int receive_buffer = 0) : socket_(io_context_) {
    socket_.open(boost::asio::ip::tcp::v4());
    if (receive_buffer > 0) socket_.set_option(boost::asio::socket_base::receive_buffer_size(receive_buffer));
    const timeval timeout = {.tv_sec = 10, .tv_usec = 0};
    setsockopt(socket_.native_handle(), SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout));
    socket_.set_option(boost::asio::ip::tcp::no_delay(true));
    socket_.connect({boost::asio::ip::address_v4::loopback(), static_cast<unsigned short>(port)});
  }

  // Bytes that a closed connection does not take are dropped.
  void Send(std::string_view bytes) {
    boost::system::error_code ignored;
    boost::asio::write(socket_, boost::asio::buffer(bytes.data(), bytes.size()), ignored);
  }

  void FinishSending() {
    boost::system::error_code ignored;
    socket_.shutdown(boost::asio::ip::tcp::socket::shutdown_send, ignored);
  }

  Reply Receive(bool head_only = false) {
    Reply reply;
    std::size_t end;
    while ((end = received_.find("\r\n\r\n")) == std::string::npos) {
      if (!ReceiveSome()) return reply;
    }
    reply.head = received_.substr(0, end + 2);
    received_.erase(0, end + 4);
    const std::string length = reply.Header("Content-Length");
    const std::size_t size = head_only || length.empty() ? 0 : std::stoul(length);
    while (received_.size() < size) {
      if (!ReceiveSome()) return reply;
    }
    reply.body = received_.substr(0, size);
    received_.erase(0, size);
    reply.status = std::stoi(reply.head.substr(9, 3));
    return reply;
  }

  Reply Exchange(std::string_view request, bool head_only = false) {
    Send(request);
    return Receive(head_only);
  }

  // True when the server ends the connection without sending anything more.
  bool IsClosed() { return received_.empty() && !ReceiveSome(); }

  // What has come, at least a byte and, of what is still to be read, no more than `limit`; empty: the
  // connection has ended, or nothing came in time.
  std::string ReceivePart(std::size_t limit = 65536) {
    if (received_.empty()) ReceiveSome(limit);
    return std::exchange(received_, "");
  }

  // Everything up to the end of the connection.
  std::string ReceiveAll() {
    while (ReceiveSome()) {
    }
    return std::move(received_);
  }

 private:
  static std::string Lower(std::string_view text) {
    std::string lower(text);
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](unsigned char c) { return std::tolower(c); });
    return lower;
  }

  bool ReceiveSome(std::size_t limit = 65536) {
    char block[65536];
    const ssize_t size = recv(socket_.native_handle(), block, std::min(limit, sizeof(block)), 0);
    if (size > 0) received_.append(block, static_cast<std::size_t>(size));
    return size > 0;
  }

  boost::asio::io_context io_context_;
  boost::asio::ip::tcp::socket socket_;
  std::string received_;
};

}  // namespace broadsheet::http

#endif  // BROADSHEET_LIBS_HTTP_RAW_CLIENT_H_
