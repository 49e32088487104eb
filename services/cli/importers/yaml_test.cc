#include "services/cli/importers/yaml.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/cli/importers/recorded_problems.h"

namespace broadsheet::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class Yaml : public testing::Test, protected RecordedProblems {
 protected:
  YamlValue Parse(absl::string_view yaml, int first_line = 1) {
    return ParseYaml(yaml, "x.md", first_line, problems).value_or(YamlValue{});
  }
};

TEST_F(Yaml, TextsAreNotInterpreted) {
  const YamlValue value = Parse("a: yes\nb: 007\nc: 2026-11-14T07:30:00Z\nd: ~\n");
  YamlMap map(value, "x.md", {"a", "b", "c", "d"}, problems);
  EXPECT_EQ(map.Text("a"), "yes");
  EXPECT_EQ(map.Text("b"), "007");
  EXPECT_EQ(map.Time("c"), absl::FromCivil(absl::CivilSecond(2026, 11, 14, 7, 30, 0), absl::UTCTimeZone()));
  EXPECT_FALSE(map.Has("d"));
  EXPECT_THAT(lines, IsEmpty());
}

TEST_F(Yaml, LinesAreThoseOfTheFile) {
  const YamlValue value = Parse("a: 1\nb: >-\n  two\n  lines\nc: 3\n", 2);
  YamlMap map(value, "x.md", {"a", "b", "c"}, problems);
  EXPECT_EQ(map.Line("a"), 2);
  EXPECT_EQ(map.Line("b"), 3);
  EXPECT_EQ(map.Line("c"), 6);
}

TEST_F(Yaml, AnUnknownKeyGetsASuggestion) {
  const YamlValue value = Parse("headline: x\nurgncy: 3\n", 2);
  YamlMap map(value, "x.md", {"headline", "urgency"}, problems);
  EXPECT_THAT(lines, ElementsAre("x.md:3: unknown key \"urgncy\" (did you mean \"urgency\"?)"));
  EXPECT_EQ(map.errors(), 1);
}

TEST_F(Yaml, ARepeatedKeyIsAnError) {
  const YamlValue value = Parse("a: 1\na: 2\n");
  YamlMap map(value, "x.md", {"a"}, problems);
  EXPECT_THAT(lines, ElementsAre("x.md:2: \"a\" is there twice"));
}

TEST_F(Yaml, EachWrongTypeIsOneLine) {
  const YamlValue value = Parse("n: ten\nt: yesterday\ni: Not An Id\nl: {a: b}\nm: [x]\ne: [a, '']\n");
  YamlMap map(value, "x.md", {"n", "t", "i", "l", "m", "e"}, problems);
  map.Integer("n", 1, 9);
  map.Time("t");
  map.Id("i");
  map.Texts("l");
  map.Maps("m");
  map.Texts("e");
  EXPECT_THAT(lines, ElementsAre("x.md:1: \"n\" must be a whole number from 1 to 9, not \"ten\"",
                                 "x.md:2: \"t\" must be a time like 2026-11-14T07:30:00Z, not \"yesterday\"",
                                 HasSubstr("x.md:3: \"Not An Id\" is no id"), "x.md:4: \"l\" must be text",
                                 "x.md:5: each entry of \"m\" must have fields, like {a: b}",
                                 "x.md:6: \"e\" has an empty entry"));
  EXPECT_EQ(map.errors(), 6);
}

TEST_F(Yaml, ARequiredTextMustBeThere) {
  const YamlValue value = Parse("a:\nb: ''\n");
  YamlMap map(value, "x.md", {"a", "b", "c"}, problems);
  map.RequiredText("a");
  map.RequiredText("b");
  map.RequiredText("c");
  EXPECT_EQ(map.errors(), 3);
}

TEST_F(Yaml, BadSyntaxIsOneLineWithItsLine) {
  EXPECT_FALSE(ParseYaml("a: 1\nb: [1, 2\nc: 3\n", "x.md", 10, problems));
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_THAT(lines[0], testing::ContainsRegex("x\\.md:1[0-9]: not valid YAML: "));
}

TEST_F(Yaml, ControlCharactersAreRefused) {
  const YamlValue value = Parse("a: \"x\\u0007y\"\n");
  YamlMap map(value, "x.md", {"a"}, problems);
  EXPECT_EQ(map.Text("a"), std::nullopt);
  EXPECT_THAT(lines, ElementsAre("x.md:1: \"a\" holds the control character U+0007"));
}

TEST_F(Yaml, WhatWouldGrowWithoutBoundIsRefused) {
  EXPECT_FALSE(ParseYaml(std::string(500, '[') + std::string(500, ']'), "x.md", 1, problems));
  std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 7; ++i) {
    bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [";
    for (int j = 0; j < 10; ++j) bomb += (j ? ", *a" : "*a") + std::to_string(i - 1);
    bomb += "]\n";
  }
  EXPECT_FALSE(ParseYaml(bomb, "x.md", 1, problems));
  EXPECT_FALSE(ParseYaml(std::string(2 << 20, 'a'), "x.md", 1, problems));
  EXPECT_EQ(lines.size(), 3u);
}

}  // namespace

}  // namespace broadsheet::cli
