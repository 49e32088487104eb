#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "services/gateway/renderer/renderer.h"
#include "services/gateway/renderer/testing/inert_pages.h"
#include "services/gateway/renderer/testing/markup_reader.h"
#include "services/gateway/renderer/testing/sample_pages.h"

// Whatever an author, a desk or a camera writes, no page becomes active. Each payload is put into every field
// of every kind of page; what comes out is read by a reader that accepts nothing that two browsers could read
// in two ways.
namespace broadsheet::gateway {
namespace {

using testing::ReadMarkup;
using testing::Syntax;

const Renderer& RendererOfPayloads() {
  static const auto& renderer = *new absl::StatusOr<std::unique_ptr<Renderer>>(
      Renderer::Load(RENDERER_SOURCE_DIR "/templates", testing::SampleSite()));
  if (!renderer.ok()) std::abort();
  return **renderer;
}

void ExpectInertPages(const std::string& payload) {
  SCOPED_TRACE(payload);
  const Renderer& renderer = RendererOfPayloads();
  ListPage front = testing::HostileList(payload);
  front.section.reset();
  front.curated = front.stories;
  for (const std::string& page :
       {renderer.RenderArticle(testing::HostileArticle(payload)),
        renderer.RenderList(testing::HostileList(payload)), renderer.RenderList(front),
        renderer.RenderMostRead({front.frame, front.stories, front.authors, front.images}),
        renderer.RenderAuthor(testing::HostileAuthorPage(payload)),
        renderer.RenderError(testing::HostileError(payload))}) {
    EXPECT_EQ(testing::CheckInertPage(page), absl::OkStatus());
  }
  for (const std::string& feed :
       {renderer.RenderRss(testing::HostileFeed(payload)), renderer.RenderAtom(testing::HostileFeed(payload)),
        renderer.RenderNewsSitemap({testing::HostileFeed(payload).stories})}) {
    EXPECT_EQ(testing::CheckInertXml(feed), absl::OkStatus());
  }
  EXPECT_EQ(testing::CheckInertJson(renderer.RenderJsonFeed(testing::HostileFeed(payload))),
            absl::OkStatus());
  const std::string item = renderer.RenderNinjs(testing::HostileArticle(payload));
  EXPECT_EQ(testing::CheckInertNinjs(item), absl::OkStatus());
  EXPECT_TRUE(nlohmann::json::parse(item, nullptr, false).contains("bodies"));
}

TEST(Escaping, OwnPayloadsStayText) {
  using std::string_literals::operator""s;
  for (const std::string& payload : {testing::SamplePayload(),
                                     "<script>alert(1)</script>"s,
                                     "\"><img src=x onerror=alert(1)>"s,
                                     "' onmouseover='alert(1)"s,
                                     "\" onfocus=alert(1) autofocus x=\""s,
                                     "</script><script>alert(1)</script>"s,
                                     "<!--<script>"s,
                                     "--><script>"s,
                                     "]]><script>"s,
                                     "</title><svg onload=alert(1)>"s,
                                     "javascript:alert(1)"s,
                                     "JaVa\tScRiPt:alert(1)"s,
                                     "//evil.example"s,
                                     "data:text/html;base64,PHNjcmlwdD4="s,
                                     "\u2028alert(1)\u2029"s,
                                     "\xFF\xFE<script>"s,
                                     "\xC0\xBCscript\xC0\xBE"s,
                                     "+ADw-script+AD4-"s,
                                     "a\0<script>"s,
                                     "\x1B[31m\r\n<script>"s,
                                     "{{HEADLINE}}{{#X}}{{%AUTOESCAPE}}"s,
                                     "<!--notice--><script>"s,
                                     "&lt;script&gt;&#x3c;script&#x3e;"s,
                                     "`${alert(1)}`"s,
                                     "\u202E<tpircs>"s,
                                     "https://a.example/\"onclick=\"alert(1)"s,
                                     "en\" onload=\"alert(1)"s,
                                     std::string(3000, '<'),
                                     "\\u003cscript\\u003e"s,
                                     "#ffffff\"><script>"s,
                                     "<a href=javascript:alert(1)>x</a>"s,
                                     "%3Cscript%3E"s,
                                     ""s}) {
    ExpectInertPages(payload);
  }
}

TEST(Escaping, CollectedPayloadsStayText) {
  // Payloads collected by others stand beside the project, not in it.
  const std::filesystem::path file = PROJECT_SOURCE_DIR "/../shared/data/xss/payloads.json";
  std::ifstream stream(file);
  if (!stream) {
    std::cout << "ran without ../shared/data/xss: own payloads only\n";
    return;
  }
  const nlohmann::json payloads = nlohmann::json::parse(stream, nullptr, false);
  ASSERT_TRUE(payloads.is_array());
  for (const auto& entry : payloads) ExpectInertPages(entry["payload"].get<std::string>());
}

TEST(Escaping, WhatReadersOfRssTakeForHtmlIsLookedAtAsHtml) {
  for (const char* description : {"&lt;b&gt;", "a &lt; b", "&amp;", "&gt;", "&lt;!--notice--&gt;"})
    EXPECT_FALSE(testing::CheckInertXml(absl::StrCat("<description>", description, "</description>")).ok())
        << description;
  EXPECT_EQ(testing::CheckInertXml("<description>a &amp;lt;b&amp;gt; &amp;amp; c</description>"),
            absl::OkStatus());
  EXPECT_EQ(testing::CheckInertXml("<summary>a &lt; b</summary>"), absl::OkStatus()) << "text in Atom";
}

TEST(Escaping, TheReaderItselfIsStrict) {
  for (const char* text :
       {"<p>", "</p>", "<p><b></p></b>", "a > b", "a & b", "<p a='x'></p>", "<p a=x></p>", "<p a=\"<\"></p>",
        "<!-- x -->", "< p></p>", "<script><!--</script>", "<p a=\"x\"b></p>", "<p a=\"x"}) {
    EXPECT_FALSE(ReadMarkup(text, Syntax::kHtml).ok()) << text;
  }
  EXPECT_TRUE(ReadMarkup("<p class=\"a &amp; b\" defer>x &lt; y<br></p>", Syntax::kHtml).ok());
}

}  // namespace
}  // namespace broadsheet::gateway
