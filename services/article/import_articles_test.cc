// Many stories in one call.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "services/article/newsroom_testing.h"

namespace broadsheet::article {
namespace {

using testing::ElementsAre;
using testing::SizeIs;

std::string Wanted(const std::string& id, const std::string& more = "state: IMPORT_STATE_USABLE",
                   const std::string& headline = "Sea wall opens") {
  return absl::StrCat(
      "articles { article_id: '", id, "' content { headline: '", headline,
      "' section_id: 'harbour' author_ids: 'ann' body { paragraph { text { text: 'It opened.' } } } } ", more,
      " } ");
}

std::vector<v1::ImportOutcome> Outcomes(const v1::ImportArticlesResponse& response) {
  std::vector<v1::ImportOutcome> outcomes;
  for (const v1::ImportedArticle& article : response.articles()) outcomes.push_back(article.outcome());
  return outcomes;
}

absl::Status StatusOf(const v1::ImportRefusal& refusal) {
  return rpc::FromGrpc(
      {static_cast<grpc::StatusCode>(refusal.code()), refusal.message(), refusal.SerializeAsString()});
}

class ImportArticles : public testing::Test {
 protected:
  v1::ImportArticlesResponse Import(const std::string& request) {
    auto response = newsroom_.Import(request);
    EXPECT_TRUE(response.ok()) << response.status();
    return response.value_or(v1::ImportArticlesResponse());
  }
  v1::Draft Draft(const std::string& id) {
    auto response = newsroom_.GetDraft(absl::StrCat("article_id: '", id, "'"));
    EXPECT_TRUE(response.ok()) << response.status();
    return response.ok() ? response->draft() : v1::Draft();
  }
  bool Reads(const std::string& id) { return newsroom_.Get(absl::StrCat("article_id: '", id, "'")).ok(); }

