#include "services/media/image_header.h"

#include <algorithm>
#include <array>
#include <optional>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "services/media/header_walk.h"

namespace broadsheet::media {
namespace {

using namespace std::string_view_literals;

// The type of an ISO base media file by its brands. A file that can be read as AVIF is AVIF.
std::optional<ImageType> BrandType(std::string_view file) {
  header::ByteReader reader(file);
  const std::uint32_t size = reader.U32();
  if (reader.Bytes(4) != "ftyp" || size < 16 || size > file.size() || size > 4096) return std::nullopt;
  const std::string_view brands = file.substr(8, size - 8);
  auto has = [brands](std::string_view brand) {
    for (std::size_t at = 0; at + 4 <= brands.size(); at += 4) {
      if (at != 4 && brands.substr(at, 4) == brand) return true;  // at 4 stands the minor version
    }
    return false;
  };
  if (has("avif") || has("avis")) return ImageType::kAvif;
  if (has("heic") || has("heix") || has("hevc") || has("hevx")) return ImageType::kHeic;
  if (has("mif1") || has("msf1")) return ImageType::kHeif;
  return std::nullopt;
}

std::optional<ImageType> RecogniseType(std::string_view file) {
  if (file.starts_with("\xff\xd8\xff"sv)) return ImageType::kJpeg;
  if (file.starts_with("\x89PNG\r\n\x1a\n"sv)) return ImageType::kPng;
  if (file.starts_with("GIF87a"sv) || file.starts_with("GIF89a"sv)) return ImageType::kGif;
  if (file.starts_with("RIFF"sv) && file.size() >= 12 && file.substr(8, 4) == "WEBP") return ImageType::kWebp;
  if (file.starts_with("II*\0"sv) || file.starts_with("MM\0*"sv)) return ImageType::kTiff;
  return BrandType(file);
}

absl::Status Walk(std::string_view file, const HeaderLimits& limits, ImageHeader& header) {
  switch (header.type) {
    case ImageType::kJpeg:
      return header::WalkJpeg(file, limits, header);
    case ImageType::kPng:
      return header::WalkPng(file, limits, header);
    case ImageType::kWebp:
      return header::WalkWebp(file, limits, header);
    case ImageType::kGif:
      return header::WalkGif(file, limits, header);
    case ImageType::kTiff:
      return header::WalkTiff(file, limits, header);
    case ImageType::kHeic:
    case ImageType::kHeif:
    case ImageType::kAvif:
      return header::WalkHeif(file, limits, header);
  }
  return absl::InternalError("no walk for this type");
}

}  // namespace

std::string_view MediaType(ImageType type) {
  switch (type) {
    case ImageType::kJpeg:
      return "image/jpeg";
    case ImageType::kPng:
      return "image/png";
    case ImageType::kWebp:
      return "image/webp";
    case ImageType::kGif:
      return "image/gif";
    case ImageType::kTiff:
      return "image/tiff";
    case ImageType::kHeic:
      return "image/heic";
    case ImageType::kHeif:
      return "image/heif";
    case ImageType::kAvif:
      return "image/avif";
  }
  return "application/octet-stream";
}

absl::Status header::Damaged(absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("the picture is damaged: ", what));
}

absl::Status header::CheckSize(std::int64_t width, std::int64_t height, const HeaderLimits& limits) {
  if (width < 1 || height < 1) return Damaged("it says that it is 0 pixels wide or high");
  if (width > limits.max_side || height > limits.max_side || width * height > limits.max_pixels) {
    return absl::InvalidArgumentError(absl::StrCat(
        "the picture is ", width, " by ", height, " pixels; at most ", limits.max_pixels / 1'000'000,
        " megapixels and ", limits.max_side, " a side are accepted"));
  }
  return absl::OkStatus();
}

absl::StatusOr<ImageHeader> ReadImageHeader(std::string_view file, const HeaderLimits& limits) {
  const std::optional<ImageType> type = RecogniseType(file);
  if (!type.has_value()) {
    return absl::InvalidArgumentError(
        "not a picture of a supported type (JPEG, PNG, WebP, GIF, TIFF, HEIF, AVIF), by its bytes");
  }
  ImageHeader header;
  header.type = *type;
  if (absl::Status walked = Walk(file, limits, header); !walked.ok()) return walked;
  if (absl::Status size = header::CheckSize(header.width, header.height, limits); !size.ok()) return size;
  if (header.frames > limits.max_frames) {
    return absl::InvalidArgumentError(
        absl::StrCat("the picture has more than ", limits.max_frames, " frames"));
  }
  if (header.scans > limits.max_scans) {
    return absl::InvalidArgumentError(absl::StrCat("the JPEG has more than ", limits.max_scans, " scans"));
  }
  return header;
}

}  // namespace broadsheet::media
