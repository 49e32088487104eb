#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "google/rpc/status.pb.h"
#include "services/media/decoder_process.h"
#include "services/media/header_walk.h"
#include "services/media/image_header.h"

// The answer: length and google.rpc.Status, length and v1.Image, then the renditions' bytes, as long as the
// image says.
namespace broadsheet::media {
namespace {

constexpr int kMaxRenditions = 64;

void AppendMessage(const google::protobuf::Message& message, std::string& answer) {
  const std::string bytes = message.SerializeAsString();
  for (int shift = 24; shift >= 0; shift -= 8) answer += static_cast<char>(bytes.size() >> shift & 0xff);
  answer += bytes;
}

bool ReadMessage(header::ByteReader& reader, google::protobuf::Message& message) {
  const std::string_view bytes = reader.Bytes(reader.U32());
  return reader.ok() && message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
}

absl::Status Malformed(absl::string_view what) {
  return absl::InternalError(absl::StrCat("the decoder's answer is malformed: ", what));
}

absl::Status CheckRendition(const v1::Rendition& rendition, std::string_view bytes) {
  absl::StatusOr<ImageHeader> header = ReadImageHeader(bytes);
  if (!header.ok()) return Malformed(header.status().message());
  const bool expected_type = header->type == ImageType::kWebp || header->type == ImageType::kJpeg;
  if (!expected_type || MediaType(header->type) != rendition.media_type() ||
      header->width != rendition.width() || header->height != rendition.height()) {
    return Malformed("a rendition is not what it claims to be");
  }
  return absl::OkStatus();
}

}  // namespace

std::string EncodeAnswer(const absl::StatusOr<DecodedImage>& decoded) {
  std::string answer;
  google::rpc::Status status;
  status.set_code(static_cast<int>(decoded.status().code()));
  status.set_message(std::string(decoded.status().message()));
  AppendMessage(status, answer);
  if (!decoded.ok()) return answer;
  AppendMessage(decoded->image, answer);
  for (const std::string& bytes : decoded->renditions) answer += bytes;
  return answer;
}

absl::StatusOr<DecodedImage> ParseAnswer(std::string_view answer) {
  header::ByteReader reader(answer);
  google::rpc::Status status;
  if (!ReadMessage(reader, status)) return Malformed("no status");
  if (status.code() != 0) return absl::Status(static_cast<absl::StatusCode>(status.code()), status.message());
  DecodedImage decoded;
  if (!ReadMessage(reader, decoded.image)) return Malformed("no image");
  const v1::Image& image = decoded.image;
  if (image.width() < 1 || image.height() < 1 || image.renditions_size() < 1 ||
      image.renditions_size() > kMaxRenditions) {
    return Malformed("an image without size or renditions");
  }
  for (const v1::Rendition& rendition : image.renditions()) {
    const std::string_view bytes = reader.Bytes(static_cast<std::size_t>(rendition.byte_size()));
    if (!reader.ok()) return Malformed("it ends early");
    if (absl::Status valid = CheckRendition(rendition, bytes); !valid.ok()) return valid;
    decoded.renditions.emplace_back(bytes);
  }
  if (!reader.rest().empty()) return Malformed("it is too long");
  return decoded;
}

}  // namespace broadsheet::media
