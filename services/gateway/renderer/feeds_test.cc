#include "services/gateway/renderer/feeds.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "services/gateway/renderer/renderer.h"
#include "services/gateway/renderer/testing/sample_pages.h"

// What is made for programs rather than for readers.
namespace broadsheet::gateway {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

const Renderer& RendererOfFeeds() {
  static const auto& renderer = *new absl::StatusOr<std::unique_ptr<Renderer>>(
      Renderer::Load(RENDERER_SOURCE_DIR "/templates", testing::SampleSite()));
  if (!renderer.ok()) std::abort();
  return **renderer;
}

TEST(Feeds, AnItemForOthersLeadsBackToTheSite) {
  const nlohmann::json item =
      nlohmann::json::parse(RendererOfFeeds().RenderNinjs(testing::CompleteArticle()));
  const std::string body = item["bodies"][0]["value"];
  EXPECT_THAT(body, HasSubstr("<a href=\"https://lanthorn.example/city/2026/03/bridge-report\">"));
  EXPECT_THAT(body, Not(HasSubstr("href=\"/")));
  EXPECT_THAT(body, Not(HasSubstr("src=\"/")));
  EXPECT_THAT(body, Not(HasSubstr("data-story")));
  EXPECT_EQ(item["associations"][0]["name"], "lead");
}

nlohmann::json ItemOf(const ArticlePage& page) {
  return nlohmann::json::parse(RendererOfFeeds().RenderNinjs(page));
}

TEST(Feeds, AnItemForOthersOfADegradedPageIsPartialAndAVersionOfItsOwn) {
  ArticlePage page = testing::CompleteArticle();
  page.frame.degradations.clear();
  const nlohmann::json whole = ItemOf(page);
  page.frame.degradations.emplace_back().set_part("images");
  const nlohmann::json partial = ItemOf(page);
  EXPECT_EQ(whole["representationType"], "full");
  EXPECT_EQ(partial["representationType"], "partial");
  EXPECT_NE(whole["version"], partial["version"]);
}

TEST(Feeds, TheVersionOfAnItemForOthersTellsWhetherAnythingOfItChanged) {
  ArticlePage page = testing::CompleteArticle();
  const nlohmann::json whole = ItemOf(page);
  EXPECT_EQ(ItemOf(page), whole);
  EXPECT_THAT(whole["version"].get<std::string>(),
              ::testing::MatchesRegex(absl::StrCat(page.article.revision(), "-[0-9a-f]{12}")));
  page.images.erase(page.article.content().lead_image().image_id());
  const nlohmann::json without = ItemOf(page);
  EXPECT_EQ(without["representationType"], "full") << "a picture that was withheld belongs to it no more";
  EXPECT_NE(without["version"], whole["version"]);
}

TEST(Feeds, AnItemForOthersIsAsNewAsItsNewestPicture) {
  ArticlePage page = testing::CompleteArticle();
  page.images[page.article.content().lead_image().image_id()].mutable_update_time()->set_seconds(
      1'900'000'000);
  EXPECT_EQ(ItemOf(page)["versionCreated"], "2030-03-17T17:46:40Z");
}

TEST(Feeds, CorrectionsAreAtTheHeadOfWhatOthersPublishAndInTheNoteToTheirDesk) {
  ArticlePage page = testing::CompleteArticle();
  page.article.clear_corrections();
  article::v1::Correction& correction = *page.article.add_corrections();
  correction.set_type(article::v1::CORRECTION_TYPE_CLARIFICATION);
  correction.mutable_text()->set_text("It is <12> metres.");
  correction.mutable_create_time()->set_seconds(1'795'000'000);
  *page.article.add_corrections()->mutable_text() = correction.text();
  const nlohmann::json item = ItemOf(page);
  const std::string body = item["bodies"][0]["value"];
  EXPECT_THAT(body,
              ::testing::StartsWith(
                  "<aside class=\"corrections\">\n<p class=\"correction\"><strong>Clarification, "
                  "<time datetime=\"2026-11-18T11:06:40Z\">18 November 2026</time>.</strong> "
                  "It is &lt;12&gt; metres.</p>\n<p class=\"correction\"><strong>Correction.</strong>"));
  EXPECT_EQ(item["edNote"], "Clarification, 2026-11-18: It is <12> metres.\nCorrection: It is <12> metres.");
  page.article.mutable_content()->set_language("ar");
  EXPECT_THAT(ItemOf(page)["bodies"][0]["value"].get<std::string>(),
              HasSubstr("<strong lang=\"en-GB\" dir=\"ltr\">Clarification"));
}

TEST(Feeds, FeedsOfAllFormatsNameTheSameStoriesAndLeadToThePageOfTheirList) {
  const FeedPage page = testing::SampleAuthorFeed("oonagh-pell");
  const nlohmann::json feed = nlohmann::json::parse(RendererOfFeeds().RenderJsonFeed(page));
  EXPECT_EQ(feed["home_page_url"], "https://lanthorn.example/authors/oonagh-pell");
  EXPECT_EQ(feed["feed_url"], "https://lanthorn.example/authors/oonagh-pell/feed.json");
  ASSERT_EQ(feed["items"].size(), page.stories.size());
  const std::string atom = RendererOfFeeds().RenderAtom(page);
  const std::string rss = RendererOfFeeds().RenderRss(page);
  EXPECT_THAT(atom, HasSubstr("href=\"https://lanthorn.example/authors/oonagh-pell/feed.atom\""));
  for (const nlohmann::json& item : feed["items"]) {
    EXPECT_THAT(atom, HasSubstr(item["id"].get<std::string>()));
    EXPECT_THAT(rss, HasSubstr(item["id"].get<std::string>()));
    EXPECT_THAT(rss, HasSubstr(item["url"].get<std::string>()));
  }
}

TEST(Feeds, DescriptionsInRssAreHtmlThatSaysTheTextAndInAtomTheText) {
  FeedPage page;
  page.stories.push_back([] {
    article::v1::Article story = testing::SampleTeaser("x", "X < Y", "city", 1);
    story.mutable_content()->set_trail_text("How <canvas> works when a < b && c");
    return story;
  }());
  page.section.emplace().set_section_id("lab");
  page.section->set_name("R&D");
  page.section->set_description("Tags like <b>");
  const std::string rss = RendererOfFeeds().RenderRss(page);
  EXPECT_THAT(rss, HasSubstr("<description>How &amp;lt;canvas&amp;gt; works when a &amp;lt; b "
                             "&amp;amp;&amp;amp; c</description>"));
  EXPECT_THAT(rss, HasSubstr("<description>Tags like &amp;lt;b&amp;gt;</description>"));
  EXPECT_THAT(rss, HasSubstr("<title>X &lt; Y</title>"));
  const std::string atom = RendererOfFeeds().RenderAtom(page);
  EXPECT_THAT(atom, HasSubstr("<summary>How &lt;canvas&gt; works when a &lt; b &amp;&amp; c</summary>"));
  EXPECT_THAT(atom, HasSubstr("<subtitle>Tags like &lt;b&gt;</subtitle>"));
}

TEST(Feeds, AnRssFeedWithoutADescriptionIsDescribedByItsTitleAsHtml) {
  FeedPage page;
  page.section.emplace().set_section_id("lab");
  page.section->set_name("R&D");
  const std::string rss = RendererOfFeeds().RenderRss(page);
  EXPECT_THAT(rss, HasSubstr("<title>The Averley Lanthorn: R&amp;D</title>"));
  EXPECT_THAT(rss, HasSubstr("<description>The Averley Lanthorn: R&amp;amp;D</description>"));
}

TEST(Feeds, AFeedWithoutStoriesIsAsNewAsItsMaking) {
  FeedPage page;
  page.made_at = absl::FromUnixSeconds(1'795'000'000);
  EXPECT_THAT(RendererOfFeeds().RenderAtom(page), HasSubstr("<updated>2026-11-18T11:06:40Z</updated>"));
  EXPECT_THAT(RendererOfFeeds().RenderRss(page),
              HasSubstr("<lastBuildDate>Wed, 18 Nov 2026 11:06:40 +0000</lastBuildDate>"));
  page.stories.push_back(testing::SampleTeaser("x", "X", "city", 1));
  EXPECT_THAT(RendererOfFeeds().RenderAtom(page), Not(HasSubstr("2026-11-18T11:06:40Z")));
}

TEST(Feeds, PagesAndAtomEntriesLeadToTheStoryForOthers) {
  const ArticlePage story = testing::CompleteArticle();
  EXPECT_THAT(RendererOfFeeds().RenderArticle(story),
              HasSubstr(absl::StrCat("<link rel=\"alternate\" type=\"application/json\" href=\"",
                                     story.article.path(), ".ninjs.json\"")));
  EXPECT_THAT(RendererOfFeeds().RenderList(testing::SampleFront()), Not(HasSubstr(".ninjs.json")));
  const FeedPage feed = testing::SampleFeed();
  EXPECT_THAT(RendererOfFeeds().RenderAtom(feed),
              HasSubstr(absl::StrCat(
                  "<link rel=\"alternate\" type=\"application/json\" href=\"https://lanthorn.example",
                  feed.stories[0].path(), ".ninjs.json\"/>")));
}

TEST(Feeds, ANewsSitemapNamesLanguagesAsItsSchemaWantsThem) {
  const auto language_of = [](const std::string& tag) {
    article::v1::Article story = testing::SampleTeaser("x", "X", "city", 1);
    story.mutable_content()->set_language(tag);
    const std::string xml = RendererOfFeeds().RenderNewsSitemap({.stories = {story}});
    const size_t begin = xml.find("<news:language>") + 15;
    return xml.substr(begin, xml.find('<', begin) - begin);
  };
  EXPECT_EQ(language_of("en-GB"), "en");
  EXPECT_EQ(language_of(""), "en");
  EXPECT_EQ(language_of("zh-Hant-HK"), "zh-tw");
  EXPECT_EQ(language_of("zh-TW"), "zh-tw");
  EXPECT_EQ(language_of("zh"), "zh-cn");
}

TEST(Feeds, ASitemapHoldsNoMoreThanTheProtocolAllows) {
  SitemapPage page = {.front = true, .sections = {}, .authors = {}, .stories = {}};
  for (int i = 0; i < 50'001; ++i) {
    article::v1::Article story;
    story.set_path(absl::StrCat("/s/", i));
    page.stories.push_back(std::move(story));
  }
  const std::string xml = RendererOfFeeds().RenderSitemap(page);
  size_t count = 0;
  for (size_t at = 0; (at = xml.find("<loc>", at)) != std::string::npos; ++at) ++count;
  EXPECT_EQ(count, 50'000u);
}

}  // namespace
}  // namespace broadsheet::gateway
