#include "services/article/article_service.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "absl/strings/str_cat.h"
#include "libs/change/follower.h"
#include "services/article/newsroom_testing.h"

namespace broadsheet::article {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class ArticleServiceTest : public testing::Test {
 protected:
  // The stories of all pages of a list, `page_size` at a time.
  std::vector<std::string> Walk(const std::string& request, int page_size) {
    std::vector<std::string> ids;
    std::string token;
    do {
      auto page = room_.List(absl::StrCat(request, " page_size: ", page_size, " page_token: '", token, "'"));
      EXPECT_TRUE(page.ok()) << page.status();
      if (!page.ok()) break;
      for (const v1::Article& article : page->articles()) ids.push_back(article.article_id());
      token = page->next_page_token();
    } while (!token.empty());
    return ids;
  }

  void PublishAs(const std::string& id, const std::string& content) {
    room_.Pass(absl::Seconds(1));
    ASSERT_TRUE(
        room_.Create(absl::StrCat("article_id: '", id, "' content { headline: '", id, "' ", content, " }"))
            .ok());
    ASSERT_TRUE(room_.Publish(absl::StrCat("article_id: '", id, "'")).ok());
  }

  TestNewsroom room_;
};

TEST_F(ArticleServiceTest, FindsAStoryByIdAndByPath) {
  const std::string path = room_.PublishStory("wall").path();
  for (const std::string& key : {std::string("article_id: 'wall'"), absl::StrCat("path: '", path, "'")}) {
    for (int lookup = 0; lookup < 2; ++lookup) {  // from the store, then from memory
      auto read = room_.Get(key);
      ASSERT_TRUE(read.ok()) << read.status();
      EXPECT_EQ(read->article().article_id(), "wall");
      EXPECT_EQ(read->article().content().body(0).paragraph().text().text(), "The text of wall.");
      EXPECT_EQ(read->snapshot().position(), room_.Head());
      EXPECT_EQ(read->snapshot().log_id(), room_.store().log_id());
    }
    EXPECT_EQ(room_.Get(key + " view: ARTICLE_VIEW_BASIC")->article().content().body_size(), 0);
  }
}

TEST_F(ArticleServiceTest, SaysAtWhichPositionAStoryIsAbsent) {
  for (const char* key : {"article_id: 'no'", "path: '/no'", "path: '/No/../\\xc3\\xa9'"}) {
    const absl::Status status = room_.Get(key).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
    EXPECT_EQ(rpc::Reason(status), "ARTICLE_NOT_FOUND");
    EXPECT_EQ(rpc::Detail<change::v1::Snapshot>(status)->position(), room_.Head());
    EXPECT_FALSE(rpc::Detail<v1::Withdrawal>(status).has_value());
  }
  const absl::Status author = room_.GetAuthor("author_id: 'no'").status();
  EXPECT_EQ(rpc::Detail<change::v1::Snapshot>(author)->position(), room_.Head());
}

TEST_F(ArticleServiceTest, NamesTheFieldAtFault) {
  EXPECT_THAT(FieldsOf(room_.Get("").status()), ElementsAre("article_id"));
  EXPECT_THAT(FieldsOf(room_.Get("path: ''").status()), ElementsAre("path"));
  EXPECT_THAT(FieldsOf(room_.Get("article_id: 'a' min_position: -1 revision: -1").status()),
              ElementsAre("min_position", "revision"));
  EXPECT_THAT(FieldsOf(room_.Get("article_id: 'a' view: 9").status()), ElementsAre("view"));
  EXPECT_THAT(FieldsOf(room_.BatchGet("").status()), ElementsAre("article_ids"));
  EXPECT_THAT(FieldsOf(room_.BatchGet("article_ids: 'a' article_ids: '!'").status()),
              ElementsAre("article_ids[1]"));
  EXPECT_THAT(
      FieldsOf(room_
                   .List("section_id: '!' author_id: '!' subject: '\\n' max_urgency: 10 page_size: -1 "
                         "published_since { nanos: -1 }")
                   .status()),
      ElementsAre("section_id", "author_id", "subject", "published_since.nanos", "max_urgency", "page_size"));
  EXPECT_THAT(FieldsOf(room_.List("page_token: 'x'").status()), ElementsAre("page_token"));
  EXPECT_THAT(FieldsOf(room_.GetAuthor("").status()), ElementsAre("author_id"));
  EXPECT_THAT(FieldsOf(room_.ListSections("min_position: -1").status()), ElementsAre("min_position"));
  std::string many;
  for (int i = 0; i < 101; ++i) absl::StrAppend(&many, " article_ids: 'a", i, "'");
  EXPECT_THAT(FieldsOf(room_.BatchGet(many).status()), ElementsAre("article_ids"));
}

TEST_F(ArticleServiceTest, RefusesToAnswerFromBeforeTheDemandedPosition) {
  room_.PublishStory("wall");
  const std::int64_t head = room_.Head();
  const std::string at_head = absl::StrCat(" min_position: ", head);
  const std::string beyond = absl::StrCat(" min_position: ", head + 1);
  EXPECT_TRUE(room_.Get("article_id: 'wall'" + at_head).ok());
  EXPECT_TRUE(room_.Get("article_id: 'wall'" + at_head).ok());
  for (const absl::Status& status :
       {room_.Get("article_id: 'wall'" + beyond).status(),
        room_.BatchGet("article_ids: 'wall'" + beyond).status(), room_.List(beyond).status(),
        room_.GetAuthor("author_id: 'ann'" + beyond).status(), room_.ListSections(beyond).status()}) {
    EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  }
}

TEST_F(ArticleServiceTest, ReturnsThePublishedOnesOfABatchInTheOrderAskedFor) {
  room_.PublishStory("a");
  room_.PublishStory("b");
  room_.CreateStory("draft");
  auto batch = room_.BatchGet(
      "article_ids: 'b' article_ids: 'draft' article_ids: 'no' article_ids: 'a' article_ids: 'b'");
  ASSERT_TRUE(batch.ok());
  ASSERT_EQ(batch->articles_size(), 2);
  EXPECT_EQ(batch->articles(0).article_id(), "b");
  EXPECT_EQ(batch->articles(1).article_id(), "a");
  EXPECT_EQ(batch->articles(0).content().body_size(), 0);
  EXPECT_EQ(room_.BatchGet("article_ids: 'b' view: ARTICLE_VIEW_FULL")->articles(0).content().body_size(), 1);
}

TEST_F(ArticleServiceTest, ListsByEveryFilterMostRecentFirst) {
  PublishAs("a", "section_id: 'harbour' author_ids: 'ann' subjects: 'x' urgency: 1");
  PublishAs("b", "section_id: 'town' author_ids: 'ann' author_ids: 'bo' subjects: 'x' subjects: 'y'");
  PublishAs("c", "section_id: 'harbour' author_ids: 'bo' urgency: 9");
  EXPECT_THAT(Walk("", 10), ElementsAre("c", "b", "a"));
  EXPECT_THAT(Walk("section_id: 'harbour'", 10), ElementsAre("c", "a"));
  EXPECT_THAT(Walk("author_id: 'ann'", 10), ElementsAre("b", "a"));
  EXPECT_THAT(Walk("subject: 'x'", 10), ElementsAre("b", "a"));
  EXPECT_THAT(Walk("subject: 'x' section_id: 'harbour'", 10), ElementsAre("a"));
  EXPECT_THAT(Walk("author_id: 'bo' subject: 'y' section_id: 'town'", 10), ElementsAre("b"));
  EXPECT_THAT(Walk("max_urgency: 5", 10), ElementsAre("b", "a"));
  EXPECT_THAT(Walk("max_urgency: 4", 10), ElementsAre("a"));
  EXPECT_THAT(Walk("section_id: 'no'", 10), IsEmpty());
  EXPECT_THAT(Walk(absl::StrCat("published_since ", room_.After(absl::ZeroDuration())), 10),
              ElementsAre("c"));
  EXPECT_THAT(Walk(absl::StrCat("published_before ", room_.After(absl::ZeroDuration())), 10),
              ElementsAre("b", "a"));
  EXPECT_THAT(Walk(absl::StrCat("published_before ", room_.After(-absl::Seconds(1)), " published_since ",
                                room_.After(-absl::Seconds(2))),
                   10),
              ElementsAre("a"));
}

TEST_F(ArticleServiceTest, FindsSubjectsInWhicheverUnicodeForm) {
  PublishAs("a", "section_id: 'harbour' subjects: 'Caf\\xc3\\xa9'");
  EXPECT_THAT(Walk("subject: 'Cafe\\xcc\\x81'", 10), ElementsAre("a"));
}

TEST_F(ArticleServiceTest, PagesAreStableWhileStoriesArePublishedAndWithdrawn) {
  for (int i = 0; i < 9; ++i) PublishAs(absl::StrCat("s", i), "section_id: 'harbour'");
  auto first = room_.List("page_size: 3");
  ASSERT_TRUE(first.ok());
  EXPECT_EQ(first->articles(2).article_id(), "s6");
  PublishAs("new", "section_id: 'harbour'");
  room_.Withhold("article_id: 's6'").IgnoreError();
  room_.Withhold("article_id: 's4'").IgnoreError();
  auto second = room_.List(absl::StrCat("page_size: 3 page_token: '", first->next_page_token(), "'"));
  ASSERT_TRUE(second.ok());
  EXPECT_EQ(second->articles(0).article_id(), "s5");
  EXPECT_EQ(second->articles(1).article_id(), "s3");
  EXPECT_THAT(
      FieldsOf(room_.List(absl::StrCat("section_id: 'harbour' page_token: '", first->next_page_token(), "'"))
                   .status()),
      ElementsAre("page_token"));
  room_.Restart();
  EXPECT_TRUE(room_.List(absl::StrCat("page_size: 3 page_token: '", first->next_page_token(), "'")).ok());
}

TEST_F(ArticleServiceTest, PagesCoverStoriesOfOneInstant) {
  for (int i = 0; i < 7; ++i) room_.PublishStory(absl::StrCat("s", i));
  EXPECT_THAT(Walk("", 2), ElementsAre("s6", "s5", "s4", "s3", "s2", "s1", "s0"));
}

TEST_F(ArticleServiceTest, BoundsThePage) {
  for (int i = 0; i < 25; ++i) room_.PublishStory(absl::StrCat("s", i));
  EXPECT_EQ(room_.List("")->articles_size(), 20);
  EXPECT_EQ(room_.List("page_size: 1000000")->articles_size(), 25);
}

TEST_F(ArticleServiceTest, CutsAPageOfLongStoriesShort) {
  const std::string paragraph =
      absl::StrCat(" body { paragraph { text { text: '", std::string(60 << 10, 'a'), "' } } }");
  std::string body;
  for (int i = 0; i < 30; ++i) body += paragraph;
  for (int i = 0; i < 5; ++i) PublishAs(absl::StrCat("s", i), "section_id: 'harbour'" + body);
  auto page = room_.List("view: ARTICLE_VIEW_FULL");
  ASSERT_TRUE(page.ok()) << page.status();
  EXPECT_EQ(page->articles_size(), 1) << "two are more than 3 MiB";
  EXPECT_FALSE(page->next_page_token().empty());
}

TEST_F(ArticleServiceTest, ListsSectionsInTheOrderOfTheMasthead) {
  ASSERT_TRUE(room_.PutSection("section { section_id: 'zoo' name: 'Zoo' order: -1 }").ok());
  ASSERT_TRUE(room_.PutSection("section { section_id: 'town' name: 'Alpha town' }").ok());
  auto list = room_.ListSections("");
  ASSERT_TRUE(list.ok());
  std::vector<std::string> ids;
  for (const v1::Section& section : list->sections()) ids.push_back(section.section_id());
  EXPECT_THAT(ids, ElementsAre("zoo", "town", "harbour"));
  EXPECT_EQ(list->snapshot().position(), room_.Head());
}

TEST_F(ArticleServiceTest, ReturnsAnAuthor) {
  auto author = room_.GetAuthor("author_id: 'ann'");
  ASSERT_TRUE(author.ok());
  EXPECT_EQ(author->author().name(), "Author ann");
  EXPECT_EQ(author->snapshot().position(), room_.Head());
}

TEST_F(ArticleServiceTest, AnAuthorsChangeShowsInStoriesAlreadyInMemory) {
  room_.PublishStory("wall");
  ASSERT_TRUE(room_.Get("article_id: 'wall'").ok());
  ASSERT_TRUE(room_.PutAuthor("author { author_id: 'ann' name: 'Ann Keld' }").ok());
  ASSERT_TRUE(room_.PutSection("section { section_id: 'harbour' name: 'The harbour' }").ok());
  auto read = room_.Get("article_id: 'wall'");
  EXPECT_EQ(read->authors(0).name(), "Ann Keld");
  EXPECT_EQ(read->section().name(), "The harbour");
  EXPECT_EQ(read->snapshot().position(), room_.Head());
}

TEST_F(ArticleServiceTest, AWriteReturnsWhenTheFollowersHaveItOrLostTheirLease) {
  room_.PublishStory("wall");
  std::atomic<std::int64_t> applied{0};
  change::FollowerOptions options;
  options.source = "article";
  options.follower_id = "test";
  options.on_change = [&](const change::v1::Change& change) { applied = change.position(); };
  auto follower = change::Follower::Start(room_.channel(), options);
  // A write is noticed at once by a follower that holds a lease; the first may find it still connecting.
  change::v1::Propagation propagation;
  for (int i = 0; propagation.acknowledged() == 0 && i < 200; ++i) {
    auto withheld = room_.Withhold("article_id: 'wall'");
    ASSERT_TRUE(withheld.ok());
    auto published = room_.Publish("article_id: 'wall'");
    ASSERT_TRUE(published.ok());
    propagation = published->propagation();
    if (propagation.acknowledged() == 1) {
      EXPECT_EQ(applied, published->snapshot().position());
    }
  }
  EXPECT_EQ(propagation.followers(), 1);
  EXPECT_EQ(propagation.acknowledged(), 1);
}

// What is answered from memory is what the store would say, at a position that is as new.
TEST_F(ArticleServiceTest, ReadersUnderConcurrentEditsSeeOnlyCommittedStatesAndNeverGoBack) {
  room_.PublishStory("wall", "0");
  std::atomic<bool> done{false};
  std::atomic<int> wrong{0};
  std::vector<std::thread> readers;
  for (int i = 0; i < 4; ++i) {
    readers.emplace_back([&] {
      std::int64_t position = 0;
      int number = 0;
      while (!done) {
        auto read = room_.Get(absl::StrCat("article_id: 'wall' min_position: ", position));
        if (!read.ok()) {
          ++wrong;
          continue;
        }
        int now = 0;
        if (!absl::SimpleAtoi(read->article().content().headline(), &now) || now < number ||
            read->snapshot().position() < position) {
          ++wrong;
        }
        number = now;
        position = read->snapshot().position();
      }
    });
  }
  for (int i = 1; i <= 100; ++i) {
    ASSERT_TRUE(room_
                    .Update(absl::StrCat("article_id: 'wall' content { headline: '", i,
                                         "' } update_mask { paths: 'content.headline' }"))
                    .ok());
    auto published = room_.Publish("article_id: 'wall'");
    ASSERT_TRUE(published.ok());
    auto read = room_.Get("article_id: 'wall'");  // the very next read
    ASSERT_TRUE(read.ok());
    EXPECT_EQ(read->article().content().headline(), absl::StrCat(i));
    EXPECT_GE(read->snapshot().position(), published->snapshot().position());
  }
  done = true;
  for (std::thread& reader : readers) reader.join();
  EXPECT_EQ(wrong, 0);
}

}  // namespace
}  // namespace broadsheet::article
