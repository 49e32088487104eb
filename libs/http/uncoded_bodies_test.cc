#include "libs/http/uncoded_bodies.h"

#include <memory>
#include <string>
#include <utility>

#include "gtest/gtest.h"
#include "libs/http/compression.h"
#include "libs/http/response.h"

namespace broadsheet::http {
namespace {

constexpr std::size_t kRoomForThree = 3 * 10'500;

std::shared_ptr<const Content> Page(char letter, std::shared_ptr<UncodedBodies> uncoded) {
  Content::Parts parts;
  parts.content_type = "text/html";
  parts.body = std::string(10'000, letter);
  parts.uncoded = std::move(uncoded);
  AddGzip(parts, Effort::kFast);
  return Content::Make(std::move(parts));
}

TEST(UncodedBodies, AContentIsTheSameWithThemAsWithout) {
  const auto kept = Page('a', nullptr);
  const auto shared = Page('a', std::make_shared<UncodedBodies>(kRoomForThree));
  EXPECT_EQ(*shared->Uncoded(), *kept->Uncoded());
  EXPECT_EQ(shared->uncoded_bytes(), 10'000u);
  EXPECT_EQ(shared->etag(), kept->etag());
  EXPECT_EQ(shared->coded(Coding::kGzip).Joined(), kept->coded(Coding::kGzip).Joined());
}

TEST(UncodedBodies, AContentDoesNotCountWhatItDoesNotKeep) {
  EXPECT_GT(Page('a', nullptr)->bytes(), 10'000u);
  EXPECT_LT(Page('a', std::make_shared<UncodedBodies>(kRoomForThree))->bytes(), 2'000u);
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

TEST(UncodedBodies, HoldNoMoreThanTheyMay) {
  const auto bodies = std::make_shared<UncodedBodies>(kRoomForThree);
  for (char letter = 'a'; letter <= 'z'; ++letter) Page(letter, bodies)->Uncoded();
  EXPECT_LE(bodies->bytes(), kRoomForThree);
  EXPECT_GT(bodies->bytes(), 20'000u);
}

TEST(UncodedBodies, WhatNoRoomWasLeftForIsUnpackedAgain) {
  const auto bodies = std::make_shared<UncodedBodies>(kRoomForThree);
  const auto first = Page('a', bodies);
  first->Uncoded();
  for (char letter = 'b'; letter <= 'z'; ++letter) Page(letter, bodies)->Uncoded();
  const std::shared_ptr<const std::string> unpacked = first->Uncoded();
  EXPECT_EQ(*unpacked, std::string(10'000, 'a'));
  EXPECT_EQ(first->Uncoded(), unpacked) << "unpacked once";
}

TEST(UncodedBodies, WhatIsAskedForOutlivesWhatIsNot) {
  const auto bodies = std::make_shared<UncodedBodies>(kRoomForThree);
  const auto wanted = Page('a', bodies);
  const std::weak_ptr<const std::string> body = wanted->Uncoded();
  for (char letter = 'b'; letter <= 'z'; ++letter) {
    Page(letter, bodies)->Uncoded();
    wanted->Uncoded();
  }
  EXPECT_FALSE(body.expired());
}

TEST(UncodedBodies, ACopyIsKeptNowhere) {
  const auto bodies = std::make_shared<UncodedBodies>(kRoomForThree);
  const auto page = Page('a', bodies);
  EXPECT_EQ(page->UncodedCopy(), std::string(10'000, 'a'));
  EXPECT_EQ(bodies->bytes(), 0u);
  page->Uncoded();
  EXPECT_EQ(page->UncodedCopy(), std::string(10'000, 'a'));
}

TEST(UncodedBodies, BytesThatSomebodyHoldsStayWhatTheyAre) {
  const auto bodies = std::make_shared<UncodedBodies>(kRoomForThree);
  const std::shared_ptr<const std::string> held = Page('a', bodies)->Uncoded();
  for (char letter = 'b'; letter <= 'z'; ++letter) Page(letter, bodies)->Uncoded();
  EXPECT_EQ(*held, std::string(10'000, 'a'));
}

TEST(UncodedBodies, WithoutRoomEverybodyUnpacksForHimself) {
  const auto bodies = std::make_shared<UncodedBodies>(0);
  const auto page = Page('a', bodies);
  EXPECT_EQ(*page->Uncoded(), std::string(10'000, 'a'));
  EXPECT_EQ(bodies->bytes(), 0u);
}

}  // namespace
}  // namespace broadsheet::http
