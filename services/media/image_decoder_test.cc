#include "services/media/image_decoder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "libs/testing/temp_dir.h"
#include "services/media/files.h"
#include "services/media/test_pictures.h"

namespace broadsheet::media {
namespace {

using ::testing::HasSubstr;

bool NeverAbandoned() { return false; }

class ImageDecoderTest : public ::testing::Test {
 protected:
  // A program that does what `script` says, whatever its arguments.
  std::string Program(const std::string& script) {
    std::string path = folder_.File("program");
    std::ofstream(path) << "#!/bin/sh\n" << script << "\n";
    chmod(path.c_str(), 0755);
    return path;
  }

  absl::StatusOr<DecodedImage> Decode(ImageDecoder& decoder, const std::string& file,
                                      const std::function<bool()>& abandoned = NeverAbandoned) {
    absl::StatusOr<Spool> spool = Spool::Create(folder_.path());
    EXPECT_TRUE(spool.ok() && spool->Append(file).ok());
    return decoder.Decode(spool->descriptor(), "", absl::Now() + absl::Minutes(1), abandoned);
  }

  absl::Status DecodeWith(ImageDecoderOptions options,
                          const std::function<bool()>& abandoned = NeverAbandoned) {
    ImageDecoder decoder(std::move(options));
    return Decode(decoder, test::Png(30, 20), abandoned).status();
  }

  broadsheet::test::TempDir folder_;
  ImageDecoder decoder_{{.program = MEDIA_PROGRAM}};
};

TEST_F(ImageDecoderTest, ReturnsThePictureItsMetadataAndItsRenditions) {
  const absl::StatusOr<DecodedImage> decoded = Decode(
      decoder_,
      test::WithSegments(test::Jpeg(700, 350), {test::PhotoshopSegment(test::Iim({{2, 110, "ABP"}}))}));
  ASSERT_TRUE(decoded.ok()) << decoded.status();
  EXPECT_EQ(decoded->image.width(), 700);
  EXPECT_EQ(decoded->image.media_type(), "image/jpeg");
  EXPECT_EQ(decoded->image.metadata().credit_line(), "ABP");
  EXPECT_EQ(decoded->image.renditions_size(), 6);
  EXPECT_EQ(decoded->renditions.size(), 6u);
}

TEST_F(ImageDecoderTest, RefusesWhatIsNoPicture) {
  const absl::Status status = Decode(decoder_, "<svg xmlns='http://www.w3.org/2000/svg'/>").status();
  EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
}

TEST_F(ImageDecoderTest, SurvivesADecoderThatCrashes) {
  const absl::Status status = DecodeWith({.program = Program("kill -SEGV $$")});
  EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("makes the decoder fail"));
}

TEST_F(ImageDecoderTest, EndsADecoderThatTakesTooLong) {
  const absl::Status status =
      DecodeWith({.program = Program("exec /bin/sleep 100"), .time_limit = absl::Milliseconds(300)});
  EXPECT_TRUE(absl::IsResourceExhausted(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("too long"));
}

TEST_F(ImageDecoderTest, SaysWhatToDoWhenTheMachineHasEndedTheDecoder) {
  for (const char* signal : {"KILL", "TERM"}) {
    const absl::Status status = DecodeWith({.program = Program(absl::StrCat("kill -", signal, " $$"))});
    EXPECT_TRUE(absl::IsResourceExhausted(status)) << status;
    EXPECT_THAT(std::string(status.message()), HasSubstr("try again later, a few times at most"));
  }
}

TEST_F(ImageDecoderTest, BlamesThePictureForTheLimitsOfTheDecoder) {
  const absl::Status status = DecodeWith({.program = Program("kill -XCPU $$")});
  EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
}

TEST_F(ImageDecoderTest, EndsADecoderThatWritesWithoutEnd) {
  const absl::Status status = DecodeWith({.program = Program("exec /usr/bin/yes")});
  EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
}

TEST_F(ImageDecoderTest, DoesNotBelieveAMalformedAnswer) {
  const absl::Status status = DecodeWith({.program = Program("echo nonsense")});
  EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
}

TEST_F(ImageDecoderTest, StopsWhenNobodyWantsThePictureAnyMore) {
  const absl::Status status = DecodeWith({.program = Program("exec /bin/sleep 100")}, [] { return true; });
  EXPECT_TRUE(absl::IsCancelled(status)) << status;
}

TEST_F(ImageDecoderTest, SaysWhenItsProgramCannotBeStarted) {
  const absl::Status status = DecodeWith({.program = folder_.File("absent")});
  EXPECT_TRUE(absl::IsUnavailable(status)) << status;
}

TEST_F(ImageDecoderTest, RefusesOrDecodesEveryHostileFileWithinBounds) {
  BROADSHEET_NEEDS_SHARED_PICTURES();
  const std::string shared = *broadsheet::media::test::SharedPictures();
  int refused = 0;
  int decoded = 0;
  for (const auto& entry : std::filesystem::directory_iterator(shared + "/hostile")) {
    const absl::Time start = absl::Now();
    const absl::Status status = Decode(decoder_, test::ReadFile(entry.path())).status();
    EXPECT_TRUE(status.ok() || absl::IsInvalidArgument(status)) << entry.path() << " " << status;
    EXPECT_LT(absl::Now() - start, absl::Seconds(20)) << entry.path();
    ++(status.ok() ? decoded : refused);
  }
  EXPECT_GE(refused, 40);
  EXPECT_GE(decoded, 10) << "harmless pictures with hostile metadata are taken";
}

}  // namespace
}  // namespace broadsheet::media
