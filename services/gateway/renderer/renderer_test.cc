#include "services/gateway/renderer/renderer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "services/gateway/renderer/testing/markup_reader.h"
#include "services/gateway/renderer/testing/sample_pages.h"
#include "services/gateway/renderer/text.h"

namespace broadsheet::gateway {
namespace {

using ::testing::Contains;
using testing::Element;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::ReadMarkup;
using testing::Syntax;

const std::filesystem::path kSource = RENDERER_SOURCE_DIR;

const Renderer& SampleRenderer() {
  static const auto& renderer = *new absl::StatusOr<std::unique_ptr<Renderer>>(
      Renderer::Load((kSource / "templates").string(), testing::SampleSite()));
  if (!renderer.ok()) std::abort();
  return **renderer;
}

std::string ReadFile(const std::filesystem::path& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

// Twelve hexadecimal digits and a dot, as assets have them in their names.
bool BeginsWithFingerprint(absl::string_view text) {
  return text.size() > 12 && text[12] == '.' &&
         text.substr(0, 12).find_first_not_of("0123456789abcdef") == absl::string_view::npos;
}

std::string MaskFingerprints(std::string text) {
  for (const absl::string_view name : {"/assets/page.", "/assets/favicon."}) {
    for (size_t at = 0; (at = text.find(std::string(name), at)) != std::string::npos;) {
      at += name.size();
      if (BeginsWithFingerprint(absl::string_view(text).substr(at))) text.replace(at, 12, "FINGERPRINT");
    }
  }
  return text;
}

// Compares with testdata/golden/NAME; with UPDATE_GOLDEN=1 in the environment, writes it instead.
// Fingerprints of assets are masked: what the style sheet says is not part of a page.
void ExpectGolden(const std::string& name, const std::string& text) {
  const std::string actual = MaskFingerprints(text);
  const std::filesystem::path path = kSource / "testdata" / "golden" / name;
  if (std::getenv("UPDATE_GOLDEN") != nullptr) std::ofstream(path, std::ios::binary) << actual;
  EXPECT_EQ(actual, ReadFile(path))
      << "if this is meant, run again with UPDATE_GOLDEN=1 and review the difference";
}

ArticlePage StaleArticle(absl::Duration age) {
  ArticlePage page = testing::CompleteArticle();
  page.frame.stale_since = absl::FromUnixSeconds(1795175520);
  page.frame.now = *page.frame.stale_since + age;
  return page;
}

std::vector<Element> Elements(const std::string& html) {
  absl::StatusOr<std::vector<Element>> elements = ReadMarkup(html, Syntax::kHtml);
  EXPECT_TRUE(elements.ok()) << elements.status();
  return elements.ok() ? *elements : std::vector<Element>();
}

std::string Attribute(const Element& element, const std::string& name) {
  for (const auto& [key, value] : element.attributes) {
    if (key == name) return value;
  }
  return "";
}

int Count(const std::vector<Element>& elements, const std::string& name, const std::string& key = "",
          const std::string& value = "") {
  int count = 0;
  for (const Element& element : elements) {
    count += element.name == name && (key.empty() || Attribute(element, key) == value);
  }
  return count;
}

nlohmann::json StructuredData(const std::vector<Element>& elements) {
  for (const Element& element : elements) {
    if (Attribute(element, "type") == "application/ld+json")
      return nlohmann::json::parse(element.text, nullptr, false);
  }
  return nullptr;
}

TEST(Renderer, ArticlePagesAreAsTheyWere) {
  ExpectGolden("article-complete.html", SampleRenderer().RenderArticle(testing::CompleteArticle()));
  ExpectGolden("article-live.html", SampleRenderer().RenderArticle(testing::LiveArticle()));
  ExpectGolden("article-right-to-left.html", SampleRenderer().RenderArticle(testing::RightToLeftArticle()));
  ExpectGolden("article-plain.html", SampleRenderer().RenderArticle(testing::PlainArticle()));
  ExpectGolden("article-missing-pictures.html", SampleRenderer().RenderArticle(testing::MissingPictures()));
  ExpectGolden("article-stale.html", SampleRenderer().RenderArticle(StaleArticle(absl::Minutes(12))));
}

TEST(Renderer, ItemsForOthersAreAsTheyWere) {
  ExpectGolden("article-complete.ninjs.json", SampleRenderer().RenderNinjs(testing::CompleteArticle()));
  ExpectGolden("article-live.ninjs.json", SampleRenderer().RenderNinjs(testing::LiveArticle()));
}

TEST(Renderer, ListAuthorAndErrorPagesAreAsTheyWere) {
  ExpectGolden("front.html", SampleRenderer().RenderList(testing::SampleFront()));
  ExpectGolden("section.html", SampleRenderer().RenderList(testing::SampleSection(1)));
  const ListPage front = testing::SampleFront();
  ExpectGolden("most-read.html",
               SampleRenderer().RenderMostRead({front.frame, front.stories, front.authors, front.images}));
  ExpectGolden("author.html", SampleRenderer().RenderAuthor(testing::SampleAuthor("ines-carvalho")));
  for (const int status : {404, 410, 503}) {
    ExpectGolden(absl::StrCat("error-", status, ".html"),
                 SampleRenderer().RenderError(testing::SampleError(status)));
  }
}

TEST(Renderer, FeedsAndTheSitemapAreAsTheyWere) {
  ExpectGolden("feed.rss", SampleRenderer().RenderRss(testing::SampleFeed()));
  ExpectGolden("feed.atom", SampleRenderer().RenderAtom(testing::SampleFeed()));
  ExpectGolden("feed.json", SampleRenderer().RenderJsonFeed(testing::SampleFeed()));
  ExpectGolden("author-feed.json", SampleRenderer().RenderJsonFeed(testing::SampleAuthorFeed("oonagh-pell")));
  ExpectGolden("sitemap.xml", SampleRenderer().RenderSitemap(testing::SampleSitemap()));
  ExpectGolden("news-sitemap.xml", SampleRenderer().RenderNewsSitemap(testing::SampleNewsSitemap()));
  ExpectGolden("sitemap-index.xml", SampleRenderer().RenderSitemapIndex(
                                        {.paths = {"/sitemaps/news.xml", "/sitemaps/2026-11.xml"}}));
  ExpectGolden("robots.txt", SampleRenderer().RobotsTxt());
}

TEST(Renderer, EveryPageHasOneH1OneCanonicalAddressAndALanguage) {
  for (const std::string& html : {SampleRenderer().RenderArticle(testing::CompleteArticle()),
                                  SampleRenderer().RenderArticle(testing::PlainArticle()),
                                  SampleRenderer().RenderList(testing::SampleFront()),
                                  SampleRenderer().RenderList(testing::SampleSection(0)),
                                  SampleRenderer().RenderAuthor(testing::SampleAuthor("tobias-wren"))}) {
    const std::vector<Element> elements = Elements(html);
    EXPECT_EQ(Count(elements, "h1"), 1);
    EXPECT_EQ(Count(elements, "link", "rel", "canonical"), 1);
    EXPECT_EQ(Count(elements, "html", "lang", "en-GB"), 1);
    EXPECT_EQ(Count(elements, "html", "dir", "ltr"), 1);
    EXPECT_EQ(Count(elements, "header", "id", "top"), 1);
    EXPECT_EQ(Count(elements, "a", "href", "#top"), 1);
  }
}

TEST(Renderer, ErrorPagesAreNotIndexed) {
  const std::vector<Element> elements = Elements(SampleRenderer().RenderError(testing::SampleError(404)));
  EXPECT_EQ(Count(elements, "link", "rel", "canonical"), 0);
  EXPECT_EQ(Count(elements, "meta", "content", "noindex"), 1);
  EXPECT_EQ(Count(elements, "h1"), 1);
}

TEST(Renderer, IdsAreUnique) {
  std::set<std::string> ids;
  for (const Element& element : Elements(SampleRenderer().RenderArticle(testing::CompleteArticle()))) {
    const std::string id = Attribute(element, "id");
    EXPECT_TRUE(id.empty() || ids.insert(id).second) << id;
  }
  EXPECT_THAT(ids, Contains("b-h1"));
}

TEST(Renderer, StructuredDataAgreesWithThePage) {
  const nlohmann::json data =
      StructuredData(Elements(SampleRenderer().RenderArticle(testing::CompleteArticle())));
  ASSERT_TRUE(data.is_object());
  EXPECT_EQ(data["@type"], "NewsArticle");
  EXPECT_EQ(data["headline"], "Tollgate Bridge closed after a hanger snaps in the night");
  EXPECT_EQ(data["datePublished"], "2026-11-20T10:00:00Z");
  EXPECT_EQ(data["dateModified"], "2026-11-20T11:52:00Z");
  EXPECT_EQ(data["author"][1]["url"], "https://lanthorn.example/authors/ines-carvalho");
  EXPECT_EQ(data["image"][0]["creditText"], "ABP News");
  EXPECT_EQ(data["publisher"]["name"], "The Averley Lanthorn");
  EXPECT_EQ(data["articleSection"], "City");
  EXPECT_EQ(data["inLanguage"], "en-GB");
  EXPECT_EQ(data["correction"].size(), 2u);
  EXPECT_EQ(data["isAccessibleForFree"], true);
}

TEST(Renderer, AStoryWithoutAuthorsIsThePapers) {
  const nlohmann::json data =
      StructuredData(Elements(SampleRenderer().RenderArticle(testing::PlainArticle())));
  EXPECT_EQ(data["author"][0]["@type"], "NewsMediaOrganization");
}

TEST(Renderer, ARightToLeftStoryKeepsTheSitesOwnWordsInTheSitesLanguage) {
  const std::vector<Element> elements =
      Elements(SampleRenderer().RenderArticle(testing::RightToLeftArticle()));
  EXPECT_EQ(Count(elements, "html", "dir", "rtl"), 1);
  EXPECT_EQ(Count(elements, "html", "lang", "ar"), 1);
  EXPECT_EQ(Count(elements, "header", "dir", "ltr"), 1);
  EXPECT_EQ(Count(elements, "footer", "lang", "en-GB"), 1);
}

TEST(Renderer, ContentsAreListedFromThreeHeadingsOn) {
  EXPECT_THAT(SampleRenderer().RenderArticle(testing::CompleteArticle()), HasSubstr("class=\"contents\""));
  EXPECT_THAT(SampleRenderer().RenderArticle(testing::RightToLeftArticle()),
              Not(HasSubstr("class=\"contents\"")));
}

TEST(Renderer, AMissingPictureLeavesItsWordsAndNoBrokenImage) {
  const std::string html = SampleRenderer().RenderArticle(testing::MissingPictures());
  EXPECT_EQ(Count(Elements(html), "img"), 0);
  EXPECT_THAT(
      html, HasSubstr("<span class=\"picture-missing\">The bridge, empty, with both barriers down.</span>"));
  EXPECT_THAT(html, HasSubstr("Image source: ABP News"));
  EXPECT_THAT(html, HasSubstr("<html lang=\"en-GB\" dir=\"ltr\" data-degraded=\"images\">"));
}

TEST(Renderer, OnlyTheLeadPictureIsFetchedFirst) {
  const std::vector<Element> elements = Elements(SampleRenderer().RenderArticle(testing::CompleteArticle()));
  EXPECT_EQ(Count(elements, "img", "fetchpriority", "high"), 1);
  EXPECT_EQ(Count(elements, "img", "loading", "lazy"), Count(elements, "img") - 1);
  for (const Element& element : elements) {
    if (element.name != "img") continue;
    EXPECT_NE(Attribute(element, "width"), "");
    EXPECT_NE(Attribute(element, "height"), "");
  }
}

// Whichever story that is: the lead may have none.
TEST(Renderer, TheFirstPictureOfAListIsFetchedFirst) {
  ListPage page = testing::SampleFront();
  article::v1::Article lead = page.stories[0];
  lead.mutable_content()->clear_lead_image();
  for (const bool pictured : {true, false}) {
    if (!pictured) page.curated.push_back(std::make_shared<const article::v1::Article>(lead));
    const std::vector<Element> elements = Elements(SampleRenderer().RenderList(page));
    EXPECT_EQ(Count(elements, "img", "fetchpriority", "high"), 1) << pictured;
    const auto first = std::find_if(elements.begin(), elements.end(),
                                    [](const Element& element) { return element.name == "img"; });
    ASSERT_NE(first, elements.end());
    EXPECT_EQ(Attribute(*first, "fetchpriority"), "high") << pictured;
  }
}

TEST(Renderer, NothingInlineAndNothingFromElsewhere) {
  for (const Element& element : Elements(SampleRenderer().RenderArticle(testing::CompleteArticle()))) {
    EXPECT_EQ(Attribute(element, "style"), "");
    EXPECT_NE(element.name, "style");
    if (element.name == "img" || element.name == "script" || Attribute(element, "rel") == "stylesheet") {
      const std::string source =
          Attribute(element, "src") + (element.name == "link" ? Attribute(element, "href") : "");
      EXPECT_TRUE(source.empty() || absl::StartsWith(source, "/")) << source;
    }
  }
}

TEST(Renderer, PagesLeadToTheFeedsOfTheirList) {
  const auto feeds = [](const std::string& html) {
    std::vector<std::string> paths;
    for (const Element& element : Elements(html)) {
      if (Attribute(element, "type") == "application/feed+json") paths.push_back(Attribute(element, "href"));
    }
    return paths;
  };
  using ::testing::ElementsAre;
  EXPECT_THAT(feeds(SampleRenderer().RenderList(testing::SampleFront())), ElementsAre("/feed.json"));
  EXPECT_THAT(feeds(SampleRenderer().RenderList(testing::SampleSection(1))),
              ElementsAre("/feed.json", "/harbour/feed.json"));
  EXPECT_THAT(feeds(SampleRenderer().RenderArticle(testing::CompleteArticle())),
              ElementsAre("/feed.json", "/city/feed.json"));
  EXPECT_THAT(feeds(SampleRenderer().RenderAuthor(testing::SampleAuthor("ines-carvalho"))),
              ElementsAre("/feed.json", "/authors/ines-carvalho/feed.json"));
}

TEST(Renderer, AStalePageIsLabelledAtOnceAndSaysSoAfterFiveMinutes) {
  const std::string young = SampleRenderer().RenderArticle(StaleArticle(absl::Minutes(4)));
  EXPECT_THAT(young, HasSubstr("data-degraded=\"stale\""));
  EXPECT_THAT(young, Not(HasSubstr("class=\"notice\"")));
  const std::string old = SampleRenderer().RenderArticle(StaleArticle(absl::Minutes(6)));
  EXPECT_THAT(old, HasSubstr("class=\"notice\""));
  EXPECT_THAT(old, HasSubstr("20 November 2026, 11:52 UTC"));
  EXPECT_EQ(Count(Elements(old), "h1"), 1);
}

TEST(Renderer, ACachedPageCanBeLabelledLater) {
  const ArticlePage page = testing::CompleteArticle();
  const absl::Time since = absl::FromUnixSeconds(1795175520);
  const std::string cached = SampleRenderer().RenderArticle(page);
  EXPECT_EQ(SampleRenderer().LabelStale(cached, since, since + absl::Minutes(12)),
            SampleRenderer().RenderArticle(StaleArticle(absl::Minutes(12))));
  const std::string degraded = SampleRenderer().RenderArticle(testing::MissingPictures());
  EXPECT_THAT(SampleRenderer().LabelStale(degraded, since, since),
              HasSubstr("data-degraded=\"stale images\""));
  EXPECT_EQ(SampleRenderer().LabelStale("<?xml version=\"1.0\"?>", since, since + absl::Hours(1)),
            "<?xml version=\"1.0\"?>");
}

TEST(Renderer, AnyStoryCanBeTakenOutOfAFinishedList) {
  const ListPage front = testing::SampleFront();
  const ListPage section = testing::SampleSection(0);
  for (const ListPage* page : {&front, &section}) {
    const std::string html = SampleRenderer().RenderList(*page);
    EXPECT_EQ(SampleRenderer().WithoutStories(html, {"no-such-story"}), html);
    ASSERT_THAT(html, HasSubstr("twitter:image"));
    for (const article::v1::Article& story : page->stories) {
      const std::string without = SampleRenderer().WithoutStories(html, {story.article_id()}).value();
      EXPECT_THAT(without, Not(HasSubstr(":image")));
      EXPECT_THAT(without, Not(HasSubstr(absl::StrCat(story.path(), "\"")))) << story.path();
      EXPECT_THAT(without, Not(HasSubstr(EscapeHtml(story.content().headline()))));
      EXPECT_THAT(without, HasSubstr("</html>"));
    }
  }
}

TEST(Renderer, AnyStoryCanBeTakenOutOfThePageOfAnother) {
  const ArticlePage page = testing::CompleteArticle();
  const std::string html = SampleRenderer().RenderArticle(page);
  ASSERT_FALSE(page.related.empty());
  ASSERT_FALSE(page.most_read.empty());
  ASSERT_FALSE(page.linked_paths.empty());
  std::vector<std::string> ids;
  for (const auto& [id, path] : page.linked_paths) ids.push_back(id);
  for (const Teasers& stories : {page.related, page.most_read}) {
    for (const article::v1::Article& story : stories) ids.push_back(story.article_id());
  }
  const std::string without = SampleRenderer().WithoutStories(html, ids).value();
  EXPECT_THAT(without, Not(HasSubstr("data-story")));
  EXPECT_THAT(without, HasSubstr("application/ld+json")) << "it speaks of this story alone";
  for (const auto& [id, path] : page.linked_paths) EXPECT_THAT(without, Not(HasSubstr(path)));
  for (const article::v1::Article& story : page.related) EXPECT_THAT(without, Not(HasSubstr(story.path())));
}

TEST(Renderer, EqualModelsGiveEqualBytes) {
  EXPECT_EQ(SampleRenderer().RenderArticle(testing::CompleteArticle()),
            SampleRenderer().RenderArticle(testing::CompleteArticle()));
  EXPECT_EQ(SampleRenderer().RenderList(testing::SampleFront()),
            SampleRenderer().RenderList(testing::SampleFront()));
}

TEST(Renderer, EmptyModelsMakePagesToo) {
  EXPECT_EQ(Count(Elements(SampleRenderer().RenderArticle({})), "h1"), 1);
  EXPECT_EQ(Count(Elements(SampleRenderer().RenderList({})), "h1"), 1);
  EXPECT_EQ(Count(Elements(SampleRenderer().RenderAuthor({})), "h1"), 1);
  EXPECT_EQ(Count(Elements(SampleRenderer().RenderError({})), "h1"), 1);
}

TEST(Renderer, AssetsAreNamedByTheirBytesAndUsedByPages) {
  const std::string html = SampleRenderer().RenderList(testing::SampleFront());
  for (const Asset& asset : SampleRenderer().assets()) {
    EXPECT_FALSE(asset.bytes.empty());
    if (!asset.immutable) continue;
    const size_t dot = asset.path.find('.');
    ASSERT_NE(dot, std::string::npos);
    EXPECT_TRUE(BeginsWithFingerprint(absl::string_view(asset.path).substr(dot + 1))) << asset.path;
    EXPECT_THAT(html, HasSubstr(asset.path));
  }
}

TEST(Renderer, ThePolicyNamesTheMediaService) {
  EXPECT_THAT(SampleRenderer().content_security_policy(), HasSubstr("default-src 'none'; img-src 'self'; "));
  Site site = testing::SampleSite();
  site.media_url = "https://media.example:8093";
  const auto renderer = Renderer::Load((kSource / "templates").string(), site);
  ASSERT_TRUE(renderer.ok()) << renderer.status();
  EXPECT_THAT((*renderer)->content_security_policy(),
              HasSubstr("img-src 'self' https://media.example:8093;"));
  EXPECT_THAT((*renderer)->RenderList(testing::SampleFront()),
              HasSubstr("src=\"https://media.example:8093/media/"));
}

// With a path it would allow that path and none below it.
TEST(Renderer, ThePolicyNamesTheOriginOfAMediaServiceThatStandsBelowAPath) {
  Site site = testing::SampleSite();
  site.media_url = "https://media.example/pictures";
  const auto renderer = Renderer::Load((kSource / "templates").string(), site);
  ASSERT_TRUE(renderer.ok()) << renderer.status();
  EXPECT_THAT((*renderer)->content_security_policy(), HasSubstr("img-src 'self' https://media.example;"));
  EXPECT_THAT((*renderer)->RenderList(testing::SampleFront()),
              HasSubstr("src=\"https://media.example/pictures/media/"));
}

TEST(Renderer, MissingTemplatesAndAssetsAreNamed) {
  const absl::Status status = Renderer::Load((kSource / "testdata").string(), {}).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(status.message()), HasSubstr("page.html is missing"));
}

}  // namespace
}  // namespace broadsheet::gateway
