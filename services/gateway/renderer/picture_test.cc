#include "services/gateway/renderer/picture.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <memory>

#include "services/gateway/renderer/renderer.h"
#include "services/gateway/renderer/testing/sample_pages.h"

namespace broadsheet::gateway {
namespace {

using ::testing::HasSubstr;

// The Arabic sample story, whose lead picture has `caption` of the story's own; if that is empty, media's
// English one.
std::string Pictured(const std::string& caption) {
  ArticlePage page = testing::RightToLeftArticle();
  article::v1::ImageReference& lead = *page.article.mutable_content()->mutable_lead_image();
  lead.set_caption(caption);
  lead.set_credit_line("Orchard Archive");
  media::v1::ImageMetadata& metadata = *page.images.at(lead.image_id()).mutable_metadata();
  metadata.set_caption("Shelves.");
  metadata.set_language("en");
  const absl::StatusOr<std::unique_ptr<Renderer>> renderer = Renderer::Load(
      (std::filesystem::path(RENDERER_SOURCE_DIR) / "templates").string(), testing::SampleSite());
  return renderer.ok() ? (*renderer)->RenderArticle(page) : renderer.status().ToString();
}

TEST(Picture, ACaptionOfMediasSaysItsLanguageAndTheSpaceAfterItIsOfTheStorys) {
  EXPECT_THAT(
      Pictured(""),
      HasSubstr("<span class=\"caption\"><span lang=\"en\" dir=\"ltr\">Shelves.</span> </span>"
                "<span class=\"credit\" lang=\"en-GB\" dir=\"ltr\">Image source: Orchard Archive</span>"));
}

TEST(Picture, ACaptionOfTheStorysOwnIsInItsLanguage) {
  EXPECT_THAT(Pictured("رفوف."), HasSubstr("<span class=\"caption\">رفوف. </span><span class=\"credit\" "));
}

}  // namespace
}  // namespace broadsheet::gateway
