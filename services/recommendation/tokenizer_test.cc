#include "services/recommendation/tokenizer.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace broadsheet::recommendation {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;

std::vector<std::string> Terms(absl::string_view text, absl::string_view language = "en",
                               std::size_t max_bytes = 1 << 20) {
  std::vector<std::string> terms;
  ForEachToken(text, language, max_bytes, [&](const Token& token) { terms.push_back(token.term); });
  return terms;
}

TEST(Tokenizer, FormsOfAWordAreOne) {
  EXPECT_EQ(Terms("Hanger HANGERS hangers"), Terms("hanger hanger hanger"));
  EXPECT_EQ(Terms("the bridge’s collapse"), Terms("bridges' collapsed"));
}

TEST(Tokenizer, LeavesOutWhatSaysNothing) {
  EXPECT_THAT(Terms("She said on Monday that it’s 2,100 of the 13 — and not a b!"), IsEmpty());
}

TEST(Tokenizer, AccentsAndWidthDoNotMatter) {
  EXPECT_EQ(Terms("Łódź café naïve", "pl"), Terms("lodz cafe naive", "pl"));
  EXPECT_EQ(Terms("ＨＡＲＢＯＵＲ"), Terms("harbour"));
}

TEST(Tokenizer, KeepsTheWordAsPrinted) {
  std::vector<std::string> printed;
  ForEachToken("the Tollgate Bridge", "en", 100,
               [&](const Token& token) { printed.emplace_back(token.printed); });
  EXPECT_THAT(printed, ElementsAre("Tollgate", "Bridge"));
}

TEST(Tokenizer, ArabicWordsCompareWithoutPointsAndWithoutTheirArticle) {
  const std::vector<std::string> pointed = Terms("المَكْتَبَة", "ar");
  ASSERT_EQ(pointed.size(), 1U);
  EXPECT_EQ(pointed, Terms("المكتبة", "ar"));
  EXPECT_EQ(pointed, Terms("مكتبة", "ar"));
  EXPECT_THAT(Terms("في على هذا", "ar"), IsEmpty());
}

TEST(Tokenizer, FindsWordsWhereThereAreNoSpaces) {
  EXPECT_THAT(Terms("東京の図書館", "ja"), Contains("東京"));
  EXPECT_THAT(Terms("东京图书馆", "zh"), Contains("图书"));
  EXPECT_GT(Terms("ห้องสมุดกรุงเทพ", "th").size(), 1U);
}

TEST(Tokenizer, KeepsTheVowelSignsOfIndicScripts) { EXPECT_NE(Terms("किताब", "mr"), Terms("कतब", "mr")); }

TEST(Tokenizer, DropsFrenchElisions) {
  EXPECT_EQ(Terms("l’église d'hiver", "fr"), Terms("église hiver", "fr"));
}

TEST(Tokenizer, ALanguageWithoutAStemmerComparesWordsAsTheyAre) {
  EXPECT_THAT(Terms("nyumba NYUMBA", "sw"), ElementsAre("nyumba", "nyumba"));
  EXPECT_THAT(Terms("word", "x-nonsense"), ElementsAre("word"));
}

TEST(Tokenizer, TheRegionOfALanguageDoesNotMatter) {
  EXPECT_EQ(Terms("Bibliotheken", "de-AT"), Terms("Bibliotheken", "DE"));
}

TEST(Tokenizer, ReadsNoMoreThanItIsTold) {
  EXPECT_THAT(Terms("harbour harbour harbour", "en", 15), Contains("harbour").Times(2));
  EXPECT_THAT(Terms("ééééé", "fr", 5), ElementsAre("ee"));  // not half a character
}

TEST(Tokenizer, LeavesOutWordsThatAreTooLongToBeOnes) {
  EXPECT_THAT(Terms(std::string(65, 'x')), IsEmpty());
  EXPECT_THAT(Terms(std::string(64, 'x')), Not(IsEmpty()));
}

TEST(Tokenizer, SurvivesWhatIsNotUtf8) { EXPECT_THAT(Terms("harbour \xff\xfe wall \xc3"), Contains("wall")); }

TEST(FoldPhrase, SpacesCaseAndAccentsDoNotMatter) {
  EXPECT_EQ(FoldPhrase(" Flood   DEFENCES "), "flood defences");
  EXPECT_EQ(FoldPhrase("Élections"), FoldPhrase("elections"));
  EXPECT_EQ(FoldPhrase("  "), "");
}

}  // namespace
}  // namespace broadsheet::recommendation
