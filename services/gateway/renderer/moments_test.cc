#include "services/gateway/renderer/moments.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sys/mman.h>

#include <cstdlib>
#include <cstring>
#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "services/gateway/renderer/renderer.h"
#include "services/gateway/renderer/testing/markup_reader.h"
#include "services/gateway/renderer/testing/sample_pages.h"

namespace broadsheet::gateway {
namespace {

using testing::Element;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::ReadMarkup;
using testing::Syntax;

const Renderer& RendererOfMoments() {
  static const auto& renderer = *new absl::StatusOr<std::unique_ptr<Renderer>>(
      Renderer::Load(RENDERER_SOURCE_DIR "/templates", testing::SampleSite()));
  if (!renderer.ok()) std::abort();
  return **renderer;
}

std::string Render(const ArticlePage& page) { return RendererOfMoments().RenderArticle(page); }
std::optional<std::string> Since(const std::string& html, const std::string& moment) {
  return RendererOfMoments().MomentsSince(html, moment);
}

std::string AttributeOf(const Element& element, const std::string& name) {
  for (const auto& [key, value] : element.attributes) {
    if (key == name) return value;
  }
  return "";
}

// Ids of the elements of that name, in order.
std::vector<std::string> IdsOfArticles(const std::string& html) {
  const absl::StatusOr<std::vector<Element>> elements = ReadMarkup(html, Syntax::kHtml);
  EXPECT_TRUE(elements.ok()) << elements.status();
  std::vector<std::string> ids;
  for (const Element& element : elements.value_or(std::vector<Element>())) {
    if (element.name == "article" && !AttributeOf(element, "id").empty())
      ids.push_back(AttributeOf(element, "id"));
  }
  return ids;
}

// A page with moments of these texts, m0 first, and one more, `last`, below them.
std::string PageOfMoments(const std::vector<std::string>& texts) {
  std::string html = "<html lang=\"en\"><p>Before.</p>\n";
  const auto add = [&](const std::string& id, const std::string& text) {
    absl::StrAppend(&html, kMomentStart, "\" id=\"b-", id, "\" aria-labelledby=\"b-", id, ".h\">", text,
                    "</article>\n");
  };
  for (std::size_t i = 0; i < texts.size(); ++i) add(absl::StrCat("m", i), texts[i]);
  add("last", "It begins.");
  return html + "</html>\n";
}

nlohmann::json DataOf(const std::string& html) {
  constexpr std::string_view kStart = "application/ld+json\">";
  const std::size_t start = html.find(kStart) + kStart.size();
  return nlohmann::json::parse(html.substr(start, html.find("</script>", start) - start), nullptr, false);
}

TEST(Moments, APageShowsTheLatestFirst) {
  EXPECT_THAT(IdsOfArticles(Render(testing::LiveArticle())),
              ::testing::ElementsAre("b-k3", "b-k2", "b-k4", "b-k1"));
}

TEST(Moments, KeyEventsLeadToTheirMoments) {
  const std::string html = Render(testing::LiveArticle());
  EXPECT_THAT(html, HasSubstr("<h2 id=\"key-events-title\">Key events</h2>\n<ol>\n<li><a href=\"#b-k4\">"));
  EXPECT_THAT(html, HasSubstr("<li><a href=\"#b-k1\">"));
  EXPECT_THAT(html, Not(HasSubstr("<li><a href=\"#b-k2\">"))) << "it is not marked as key";
  ArticlePage page = testing::LiveArticle();
  for (article::v1::Block& block : *page.article.mutable_content()->mutable_body()) {
    if (block.has_key_event()) block.mutable_key_event()->set_key(false);
  }
  EXPECT_THAT(Render(page), Not(HasSubstr("key-events")));
}

TEST(Moments, StructuredDataAgreesWithThePage) {
  ArticlePage page = testing::LiveArticle();
  nlohmann::json data = DataOf(Render(page));
  EXPECT_EQ(data["@type"], "LiveBlogPosting");
  EXPECT_EQ(data["coverageStartTime"], "2026-11-20T03:40:00Z");
  EXPECT_FALSE(data.contains("coverageEndTime"));
  ASSERT_EQ(data["liveBlogUpdate"].size(), 4u);
  EXPECT_EQ(data["liveBlogUpdate"][1]["headline"], "The council meets");
  EXPECT_EQ(data["liveBlogUpdate"][1]["datePublished"], "2026-11-20T08:10:00Z");
  EXPECT_EQ(data["liveBlogUpdate"][1]["url"], "https://lanthorn.example/city/2026/11/bridge-night#b-k2");
  EXPECT_EQ(data["liveBlogUpdate"][0]["articleBody"],
            "What runs Line 3, to the Ropewalk The ferry, see our story");
  page.article.mutable_content()->mutable_coverage_ended_at()->set_seconds(1795175400);
  data = DataOf(Render(page));
  EXPECT_EQ(data["coverageEndTime"], "2026-11-20T11:50:00Z");
}

TEST(Moments, StructuredDataHoldsTheLatestFiftyOnly) {
  ArticlePage page = testing::LiveArticle();
  for (int i = 0; i < 300; ++i) {
    article::v1::Block& block = *page.article.mutable_content()->add_body();
    block.set_block_id(absl::StrCat("m", i));
    block.mutable_key_event()->mutable_event_time()->set_seconds(1795175400 + i);
    block.mutable_key_event()->set_headline(absl::StrCat("Moment ", i));
    article::v1::Block& text = *page.article.mutable_content()->add_body();
    text.mutable_paragraph()->mutable_text()->set_text(std::string(5000, 'x'));
  }
  const nlohmann::json data = DataOf(Render(page));
  ASSERT_EQ(data["liveBlogUpdate"].size(), 50u);
  EXPECT_EQ(data["liveBlogUpdate"][0]["headline"], "Moment 299");
  EXPECT_LT(data["liveBlogUpdate"].dump().size(), 50u * 1000);
}

TEST(Moments, AStoryWhoseCoverageHasEndedAsksForNothing) {
  ArticlePage page = testing::LiveArticle();
  EXPECT_THAT(Render(page), HasSubstr("<p class=\"live-status\" role=\"status\" "));
  page.article.mutable_content()->mutable_coverage_ended_at()->set_seconds(1795175400);
  EXPECT_THAT(Render(page), Not(HasSubstr("live-status")));
  EXPECT_THAT(Render(page), HasSubstr("<p class=\"live-ended\">Our coverage ended on <time"));
}

TEST(Moments, AFragmentHoldsWhatStandsAboveAMoment) {
  const std::string html = Render(testing::LiveArticle());
  EXPECT_EQ(Since(html, "b-k3"), "") << "it is the latest";
  const std::optional<std::string> one = Since(html, "b-k2");
  ASSERT_TRUE(one);
  EXPECT_TRUE(one->starts_with("<div class=\"moments\">\n<article class=\"moment\" id=\"b-k3\""));
  EXPECT_THAT(IdsOfArticles(*one), ::testing::ElementsAre("b-k3"));
  EXPECT_THAT(IdsOfArticles(*Since(html, "b-k1")), ::testing::ElementsAre("b-k3", "b-k2", "b-k4"));
}

TEST(Moments, WhatIsNoMomentOfThePageHasNoFragment) {
  const std::string html = Render(testing::LiveArticle());
  for (const char* id : {"b-none", "b-h1", "b-k2.h", "content", "", "live-title"})
    EXPECT_FALSE(Since(html, id)) << id;
  EXPECT_FALSE(Since(Render(testing::CompleteArticle()), "b-h1"));
  EXPECT_FALSE(Since("", "b-k1"));
}

TEST(Moments, AFragmentHoldsUpToFiftyMoments) {
  const std::string html = PageOfMoments(std::vector<std::string>(51, "<p>Text.</p>"));
  const std::optional<std::string> fifty = Since(html, "b-m50");
  ASSERT_TRUE(fifty);
  EXPECT_EQ(IdsOfArticles(*fifty).size(), 50u);
  EXPECT_FALSE(Since(html, "b-last")) << "51 stand above it";
}

TEST(Moments, AFragmentHoldsUpToAQuarterOfAMebibyte) {
  const std::string around = PageOfMoments({""});
  const std::size_t room = kMaxBytesAbove - (around.rfind("<article ") - around.find("<article "));
  const std::optional<std::string> full = Since(PageOfMoments({std::string(room, 'x')}), "b-last");
  ASSERT_TRUE(full);
  EXPECT_GT(full->size(), kMaxBytesAbove);
  EXPECT_FALSE(Since(PageOfMoments({std::string(room + 1, 'x')}), "b-last"));
  EXPECT_EQ(Since(PageOfMoments({std::string(room + 1, 'x')}), "b-m0"), "") << "the latest is always found";
}

TEST(Moments, WhatIsFarDownIsNotReadWhateverIsAskedFor) {
  constexpr std::size_t kReadable = 1u << 20;
  constexpr std::size_t kWhole = 4u << 20;
  void* const memory = mmap(nullptr, kWhole, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  ASSERT_NE(memory, MAP_FAILED);
  for (const std::string& top :
       {PageOfMoments({std::string(kReadable, ' ')}), std::string("<html>") + std::string(kReadable, '<')}) {
    ASSERT_EQ(mprotect(memory, kReadable, PROT_READ | PROT_WRITE), 0);
    std::memcpy(memory, top.data(), kReadable);
    ASSERT_EQ(mprotect(static_cast<char*>(memory) + kReadable, kWhole - kReadable, PROT_NONE), 0);
    EXPECT_FALSE(CutMoments({static_cast<const char*>(memory), kWhole}, "b-last"));
  }
  EXPECT_EQ(munmap(memory, kWhole), 0);
}

TEST(Moments, AFragmentIsLabelledLikeItsPage) {
  ArticlePage page = testing::LiveArticle();
  page.frame.degradations.emplace_back().set_part("images");
  const std::string html = Render(page);
  EXPECT_THAT(*Since(html, "b-k2"), HasSubstr("<div class=\"moments\" data-degraded=\"images\">\n"));
  const absl::Time then = absl::FromUnixSeconds(1795175520);
  const std::string stale = RendererOfMoments().LabelStale(html, then, then + absl::Minutes(1));
  EXPECT_THAT(*Since(stale, "b-k2"), HasSubstr("<div class=\"moments\" data-degraded=\"stale images\">"));
}

TEST(Moments, WordsOfAModelAreNoMomentWhateverTheySay) {
  const std::string forged = "<article class=\"moment\" id=\"b-forged\">";
  ArticlePage page = testing::HostileArticle(forged);
  for (article::v1::Block& block : *page.article.mutable_content()->mutable_body())
    block.set_block_id(block.has_key_event() ? "real" : "b-1\" id=\"b-forged");
  const std::string html = Render(page);
  EXPECT_FALSE(Since(html, "b-forged"));
  EXPECT_EQ(Since(html, "b-real"), "") << "the one it has";
}

TEST(Moments, IdsHaveOneForm) {
  for (const char* id : {"b-k1", "b-b-0a1b2c3d4e", "b-part.2"}) EXPECT_TRUE(IsMomentId(id)) << id;
  for (const std::string& id :
       {std::string(""), std::string("b-"), std::string("k1"), std::string("b-<x>"), std::string("b-a b"),
        std::string("b-\xC3\xA9"), "b-" + std::string(120, 'a')})
    EXPECT_FALSE(IsMomentId(id)) << id;
}

}  // namespace
}  // namespace broadsheet::gateway
