#include "services/gateway/renderer/trial_pages.h"

#include <optional>
#include <utility>

#include "absl/strings/str_replace.h"
#include "absl/time/time.h"
#include "services/gateway/renderer/site_paths.h"
#include "services/gateway/renderer/trial_models.h"

namespace broadsheet::gateway {
namespace {

constexpr absl::Time kTrialStart = absl::UnixEpoch();

void Degrade(Frame& frame) { frame.degradations.emplace_back().set_part(kTrialPart); }

// Renders pages one after the other, each kind as it is served and as it is served in an outage.
class TrialPress {
 public:
  explicit TrialPress(const Renderer& renderer) : renderer_(renderer) {}

  std::vector<TrialPage> Run() && {
    Stories();
    Lists();
    Authors();
    for (const int status : {404, 410, 503})
      Html({.what = "an error's page", .file = "error.html"}, TrialError(status), &Renderer::RenderError);
    Feeds();
    Sitemaps();
    return std::move(pages_);
  }

 private:
  template <class Model>
  void Html(TrialPage page, Model model, std::string (Renderer::*render)(const Model&) const) {
    page.text = (renderer_.*render)(model);
    Degrade(model.frame);
    page.degraded = (renderer_.*render)(model);
    page.young = renderer_.LabelStale(page.degraded, kTrialStart, kTrialStart);
    page.old = renderer_.LabelStale(page.degraded, kTrialStart, kTrialStart + absl::Hours(1));
    pages_.push_back(std::move(page));
  }

  void Text(std::string what, std::string file, std::vector<std::string> shown, std::string text) {
    pages_.push_back({.what = std::move(what),
                      .file = std::move(file),
                      .text = std::move(text),
                      .shown = std::move(shown)});
  }

  void Story(std::string what, std::vector<std::string> shown, ArticlePage model) {
    Html({.what = std::move(what),
          .file = "article.html",
          .shown = std::move(shown),
          .heading = kTrialHeadline},
         std::move(model), &Renderer::RenderArticle);
  }

  void Stories() {
    Story("a story's page", {kTrialParagraph}, CompleteTrialStory());
    Story("the page of a story without optional parts", {kTrialParagraph}, LeastTrialStory());
    for (const bool ended : {false, true})
      Story("a live story's page", {kTrialParagraph, kTrialMoment}, LiveTrialStory(ended));
  }

  void Lists() {
    ListPage list = TrialList();
    Html({.what = "the front page", .file = "front.html", .shown = {kTrialLead}}, list,
         &Renderer::RenderList);
    list.section = list.frame.sections.front();
    Html(
        {.what = "a section's page", .file = "section.html", .shown = {kTrialLead}, .heading = kTrialSection},
        list, &Renderer::RenderList);
    Html({.what = "the page of what is read most", .file = "section.html", .shown = {kTrialLead}},
         TrialMostRead(), &Renderer::RenderMostRead);
    ListPage empty;
    Html({.what = "an empty front page", .file = "front.html"}, empty, &Renderer::RenderList);
    empty.section = list.section;
    Html({.what = "an empty section's page", .file = "section.html", .heading = kTrialSection}, empty,
         &Renderer::RenderList);
  }

  void Authors() {
    Html({.what = "an author's page", .file = "author.html", .shown = {kTrialLead}, .heading = kTrialAuthor},
         TrialAuthorPage(), &Renderer::RenderAuthor);
    AuthorPage least;
    least.author.set_name(kTrialAuthor);
    Html({.what = "the page of an author without stories", .file = "author.html", .heading = kTrialAuthor},
         std::move(least), &Renderer::RenderAuthor);
  }

  void Feeds() {
    FeedPage feed = TrialFeed();
    FeedPage undescribed = feed;
    undescribed.section->clear_description();
    for (const FeedPage& page : {feed, undescribed}) {
      Text("a feed", "rss.xml", {kTrialLead, kTrialPath}, renderer_.RenderRss(page));
      // The story's address, not that of the story for others, which begins like it.
      Text("a feed", "atom.xml", {kTrialLead, kTrialPath},
           absl::StrReplaceAll(renderer_.RenderAtom(page), {{ItemPath(kTrialPath), ""}}));
    }
  }

  void Sitemaps() {
    Text("a sitemap", "sitemap.xml", {kTrialPath}, renderer_.RenderSitemap(TrialSitemap()));
    Text("the index of sitemaps", "sitemap_index.xml", {kTrialPath},
         renderer_.RenderSitemapIndex({.paths = {kTrialPath}}));
    Text("the news sitemap", "news_sitemap.xml", {kTrialLead, kTrialPath},
         renderer_.RenderNewsSitemap({.stories = TrialList().stories}));
  }

  const Renderer& renderer_;
  std::vector<TrialPage> pages_;
};

}  // namespace

std::vector<TrialPage> RenderTrialPages(const Renderer& renderer) { return TrialPress(renderer).Run(); }

}  // namespace broadsheet::gateway
