#include "services/cli/importers/json_objects.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"

namespace broadsheet::cli {
namespace {

using Json = nlohmann::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::vector<Json> Read(const std::string& text, absl::Status& status) {
  std::vector<Json> objects;
  status = ForEachJsonObject(text, [&](const Json& object) { objects.push_back(object); });
  return objects;
}

TEST(JsonObjects, AreTheEntriesOfAListOrTheOneThereIs) {
  absl::Status status;
  EXPECT_THAT(Read(R"([{"a": 1}, {"b": [true, null]}])", status),
              ElementsAre(Json{{"a", 1}}, Json{{"b", {true, nullptr}}}));
  EXPECT_TRUE(status.ok());
  EXPECT_THAT(Read(R"({"a": {"b": -0.5}})", status), ElementsAre(Json{{"a", {{"b", -0.5}}}}));
  EXPECT_TRUE(status.ok());
  EXPECT_THAT(Read("[]", status), IsEmpty());
  EXPECT_TRUE(status.ok());
}

TEST(JsonObjects, AreWhatTheReferenceParserMakesOfThem) {
  for (const std::string value : {R"("\u00e9\ud83d\ude00\n\"\\\/é😀\u0000")",
                                  "0",
                                  "-0",
                                  "-0.0",
                                  "7",
                                  "-7",
                                  "9223372036854775807",
                                  "-9223372036854775808",
                                  "9223372036854775808",
                                  "18446744073709551615",
                                  "18446744073709551616",
                                  "123456789012345678901234567890",
                                  "1e3",
                                  "1E-7",
                                  "0.1",
                                  "2.2250738585072014e-308",
                                  "[[], {}, [{}]]",
                                  R"({"x": 1, "x": 2})",
                                  R"({"": ""})",
                                  "true",
                                  "false",
                                  "null"}) {
    const std::string text = absl::StrCat(" [ {\"v\" : ", value, " } ]\n");
    absl::Status status;
    const std::vector<Json> objects = Read(text, status);
    ASSERT_TRUE(status.ok()) << value << ": " << status;
    const Json expected = Json::parse(text)[0];
    EXPECT_THAT(objects, ElementsAre(expected));
    EXPECT_EQ(objects[0].dump(), expected.dump());
  }
}

TEST(JsonObjects, MayBeNestedWithoutEnd) {
  constexpr int kLevels = 100'000;
  const std::string deep =
      absl::StrCat("[{\"a\": ", std::string(kLevels, '['), std::string(kLevels, ']'), "}]");
  absl::Status status;
  int objects = 0;
  status = ForEachJsonObject(deep, [&](const Json& /*object*/) { ++objects; });
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_EQ(objects, 1);
}

TEST(JsonObjects, AreHandedOverAllOrNotAtAll) {
  for (const std::string text :
       {R"([{"a": 1}, 2])", R"([{"a": 1}, [{}]])", "7", R"("text")", "null", "[null]"}) {
    absl::Status status;
    EXPECT_THAT(Read(text, status), IsEmpty()) << text;
    EXPECT_EQ(status, absl::InvalidArgumentError("an item must be an object")) << text;
  }
  absl::Status large;
  EXPECT_THAT(Read("[{\"a\": 1e400}]", large), IsEmpty());
  EXPECT_EQ(large, absl::InvalidArgumentError("a number is too large"));
  for (const std::string text :
       {"", "[{\"a\": 1},\n\n", "[{\"a\": 1},\n\n{\"b\": \"\\udc00\"}]",
        "[{\"a\": 1},\n\n{\"b\": \"\\ud888\\u1234\"}]", "[{\"a\": 1},\n\n{\"b\": 01}]",
        "[{\"a\": 1},\n\n{\"b\": \"\\ud800\"}]", "[{\"a\": 1},\n\n{\"b\": 'x'}]", "[{\"a\": 1},\n\n{}] x",
        "[{\"a\":\n\n\"\xFF\"}]", "[{\"a\":\n\n\"\t\"}]"}) {
    absl::Status status;
    EXPECT_THAT(Read(text, status), IsEmpty()) << text;
    EXPECT_THAT(std::string(status.message()),
                HasSubstr(text.empty() ? "not JSON, see line 1" : "not JSON, see line 3"))
        << text;
  }
}

}  // namespace
}  // namespace broadsheet::cli
