#include "services/media/image_pipeline.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "services/media/test_pictures.h"

namespace broadsheet::media {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

class ImagePipeline : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(StartPipeline("test").ok()); }

  static RenderedImage MustRender(const std::string& file, const PipelineOptions& options = {}) {
    const absl::StatusOr<ImageHeader> header = ReadImageHeader(file);
    EXPECT_TRUE(header.ok()) << header.status();
    absl::StatusOr<RenderedImage> rendered =
        Render(file, header.ok() ? header->type : ImageType::kPng, options);
    EXPECT_TRUE(rendered.ok()) << rendered.status();
    return rendered.ok() ? *std::move(rendered) : RenderedImage();
  }

  static std::vector<std::string> Names(const RenderedImage& image) {
    std::vector<std::string> names;
    for (const RenderedFile& file : image.files) names.push_back(file.name + " " + file.media_type);
    return names;
  }
};

TEST_F(ImagePipeline, OffersTheSmallerWidthsAndOneAtThePicturesOwn) {
  const RenderedImage image = MustRender(test::Png(700, 350));
  EXPECT_EQ(image.width, 700);
  EXPECT_EQ(image.height, 350);
  EXPECT_THAT(Names(image), ElementsAre("w320 image/jpeg", "w640 image/jpeg", "w960 image/jpeg",
                                        "w320 image/webp", "w640 image/webp", "w960 image/webp"));
  EXPECT_EQ(image.files[1].width, 640);
  EXPECT_EQ(image.files[1].height, 320);
  EXPECT_EQ(image.files[2].width, 700) << "never enlarged";
}

TEST_F(ImagePipeline, EveryRenditionIsAPictureOfTheTypeAndSizeStated) {
  for (const RenderedFile& file : MustRender(test::Png(1000, 600)).files) {
    const absl::StatusOr<ImageHeader> header = ReadImageHeader(file.bytes);
    ASSERT_TRUE(header.ok()) << header.status();
    EXPECT_EQ(MediaType(header->type), file.media_type);
    EXPECT_EQ(header->width, file.width);
    EXPECT_EQ(header->height, file.height);
    const RenderedImage again = MustRender(file.bytes);
    EXPECT_EQ(again.width, file.width) << "and can be decoded";
  }
}

TEST_F(ImagePipeline, IsDeterministic) {
  const RenderedImage first = MustRender(test::Png(700, 350));
  const RenderedImage second = MustRender(test::Png(700, 350));
  for (std::size_t i = 0; i < first.files.size(); ++i) EXPECT_EQ(first.files[i].bytes, second.files[i].bytes);
}

TEST_F(ImagePipeline, TurnsThePictureUpright) {
  const std::string jpeg = test::Jpeg(60, 40);
  for (int orientation = 1; orientation <= 8; ++orientation) {
    SCOPED_TRACE(orientation);
    const RenderedImage image = MustRender(test::WithSegments(
        jpeg, {test::ExifSegment(test::Exif({}, static_cast<std::uint16_t>(orientation)))}));
    EXPECT_EQ(image.width, orientation >= 5 ? 40 : 60);
    EXPECT_EQ(image.height, orientation >= 5 ? 60 : 40);
    EXPECT_EQ(image.files[0].width, image.width);
    EXPECT_EQ(image.files[0].height, image.height);
  }
}

TEST_F(ImagePipeline, IgnoresAnOrientationThatDoesNotExist) {
  const RenderedImage image =
      MustRender(test::WithSegments(test::Jpeg(60, 40), {test::ExifSegment(test::Exif({}, 99))}));
  EXPECT_EQ(image.width, 60);
}

