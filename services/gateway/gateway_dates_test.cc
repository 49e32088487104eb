#include <memory>
#include <set>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "libs/http/validators.h"
#include "services/gateway/gateway_testing.h"

// Promise 1 for clients that know of a page by its date alone, whichever of two gateways they ask.
namespace broadsheet::gateway {
namespace {

class DatesTest : public GatewayTest {
 protected:
  void SetUp() override {
    article_.Publish("bridge", "Bridge closed");
    article_.Publish("pier", "Pier opened");
    recommendation_.Recommend({"bridge"});
    ASSERT_NO_FATAL_FAILURE(StartGateway());
    other_ = std::move(gateway_);
    ASSERT_NO_FATAL_FAILURE(StartGateway());
  }

  test::HttpAnswer GetFromOther(const std::string& path, const test::HttpHeaders& headers = {}) {
    std::swap(gateway_, other_);
    test::HttpAnswer answer = Get(path, headers);
    std::swap(gateway_, other_);
    return answer;
  }

  // The page once it has a date.
  test::HttpAnswer GetDated(const std::string& path) {
    test::HttpAnswer answer;
    EXPECT_TRUE(Eventually([&] {
      answer = Get(path);
      return !answer.Header("last-modified").empty();
    })) << path;
    return answer;
  }

  // Looks for as long as it takes until a page has a date.
  void ExpectNoDate(const std::string& path) {
    const absl::Time end = absl::Now() + absl::Seconds(2.5);
    ASSERT_TRUE(Eventually([&] {
      const test::HttpAnswer answer = Get(path);
      EXPECT_EQ(answer.status, 200) << path;
      EXPECT_EQ(answer.Header("last-modified"), "") << path;
      return absl::Now() > end;
    }));
  }

  std::unique_ptr<Gateway> other_;
};

// The date of a page that has none is taken to be when it was sent, as caches do (RFC 9110, section 13.1.3).
std::string DateKnownOf(const test::HttpAnswer& answer) {
  const std::string modified = answer.Header("last-modified");
  return modified.empty() ? answer.Header("date") : modified;
}

TEST_F(DatesTest, NoGatewayTakesAVersionForTheOneBefore) {
  const absl::Time end = absl::Now() + absl::Seconds(3);  // versions of one second and of two
  for (int version = 0; absl::Now() < end; ++version) {
    for (const char* path : {"/city/pier", "/feed.atom"}) {
      const std::string date = DateKnownOf(Get(path));
      const std::string headline = absl::StrCat("Version ", version, " of ", path);
      article_.Publish("pier", headline);
      for (const test::HttpAnswer& answer :
           {GetFromOther(path, {{"If-Modified-Since", date}}), Get(path, {{"If-Modified-Since", date}})}) {
        ASSERT_EQ(answer.status, 200) << path << " since " << date << " at " << answer.Header("date");
        EXPECT_TRUE(Contains(answer, headline)) << path;
      }
    }
  }
}

TEST_F(DatesTest, WhoHasThePageIsToldSoOnceItsDateIsThere) {
  const test::HttpAnswer page = GetDated("/city/pier");
  const std::string date = page.Header("last-modified");
  const auto modified = http::ParseHttpDate(date), sent = http::ParseHttpDate(page.Header("date"));
  ASSERT_TRUE(modified && sent);
  EXPECT_LE(*modified, *sent);
  EXPECT_EQ(Get("/city/pier").Header("last-modified"), date);
  EXPECT_EQ(Get("/city/pier", {{"If-Modified-Since", date}}).status, 304);
}

TEST_F(DatesTest, TwoVersionsOfAPageNeverHaveTheSameDate) {
  for (const char* path : {"/city/pier", "/feed.atom"}) {
    std::set<std::string> dates;
    for (int version = 0; version < 3; ++version) {
      article_.Publish("pier", absl::StrCat("Version ", version));
      const std::string date = GetDated(path).Header("last-modified");
      EXPECT_TRUE(dates.insert(date).second) << path << " " << date;
    }
  }
}

// Another gateway may have shown what stood there in between, of a later date than the first.
TEST_F(DatesTest, APageThatIsAsItWasBeforeAChangeThatNobodyAskedForHasALaterDate) {
  const test::HttpAnswer before = GetDated("/feed.atom");
  article_.Publish("ferry", "Ferry sunk");
  const std::string between = DateKnownOf(GetFromOther("/feed.atom"));
  article_.Withdraw("ferry");
  EXPECT_EQ(Get("/feed.atom", {{"If-Modified-Since", between}}).status, 200);
  const test::HttpAnswer after = GetDated("/feed.atom");
  ASSERT_EQ(after.Header("etag"), before.Header("etag"));
  EXPECT_NE(after.Header("last-modified"), before.Header("last-modified"));
}

// Whoever knows of the degraded page by its date would be told that the whole one, which may be older, is the
// same.
TEST_F(DatesTest, ADegradedPageHasNone) {
  recommendation_.faults.Set(Fault::kUnavailable);
  ASSERT_TRUE(IsDegraded(Get("/city/pier")));
  ExpectNoDate("/city/pier");
}

// That may be the newer one's as well.
TEST_F(DatesTest, AFeedThatHasChangedAndIsShownAsKnownLastHasNone) {
  ASSERT_EQ(Get("/feed.atom").status, 200);
  article_.faults.Set(Fault::kUnavailable);
  article_.Publish("ferry", "Ferry sunk");
  ExpectNoDate("/feed.atom");
}

}  // namespace
}  // namespace broadsheet::gateway
