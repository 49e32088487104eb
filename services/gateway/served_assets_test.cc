#include "services/gateway/served_assets.h"

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace broadsheet::gateway {
namespace {

Asset File(const std::string& name, const std::string& hash, std::string bytes) {
  const std::size_t dot = name.rfind('.');
  return {.name = name,
          .path = absl::StrCat("/assets/", name.substr(0, dot), ".", hash, name.substr(dot)),
          .media_type = "text/css; charset=utf-8",
          .bytes = std::move(bytes)};
}

std::string At(const ServedAssets& assets, std::string_view path) {
  const auto content = assets.Find(path);
  return content ? *content->Uncoded() : "-";
}

TEST(ServedAssets, AFileIsFoundUnderItsHashItsNameAndAHashThatNobodyKnows) {
  ServedAssets assets;
  assets.Use({File("page.min.css", "aaaaaaaaaaaa", "a")});
  EXPECT_EQ(At(assets, "/assets/page.min.aaaaaaaaaaaa.css"), "a");
  EXPECT_EQ(At(assets, "/assets/page.min.css"), "a");
  EXPECT_EQ(At(assets, "/assets/page.min.0123456789ab.css"), "a");
  for (const char* other : {"/assets/page.css", "/assets/page.0123456789ab.css", "/assets/page.min.old.css",
                            "/page.min.css", "/assets/", "/assets", ""}) {
    EXPECT_EQ(At(assets, other), "-") << other;
  }
}

TEST(ServedAssets, EarlierFilesStayUnderTheirHash) {
  ServedAssets assets;
  assets.Use({File("page.css", "aaaaaaaaaaaa", "a")});
  assets.Use({File("page.css", "bbbbbbbbbbbb", "b")});
  EXPECT_EQ(At(assets, "/assets/page.aaaaaaaaaaaa.css"), "a");
  EXPECT_EQ(At(assets, "/assets/page.bbbbbbbbbbbb.css"), "b");
  EXPECT_EQ(At(assets, "/assets/page.css"), "b");
  assets.Use({});
  EXPECT_EQ(At(assets, "/assets/page.css"), "-");
  EXPECT_EQ(At(assets, "/assets/page.bbbbbbbbbbbb.css"), "b");
}

TEST(ServedAssets, OfEarlierFilesTheOldestAreForgottenFirst) {
  ServedAssets assets;
  const auto hash = [](std::size_t i) { return absl::StrCat(absl::Hex(i, absl::kZeroPad12)); };
  const std::size_t last = ServedAssets::kMaxEarlier + 2;
  for (std::size_t i = 0; i < last; ++i)
    assets.Use({File("a.css", hash(i), hash(i)), File("b.css", hash(0), "b")});
  EXPECT_EQ(At(assets, absl::StrCat("/assets/a.", hash(0), ".css")), hash(last - 1))
      << "the file as it is now";
  EXPECT_EQ(At(assets, absl::StrCat("/assets/a.", hash(1), ".css")), hash(1));
  EXPECT_EQ(At(assets, absl::StrCat("/assets/b.", hash(0), ".css")), "b");
}

TEST(ServedAssets, AFileThatComesAndGoesCountsOnce) {
  ServedAssets assets;
  assets.Use({File("z.css", "aaaaaaaaaaaa", "z")});
  for (std::size_t i = 0; i < ServedAssets::kMaxEarlier; ++i) {
    assets.Use({File("a.css", "aaaaaaaaaaaa", "a")});
    assets.Use({File("a.css", "bbbbbbbbbbbb", "b")});
  }
  EXPECT_EQ(At(assets, "/assets/z.aaaaaaaaaaaa.css"), "z");
  EXPECT_EQ(At(assets, "/assets/a.aaaaaaaaaaaa.css"), "a");
}

TEST(ServedAssets, TheBytesOfEarlierFilesAreBounded) {
  ServedAssets assets;
  Asset large = File("a.css", "aaaaaaaaaaaa", std::string(ServedAssets::kMaxEarlierBytes / 2, 'x'));
  large.media_type = "image/png";
  assets.Use({large, File("z.css", "aaaaaaaaaaaa", "z")});
  large.path = "/assets/a.bbbbbbbbbbbb.css";
  assets.Use({large});
  assets.Use({});
  EXPECT_EQ(At(assets, "/assets/a.aaaaaaaaaaaa.css"), "-");
  EXPECT_EQ(At(assets, "/assets/z.aaaaaaaaaaaa.css"), "z");
  EXPECT_EQ(At(assets, "/assets/a.bbbbbbbbbbbb.css").size(), large.bytes.size());
}

}  // namespace
}  // namespace broadsheet::gateway
