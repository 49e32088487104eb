#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/media/decoder_process.h"
#include "services/media/test_pictures.h"

namespace broadsheet::media {
namespace {

DecodedImage OneRendition(const std::string& bytes, const std::string& media_type, int width, int height) {
  DecodedImage decoded;
  decoded.image.set_width(width);
  decoded.image.set_height(height);
  v1::Rendition* rendition = decoded.image.add_renditions();
  rendition->set_name("w320");
  rendition->set_media_type(media_type);
  rendition->set_width(width);
  rendition->set_height(height);
  rendition->set_byte_size(static_cast<std::int64_t>(bytes.size()));
  decoded.renditions = {bytes};
  return decoded;
}

TEST(DecoderAnswer, RoundTrips) {
  const std::string jpeg = test::Jpeg(30, 20);
  const absl::StatusOr<DecodedImage> parsed =
      ParseAnswer(EncodeAnswer(OneRendition(jpeg, "image/jpeg", 30, 20)));
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  EXPECT_EQ(parsed->image.width(), 30);
  EXPECT_EQ(parsed->renditions.at(0), jpeg);
}

TEST(DecoderAnswer, CarriesErrors) {
  const absl::Status status = absl::InvalidArgumentError("it is damaged");
  EXPECT_EQ(ParseAnswer(EncodeAnswer(status)).status(), status);
}

TEST(DecoderAnswer, IsRefusedUnlessComplete) {
  const std::string answer = EncodeAnswer(OneRendition(test::Jpeg(30, 20), "image/jpeg", 30, 20));
  for (std::size_t size = 0; size < answer.size(); ++size) {
    EXPECT_EQ(ParseAnswer(answer.substr(0, size)).status().code(), absl::StatusCode::kInternal) << size;
  }
  EXPECT_EQ(ParseAnswer(answer + "x").status().code(), absl::StatusCode::kInternal);
}

TEST(DecoderAnswer, IsRefusedWhenARenditionIsNotWhatItClaimsToBe) {
  const std::string jpeg = test::Jpeg(30, 20);
  auto refused = [](const DecodedImage& decoded) {
    return absl::IsInternal(ParseAnswer(EncodeAnswer(decoded)).status());
  };
  EXPECT_TRUE(refused(OneRendition("<script>alert(1)</script>", "image/jpeg", 30, 20)));
  EXPECT_TRUE(refused(OneRendition(jpeg, "image/webp", 30, 20)));
  EXPECT_TRUE(refused(OneRendition(jpeg, "text/html", 30, 20)));
  EXPECT_TRUE(refused(OneRendition(jpeg, "image/jpeg", 31, 20)));
  EXPECT_TRUE(refused(OneRendition(test::Png(30, 20), "image/png", 30, 20)));
  EXPECT_TRUE(refused(DecodedImage()));
}

}  // namespace
}  // namespace broadsheet::media
