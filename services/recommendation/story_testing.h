#ifndef BROADSHEET_SERVICES_RECOMMENDATION_STORY_TESTING_H_
#define BROADSHEET_SERVICES_RECOMMENDATION_STORY_TESTING_H_

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "broadsheet/article/v1/article.pb.h"

namespace broadsheet::recommendation {

// Noon of the day that the tests take place on.
inline const absl::Time kToday = absl::FromUnixSeconds(1'795'435'200);

// A published story for tests: named parameters for what matters in one.
struct TestStory {
  std::string id;
  std::string headline = {};
  std::string body = {};  // paragraphs, separated by newlines
  std::string section = "news";
  std::vector<std::string> authors = {};
  std::vector<std::string> subjects = {};
  std::string follows = {};
  std::vector<std::string> related = {};
  std::string links_to = {};  // an id, or a path with its `/`, linked from the first paragraph
  std::string language = {};
  int days_old = 1;

  article::v1::Article Article() const {
    article::v1::Article article;
    article.set_article_id(id);
    article.set_revision(1);
    article.set_path("/" + section + "/" + id);
    article.set_pub_status(article::v1::PUB_STATUS_USABLE);
    article.mutable_first_published_at()->set_seconds(
        absl::ToUnixSeconds(kToday - absl::Hours(24 * days_old)));
    article::v1::ArticleContent& content = *article.mutable_content();
    content.set_headline(headline);
    content.set_section_id(section);
    content.set_language(language);
    content.set_follows_article_id(follows);
    for (const std::string& author : authors) content.add_author_ids(author);
    for (const std::string& subject : subjects) content.add_subjects(subject);
    for (const std::string& other : related) content.add_related_article_ids(other);
    article::v1::RichText& text = *content.add_body()->mutable_paragraph()->mutable_text();
    text.set_text(body.empty() ? "Nothing." : body);
    if (links_to.empty()) return article;
    article::v1::Span& span = *text.add_spans();
    span.set_start(0);
    span.set_end(1);
    span.set_kind(article::v1::SPAN_KIND_LINK);
    if (links_to.front() == '/') {
      span.set_url(links_to);
    } else {
      span.set_article_id(links_to);
    }
    return article;
  }
};

}  // namespace broadsheet::recommendation

#endif  // BROADSHEET_SERVICES_RECOMMENDATION_STORY_TESTING_H_