  TestNewsroom newsroom_;
};

TEST_F(ImportArticles, CreatesAndPublishesEachStoryInOneRevisionWithOneChangeEach) {
  const std::int64_t before = newsroom_.Head();
  const auto response =
      Import(Wanted("a", "state: IMPORT_STATE_USABLE published_at { seconds: 1600000000 }") + Wanted("b") +
             Wanted("c", "state: IMPORT_STATE_DRAFT"));
  EXPECT_THAT(Outcomes(response), testing::Each(v1::IMPORT_OUTCOME_CREATED));
  EXPECT_THAT(response.articles(), SizeIs(3));
  EXPECT_TRUE(response.articles(0).published());
  EXPECT_FALSE(response.articles(2).published());
  EXPECT_EQ(Draft("a").revision(), 1);
  EXPECT_EQ(Draft("a").first_published_at().seconds(), 1600000000);
  EXPECT_EQ(Draft("a").path(), "/harbour/2020/09/sea-wall-opens");
  EXPECT_TRUE(Reads("a") && Reads("b"));
  EXPECT_FALSE(Reads("c"));
  const std::vector<change::v1::Change> changes = newsroom_.Changes(before);
  ASSERT_THAT(changes, SizeIs(2));
  EXPECT_EQ(changes[0].position(), before + 1);
  EXPECT_EQ(changes[0].subject(), "article/a");
  EXPECT_EQ(changes[1].position(), before + 2);
  EXPECT_EQ(response.snapshot().position(), before + 2);
  EXPECT_TRUE(response.has_propagation());
}

TEST_F(ImportArticles, ASecondTimeNothingIsWritten) {
  const std::string request =
      Wanted("a",
             "state: IMPORT_STATE_USABLE ed_note: 'n' expires_at { seconds: 1900000000 }"
             " corrections { type: CORRECTION_TYPE_CORRECTION text { text: 'Not so.' } }") +
      Wanted("b", "state: IMPORT_STATE_USABLE published_at { seconds: 1890000000 }");
  Import(request);
  EXPECT_EQ(Draft("b").edit_state(), v1::EDIT_STATE_SCHEDULED);
  const std::int64_t head = newsroom_.Head();
  const auto again = Import(request);
  EXPECT_THAT(Outcomes(again), testing::Each(v1::IMPORT_OUTCOME_UNCHANGED));
  EXPECT_EQ(again.articles(0).revision(), 1);
  EXPECT_FALSE(again.has_propagation());
  EXPECT_EQ(newsroom_.Head(), head);
}

TEST_F(ImportArticles, AChangedTextIsPublishedAndTheOldOneKept) {
  Import(Wanted("a"));
  const auto response = Import(Wanted("a", "state: IMPORT_STATE_USABLE", "Sea wall shut"));
  EXPECT_THAT(Outcomes(response), ElementsAre(v1::IMPORT_OUTCOME_UPDATED));
  EXPECT_TRUE(response.articles(0).published());
  auto read = newsroom_.Get("article_id: 'a'");
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read->article().content().headline(), "Sea wall shut");
  EXPECT_EQ(read->article().revision(), 2);
  EXPECT_EQ(read->article().path(), "/harbour/2025/11/sea-wall-opens");
  EXPECT_TRUE(newsroom_.Get("article_id: 'a' revision: 1").ok());
}

TEST_F(ImportArticles, ARefusedStoryLeavesNoTraceAndTheOthersGoOn) {
  Import(Wanted("taken", "state: IMPORT_STATE_USABLE path: '/harbour/mine'"));
  const std::int64_t head = newsroom_.Head();
  const auto response =
      Import(Wanted("a") + Wanted("Bad id") +
             "articles { article_id: 'c' state: IMPORT_STATE_USABLE content { headline: 'x' section_id: "
             "'nowhere' } } "
             "articles { article_id: 'd' state: IMPORT_STATE_USABLE content { section_id: 'town' } } " +
             Wanted("e", "state: IMPORT_STATE_USABLE path: '/harbour/mine'") +
             "articles { article_id: 'f' content { body { heading { level: 7 text { text: 'x' } } } } } " +
             Wanted("g"));
  EXPECT_THAT(Outcomes(response),
              ElementsAre(v1::IMPORT_OUTCOME_CREATED, v1::IMPORT_OUTCOME_REFUSED, v1::IMPORT_OUTCOME_REFUSED,
                          v1::IMPORT_OUTCOME_REFUSED, v1::IMPORT_OUTCOME_REFUSED, v1::IMPORT_OUTCOME_REFUSED,
                          v1::IMPORT_OUTCOME_CREATED));
  const auto status = [&](int i) { return StatusOf(response.articles(i).refusal()); };
  EXPECT_THAT(FieldsOf(status(1)), ElementsAre("article_id"));
  EXPECT_EQ(rpc::Reason(status(2)), "SECTION_NOT_FOUND");
  EXPECT_THAT(FieldsOf(status(2)), ElementsAre("content.section_id"));
  EXPECT_EQ(status(3).code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(FieldsOf(status(3)), ElementsAre("content.headline"));
  EXPECT_EQ(rpc::Reason(status(4)), "PATH_TAKEN");
  EXPECT_THAT(FieldsOf(status(5)), ElementsAre("content.body[0].heading.level", "state"));
  for (const char* id : {"c", "d", "e", "f"})
    EXPECT_TRUE(absl::IsNotFound(newsroom_.GetDraft(absl::StrCat("article_id: '", id, "'")).status())) << id;
  EXPECT_EQ(newsroom_.Head(), head + 2);
}

TEST_F(ImportArticles, TheSameDefaultPathTwiceInACallIsNumbered) {
  Import(Wanted("a") + Wanted("b"));
  EXPECT_EQ(Draft("a").path(), "/harbour/2025/11/sea-wall-opens");
  EXPECT_EQ(Draft("b").path(), "/harbour/2025/11/sea-wall-opens-2");
}

TEST_F(ImportArticles, WhatTheNewsroomHasWithdrawnIsLeftAlone) {
  Import(Wanted("a") + Wanted("b"));
  ASSERT_TRUE(newsroom_.Withhold("article_id: 'a'").ok());
  ASSERT_TRUE(newsroom_.Withhold("article_id: 'b' pub_status: PUB_STATUS_CANCELED").ok());
  const auto response = Import(Wanted("a", "state: IMPORT_STATE_USABLE", "New") + Wanted("b"));
  EXPECT_THAT(Outcomes(response), testing::Each(v1::IMPORT_OUTCOME_LEFT_ALONE));
  EXPECT_EQ(response.articles(1).pub_status(), v1::PUB_STATUS_CANCELED);
  EXPECT_FALSE(Reads("a"));
  EXPECT_EQ(Draft("a").content().headline(), "Sea wall opens");
}

TEST_F(ImportArticles, WhatItsSourceTakesBackIsWithdrawnAndItsPastForgotten) {
  Import(Wanted("a"));
  Import(Wanted("a", "state: IMPORT_STATE_USABLE", "Second"));
  const auto response = Import(
      "articles { article_id: 'a' state: IMPORT_STATE_CANCELED }"
      "articles { article_id: 'never' state: IMPORT_STATE_WITHHELD }");
  EXPECT_THAT(Outcomes(response), ElementsAre(v1::IMPORT_OUTCOME_UPDATED, v1::IMPORT_OUTCOME_UNCHANGED));
  EXPECT_EQ(Draft("a").pub_status(), v1::PUB_STATUS_CANCELED);
  EXPECT_FALSE(Reads("a"));
  EXPECT_FALSE(newsroom_.Get("article_id: 'a' revision: 1").ok());
  EXPECT_TRUE(absl::IsNotFound(newsroom_.GetDraft("article_id: 'never'").status()));
}

TEST_F(ImportArticles, ADraftUnschedulesAStoryButTakesNothingFromReaders) {
  Import(Wanted("a", "state: IMPORT_STATE_USABLE published_at { seconds: 1890000000 }") + Wanted("b"));
  const auto response =
      Import(Wanted("a", "state: IMPORT_STATE_DRAFT", "Not yet") + Wanted("b", "state: IMPORT_STATE_DRAFT"));
  EXPECT_THAT(Outcomes(response), ElementsAre(v1::IMPORT_OUTCOME_UPDATED, v1::IMPORT_OUTCOME_UNCHANGED));
  EXPECT_EQ(Draft("a").edit_state(), v1::EDIT_STATE_DRAFT);
  EXPECT_FALSE(Draft("a").has_scheduled_at());
  EXPECT_TRUE(response.articles(1).still_public());
  EXPECT_TRUE(Reads("b"));
}

TEST_F(ImportArticles, ADraftRevokesAPublicationThatIsUnderEmbargo) {
  const std::string embargo = absl::StrCat("embargoed_until ", newsroom_.After(absl::Hours(1)));
  Import(Wanted("a", "state: IMPORT_STATE_USABLE " + embargo) +
         Wanted("b", "state: IMPORT_STATE_USABLE " + embargo));
  const auto response = Import(Wanted("a", "state: IMPORT_STATE_DRAFT", "Not before we say so") +
                               Wanted("b", "state: IMPORT_STATE_DRAFT " + embargo));
  EXPECT_THAT(Outcomes(response), testing::Each(v1::IMPORT_OUTCOME_UPDATED));
  EXPECT_FALSE(response.articles(0).still_public() || response.articles(1).still_public());
  EXPECT_FALSE(Reads("a"));
  newsroom_.Pass(absl::Hours(2));
  EXPECT_EQ(newsroom_.RunDue(), 0);
  EXPECT_FALSE(Reads("a") || Reads("b"));
  Import(Wanted("a") + Wanted("b"));
  EXPECT_TRUE(Reads("a") && Reads("b")) << "it is no withdrawal";
}

TEST_F(ImportArticles, ADraftBringsNoExpiredStoryBack) {
  const std::string expiry = absl::StrCat("expires_at ", newsroom_.After(absl::Hours(1)));
  Import(Wanted("a", "state: IMPORT_STATE_USABLE " + expiry));
  newsroom_.Pass(absl::Hours(2));
  newsroom_.RunDue();
  const auto response = Import(Wanted("a", "state: IMPORT_STATE_DRAFT", "Again"));
  EXPECT_FALSE(response.articles(0).still_public());
  newsroom_.Pass(absl::Hours(2));
  EXPECT_EQ(newsroom_.RunDue(), 0);
  EXPECT_FALSE(Reads("a"));
}

TEST_F(ImportArticles, ADraftRevokesANewTextUnderEmbargoOfAStoryThatWasReadBefore) {
  Import(Wanted("a"));
  Import(Wanted("a",
                absl::StrCat("state: IMPORT_STATE_USABLE embargoed_until ", newsroom_.After(absl::Hours(1))),
                "Second"));
  ASSERT_FALSE(Reads("a"));
  const auto response = Import(Wanted("a", "state: IMPORT_STATE_DRAFT", "Not before we say so"));
  EXPECT_FALSE(response.articles(0).still_public());
  newsroom_.Pass(absl::Hours(2));
  EXPECT_EQ(newsroom_.RunDue(), 0);
  EXPECT_FALSE(Reads("a"));
  const auto again = Import(Wanted("a", "state: IMPORT_STATE_DRAFT", "Not before we say so"));
  EXPECT_THAT(Outcomes(again), ElementsAre(v1::IMPORT_OUTCOME_UNCHANGED));
  Import(Wanted("a", "state: IMPORT_STATE_USABLE", "Third"));
  EXPECT_TRUE(Reads("a"));
}

TEST_F(ImportArticles, ARevokedPublicationLeavesNoTimeOfItBehind) {
  const std::string usable = "state: IMPORT_STATE_USABLE published_at { seconds: 1600000000 } ";
  Import(Wanted("a", absl::StrCat(usable, "embargoed_until ", newsroom_.After(absl::Hours(1)))));
  Import(Wanted("a", "state: IMPORT_STATE_DRAFT"));
  Import(Wanted("a", "state: IMPORT_STATE_USABLE published_at { seconds: 1700000000 }"));
  EXPECT_EQ(Draft("a").first_published_at().seconds(), 1700000000);
}

TEST_F(ImportArticles, ADraftOfAPublicStoryChangesNothingThatReadersSeeNowOrLater) {
  Import(Wanted("a"));
  const std::int64_t head = newsroom_.Head();
  const auto response = Import(
      Wanted("a",
             absl::StrCat("state: IMPORT_STATE_DRAFT path: '/harbour/mine' embargoed_until ",
                          newsroom_.After(absl::Hours(1)),
                          " corrections { type: CORRECTION_TYPE_CORRECTION text { text: 'Not so.' } }"),
             "Not yet"));
  EXPECT_TRUE(response.articles(0).still_public());
  EXPECT_EQ(newsroom_.Head(), head);
  EXPECT_EQ(Draft("a").content().headline(), "Not yet");
  const auto read = newsroom_.Get("article_id: 'a'");
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->article().content().headline(), "Sea wall opens");
  EXPECT_THAT(read->article().corrections(), testing::IsEmpty());
  EXPECT_EQ(read->article().path(), "/harbour/2025/11/sea-wall-opens");
}

TEST_F(ImportArticles, ADraftRevokesTheScheduleOfAPublicStoryToo) {
  Import(Wanted("a"));
  ASSERT_TRUE(
      newsroom_.Publish(absl::StrCat("article_id: 'a' publish_at ", newsroom_.After(absl::Hours(1)))).ok());
  ASSERT_EQ(Draft("a").edit_state(), v1::EDIT_STATE_SCHEDULED);
  Import(Wanted("a", "state: IMPORT_STATE_DRAFT", "Not yet"));
  EXPECT_EQ(Draft("a").edit_state(), v1::EDIT_STATE_DRAFT);
  newsroom_.Pass(absl::Hours(2));
  EXPECT_EQ(newsroom_.RunDue(), 0);
  EXPECT_EQ(newsroom_.Get("article_id: 'a'")->article().content().headline(), "Sea wall opens");
  EXPECT_TRUE(newsroom_.Get("article_id: 'a' revision: 1").ok()) << "its past is no secret";
}

TEST_F(ImportArticles, AnEmbargoedStoryIsNotReadUntilItEnds) {
  const auto response = Import(Wanted(
      "a", absl::StrCat("state: IMPORT_STATE_USABLE embargoed_until ", newsroom_.After(absl::Hours(1)))));
  EXPECT_FALSE(response.articles(0).published());
  EXPECT_FALSE(Reads("a"));
  newsroom_.Pass(absl::Hours(1));
  EXPECT_EQ(newsroom_.RunDue(), 1);
  EXPECT_TRUE(Reads("a"));
}

TEST_F(ImportArticles, MovesAStoryToThePathWanted) {
  Import(Wanted("a"));
  Import(Wanted("a", "state: IMPORT_STATE_USABLE path: '/harbour/wall'"));
  auto read = newsroom_.Get("path: '/harbour/2025/11/sea-wall-opens'");
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->article().path(), "/harbour/wall");
}

