#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/testing/real_redis.h"
#include "libs/testing/temp_dir.h"
#include "services/gateway/gateway_testing.h"
#include "services/gateway/last_good_pages.h"

// A newsroom changes its templates while readers read.
namespace broadsheet::gateway {
namespace {

using testing::HasSubstr;
using testing::Not;

class TemplatesTest : public GatewayTest {
 protected:
  void SetUp() override {
    std::filesystem::copy(BROADSHEET_TEMPLATES, Folder(), std::filesystem::copy_options::recursive);
    options_.templates = Folder();
    options_.look_at_templates_every = absl::Milliseconds(10);
    article_.Publish("bridge", "Bridge closed");
    article_.Publish("pier", "Pier opened");
    recommendation_.Recommend({"bridge"});
    StartGateway();
  }
  std::string Folder() const { return folder_.File("templates"); }

  // In place of `from` in the file stands `to`.
  void Edit(const std::string& file, const std::string& from, const std::string& to) {
    const std::filesystem::path path = std::filesystem::path(Folder()) / file;
    std::ifstream stream(path, std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(stream), {}};
    ASSERT_NE(text.find(from), std::string::npos);
    std::ofstream(path, std::ios::binary) << absl::StrReplaceAll(text, {{from, to}});
  }
  std::string Ops(const std::string& path) { return test::HttpGet(gateway_->ops_port(), path)->body; }

