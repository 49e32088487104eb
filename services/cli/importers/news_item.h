#ifndef BROADSHEET_SERVICES_CLI_IMPORTERS_NEWS_ITEM_H_
#define BROADSHEET_SERVICES_CLI_IMPORTERS_NEWS_ITEM_H_

#include <string>
#include <utility>
#include <vector>

namespace broadsheet::cli {

// An item as a news agency sends it, as plain values: what ninjs, NewsML-G2 and feeds have in common, in the
// terms of ninjs.
struct NewsItem {
  int version = 0;   // of ninjs: 1, 2 or 3
  std::string name;  // of an association
  std::string uri;
  std::string origin;  // the host it is from; empty: not known
  std::string type;    // "text", "picture", "composite", …; empty if not said

  // A text with what is said about it.
  struct Text {
    std::string role;          // 1.x: what follows the underscore in `body_xhtml`
    std::string content_type;  // empty: not said
    std::string value;
  };
  std::vector<Text> headlines;
  std::vector<Text> descriptions;
  std::vector<Text> bodies;

  std::string title, byline, located, language, slugline, ed_note, pub_status, urgency, credit_line;
  std::string copyright_holder, copyright_notice, usage_terms;
  std::string first_created, version_created, embargoed, expires;
  // Why it is not to be published, though its status does not say so; empty: nothing speaks against it.
  std::string left_draft_because;
  // A thing the story is about, or a person: what it is called, and what identifies it.
  struct Concept {
    std::string name;
    std::string uri;
  };
  std::vector<Concept> subjects, people;
  std::vector<std::string> genres;                           // names
  std::vector<std::pair<std::string, std::string>> alt_ids;  // role, value

  struct Rendition {
    std::string href;
    double width = 0;  // pixels; 0: not said
  };
  std::vector<Rendition> renditions;
  std::vector<NewsItem> associations;

  // What is wrong with it by the standard, see ninjs_standard.h; if anything is, nothing but `uri` and
  // `pub_status` was read.
  std::vector<std::string> violations;
  std::vector<std::string> not_carried;  // properties that have no place in a story of ours
};

}  // namespace broadsheet::cli

#endif  // BROADSHEET_SERVICES_CLI_IMPORTERS_NEWS_ITEM_H_
