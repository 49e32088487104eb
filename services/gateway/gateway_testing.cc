#include "services/gateway/gateway_testing.h"

#include <cstdint>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "services/gateway/backends.h"

namespace broadsheet::gateway {

GatewayTest::GatewayTest() {
  options_.backends.article_address = article_.server().address();
  options_.backends.media_address = media_.server().address();
  options_.backends.recommendation_address = recommendation_.server().address();
  options_.templates = BROADSHEET_TEMPLATES;
  options_.site.name = "The Courant";
  options_.site.url = "https://news.example";
  options_.site.media_url = "https://media.example";
  options_.site.language = "en-GB";
  options_.threads = 2;
  options_.pages.rules.degraded_lifetime = absl::Milliseconds(50);
  // However busy the machine is, no call is given up but where a test lets it hang.
  Budgets& budgets = options_.backends.budgets;
  for (absl::Duration* budget :
       {&budgets.article, &budgets.list, &budgets.author, &budgets.summaries, &budgets.sections,
        &budgets.images, &budgets.related, &budgets.most_read, &budgets.record_reads, &budgets.known})
    *budget = absl::Seconds(10);
  options_.pages.render_timeout = absl::Seconds(30);
}

void GatewayTest::StartGatewayAlone() {
  gateway_ = nullptr;
  absl::StatusOr<std::unique_ptr<Gateway>> gateway = Gateway::Start(options_);
  ASSERT_TRUE(gateway.ok()) << gateway.status();
  gateway_ = *std::move(gateway);
}

void GatewayTest::StartGateway() {
  ASSERT_NO_FATAL_FAILURE(StartGatewayAlone());
  ASSERT_TRUE(gateway_->WaitUntilFollowing(absl::Seconds(10)));
}

test::HttpAnswer GatewayTest::Get(const std::string& path, const test::HttpHeaders& headers) {
  absl::StatusOr<test::HttpAnswer> answer = test::HttpGet(gateway_->http_port(), path, headers);
  EXPECT_TRUE(answer.ok()) << path << ": " << answer.status();
  return answer.value_or(test::HttpAnswer());
}

article::v1::Article GatewayTest::StoryLinkingTo(const std::string& article_id) {
  article::v1::Article story;
  story.set_article_id("linking");
  story.set_path("/city/linking");
  story.mutable_content()->set_headline("Linking");
  story.mutable_content()->set_section_id("city");
  article::v1::RichText& text = *story.mutable_content()->add_body()->mutable_paragraph()->mutable_text();
  text.set_text(absl::StrCat("See ", article_id, "."));
  article::v1::Span& span = *text.add_spans();
  span.set_start(4);
  span.set_end(static_cast<std::uint32_t>(4 + article_id.size()));
  span.set_kind(article::v1::SPAN_KIND_LINK);
  span.set_article_id(article_id);
  return story;
}

article::v1::Article GatewayTest::StoryExpiringAt(const std::string& article_id, absl::Time end) {
  article::v1::Article story;
  story.set_article_id(article_id);
  story.set_path(absl::StrCat("/city/", article_id));
  story.mutable_content()->set_headline("Ends soon");
  story.mutable_content()->set_section_id("city");
  const std::int64_t second = absl::ToUnixSeconds(end);
  story.mutable_expires_at()->set_seconds(second);
  story.mutable_expires_at()->set_nanos(
      static_cast<int>(absl::ToInt64Nanoseconds(end - absl::FromUnixSeconds(second))));
  return story;
}

std::string GatewayTest::RedisKey(const std::string& path) {
  return absl::StrCat("broadsheet:page:https://news.example", path);
}

bool GatewayTest::Eventually(const std::function<bool()>& condition) {
  const absl::Time end = absl::Now() + absl::Seconds(10);
  while (absl::Now() < end) {
    if (condition()) return true;
    absl::SleepFor(absl::Milliseconds(5));
  }
  return false;
}

void GatewayTest::WaitUntilCutOff() {
  ASSERT_TRUE(Eventually([this] { return !gateway_->WaitUntilFollowing(absl::ZeroDuration()); }));
}

bool IsDegraded(const test::HttpAnswer& answer) {
  const bool in_bytes = answer.body.find("data-degraded=") != std::string::npos;
  EXPECT_EQ(in_bytes, !answer.Header("broadsheet-degraded").empty());
  return in_bytes;
}

bool Contains(const test::HttpAnswer& answer, const std::string& text) {
  return answer.body.find(text) != std::string::npos;
}

}  // namespace broadsheet::gateway
