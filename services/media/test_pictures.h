#ifndef BROADSHEET_SERVICES_MEDIA_TEST_PICTURES_H_
#define BROADSHEET_SERVICES_MEDIA_TEST_PICTURES_H_

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// Pictures for tests, small and made byte by byte, and the folder of real ones where there is one.
namespace broadsheet::media::test {

struct Color {
  std::uint8_t red = 0;
  std::uint8_t green = 0;
  std::uint8_t blue = 0;
};

// ---- PNG
std::string PngChunk(std::string_view type, std::string_view data);
std::string ZlibCompress(std::string_view bytes);
// 8-bit RGB of one colour, but for a corner: the left upper quarter is black. `chunks` follow the header.
std::string Png(int width, int height, Color color = {200, 120, 40}, std::string_view chunks = "");
// One that says it is of that size and holds a little data.
std::string PngClaiming(std::uint32_t width, std::uint32_t height);
// RGBA, fully transparent.
std::string TransparentPng(int width, int height);

// ---- JPEG
// Made of Png() by the pipeline itself, without metadata.
std::string Jpeg(int width, int height, Color color = {200, 120, 40});
std::string JpegSegment(std::uint8_t marker, std::string_view data);
// `jpeg` with the segments put at its front.
std::string WithSegments(const std::string& jpeg, std::initializer_list<std::string> segments);
// A structure without a picture: a frame header of that size and so many scans.
std::string JpegClaiming(std::uint16_t width, std::uint16_t height, int scans);

// ---- Others
std::string Gif(int width, int height, int frames);
// Uncompressed grey, little-endian. `compression` is only claimed.
std::string Tiff(std::uint32_t width, std::uint32_t height, std::uint16_t compression = 1);
// The structure of an AVIF with an XMP item, without a picture.
std::string AvifClaiming(std::uint32_t width, std::uint32_t height, std::string_view xmp = "");

// ---- Metadata
// An XMP packet whose rdf:Description holds `elements`.
std::string Xmp(std::string_view elements);
std::string XmpSegment(std::string_view packet);
struct Dataset {
  std::uint8_t record;
  std::uint8_t number;
  std::string value;
};
std::string Iim(const std::vector<Dataset>& datasets);
// APP13 with the datasets and, if given, the digest that XMP remembers of them.
std::string PhotoshopSegment(std::string_view iim, std::string_view digest = "");
std::string Md5(std::string_view bytes);
// A TIFF structure with ASCII tags and, if not 0, an orientation.
struct ExifText {
  std::uint16_t tag;
  std::string value;
};
std::string Exif(const std::vector<ExifText>& texts, std::uint16_t orientation = 0);
std::string ExifSegment(std::string_view exif);

// ---- Real ones
// The folder of real and hostile pictures: $BROADSHEET_SHARED_DATA/media, or ../shared/data/media beside the
// project. Tests that need it say that they did not run where it is absent.
std::optional<std::string> SharedPictures();
std::string ReadFile(const std::string& path);

}  // namespace broadsheet::media::test

// In a test's body: ends the test, saying so, where the folder is absent.
#define BROADSHEET_NEEDS_SHARED_PICTURES()                                                  \
  if (!broadsheet::media::test::SharedPictures().has_value()) {                             \
    GTEST_SKIP() << "NOT RUN: the folder of real pictures (shared/data/media) is not here"; \
  }                                                                                         \
  static_assert(true)

#endif  // BROADSHEET_SERVICES_MEDIA_TEST_PICTURES_H_
