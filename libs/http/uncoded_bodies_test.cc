#include "libs/http/uncoded_bodies.h"

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "libs/http/compression.h"
#include "libs/http/http2_client.h"
#include "libs/http/raw_client.h"
#include "libs/http/response.h"
#include "libs/http/server_fixture.h"

namespace broadsheet::http {
namespace {

constexpr std::size_t kRoomForThree = 3 * 10'500;

std::shared_ptr<const Content> PageOf(char letter, std::shared_ptr<UncodedBodies> uncoded) {
  Content::Parts parts;
  parts.content_type = "text/html";
  parts.body = std::string(10'000, letter);
  parts.uncoded = std::move(uncoded);
  AddGzip(parts, Effort::kFast);
  return Content::Make(std::move(parts));
}

TEST(UncodedBodies, AContentIsTheSameWithThemAsWithout) {
  const auto kept = PageOf('a', nullptr);
  const auto shared = PageOf('a', std::make_shared<UncodedBodies>(kRoomForThree));
  EXPECT_EQ(*shared->Uncoded(), *kept->Uncoded());
  EXPECT_EQ(shared->uncoded_bytes(), 10'000u);
  EXPECT_EQ(shared->etag(), kept->etag());
  EXPECT_EQ(shared->coded(Coding::kGzip).Joined(), kept->coded(Coding::kGzip).Joined());
}

TEST(UncodedBodies, AContentDoesNotCountWhatItDoesNotKeep) {
  EXPECT_GT(PageOf('a', nullptr)->bytes(), 10'000u);
  EXPECT_LT(PageOf('a', std::make_shared<UncodedBodies>(kRoomForThree))->bytes(), 2'000u);
}

TEST(UncodedBodies, WithoutACodingTheBytesStayWithTheContent) {
  Content::Parts parts;
  parts.content_type = "text/plain";
  parts.body = "short";
  parts.uncoded = std::make_shared<UncodedBodies>(kRoomForThree);
  const auto bodies = parts.uncoded;
  EXPECT_EQ(*Content::Make(std::move(parts))->Uncoded(), "short");
  EXPECT_EQ(bodies->bytes(), 0u);
}

TEST(UncodedBodies, ABodyThatWasLeftOutIsHadFromItsCoding) {
  const auto whole = PageOf('a', nullptr);
  Content::Parts parts;
  parts.content_type = "text/html";
  parts.gzip = whole->coded(Coding::kGzip).Joined();
  parts.body_bytes = whole->uncoded_bytes();
  parts.etag = "known";
  parts.uncoded = std::make_shared<UncodedBodies>(kRoomForThree);
  const auto page = Content::Make(std::move(parts));
  EXPECT_EQ(page->uncoded_bytes(), 10'000u);
  EXPECT_EQ(page->etag(), "\"known\"");
  EXPECT_EQ(*page->Uncoded(), std::string(10'000, 'a'));
  EXPECT_EQ(page->UncodedCopy(), std::string(10'000, 'a'));
}

TEST(UncodedBodies, ACodingThatDoesNotHoldTheBodyThatWasLeftOutIsRefused) {
  for (const std::string& gzip : {std::string("damaged"), *Gzip("another", Effort::kFast)}) {
    Content::Parts parts;
    parts.content_type = "text/html";
    parts.gzip = gzip;
    parts.body_bytes = 10'000;
    parts.etag = "known";
    parts.uncoded = std::make_shared<UncodedBodies>(kRoomForThree);
    const auto page = Content::Make(std::move(parts));
    EXPECT_EQ(page->Uncoded(), nullptr);
    EXPECT_EQ(page->UncodedCopy(), std::nullopt);
  }
}

TEST(UncodedBodies, HoldNoMoreThanTheyMay) {
  const auto bodies = std::make_shared<UncodedBodies>(kRoomForThree);
  for (char letter = 'a'; letter <= 'z'; ++letter) PageOf(letter, bodies)->Uncoded();
  EXPECT_LE(bodies->bytes(), kRoomForThree);
  EXPECT_GT(bodies->bytes(), 20'000u);
}

TEST(UncodedBodies, WhatNoRoomWasLeftForIsUnpackedAgain) {
  const auto bodies = std::make_shared<UncodedBodies>(kRoomForThree);
  const auto first = PageOf('a', bodies);
  first->Uncoded();
  for (char letter = 'b'; letter <= 'z'; ++letter) PageOf(letter, bodies)->Uncoded();
  const std::shared_ptr<const std::string> unpacked = first->Uncoded();
  EXPECT_EQ(*unpacked, std::string(10'000, 'a'));
  EXPECT_EQ(first->Uncoded(), unpacked) << "unpacked once";
}

TEST(UncodedBodies, WhatIsAskedForOutlivesWhatIsNot) {
  const auto bodies = std::make_shared<UncodedBodies>(kRoomForThree);
  const auto wanted = PageOf('a', bodies);
  const std::weak_ptr<const std::string> body = wanted->Uncoded();
  for (char letter = 'b'; letter <= 'z'; ++letter) {
    PageOf(letter, bodies)->Uncoded();
    wanted->Uncoded();
  }
  EXPECT_FALSE(body.expired());
}

TEST(UncodedBodies, ACopyIsKeptNowhere) {
  const auto bodies = std::make_shared<UncodedBodies>(kRoomForThree);
  const auto page = PageOf('a', bodies);
  EXPECT_EQ(page->UncodedCopy(), std::string(10'000, 'a'));
  EXPECT_EQ(bodies->bytes(), 0u);
  page->Uncoded();
  EXPECT_EQ(page->UncodedCopy(), std::string(10'000, 'a'));
}

TEST(UncodedBodies, BytesThatSomebodyHoldsStayWhatTheyAre) {
  const auto bodies = std::make_shared<UncodedBodies>(kRoomForThree);
  const std::shared_ptr<const std::string> held = PageOf('a', bodies)->Uncoded();
  for (char letter = 'b'; letter <= 'z'; ++letter) PageOf(letter, bodies)->Uncoded();
  EXPECT_EQ(*held, std::string(10'000, 'a'));
}

TEST(UncodedBodies, WithoutRoomEverybodyUnpacksForHimself) {
  const auto bodies = std::make_shared<UncodedBodies>(0);
  const auto page = PageOf('a', bodies);
  EXPECT_EQ(*page->Uncoded(), std::string(10'000, 'a'));
  EXPECT_EQ(bodies->bytes(), 0u);
}

TEST(UncodedBodies, AreNotMadeBeyondWhatMayBeHeld) {
  const auto bodies = std::make_shared<UncodedBodies>(0, 36'000);
  std::vector<std::shared_ptr<const Content>> pages = {PageOf('a', bodies), PageOf('b', bodies),
                                                       PageOf('c', bodies)};
  std::shared_ptr<const std::string> first = pages[0]->Uncoded();
  const std::shared_ptr<const std::string> second = pages[1]->Uncoded();
  ASSERT_TRUE(first != nullptr && second != nullptr);
  EXPECT_EQ(pages[2]->Uncoded(), nullptr);
  EXPECT_EQ(pages[2]->UncodedCopy(), std::string(10'000, 'c'));
  EXPECT_EQ(pages[0]->Uncoded(), first) << "what lives is shared";
  first.reset();
  EXPECT_NE(pages[2]->Uncoded(), nullptr);
}

TEST(UncodedBodies, LeaveTheLastQuarterOfWhatMayBeHeldToThoseWhoAreKnown) {
  const auto bodies = std::make_shared<UncodedBodies>(0, 25'000);
  std::vector<std::shared_ptr<const Content>> pages = {PageOf('a', bodies), PageOf('b', bodies),
                                                       PageOf('c', bodies)};
  const std::shared_ptr<const std::string> strangers = pages[0]->Uncoded();
  EXPECT_EQ(pages[1]->Uncoded(), nullptr);
  const std::shared_ptr<const std::string> known = pages[1]->Uncoded(UncodedBodies::Claim::kKnown);
  ASSERT_NE(known, nullptr);
  EXPECT_EQ(pages[1]->Uncoded(), known) << "what lives is shared";
  EXPECT_EQ(pages[2]->Uncoded(UncodedBodies::Claim::kKnown), nullptr);
}

TEST(UncodedBodies, AreMadeHoweverFullTheirRoomIs) {
  const auto bodies = std::make_shared<UncodedBodies>(kRoomForThree, 15'000);
  for (int round = 0; round < 3; ++round) {
    for (char letter = 'a'; letter <= 'z'; ++letter) EXPECT_NE(PageOf(letter, bodies)->Uncoded(), nullptr);
  }
  EXPECT_LE(bodies->living_bytes(), kRoomForThree);
}

TEST(UncodedBodies, CanBeAskedForFromManyThreads) {
  const auto bodies = std::make_shared<UncodedBodies>(kRoomForThree);
  std::vector<std::shared_ptr<const Content>> pages;
  for (char letter = 'a'; letter <= 'h'; ++letter) pages.push_back(PageOf(letter, bodies));
  std::atomic<int> wrong = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&, i] {
      for (int round = 0; round < 500; ++round) {
        const std::size_t which = static_cast<std::size_t>(i + round) % pages.size();
        const std::shared_ptr<const std::string> body = pages[which]->Uncoded();
        if (body->size() != 10'000 || body->front() != static_cast<char>('a' + which)) ++wrong;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
  EXPECT_LE(bodies->bytes(), kRoomForThree);
}

// Nothing but the responses holds the bytes while they are sent.
TEST(UncodedBodies, OfASlowReaderOutliveTheirRoom) {
  const auto bodies = std::make_shared<UncodedBodies>(0);
  Content::Parts parts;
  parts.content_type = "text/html";
  for (int line = 0; parts.body.size() < 4'000'000; ++line) parts.body += std::to_string(line) + ' ';
  const std::string text = parts.body;
  parts.uncoded = bodies;
  AddGzip(parts, Effort::kFast);
  auto page = Content::Make(std::move(parts));
  const auto server = StartServer([&](std::shared_ptr<const Request>, Responder responder) {
    responder.Send({.content = page, .headers = {}, .close_connection = false});
  });
  RawClient client(server->port(), /*receive_buffer=*/4096);
  EXPECT_TRUE(client.Exchange(kGet).body == text);
  const auto range = client.Exchange("GET / HTTP/1.1\r\nHost: a\r\nRange: bytes=1000-2000000\r\n\r\n");
  EXPECT_EQ(range.status, 206);
  EXPECT_TRUE(range.body == text.substr(1000, 1'999'001));
  const auto coded = client.Exchange("GET / HTTP/1.1\r\nHost: a\r\nAccept-Encoding: gzip\r\n\r\n");
  EXPECT_TRUE(*Gunzip(coded.body) == text);
  EXPECT_EQ(bodies->living_bytes(), 0u);
}

TEST(UncodedBodies, AreHeldByTheStreamsOfHttp2) {
  const auto bodies = std::make_shared<UncodedBodies>(0);
  const auto page = PageOf('a', bodies);
  const auto server = StartServer([&](std::shared_ptr<const Request>, Responder responder) {
    responder.Send({.content = page, .headers = {}, .close_connection = false});
  });
  Http2Client client(server->port());
  std::vector<std::int32_t> streams;
  for (int i = 0; i < 20; ++i) streams.push_back(client.Begin("GET", "/"));  // more than a window takes
  for (const std::int32_t stream : streams)
    EXPECT_TRUE(client.Receive(stream).body == std::string(10'000, 'a'));
}

TEST(UncodedBodies, ThatMayNotBeHeldAreAnsweredAsBusy) {
  const auto page = PageOf('a', std::make_shared<UncodedBodies>(0, 100));
  const auto server = StartServer([&](std::shared_ptr<const Request>, Responder responder) {
    responder.Send({.content = page, .headers = {}, .close_connection = false});
  });
  RawClient client(server->port());
  const auto busy = client.Exchange(kGet);
  EXPECT_EQ(busy.status, 503);
  EXPECT_EQ(busy.Header("Retry-After"), "5");
  EXPECT_EQ(client.Exchange("GET / HTTP/1.1\r\nHost: a\r\nAccept-Encoding: gzip\r\n\r\n").status, 200);
}

}  // namespace
}  // namespace broadsheet::http
