#include "tests/faults/http_reader.h"

#include <zlib.h>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <chrono>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "tests/faults/probe.h"

namespace broadsheet::faults {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using Clock = std::chrono::steady_clock;

constexpr auto kAnswerPatience = std::chrono::seconds(10);
constexpr auto kBetweenConnections = std::chrono::milliseconds(30);

std::optional<std::string> Gunzip(std::string_view bytes) {
  z_stream stream = {};
  if (inflateInit2(&stream, 15 + 16) != Z_OK) return std::nullopt;
  std::string text;
  char block[65536];
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  int result = Z_OK;
  while (result == Z_OK) {
    stream.next_out = reinterpret_cast<Bytef*>(block);
    stream.avail_out = sizeof(block);
    result = inflate(&stream, Z_NO_FLUSH);
    text.append(block, sizeof(block) - stream.avail_out);
  }
  inflateEnd(&stream);
  if (result != Z_STREAM_END) return std::nullopt;
  return text;
}

// A header's value; empty if it is not there.
std::string_view Header(std::string_view head, std::string_view name) {
  while (!head.empty()) {
    const std::size_t end = head.find("\r\n");
    const std::string_view line = head.substr(0, end);
    if (line.size() > name.size() && line[name.size()] == ':' &&
        absl::EqualsIgnoreCase(absl::string_view(line.data(), name.size()),
                               absl::string_view(name.data(), name.size()))) {
      const std::size_t value = line.find_first_not_of(' ', name.size() + 1);
      return value == line.npos ? std::string_view() : line.substr(value);
    }
    head.remove_prefix(end == head.npos ? head.size() : end + 2);
  }
  return {};
}

// "memory", "redis", "rendered" or "stale-unavailable" out of a Cache-Status field.
std::string TierOf(std::string_view cache_status) {
  const std::size_t detail = cache_status.find("detail=");
  if (detail != cache_status.npos) {
    std::string_view value = cache_status.substr(detail + 7);
    if (value.starts_with('"')) value.remove_prefix(1);
    return std::string(value.substr(0, value.find_first_of("\"; ")));
  }
  return cache_status.find("fwd=") != cache_status.npos ? "rendered" : "";
}

// One keep-alive connection to one gateway, made anew whenever it breaks.
class Connection {
 public:
  Connection(asio::io_context& io_context, Site& site, Report& report, GatewayView& gateway,
             std::uint64_t seed)
      : site_(site),
        report_(report),
        gateway_(gateway),
        random_(seed),
        socket_(io_context),
        pause_(io_context) {
    const std::pair<std::string, std::string> parts =
        absl::StrSplit(gateway.address, absl::MaxSplits(':', 1));
    int port = 0;
    if (!absl::SimpleAtoi(parts.second, &port)) std::abort();
    endpoint_ = {asio::ip::make_address(parts.first), static_cast<unsigned short>(port)};
  }

  asio::awaitable<void> Run() {
    // No co_await within a condition: GCC 12 breaks the frame when one is skipped by `&&`.
    while (!site_.stopping()) {
      bool usable = socket_.is_open();
      if (!usable) usable = co_await Connect();
      if (usable) usable = co_await ReadPage();
      if (!usable) Close();
    }
    Close();
  }

  // Breaks off what takes too long.
  void Watch(Clock::time_point now) {
    if (now > deadline_ || site_.stopping()) Close();
  }

 private:
  // What it got for a path, to ask whether that is still right; with the labels in its bytes only.
  struct Remembered {
    std::string etag;
    PageAnswer answer;
  };
  enum class Form { kPlain, kGzip, kConditional };

  asio::awaitable<bool> Connect() {
    boost::system::error_code error;
    deadline_ = Clock::now() + kAnswerPatience;
    received_.clear();
    co_await socket_.async_connect(endpoint_, asio::redirect_error(asio::use_awaitable, error));
    if (!error) {
      socket_.set_option(tcp::no_delay(true), error);
      co_return true;
    }
    Close();
    if (!gateway_.down.Touches(NowNanos(), absl::Seconds(2)) && !site_.stopping()) {
      report_.Violation("no connection", site_.faults(),
                        absl::StrCat("gateway ", gateway_.number, ": ", error.message()));
    }
    pause_.expires_after(kBetweenConnections);
    co_await pause_.async_wait(asio::redirect_error(asio::use_awaitable, error));
    co_return false;
  }

