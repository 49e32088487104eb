#ifndef BROADSHEET_SERVICES_GATEWAY_RENDERER_PAGE_CONTENT_H_
#define BROADSHEET_SERVICES_GATEWAY_RENDERER_PAGE_CONTENT_H_

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "services/gateway/renderer/page_model.h"
#include "services/gateway/renderer/values.h"

// From a page model to what its templates are filled with: one function per kind of page, all pure.
namespace broadsheet::gateway {

// What search engines and social networks are told of a page.
struct Head {
  std::string title;  // without the site's name
  std::string description;
  std::string canonical_path;  // decoded; empty: the page has no address of its own and is not to be indexed
  std::string open_graph_type = "website";
  const media::v1::Image* image = nullptr;  // of the model; null: none
  std::string image_alt_text;
  std::optional<absl::Time> published;  // of an article
  std::optional<absl::Time> modified;
  std::string section_name;
  std::vector<std::string> subjects;
  std::vector<std::string> author_paths;
  Markup structured_data;  // JSON-LD; empty: none
};

struct PageContent {
  Head head;
  std::string file;        // the template of the main part
  Values main;             // what it is filled with
  std::string language;    // of the main part
  std::string page_class;  // "article", "front", …: for the style sheet
  std::string section_id;  // the section marked in the masthead; empty: none
  std::string feed_name;   // of the list that has feeds of its own beside the paper's: "Harbour"
  std::string feed_list;   // its path, see FeedPath; empty: none
  std::optional<absl::Time>
      edition_date;  // printed in the masthead: a page must not depend on the day it is looked at
};

// `figure` fills figure.html, for the pictures within the text.
Body ArticleBody(const ArticlePage& page, const Site& site,
                 const std::function<Markup(const Values&)>& figure);
// Of a page whose `body` is set.
PageContent ArticleContent(const ArticlePage& page, const Site& site);
PageContent FrontContent(const ListPage& page, const Site& site);
PageContent SectionContent(const ListPage& page, const Site& site);
// What is read most, as the page of a section that has no feeds, of which every place has been chosen.
ListPage MostReadAsList(const MostReadPage& page, const Site& site);
PageContent MostReadContent(const ListPage& page, const Site& site);
PageContent AuthorContent(const AuthorPage& page, const Site& site);
PageContent ErrorContent(const ErrorPage& page, const Site& site);

}  // namespace broadsheet::gateway

#endif  // BROADSHEET_SERVICES_GATEWAY_RENDERER_PAGE_CONTENT_H_
