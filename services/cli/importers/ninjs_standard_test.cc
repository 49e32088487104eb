#include "services/cli/importers/ninjs_standard.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "libs/testing/temp_dir.h"
#include "services/cli/importers/ninjs.h"
#include "services/cli/importers/recorded_problems.h"
#include "services/cli/importers/shared_data.h"

namespace broadsheet::cli {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

// Of an item in which ' stands for ".
std::vector<std::string> Check(std::string text) {
  std::replace(text.begin(), text.end(), '\'', '"');
  const json item = json::parse(text);
  return CheckNinjs(item, NinjsVersionOf(item), 3);
}

int Version(std::string text) {
  std::replace(text.begin(), text.end(), '\'', '"');
  return NinjsVersionOf(json::parse(text));
}

TEST(NinjsStandard, AnItemsVersionIsWhatItSaysOrElseWhatItsPropertiesSay) {
  EXPECT_EQ(Version("{'uri': 'u', 'standard': {'name': 'ninjs', 'version': '3.0'}}"), 3);
  EXPECT_EQ(Version("{'uri': 'u', '$standard': {'version': '1.4'}, 'headlines': []}"), 1);
  EXPECT_EQ(Version("{'uri': 'u', 'headline': 'h', 'body_xhtml': 'b'}"), 1);
  EXPECT_EQ(Version("{'uri': 'u', 'headlines': [], 'versioncreated': 't'}"), 2);
  EXPECT_EQ(Version("{'uri': 'u', 'headlines': [], 'versionCreated': 't'}"), 3);
}

TEST(NinjsStandard, ASmallItemOfEachVersionConforms) {
  EXPECT_THAT(Check("{'uri': 'urn:a', 'headline': 'h', 'description_caption_text': 'd', 'altids': {'x': 1},"
                    "'renditions': {'r1': {'href': 'http://a.example/1.jpg', 'width': 3}}, 'urgency': null}"),
              IsEmpty());
  EXPECT_THAT(Check("{'uri': 'urn:a', 'headlines': [{'value': 'h', 'contenttype': 'text/plain'}], "
                    "'versioncreated': '2026-11-14T07:30:00.5+01:00', 'associations': [{'name': 'n', 'uri': "
                    "'urn:b', 'bodies': [{'value': 'b', 'charcount': 1}]}]}"),
              IsEmpty());
  EXPECT_THAT(Check("{'uri': 'urn:a', 'pubStatus': 'usable', 'urgency': 9, 'eventDetails': {'dates': "
                    "{'expectedStartDate': '2026-11', 'endDate': '2026-11-14T07:30:00Z'}}, 'rightsInfo': "
                    "{'linkedRights': 'http://a.example/r'}}"),
              IsEmpty());
}

TEST(NinjsStandard, EachViolationNamesTheProperty) {
  EXPECT_THAT(
      Check("{'headlines': 'h', 'versioncreated': 'yesterday', 'type': 'song'}"),
      ElementsAre("\"uri\" is missing", "\"headlines\" must be a list", HasSubstr("\"type\" must be one of"),
                  HasSubstr("\"versioncreated\" must be a time")));
  EXPECT_THAT(
      Check("{'uri': 'a b', 'pubStatus': 'embargoed', 'urgency': 12, 'edNote': 7}"),
      ElementsAre(HasSubstr("\"edNote\" must be text"), HasSubstr("\"pubStatus\" must be one of"),
                  HasSubstr("\"urgency\" must be a whole number"), HasSubstr("\"uri\" must be a URI")));
  EXPECT_THAT(
      Check("{'uri': 'u', 'bodies': [{'role': 'main'}], 'headlines': ['h'], 'altids': [{'rolle': 'x'}]}"),
      ElementsAre("altids: \"rolle\" is no property of ninjs 2 (did you mean \"role\"?)",
                  "bodies: \"value\" is missing", "\"headlines\" must be an object"));
}

TEST(NinjsStandard, APropertyOfAnotherVersionIsNoneOfThisOne) {
  EXPECT_THAT(
      Check("{'uri': 'u', 'versionCreated': '2026-11-14T07:30:00Z', 'pubStatus': 'usable', 'ednote': 'x'}"),
      ElementsAre("\"ednote\" is no property of ninjs 3 (did you mean \"edNote\"?)"));
}

TEST(NinjsStandard, AlternativesExcludeEachOther) {
  EXPECT_THAT(Check("{'uri': 'u', 'rightsinfo': {'linkedrights': 'r', 'encodedrights': 'r'}}"), SizeIs(1));
  EXPECT_THAT(Check("{'uri': 'u', 'people': [{'contactinfo': [{'role': 'x'}]}]}"),
              ElementsAre(HasSubstr("people: contactinfo: \"value\" and \"address\"")));
}

TEST(NinjsStandard, AStandardDerivedFromNinjsMayHavePropertiesOfItsOwn) {
  EXPECT_THAT(Check("{'uri': 'u', 'sector': 'x', 'standard': {'name': 'XNINJS', 'version': '2.1'}}"),
              IsEmpty());
  EXPECT_THAT(Check("{'uri': 'u', 'sector': 'x', 'standard': {'name': 'ninjs', 'version': '2.1'}}"),
              SizeIs(1));
}

TEST(NinjsStandard, ViolationsAndDepthAreBounded) {
  json item = {{"uri", "u"}};
  for (int i = 0; i < 1000; ++i) item[absl::StrCat("x", i)] = i;
  EXPECT_THAT(CheckNinjs(item, 2, 3), SizeIs(20));
  json deep = {{"uri", "u"}, {"name", "n"}, {"bad", 1}};
  for (int i = 0; i < 500; ++i) deep = {{"uri", "u"}, {"name", "n"}, {"associations", {deep}}};
  deep.erase("name");
  EXPECT_THAT(CheckNinjs(deep, 2, 3), IsEmpty());
}

// The suites of the standard's makers.
class NinjsSuite : public testing::Test {
 protected:
  static std::vector<fs::path> Files(const std::string& suite) {
    std::vector<fs::path> files;
    for (const fs::directory_entry& version : fs::directory_iterator(SharedData() / "ninjs" / "validation")) {
      for (const fs::directory_entry& file : fs::directory_iterator(version.path() / suite)) {
        files.push_back(file.path());
      }
    }
    std::sort(files.begin(), files.end());
    return files;
  }
  static json Parse(const fs::path& file) {
    std::ostringstream text;
    text << std::ifstream(file).rdbuf();
    return json::parse(text.str());
  }
  // Lays the item into an empty folder, with a file for each picture it names, as a desk receives it.
  fs::path Deliver(const fs::path& file) {
    const fs::path folder = directory_.File(absl::StrCat("delivery", ++deliveries_));
    fs::create_directory(folder);
    for (const json& rendition : Parse(file).value("renditions", json::array())) {
      std::string name = rendition.value("href", "");
      name = name.substr(0, name.find('?'));
      std::ofstream(folder / name.substr(name.rfind('/') + 1)) << "picture";
    }
    fs::copy_file(file, folder / "item.json");
    return folder / "item.json";
  }

