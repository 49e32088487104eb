#include "services/gateway/renderer/assets.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "libs/testing/temp_dir.h"

namespace broadsheet::gateway {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

class AssetFolder : public ::testing::Test {
 protected:
  AssetFolder() {
    fs::create_directory(folder_);
    for (const char* name : {"page.css", "page.js", "favicon.svg", "favicon.ico"}) Write(name, name);
  }

  void Write(const std::string& name, const std::string& bytes) const {
    std::ofstream(folder_ / name, std::ios::binary) << bytes;
  }
  auto Load() const { return LoadAssets(folder_.string()); }
  std::string Fault() const { return std::string(Load().status().message()); }

  test::TempDir outside_;
  const fs::path folder_ = fs::path(outside_.File("assets"));
};

TEST_F(AssetFolder, EveryFileHasAPathWithItsHashAndItsMediaType) {
  Write("logo.min.svg", "<svg/>");
  Write("serif.woff2", "wOF2");
  const auto assets = Load();
  ASSERT_TRUE(assets.ok()) << assets.status();
  EXPECT_EQ(assets->size(), 7u) << "favicon.ico is there twice";
  EXPECT_EQ(AssetPath(*assets, "logo.min.svg"),
            absl::StrCat("/assets/logo.min.", Fingerprint("<svg/>"), ".svg"));
  for (const Asset& asset : *assets) {
    if (asset.name == "serif.woff2") {
      EXPECT_EQ(asset.media_type, "font/woff2");
    }
  }
}

TEST_F(AssetFolder, ANameThatBeginsLikeAnotherIsNotTakenForIt) {
  Write("page.a.css", "other");
  EXPECT_EQ(AssetPath(*Load(), "page.css"), absl::StrCat("/assets/page.", Fingerprint("page.css"), ".css"));
}

TEST_F(AssetFolder, WhatIsMissingIsNamed) {
  fs::remove(folder_ / "page.js");
  EXPECT_EQ(Load().status().code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(Fault(), HasSubstr("page.js is missing"));
}

TEST_F(AssetFolder, WhatCannotBeServedAsItIsMeantIsNamed) {
  for (const auto& [name, reason] : std::vector<std::pair<std::string, std::string>>{
           {"page.css~", "a name has up to"},
           {"lo go.svg", "a name has up to"},
           {"logo.SVG", "not a kind of file"},
           {"run.html", "not a kind of file"},
           {"README", "not a kind of file"},
           {"page.0123456789ab.css", "with a hash of its bytes"}}) {
    Write(name, "x");
    EXPECT_EQ(Load().status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(Fault(), HasSubstr((folder_ / name).string() + ": "));
    EXPECT_THAT(Fault(), HasSubstr(reason));
    fs::remove(folder_ / name);
  }
  Write("empty.css", "");
  EXPECT_THAT(Fault(), HasSubstr("empty.css: is empty"));
  fs::remove(folder_ / "empty.css");
  fs::create_directory(folder_ / "fonts");
  EXPECT_THAT(Fault(), HasSubstr("fonts: is a folder"));
}

TEST_F(AssetFolder, NumberAndBytesAreBounded) {
  Write("long.txt", std::string(kMaxAssetBytes + 1, 'x'));
  EXPECT_THAT(Fault(), HasSubstr("long.txt: is longer than"));
  Write("long.txt", std::string(kMaxAssetBytes, 'x'));
  EXPECT_TRUE(Load().ok());
  for (int i = 1; i < 8; ++i) fs::copy(folder_ / "long.txt", folder_ / absl::StrCat("long", i, ".txt"));
  EXPECT_THAT(Fault(), HasSubstr("bytes of files"));
  for (int i = 1; i < 8; ++i) Write(absl::StrCat("long", i, ".txt"), "x");
  for (std::size_t i = 12; i < kMaxAssets; ++i) Write(absl::StrCat("more", i, ".txt"), "x");
  EXPECT_TRUE(Load().ok()) << Load().status();
  Write("one-more.txt", "x");
  EXPECT_THAT(Fault(), HasSubstr("holds more than 64 files"));
}

// As Kubernetes lays a ConfigMap out.
TEST_F(AssetFolder, LinksWithinTheFolderAreFollowedAndHiddenOnesAreNotFiles) {
  fs::create_directory(folder_ / "..2026");
  Write("..2026/logo.svg", "<svg/>");
  fs::create_directory_symlink("..2026", folder_ / "..data");
  fs::create_symlink("..data/logo.svg", folder_ / "logo.svg");
  const auto assets = Load();
  ASSERT_TRUE(assets.ok()) << assets.status();
  EXPECT_EQ(assets->size(), 6u);
  EXPECT_NE(AssetPath(*assets, "logo.svg"), "");
}

TEST_F(AssetFolder, ALinkThatLeavesTheFolderIsRefused) {
  std::ofstream(outside_.File("secret.txt")) << "secret";
  fs::create_symlink("../secret.txt", folder_ / "open.txt");
  EXPECT_THAT(Fault(), HasSubstr("open.txt: is a link that leads nowhere or out of the folder"));
  fs::remove(folder_ / "open.txt");
  fs::create_symlink("nowhere.txt", folder_ / "open.txt");
  EXPECT_THAT(Fault(), HasSubstr("open.txt: is a link that leads nowhere"));
}

}  // namespace
}  // namespace broadsheet::gateway
