#include "services/media/image_header.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/media/test_pictures.h"

namespace broadsheet::media {
namespace {

using namespace std::string_literals;
using ::testing::HasSubstr;

// The message of the refusal; "accepted" if there is none.
std::string Refusal(const std::string& file) {
  const absl::StatusOr<ImageHeader> header = ReadImageHeader(file);
  if (header.ok()) return "accepted";
  EXPECT_EQ(header.status().code(), absl::StatusCode::kInvalidArgument);
  return std::string(header.status().message());
}

TEST(ImageHeader, RecognisesTypeAndSizeFromTheBytes) {
  struct Case {
    std::string file;
    ImageType type;
    int width;
    int height;
  };
  const Case cases[] = {{test::Png(30, 20), ImageType::kPng, 30, 20},
                        {test::Jpeg(33, 21), ImageType::kJpeg, 33, 21},
                        {test::Gif(7, 5, 1), ImageType::kGif, 7, 5},
                        {test::Tiff(12, 9), ImageType::kTiff, 12, 9},
                        {test::AvifClaiming(64, 48), ImageType::kAvif, 64, 48}};
  for (const Case& c : cases) {
    const absl::StatusOr<ImageHeader> header = ReadImageHeader(c.file);
    ASSERT_TRUE(header.ok()) << MediaType(c.type) << header.status();
    EXPECT_EQ(header->type, c.type);
    EXPECT_EQ(header->width, c.width);
    EXPECT_EQ(header->height, c.height);
  }
}

TEST(ImageHeader, RefusesWhatIsNoPictureWhateverItsName) {
  EXPECT_THAT(Refusal(""), HasSubstr("not a picture of a supported type"));
  EXPECT_THAT(Refusal("<svg xmlns='http://www.w3.org/2000/svg'/>"), HasSubstr("not a picture"));
  EXPECT_THAT(Refusal("%PDF-1.4"), HasSubstr("not a picture"));
  EXPECT_THAT(Refusal("<!DOCTYPE html>"), HasSubstr("not a picture"));
  EXPECT_THAT(Refusal("P6 10 10 255 "), HasSubstr("not a picture"));
}

TEST(ImageHeader, RefusesMoreThanAHundredMegapixels) {
  EXPECT_EQ(Refusal(test::PngClaiming(10'000, 10'000)), "accepted");
  EXPECT_THAT(Refusal(test::PngClaiming(10'001, 10'000)), HasSubstr("10001 by 10000"));
  EXPECT_THAT(Refusal(test::PngClaiming(100'000, 10)), HasSubstr("a side"));
  EXPECT_THAT(Refusal(test::PngClaiming(0xffffffff, 0xffffffff)), HasSubstr("megapixels"));
  EXPECT_THAT(Refusal(test::JpegClaiming(65'500, 65'500, 1)), HasSubstr("megapixels"));
  EXPECT_THAT(Refusal(test::Gif(65'535, 65'535, 1)), HasSubstr("megapixels"));
  EXPECT_THAT(Refusal(test::Tiff(65'000, 65'000)), HasSubstr("megapixels"));
  EXPECT_THAT(Refusal(test::AvifClaiming(17'000, 17'000)), HasSubstr("megapixels"));
}

TEST(ImageHeader, RefusesAPictureWithoutPixels) {
  EXPECT_THAT(Refusal(test::PngClaiming(0, 10)), HasSubstr("0 pixels"));
  EXPECT_THAT(Refusal(test::JpegClaiming(10, 0, 1)), HasSubstr("0 pixels"));
}

TEST(ImageHeader, RefusesEveryTruncationOfEveryType) {
  const std::string files[] = {test::Png(30, 20), test::Jpeg(33, 21), test::Gif(7, 5, 3), test::Tiff(12, 9),
                               test::AvifClaiming(64, 48, "<x/>")};
  for (const std::string& file : files) {
    ASSERT_EQ(Refusal(file), "accepted");
    for (std::size_t size = 0; size < file.size(); ++size) {
      ASSERT_NE(Refusal(file.substr(0, size)), "accepted") << "cut at " << size << " of " << file.size();
    }
  }
}

TEST(ImageHeader, SurvivesEveryByteBeingWrong) {
  const std::string files[] = {test::Png(9, 9), test::Jpeg(16, 16), test::Gif(7, 5, 3), test::Tiff(12, 9),
                               test::AvifClaiming(64, 48, "<x/>")};
  for (const std::string& file : files) {
    for (std::size_t at = 0; at < file.size(); ++at) {
      for (const char wrong : {'\0', '\x01', '\x7f', '\xff'}) {
        std::string changed = file;
        changed[at] = wrong;
        ReadImageHeader(changed).IgnoreError();  // either answer is right; it must give one
      }
    }
  }
}

TEST(ImageHeader, CountsTheScansOfAJpeg) {
  const absl::StatusOr<ImageHeader> header = ReadImageHeader(test::JpegClaiming(100, 100, 12));
  ASSERT_TRUE(header.ok()) << header.status();
  EXPECT_EQ(header->scans, 12);
  EXPECT_THAT(Refusal(test::JpegClaiming(100, 100, 101)), HasSubstr("more than 100 scans"));
}

TEST(ImageHeader, CountsTheFramesOfAGif) {
  const absl::StatusOr<ImageHeader> header = ReadImageHeader(test::Gif(10, 10, 25));
  ASSERT_TRUE(header.ok()) << header.status();
  EXPECT_EQ(header->frames, 25);
  EXPECT_THAT(Refusal(test::Gif(10, 10, 2'001)), HasSubstr("frames"));
}

TEST(ImageHeader, RefusesPngChunksThatExpandToMegabytes) {
  const std::string bomb = "x\0\0"s + test::ZlibCompress(std::string(5 << 20, '\0'));
  EXPECT_THAT(Refusal(test::Png(9, 9, {}, test::PngChunk("zTXt", bomb))), HasSubstr("expands"));
  EXPECT_THAT(Refusal(test::Png(9, 9, {}, test::PngChunk("iCCP", bomb))), HasSubstr("expands"));
  const std::string international = "x\0\1\0\0\0"s + test::ZlibCompress(std::string(5 << 20, '\0'));
  EXPECT_THAT(Refusal(test::Png(9, 9, {}, test::PngChunk("iTXt", international))), HasSubstr("expands"));
  const std::string small = "x\0\0"s + test::ZlibCompress("a comment");
  EXPECT_EQ(Refusal(test::Png(9, 9, {}, test::PngChunk("zTXt", small))), "accepted");
}

TEST(ImageHeader, RefusesAPngWhoseChecksumIsWrong) {
  std::string file = test::Png(30, 20);
  file[file.size() - 20] ^= 1;
  EXPECT_THAT(Refusal(file), HasSubstr("checksum"));
}

TEST(ImageHeader, RefusesTiffWithJpegInside) {
  EXPECT_THAT(Refusal(test::Tiff(12, 9, 7)), HasSubstr("compression of TIFF is not supported"));
}

TEST(ImageHeader, RefusesATiffThatLeadsBackToItself) {
  std::string file = test::Tiff(12, 9);
  file[8 + 2 + 9 * 12] = 8;  // the next directory is the first one
  EXPECT_THAT(Refusal(file), HasSubstr("frames"));
}

TEST(ImageHeader, FindsTheMetadataBlocks) {
  const std::string jpeg = test::WithSegments(
      test::Jpeg(16, 16),
      {test::ExifSegment("EXIF BLOCK"), test::XmpSegment("<xmp/>"), test::PhotoshopSegment("IIM")});
  absl::StatusOr<ImageHeader> header = ReadImageHeader(jpeg);
  ASSERT_TRUE(header.ok()) << header.status();
  EXPECT_EQ(header->metadata.exif, "EXIF BLOCK");
  EXPECT_EQ(header->metadata.xmp, "<xmp/>");
  EXPECT_THAT(header->metadata.photoshop, HasSubstr("IIM"));

  header = ReadImageHeader(test::Png(
      9, 9, {},
      test::PngChunk("iTXt", "XML:com.adobe.xmp\0\1\0\0\0"s + test::ZlibCompress("<png/>")) +
          test::PngChunk("zTXt", "Raw profile type iptc\0\0"s + test::ZlibCompress("\niptc\n 3\n49494d\n")) +
          test::PngChunk("eXIf", "II*")));
  ASSERT_TRUE(header.ok()) << header.status();
  EXPECT_EQ(header->metadata.xmp, "<png/>");
  EXPECT_EQ(header->metadata.iim, "IIM");
  EXPECT_EQ(header->metadata.exif, "II*");

  header = ReadImageHeader(test::AvifClaiming(64, 48, "<avif/>"));
  ASSERT_TRUE(header.ok()) << header.status();
  EXPECT_EQ(header->metadata.xmp, "<avif/>");
}

}  // namespace
}  // namespace broadsheet::media