  asio::awaitable<bool> ReadPage() {
    Target target = ChooseTarget(site_, random_);
    const auto remembered = remembered_.find(target.path);
    const std::uint64_t dice = random_() % 10;
    const Form form = dice < 3 && remembered != remembered_.end() ? Form::kConditional
                      : dice == 9                                 ? Form::kGzip
                                                                  : Form::kPlain;
    const std::string request = absl::StrCat(
        "GET ", target.path, " HTTP/1.1\r\nHost: ", gateway_.address, "\r\n",
        form == Form::kGzip          ? "Accept-Encoding: gzip\r\n"
        : form == Form::kConditional ? absl::StrCat("If-None-Match: ", remembered->second.etag, "\r\n")
                                     : "",
        "\r\n");
    deadline_ = Clock::now() + kAnswerPatience;
    Probe probe(site_, report_, gateway_, std::move(target));
    boost::system::error_code error;
    co_await asio::async_write(socket_, asio::buffer(request),
                               asio::redirect_error(asio::use_awaitable, error));
    std::size_t head_size = 0;
    if (!error) {
      head_size = co_await asio::async_read_until(socket_, asio::dynamic_buffer(received_), "\r\n\r\n",
                                                  asio::redirect_error(asio::use_awaitable, error));
    }
    std::size_t length = 0;
    if (!error) {
      const std::string_view value =
          Header(std::string_view(received_).substr(0, head_size), "Content-Length");
      if (!absl::SimpleAtoi(absl::string_view(value.data(), value.size()), &length)) length = 0;
      if (received_.size() < head_size + length) {
        const std::size_t missing = head_size + length - received_.size();
        co_await asio::async_read(socket_, asio::dynamic_buffer(received_), asio::transfer_exactly(missing),
                                  asio::redirect_error(asio::use_awaitable, error));
      }
    }
    if (error) {
      // A server may close a connection that it has kept waiting; the request was not answered then.
      probe.Failed("http", error.message());
      co_return false;
    }
    const std::string_view all = received_;
    Judge(probe, form, all.substr(0, head_size), all.substr(head_size, length));
    const bool keep = Header(all.substr(0, head_size), "Connection") != "close";
    received_.erase(0, head_size + length);
    co_return keep;
  }

  void Judge(Probe& probe, Form form, std::string_view head, std::string_view body) {
    PageAnswer answer;
    if (!absl::SimpleAtoi(absl::string_view(head.data() + 9, 3), &answer.status)) answer.status = 0;
    answer.door = form == Form::kGzip ? "http gzip" : "http";
    answer.tier = TierOf(Header(head, "Cache-Status"));
    if (answer.status == 304 && form == Form::kConditional) {
      // "What you have is still right": as good as sending it again.
      PageAnswer again = remembered_[probe.target().path].answer;
      again.tier = answer.tier;
      again.door = "http 304";
      AddLabels(head, again);
      probe.Judge(again);
      return;
    }
    std::string text;
    if (Header(head, "Content-Encoding") == "gzip") {
      std::optional<std::string> unzipped = Gunzip(body);
      if (!unzipped) return report_.Violation("broken gzip", site_.faults(), probe.target().path);
      text = *std::move(unzipped);
      body = text;
    }
    answer.tokens = FindTokens(body);
    answer.stale = IsLabelledStale(body);
    answer.degraded = IsLabelledDegraded(body);
    const std::string_view etag = Header(head, "ETag");
    if (answer.status == 200 && !etag.empty()) remembered_[probe.target().path] = {std::string(etag), answer};
    AddLabels(head, answer);
    probe.Judge(answer);
  }

  // The labels outside the bytes; feeds have no others.
  static void AddLabels(std::string_view head, PageAnswer& answer) {
    const std::string_view label = Header(head, "Broadsheet-Degraded");
    answer.stale = answer.stale || label.find("article") != label.npos;
    answer.degraded = answer.degraded || !label.empty();
  }

  void Close() {
    boost::system::error_code ignored;
    socket_.close(ignored);
    deadline_ = Clock::time_point::max();
  }

  Site& site_;
  Report& report_;
  GatewayView& gateway_;
  std::mt19937_64 random_;
  tcp::endpoint endpoint_;
  tcp::socket socket_;
  asio::steady_timer pause_;
  std::string received_;
  Clock::time_point deadline_ = Clock::time_point::max();
  std::map<std::string, Remembered> remembered_;
};

asio::awaitable<void> Watch(Site& site, std::list<Connection>& connections) {
  asio::steady_timer timer(co_await asio::this_coro::executor);
  while (!site.stopping()) {
    timer.expires_after(std::chrono::milliseconds(200));
    co_await timer.async_wait(asio::use_awaitable);
    for (Connection& connection : connections) connection.Watch(Clock::now());
  }
}

}  // namespace

void ReadOverHttp(Site& site, Report& report, int connections, std::uint64_t seed) {
  asio::io_context io_context(1);
  std::list<Connection> all;
  for (GatewayView& gateway : site.gateways()) {
    for (int i = 0; i < connections; ++i) {
      Connection& connection = all.emplace_back(io_context, site, report, gateway, ++seed);
      asio::co_spawn(io_context, connection.Run(), asio::detached);
    }
  }
  asio::co_spawn(io_context, Watch(site, all), asio::detached);
  io_context.run();
}

}  // namespace broadsheet::faults
