// Whose turn it is, when one client keeps the loop busy.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

#include "libs/http/loop_fixture.h"

namespace broadsheet::http {
namespace {

class Turns : public LoopTest {};

TEST_F(Turns, WhoHasJustAskedIsHeardBeforeWhoIsBusyGoesOn) {
  constexpr int kWaiting = 4000;  // several turns' worth
  int of_busy = 0, before_newcomer = 0;
  std::unique_ptr<RawClient> newcomer;
  ServerOptions options;
  options.handler = [&](std::shared_ptr<const Request> request, Responder responder) {
    if (request->path() == "/newcomer") before_newcomer = of_busy;
    if (request->path() == "/busy" && ++of_busy == 1)
      newcomer->Send("HEAD /newcomer HTTP/1.1\r\nHost: x\r\n\r\n");
    responder.Send(short_);
  };
  ServeWith(10, std::move(options));
  const auto busy = Connect(1 << 20);
  newcomer = Connect();
  loop_->Turn();
  std::string requests;
  for (int i = 0; i < kWaiting; ++i) requests += "HEAD /busy HTTP/1.1\r\nHost: x\r\n\r\n";
  busy->Send(requests);
  RunUntil([&] { return before_newcomer > 0; });
  EXPECT_LT(before_newcomer, kWaiting / 2);
  const RawClient::Reply first = busy->Receive(/*head_only=*/true);
  EXPECT_TRUE(ReadRest(*busy, (kWaiting - 1) * (first.head.size() + 2))) << "nothing of it is lost";
}

}  // namespace
}  // namespace broadsheet::http