TEST_F(ImportArticles, ARepetitionGetsTheFirstAnswerAlsoAfterARestart) {
  const std::string request = "request_id: 'r' " + Wanted("a");
  const auto first = Import(request);
  newsroom_.Restart();
  const auto again = Import(request);
  EXPECT_THAT(Outcomes(again), ElementsAre(v1::IMPORT_OUTCOME_CREATED));
  EXPECT_EQ(again.snapshot().position(), first.snapshot().position());
  EXPECT_EQ(Draft("a").revision(), 1);
  EXPECT_THAT(FieldsOf(newsroom_.Import("request_id: 'r' " + Wanted("b")).status()),
              ElementsAre("request_id"));
}

TEST_F(ImportArticles, ACallThatIsWrongAsAWholeDoesNothing) {
  EXPECT_THAT(FieldsOf(newsroom_.Import("").status()), ElementsAre("articles"));
  EXPECT_THAT(FieldsOf(newsroom_.Import(Wanted("a") + Wanted("a")).status()),
              ElementsAre("articles[1].article_id"));
  std::string many;
  for (int i = 0; i <= 500; ++i) absl::StrAppend(&many, "articles { article_id: 'x", i, "' } ");
  EXPECT_THAT(FieldsOf(newsroom_.Import(many).status()), ElementsAre("articles"));
  EXPECT_TRUE(absl::IsNotFound(newsroom_.GetDraft("article_id: 'a'").status()));
}

TEST_F(ImportArticles, ATextWithOtherBlockIdsIsTheSameText) {
  Import(Wanted("a"));
  ASSERT_TRUE(newsroom_
                  .Update("article_id: 'a' content { body { block_id: 'mine' paragraph { text { text: 'It "
                          "opened.' } } } }"
                          " update_mask { paths: 'content.body' }")
                  .ok());
  ASSERT_TRUE(newsroom_.Publish("article_id: 'a'").ok());
  EXPECT_THAT(Outcomes(Import(Wanted("a"))), ElementsAre(v1::IMPORT_OUTCOME_UNCHANGED));
  EXPECT_EQ(Draft("a").content().body(0).block_id(), "mine");
}

}  // namespace
}  // namespace broadsheet::article
