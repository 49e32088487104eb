#include "services/cli/importers/markdown.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "libs/testing/temp_dir.h"
#include "services/cli/importers/recorded_problems.h"

namespace broadsheet::cli {
namespace {

namespace fs = std::filesystem;
namespace v1 = article::v1;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

// An edition on disk.
class Edition : public testing::Test, protected RecordedProblems {
 protected:
  Edition() {
    Write("sections.yaml", "- {id: city, name: City}\n- {id: sport, name: Sport, description: Balls}\n");
    Write("authors.yaml",
          "- id: ann\n  name: Ann Pell\n  role: Pilot\n  bio: Ann flies.\n  portrait: images/ann.jpg\n");
    Write("images/ann.jpg", "portrait");
    Write("images/wall.jpg", "wall");
  }

  void Write(const std::string& name, absl::string_view content) {
    const fs::path path = directory_.File(name);
    fs::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << content;
  }
  void WriteStory(const std::string& id, absl::string_view front_matter, absl::string_view body = "Text.\n") {
    Write("stories/" + id + ".md", absl::StrCat("---\n", front_matter, "---\n\n", body));
  }
  void Read() { ReadMarkdownFolder(directory_.path(), edition_, problems); }
  // Lines without the folder's name.
  std::vector<std::string> Lines() {
    std::vector<std::string> result;
    for (std::string line : lines) {
      if (const std::size_t at = line.find(directory_.path()); at != std::string::npos) {
        line.erase(at, directory_.path().size() + 1);
      }
      result.push_back(line);
    }
    return result;
  }

  static constexpr absl::string_view kLeast =
      "headline: Wall opens\nsection: city\npublished: 2026-11-14T07:30:00Z\n";

