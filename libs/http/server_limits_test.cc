// Time, room, start and drain.
#include "libs/http/server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "absl/strings/str_cat.h"
#include "libs/http/raw_client.h"
#include "libs/http/server_fixture.h"

namespace broadsheet::http {
namespace {

// Tells one thread that another has come to a certain point.
class Signal {
 public:
  void Set() {
    const std::lock_guard lock(mutex_);
    set_ = true;
    changed_.notify_all();
  }
  bool Wait() {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(10), [this] { return set_; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool set_ = false;
};

// ---- Time

TEST(Server, ClosesAClientThatIsTooSlowWithItsHead) {
  ServerOptions options;
  options.header_timeout = absl::Milliseconds(100);
  const auto server = StartServer(std::move(options));
  RawClient client(server->port());
  const RawClient::Reply reply = client.Exchange("GET / HTTP/1.1\r\nHo");
  EXPECT_EQ(reply.status, 408);
  EXPECT_TRUE(client.IsClosed());
  EXPECT_EQ(server->statistics().timed_out, 1u);
}

TEST(Server, ClosesAClientThatIsTooSlowWithItsBody) {
  ServerOptions options = AcceptingPosts();
  options.body_timeout = absl::Milliseconds(100);
  const auto server = StartServer(std::move(options));
  RawClient client(server->port());
  EXPECT_EQ(client.Exchange("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhe").status, 408);
  EXPECT_TRUE(client.IsClosed());
}

TEST(Server, LetsAClientThatNeverPausesKeepNobodyElseWaiting) {
  ServerOptions options;
  options.threads = 1;
  const auto server = StartServer(std::move(options));
  std::string batch;
  for (int i = 0; i < 1000; ++i) batch += "HEAD /a HTTP/1.1\r\nHost: x\r\n\r\n";
  RawClient busy(server->port());
  std::atomic<bool> done = false;
  std::thread sender([&] {
    while (!done) busy.Send(batch);
    busy.FinishSending();
  });
  std::thread receiver([&] { busy.ReceiveAll(); });
  for (int i = 0; i < 10; ++i) {
    RawClient client(server->port());
    EXPECT_EQ(client.Exchange(kGet).status, 200) << i;
  }
  done = true;
  sender.join();
  receiver.join();
}

TEST(Server, ClosesIdleConnections) {
  ServerOptions options;
  options.idle_timeout = absl::Seconds(1);
  const auto server = StartServer(std::move(options));
  RawClient fresh(server->port());
  RawClient used(server->port());
  EXPECT_EQ(used.Exchange(kGet).status, 200);
  EXPECT_TRUE(used.IsClosed());
  EXPECT_TRUE(fresh.IsClosed());
}

TEST(Server, ClosesAClientThatStopsReading) {
  ServerOptions options;
  options.write_timeout = absl::Milliseconds(100);
  const auto page = Page(std::string(8'000'000, 'x'));
  options.handler = [&](std::shared_ptr<const Request>, Responder responder) { responder.Send(page); };
  const auto server = StartServer(std::move(options));
  RawClient client(server->port(), /*receive_buffer=*/4096);
  client.Send(kGet);
  while (server->statistics().timed_out == 0) std::this_thread::yield();
  EXPECT_LT(client.ReceiveAll().size(), page->uncoded_bytes());
}

// ---- Room

TEST(Server, MakesRoomForANewConnectionByClosingTheOneThatWaitsLongest) {
  ServerOptions options;
  options.max_connections = 2;
  const auto server = StartServer(std::move(options));
  RawClient oldest(server->port());
  oldest.Send("GET / HTTP/1.1\r\nHo");
  RawClient active(server->port());
  EXPECT_EQ(active.Exchange(kGet).status, 200);
  RawClient newest(server->port());
  EXPECT_EQ(newest.Exchange(kGet).status, 200);
  EXPECT_TRUE(oldest.IsClosed());
  EXPECT_EQ(active.Exchange(kGet).status, 200);
  EXPECT_EQ(server->statistics().evicted, 1u);
  EXPECT_EQ(server->statistics().open, 2u);
}

TEST(Server, RefusesANewConnectionWhileAllOthersAreBeingServed) {
  ServerOptions options;
  options.max_connections = 1;
  Mailbox mailbox;
  options.handler = [&](std::shared_ptr<const Request>, Responder responder) {
    mailbox.Put(std::move(responder));
  };
  const auto server = StartServer(std::move(options));
  RawClient busy(server->port());
  busy.Send(kGet);
  Responder responder = mailbox.Take();
  RawClient refused(server->port());
  EXPECT_TRUE(refused.IsClosed());
  responder.Send(Page("served"));
  EXPECT_EQ(busy.Receive().body, "served");
}

// ---- Start and drain

TEST(Server, SaysThatAPortIsInUse) {
  const auto server = StartServer(Echo);
  ServerOptions options;
  options.address = "127.0.0.1";
  options.port = server->port();
  options.handler = Echo;
  const absl::Status status = Server::Start(options).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(status.message(), absl::StrCat("port ", server->port(), " is in use"));
}

TEST(Server, RefusesOptionsOutOfRange) {
  EXPECT_EQ(Server::Start({}).status().code(), absl::StatusCode::kInvalidArgument);
  for (const auto& change : std::vector<std::function<void(ServerOptions&)>>{
           [](ServerOptions& o) { o.port = 65536; }, [](ServerOptions& o) { o.threads = 65; },
           [](ServerOptions& o) { o.address = "news.example"; },
           [](ServerOptions& o) { o.max_connections = 0; },
           [](ServerOptions& o) { o.max_header_bytes = 10; }}) {
    ServerOptions options;
    options.handler = Echo;
    change(options);
    EXPECT_EQ(Server::Start(options).status().code(), absl::StatusCode::kInvalidArgument);
  }
}

TEST(Server, SharesOnePortBetweenItsLoops) {
  ServerOptions options;
  options.threads = 3;
  std::mutex mutex;
  std::vector<std::thread::id> threads;
  options.handler = [&](std::shared_ptr<const Request> request, Responder responder) {
    {
      const std::lock_guard lock(mutex);
      threads.push_back(std::this_thread::get_id());
    }
    Echo(std::move(request), std::move(responder));
  };
  const auto server = StartServer(std::move(options));
  for (int i = 0; i < 60; ++i) EXPECT_EQ(RawClient(server->port()).Exchange(kGet).status, 200);
  std::sort(threads.begin(), threads.end());
  threads.erase(std::unique(threads.begin(), threads.end()), threads.end());
  EXPECT_GT(threads.size(), 1u);
}

TEST(Server, AcceptsIpv4AndIpv6OnTheSamePort) {
  ServerOptions options;
  options.address = "::";
  std::string remote;
  options.handler = [&](std::shared_ptr<const Request> request, Responder responder) {
    remote = request->remote_address();
    Echo(std::move(request), std::move(responder));
  };
  absl::StatusOr<std::unique_ptr<Server>> server = Server::Start(std::move(options));
  ASSERT_TRUE(server.ok()) << server.status();
  EXPECT_EQ(RawClient((*server)->port()).Exchange(kGet).status, 200);
  EXPECT_EQ(remote, "127.0.0.1");
}

TEST(Server, DrainsByAnsweringWhatIsUnderWayAndWhatStillComesOnOpenConnections) {
  Mailbox mailbox;
  Signal draining;
  ServerOptions options;
  options.drain_idle_timeout = absl::Seconds(30);  // however long it takes to see that it drains
  options.handler = [&](std::shared_ptr<const Request> request, Responder responder) {
    if (request->path() == "/slow") return mailbox.Put(std::move(responder));
    Echo(std::move(request), std::move(responder));
  };
  const auto server = StartServer(std::move(options));
  RawClient in_flight(server->port());
  in_flight.Send("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n");
  Responder responder = mailbox.Take();
  RawClient open(server->port());
  EXPECT_EQ(open.Exchange(kGet).Header("Connection"), "");

  std::thread drain([&] {
    server->Drain(absl::Seconds(20));
    draining.Set();
  });
  // A new connection is refused as soon as the drain has begun.
  for (;;) {
    try {
      RawClient probe(server->port());
    } catch (const boost::system::system_error&) {
      break;
    }
  }
  const RawClient::Reply last = open.Exchange(kGet);
  EXPECT_EQ(last.status, 200);
  EXPECT_EQ(last.Header("Connection"), "close");
  EXPECT_TRUE(open.IsClosed());
  responder.Send(Page("finished"));
  const RawClient::Reply finished = in_flight.Receive();
  EXPECT_EQ(finished.body, "finished");
  EXPECT_EQ(finished.Header("Connection"), "close");
  in_flight.FinishSending();
  open.FinishSending();
  EXPECT_TRUE(draining.Wait());
  drain.join();
}

TEST(Server, DrainsWithoutWaitingForConnectionsThatStayIdle) {
  ServerOptions options;
  options.drain_idle_timeout = absl::ZeroDuration();
  options.handler = Echo;
  const auto server = StartServer(std::move(options));
  RawClient idle(server->port());
  EXPECT_EQ(idle.Exchange(kGet).status, 200);
  const absl::Time began = absl::Now();
  server->Drain(absl::Seconds(50));
  EXPECT_LT(absl::Now() - began, absl::Seconds(40));
  EXPECT_TRUE(idle.IsClosed());
}

TEST(Server, DrainsNoLongerThanItMay) {
  Mailbox mailbox;
  const auto server = StartServer(
      [&](std::shared_ptr<const Request>, Responder responder) { mailbox.Put(std::move(responder)); });
  RawClient client(server->port());
  client.Send(kGet);
  Responder never = mailbox.Take();
  server->Drain(absl::Milliseconds(50));
  EXPECT_TRUE(client.IsClosed());
  EXPECT_EQ(server->statistics().open, 0u);
}

}  // namespace
}  // namespace broadsheet::http