  test::TempDir folder_;
};

TEST_F(TemplatesTest, AChangedTemplateComesIntoForceWithoutARestart) {
  EXPECT_FALSE(Contains(Get("/city/pier"), "class=\"headline new\""));
  Edit("article.html", "class=\"headline\"", "class=\"headline new\"");
  EXPECT_TRUE(Eventually([&] { return Contains(Get("/city/pier"), "class=\"headline new\""); }));
  EXPECT_THAT(Ops("/metrics"), HasSubstr("broadsheet_gateway_template_loads_total{result=\"replaced\"}"));
}

TEST_F(TemplatesTest, AFolderCanBeCheckedWithoutBeingUsed) {
  const absl::StatusOr<std::string> shipped = CheckTemplates(options_);
  ASSERT_TRUE(shipped.ok()) << shipped.status();
  EXPECT_THAT(*shipped, testing::MatchesRegex("ok, version [0-9a-f]{16}"));
  EXPECT_THAT(Ops("/status"), HasSubstr(shipped->substr(shipped->size() - 16))) << "as one in force";
  Edit("article.html", "{{HEADLINE}}", "{{HEADLINES}}");
  const absl::StatusOr<std::string> mistaken = CheckTemplates(options_);
  ASSERT_FALSE(mistaken.ok());
  EXPECT_THAT(std::string(mistaken.status().message()), testing::ContainsRegex("article.html:[0-9]+"));
  options_.templates = folder_.File("nothing");
  EXPECT_FALSE(CheckTemplates(options_).ok());
}

TEST_F(TemplatesTest, PagesOfTheOldTemplatesAreServedUntilTheyAreMadeAnewBehindTheReader) {
  constexpr int kStories = 20;
  options_.pages.max_refreshes = 1;
  StartGateway();
  for (int i = 0; i < kStories; ++i) article_.Publish(absl::StrCat("story-", i), "A story");
  const auto path_of = [](int i) { return absl::StrCat("/city/story-", i); };
  // Until the last publication is known here, pages may have to be made twice.
  ASSERT_TRUE(Eventually([&] {
    int kept = 0;
    for (int i = 0; i < kStories; ++i) {
      kept += Get(path_of(i)).Header("cache-status") == "broadsheet; hit; detail=memory";
    }
    return kept == kStories;
  }));
  Edit("article.html", "class=\"headline\"", "class=\"headline new\"");
  // No reader waits for a page to be made, however many pages are of the old templates.
  EXPECT_TRUE(Eventually([&] {
    int renewed = 0;
    for (int i = 0; i < kStories; ++i) {
      const test::HttpAnswer answer = Get(path_of(i));
      EXPECT_EQ(answer.status, 200);
      EXPECT_EQ(answer.Header("cache-status"), "broadsheet; hit; detail=memory");
      renewed += Contains(answer, "class=\"headline new\"");
    }
    return renewed == kStories;
  }));
}

TEST_F(TemplatesTest, ABrokenTemplateReplacesNothing) {
  EXPECT_EQ(Get("/city/pier").status, 200);
  Edit("article.html", "{{/STANDFIRST}}", "{{/STANDFRIST}}");
  EXPECT_TRUE(Eventually([&] { return Ops("/status").find("closes STANDFRIST") != std::string::npos; }));
  EXPECT_THAT(Ops("/status"), HasSubstr("article.html:"));
  EXPECT_THAT(Ops("/metrics"), HasSubstr("broadsheet_gateway_template_loads_total{result=\"refused\"}"));
  EXPECT_THAT(Ops("/metrics"), HasSubstr("broadsheet_gateway_templates_refused 1\n"));
  article_.Publish("pier", "Pier closed again");
  EXPECT_TRUE(Contains(Get("/city/pier"), "Pier closed again"));
  EXPECT_TRUE(Contains(Get("/city/pier"), "Standfirst of pier."));
  Edit("article.html", "{{/STANDFRIST}}", "{{/STANDFIRST}}<hr class=\"mended\">");
  EXPECT_TRUE(Eventually([&] { return Contains(Get("/city/pier"), "class=\"mended\""); }));
  EXPECT_THAT(Ops("/status"), Not(HasSubstr("refused: ")));
  EXPECT_THAT(Ops("/metrics"), HasSubstr("broadsheet_gateway_templates_refused 0\n"));
}

TEST_F(TemplatesTest, EscapingCannotBeSwitchedOff) {
  Edit("article.html", "{{HEADLINE}}", "{{HEADLINE:none}}");
  EXPECT_TRUE(Eventually(
      [&] { return Ops("/status").find("escaping must not be switched off") != std::string::npos; }));
  article_.Publish("pier", "<script>alert(1)</script>");
  EXPECT_FALSE(Contains(Get("/city/pier"), "<script>alert"));
}

TEST_F(TemplatesTest, PagesFindTheStyleSheetTheyWereMadeFor) {
  const auto style_of = [](const test::HttpAnswer& page) {
    const std::size_t begin = page.body.find("/assets/page.");
    return page.body.substr(begin, page.body.find('"', begin) - begin);
  };
  const std::string old_path = style_of(Get("/city/pier"));
  const std::string old_style = Get(old_path).body;
  std::ofstream(std::filesystem::path(Folder()) / "assets" / "page.css", std::ios::app) << "\n.new{}\n";
  EXPECT_TRUE(Eventually([&] { return style_of(Get("/city/pier")) != old_path; }));
  EXPECT_THAT(Get(style_of(Get("/city/pier"))).body, HasSubstr(".new{}"));
  EXPECT_EQ(Get(old_path).body, old_style);
}

TEST_F(TemplatesTest, APapersOwnWordsComeIntoForceAndWrongOnesDoNot) {
  EXPECT_TRUE(Contains(Get("/most-read"), "<h1>Most read</h1>"));
  const std::filesystem::path words = std::filesystem::path(Folder()) / "words.txt";
  std::ofstream(words) << "most_read = Meistgelesen\n";
  EXPECT_TRUE(Eventually([&] { return Contains(Get("/most-read"), "<h1>Meistgelesen</h1>"); }));
  std::ofstream(words) << "# mistyped\nmost_raed = Viel gelesen\n";
  EXPECT_TRUE(
      Eventually([&] { return Ops("/status").find("words.txt:2: there is no key") != std::string::npos; }));
  EXPECT_TRUE(Contains(Get("/most-read"), "<h1>Meistgelesen</h1>"));
  std::filesystem::remove(words);
  EXPECT_TRUE(Eventually([&] { return Contains(Get("/most-read"), "<h1>Most read</h1>"); }));
}

TEST_F(TemplatesTest, AFileThatANewsroomAddsIsServedUnderItsNameAndItsHash) {
  EXPECT_EQ(Get("/assets/logo.svg").status, 404);
  std::ofstream(std::filesystem::path(Folder()) / "assets" / "logo.svg") << "<svg>logo</svg>";
  EXPECT_TRUE(Eventually([&] { return Get("/assets/logo.svg").status == 200; }));
  const test::HttpAnswer logo = Get("/assets/logo.svg");
  EXPECT_EQ(logo.body, "<svg>logo</svg>");
  EXPECT_EQ(logo.Header("content-type"), "image/svg+xml");
  EXPECT_EQ(logo.Header("x-content-type-options"), "nosniff");
  EXPECT_EQ(logo.Header("cache-control"), "public, max-age=60");
  EXPECT_THAT(logo.Header("content-security-policy"), HasSubstr("sandbox"));
  EXPECT_EQ(Get("/assets/logo.svg", {{"If-None-Match", logo.Header("etag")}}).status, 304);
  EXPECT_EQ(Get("/assets/logo.0123456789ab.svg").body, logo.body);
  std::ofstream(std::filesystem::path(Folder()) / "assets" / "notes.doc") << "x";
  EXPECT_TRUE(
      Eventually([&] { return Ops("/status").find("notes.doc: not a kind of file") != std::string::npos; }));
  EXPECT_EQ(Get("/assets/logo.svg").status, 200);
  EXPECT_EQ(Get("/assets/notes.doc").status, 404);
}

// A new gateway, with nothing in memory, on templates that were edited since the pages were made.
class DeployTest : public TemplatesTest {
 protected:
  void SetUp() override {
    options_.redis_address = redis_.address();
    options_.redis_timeout = absl::Seconds(2);
    options_.last_good.folder = folder_.File("last-good");
    options_.last_good.interval = absl::Milliseconds(10);
    TemplatesTest::SetUp();
  }

