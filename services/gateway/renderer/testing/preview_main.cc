// Writes the sample pages, the feeds and the assets into a folder, laid out as their addresses are, for a
// look at them in a browser behind any file server: preview TEMPLATES FOLDER.

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

void WriteArticles(const Renderer& renderer, const Folder& folder) {
  folder.Write("complete.html", renderer.RenderArticle(samples::CompleteArticle()));
  folder.Write("right-to-left.html", renderer.RenderArticle(samples::RightToLeftArticle()));
  folder.Write("plain.html", renderer.RenderArticle(samples::PlainArticle()));
  folder.Write("long-headline.html", renderer.RenderArticle(samples::LongHeadline()));
  folder.Write("missing-pictures.html", renderer.RenderArticle(samples::MissingPictures()));
  folder.Write("hostile.html", renderer.RenderArticle(samples::HostileArticle()));
  broadsheet::gateway::ArticlePage stale = samples::CompleteArticle();
  stale.frame.stale_since = absl::FromUnixSeconds(1795175520);
  stale.frame.now = *stale.frame.stale_since + absl::Minutes(12);
  folder.Write("stale.html", renderer.RenderArticle(stale));
}

void WriteOthers(const Renderer& renderer, const Folder& folder) {
  folder.Write("index.html", renderer.RenderList(samples::SampleFront()));
  folder.Write("section.html", renderer.RenderList(samples::SampleSection()));
  folder.Write("author.html", renderer.RenderAuthor(samples::SampleAuthor()));
  for (const int status : {404, 410, 503}) {
    folder.Write(absl::StrCat(status, ".html"), renderer.RenderError(samples::SampleError(status)));
  }
  folder.Write("feed.rss", renderer.RenderRss(samples::SampleFeed()));
  folder.Write("feed.atom", renderer.RenderAtom(samples::SampleFeed()));
  folder.Write("sitemap.xml", renderer.RenderSitemap(samples::SampleSitemap()));
  folder.Write("robots.txt", renderer.RobotsTxt());
  for (const Asset& asset : renderer.assets()) folder.Write(asset.path.substr(1), asset.bytes);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::cerr << "usage: preview TEMPLATES FOLDER\n";
    return 2;
  }
  const auto renderer = Renderer::Load(argv[1], samples::SampleSite());
  if (!renderer.ok()) {
    std::cerr << renderer.status() << "\n";
    return 1;
  }
  const Folder folder(argv[2]);
  WriteArticles(**renderer, folder);
  WriteOthers(**renderer, folder);
}
