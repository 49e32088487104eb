#include "services/media/validation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

namespace broadsheet::media {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

template <class Request>
std::vector<std::string> FaultyFields(const Request& request) {
  const absl::Status status = Validate(request);
  EXPECT_TRUE(status.ok() || absl::IsInvalidArgument(status));
  std::vector<std::string> fields;
  for (const rpc::Violation& violation : rpc::Violations(status)) fields.push_back(violation.field);
  return fields;
}

TEST(Validation, AnImageIdIsOneToAHundredPlainCharacters) {
  for (const char* id : {"a", "harbour-wall-2", "0"}) EXPECT_TRUE(IsImageId(id)) << id;
  EXPECT_TRUE(IsImageId(std::string(100, 'x')));
  for (const char* id : {"", "Wall", "a_b", "a/b", "é", "a b", "a.b"}) EXPECT_FALSE(IsImageId(id)) << id;
  EXPECT_FALSE(IsImageId(std::string(101, 'x')));
}

TEST(Validation, GetImageNeedsAnId) {
  v1::GetImageRequest request;
  EXPECT_THAT(FaultyFields(request), ElementsAre("image_id"));
  request.set_image_id("wall");
  request.set_min_position(-1);
  EXPECT_THAT(FaultyFields(request), ElementsAre("min_position"));
}

TEST(Validation, BatchGetImagesNamesTheFaultyId) {
  v1::BatchGetImagesRequest request;
  EXPECT_THAT(FaultyFields(request), ElementsAre("image_ids"));
  request.add_image_ids("good");
  request.add_image_ids("BAD");
  EXPECT_THAT(FaultyFields(request), ElementsAre("image_ids[1]"));
  for (int i = 0; i < 199; ++i) request.add_image_ids("good");
  EXPECT_THAT(FaultyFields(request), ElementsAre("image_ids"));
}

TEST(Validation, AnUploadsInfoIsCheckedFieldByField) {
  v1::UploadImageRequest::Info info;
  EXPECT_THAT(FaultyFields(info), IsEmpty()) << "everything may be empty";
  info.set_request_id(std::string(101, 'x'));
  info.set_image_id("Wall");
  v1::ImageMetadata* metadata = info.mutable_metadata();
  metadata->set_caption(std::string(2'001, 'x'));
  metadata->set_alt_text(std::string(1'001, 'x'));
  metadata->set_credit_line(std::string(301, 'x'));
  metadata->set_creator(std::string(301, 'x'));
  metadata->set_copyright_notice(std::string(301, 'x'));
  metadata->set_usage_terms(std::string(2'001, 'x'));
  metadata->set_language("english language");
  metadata->mutable_focal_point()->set_x(std::numeric_limits<double>::quiet_NaN());
  metadata->mutable_focal_point()->set_y(1.01);
  EXPECT_THAT(FaultyFields(info), ElementsAre("info.request_id", "info.image_id", "info.metadata.caption",
                                              "info.metadata.alt_text", "info.metadata.credit_line",
                                              "info.metadata.creator", "info.metadata.copyright_notice",
                                              "info.metadata.usage_terms", "info.metadata.language",
                                              "info.metadata.focal_point.x", "info.metadata.focal_point.y"));
}

TEST(Validation, ANewPictureHasAnIdThatAStoryCanName) {
  v1::UploadImageRequest::Info info;
  info.set_image_id("-wall");
  EXPECT_THAT(FaultyFields(info), ElementsAre("info.image_id"));
  info.set_image_id("wall-");
  EXPECT_THAT(FaultyFields(info), IsEmpty());
  v1::GetImageRequest get;
  get.set_image_id("-wall");
  EXPECT_THAT(FaultyFields(get), IsEmpty()) << "one that is there is read";
  v1::WithholdImageRequest withhold;
  withhold.set_image_id("-wall");
  EXPECT_THAT(FaultyFields(withhold), IsEmpty()) << "and changed";
}

TEST(Validation, LanguagesAreTagsOfBcp47) {
  v1::UploadImageRequest::Info info;
  for (const char* tag : {"", "en", "en-GB", "zh-Hant-TW", "es-419"}) {
    info.mutable_metadata()->set_language(tag);
    EXPECT_THAT(FaultyFields(info), IsEmpty()) << tag;
  }
  for (const char* tag : {"e", "en_GB", "en-", "-en", "abcdefghi", "12"}) {
    info.mutable_metadata()->set_language(tag);
    EXPECT_THAT(FaultyFields(info), ElementsAre("info.metadata.language")) << tag;
  }
}

TEST(Validation, AnUpdateNeedsAMaskOfMetadataFields) {
  v1::UpdateImageRequest request;
  request.set_image_id("wall");
  EXPECT_THAT(FaultyFields(request), ElementsAre("update_mask"));
  request.mutable_update_mask()->add_paths("metadata.caption");
  EXPECT_THAT(FaultyFields(request), IsEmpty());
  for (const char* path :
       {"caption", "metadata.", "metadata.width", "metadata.focal_point.x", "image_id", ""}) {
    request.mutable_update_mask()->set_paths(0, path);
    EXPECT_THAT(FaultyFields(request), ElementsAre("update_mask.paths[0]")) << path;
  }
  request.mutable_update_mask()->set_paths(0, "metadata");
  for (int i = 0; i < 100; ++i) request.mutable_update_mask()->add_paths("metadata");
  EXPECT_THAT(FaultyFields(request), ElementsAre("update_mask"));
  request.mutable_update_mask()->mutable_paths()->DeleteSubrange(1, 100);
  request.set_expected_revision(-1);
  EXPECT_THAT(FaultyFields(request), ElementsAre("expected_revision"));
}

TEST(Validation, StatusesMustBeKnown) {
  v1::WithholdImageRequest withhold;
  withhold.set_image_id("wall");
  EXPECT_THAT(FaultyFields(withhold), IsEmpty());
  withhold.set_status(static_cast<v1::ImageStatus>(9));
  EXPECT_THAT(FaultyFields(withhold), ElementsAre("status"));
  v1::ListImagesRequest list;
  list.set_page_size(-1);
  list.set_status(static_cast<v1::ImageStatus>(9));
  EXPECT_THAT(FaultyFields(list), ElementsAre("page_size", "status"));
}

}  // namespace
}  // namespace broadsheet::media
