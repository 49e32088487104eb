#ifndef BROADSHEET_SERVICES_GATEWAY_RENDERER_PAGE_MODEL_H_
#define BROADSHEET_SERVICES_GATEWAY_RENDERER_PAGE_MODEL_H_

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "broadsheet/article/v1/article.pb.h"
#include "broadsheet/media/v1/image.pb.h"
#include "broadsheet/page/v1/page_service.pb.h"
#include "services/gateway/renderer/teasers.h"
#include "services/gateway/renderer/words.h"

// What a page shows, complete: the assembler fills it in, the renderer turns it into bytes without any I/O.
// Plain values; a const model may be used by any number of threads.
namespace broadsheet::gateway {

// The site a page belongs to; the same for every page of a gateway.
struct Site {
  std::string name;          // "The Kelderhaven Courant"
  std::string url;           // origin for canonical links, without trailing slash: "https://news.example"
  std::string media_url;     // put in front of `Rendition.path`; empty: the same origin
  std::string language;      // BCP 47 tag of the site's own words
  std::string description;   // a sentence about the site, for search engines and feeds; may be empty
  absl::TimeZone time_zone;  // of printed times; UTC unless set
  Words words = {};          // those of the templates' folder; Renderer::Load sets them
};

// What every page has around its own content.
struct Frame {
  std::vector<article::v1::Section> sections;       // masthead, in order
  std::vector<page::v1::Degradation> degradations;  // empty: whole and fresh
  std::optional<absl::Time> stale_since;  // set: shown as last known then; a notice once older than 5 minutes
  // Compared with `stale_since`; of a page without a date of its own it tells whether it is summer in the
  // site's time zone. Never printed.
  absl::Time now = absl::InfinitePast();
};

// Pictures by image id. One that is missing was withheld or could not be fetched: its slot shows alt text,
// caption and credit from the reference, never a broken image.
using ImagesById = std::map<std::string, media::v1::Image>;

struct Body;

struct ArticlePage {
  Frame frame;
  article::v1::Article article;              // FULL view
  std::vector<article::v1::Author> authors;  // in byline order
  article::v1::Section section;
  ImagesById images;  // lead, body, portraits, related
  std::map<std::string, std::string>
      linked_paths;  // article id -> path, of published stories linked in the body
  // What Renderer::WriteBody made of the article, its pictures and `linked_paths`; null: RenderArticle does.
  // Whoever changes them afterwards has to have it made anew.
  std::shared_ptr<const Body> body;
  Teasers related;  // never the story itself; empty: the block is left out
  Teasers most_read;
};

// The front page and section pages.
struct ListPage {
  Frame frame;
  std::optional<article::v1::Section> section;  // unset: the front page
  Teasers stories;                              // most recent first
  Teasers curated;                              // stand before all others, in this order; also in `stories`,
                                                // if they are recent enough
  std::map<std::string, article::v1::Author> authors;  // by id, as far as known
  ImagesById images;
  Teasers most_read;
};

// The stories that are read most, the most read first.
struct MostReadPage {
  Frame frame;
  Teasers stories;
  std::map<std::string, article::v1::Author> authors;  // by id, as far as known
  ImagesById images;
};

struct AuthorPage {
  Frame frame;
  article::v1::Author author;
  Teasers stories;
  ImagesById images;
};

// 404, 410 and 503.
struct ErrorPage {
  Frame frame;
  int status = 404;
  std::string notice;  // for 410: the editors' words; may be empty
  Teasers stories;     // where to go from here; may be empty
};

// RSS, Atom and JSON Feed: the newest stories of the paper, a section or an author, in the BASIC view.
struct FeedPage {
  std::optional<article::v1::Section> section;  // unset, like `author`: the whole paper
  std::optional<article::v1::Author> author;
  std::vector<article::v1::Section> sections;          // for the names of categories
  Teasers stories;                                     // most recent first
  std::map<std::string, article::v1::Author> authors;  // by id, as far as known
  ImagesById images;
  absl::Time made_at = absl::UnixEpoch();  // all that is known of when one without stories changed
};

// What search engines are told to visit.
struct SitemapPage {
  bool front = false;  // whether the front is listed
  std::vector<article::v1::Section> sections;
  std::vector<article::v1::Author> authors;
  Teasers stories;  // of these only id, path and times count; with the rest at most 50,000
};

// What news search engines are told of: stories of the last two days, at most 1,000.
struct NewsSitemapPage {
  Teasers stories;
};

struct SitemapIndexPage {
  std::vector<std::string> paths;  // of sitemaps
};

}  // namespace broadsheet::gateway

#endif  // BROADSHEET_SERVICES_GATEWAY_RENDERER_PAGE_MODEL_H_
