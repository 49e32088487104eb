#ifndef BROADSHEET_SERVICES_GATEWAY_RENDERER_TESTING_SAMPLE_PAGES_H_
#define BROADSHEET_SERVICES_GATEWAY_RENDERER_TESTING_SAMPLE_PAGES_H_

#include <string>

#include "services/gateway/renderer/page_model.h"

// Page models for the golden files, the preview and the browser tests: one for each kind of page and each way
// in which a page can be hard.
namespace broadsheet::gateway::testing {

Site SampleSite();
Frame SampleFrame();

ArticlePage CompleteArticle();     // every part that a page can have
ArticlePage RightToLeftArticle();  // Arabic text on an English site
ArticlePage PlainArticle();        // no picture, no author, no related stories
ArticlePage LongHeadline();        // words longer than a phone is wide
ArticlePage MissingPictures();     // the media service did not answer
ArticlePage HostileArticle();      // markup, script and forbidden addresses in every field
ListPage SampleFront();
ListPage SampleSection();
AuthorPage SampleAuthor();
ErrorPage SampleError(int status);
FeedPage SampleFeed();
SitemapPage SampleSitemap();

// A story with the parts a teaser needs, published `hours` before the newest.
article::v1::Article SampleTeaser(const std::string& id, const std::string& headline,
                                  const std::string& section_id, int hours);

}  // namespace broadsheet::gateway::testing

#endif  // BROADSHEET_SERVICES_GATEWAY_RENDERER_TESTING_SAMPLE_PAGES_H_