  static constexpr char kNewLook[] = "class=\"headline new\"";
  void EditBetweenGateways() {
    gateway_ = nullptr;
    Edit("article.html", "class=\"headline\"", kNewLook);
  }
  bool RedisHas(const std::string& path) { return redis_.Command({"EXISTS", RedisKey(path)}) == "1"; }
  bool IsOnDisk(const std::string& path) const {
    std::ifstream in(options_.last_good.folder + "/pages", std::ios::binary);
    const auto pages = DecodeLastGoodPages(std::string((std::istreambuf_iterator<char>(in)), {}), "");
    return pages && std::any_of(pages->pages.begin(), pages->pages.end(),
                                [&](const auto& page) { return page->path == path; });
  }
  void WaitForRedis() {
    ASSERT_TRUE(Eventually([&] { return Ops("/status").find("answers") != std::string::npos; }));
  }

  test::RealRedis redis_;
};

TEST_F(DeployTest, WithNewTemplatesEmptiesNoRedis) {
  options_.last_good.folder.clear();
  StartGateway();
  WaitForRedis();
  ASSERT_TRUE(Eventually([&] { return !IsDegraded(Get("/city/pier")) && RedisHas("/city/pier"); }));
  EditBetweenGateways();
  const int calls = article_.faults.calls("GetArticle");
  options_.pages.max_refreshes = 0;  // at first, so that every call would be one that a reader waits for
  StartGateway();
  WaitForRedis();
  const test::HttpAnswer old = Get("/city/pier");
  EXPECT_EQ(old.Header("cache-status"), "broadsheet; hit; detail=redis");
  EXPECT_TRUE(Contains(old, "class=\"headline\""));
  EXPECT_EQ(article_.faults.calls("GetArticle"), calls);
  options_.pages.max_refreshes = 16;
  StartGateway();
  WaitForRedis();
  EXPECT_EQ(Get("/city/pier").Header("cache-status"), "broadsheet; hit; detail=redis");
  EXPECT_TRUE(Eventually([&] {
    const test::HttpAnswer answer = Get("/city/pier");
    EXPECT_THAT(answer.Header("cache-status"), HasSubstr("broadsheet; hit;")) << "no reader waits";
    return Contains(answer, kNewLook);
  }));
}

TEST_F(DeployTest, WithNewTemplatesEmptiesNoDisk) {
  options_.redis_address.clear();
  StartGateway();
  ASSERT_TRUE(Eventually([&] { return Get("/city/pier").status == 200 && IsOnDisk("/city/pier"); }));
  EditBetweenGateways();
  article_.server().Stop();
  ASSERT_NO_FATAL_FAILURE(StartGatewayAlone());
  const test::HttpAnswer old = Get("/city/pier");
  EXPECT_EQ(old.status, 200);
  EXPECT_TRUE(IsDegraded(old));
  EXPECT_TRUE(Contains(old, "class=\"headline\""));
  article_.server().Start();
  EXPECT_TRUE(Eventually([&] {
    const test::HttpAnswer answer = Get("/city/pier");
    EXPECT_EQ(answer.status, 200);
    return Contains(answer, kNewLook) && !IsDegraded(answer);
  }));
}

}  // namespace
}  // namespace broadsheet::gateway
