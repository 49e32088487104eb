#ifndef BROADSHEET_SERVICES_GATEWAY_RENDERER_RENDERER_H_
#define BROADSHEET_SERVICES_GATEWAY_RENDERER_RENDERER_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/gateway/renderer/page_model.h"

namespace broadsheet::gateway {

// A file that pages refer to. Its path holds a hash of its bytes when `immutable`: it may then be cached for
// ever.
struct Asset {
  std::string name;        // "page.css"; what templates and style sheets may call it by
  std::string path;        // "/assets/page.3f2a9c01d4e5.css"
  std::string media_type;  // "text/css; charset=utf-8"
  std::string bytes;
  bool immutable = true;  // false only for "/favicon.ico", which browsers ask for by that name
};

class TemplateExpander;

// Turns page models into bytes. Pure: no I/O after Load, no clock, no state; equal models give equal bytes,
// so an ETag can be made from them. Thread-safe.
//
// Whatever a model holds, nothing in it can become markup, script or a URL that runs something: templates
// escape by context, and bodies are written by code that knows no other output. Text that is not UTF-8 is
// repaired, not refused, so rendering never fails.
class Renderer {
 public:
  // Reads and checks the templates and assets in `directory`, and tries them on a page of every kind (see
  // trial_check.h). INVALID_ARGUMENT or NOT_FOUND with a line of the message for each fault, at most
  // TemplateFaults::kMost: file, line where there is one, and reason. Pages are tried only if every template
  // is sound by itself.
  static absl::StatusOr<std::unique_ptr<Renderer>> Load(std::string_view directory, Site site);
  // One that fills these templates as they are and has no assets.
  static std::unique_ptr<Renderer> Over(std::shared_ptr<const TemplateExpander> templates, Site site);
  ~Renderer();

  // The text of a story as markup, most of what there is to write: all that needs neither `related`,
  // `most_read` nor the frame, so that it can be written while those are waited for. To be put into
  // `page.body`.
  std::shared_ptr<const Body> WriteBody(const ArticlePage& page) const;

  // HTML pages, UTF-8, "text/html; charset=utf-8".
  std::string RenderArticle(const ArticlePage& page) const;
  std::string RenderList(const ListPage& page) const;
  std::string RenderMostRead(const MostReadPage& page) const;
  std::string RenderAuthor(const AuthorPage& page) const;
  std::string RenderError(const ErrorPage& page) const;

  // The same HTML page, as made by one of the functions above without `stale_since`, labelled as last known
  // at `stale_since`; for a page that comes from a cache while its owner cannot be asked. Other texts are
  // returned unchanged.
  std::string LabelStale(std::string_view html, absl::Time stale_since, absl::Time now) const;

  // The same HTML page without any mention of those stories: a page about something else, while its owner
  // cannot be asked for one without them. The stories' own pages are not for this.
  // Nothing if it is not a page of this renderer.
  std::optional<std::string> WithoutStories(std::string_view html,
                                            const std::vector<std::string>& article_ids) const;

  // Of a live story's page: the moments above the one whose element has the id `moment`, the latest first, as
  // a fragment of HTML that is labelled like the page; empty if there are none. Nothing if the page has no
  // such moment, or none at all, or if more than a fragment may hold stands above it, see moments.h.
  std::optional<std::string> MomentsSince(std::string_view html, std::string_view moment) const;

  // "application/rss+xml; charset=utf-8": RSS 2.0.
  std::string RenderRss(const FeedPage& page) const;
  // "application/atom+xml; charset=utf-8": RFC 4287.
  std::string RenderAtom(const FeedPage& page) const;
  // "application/feed+json; charset=utf-8": JSON Feed 1.1.
  std::string RenderJsonFeed(const FeedPage& page) const;
  // "application/json": IPTC ninjs 3.1.
  std::string RenderNinjs(const ArticlePage& page) const;
  // "application/xml; charset=utf-8": sitemaps.org 0.9.
  std::string RenderSitemap(const SitemapPage& page) const;
  std::string RenderSitemapIndex(const SitemapIndexPage& page) const;
  // The same with Google's news extension 0.9.
  std::string RenderNewsSitemap(const NewsSitemapPage& page) const;
  // "text/plain; charset=utf-8".
  std::string RobotsTxt() const;

  // Everything that pages refer to besides pictures, see assets.h.
  const std::vector<Asset>& assets() const;

  // Names the templates and assets: another number for any change of any of them.
  std::uint64_t version() const;

  // Value of the Content-Security-Policy field that every HTML page works under: nothing inline, nothing from
  // elsewhere than this site and its media service.
  const std::string& content_security_policy() const;

 private:
  struct Parts;
  explicit Renderer(std::unique_ptr<const Parts> parts);

  std::unique_ptr<const Parts> parts_;
};

}  // namespace broadsheet::gateway

#endif  // BROADSHEET_SERVICES_GATEWAY_RENDERER_RENDERER_H_
