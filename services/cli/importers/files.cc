#include "services/cli/importers/files.h"

#include <cstdint>
#include <fstream>
#include <string>
#include <system_error>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/strip.h"
#include "services/cli/importers/digest.h"
#include "services/cli/importers/own_uri.h"
#include "services/cli/importers/text.h"

namespace broadsheet::cli {

namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t kMostImageBytes = 64ull << 20;
constexpr std::size_t kHashDigits = 12;

std::optional<std::string> ReadBytes(const fs::path& file) {
  std::error_code error;
  const std::uint64_t size = fs::file_size(file, error);
  std::ifstream stream(file, std::ios::binary);
  if (error || !stream) return std::nullopt;
  std::string bytes(size, '\0');
  stream.read(bytes.data(), static_cast<std::streamsize>(size));
  if (stream.bad()) return std::nullopt;
  bytes.resize(static_cast<std::size_t>(stream.gcount()));
  return bytes;
}

std::string PercentDecoded(absl::string_view text) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && absl::ascii_isxdigit(text[i + 1]) &&
        absl::ascii_isxdigit(text[i + 2])) {
      decoded += absl::HexStringToBytes(text.substr(i + 1, 2));
      i += 2;
    } else {
      decoded += text[i];
    }
  }
  return decoded;
}

bool IsWithin(const fs::path& root, const fs::path& file) {
  const fs::path relative = fs::weakly_canonical(file).lexically_relative(fs::weakly_canonical(root));
  return !relative.empty() && *relative.begin() != "..";
}

}  // namespace

std::optional<std::string> ReadText(const fs::path& file, const std::string& shown_as,
                                    std::uint64_t most_bytes, Problems& problems) {
  std::error_code error;
  const std::uint64_t size = fs::file_size(file, error);
  if (error) {
    problems.Error({shown_as}, absl::StrCat("cannot be read: ", error.message()));
    return std::nullopt;
  }
  if (size > most_bytes) {
    problems.Error({shown_as}, absl::StrCat("is larger than ", most_bytes >> 20, " MiB"));
    return std::nullopt;
  }
  std::optional<std::string> text = size == 0 ? std::string() : ReadBytes(file);
  if (!text) {
    problems.Error({shown_as}, "cannot be read");
    return std::nullopt;
  }
  if (const std::optional<std::size_t> invalid = FirstInvalidUtf8(*text)) {
    problems.Error(
        {shown_as, LineAt(*text, *invalid)},
        absl::StrFormat("is not UTF-8: byte 0x%02X", static_cast<unsigned char>((*text)[*invalid])));
    return std::nullopt;
  }
  if (absl::StartsWith(*text, "\xEF\xBB\xBF")) text->erase(0, 3);
  return text;
}

ImageFiles::ImageFiles(fs::path root, std::map<std::string, ImportedImage>& images, Problems& problems)
    : root_(std::move(root)), images_(images), problems_(problems) {}

std::optional<std::string> ImageFiles::Find(absl::string_view path, const Location& where) {
  if (auto known = id_by_path_.find(path); known != id_by_path_.end()) return known->second;
  if (std::optional<std::string> id = OwnId("image", path)) return id;  // it is in the library already
  if (path.find("://") != absl::string_view::npos) {
    problems_.Error(where, absl::StrCat("the image \"", path, "\" must be a file beside the story"));
    return std::nullopt;
  }
  fs::path file = root_ / std::string(path);
  std::error_code error;
  if (!fs::is_regular_file(file, error)) file = root_ / fs::path(PercentDecoded(path));
  if (!fs::is_regular_file(file, error)) {
    problems_.Error(where, absl::StrCat("there is no image \"", path, "\"", Suggestion(file)));
    return std::nullopt;
  }
  if (!IsWithin(root_, file)) {
    problems_.Error(where, absl::StrCat("the image \"", path, "\" is outside the folder being imported"));
    return std::nullopt;
  }
  return Load(file, path, where);
}

std::optional<std::string> ImageFiles::Load(const fs::path& file, absl::string_view path,
                                            const Location& where) {
  std::error_code error;
  const std::uint64_t size = fs::file_size(file, error);
  if (!error && size > kMostImageBytes) {
    problems_.Error(where, absl::StrCat("the image \"", path, "\" is larger than 64 MiB"));
    return std::nullopt;
  }
  const std::optional<std::string> bytes = ReadBytes(file);
  if (!bytes || bytes->empty()) {
    problems_.Error(where, absl::StrCat("the image \"", path, "\" is empty or cannot be read"));
    return std::nullopt;
  }
  ImportedImage image;
  image.file = file;
  image.sha256 = Sha256Hex(*bytes);
  image.where = where;
  const std::string stem = ToId(file.stem().string()).substr(0, 80);
  image.image_id = absl::StrCat(stem, "-", image.sha256.substr(0, kHashDigits));
  id_by_path_.emplace(path, image.image_id);
  images_.emplace(image.image_id, image);
  return image.image_id;
}

std::string ImageFiles::Suggestion(const fs::path& missing) const {
  std::vector<std::string> names;
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(missing.parent_path(), error)) {
    if (names.size() < 1000) names.push_back(entry.path().filename().string());
  }
  return DidYouMean(missing.filename().string(), names);
}

}  // namespace broadsheet::cli
