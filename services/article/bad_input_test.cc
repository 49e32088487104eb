// Bad input as a client sends it: what is refused names the field and leaves nothing behind.
#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "services/article/newsroom_testing.h"

namespace broadsheet::article {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::StartsWith;

constexpr std::int64_t kYear1 = -62135596800;
constexpr std::int64_t kYear9999 = 253402300799;

class BadInputTest : public testing::Test {
 protected:
  // Sent over a channel without bounds of its own.
  absl::Status Create(const v1::CreateArticleRequest& request) {
    grpc::ChannelArguments arguments;
    arguments.SetMaxSendMessageSize(-1);
    auto stub = v1::EditorialService::NewStub(
        grpc::CreateCustomChannel(room_.address(), grpc::InsecureChannelCredentials(), arguments));
    grpc::ClientContext context;
    v1::CreateArticleResponse response;
    return rpc::FromGrpc(stub->CreateArticle(&context, request, &response));
  }
  void ExpectNothingStored() {
    EXPECT_EQ(rpc::Reason(room_.GetDraft("article_id: 'bad'").status()), "ARTICLE_NOT_FOUND");
    EXPECT_EQ(room_.ListDrafts("")->drafts_size(), 0);
  }
  static std::string At(std::int64_t seconds) { return absl::StrCat("{ seconds: ", seconds, " }"); }

