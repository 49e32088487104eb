#include "services/media/clean_text.h"

#include <gtest/gtest.h>

namespace broadsheet::media {
namespace {

using namespace std::string_literals;

TEST(ToUtf8, KeepsUtf8) { EXPECT_EQ(ToUtf8("स्रोत: एबीपी"), "स्रोत: एबीपी"); }

TEST(ToUtf8, LeavesOutACharacterThatWasCutInTwo) {
  const std::string text = "स्रोत: एबीपी";
  EXPECT_EQ(ToUtf8(text.substr(0, text.size() - 1)), text.substr(0, text.size() - 3));
  EXPECT_EQ(ToUtf8(text.substr(0, text.size() - 2)), text.substr(0, text.size() - 3));
}

TEST(ToUtf8, TakesOtherBytesForWindows1252) {
  EXPECT_EQ(ToUtf8("Agence \x80\xa4\xe9"), "Agence €¤é");
  EXPECT_EQ(ToUtf8("Caf\xe9"), "Café");
  EXPECT_EQ(ToUtf8("\x93quoted\x94"), "“quoted”");
}

TEST(CleanText, RemovesControlsAndTerminalSequences) {
  EXPECT_EQ(CleanText("a\0b\r\n\x1b[31mred\x1b[0m"s), "ab red");
  EXPECT_EQ(CleanText("ABP\x07 News\x7f"), "ABP News");
}

TEST(CleanText, RemovesBidirectionalOverridesButKeepsWhatScriptsNeed) {
  EXPECT_EQ(CleanText("ABP \u202eSWEN\u202c News\u2066x\u2069"), "ABP SWEN Newsx");
  EXPECT_EQ(CleanText("क्\u200dष می\u200cخواهم \u200f"), "क्\u200dष می\u200cخواهم \u200f");
}

TEST(CleanText, MakesWhiteSpaceSingleSpaces) {
  EXPECT_EQ(CleanText("  a \t\n b\u2028c\u00a0d  "), "a b c d");
  EXPECT_EQ(CleanText(" \n "), "");
}

TEST(CleanText, KeepsMarkupAsText) { EXPECT_EQ(CleanText("\"><script>x</script>"), "\"><script>x</script>"); }

TEST(CleanText, RemovesBytesThatAreNotUtf8) { EXPECT_EQ(CleanText("a\xff\xc0\xaf\xed\xa0\x80z"), "az"); }

TEST(CutText, CutsBetweenCharacters) {
  EXPECT_EQ(CutText("é€x", 1), "");
  EXPECT_EQ(CutText("é€x", 4), "é");
  EXPECT_EQ(CutText("é€x", 5), "é€");
  EXPECT_EQ(CutText("é€x", 60), "é€x");
}

}  // namespace
}  // namespace broadsheet::media
