#ifndef BROADSHEET_SERVICES_GATEWAY_RENDERER_TESTING_SAMPLE_PAGES_H_
#define BROADSHEET_SERVICES_GATEWAY_RENDERER_TESTING_SAMPLE_PAGES_H_

#include <string>
#include <vector>

#include "services/gateway/renderer/page_model.h"

// Page models for the golden files, the preview and the browser tests: one for each kind of page and each way
// in which a page can be hard.
namespace broadsheet::gateway::testing {

Site SampleSite();
Frame SampleFrame();

ArticlePage CompleteArticle();             // every part that a page can have
ArticlePage LiveArticle();                 // with moments
ArticlePage RightToLeftArticle();          // Arabic text on an English site
ArticlePage PlainArticle();                // no picture, no author, no related stories
ArticlePage LongHeadline();                // words longer than a phone is wide
ArticlePage MissingPictures();             // the media service did not answer
ArticlePage HostileArticle();              // markup, script and forbidden addresses in every field
std::vector<ArticlePage> SampleEdition();  // a page for every story that the other samples lead to
ListPage SampleFront();
ListPage SampleSection(size_t index);  // of SampleFrame().sections
AuthorPage SampleAuthor(const std::string& author_id);
std::vector<std::string> SampleAuthorIds();
ErrorPage SampleError(int status);
FeedPage SampleFeed();
FeedPage SampleAuthorFeed(const std::string& author_id);
SitemapPage SampleSitemap();
NewsSitemapPage SampleNewsSitemap();

// Pages with `payload` in every field that holds text, an id or an address.
const std::string& SamplePayload();
ArticlePage HostileArticle(const std::string& payload);
ListPage HostileList(const std::string& payload);
AuthorPage HostileAuthorPage(const std::string& payload);
ErrorPage HostileError(const std::string& payload);
FeedPage HostileFeed(const std::string& payload);

// A story with the parts a teaser needs, published `hours` before the newest.
article::v1::Article SampleTeaser(const std::string& id, const std::string& headline,
                                  const std::string& section_id, int hours);

}  // namespace broadsheet::gateway::testing

#endif  // BROADSHEET_SERVICES_GATEWAY_RENDERER_TESTING_SAMPLE_PAGES_H_
