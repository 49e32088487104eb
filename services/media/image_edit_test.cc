#include "services/media/image_edit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/rpc/status.h"
#include "services/media/digest.h"
#include "services/media/rendition_path.h"

namespace broadsheet::media {
namespace {

v1::Image Usable(const std::string& caption = "A wall") {
  v1::Image image;
  image.set_image_id("wall");
  image.set_revision(3);
  image.set_sha256("abc");
  image.set_status(v1::IMAGE_STATUS_USABLE);
  image.mutable_metadata()->set_caption(caption);
  image.mutable_metadata()->set_credit_line("ABP News");
  image.mutable_metadata()->mutable_focal_point()->set_x(0.25);
  return image;
}

v1::UpdateImageRequest CaptionUpdate(const std::string& caption) {
  v1::UpdateImageRequest request;
  request.set_image_id("wall");
  request.mutable_metadata()->set_caption(caption);
  request.mutable_update_mask()->add_paths("metadata.caption");
  return request;
}

DecodedImage Decoded() {
  DecodedImage decoded;
  decoded.image.mutable_metadata()->set_caption("by the file");
  decoded.image.mutable_metadata()->set_creator("by the file");
  for (const char* type : {"image/webp", "image/jpeg"}) {
    v1::Rendition* rendition = decoded.image.add_renditions();
    rendition->set_name("w320");
    rendition->set_media_type(type);
    decoded.renditions.push_back(type);
  }
  return decoded;
}

TEST(NewImage, LaysTheClientsWordsOverTheFiles) {
  v1::ImageMetadata given;
  given.set_caption("by the client");
  const Edit edit = NewImage("wall", "sha", 10, Decoded(), given);
  EXPECT_EQ(edit.image.metadata().caption(), "by the client");
  EXPECT_EQ(edit.image.metadata().creator(), "by the file");
  EXPECT_EQ(edit.image.status(), v1::IMAGE_STATUS_USABLE);
  EXPECT_EQ(edit.noticed, change::v1::CHANGE_KIND_PUBLISHED);
}

TEST(NewImage, PathsFollowFromTheBytesAndThePicture) {
  const Edit edit = NewImage("wall", "sha", 10, Decoded(), {});
  EXPECT_TRUE(ParseRenditionPath(edit.image.renditions(0).path()).has_value());
  EXPECT_THAT(edit.image.renditions(0).path(), ::testing::EndsWith("/w320.webp"));
  EXPECT_THAT(edit.image.renditions(1).path(), ::testing::EndsWith("/w320.jpg"));
  EXPECT_EQ(edit.rendition_blobs[0], Sha256("image/webp"));
  EXPECT_EQ(NewImage("wall", "sha", 10, Decoded(), {}).image.renditions(0).path(),
            edit.image.renditions(0).path());
  EXPECT_NE(NewImage("tower", "sha", 10, Decoded(), {}).image.renditions(0).path(),
            edit.image.renditions(0).path());
  DecodedImage other = Decoded();
  other.renditions[1] += "changed";
  EXPECT_NE(NewImage("wall", "sha", 10, other, {}).image.renditions(0).path(),
            edit.image.renditions(0).path());
}

TEST(Reupload, AppliesWhatIsGivenAndLeavesTheRest) {
  v1::ImageMetadata given;
  given.set_alt_text("A wall by the sea");
  const EditResult edited = Reupload(Usable(), "abc", given);
  ASSERT_TRUE(edited.ok() && edited->has_value());
  EXPECT_EQ((*edited)->image.metadata().alt_text(), "A wall by the sea");
  EXPECT_EQ((*edited)->image.metadata().caption(), "A wall");
}

TEST(Reupload, ChangesNothingWithoutNews) { EXPECT_FALSE(Reupload(Usable(), "abc", {})->has_value()); }

TEST(Reupload, RefusesOtherBytes) {
  const absl::Status status = Reupload(Usable(), "other", {}).status();
  EXPECT_TRUE(absl::IsAlreadyExists(status));
  EXPECT_EQ(rpc::Reason(status), "IMAGE_EXISTS");
}

TEST(Update, ChangesTheFieldsNamedAndNoOthers) {
  v1::UpdateImageRequest request = CaptionUpdate("new");
  request.mutable_metadata()->set_credit_line("not named");
  const EditResult edited = Update(Usable(), request);
  ASSERT_TRUE(edited.ok() && edited->has_value());
  EXPECT_EQ((*edited)->image.metadata().caption(), "new");
  EXPECT_EQ((*edited)->image.metadata().credit_line(), "ABP News");
  EXPECT_EQ((*edited)->noticed, change::v1::CHANGE_KIND_PUBLISHED);
}

TEST(Update, EmptiesANamedFieldThatIsNotGiven) {
  EXPECT_EQ((*Update(Usable(), CaptionUpdate("")))->image.metadata().caption(), "");
  v1::UpdateImageRequest request = CaptionUpdate("");
  request.mutable_update_mask()->set_paths(0, "metadata.focal_point");
  EXPECT_FALSE((*Update(Usable(), request))->image.metadata().has_focal_point());
}

TEST(Update, ReplacesAFocalPointAsAWhole) {
  v1::UpdateImageRequest request = CaptionUpdate("");
  request.mutable_update_mask()->set_paths(0, "metadata.focal_point");
  request.mutable_metadata()->mutable_focal_point()->set_y(0.5);
  const v1::FocalPoint point = (*Update(Usable(), request))->image.metadata().focal_point();
  EXPECT_EQ(point.x(), 0);
  EXPECT_EQ(point.y(), 0.5);
}

TEST(Update, ReplacesAllMetadata) {
  v1::UpdateImageRequest request = CaptionUpdate("new");
  request.mutable_update_mask()->set_paths(0, "metadata");
  EXPECT_EQ((*Update(Usable(), request))->image.metadata().credit_line(), "");
}

TEST(Update, CleansWhatIsGiven) {
  EXPECT_EQ((*Update(Usable(), CaptionUpdate(" a\n\u202eb ")))->image.metadata().caption(), "a b");
}

TEST(Update, ChangesNothingWithoutNews) {
  EXPECT_FALSE(Update(Usable(), CaptionUpdate("A wall"))->has_value());
}

TEST(Update, RefusesAnOlderRevision) {
  v1::UpdateImageRequest request = CaptionUpdate("new");
  request.set_expected_revision(2);
  const absl::Status status = Update(Usable(), request).status();
  EXPECT_TRUE(absl::IsAborted(status));
  EXPECT_EQ(rpc::Reason(status), "REVISION_MISMATCH");
  request.set_expected_revision(3);
  EXPECT_TRUE(Update(Usable(), request).ok());
}

TEST(Update, RefusesAnUnknownPicture) {
  const absl::Status status = Update(std::nullopt, CaptionUpdate("new")).status();
  EXPECT_TRUE(absl::IsNotFound(status));
  EXPECT_EQ(rpc::Reason(status), "IMAGE_NOT_FOUND");
}

TEST(Update, ReadersDoNotNoticeWhatHappensToAWithheldPicture) {
  v1::Image image = Usable();
  image.set_status(v1::IMAGE_STATUS_WITHHELD);
  EXPECT_FALSE((*Update(image, CaptionUpdate("new")))->noticed.has_value());
}

TEST(Withhold, WithdrawsByDefaultAndPublishesAgainOnRequest) {
  v1::WithholdImageRequest request;
  const EditResult withheld = Withhold(Usable(), request);
  EXPECT_EQ((*withheld)->image.status(), v1::IMAGE_STATUS_WITHHELD);
  EXPECT_EQ((*withheld)->noticed, change::v1::CHANGE_KIND_WITHDRAWN);
  EXPECT_FALSE(Withhold((*withheld)->image, request)->has_value()) << "it is withheld already";
  request.set_status(v1::IMAGE_STATUS_USABLE);
  const EditResult usable = Withhold((*withheld)->image, request);
  EXPECT_EQ((*usable)->image.status(), v1::IMAGE_STATUS_USABLE);
  EXPECT_EQ((*usable)->noticed, change::v1::CHANGE_KIND_PUBLISHED);
}

TEST(RenditionPath, IsParsedStrictly) {
  const std::string key(32, 'a');
  EXPECT_EQ(ParseRenditionPath("/media/" + key + "/w640.webp")->file, "w640.webp");
  for (const std::string& path :
       {"/media/" + key, "/media/" + key + "/", "/media/" + key + "/../x", "/media/" + key + "/w640.webp/x",
        "/media/" + std::string(32, 'A') + "/w640.webp", "/other/" + key + "/w640.webp",
        std::string("/media/../x")}) {
    EXPECT_FALSE(ParseRenditionPath(path).has_value()) << path;
  }
}

}  // namespace
}  // namespace broadsheet::media
