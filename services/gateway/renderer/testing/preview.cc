#include "services/gateway/renderer/testing/preview.h"

#include <fstream>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "services/gateway/renderer/site_paths.h"
#include "services/gateway/renderer/testing/sample_pages.h"

namespace broadsheet::gateway::testing {
namespace {

class PreviewFolder {
 public:
  explicit PreviewFolder(std::filesystem::path root) : root_(std::move(root)) {}

  // `path`: as in an address, with or without its first slash.
  void Write(std::string_view path, const std::string& bytes) {
    const std::filesystem::path file = root_ / path.substr(path.find_first_not_of('/'));
    std::error_code ignored;  // then the file cannot be written
    std::filesystem::create_directories(file.parent_path(), ignored);
    if (!(std::ofstream(file, std::ios::binary) << bytes).flush() && status_.ok())
      status_ = absl::UnavailableError(absl::StrCat(file.string(), " cannot be written"));
  }
  void WritePage(std::string_view path, const std::string& html) {
    Write(std::string(path).append("/index.html"), html);
  }
  void WriteFeeds(const Renderer& renderer, const std::string& of, const FeedPage& feed) {
    Write(of + std::string(kRssSuffix), renderer.RenderRss(feed));
    Write(of + std::string(kAtomSuffix), renderer.RenderAtom(feed));
    Write(of + std::string(kJsonFeedSuffix), renderer.RenderJsonFeed(feed));
  }
  const absl::Status& status() const { return status_; }

 private:
  const std::filesystem::path root_;
  absl::Status status_;
};

void WriteStory(const Renderer& renderer, PreviewFolder& folder, const ArticlePage& page) {
  folder.WritePage(page.article.path(), renderer.RenderArticle(page));
  folder.Write(page.article.path() + std::string(kNinjsSuffix), renderer.RenderNinjs(page));
}

void WriteStories(const Renderer& renderer, PreviewFolder& folder) {
  for (const ArticlePage& page : SampleEdition()) WriteStory(renderer, folder, page);
  WriteStory(renderer, folder, LiveArticle());
  int number = 0;
  for (ArticlePage page : {PlainArticle(), LongHeadline(), MissingPictures()}) {
    page.article.set_path(absl::StrCat("/extra/", ++number));
    WriteStory(renderer, folder, page);
  }
  ArticlePage linked = PlainArticle();  // the complete story's text links to it
  linked.article.set_path("/city/2026/03/bridge-report");
  WriteStory(renderer, folder, linked);
  folder.WritePage("/extra/hostile", renderer.RenderArticle(HostileArticle(SamplePayload())));
  ArticlePage stale = CompleteArticle();
  stale.frame.stale_since = absl::FromUnixSeconds(1795175520);
  stale.frame.now = *stale.frame.stale_since + absl::Minutes(12);
  folder.WritePage("/extra/stale", renderer.RenderArticle(stale));
}

void WriteLists(const Renderer& renderer, PreviewFolder& folder) {
  const ListPage front = SampleFront();
  folder.WritePage(kFrontPath, renderer.RenderList(front));
  folder.WriteFeeds(renderer, "", SampleFeed());
  for (std::size_t i = 0; i < front.frame.sections.size(); ++i) {
    const ListPage page = SampleSection(i);
    const std::string path = SectionPath(page.section->section_id());
    folder.WritePage(path, renderer.RenderList(page));
    FeedPage feed = SampleFeed();
    feed.section = page.section;
    feed.stories = page.stories;
    folder.WriteFeeds(renderer, path, feed);
  }
  for (const std::string& id : SampleAuthorIds()) {
    folder.WritePage(AuthorPath(id), renderer.RenderAuthor(SampleAuthor(id)));
    folder.WriteFeeds(renderer, AuthorPath(id), SampleAuthorFeed(id));
  }
  folder.WritePage(kMostReadPath, renderer.RenderMostRead({.frame = front.frame,
                                                           .stories = front.most_read,
                                                           .authors = front.authors,
                                                           .images = front.images}));
}

void WriteWhatMachinesRead(const Renderer& renderer, PreviewFolder& folder) {
  folder.Write(kSitemapPath, renderer.RenderSitemapIndex(
                                 {.paths = {std::string(kPagesSitemapPath), std::string(kNewsSitemapPath)}}));
  folder.Write(kPagesSitemapPath, renderer.RenderSitemap(SampleSitemap()));
  folder.Write(kNewsSitemapPath, renderer.RenderNewsSitemap(SampleNewsSitemap()));
  folder.Write(kRobotsPath, renderer.RobotsTxt());
  folder.Write("content-security-policy", renderer.content_security_policy());
  for (const Asset& asset : renderer.assets()) {
    folder.Write(asset.path, asset.bytes);
    folder.Write(absl::StrCat("assets/", asset.name), asset.bytes);
  }
}

}  // namespace

absl::Status WritePreview(const Renderer& renderer, const std::filesystem::path& folder) {
  PreviewFolder preview(folder);
  WriteStories(renderer, preview);
  WriteLists(renderer, preview);
  for (const int status : {404, 410, 503})
    preview.Write(absl::StrCat(status, ".html"), renderer.RenderError(SampleError(status)));
  WriteWhatMachinesRead(renderer, preview);
  return preview.status();
}

}  // namespace broadsheet::gateway::testing
