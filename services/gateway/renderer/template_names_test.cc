#include "services/gateway/renderer/template_names.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <regex>
#include <set>
#include <string>

#include "services/gateway/renderer/renderer.h"
#include "services/gateway/renderer/testing/sample_pages.h"

namespace broadsheet::gateway {
namespace {

using ::testing::Contains;
using ::testing::IsSubsetOf;
using ::testing::Not;

// What stands between quotation marks in the sources of this folder and could be a name: nothing but
// capitals, digits and underscores.
std::set<std::string> NamesInSources() {
  static const std::regex name("\"([A-Z][A-Z0-9_]+)\"");
  std::set<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(RENDERER_SOURCE_DIR)) {
    const std::string file = entry.path().filename();
    if (!file.ends_with(".cc") || file.ends_with("_test.cc")) continue;
    std::ifstream stream(entry.path());
    const std::string text{std::istreambuf_iterator<char>(stream), {}};
    for (std::sregex_iterator at(text.begin(), text.end(), name), end; at != end; ++at)
      names.insert((*at)[1]);
  }
  for (const char* other : {"HTML", "XML", "BI_SPACE", "BI_NEWLINE"}) names.erase(other);  // of the checks
  return names;
}

// "LIVE/#ENDED" and "LIVE/ENDED/TIME_PRINTED" without what stands around the name.
std::set<std::string> NamesKnown() {
  std::set<std::string> names;
  for (const auto& [file, marks] : KnownTemplateNames()) {
    for (const std::string& mark : marks) {
      const std::string last = mark.substr(mark.rfind('/') + 1);
      names.insert(last[0] == '#' || last[0] == '>' ? last.substr(1) : last);
    }
  }
  return names;
}

// What rendering these models sets.
template <class Render>
TemplateNames NamesSetBy(const Render& render) {
  const auto recorder = std::make_shared<NameRecorder>();
  render(*Renderer::Over(recorder, testing::SampleSite()));
  return recorder->names();
}

void RenderSamples(const Renderer& renderer) {
  for (const ArticlePage& page : {
           testing::CompleteArticle(),
           testing::LiveArticle(),
           testing::RightToLeftArticle(),
           testing::PlainArticle(),
           testing::LongHeadline(),
           testing::MissingPictures(),
       })
    renderer.RenderArticle(page);
  renderer.RenderArticle({});
  for (const ArticlePage& page : testing::SampleEdition()) renderer.RenderArticle(page);
  for (const std::string& payload : {testing::SamplePayload(), std::string("words"), std::string()}) {
    renderer.RenderArticle(testing::HostileArticle(payload));
    renderer.RenderList(testing::HostileList(payload));
    renderer.RenderAuthor(testing::HostileAuthorPage(payload));
    renderer.RenderError(testing::HostileError(payload));
    renderer.RenderRss(testing::HostileFeed(payload));
    renderer.RenderAtom(testing::HostileFeed(payload));
  }
  const ListPage front = testing::SampleFront();
  renderer.RenderList(front);
  renderer.RenderMostRead({front.frame, front.stories, front.authors, front.images});
  for (std::size_t i = 0; i < front.frame.sections.size(); ++i)
    renderer.RenderList(testing::SampleSection(i));
  for (const std::string& id : testing::SampleAuthorIds()) {
    renderer.RenderAuthor(testing::SampleAuthor(id));
    renderer.RenderRss(testing::SampleAuthorFeed(id));
  }
  for (const int status : {404, 410, 503}) renderer.RenderError(testing::SampleError(status));
  renderer.RenderAtom(testing::SampleFeed());
  renderer.RenderSitemap(testing::SampleSitemap());
  renderer.RenderNewsSitemap(testing::SampleNewsSitemap());
}

// A name that the program begins to set has to be set in a trial model, or newsrooms could not use it. One
// that it sets no more is known no more, because known is what rendering sets.
TEST(KnownTemplateNames, AreAllThatTheSourcesOfThisFolderSet) {
  EXPECT_THAT(NamesInSources(), IsSubsetOf(NamesKnown()));
  EXPECT_THAT(NamesInSources(), Contains("STANDFIRST"));
}

TEST(KnownTemplateNames, CoverEveryPlaceInWhichOtherPagesSetThem) {
  const TemplateNames& known = KnownTemplateNames();
  for (const auto& [file, marks] : NamesSetBy(RenderSamples)) {
    ASSERT_THAT(known, Contains(::testing::Key(file)));
    EXPECT_THAT(marks, IsSubsetOf(known.at(file))) << file;
  }
}

TEST(KnownTemplateNames, AreThoseOfTheFilesThatPagesAreMadeOf) {
  std::set<std::string> files, templates;
  for (const auto& [file, marks] : KnownTemplateNames()) files.insert(file);
  for (const auto& entry :
       std::filesystem::directory_iterator(std::filesystem::path(RENDERER_SOURCE_DIR) / "templates")) {
    if (entry.is_regular_file()) templates.insert(entry.path().filename());
  }
  EXPECT_EQ(files, templates);
}

TEST(KnownTemplateNames, SayWhereANameIsSet) {
  const KnownMarks& article = KnownTemplateNames().at("article.html");
  EXPECT_THAT(article, Contains("STANDFIRST/STANDFIRST"));
  EXPECT_THAT(article, Not(Contains("STANDFIRST"))) << "set only within the section that vanishes with it";
  EXPECT_THAT(article, Contains("LIVE/GOING_ON/STORY_PATH"));
  EXPECT_THAT(article, Contains("RELATED/>TEASER"));
  for (const auto& [file, marks] : KnownTemplateNames())
    EXPECT_EQ(marks.contains("#OTHER_LANGUAGE_PAGE"), file.ends_with(".html")) << file << ": shared";
}

}  // namespace
}  // namespace broadsheet::gateway
