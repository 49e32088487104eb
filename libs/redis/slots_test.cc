#include "libs/redis/slots.h"

#include <memory>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace broadsheet::redis {
namespace {

Reply Text(const std::string& text) {
  Reply reply;
  reply.kind = Reply::Kind::kText;
  reply.text = std::make_shared<const std::string>(text);
  return reply;
}

Reply Integer(std::int64_t integer) {
  Reply reply;
  reply.kind = Reply::Kind::kInteger;
  reply.integer = integer;
  return reply;
}

Reply List(std::vector<Reply> list) {
  Reply reply;
  reply.kind = Reply::Kind::kList;
  reply.list = std::move(list);
  return reply;
}

// The examples of the Redis Cluster specification, and what a real one answers to CLUSTER KEYSLOT.
TEST(RedisSlots, AreThoseOfTheSpecification) {
  EXPECT_EQ(KeySlot("123456789"), 0x31C3 % kSlots);
  EXPECT_EQ(KeySlot("somekey"), 11058);
  EXPECT_EQ(KeySlot("foo"), 12182);
  EXPECT_EQ(KeySlot(""), 0);
}

TEST(RedisSlots, OnlyAHashTagCounts) {
  EXPECT_EQ(KeySlot("foo{hash_tag}"), 2515);
  EXPECT_EQ(KeySlot("{user1000}.following"), KeySlot("{user1000}.followers"));
  EXPECT_EQ(KeySlot("foo{bar}{zap}"), KeySlot("bar"));
  EXPECT_EQ(KeySlot("foo{{bar}}zap"), KeySlot("{bar"));
  EXPECT_EQ(KeySlot("foo{}{bar}"), 8363) << "an empty tag is none: the whole key counts";
  EXPECT_NE(KeySlot("foo{bar"), KeySlot("bar"));
  EXPECT_NE(KeySlot("}foo{"), KeySlot("foo"));
}

TEST(RedisSlots, OfACommandAreThoseOfAllItsKeys) {
  EXPECT_EQ(CommandSlot({"GET", "foo"}).value(), 12182);
  EXPECT_EQ(CommandSlot({"set", "foo", "bar", "PX", "1"}).value(), 12182);
  EXPECT_EQ(CommandSlot({"DEL", "{foo}1", "{foo}2"}).value(), 12182);
}

TEST(RedisSlots, ACommandThatNoSingleNodeAnswersIsRefused) {
  for (const std::vector<std::string>& command :
       std::vector<std::vector<std::string>>{{},
                                             {"GET"},
                                             {"PING"},
                                             {"FLUSHALL"},
                                             {"SCAN", "0"},
                                             {"EVAL", "return 1", "0"},
                                             {"DEL", "a", "b"}}) {
    EXPECT_TRUE(absl::IsFailedPrecondition(CommandSlot(command).status()));
  }
}

TEST(RedisSlots, ReadsRedirections) {
  const auto moved = ReadRedirection(absl::FailedPreconditionError("MOVED 3999 10.0.0.1:6381"));
  ASSERT_TRUE(moved);
  EXPECT_EQ(moved->kind, Redirection::Kind::kMoved);
  EXPECT_EQ(moved->slot, 3999);
  EXPECT_EQ(ToText(moved->address), "10.0.0.1:6381");
  const auto ask = ReadRedirection(absl::FailedPreconditionError("ASK 16383 fd00::1:6381"));
  ASSERT_TRUE(ask);
  EXPECT_EQ(ask->kind, Redirection::Kind::kAsk);
  EXPECT_EQ(ToText(ask->address), "[fd00::1]:6381");
  for (const char* text : {"MOVED 1 :6381", "MOVED 1 ?:6381"})
    EXPECT_EQ(ReadRedirection(absl::FailedPreconditionError(text))->address.host, "") << text;
}

TEST(RedisSlots, WhatIsNoRedirectionIsNone) {
  EXPECT_FALSE(ReadRedirection(absl::OkStatus()));
  EXPECT_FALSE(ReadRedirection(absl::UnavailableError("MOVED 3999 10.0.0.1:6381")));
  for (const char* text : {"ERR", "MOVED", "MOVED 1", "MOVED 16384 a:1", "MOVED -1 a:1", "MOVED x a:1",
                           "MOVED 1 a:0", "MOVED 1 a:65536", "MOVED 1 a", "MOVEDON 1 a:1"}) {
    EXPECT_FALSE(ReadRedirection(absl::FailedPreconditionError(text))) << text;
  }
}

TEST(RedisSlots, KnowsWhatPasses) {
  EXPECT_TRUE(IsPassing(absl::FailedPreconditionError("TRYAGAIN Multiple keys request during rehashing")));
  EXPECT_TRUE(IsPassing(absl::FailedPreconditionError("CLUSTERDOWN The cluster is down")));
  EXPECT_FALSE(IsPassing(absl::FailedPreconditionError("ERR CLUSTERDOWN")));
  EXPECT_FALSE(IsPassing(absl::OkStatus()));
}

TEST(RedisSlots, ReadsTheMap) {
  const Reply replica = List({Text("10.0.0.2"), Integer(6380), Text("id")});
  const Reply reply = List({
      List({Integer(0), Integer(8000), List({Text("10.0.0.1"), Integer(6379), Text("id"), List({})}),
            replica}),
      List({Integer(8001), Integer(16383), List({Reply(), Integer(6381)})}),
      List({Integer(1), Integer(1), List({Text("?"), Integer(6382)})}),
  });
  const auto ranges = ReadSlots(reply).value();
  ASSERT_EQ(ranges.size(), 3U);
  EXPECT_EQ(ranges[0].first, 0);
  EXPECT_EQ(ranges[0].last, 8000);
  EXPECT_EQ(ToText(ranges[0].master), "10.0.0.1:6379");
  EXPECT_EQ(ranges[1].master.host, "");
  EXPECT_EQ(ranges[2].master.host, "");
}

TEST(RedisSlots, WhatIsNoMapIsAnError) {
  const Reply node = List({Text("a"), Integer(1)});
  for (const Reply& reply :
       {Reply(), Text("OK"), List({Text("OK")}), List({List({Integer(0), Integer(1)})}),
        List({List({Integer(0), Integer(16384), node})}), List({List({Integer(-1), Integer(1), node})}),
        List({List({Integer(0), Integer(1), List({Text("a"), Integer(0)})})}),
        List({List({Integer(0), Integer(1), List({Text("a")})})})}) {
    EXPECT_TRUE(absl::IsFailedPrecondition(ReadSlots(reply).status()));
  }
}

}  // namespace
}  // namespace broadsheet::redis
