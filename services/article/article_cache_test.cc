#include "services/article/article_cache.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "services/article/found_article_testing.h"
#include "services/article/tags.h"

namespace broadsheet::article {
namespace {

const absl::Time kNow = absl::FromUnixSeconds(1'763'900'000);

// One story, whose headline counts how often it was looked up; the state of the log is whatever the test
// says.
class CountingStore final : public PublicStore {
 public:
  absl::StatusOr<SnapshotRead<ArticleLookup>> FindArticle(const ArticleKey& key, Body, const Clock& clock,
                                                          std::int64_t) const override {
    ++lookups;
    clock();
    SnapshotRead<ArticleLookup> read;
    read.snapshot.set_log_id("log");
    read.snapshot.set_position(position);
    if (absent) return read;
    v1::Article article;
    article.set_article_id(key.kind == ArticleKey::Kind::kId ? key.value : "wall");
    article.mutable_content()->set_headline(headline);
    article.mutable_content()->set_section_id("harbour");
    article.mutable_content()->add_author_ids("ann");
    if (expires_at != absl::InfiniteFuture()) *article.mutable_expires_at() = ToTimestamp(expires_at);
    auto found = std::make_shared<FoundArticle>();
    found->Describe(article);
    found->SetArticle(article.SerializeAsString());
    read.value.found = std::move(found);
    return read;
  }
  absl::StatusOr<SnapshotRead<ArticleLookup>> FindPastArticle(const ArticleKey&, std::int64_t, Body,
                                                              const Clock&, std::int64_t) const override {
    return absl::UnimplementedError("");
  }
  absl::StatusOr<SnapshotRead<std::vector<std::string>>> FindArticles(const std::vector<std::string>&, Body,
                                                                      const Clock&,
                                                                      std::int64_t) const override {
    return absl::UnimplementedError("");
  }
  absl::StatusOr<SnapshotRead<List>> ListArticles(const ListQuery&, Body, const Clock&,
                                                  std::int64_t) const override {
    return absl::UnimplementedError("");
  }
  absl::StatusOr<SnapshotRead<std::optional<v1::Author>>> FindAuthor(absl::string_view,
                                                                     std::int64_t) const override {
    return absl::UnimplementedError("");
  }
  absl::StatusOr<SnapshotRead<std::vector<v1::Section>>> ListSections(std::int64_t) const override {
    return absl::UnimplementedError("");
  }

  mutable int lookups = 0;
  std::int64_t position = 5;
  bool absent = false;
  std::string headline = "one";
  absl::Time expires_at = absl::InfiniteFuture();
};

class ArticleCacheTest : public testing::Test {
 protected:
  static change::v1::Snapshot At(std::int64_t position) {
    change::v1::Snapshot snapshot;
    snapshot.set_log_id("log");
    snapshot.set_position(position);
    return snapshot;
  }
  SnapshotRead<ArticleLookup> Find(const ArticleKey& key, absl::Time now = kNow,
                                   std::int64_t min_position = 0) {
    auto read = cache_.FindArticle(
        key, Body::kWith, [now] { return now; }, min_position);
    EXPECT_TRUE(read.ok());
    return *std::move(read);
  }
  void Commit(const std::string& tag) {
    change::v1::Change change;
    change.add_tags(tag);
    change.set_position(++store_.position);
    cache_.Apply({change}, store_.position);
  }

  const ArticleKey wall_{ArticleKey::Kind::kId, "wall"};
  const ArticleKey path_{ArticleKey::Kind::kPath, "/wall"};
  CountingStore store_;
  ArticleCache cache_{store_, At(5), 1 << 20};
};

TEST_F(ArticleCacheTest, AnswersTheSecondLookupFromMemory) {
  EXPECT_EQ(Decode(Find(wall_).value.found).article().content().headline(), "one");
  store_.headline = "two";
  EXPECT_EQ(Decode(Find(wall_).value.found).article().content().headline(), "one");
  EXPECT_EQ(store_.lookups, 1);
}

TEST_F(ArticleCacheTest, AnswersAtThePositionOfTheNewestCommit) {
  Find(wall_);
  Commit("article/other");
  EXPECT_EQ(Find(wall_).snapshot.position(), 6);
  EXPECT_EQ(store_.lookups, 1);
}

TEST_F(ArticleCacheTest, DropsWhatACommitMayHaveChanged) {
  for (const char* tag : {"article/wall", "author/ann", "section/harbour", "path/wall"}) {
    Find(path_);
    const int lookups = store_.lookups;
    Commit(tag);
    Find(path_);
    EXPECT_EQ(store_.lookups, lookups + 1) << tag;
  }
}

TEST_F(ArticleCacheTest, DoesNotGoBackBehindAnAnswerOfTheStore) {
  Find(wall_);
  store_.position = 6;  // committed, not applied here yet
  EXPECT_EQ(Find({ArticleKey::Kind::kId, "other"}).snapshot.position(), 6);
  EXPECT_EQ(Find(wall_).snapshot.position(), 6);
  EXPECT_EQ(store_.lookups, 3);
  cache_.Apply({}, 6);
  EXPECT_EQ(Find(wall_).snapshot.position(), 6);
  EXPECT_EQ(store_.lookups, 3);  // from memory again
}

TEST_F(ArticleCacheTest, KeepsNothingReadBeforeOrAfterItsOwnPosition) {
  store_.position = 4;
  Find(wall_);
  store_.position = 5;
  Find(wall_);
  EXPECT_EQ(store_.lookups, 2);
  Find(wall_);
  EXPECT_EQ(store_.lookups, 2);
  store_.position = 6;
  Find(path_);
  cache_.Apply({}, 6);
  Find(path_);
  EXPECT_EQ(store_.lookups, 4);
}

TEST_F(ArticleCacheTest, AsksTheStoreForAPositionItHasNotReached) {
  Find(wall_);
  Find(wall_, kNow, 6);
  EXPECT_EQ(store_.lookups, 2);
}

TEST_F(ArticleCacheTest, KeepsNoAbsence) {
  store_.absent = true;
  Find(wall_);
  Find(wall_);
  EXPECT_EQ(store_.lookups, 2);
}

TEST_F(ArticleCacheTest, AsksTheStoreOnceAStoryHasExpiredOrTheClockWentBack) {
  store_.expires_at = kNow + absl::Seconds(1);
  Find(wall_);
  Find(wall_, kNow + absl::Milliseconds(999));
  EXPECT_EQ(store_.lookups, 1);
  Find(wall_, kNow + absl::Seconds(1));
  EXPECT_EQ(store_.lookups, 2);
  Find(wall_, kNow - absl::Seconds(1));
  EXPECT_EQ(store_.lookups, 3);
}

TEST_F(ArticleCacheTest, StaysWithinItsBoundAndKeepsWhatWasAskedForLast) {
  store_.headline = std::string(10'000, 'x');
  for (int i = 0; i < 300; ++i) {
    Find({ArticleKey::Kind::kId, absl::StrCat("s", i)});
    Find(wall_);
    EXPECT_LE(cache_.bytes(), std::size_t{1 << 20});
  }
  EXPECT_EQ(store_.lookups, 301);
  Find({ArticleKey::Kind::kId, "s0"});
  EXPECT_EQ(store_.lookups, 302);
}

TEST_F(ArticleCacheTest, OfNoSizeKeepsNothing) {
  ArticleCache none(store_, At(5), 0);
  for (int i = 0; i < 2; ++i)
    EXPECT_TRUE(none.FindArticle(
                        wall_, Body::kWith, [] { return kNow; }, 0)
                    .ok());
  EXPECT_EQ(store_.lookups, 2);
  EXPECT_EQ(none.bytes(), 0u);
}

}  // namespace
}  // namespace broadsheet::article
