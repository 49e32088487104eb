#include "services/gateway/renderer/testing/preview.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <set>
#include <string>

#include "absl/strings/match.h"
#include "services/gateway/renderer/testing/sample_pages.h"

namespace broadsheet::gateway::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::unique_ptr<Renderer> PreviewRenderer() {
  auto renderer = Renderer::Load(RENDERER_SOURCE_DIR "/templates", SampleSite());
  EXPECT_TRUE(renderer.ok()) << renderer.status();
  return *std::move(renderer);
}

class Preview : public ::testing::Test {
 protected:
  Preview() { std::filesystem::remove_all(folder_); }
  ~Preview() override { std::filesystem::remove_all(folder_); }

  std::string Read(const std::filesystem::path& path) const {
    std::ifstream stream(folder_ / path, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
  }
  // What a file server that knows nothing but index.html answers at.
  bool IsServed(const std::string& path) const {
    const std::filesystem::path file = folder_ / path.substr(1);
    return std::filesystem::is_regular_file(file) || std::filesystem::is_regular_file(file / "index.html");
  }

  const std::filesystem::path folder_ = std::filesystem::path(::testing::TempDir()) /
                                        ::testing::UnitTest::GetInstance()->current_test_info()->name();
};

// Where links of a page lead to on the site itself.
std::set<std::string> LinksWithinTheSite(const std::string& html) {
  constexpr char kHref[] = " href=\"/";
  std::set<std::string> paths;
  for (std::size_t at = 0; (at = html.find(kHref, at)) != std::string::npos;) {
    at += sizeof(kHref) - 2;
    paths.insert(html.substr(at, html.find_first_of("\"#?", at) - at));
  }
  return paths;
}

TEST_F(Preview, LeadsNobodyToWhatIsNotThere) {
  ASSERT_TRUE(WritePreview(*PreviewRenderer(), folder_).ok());
  std::set<std::string> missing;
  int links = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder_)) {
    const std::filesystem::path file = std::filesystem::relative(entry.path(), folder_);
    if (file.extension() != ".html" || absl::StrContains(file.string(), "hostile")) continue;
    for (const std::string& path : LinksWithinTheSite(Read(file))) {
      ++links;
      if (!IsServed(path)) missing.insert(path + " of " + file.string());
    }
  }
  EXPECT_GT(links, 200);
  EXPECT_THAT(missing, IsEmpty());
}

TEST_F(Preview, HasThePageOfWhatIsReadMostAndTheIndexOfSitemaps) {
  ASSERT_TRUE(WritePreview(*PreviewRenderer(), folder_).ok());
  EXPECT_THAT(Read("most-read/index.html"), HasSubstr("<h1"));
  EXPECT_THAT(Read("sitemap.xml"), HasSubstr("/sitemaps/pages.xml</loc>"));
  EXPECT_THAT(Read("sitemaps/pages.xml"), HasSubstr("<urlset"));
}

TEST_F(Preview, SaysWhichFileCannotBeWritten) {
  std::ofstream(folder_) << "a file where a folder is wanted";
  const absl::Status written = WritePreview(*PreviewRenderer(), folder_);
  EXPECT_EQ(written.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(written.message()), HasSubstr("cannot be written"));
}

}  // namespace
}  // namespace broadsheet::gateway::testing
