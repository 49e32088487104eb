#include "services/article/page_token.h"

#include <gtest/gtest.h>

#include "broadsheet/article/v1/article_service.pb.h"

namespace broadsheet::article {
namespace {

TEST(PageToken, ReturnsThePlaceItWasMadeOf) {
  for (const ListPlace& place :
       {ListPlace{1'800'000'000'000'000, "wall"}, ListPlace{-5, ""}, ListPlace{0, "a-1"}}) {
    const auto read = ReadPageToken("key", "filters", MakePageToken("key", "filters", place));
    ASSERT_TRUE(read.has_value());
    EXPECT_EQ(read->micros, place.micros);
    EXPECT_EQ(read->article_id, place.article_id);
  }
}

TEST(PageToken, IsGoodForItsListOnly) {
  const std::string token = MakePageToken("key", "section=a", {1, "wall"});
  EXPECT_FALSE(ReadPageToken("key", "section=b", token).has_value());
  EXPECT_FALSE(ReadPageToken("other key", "section=a", token).has_value());
}

TEST(PageToken, RefusesGarbageAndEveryChangedByte) {
  const std::string token = MakePageToken("key", "filters", {1, "wall"});
  for (const std::string& garbage : {std::string(""), std::string("garbage"), std::string(1000, 'A'),
                                     std::string(32, 'A'), std::string("\0\xFF", 2), token + "A"}) {
    EXPECT_FALSE(ReadPageToken("key", "filters", garbage).has_value());
  }
  for (std::size_t i = 0; i + 2 < token.size(); ++i) {
    std::string changed = token;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(ReadPageToken("key", "filters", changed).has_value()) << i;
  }
}

TEST(FiltersOf, LeavesOutWhereAListGoesOn) {
  v1::ListArticlesRequest first;
  first.set_section_id("harbour");
  v1::ListArticlesRequest next = first;
  next.set_page_token("token");
  next.set_page_size(7);
  next.set_min_position(3);
  next.set_view(v1::ARTICLE_VIEW_FULL);
  EXPECT_EQ(FiltersOf(first), FiltersOf(next));
  next.set_author_id("ann");
  EXPECT_NE(FiltersOf(first), FiltersOf(next));
}

}  // namespace
}  // namespace broadsheet::article