  test::TempDir directory_;
  ImportedEdition edition_;
};

TEST_F(Edition, IsReadWithEverythingAStoryCanHave) {
  WriteStory("other", kLeast);
  WriteStory("sea-wall", R"(headline: "Wall: opens"
standfirst: >-
  Two lines
  of text.
kicker: Harbour
trail_text: Short.
section: city
slugline: WALL
language: en-GB
located: Averley
authors: [ann]
subjects: [Sea wall, Floods]
genre: News
urgency: 2
published: '2026-11-14T07:30:00Z'
image: images/wall.jpg
image_alt: The wall
image_caption: The new wall
image_credit: ABP News
related: [other]
follows: other
corrections:
  - {type: clarification, time: 2026-11-15T08:00:00Z, text: It is 12 metres.}
ed_note: Check the height.
copyright_notice: © Broadsheet
embargoed_until: 2026-11-14T07:00:00Z
expires_at: 2027-01-01T00:00:00Z
)",
             "One.\n\n## Two\n");
  Read();
  EXPECT_THAT(lines, IsEmpty());
  ASSERT_THAT(edition_.articles, SizeIs(2));
  const ImportedArticle& article = edition_.articles[1];
  const v1::ArticleContent& content = article.content;
  EXPECT_EQ(article.article_id, "sea-wall");
  EXPECT_EQ(content.headline(), "Wall: opens");
  EXPECT_EQ(content.standfirst(), "Two lines of text.");
  EXPECT_EQ(content.kicker(), "Harbour");
  EXPECT_EQ(content.trail_text(), "Short.");
  EXPECT_EQ(content.section_id(), "city");
  EXPECT_EQ(content.slugline(), "WALL");
  EXPECT_EQ(content.language(), "en-GB");
  EXPECT_EQ(content.located(), "Averley");
  EXPECT_THAT(content.author_ids(), ElementsAre("ann"));
  EXPECT_THAT(content.subjects(), ElementsAre("Sea wall", "Floods"));
  EXPECT_EQ(content.genre(), "News");
  EXPECT_EQ(content.urgency(), 2);
  EXPECT_EQ(content.copyright_notice(), "© Broadsheet");
  EXPECT_EQ(content.lead_image().alt_text(), "The wall");
  EXPECT_EQ(content.lead_image().caption(), "The new wall");
  EXPECT_EQ(content.lead_image().credit_line(), "ABP News");
  EXPECT_EQ(edition_.images.at(content.lead_image().image_id()).file.filename(), "wall.jpg");
  EXPECT_THAT(content.related_article_ids(), ElementsAre("other"));
  EXPECT_EQ(content.follows_article_id(), "other");
  EXPECT_EQ(content.body_size(), 2);
  ASSERT_THAT(article.corrections, SizeIs(1));
  EXPECT_EQ(article.corrections[0].type(), v1::CORRECTION_TYPE_CLARIFICATION);
  EXPECT_EQ(article.corrections[0].text().text(), "It is 12 metres.");
  EXPECT_EQ(article.ed_note, "Check the height.");
  EXPECT_TRUE(article.published && article.embargoed_until && article.expires_at);
  EXPECT_EQ(article.intent, Intent::kPublish);
  EXPECT_EQ(article.field_lines.at("headline"), 2);
  EXPECT_EQ(article.field_lines.at("urgency"), 15);
  EXPECT_THAT(article.block_lines, ElementsAre(31, 33));
}

TEST_F(Edition, KeepsTheOrderOfItsSectionsAndItsAuthorsPortraits) {
  WriteStory("x", kLeast);
  Read();
  ASSERT_THAT(edition_.sections, SizeIs(2));
  EXPECT_EQ(edition_.sections[0].section.section_id(), "city");
  EXPECT_LT(edition_.sections[0].section.order(), edition_.sections[1].section.order());
  ASSERT_THAT(edition_.authors, SizeIs(1));
  EXPECT_TRUE(edition_.images.contains(edition_.authors[0].author.portrait().image_id()));
}

TEST_F(Edition, AStoryWithAMistakeIsLeftOutAndTheOthersAreNot) {
  WriteStory(
      "bad",
      "headline: x\nsecton: city\nurgency: 12\npublished: 2026-11-14T07:30:00Z\nimage: images/wal.jpg\n",
      "##### Five\n");
  WriteStory("good", kLeast);
  Read();
  EXPECT_THAT(
      Lines(),
      ElementsAre("stories/bad.md:3: unknown key \"secton\" (did you mean \"section\"?)",
                  "stories/bad.md:4: \"urgency\" must be a whole number from 1 to 9, not \"12\"",
                  "stories/bad.md:2: \"section\" is missing",
                  "stories/bad.md:6: there is no image \"images/wal.jpg\" (did you mean \"wall.jpg\"?)",
                  "stories/bad.md:9: heading level 5 is not allowed: ## to #### are"));
  ASSERT_THAT(edition_.articles, SizeIs(1));
  EXPECT_EQ(edition_.articles[0].article_id, "good");
  EXPECT_THAT(edition_.article_ids, ElementsAre("bad", "good"));
}

TEST_F(Edition, ADraftNeedsNoTimeAndAnythingElseDoes) {
  WriteStory("draft", "headline: x\nsection: city\nstatus: draft\n");
  WriteStory("timeless", "headline: x\nsection: city\n");
  WriteStory("odd", "headline: x\nsection: city\nstatus: maybe\n");
  Read();
  EXPECT_THAT(Lines(), ElementsAre("stories/odd.md:4: \"status\" must be usable or draft, not \"maybe\"",
                                   HasSubstr("stories/timeless.md:2: \"published\" is missing")));
  ASSERT_THAT(edition_.articles, SizeIs(1));
  EXPECT_EQ(edition_.articles[0].intent, Intent::kDraft);
}

TEST_F(Edition, ACorrectionIsChecked) {
  WriteStory(
      "x", absl::StrCat(
               kLeast,
               "corrections:\n  - {type: oops, text: a}\n  - {type: update}\n  - {tipe: update, text: b}\n"));
  Read();
  EXPECT_THAT(Lines(),
              ElementsAre(HasSubstr("x.md:6: \"type\" must be correction, clarification"),
                          "stories/x.md:7: \"text\" is missing", HasSubstr("x.md:8: unknown key \"tipe\""),
                          "stories/x.md:8: \"type\" is missing"));
  EXPECT_THAT(edition_.articles, IsEmpty());
}

TEST_F(Edition, FrontMatterMustBeThereAndEnd) {
  Write("stories/a.md", "No front matter.\n");
  Write("stories/b.md", "---\nheadline: x\n");
  Write("stories/c.md", "---\n- a\n- b\n---\n");
  Write("stories/d.md", "");
  Write("stories/e.md", "---\nheadline: [x\n---\n");
  Read();
  EXPECT_THAT(Lines(), ElementsAre(HasSubstr("a.md:1: a story begins with front matter"),
                                   HasSubstr("b.md:1: the front matter has no end"),
                                   HasSubstr("c.md:2: the front matter must"),
                                   HasSubstr("d.md:1: a story begins"), HasSubstr("e.md:3: not valid YAML")));
}

TEST_F(Edition, ForeignEncodingsAndLineEndsAreSeen) {
  Write("stories/a.md", absl::StrCat("---\n", kLeast, "---\n\ncaf\xE9\n"));
  Write("stories/b.md",
        "\xEF\xBB\xBF---\r\nheadline: Wall\r\nsection: city\r\npublished: "
        "2026-11-14T07:30:00Z\r\n---\r\n\r\nOne\r\ntwo.\r\n");
  Read();
  EXPECT_THAT(Lines(), ElementsAre("stories/a.md:7: is not UTF-8: byte 0xE9"));
  ASSERT_THAT(edition_.articles, SizeIs(1));
  EXPECT_EQ(edition_.articles[0].content.body(0).paragraph().text().text(), "One two.");
  EXPECT_EQ(edition_.articles[0].block_lines[0], 7);
}

TEST_F(Edition, IdsAreCheckedAndUnique) {
  Write("sections.yaml",
        "- {id: city, name: City}\n- {id: city, name: Town}\n- {id: A b, name: C}\n- {name: D}\n");
  WriteStory("Not An Id", kLeast);
  Read();
  EXPECT_THAT(Lines(), ElementsAre("sections.yaml:2: the section \"city\" is there twice",
                                   HasSubstr("sections.yaml:3: \"A b\" is no id"),
                                   "sections.yaml:4: \"id\" is missing",
                                   HasSubstr("the name of a story's file is its id")));
}

TEST_F(Edition, ImagesStayWithinTheFolder) {
  std::ofstream(fs::path(directory_.path()).parent_path() / "outside.jpg") << "x";
  WriteStory("up", absl::StrCat(kLeast, "image: ../outside.jpg\n"));
  WriteStory("web", absl::StrCat(kLeast, "image: https://a.example/x.jpg\n"));
  WriteStory("empty", absl::StrCat(kLeast, "image: images/empty.jpg\n"));
  Write("images/empty.jpg", "");
  Read();
  EXPECT_THAT(Lines(),
              ElementsAre(HasSubstr("empty.md:5: the image \"images/empty.jpg\" is empty"),
                          HasSubstr("up.md:5: the image \"../outside.jpg\" is outside"),
                          HasSubstr("web.md:5: the image \"https://a.example/x.jpg\" must be a file")));
  fs::remove(fs::path(directory_.path()).parent_path() / "outside.jpg");
}

TEST_F(Edition, TheSamePictureHasTheSameIdAndAnotherOneNot) {
  Write("images/a b.jpg", "wall");
  WriteStory("x", absl::StrCat(kLeast, "image: images/wall.jpg\n"),
             "![b](images/wall.jpg)\n\n![c](images/a%20b.jpg)\n");
  Read();
  EXPECT_THAT(lines, IsEmpty());
  const v1::ArticleContent& content = edition_.articles.at(0).content;
  EXPECT_EQ(content.lead_image().image_id(), content.body(0).image().image_id());
  EXPECT_NE(content.lead_image().image_id(), content.body(1).image().image_id());
  EXPECT_THAT(content.body(1).image().image_id(), testing::StartsWith("a-b-"));
}

TEST_F(Edition, OneStoryIsReadByItselfWithItsPicturesBesideIt) {
  WriteStory("x", absl::StrCat(kLeast, "image: images/wall.jpg\n"));
  Write("loose/y.md", absl::StrCat("---\n", kLeast, "image: pic.jpg\n---\n"));
  Write("loose/pic.jpg", "picture");
  ReadMarkdownFile(directory_.File("stories/x.md"), edition_, problems);
  ReadMarkdownFile(directory_.File("loose/y.md"), edition_, problems);
  EXPECT_THAT(lines, IsEmpty());
  EXPECT_THAT(edition_.articles, SizeIs(2));
  EXPECT_THAT(edition_.sections, IsEmpty());
}

TEST_F(Edition, AFolderWithoutStoriesIsSaidToBeOne) {
  Read();
  EXPECT_THAT(lines, ElementsAre(EndsWith("has no folder \"stories\"")));
}

}  // namespace
}  // namespace broadsheet::cli