TEST_F(ImagePipeline, RenditionsCarryNoMetadata) {
  const RenderedImage image = MustRender(test::WithSegments(
      test::Jpeg(400, 300),
      {test::ExifSegment(test::Exif({{0x010e, "SECRET"}, {0x013b, "SECRET"}, {0x0110, "SECRET CAMERA"}})),
       test::XmpSegment(test::Xmp("<photoshop:Credit>SECRET</photoshop:Credit>")),
       test::PhotoshopSegment(test::Iim({{2, 110, "SECRET"}})), test::JpegSegment(0xfe, "SECRET")}));
  for (const RenderedFile& file : image.files) {
    SCOPED_TRACE(file.media_type);
    EXPECT_THAT(file.bytes, Not(HasSubstr("SECRET")));
    EXPECT_THAT(file.bytes, Not(HasSubstr("Exif")));
    EXPECT_THAT(file.bytes, Not(HasSubstr("EXIF")));
    const absl::StatusOr<ImageHeader> header = ReadImageHeader(file.bytes);
    ASSERT_TRUE(header.ok());
    EXPECT_EQ(header->metadata.exif + header->metadata.xmp + header->metadata.photoshop, "");
  }
}

TEST_F(ImagePipeline, KeepsTransparencyInWebpAndMakesItWhiteInJpeg) {
  const RenderedImage image = MustRender(test::TransparentPng(100, 50));
  EXPECT_THAT(image.files[1].bytes.substr(0, 64), HasSubstr("VP8X"));  // the form that can have alpha
  EXPECT_EQ(MustRender(image.files[0].bytes).placeholder_color, "#ffffff");
}

TEST_F(ImagePipeline, ThePlaceholderIsTheAverageColor) {
  EXPECT_EQ(MustRender(test::Png(400, 300, {200, 120, 40})).placeholder_color,
            "#965a1e");  // a quarter is black
}

TEST_F(ImagePipeline, MakesAVeryTallPictureNarrower) {
  const RenderedImage image = MustRender(test::Png(20, 17'000));
  EXPECT_EQ(image.height, 17'000);
  EXPECT_LE(image.files[0].height, 16'000);
}

TEST_F(ImagePipeline, DecodesGifAndTiff) {
  EXPECT_EQ(MustRender(test::Gif(1, 1, 3)).width, 1);
  EXPECT_EQ(MustRender(test::Tiff(12, 9)).height, 9);
}

TEST_F(ImagePipeline, RefusesAFileThatIsNotOfTheTypeStated) {
  EXPECT_EQ(Render(test::Png(10, 10), ImageType::kJpeg, {}).status().code(),
            absl::StatusCode::kInvalidArgument);
  const std::string svg = "<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/>";
  EXPECT_EQ(Render(svg, ImageType::kPng, {}).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(ImagePipeline, DecodesEveryRealFormat) {
  BROADSHEET_NEEDS_SHARED_PICTURES();
  const std::string folder = *broadsheet::media::test::SharedPictures();
  int count = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder + "/formats")) {
    if (!entry.is_regular_file() || entry.path().extension() == ".svg") continue;
    SCOPED_TRACE(entry.path().filename());
    EXPECT_FALSE(MustRender(test::ReadFile(entry.path())).files.empty());
    ++count;
  }
  EXPECT_GE(count, 20);
}

TEST_F(ImagePipeline, AProfileIsAppliedNotDropped) {
  BROADSHEET_NEEDS_SHARED_PICTURES();
  const std::string folder = *broadsheet::media::test::SharedPictures();
  // The same photograph in Display P3 and in sRGB: applied, the profile makes them equal.
  const RenderedImage p3 = MustRender(test::ReadFile(folder + "/formats/made-display-p3.jpg"));
  const RenderedImage srgb = MustRender(test::ReadFile(folder + "/formats/made-progressive.jpg"));
  auto channel = [](const std::string& color, int i) {
    return std::stoi(color.substr(1 + 2 * i, 2), nullptr, 16);
  };
  for (int i = 0; i < 3; ++i) {
    EXPECT_NEAR(channel(p3.placeholder_color, i), channel(srgb.placeholder_color, i), 1) << i;
  }
}

TEST_F(ImagePipeline, PlaceAndSerialNumberDoNotLeak) {
  BROADSHEET_NEEDS_SHARED_PICTURES();
  const std::string folder = *broadsheet::media::test::SharedPictures();
  for (const RenderedFile& file : MustRender(test::ReadFile(folder + "/metadata/gps-and-serial.jpg")).files) {
    EXPECT_THAT(file.bytes, Not(HasSubstr("GPS")));
    EXPECT_THAT(file.bytes, Not(HasSubstr("SN-12345")));
  }
}

}  // namespace
}  // namespace broadsheet::media
