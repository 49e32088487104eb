#include "services/media/image_pipeline.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <vips/vips8>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "services/media/webp_chunks.h"

namespace broadsheet::media {
namespace {

using vips::VImage;
using vips::VOption;

VOption* Options() { return VImage::option(); }

struct BlobUnref {
  void operator()(VipsBlob* blob) const { vips_area_unref(VIPS_AREA(blob)); }
};
using Blob = std::unique_ptr<VipsBlob, BlobUnref>;

// The bytes stay the caller's and must live as long as images made of them.
Blob Borrow(std::string_view bytes) { return Blob(vips_blob_new(nullptr, bytes.data(), bytes.size())); }

std::string Take(VipsBlob* owned) {
  const Blob blob(owned);
  std::size_t size = 0;
  const void* data = vips_blob_get(blob.get(), &size);
  return std::string(static_cast<const char*>(data), size);
}

std::string_view LoaderPrefix(ImageType type) {
  switch (type) {
    case ImageType::kJpeg:
      return "VipsForeignLoadJpeg";
    case ImageType::kPng:
      return "VipsForeignLoadPng";
    case ImageType::kWebp:
      return "VipsForeignLoadWebp";
    case ImageType::kGif:
      return "VipsForeignLoadNsgif";
    case ImageType::kTiff:
      return "VipsForeignLoadTiff";
    case ImageType::kHeic:
    case ImageType::kHeif:
    case ImageType::kAvif:
      return "VipsForeignLoadHeif";
  }
  return "none";
}

// Whether libvips will use the loader of the type we recognised, so that no file is one thing to us and
// another to it.
bool LoadsAs(std::string_view file, ImageType type) {
  const char* loader = vips_foreign_find_load_buffer(file.data(), file.size());
  return loader != nullptr && std::string_view(loader).starts_with(LoaderPrefix(type));
}

// Exif orientations 5 to 8 turn the picture by a quarter.
bool LiesOnItsSide(const VImage& image) {
  return image.get_typeof(VIPS_META_ORIENTATION) != 0 && image.get_int(VIPS_META_ORIENTATION) >= 5 &&
         image.get_int(VIPS_META_ORIENTATION) <= 8;
}

// Whether the picture has a profile that belongs to its kind of picture; any other is ignored.
bool HasUsableProfile(const VImage& image) {
  if (image.get_typeof(VIPS_META_ICC_NAME) == 0) return false;
  std::size_t size = 0;
  const void* profile = image.get_blob(VIPS_META_ICC_NAME, &size);
  return vips_icc_is_compatible_profile(image.get_image(), profile, size) != 0;
}

VImage ToSrgbByProfile(const VImage& image) {
  return image.icc_transform("srgb", Options()->set("embedded", true)->set("intent", VIPS_INTENT_RELATIVE));
}

// CMYK means little without its profile, so it is converted before it is made smaller; line by line, as at
// full size it may be larger than memory allows.
VImage LoadCmyk(std::string_view file, int width, int height) {
  const VImage full = VImage::new_from_buffer(
      file.data(), file.size(), "",
      Options()->set("access", VIPS_ACCESS_SEQUENTIAL)->set("fail_on", VIPS_FAIL_ON_ERROR));
  VImage srgb = HasUsableProfile(full) ? ToSrgbByProfile(full) : full.colourspace(VIPS_INTERPRETATION_sRGB);
  srgb = srgb.copy();
  srgb.remove(VIPS_META_ICC_NAME);
  return srgb.thumbnail_image(width, Options()->set("height", height)->set("size", VIPS_SIZE_DOWN))
      .copy_memory();
}

// The picture upright, at most `width` by `height`, 8 bits of sRGB or grey with or without alpha, in memory.
VImage LoadBase(std::string_view file, const VImage& full, int width, int height) {
  VImage base;
  if (full.interpretation() == VIPS_INTERPRETATION_CMYK) {
    base = LoadCmyk(file, width, height);
  } else {
    const Blob blob = Borrow(file);
    base = VImage::thumbnail_buffer(
        blob.get(), width,
        Options()->set("height", height)->set("size", VIPS_SIZE_DOWN)->set("fail_on", VIPS_FAIL_ON_ERROR));
    base = base.copy_memory();
    // Only with a profile: inventing one costs bytes and quality.
    if (HasUsableProfile(base)) base = ToSrgbByProfile(base);
  }
  const bool grey =
      base.interpretation() == VIPS_INTERPRETATION_B_W || base.interpretation() == VIPS_INTERPRETATION_GREY16;
  base = base.colourspace(grey ? VIPS_INTERPRETATION_B_W : VIPS_INTERPRETATION_sRGB);
  return base.cast(VIPS_FORMAT_UCHAR).copy_memory();
}

// Leaves the pixels and their format. webpsave of 8.14.1 ignores its own option for this, and rebuilds EXIF
// from the exif-* fields, so all of them go; what it still writes, WithoutMetadataChunks removes.
VImage WithoutMetadata(const VImage& image) {
  VImage bare = image.copy();
  gchar** fields = vips_image_get_fields(bare.get_image());
  for (gchar** field = fields; *field != nullptr; ++field) vips_image_remove(bare.get_image(), *field);
  g_strfreev(fields);
  return bare;
}

std::string EncodeWebp(const VImage& image, const PipelineOptions& options) {
  return WithoutMetadataChunks(Take(image.webpsave_buffer(
      Options()->set("Q", options.webp_quality)->set("effort", options.webp_effort)->set("strip", true))));
}

std::string EncodeJpeg(const VImage& image, const PipelineOptions& options) {
  const VImage opaque = image.has_alpha()
                            ? image.flatten(Options()->set("background", std::vector<double>{255, 255, 255}))
                            : image;
  return Take(opaque.jpegsave_buffer(Options()
                                         ->set("Q", options.jpeg_quality)
                                         ->set("optimize_coding", true)
                                         ->set("interlace", true)
                                         ->set("strip", true)));
}

std::string AverageColor(const VImage& base) {
  const VImage opaque = base.has_alpha()
                            ? base.flatten(Options()->set("background", std::vector<double>{255, 255, 255}))
                            : base;
  const VImage rgb = opaque.colourspace(VIPS_INTERPRETATION_sRGB);
  auto band = [&rgb](int i) { return std::clamp(std::lround(rgb.extract_band(i).avg()), 0L, 255L); };
  return absl::StrFormat("#%02x%02x%02x", band(0), band(1), band(2));
}

std::vector<int> WidthsFor(int width, const std::vector<int>& offered) {
  std::vector<int> widths;
  for (const int offer : offered) {
    widths.push_back(offer);
    if (offer >= width) break;
  }
  return widths;
}

RenderedImage RenderWithVips(std::string_view file, const PipelineOptions& options) {
  const VImage full = VImage::new_from_buffer(file.data(), file.size(), "", nullptr);
  RenderedImage image;
  image.width = LiesOnItsSide(full) ? full.height() : full.width();
  image.height = LiesOnItsSide(full) ? full.width() : full.height();
  VImage base = WithoutMetadata(LoadBase(file, full, options.widths.back(), options.max_height));
  image.placeholder_color = AverageColor(base);
  for (const int width : WidthsFor(image.width, options.widths)) {
    const VImage scaled =
        width >= base.width()
            ? base
            : WithoutMetadata(
                  base.thumbnail_image(
                          width, Options()->set("height", options.max_height)->set("size", VIPS_SIZE_DOWN))
                      .copy_memory());
    const std::string name = absl::StrCat("w", width);
    image.files.push_back({name, "image/jpeg", scaled.width(), scaled.height(), EncodeJpeg(scaled, options)});
    image.files.push_back({name, "image/webp", scaled.width(), scaled.height(), EncodeWebp(scaled, options)});
  }
  std::ranges::stable_sort(image.files, {}, &RenderedFile::media_type);
  return image;
}

// libvips collects all messages of a failure; the first line says enough, and it may quote the file, so it is
// cut.
std::string FirstLine(absl::string_view text) {
  return std::string(text.substr(0, std::min<std::size_t>(text.find('\n'), 200)));
}

}  // namespace

absl::Status StartPipeline(const char* program) {
  if (vips_init(program) != 0) {
    return absl::UnavailableError(absl::StrCat("libvips did not start: ", FirstLine(vips_error_buffer())));
  }
  vips_block_untrusted_set(TRUE);
  vips_concurrency_set(1);
  vips_cache_set_max(0);
  return absl::OkStatus();
}

absl::StatusOr<RenderedImage> Render(std::string_view file, ImageType type, const PipelineOptions& options) {
  if (!LoadsAs(file, type)) {
    vips_error_clear();
    return absl::InvalidArgumentError(
        "the picture cannot be decoded: its kind is ambiguous or not supported");
  }
  try {
    return RenderWithVips(file, options);
  } catch (const vips::VError& error) {
    absl::Status status =
        absl::InvalidArgumentError(absl::StrCat("the picture cannot be decoded: ", FirstLine(error.what())));
    vips_error_clear();
    return status;
  }
}

}  // namespace broadsheet::media