  test::TempDir directory_;
  int deliveries_ = 0;
};

TEST_F(NinjsSuite, EveryFileThatShouldPassImports) {
  BROADSHEET_NEEDS_SHARED_DATA("ninjs");
  const std::vector<fs::path> files = Files("should_pass");
  ASSERT_GE(files.size(), 15u);
  for (const fs::path& file : files) {
    ImportedEdition edition;
    RecordedProblems found;
    ReadNinjsFile(Deliver(file), "world", edition, found.problems);
    EXPECT_EQ(found.problems.errors(), 0) << file << testing::PrintToString(found.lines);
    const json item = Parse(file);
    const bool has_nothing = item.value("type", "") == "picture" && !item.contains("renditions");
    EXPECT_EQ(edition.articles.size() + edition.images.size(), has_nothing ? 0u : 1u) << file;
  }
}

TEST_F(NinjsSuite, EveryFileThatShouldFailIsRefusedForTheOffendingProperty) {
  BROADSHEET_NEEDS_SHARED_DATA("ninjs");
  const std::map<std::string, std::string> offending = {
      {"1.6/001_bad_digital_source.json", "\"digitalsourcetype\" must be an object"},
      {"2.1/001_bad_association.json", "\"incorrectproperty\" is no property"},
      {"2.1/002_good_association_but_no_name.json", "associations: \"name\" is missing"},
      {"2.1/003_good_association_but_no_uri.json", "associations: \"uri\" is missing"},
      {"2.1/004_bad_rights.json", "\"linkedrights\" and \"encodedrights\" exclude each other"},
      {"3.1/001_bad_digital_source.json", "\"digitalSourceType\" must be an object"}};
  const std::vector<fs::path> files = Files("should_fail");
  ASSERT_GE(files.size(), offending.size());
  for (const fs::path& file : files) {
    ImportedEdition edition;
    RecordedProblems found;
    ReadNinjsFile(Deliver(file), "world", edition, found.problems);
    EXPECT_TRUE(edition.articles.empty() && edition.images.empty()) << file;
    ASSERT_FALSE(found.lines.empty()) << file;
    const auto reason = offending.find(
        absl::StrCat(file.parent_path().parent_path().filename().string(), "/", file.filename().string()));
    if (reason == offending.end()) continue;
    EXPECT_THAT(found.lines, testing::Contains(HasSubstr(reason->second))) << file;
  }
}

TEST_F(NinjsSuite, TheStandardsExamplesConform) {
  BROADSHEET_NEEDS_SHARED_DATA("ninjs");
  for (const fs::directory_entry& entry :
       fs::recursive_directory_iterator(SharedData() / "ninjs" / "examples")) {
    const std::string name = entry.path().string();
    // A derived schema is no item, and the collection is of a draft of 3.0 with properties of other names.
    const bool is_item = entry.path().extension() == ".json" &&
                         !absl::StrContains(name, "schema-extension") &&
                         !absl::StrContains(name, "/collection/");
    if (!is_item) continue;
    const json item = Parse(entry.path());
    EXPECT_THAT(CheckNinjs(item, NinjsVersionOf(item), 3), IsEmpty()) << name;
  }
}

}  // namespace
}  // namespace broadsheet::cli
