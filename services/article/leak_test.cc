// A reader tries everything the reading service offers against stories that must not be read: nothing of them
// may appear in any byte returned.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "services/article/newsroom_testing.h"

namespace broadsheet::article {
namespace {

constexpr char kSecret[] = "Zyxwvut";  // in every text that must not be seen

class LeakTest : public testing::Test {
 protected:
  // A draft with the secret in every field; its path is `/secret-path-<id>`.
  void Create(const std::string& id, const std::string& more = "") {
    auto created =
        room_.Create(absl::StrCat("article_id: '", id, "' path: '/secret-path-", id,
                                  "' ed_note: 'Zyxwvut' content { headline: 'Zyxwvut ", id,
                                  "' standfirst: 'Zyxwvut' kicker: 'Zyxwvut' section_id: 'harbour' "
                                  "author_ids: 'ann' subjects: 'zyx' byline: 'Zyxwvut'"
                                  " slugline: 'Zyxwvut' body { paragraph { text { text: 'Zyxwvut' } } } } ",
                                  more));
    ASSERT_TRUE(created.ok()) << created.status();
    ids_.push_back(id);
  }
  void Publish(const std::string& id, const std::string& more = "") {
    auto published = room_.Publish(absl::StrCat("article_id: '", id, "' ", more));
    ASSERT_TRUE(published.ok()) << published.status();
  }

  void ExpectNothing(const std::string& what, const std::string& bytes) {
    EXPECT_EQ(bytes.find(kSecret), std::string::npos) << what;
    EXPECT_EQ(bytes.find("secret-path"), std::string::npos) << what;
  }
  template <class Response>
  void ExpectNothing(const std::string& what, const absl::StatusOr<Response>& answer) {
    if (answer.ok()) return ExpectNothing(what, answer->SerializeAsString());
    const grpc::Status status = rpc::ToGrpc(answer.status());
    ExpectNothing(what, status.error_message() + status.error_details());
  }

  void TryEverything() {
    std::string batch;
    for (const std::string& id : ids_) {
      for (const char* view : {"", " view: ARTICLE_VIEW_BASIC", " view: ARTICLE_VIEW_FULL"}) {
        ExpectNothing(id, room_.Get(absl::StrCat("article_id: '", id, "'", view)));
        ExpectNothing(id, room_.Get(absl::StrCat("path: '/secret-path-", id, "'", view)));
      }
      for (int revision = 1; revision < 12; ++revision) {
        for (const char* view : {"", " view: ARTICLE_VIEW_BASIC"}) {
          ExpectNothing(id, room_.Get(absl::StrCat("article_id: '", id, "' revision: ", revision, view)));
          ExpectNothing(id,
                        room_.Get(absl::StrCat("path: '/secret-path-", id, "' revision: ", revision, view)));
        }
      }
      absl::StrAppend(&batch, " article_ids: '", id, "'");
    }
    ExpectNothing("batch", room_.BatchGet(batch));
    ExpectNothing("batch", room_.BatchGet(batch + " view: ARTICLE_VIEW_FULL"));
    for (const std::string& filter :
         {std::string(), std::string("section_id: 'harbour'"), std::string("author_id: 'ann'"),
          std::string("subject: 'zyx'"), std::string("max_urgency: 9"),
          std::string("section_id: 'harbour' author_id: 'ann' subject: 'zyx'")}) {
      std::string token;
      do {
        auto page = room_.List(
            absl::StrCat(filter, " page_size: 1 view: ARTICLE_VIEW_FULL page_token: '", token, "'"));
        ExpectNothing(filter, page);
        token = page.ok() ? page->next_page_token() : "";
        ExpectNothing(filter, token);
      } while (!token.empty());
    }
    for (const std::string& page : {std::string(), std::string("section_id: 'harbour'")}) {
      std::string curation = page;
      for (const std::string& id : ids_) absl::StrAppend(&curation, " article_ids: '", id, "'");
      ASSERT_TRUE(room_.PutCuration(absl::StrCat("curation { ", curation, " }")).ok());
      ExpectNothing("curated", room_.List(page + " with_curated: true view: ARTICLE_VIEW_FULL"));
    }
    ExpectNothing("author", room_.GetAuthor("author_id: 'ann'"));
    ExpectNothing("sections", room_.ListSections(""));
  }

