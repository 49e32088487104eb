#include "services/gateway/beacon.h"

#include "gtest/gtest.h"

namespace broadsheet::gateway {
namespace {

constexpr std::string_view kSite = "https://news.example";

http::Request::Parts Good() {
  return {.method = http::Method::kPost,
          .target = "/beacon",
          .headers = {{"Host", "10.0.0.7:8080"},
                      {"Origin", "https://news.example"},
                      {"Content-Type", "application/x-www-form-urlencoded;charset=UTF-8"}},
          .body = "page=%2Fcity%2Fpier&from=%2F"};
}

Beacon Read(http::Request::Parts parts) { return ReadBeacon(**http::Request::Make(std::move(parts)), kSite); }

Beacon WithBody(std::string body) {
  http::Request::Parts parts = Good();
  parts.body = std::move(body);
  return Read(std::move(parts));
}

Beacon WithHeader(const std::string& name, std::string value) {
  http::Request::Parts parts = Good();
  std::erase_if(parts.headers, [&](const auto& header) { return header.first == name; });
  parts.headers.emplace_back(name, std::move(value));
  return Read(std::move(parts));
}

TEST(Beacon, NamesThePageReadAndTheOneBefore) {
  const Beacon beacon = Read(Good());
  EXPECT_EQ(beacon.status, 204);
  EXPECT_TRUE(beacon.counts);
  EXPECT_EQ(beacon.page, "/city/pier");
  EXPECT_EQ(beacon.from, "/");
  EXPECT_EQ(WithBody("page=%2Fcity%2Fpier").from, "");
}

TEST(Beacon, PathsThatTheAddressBarEncodesAreDecodedOnceMore) {
  EXPECT_EQ(WithBody("page=%2Fcity%2Fcaf%25C3%25A9").page, "/city/café");
}

TEST(Beacon, FormsWithAnythingElseAreRefused) {
  for (const char* body : {"", "page", "page=", "from=%2F", "page=pier", "page=%2Fa&page=%2Fb",
                           "page=%2Fa&user=7", "page=%2Fa&from=x", "page=%2F..%2Fa", "page=%00", "page=%",
                           "&", "{\"page\":\"/a\"}", "page=https%3A%2F%2Fother.example%2F"}) {
    EXPECT_EQ(WithBody(body).status, 400) << body;
    EXPECT_FALSE(WithBody(body).counts) << body;
  }
  EXPECT_EQ(WithBody("page=%2F" + std::string(kMaxBeaconBytes, 'a')).status, 413);
}

TEST(Beacon, TwoOfTheLongestPathsHaveRoom) {
  std::string path;
  for (int i = 0; i < 50; ++i) path += "%2Fcoastline";
  EXPECT_EQ(WithBody("page=" + path + "&from=" + path).status, 204);
}

TEST(Beacon, MediaTypesAreTheSameWhateverTheirCaseAndParameters) {
  for (const char* type :
       {"Application/X-WWW-form-urlencoded", "application/x-www-form-urlencoded ; charset=UTF-8"})
    EXPECT_EQ(WithHeader("Content-Type", type).status, 204) << type;
}

TEST(Beacon, OtherMediaTypesAreRefused) {
  for (const char* type :
       {"", "application/x-www-form-urlencodedfoo", "text/plain", "application/json", "multipart/form-data"})
    EXPECT_EQ(WithHeader("Content-Type", type).status, 415) << type;
}

TEST(Beacon, WhatDoesNotComeFromAPageOfTheSiteIsRefused) {
  for (const char* origin : {"", "null", "https://other.example", "https://news.example.other.example",
                             "https://news.example@other.example", "news.example"})
    EXPECT_EQ(WithHeader("Origin", origin).status, 403) << origin;
  EXPECT_EQ(WithHeader("Sec-Fetch-Site", "cross-site").status, 403);
  EXPECT_EQ(WithHeader("Sec-Fetch-Site", "same-origin").status, 204);
}

TEST(Beacon, ASiteAskedForUnderAnotherNameIsItsOwnOrigin) {
  EXPECT_EQ(WithHeader("Origin", "http://10.0.0.7:8080").status, 204);
}

TEST(Beacon, ReadersWhoAskNotToBeTrackedAreAnsweredAndNotCounted) {
  for (const char* field : {"Sec-GPC", "DNT"}) {
    const Beacon beacon = WithHeader(field, "1");
    EXPECT_EQ(beacon.status, 204) << field;
    EXPECT_FALSE(beacon.counts) << field;
    EXPECT_TRUE(WithHeader(field, "0").counts) << field;
  }
}

}  // namespace
}  // namespace broadsheet::gateway
