#include "services/cli/upload/edition_upload.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "libs/rpc/status.h"
#include "libs/testing/grpc_server.h"
#include "libs/testing/temp_dir.h"
#include "services/cli/importers/files.h"
#include "services/cli/importers/recorded_problems.h"
#include "services/cli/importers/text.h"
#include "services/cli/upload/fake_newsroom.h"

namespace broadsheet::cli {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

const absl::Time kNow = absl::FromUnixSeconds(1'795'000'000);

class EditionUploadTest : public testing::Test, protected RecordedProblems {
 protected:
  EditionUploadTest() {
    AddSection("city");
    AddAuthor("ann", AddImage("ann.jpg"));
    AddStory("wall", AddImage("wall.jpg"));
    AddStory("ferry");
  }

  std::string AddImage(const std::string& name) {
    std::ofstream(directory_.File(name)) << std::string(700'000, name[0]);
    ImageFiles images(directory_.path(), edition_.images, problems);
    return images.Find(name, {name}).value();
  }
  void AddSection(const std::string& id) {
    ImportedSection section{.section = {}, .where = {"sections.yaml", 1}};
    section.section.set_section_id(id);
    section.section.set_name(id);
    edition_.sections.push_back(section);
  }
  void AddAuthor(const std::string& id, const std::string& portrait) {
    ImportedAuthor author{.author = {}, .where = {"authors.yaml", 1}};
    author.author.set_author_id(id);
    author.author.set_name(id);
    author.author.mutable_portrait()->set_image_id(portrait);
    edition_.authors.push_back(author);
  }
  void AddStory(const std::string& id, const std::string& image = "") {
    ImportedArticle article;
    article.article_id = id;
    article.where = {id + ".md"};
    article.content.set_headline(id);
    article.content.set_section_id("city");
    article.content.add_author_ids("ann");
    *article.content.add_body()->mutable_paragraph()->mutable_text() = PlainText("Text.");
    article.block_lines = {12};
    article.published = kNow - absl::Hours(1);
    article.references = {{Reference::Kind::kSection, "city", 3}, {Reference::Kind::kAuthor, "ann", 4}};
    if (!image.empty()) {
      article.content.mutable_lead_image()->set_image_id(image);
      article.image_ids.insert(image);
    }
    edition_.articles.push_back(article);
    edition_.article_ids.insert(id);
  }
  ImportedArticle& Story(const std::string& id) {
    return *std::find_if(edition_.articles.begin(), edition_.articles.end(),
                         [&](const ImportedArticle& article) { return article.article_id == id; });
  }

  // Runs an import; what it did is in `upload_`.
  absl::Status Run() {
    newsroom_.writes.clear();
    lines.clear();
    Backends backends({.article_address = server_.address(),
                       .media_address = server_.address(),
                       .first_pause = absl::Milliseconds(1)});
    upload_ = std::make_unique<EditionUpload>(backends, problems, progress_,
                                              EditionUpload::Options{.concurrency = 3, .now = kNow});
    ImportedEdition edition = edition_;
    absl::Status status = upload_->Run(edition);
    const absl::Status finished = upload_->Finish();
    status.Update(finished);
    return status;
  }

  test::TempDir directory_;
  ImportedEdition edition_;
  FakeNewsroom newsroom_;
  test::GrpcServer server_{newsroom_.services()};
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  const std::unique_ptr<std::FILE, Close> nowhere_{std::fopen("/dev/null", "w")};
  Progress progress_{nowhere_.get(), false};
  std::unique_ptr<EditionUpload> upload_;
};

TEST_F(EditionUploadTest, EverythingGoesUpInTheOrderOfNeed) {
  ASSERT_TRUE(Run().ok());
  EXPECT_THAT(lines, IsEmpty());
  EXPECT_EQ(upload_->stories().of(Outcome::kCreated), 2);
  EXPECT_EQ(upload_->images().of(Outcome::kCreated), 2);
  const auto first = [&](const std::string& method) {
    return std::find_if(newsroom_.writes.begin(), newsroom_.writes.end(),
                        [&](const std::string& call) { return call.rfind(method, 0) == 0; });
  };
  EXPECT_LT(first("PutSection"), first("UploadImage"));
  EXPECT_LT(first("UploadImage"), first("PutAuthor"));
  EXPECT_LT(first("PutAuthor"), first("ImportArticles wall ferry"));
  EXPECT_EQ(newsroom_.bytes.begin()->second, std::string(700'000, 'a'));
  EXPECT_EQ(newsroom_.drafts.at("wall").pub_status(), article::v1::PUB_STATUS_USABLE);
}

TEST_F(EditionUploadTest, TheSecondTimeNothingIsWritten) {
  ASSERT_TRUE(Run().ok());
  ASSERT_TRUE(Run().ok());
  EXPECT_THAT(newsroom_.writes, ElementsAre("ImportArticles wall ferry"));
  EXPECT_EQ(upload_->stories().of(Outcome::kUnchanged), 2);
  EXPECT_EQ(upload_->images().of(Outcome::kUnchanged), 2);
  EXPECT_EQ(upload_->authors().of(Outcome::kUnchanged), 1);
  EXPECT_EQ(upload_->sections().of(Outcome::kUnchanged), 1);
}

TEST_F(EditionUploadTest, OnlyWhatChangedIsWritten) {
  ASSERT_TRUE(Run().ok());
  Story("wall").content.set_headline("Wall opens");
  edition_.authors[0].author.set_role("Pilot");
  ASSERT_TRUE(Run().ok());
  EXPECT_THAT(newsroom_.writes, ElementsAre("PutAuthor ann", "ImportArticles wall ferry"));
  EXPECT_EQ(newsroom_.drafts.at("wall").content().headline(), "Wall opens");
  EXPECT_EQ(upload_->stories().of(Outcome::kUpdated), 1);
  EXPECT_EQ(upload_->stories().of(Outcome::kUnchanged), 1);
}

TEST_F(EditionUploadTest, ARefusedStoryIsReportedAtItsLineAndTheOthersGoOn) {
  newsroom_.refusals["wall"] =
      rpc::InvalidArgument("content.body[0].paragraph.text.text", "is longer than 16384 bytes");
  ASSERT_TRUE(Run().ok());
  EXPECT_THAT(lines, ElementsAre("wall.md:12: body[0].paragraph.text.text: is longer than 16384 bytes"));
  EXPECT_EQ(newsroom_.drafts.at("ferry").pub_status(), article::v1::PUB_STATUS_USABLE);
  EXPECT_EQ(upload_->stories().of(Outcome::kFailed), 1);
  EXPECT_EQ(upload_->published(), 1);
}

TEST_F(EditionUploadTest, WhatNoCallForManyCanDoIsDoneOneByOne) {
  newsroom_.fault = [](const std::string& call) {
    return call.find("ImportArticles wall") == 0 ? grpc::Status(grpc::StatusCode::INTERNAL, "odd")
                                                 : grpc::Status::OK;
  };
  ASSERT_TRUE(Run().ok());
  EXPECT_THAT(newsroom_.writes, Contains("ImportArticles ferry"));
  EXPECT_THAT(lines, ElementsAre("wall.md: odd"));
  EXPECT_EQ(upload_->stories().of(Outcome::kCreated), 1);
}

TEST_F(EditionUploadTest, ManyStoriesGoUpInCallsOfABoundedSize) {
  for (int i = 0; i < 1498; ++i) AddStory(absl::StrCat("story-", i));
  ASSERT_TRUE(Run().ok());
  EXPECT_EQ(upload_->stories().of(Outcome::kCreated), 1500);
  EXPECT_EQ(std::count_if(newsroom_.writes.begin(), newsroom_.writes.end(),
                          [](const std::string& call) { return call.rfind("ImportArticles", 0) == 0; }),
            6)
      << "50, 100, 200, 400, 500 and the rest";
}

TEST_F(EditionUploadTest, AStoryWithoutItsPictureIsNotWrittenAtAll) {
  newsroom_.fault = [](const std::string& call) {
    return call.find("UploadImage wall") == 0
               ? grpc::Status(grpc::StatusCode::INVALID_ARGUMENT, "not a picture")
               : grpc::Status::OK;
  };
  ASSERT_TRUE(Run().ok());
  EXPECT_FALSE(newsroom_.drafts.contains("wall"));
  EXPECT_THAT(lines, ElementsAre(HasSubstr("wall.jpg: not a picture"),
                                 HasSubstr("wall.md: not imported, because the picture")));
  EXPECT_THAT(newsroom_.writes, Contains("ImportArticles ferry"));
}

TEST_F(EditionUploadTest, AnAuthorWithoutThePortraitIsNotWritten) {
  newsroom_.fault = [](const std::string& call) {
    return call.find("UploadImage ann") == 0
               ? grpc::Status(grpc::StatusCode::INVALID_ARGUMENT, "not a picture")
               : grpc::Status::OK;
  };
  ASSERT_TRUE(Run().ok());
  EXPECT_THAT(newsroom_.writes, Not(Contains("PutAuthor ann")));
}

TEST_F(EditionUploadTest, WhatNobodyHasIsReportedBeforeAnythingIsWrittenOfTheStory) {
  Story("wall").references.insert({Reference::Kind::kAuthor, "anne", 7});
  Story("wall").references.insert({Reference::Kind::kArticle, "fery", 8});
  Story("ferry").references.insert({Reference::Kind::kSection, "sport", 5});
  ASSERT_TRUE(Run().ok());
  EXPECT_THAT(newsroom_.writes, Not(Contains(HasSubstr("Article"))));
  EXPECT_THAT(
      lines,
      testing::UnorderedElementsAre(
          "wall.md:7: there is no author \"anne\", neither here nor in the newsroom (did you mean \"ann\"?)",
          "wall.md:8: there is no story \"fery\", neither here nor in the newsroom (did you mean \"ferry\"?)",
          "ferry.md:5: there is no section \"sport\", neither here nor in the newsroom"));
  EXPECT_EQ(upload_->stories().of(Outcome::kFailed), 2);
}

TEST_F(EditionUploadTest, WhatTheNewsroomHasAlreadyMayBeNamed) {
  newsroom_.drafts["old"].set_article_id("old");
  newsroom_.authors["bob"].set_author_id("bob");
  newsroom_.sections["sport"].set_section_id("sport");
  Story("wall").references.insert({Reference::Kind::kArticle, "old", 7});
  Story("wall").references.insert({Reference::Kind::kAuthor, "bob", 7});
  Story("wall").references.insert({Reference::Kind::kSection, "sport", 7});
  ASSERT_TRUE(Run().ok());
  EXPECT_THAT(lines, IsEmpty());
}

TEST_F(EditionUploadTest, AServiceThatIsBusyIsAskedAgain) {
  int refusals = 0;
  newsroom_.fault = [&](const std::string& call) {
    const bool refuse =
        (call.rfind("ImportArticles", 0) == 0 || call.rfind("UploadImage", 0) == 0) && refusals++ < 4;
    return refuse ? grpc::Status(grpc::StatusCode::RESOURCE_EXHAUSTED, "too many uploads") : grpc::Status::OK;
  };
  ASSERT_TRUE(Run().ok());
  EXPECT_THAT(lines, IsEmpty());
  EXPECT_EQ(upload_->stories().of(Outcome::kCreated), 2);
}

TEST_F(EditionUploadTest, AWriteWhoseAnswerWasLostIsRepeatedUnderTheSameRequestId) {
  bool lost = false;
  newsroom_.lost_answer = [&](const std::string& call) {
    if (call.rfind("ImportArticles", 0) != 0 || std::exchange(lost, true)) return grpc::Status::OK;
    return grpc::Status(grpc::StatusCode::UNAVAILABLE, "connection reset");
  };
  ASSERT_TRUE(Run().ok());
  // The fake answers a repetition with an error of its own, which a service would not: it tells that the id
  // was the same. What then goes up one by one is there already.
  EXPECT_EQ(newsroom_.writes[newsroom_.writes.size() - 4], "ImportArticles wall ferry");
  EXPECT_EQ(newsroom_.writes[newsroom_.writes.size() - 3], "ImportArticles wall ferry");
  EXPECT_EQ(upload_->stories().of(Outcome::kUnchanged), 2);
}

TEST_F(EditionUploadTest, AWithheldStoryIsLeftAloneWithAWarning) {
  ASSERT_TRUE(Run().ok());
  newsroom_.drafts["wall"].set_pub_status(article::v1::PUB_STATUS_WITHHELD);
  Story("wall").content.set_headline("New");
  ASSERT_TRUE(Run().ok());
  EXPECT_THAT(lines, ElementsAre("wall.md: warning: left alone: the newsroom has withheld this story"));
  EXPECT_EQ(upload_->stories().of(Outcome::kLeftAlone), 1);
}

TEST_F(EditionUploadTest, MetadataOfAKnownPictureIsUpdatedWhereTheEditionSaysMore) {
  ASSERT_TRUE(Run().ok());
  const std::string id = *Story("wall").image_ids.begin();
  newsroom_.images[id].mutable_metadata()->set_alt_text("by the photo desk");
  ASSERT_TRUE(Run().ok());
  EXPECT_THAT(newsroom_.writes, ElementsAre("ImportArticles wall ferry"))
      << "what the edition does not say is the photo desk's";
  edition_.images[id].metadata.set_credit_line("Ann");
  ASSERT_TRUE(Run().ok());
  EXPECT_THAT(newsroom_.writes, ElementsAre("UpdateImage " + id, "ImportArticles wall ferry"));
}

TEST_F(EditionUploadTest, AnUnreachableServiceEndsTheImportWithOneSentence) {
  const std::string address = server_.address();
  server_.Stop();
  Backends backends({.article_address = address,
                     .media_address = address,
                     .attempts = 2,
                     .first_pause = absl::Milliseconds(1)});
  Story("wall").references.insert({Reference::Kind::kArticle, "old", 7});
  EditionUpload upload(backends, problems, progress_, {.now = kNow});
  const absl::Status status = upload.Run(edition_);
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(status.message()),
              HasSubstr("the article service at " + address + " cannot be reached"));
}

TEST_F(EditionUploadTest, WhatItsSourceTakesBackIsWithdrawnWhateverItLacks) {
  ASSERT_TRUE(Run().ok());
  Story("wall").intent = Intent::kCancel;
  Story("wall").references.insert({Reference::Kind::kAuthor, "nobody", 7});
  Story("ferry").intent = Intent::kWithhold;
  ASSERT_TRUE(Run().ok());
  EXPECT_EQ(newsroom_.imported.at("wall").state(), article::v1::IMPORT_STATE_CANCELED);
  EXPECT_FALSE(newsroom_.imported.at("wall").has_content());
  EXPECT_EQ(newsroom_.imported.at("ferry").state(), article::v1::IMPORT_STATE_WITHHELD);
  EXPECT_THAT(lines, ElementsAre(HasSubstr("wall.md:7: warning: there is no author \"nobody\"")));
  EXPECT_EQ(upload_->stories().of(Outcome::kUpdated), 2);
}

TEST_F(EditionUploadTest, AServiceThatGoesAwayEndsTheImportAndTheNextOneGoesOn) {
  for (int i = 0; i < 998; ++i) AddStory(absl::StrCat("story-", i));
  newsroom_.fault = [calls = 0](const std::string& call) mutable {
    return call.rfind("ImportArticles", 0) == 0 && ++calls > 2
               ? grpc::Status(grpc::StatusCode::UNAVAILABLE, "gone")
               : grpc::Status::OK;
  };
  EXPECT_EQ(Run().code(), absl::StatusCode::kUnavailable);
  const int answered = upload_->stories().total();
  EXPECT_GE(answered, 150) << "of two calls, the smallest ones at least";
  EXPECT_LT(answered, 1000);
  newsroom_.fault = [](const std::string&) { return grpc::Status::OK; };
  ASSERT_TRUE(Run().ok());
  EXPECT_EQ(upload_->stories().of(Outcome::kUnchanged), answered);
  EXPECT_EQ(upload_->stories().of(Outcome::kCreated), 1000 - answered);
}

}  // namespace
}  // namespace broadsheet::cli