  TestNewsroom room_;
  std::vector<std::string> ids_;
};

TEST_F(LeakTest, NothingUnpublishedAppearsInAnyAnswer) {
  room_.PublishStory("open-1");
  Create("draft");
  Create("scheduled");
  Publish("scheduled", absl::StrCat("publish_at ", room_.After(absl::Hours(1))));
  Create("embargoed", absl::StrCat("embargoed_until ", room_.After(absl::Hours(1))));
  Publish("embargoed");
  Create("canceled-draft");
  ASSERT_TRUE(room_.Withhold("article_id: 'canceled-draft' pub_status: PUB_STATUS_CANCELED").ok());
  Create("withheld");
  Publish("withheld");
  EXPECT_TRUE(room_.Get("article_id: 'withheld'").ok());  // into memory
  ASSERT_TRUE(room_.Withhold("article_id: 'withheld'").ok());
  Create("canceled");
  Publish("canceled");
  EXPECT_TRUE(room_.Get("path: '/secret-path-canceled'").ok());
  ASSERT_TRUE(room_.Withhold("article_id: 'canceled' pub_status: PUB_STATUS_CANCELED").ok());
  Create("expired");
  Publish("expired");
  ASSERT_TRUE(room_
                  .Update(absl::StrCat("article_id: 'expired' expires_at ", room_.After(-absl::Hours(1)),
                                       " update_mask { paths: 'expires_at' }"))
                  .ok());
  Create("expires");
  Publish("expires");
  ASSERT_TRUE(room_
                  .Update(absl::StrCat("article_id: 'expires' expires_at ", room_.After(absl::Minutes(1)),
                                       " update_mask { paths: 'expires_at' }"))
                  .ok());
  EXPECT_TRUE(room_.Get("article_id: 'expires'").ok());
  room_.Pass(absl::Minutes(1));  // and nobody commits it
  Create("hidden");
  Publish("hidden");
  ASSERT_TRUE(room_
                  .Update(absl::StrCat("article_id: 'hidden' embargoed_until ", room_.After(absl::Hours(1)),
                                       " update_mask { paths: 'embargoed_until' }"))
                  .ok());
  room_.PublishStory("open-2");
  TryEverything();
  room_.Restart();
  TryEverything();
}

TEST_F(LeakTest, TheDraftOfAPublicStoryStaysWithTheNewsroom) {
  room_.PublishStory("open");
  ASSERT_TRUE(
      room_
          .Update("article_id: 'open' ed_note: 'Zyxwvut' content { headline: 'Zyxwvut' subjects: 'Zyxwvut' "
                  "body { "
                  "paragraph { text { text: 'Zyxwvut' } } } } update_mask { paths: 'content.headline' paths: "
                  "'content.subjects' paths: 'content.body' paths: 'ed_note' }")
          .ok());
  ids_.push_back("open");
  TryEverything();
  // Nor after what makes the story public again without publishing the draft.
  ASSERT_TRUE(
      room_.Correct("article_id: 'open' correction { type: CORRECTION_TYPE_UPDATE text { text: 'x' } }")
          .ok());
  ASSERT_TRUE(room_.Move("article_id: 'open' path: '/moved'").ok());
  ASSERT_TRUE(room_
                  .Update(absl::StrCat("article_id: 'open' embargoed_until ", room_.After(absl::Hours(1)),
                                       " update_mask { paths: 'embargoed_until' }"))
                  .ok());
  room_.Pass(absl::Hours(1));
  EXPECT_EQ(room_.RunDue(), 1);
  EXPECT_TRUE(room_.Get("article_id: 'open'").ok());
  TryEverything();
}

TEST_F(LeakTest, PastRevisionsGoWithTheStoryAndThoseNobodyReadStayWithTheNewsroom) {
  const std::string new_text =
      " content { headline: 'Zyxwvut too' } update_mask { paths: 'content.headline' }";
  auto create_twice_published = [&](const std::string& id) {
    Create(id);
    Publish(id);
    ASSERT_TRUE(room_.Update(absl::StrCat("article_id: '", id, "'", new_text)).ok());
    Publish(id);
    EXPECT_TRUE(room_.Get(absl::StrCat("article_id: '", id, "' revision: 2")).ok());
  };
  create_twice_published("withheld");
  ASSERT_TRUE(room_.Withhold("article_id: 'withheld'").ok());
  create_twice_published("canceled");
  ASSERT_TRUE(room_.Withhold("article_id: 'canceled' pub_status: PUB_STATUS_CANCELED").ok());
  create_twice_published("hidden");
  ASSERT_TRUE(room_
                  .Update(absl::StrCat("article_id: 'hidden' embargoed_until ", room_.After(absl::Hours(1)),
                                       " update_mask { paths: 'embargoed_until' }"))
                  .ok());
  create_twice_published("expired");
  ASSERT_TRUE(room_
                  .Update(absl::StrCat("article_id: 'expired' expires_at ", room_.After(absl::Minutes(1)),
                                       " update_mask { paths: 'expires_at' }"))
                  .ok());
  room_.Pass(absl::Minutes(1));  // and nobody commits it

  // Published under an embargo and withheld before it ended; then published, with another text.
  Create("second-thoughts", absl::StrCat("embargoed_until ", room_.After(absl::Hours(1))));
  Publish("second-thoughts");
  ASSERT_TRUE(room_.Withhold("article_id: 'second-thoughts'").ok());
  ASSERT_TRUE(room_.Move("article_id: 'second-thoughts' path: '/open'").ok());
  ASSERT_TRUE(room_
                  .Update("article_id: 'second-thoughts' content { headline: 'Open' section_id: 'harbour' } "
                          "update_mask { paths: 'content' paths: 'embargoed_until' }")
                  .ok());
  Publish("second-thoughts");
  EXPECT_TRUE(room_.Get("article_id: 'second-thoughts'").ok());
  TryEverything();
  room_.Restart();
  TryEverything();
  ASSERT_GT(room_.RunDue(), 0);
  TryEverything();
}

TEST_F(LeakTest, AStoryThatWasNeverPublicLooksLikeOneThatIsNotThere) {
  Create("draft");
  Create("embargoed", absl::StrCat("embargoed_until ", room_.After(absl::Hours(1))));
  Publish("embargoed");
  Create("withheld-early", absl::StrCat("embargoed_until ", room_.After(absl::Hours(1))));
  Publish("withheld-early");
  ASSERT_TRUE(
      room_
          .Withhold(
              "article_id: 'withheld-early' withdrawal { mode: WITHDRAWAL_MODE_NOTICE notice: 'Zyxwvut' }")
          .ok());
  const grpc::Status absent = rpc::ToGrpc(room_.Get("article_id: 'nothing'").status());
  for (const std::string& id : ids_) {
    for (const std::string& key :
         {absl::StrCat("article_id: '", id, "'"), absl::StrCat("path: '/secret-path-", id, "'")}) {
      const grpc::Status status = rpc::ToGrpc(room_.Get(key).status());
      EXPECT_EQ(status.error_message(), absent.error_message()) << key;
      EXPECT_EQ(status.error_details(), absent.error_details()) << key;
    }
  }
  TryEverything();
}

TEST_F(LeakTest, TheChangeLogSaysNothingOfWhatIsNotPublic) {
  const std::int64_t head = room_.Head();
  Create("draft");
  Create("embargoed", absl::StrCat("embargoed_until ", room_.After(absl::Hours(1))));
  Publish("embargoed");
  ASSERT_TRUE(room_.Move("article_id: 'draft' path: '/elsewhere'").ok());
  ASSERT_TRUE(
      room_.Correct("article_id: 'embargoed' correction { type: CORRECTION_TYPE_UPDATE text { text: 'x' } }")
          .ok());
  ASSERT_TRUE(room_.Withhold("article_id: 'embargoed'").ok());
  EXPECT_EQ(room_.Head(), head);
}

}  // namespace
}  // namespace broadsheet::article