  TestNewsroom room_;
};

TEST_F(BadInputTest, RefusesABodyOfTenMegabytes) {
  v1::CreateArticleRequest request;
  request.set_article_id("bad");
  for (int i = 0; i < 160; ++i) {
    request.mutable_content()->add_body()->mutable_paragraph()->mutable_text()->set_text(
        std::string(64 << 10, 'a'));
  }
  EXPECT_THAT(FieldsOf(Create(request)), ElementsAre("content.body"));
  ExpectNothingStored();
}

TEST_F(BadInputTest, RefusesAHundredThousandBlocks) {
  v1::CreateArticleRequest request;
  request.set_article_id("bad");
  for (int i = 0; i < 100'000; ++i)
    request.mutable_content()->add_body()->mutable_paragraph()->mutable_text()->set_text("Short.");
  EXPECT_THAT(FieldsOf(Create(request)), ElementsAre("content.body"));
  ExpectNothingStored();
}

TEST_F(BadInputTest, RefusesAMessageOfMoreThan16MebibytesUnread) {
  v1::CreateArticleRequest request;
  request.set_article_id("bad");
  request.set_ed_note(std::string(17 << 20, 'a'));
  EXPECT_EQ(Create(request).code(), absl::StatusCode::kResourceExhausted);
  ExpectNothingStored();
}

TEST_F(BadInputTest, RefusesTextThatIsNotUtf8) {
  for (const char* text : {"\xFF\xFE", "a\xC3", "\xED\xA0\x80"}) {
    v1::CreateArticleRequest request;
    request.set_article_id("bad");
    request.mutable_content()->set_headline(text);
    EXPECT_EQ(Create(request).code(), absl::StatusCode::kInternal);
  }
  ExpectNothingStored();
}

TEST_F(BadInputTest, RefusesControlCharactersAndBidirectionalOverridesInHeadlines) {
  for (const char* text : {"a\\001b", "a\\000b", "a\\nb", "a\\177", "\\302\\205", "\\342\\200\\256evil",
                           "\\342\\200\\252", "\\342\\201\\246open", "\\357\\277\\276"}) {
    EXPECT_THAT(FieldsOf(room_.Create(absl::StrCat("content { headline: '", text, "' }")).status()),
                ElementsAre("content.headline"))
        << text;
  }
  ExpectNothingStored();
  room_.CreateStory("wall");
  auto turned = room_.Update(
      "article_id: 'wall' content { headline: '\\342\\200\\256evil' } update_mask { paths: "
      "'content.headline' }");
  EXPECT_THAT(FieldsOf(turned.status()), ElementsAre("content.headline"));
  EXPECT_EQ(room_.GetDraft("article_id: 'wall'")->draft().revision(), 1);
}

TEST_F(BadInputTest, RefusesSpansThatOverlapOrPointOutside) {
  auto with = [&](const std::string& spans) {
    return FieldsOf(room_
                        .Create(absl::StrCat("content { body { divider {} } body { paragraph { text { text: "
                                             "'abcdef' ",
                                             spans, " } } } }"))
                        .status());
  };
  EXPECT_THAT(with("spans { start: 0 end: 3 kind: SPAN_KIND_CODE } spans { start: 2 end: 4 kind: "
                   "SPAN_KIND_STRONG }"),
              ElementsAre("content.body[1].paragraph.text.spans[1]"));
  EXPECT_THAT(with("spans { start: 0 end: 7 kind: SPAN_KIND_CODE }"),
              ElementsAre("content.body[1].paragraph.text.spans[0].end"));
  EXPECT_THAT(with("spans { start: 6 end: 4294967295 kind: SPAN_KIND_CODE }"),
              ElementsAre("content.body[1].paragraph.text.spans[0].end"));
  EXPECT_THAT(with("spans { start: 3 end: 3 kind: SPAN_KIND_CODE }"),
              ElementsAre("content.body[1].paragraph.text.spans[0].end"));
  ExpectNothingStored();
}

TEST_F(BadInputTest, KeepsEveryTimeOfTheYears1To9999) {
  for (std::int64_t seconds : {kYear1, kYear9999}) {
    const std::string id = seconds == kYear1 ? "early" : "late";
    auto created = room_.Create(
        absl::StrCat("article_id: '", id,
                     "' content { headline: 'H' section_id: 'harbour' body { key_event { headline: 'x' "
                     "event_time ",
                     At(seconds), " } } }"));
    ASSERT_TRUE(created.ok()) << created.status();
    auto corrected =
        room_.Correct(absl::StrCat("article_id: '", id,
                                   "' correction { type: CORRECTION_TYPE_UPDATE text { text: 'x' } "
                                   "create_time ",
                                   At(seconds), " }"));
    ASSERT_TRUE(corrected.ok()) << corrected.status();
    auto published = room_.Publish(absl::StrCat("article_id: '", id, "' publish_at ", At(seconds)));
    ASSERT_TRUE(published.ok()) << published.status();
    EXPECT_EQ(published->draft().edit_state(),
              seconds == kYear1 ? v1::EDIT_STATE_DONE : v1::EDIT_STATE_SCHEDULED);
    const v1::Draft draft = room_.GetDraft(absl::StrCat("article_id: '", id, "'"))->draft();
    EXPECT_EQ(draft.content().body(0).key_event().event_time().seconds(), seconds);
    EXPECT_EQ(draft.corrections(0).create_time().seconds(), seconds);
  }
  EXPECT_EQ(room_.GetDraft("article_id: 'late'")->draft().path(), "/harbour/9999/12/h");
  EXPECT_TRUE(
      room_.List(absl::StrCat("published_since ", At(kYear1), " published_before ", At(kYear9999))).ok());
}

TEST_F(BadInputTest, AStoryMayHaveBeenPublishedInTheYear1) {
  room_.CreateStory("wall");
  auto published = room_.Publish(absl::StrCat("article_id: 'wall' first_published_at ", At(kYear1)));
  ASSERT_TRUE(published.ok()) << published.status();
  EXPECT_EQ(published->draft().path(), "/harbour/0001/01/sea-wall-opens");
  EXPECT_EQ(room_.List("")->articles(0).first_published_at().seconds(), kYear1);
}

TEST_F(BadInputTest, RefusesEveryTimeOutsideTheYears1To9999) {
  room_.CreateStory("wall");
  for (std::int64_t seconds : {kYear1 - 1, kYear9999 + 1}) {
    const std::string time = At(seconds);
    EXPECT_THAT(FieldsOf(room_.Create(absl::StrCat("embargoed_until ", time, " expires_at ", time)).status()),
                ElementsAre("embargoed_until", "expires_at"));
    EXPECT_THAT(
        FieldsOf(room_
                     .Update(absl::StrCat("article_id: 'wall' embargoed_until ", time, " expires_at ", time,
                                          " update_mask { paths: 'embargoed_until' paths: "
                                          "'expires_at' }"))
                     .status()),
        ElementsAre("embargoed_until", "expires_at"));
    EXPECT_THAT(FieldsOf(room_.Publish(absl::StrCat("article_id: 'wall' publish_at ", time)).status()),
                Contains(StartsWith("publish_at")));
    EXPECT_THAT(
        FieldsOf(room_.Publish(absl::StrCat("article_id: 'wall' first_published_at ", time)).status()),
        Contains("first_published_at"));
    EXPECT_THAT(
        FieldsOf(room_
                     .Correct(absl::StrCat("article_id: 'wall' correction { type: CORRECTION_TYPE_UPDATE "
                                           "text { text: 'x' } create_time ",
                                           time, " }"))
                     .status()),
        ElementsAre("correction.create_time"));
    EXPECT_THAT(FieldsOf(room_
                             .Create(absl::StrCat("content { body { key_event { headline: 'x' event_time ",
                                                  time, " } } }"))
                             .status()),
                ElementsAre("content.body[0].key_event.event_time"));
    EXPECT_THAT(
        FieldsOf(room_.List(absl::StrCat("published_since ", time, " published_before ", time)).status()),
        ElementsAre("published_since", "published_before"));
  }
}

TEST_F(BadInputTest, BoundsANoteToTheDesk) {
  auto noted = [&](int bytes) {
    return room_.Create(absl::StrCat("ed_note: '", std::string(bytes, 'a'), "'")).status();
  };
  EXPECT_TRUE(noted(4000).ok());
  EXPECT_THAT(FieldsOf(noted(4001)), ElementsAre("ed_note"));
  room_.CreateStory("wall");
  EXPECT_THAT(FieldsOf(room_
                           .Update(absl::StrCat("article_id: 'wall' ed_note: '", std::string(4001, 'a'),
                                                "' update_mask { paths: 'ed_note' }"))
                           .status()),
              ElementsAre("ed_note"));
}

}  // namespace
}  // namespace broadsheet::article
