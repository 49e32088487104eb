#include "services/gateway/renderer/mentions.h"

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace broadsheet::gateway {
namespace {

std::string Teaser(absl::string_view id) {
  return absl::StrCat("<article class=\"teaser\" data-story=\"", id, "\">\n<h3><a href=\"/city/", id, "\">",
                      id, "</a></h3>\n</article>\n");
}

std::string Item(absl::string_view id) { return absl::StrCat("<li>\n", Teaser(id), "\n</li>\n"); }

TEST(CutMentions, ATeaserIsGoneAndItsNeighboursStay) {
  EXPECT_EQ(CutMentions(Teaser("a") + Teaser("b") + Teaser("c"), {"b"}), Teaser("a") + Teaser("c"));
  EXPECT_EQ(CutMentions(Teaser("a") + Teaser("b"), {"a", "b"}), "");
}

TEST(CutMentions, AnItemThatHeldNothingElseGoesWithIt) {
  EXPECT_EQ(CutMentions("<ol>\n" + Item("a") + Item("b") + "</ol>", {"a"}), "<ol>\n" + Item("b") + "</ol>");
}

TEST(CutMentions, ALinkLeadsNowhereAndItsTextStays) {
  EXPECT_EQ(
      CutMentions("see <a href=\"/x\" data-story=\"x\">this</a> and <a href=\"/y\" data-story=\"y\">that</a>",
                  {"x"}),
      "see <a>this</a> and <a href=\"/y\" data-story=\"y\">that</a>");
}

TEST(CutMentions, OnlyTheWholeIdCounts) {
  EXPECT_EQ(CutMentions(Teaser("pier-2") + Teaser("a-pier"), {"pier"}), Teaser("pier-2") + Teaser("a-pier"));
}

TEST(CutMentions, WhatLooksLikeAMarkElsewhereIsLeft) {
  for (const char* text : {"<p data-story=\"x\">", " data-story=\"x\"", " data-story=\"x"}) {
    EXPECT_EQ(CutMentions(text, {"x"}), text);
  }
}

TEST(CutMentions, AMentionWithoutAnEndCannotBeCutOut) {
  for (const char* text : {"<article data-story=\"x\">", "<a data-story=\"x\""}) {
    EXPECT_EQ(CutMentions(text, {"x"}), std::nullopt);
  }
}

TEST(CutMentions, TheHeadOfAListIsLeftWithoutStoriesAndPictures) {
  const std::string head = "<head>\n<title>City</title>\n";
  const std::string data = "<script type=\"application/ld+json\">{}</script>\n";
  const std::string picture =
      "<meta property=\"og:image\" content=\"/x.jpg\">\n<meta name=\"twitter:image\" content=\"/x.jpg\">\n";
  EXPECT_EQ(CutMentions(head + picture + data + "</head>\n" + Teaser("a") + Teaser("b"), {"a"}),
            head + "</head>\n" + Teaser("b"));
  const std::string story = "<article class=\"story\"></article>\n";
  EXPECT_EQ(CutMentions(head + picture + data + "</head>\n" + story + Teaser("a"), {"a"}),
            head + picture + data + "</head>\n" + story);
}

// A newsroom's templates may be indented, or be on fewer lines or more.
TEST(CutMentions, TheHeadOfAListMayBeWrittenInAnyWay) {
  for (const char* element : {"  <script type=\"application/ld+json\">{\"name\":\"pier\"}</script>\n",
                              "<link rel=\"icon\"><script type='application/ld+json'>[\"pier\"]</script>",
                              "<script\n  type=\"application/ld+json\">\n{\"name\":\"pier\"}\n</script>\n",
                              "<link rel=\"icon\"><meta property='og:image:alt' content='pier'>",
                              "<LINK rel=\"preload\" as=\"image\" href=\"/pier.jpg\">",
                              "<SCRIPT TYPE=\"application/ld+json\">[\"pier\"]</SCRIPT>",
                              "\t<meta\n property=\"og:image\"\n content=\"/pier.jpg\">\n"}) {
    const std::string page = std::string("<head>\n") + element + "<title>City</title></head>\n";
    const std::string cut = CutMentions(page + Teaser("a") + Teaser("b"), {"a"}).value_or("");
    EXPECT_EQ(cut.find("pier"), std::string::npos) << cut;
    EXPECT_NE(cut.find("<title>City</title></head>\n" + Teaser("b")), std::string::npos) << cut;
    const std::string behind = CutMentions(Teaser("a") + Teaser("b") + element, {"a"}).value_or("");
    EXPECT_EQ(behind.find("pier"), std::string::npos) << behind;
  }
}

}  // namespace
}  // namespace broadsheet::gateway
