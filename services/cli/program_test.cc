// The program as people run it, against the real article and media services.

#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <thread>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "broadsheet/article/v1/article_service.grpc.pb.h"
#include "broadsheet/article/v1/editorial_service.grpc.pb.h"
#include "libs/testing/child_process.h"
#include "libs/testing/temp_dir.h"

namespace broadsheet::cli {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

// One black pixel.
constexpr char kPng[] =
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

std::string ReadFile(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

class Program : public testing::Test {
 protected:
  Program() {
    article_ = Start("article", {BROADSHEET_ARTICLE, "--grpc_port=0", "--ops_port=0"});
    media_ = Start("media", {BROADSHEET_MEDIA, "--grpc_port=0", "--http_port=0", "--ops_port=0"});
    article_port_ = Port("article");
    media_port_ = Port("media");
    Write("sections.yaml", "- {id: city, name: City}\n");
    Write("authors.yaml",
          "- {id: ann, name: Ann Pell, role: Pilot, bio: Ann flies., portrait: images/pixel.png}\n");
    Write("stories/wall.md",
          Story("Wall opens", "image: images/pixel.png\n", "See [the ferry](story:ferry).\n\n## Two\n"));
    Write("stories/ferry.md", Story("Ferry sails", "related: [wall]\n", "Text with **marks**.\n"));
    std::string pixel;
    absl::Base64Unescape(kPng, &pixel);
    Write("images/pixel.png", pixel);
  }

  static std::string Story(const std::string& headline, const std::string& more, const std::string& body) {
    return absl::StrCat("---\nheadline: ", headline,
                        "\nsection: city\nauthors: [ann]\npublished: 2026-11-14T07:30:00Z\n", more, "---\n\n",
                        body);
  }
  void Write(const std::string& name, const std::string& content) {
    const fs::path path = fs::path(directory_.path()) / "edition" / name;
    fs::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << content;
  }
  std::unique_ptr<test::ChildProcess> Start(const std::string& name, std::vector<std::string> command) {
    command.push_back("--data=" + directory_.File(name));
    command.push_back("--port_file=" + directory_.File(name + ".ports"));
    return std::make_unique<test::ChildProcess>(command, directory_.File(name + ".log"));
  }
  int Port(const std::string& name) {
    const absl::Time patience = absl::Now() + absl::Seconds(30);
    while (absl::Now() < patience) {  // the file appears complete or not at all
      for (absl::string_view line : absl::StrSplit(ReadFile(directory_.File(name + ".ports")), '\n')) {
        int port = 0;
        if (line.substr(0, 5) == "grpc=" && absl::SimpleAtoi(line.substr(5), &port)) return port;
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    ADD_FAILURE() << name << " did not start: " << ReadFile(directory_.File(name + ".log"));
    return 0;
  }

  struct Result {
    int exit_status;
    std::string output;
  };
  Result Run(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), BROADSHEET_PROGRAM);
    arguments.push_back(absl::StrCat("--article_address=127.0.0.1:", article_port_));
    arguments.push_back(absl::StrCat("--media_address=127.0.0.1:", media_port_));
    const std::string log = directory_.File("output");
    test::ChildProcess process(arguments, log);
    const std::optional<int> status = process.Wait(absl::Seconds(60));
    Result result{status.value_or(-1), ReadFile(log)};
    fs::remove(log);
    return result;
  }
  Result Import() { return Run({"import", (fs::path(directory_.path()) / "edition").string()}); }

  // Of the change log.
  std::int64_t Position() const {
    const auto stub = article::v1::ArticleService::NewStub(
        grpc::CreateChannel(absl::StrCat("127.0.0.1:", article_port_), grpc::InsecureChannelCredentials()));
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(10));
    article::v1::ListSectionsResponse response;
    const grpc::Status status = stub->ListSections(&context, {}, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return response.snapshot().position();
  }

  test::TempDir directory_;
  std::unique_ptr<test::ChildProcess> article_;
  std::unique_ptr<test::ChildProcess> media_;
  int article_port_ = 0;
  int media_port_ = 0;
};

TEST_F(Program, ImportsAnEditionAndTheSecondTimeChangesNothing) {
  const Result first = Import();
  EXPECT_EQ(first.exit_status, 0) << first.output;
  EXPECT_THAT(first.output,
              AllOf(HasSubstr("sections: 1 created"), HasSubstr("images: 1 created"),
                    HasSubstr("authors: 1 created"), HasSubstr("stories: 2 created, 2 published")));
  const std::string before = Run({"list", "--json"}).output;
  const Result second = Import();
  EXPECT_EQ(second.exit_status, 0);
  EXPECT_EQ(second.output,
            "sections: 1 unchanged\nimages: 1 unchanged\nauthors: 1 unchanged\nstories: 2 unchanged\n");
  EXPECT_EQ(Run({"list", "--json"}).output, before) << "not even a revision";
}

TEST_F(Program, AStoryGoesThroughItsLife) {
  ASSERT_EQ(Import().exit_status, 0);
  EXPECT_THAT(Run({"show", "wall"}).output,
              AllOf(HasSubstr("published"), HasSubstr("Wall opens"), HasSubstr("## Two")));
  EXPECT_THAT(Run({"show", "/city/2026/11/wall-opens", "--json"}).output,
              HasSubstr("\"article_id\": \"wall\""));
  EXPECT_EQ(Run({"withhold", "--notice=Sorry.", "wall"}).exit_status, 0);
  EXPECT_THAT(Run({"list", "--state=withheld"}).output, AllOf(HasSubstr("wall"), Not(HasSubstr("ferry"))));
  const Result published = Run({"list", "--state=published"});
  EXPECT_EQ(published.exit_status, 0);
  EXPECT_THAT(published.output, AllOf(HasSubstr("ferry"), Not(HasSubstr("wall"))));
  EXPECT_EQ(Run({"list", "--state=usable"}).output, published.output) << "another word for the same";
  const Result left_alone = Import();
  EXPECT_EQ(left_alone.exit_status, 0);
  EXPECT_THAT(left_alone.output, HasSubstr("stories: 1 unchanged, 1 left alone"));
  EXPECT_EQ(Run({"publish", "wall"}).exit_status, 0);
  EXPECT_EQ(Run({"move", "wall", "/city/wall"}).exit_status, 0);
  EXPECT_THAT(Run({"show", "/city/2026/11/wall-opens"}).output, HasSubstr("/city/wall"));
}

TEST_F(Program, AnOldRevisionIsShownAndAChangeWithoutACorrectionIsSaid) {
  ASSERT_EQ(Import().exit_status, 0);
  EXPECT_THAT(Run({"publish", "wall"}).output, Not(HasSubstr("correction")));
  auto editing = article::v1::EditorialService::NewStub(
      grpc::CreateChannel(absl::StrCat("127.0.0.1:", article_port_), grpc::InsecureChannelCredentials()));
  article::v1::UpdateArticleRequest request;
  request.set_article_id("wall");
  request.mutable_content()->set_headline("Wall falls");
  request.mutable_update_mask()->add_paths("content.headline");
  grpc::ClientContext context;
  article::v1::UpdateArticleResponse response;
  ASSERT_TRUE(editing->UpdateArticle(&context, request, &response).ok());
  const Result published = Run({"publish", "wall"});
  EXPECT_EQ(published.exit_status, 0);
  EXPECT_THAT(published.output, HasSubstr("; changed without a correction: content.headline\n"));

  EXPECT_THAT(Run({"show", "wall"}).output, HasSubstr("Wall falls"));
  EXPECT_THAT(Run({"show", "--revision=1", "wall"}).output,
              AllOf(HasSubstr("Wall opens"), Not(HasSubstr("Wall falls"))));
  EXPECT_THAT(Run({"show", "--revision=1", "/city/2026/11/wall-opens"}).output, HasSubstr("Wall opens"));
  EXPECT_EQ(Run({"show", "--revision=99", "wall"}).exit_status, 1);
  EXPECT_EQ(Run({"show", "--revision=-1", "wall"}).exit_status, 1);
}

TEST_F(Program, WhatTheServiceRefusesIsReportedAtItsLineAndNothingOfItIsKept) {
  Write("stories/long.md", Story("Long", "kicker: " + std::string(200, 'k') + "\n",
                                 "One.\n\n## " + std::string(600, 'h') + "\n"));
  Write("stories/broken.md", Story("Broken", "", "One.\n\n##### Five\n"));
  const Result result = Import();
  EXPECT_EQ(result.exit_status, 1);
  EXPECT_THAT(result.output, AllOf(HasSubstr("stories/long.md:6: kicker: "),
                                   HasSubstr("stories/long.md:11: body[1].heading.text"),
                                   HasSubstr("stories/broken.md:10: heading level 5 is not allowed"),
                                   HasSubstr("stories: 2 created, 2 published, 2 failed")));
  EXPECT_EQ(Run({"show", "long"}).exit_status, 1);
  EXPECT_EQ(Run({"show", "broken"}).exit_status, 1);
}

TEST_F(Program, APictureThatIsNoneIsReportedAndItsStoryIsNotImported) {
  Write("images/fake.jpg", "this is no picture");
  Write("stories/fake.md", Story("Fake", "image: images/fake.jpg\n", "One.\n"));
  const Result result = Import();
  EXPECT_EQ(result.exit_status, 1);
  EXPECT_THAT(result.output, AllOf(HasSubstr("images/fake.jpg: "),
                                   HasSubstr("stories/fake.md: not imported, because the picture"),
                                   HasSubstr("stories: 2 created, 2 published, 1 failed")));
  EXPECT_EQ(Run({"show", "fake"}).exit_status, 1);
}

TEST_F(Program, AChangedStoryIsUpdatedAndPublished) {
  ASSERT_EQ(Import().exit_status, 0);
  Write("stories/wall.md",
        Story("Wall opens at last",
              "corrections:\n  - {type: correction, time: 2026-11-15T07:30:00Z, text: It is 12 metres.}\n",
              "New text.\n"));
  const Result result = Import();
  EXPECT_EQ(result.exit_status, 0) << result.output;
  EXPECT_THAT(result.output, HasSubstr("stories: 1 updated, 1 unchanged"));
  EXPECT_THAT(Run({"show", "wall"}).output,
              AllOf(HasSubstr("state          published\n"), HasSubstr("Wall opens at last"),
                    HasSubstr("[correction, 2026-11-15T07:30:00Z] It is 12 metres.")));
  EXPECT_THAT(Import().output, HasSubstr("stories: 2 unchanged"));
}

TEST_F(Program, ChoosesWhatStandsFirst) {
  ASSERT_EQ(Import().exit_status, 0);
  EXPECT_EQ(Run({"curate"}).output, "");
  Result result = Run({"curate", "wall", "ferry"});
  EXPECT_EQ(result.exit_status, 0) << result.output;
  EXPECT_THAT(result.output, HasSubstr("front: wall, ferry first"));
  EXPECT_EQ(Run({"curate"}).output, "wall\nferry\n");
  EXPECT_EQ(Run({"curate", "--section=city"}).output, "") << "each page has its own";
  EXPECT_THAT(Run({"curate", "--section=city", "ferry"}).output, HasSubstr("section city: ferry first"));
  EXPECT_THAT(Run({"curate", "--cancel"}).output, HasSubstr("front: fills itself"));
  EXPECT_EQ(Run({"curate"}).output, "");
  EXPECT_EQ(Run({"curate", "--section=city"}).output, "ferry\n");
  EXPECT_EQ(Run({"curate", "--cancel", "wall"}).exit_status, 2);
  result = Run({"curate", "wall", "missing"});
  EXPECT_EQ(result.exit_status, 1);
  EXPECT_THAT(result.output, HasSubstr("curation.article_ids[1]"));
}

TEST_F(Program, ANinjsFileImports) {
  Write(
      "item.json",
      R"({"uri": "urn:example:1", "type": "text", "versioncreated": "2026-11-14T07:30:00Z", "headline": "Agency story",
    "body_xhtml": "<p>One <script>alert(1)</script><b>two</b></p>"})");
  ASSERT_EQ(Import().exit_status, 0);
  const std::string file = (fs::path(directory_.path()) / "edition" / "item.json").string();
  const Result result = Run({"import", "--section=city", file});
  EXPECT_EQ(result.exit_status, 0) << result.output;
  EXPECT_THAT(result.output, AllOf(HasSubstr("<script> was left out"), HasSubstr("stories: 1 created")));
  EXPECT_THAT(Run({"show", "urn-example-1-f17d88cf"}).output, HasSubstr("One two"));
  EXPECT_THAT(Run({"import", "--section=city", file}).output, HasSubstr("stories: 1 unchanged"));
}

TEST_F(Program, AWordPressExportImportsAndLeavesSectionsAndAuthorsAlone) {
  ASSERT_EQ(Import().exit_status, 0);
  Write(
      "export.xml",
      "<rss xmlns:content='http://purl.org/rss/1.0/modules/content/' "
      "xmlns:dc='http://purl.org/dc/elements/1.1/' "
      "xmlns:wp='http://wordpress.org/export/1.2/'><channel><link>https://log.example</link>"
      "<item><title>Mole breached</title><dc:creator>ann</dc:creator><content:encoded><![CDATA[One.\n\n<img "
      "src='https://log.example/images/pixel.png'>Two.]]></content:encoded><wp:post_id>7</wp:post_id>"
      "<wp:post_date_gmt>2026-11-14 "
      "07:30:00</wp:post_date_gmt><wp:post_name>mole</wp:post_name><wp:status>publish"
      "</wp:status><wp:post_type>post</wp:post_type><category domain='category' nicename='city'>The "
      "City</category>"
      "</item></channel></rss>");
  const std::string file = (fs::path(directory_.path()) / "edition" / "export.xml").string();
  const Result first = Run({"import", file});
  EXPECT_EQ(first.exit_status, 0) << first.output;
  EXPECT_THAT(first.output, AllOf(HasSubstr("stories: 1 created"), HasSubstr("sections: 1 unchanged"),
                                  HasSubstr("authors: 1 unchanged"), HasSubstr("images: 1 unchanged")));
  EXPECT_THAT(Run({"show", "log-example-post-7-f1ed521b"}).output,
              AllOf(HasSubstr("published"), HasSubstr("One."), HasSubstr("[image pixel-")));
  EXPECT_THAT(Run({"import", file}).output, HasSubstr("stories: 1 unchanged"));
}

TEST_F(Program, ALongExportGoesUpInPartsThatAreCountedTogether) {
  std::string xml = "<rss version='2.0'><channel>";
  for (int i = 0; i < 520; ++i) {
    absl::StrAppend(
        &xml, "<item><title>Story ", i, "</title><guid>s-", i, "</guid><description>One.</description>",
        i % 130 == 0 ? "<enclosure url='https://log.example/pixel.png' type='image/png' length='1'/>" : "",
        i == 7 ? "<pubDate>soon</pubDate>" : "", "</item>");
  }
  Write("images/feed.rss", xml + "</channel></rss>");
  ASSERT_EQ(Import().exit_status, 0);
  const std::string file = (fs::path(directory_.path()) / "edition" / "images" / "feed.rss").string();
  const Result first = Run({"import", "--section=city", file});
  EXPECT_EQ(first.exit_status, 1) << "one has a mistake";
  EXPECT_THAT(first.output, AllOf(HasSubstr("images: 1 unchanged"),
                                  HasSubstr("stories: 519 created, 519 published, 1 failed")));
  EXPECT_THAT(Run({"import", "--section=city", file}).output, HasSubstr("stories: 519 unchanged, 1 failed"));
}

TEST_F(Program, AnExportedStoryImportsAsTheSame) {
  ASSERT_EQ(Import().exit_status, 0);
  const std::string before = Run({"list", "--json"}).output;
  for (const std::string format : {"ninjs3", "ninjs2", "markdown"}) {
    const std::string folder = directory_.File("export-" + format);
    const Result exported =
        Run({"export", "--format=" + format, "--output=" + folder, "wall", "/city/2026/11/ferry-sails"});
    EXPECT_EQ(exported.exit_status, 0) << exported.output;
    EXPECT_THAT(exported.output, Not(HasSubstr("warning"))) << "nothing is lost";
    std::vector<std::string> import = {"import"};
    for (const fs::directory_entry& file : fs::directory_iterator(folder))
      import.push_back(file.path().string());
    ASSERT_EQ(import.size(), 3u);
    EXPECT_EQ(Run(import).output, "stories: 2 unchanged\n") << format;
  }
  EXPECT_EQ(Run({"list", "--json"}).output, before);
}

TEST_F(Program, AnExportIntoANewsroomWithoutThePicturesSaysSo) {
  ASSERT_EQ(Import().exit_status, 0);
  const std::string folder = directory_.File("export");
  ASSERT_EQ(Run({"export", "--output=" + folder, "wall"}).exit_status, 0);
  std::string text = ReadFile(folder + "/wall.json");
  const std::string image = "broadsheet:image/pixel";
  for (std::size_t at = text.find(image); at != std::string::npos; at = text.find(image, at + 1)) {
    text.replace(at, image.size(), "broadsheet:image/other");
  }
  std::ofstream(folder + "/wall.json") << text;
  const Result result = Run({"import", folder + "/wall.json"});
  EXPECT_EQ(result.exit_status, 1);
  EXPECT_THAT(result.output,
              AllOf(HasSubstr("there is no usable picture \"other-"), HasSubstr("stories: 1 failed")));
}

TEST_F(Program, WithoutServicesThereIsOneClearSentence) {
  article_->Kill();
  const Result result = Import();
  EXPECT_EQ(result.exit_status, 1);
  EXPECT_THAT(result.output, HasSubstr(absl::StrCat("the article service at 127.0.0.1:", article_port_,
                                                    " cannot be reached")));
  EXPECT_EQ(Run({"list"}).exit_status, 1);
}

TEST_F(Program, MistakesInTheCommandLineEndWithStatusTwo) {
  EXPECT_EQ(Run({"import"}).exit_status, 2);
  EXPECT_EQ(Run({"import", "--concurrency=0", "x"}).exit_status, 2);
  EXPECT_EQ(Run({"publish", "--at=tomorrow", "wall"}).exit_status, 2);
  EXPECT_EQ(Run({"withhold", "--notice=a", "--redirect=/b", "wall"}).exit_status, 2);
  EXPECT_EQ(Run({"move", "wall", "no-slash"}).exit_status, 2);
  EXPECT_EQ(Run({"list", "--state=lost"}).exit_status, 2);
  EXPECT_EQ(Run({"show"}).exit_status, 2);
  EXPECT_EQ(Run({"export"}).exit_status, 2);
  EXPECT_EQ(Run({"export", "--format=pdf", "wall"}).exit_status, 2);
  EXPECT_EQ(Run({"import", "/no/such/folder"}).exit_status, 1);
}

// Kills the program, or the service under it, again and again: each time a little later.
TEST_F(Program, AnImportThatIsKilledIsDoneByRepeatingIt) {
  constexpr int kStories = 2000;
  ASSERT_EQ(Import().exit_status, 0);
  std::string items;
  for (int i = 0; i < kStories; ++i) {
    absl::StrAppend(&items, i == 0 ? "[" : ",", R"({"uri": "http://wire.example/)", i,
                    R"(", "type": "text", "versioncreated": "2026-11-14T07:30:00Z", "headline": "Story )", i,
                    R"(", "pubstatus": "usable", "body_html": "<p>)", std::string(500, 'x'), R"(</p>"})");
  }
  Write("wire.json", items + "]");
  const std::string wire = (fs::path(directory_.path()) / "edition" / "wire.json").string();
  const std::int64_t before = Position();
  int kills = 0;
  for (absl::Duration patience = absl::Milliseconds(50);; patience *= 1.2) {
    test::ChildProcess import({BROADSHEET_PROGRAM, "import", "--section=city", wire,
                               absl::StrCat("--article_address=127.0.0.1:", article_port_),
                               absl::StrCat("--media_address=127.0.0.1:", media_port_)},
                              directory_.File("killed"));
    if (const std::optional<int> status = import.Wait(patience); status) {
      EXPECT_EQ(*status, 0) << ReadFile(directory_.File("killed"));
      break;
    }
    if (++kills % 2 == 0) {
      import.Kill();
      continue;
    }
    article_->Kill();
    import.Kill();
    fs::remove(directory_.File("article.ports"));
    article_ = Start("article", {BROADSHEET_ARTICLE, "--grpc_port=0", "--ops_port=0"});
    article_port_ = Port("article");
  }
  EXPECT_GT(kills, 1);
  EXPECT_EQ(Position() - before, kStories) << "each story is one change, without gaps or repetitions";
  EXPECT_EQ(Run({"import", "--section=city", wire}).output,
            absl::StrCat("stories: ", kStories, " unchanged\n"));
  EXPECT_EQ(Position() - before, kStories);
}

}  // namespace
}  // namespace broadsheet::cli
