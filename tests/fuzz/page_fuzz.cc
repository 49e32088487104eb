// What a story, an author or a picture holds, on its way to readers. The first line says how the rest is
// meant:
//   payload            a text that stands in every field of every kind of page
//   article            an Article in text format
//   anything else      bytes that models are filled with, field by field
// Nothing in a model becomes active on any page, nor in what is cut from one for a reader who has it open,
// and what was withdrawn can be taken out again.

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "services/gateway/renderer/moments.h"
#include "services/gateway/renderer/renderer.h"
#include "services/gateway/renderer/testing/inert_pages.h"
#include "services/gateway/renderer/testing/sample_pages.h"
#include "tests/fuzz/expect.h"
#include "tests/fuzz/lines.h"
#include "tests/fuzz/model_filler.h"
#include "tests/fuzz/text_message.h"

namespace broadsheet::fuzz {
namespace {

using namespace gateway;  // NOLINT(google-build-using-namespace)

constexpr int kKinds = 6;
constexpr int kMaxMoments = 8;  // that are looked at in a page

const Renderer& TheRenderer() {
  static const auto& renderer = *new absl::StatusOr<std::unique_ptr<Renderer>>(
      Renderer::Load(BROADSHEET_TEMPLATES, testing::SampleSite()));
  if (!renderer.ok()) Fail("the templates load", std::string(renderer.status().message()));
  return **renderer;
}

void ExpectOk(const absl::Status& status, const std::string& page) {
  if (!status.ok()) Fail(std::string(status.message()), page);
}

// What a page that is open is given of the moments of a live story.
void CheckMoments(const std::string& html) {
  const std::string_view start(kMomentStart.data(), kMomentStart.size());
  std::size_t at = html.find(start);
  for (int moments = 0; at != html.npos && moments < kMaxMoments; at = html.find(start, at + 1), ++moments) {
    const std::string tag = html.substr(at, html.find('>', at) - at);
    const std::size_t id = tag.find(" id=\"");
    Expect(id != tag.npos, "a moment has an id", tag);
    const std::size_t begin = id + 5;
    const std::optional<std::string> since =
        TheRenderer().MomentsSince(html, std::string_view(tag).substr(begin, tag.find('"', begin) - begin));
    if (!since || since->empty()) continue;
    Expect(since->find("<article") == since->find(start) && since->find(start) != since->npos,
           "a fragment begins with a moment", *since);
    ExpectOk(testing::CheckInertPage(*since), *since);
  }
}

// A page, and what becomes of it while its owner cannot be asked.
void CheckHtml(const std::string& html, const std::string& mentioned) {
  ExpectOk(testing::CheckInertPage(html), html);
  const absl::Time now = absl::FromUnixSeconds(1'795'175'520);
  const std::string stale = TheRenderer().LabelStale(html, now - absl::Hours(1), now);
  ExpectOk(testing::CheckInertPage(stale), stale);
  CheckMoments(stale);
  const std::optional<std::string> without = TheRenderer().WithoutStories(html, {mentioned});
  Expect(without.has_value(), "a mention has an end", html);
  ExpectOk(testing::CheckInertPage(*without), *without);
  if (!mentioned.empty() && mentioned.find_first_of("<>&\"'") == mentioned.npos) {
    Expect(without->find(" data-story=\"" + mentioned + "\"") == without->npos, "no mention is left",
           *without);
  }
}

void CheckFeed(const FeedPage& feed) {
  for (const std::string& xml : {TheRenderer().RenderRss(feed), TheRenderer().RenderAtom(feed),
                                 TheRenderer().RenderNewsSitemap({feed.stories})})
    ExpectOk(testing::CheckInertXml(xml), xml);
  const std::string json = TheRenderer().RenderJsonFeed(feed);
  ExpectOk(testing::CheckInertJson(json), json);
}

void CheckArticle(const ArticlePage& page) {
  const std::string html = TheRenderer().RenderArticle(page);
  const std::string& mentioned =
      page.related.empty() ? page.article.article_id() : page.related[0].article_id();
  CheckHtml(html, mentioned);
  const std::string ninjs = TheRenderer().RenderNinjs(page);
  ExpectOk(testing::CheckInertNinjs(ninjs), ninjs);
}

std::string FirstOf(const Teasers& stories) { return stories.empty() ? "" : stories[0].article_id(); }

void CheckList(const ListPage& page) { CheckHtml(TheRenderer().RenderList(page), FirstOf(page.stories)); }

void CheckFront(ListPage page) {
  page.section.reset();
  CheckList(page);
}

void CheckAuthor(const AuthorPage& page) {
  CheckHtml(TheRenderer().RenderAuthor(page), FirstOf(page.stories));
  const std::string xml = TheRenderer().RenderSitemap(
      {.front = true, .sections = page.frame.sections, .authors = {page.author}, .stories = page.stories});
  ExpectOk(testing::CheckInertXml(xml), xml);
}

void CheckError(const ErrorPage& page) { CheckHtml(TheRenderer().RenderError(page), FirstOf(page.stories)); }

// One kind of page for each input: to make all of them takes as long as to find what one of them does.
void CheckPayload(const std::string& payload) {
  switch (payload.size() % kKinds) {
    case 0:
      return CheckArticle(testing::HostileArticle(payload));
    case 1:
      return CheckList(testing::HostileList(payload));
    case 2:
      return CheckFront(testing::HostileList(payload));
    case 3:
      return CheckAuthor(testing::HostileAuthorPage(payload));
    case 4:
      return CheckError(testing::HostileError(payload));
    default:
      return CheckFeed(testing::HostileFeed(payload));
  }
}

void CheckFilled(std::string_view bytes) {
  ModelFiller filler(bytes);
  const int kind = filler.TakeByte() % kKinds;
  ArticlePage article;
  article.frame = testing::SampleFrame();
  filler.Fill(article.article);
  filler.Fill(article.section);
  filler.Fill(article.authors.emplace_back());
  for (const auto& block : article.article.content().body()) {
    if (block.has_image()) filler.Fill(article.images[block.image().image_id()]);
  }
  if (article.article.content().has_lead_image())
    filler.Fill(article.images[article.article.content().lead_image().image_id()]);
  article::v1::Article related;
  filler.Fill(related);
  article.related.push_back(related);
  article.most_read = article.related;
  article.linked_paths = {{article.related[0].article_id(), article.related[0].path()}, {"a", "/a/b"}};
  ListPage list = {.frame = article.frame,
                   .section = article.section,
                   .stories = {article.article, article.related[0]},
                   .authors = {{article.authors[0].author_id(), article.authors[0]}},
                   .images = article.images,
                   .most_read = article.related};
  if (kind == 0) return CheckArticle(article);
  if (kind == 1) return CheckList(list);
  if (kind == 2) return CheckFront(list);
  if (kind == 3) {
    return CheckAuthor(
        {.frame = list.frame, .author = article.authors[0], .stories = list.stories, .images = list.images});
  }
  if (kind == 4) {
    return CheckError({.frame = list.frame,
                       .status = 410,
                       .notice = article.section.description(),
                       .stories = list.stories});
  }
  CheckFeed({.section = list.section,
             .author = std::nullopt,
             .sections = {article.section},
             .stories = list.stories,
             .authors = list.authors,
             .images = list.images});
}

void CheckText(std::string_view text) {
  const auto article = ParseMessage<article::v1::Article>(text);
  if (!article) return;
  ArticlePage page;
  page.frame = testing::SampleFrame();
  page.article = *article;
  page.related.push_back(*article);
  CheckArticle(page);
}

}  // namespace
}  // namespace broadsheet::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace broadsheet::fuzz;
  std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::string_view kind = Take(text);
  if (kind == "payload") {
    CheckPayload(std::string(text));
  } else if (kind == "article") {
    CheckText(text);
  } else {
    CheckFilled({reinterpret_cast<const char*>(data), size});
  }
  return 0;
}
