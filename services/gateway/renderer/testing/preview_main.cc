// Writes the sample pages, the feeds and the assets into a folder, laid out as their addresses are, for a
// look at them in a browser behind any file server: preview TEMPLATES FOLDER
// [SITE_URL].

#include <filesystem>
#include <fstream>
#include <iostream>

#include "absl/strings/str_cat.h"
#include "services/gateway/renderer/renderer.h"
#include "services/gateway/renderer/testing/sample_pages.h"

namespace {

using broadsheet::gateway::Asset;
using broadsheet::gateway::Renderer;
namespace samples = broadsheet::gateway::testing;

class Folder {
 public:
  explicit Folder(std::filesystem::path root) : root_(std::move(root)) {}

  void Write(const std::string& path, const std::string& bytes) const {
    const std::filesystem::path file = root_ / path;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file, std::ios::binary) << bytes;
  }

 private:
  std::filesystem::path root_;
};

// Where a file server finds the page at `path`.
std::string FileOf(const std::string& path) { return path == "/" ? "index.html" : path.substr(1) + ".html"; }

void WriteArticles(const Renderer& renderer, const Folder& folder) {
  using broadsheet::gateway::ArticlePage;
  std::vector<ArticlePage> pages = samples::SampleEdition();
  folder.Write("extra/live.html", renderer.RenderArticle(samples::LiveArticle()));
  for (ArticlePage page : {samples::PlainArticle(), samples::LongHeadline(), samples::MissingPictures()}) {
    page.article.set_path(absl::StrCat("/extra/", pages.size()));
    pages.push_back(std::move(page));
  }
  for (const ArticlePage& page : pages)
    folder.Write(FileOf(page.article.path()), renderer.RenderArticle(page));
  folder.Write("extra/hostile.html",
               renderer.RenderArticle(samples::HostileArticle(samples::SamplePayload())));
  ArticlePage stale = samples::CompleteArticle();
  stale.frame.stale_since = absl::FromUnixSeconds(1795175520);
  stale.frame.now = *stale.frame.stale_since + absl::Minutes(12);
  folder.Write("extra/stale.html", renderer.RenderArticle(stale));
}

void WriteOthers(const Renderer& renderer, const Folder& folder) {
  folder.Write("index.html", renderer.RenderList(samples::SampleFront()));
  for (size_t i = 0; i < samples::SampleFrame().sections.size(); ++i) {
    const broadsheet::gateway::ListPage page = samples::SampleSection(i);
    folder.Write(page.section->section_id() + ".html", renderer.RenderList(page));
  }
  for (const std::string& id : samples::SampleAuthorIds()) {
    folder.Write(absl::StrCat("authors/", id, ".html"), renderer.RenderAuthor(samples::SampleAuthor(id)));
  }
  for (const int status : {404, 410, 503}) {
    folder.Write(absl::StrCat(status, ".html"), renderer.RenderError(samples::SampleError(status)));
  }
  folder.Write("feed.rss", renderer.RenderRss(samples::SampleFeed()));
  folder.Write("feed.atom", renderer.RenderAtom(samples::SampleFeed()));
  folder.Write("feed.json", renderer.RenderJsonFeed(samples::SampleFeed()));
  folder.Write("sitemap.xml", renderer.RenderSitemap(samples::SampleSitemap()));
  folder.Write("sitemaps/news.xml", renderer.RenderNewsSitemap(samples::SampleNewsSitemap()));
  folder.Write("robots.txt", renderer.RobotsTxt());
  folder.Write("content-security-policy", renderer.content_security_policy());
  for (const Asset& asset : renderer.assets()) {
    folder.Write(asset.path.substr(1), asset.bytes);
    folder.Write("assets/" + asset.name, asset.bytes);
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3 && argc != 4) {
    std::cerr << "usage: preview TEMPLATES FOLDER [SITE_URL]\n";
    return 2;
  }
  broadsheet::gateway::Site site = samples::SampleSite();
  if (argc == 4) site.url = argv[3];
  const auto renderer = Renderer::Load(argv[1], site);
  if (!renderer.ok()) {
    std::cerr << renderer.status() << "\n";
    return 1;
  }
  const Folder folder(argv[2]);
  WriteArticles(**renderer, folder);
  WriteOthers(**renderer, folder);
}
