#include "services/gateway/renderer/assets.h"

#include <openssl/sha.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace broadsheet::gateway {
namespace {

struct File {
  absl::string_view stem;
  absl::string_view extension;
  absl::string_view media_type;
};

constexpr std::array<File, 4> kFiles = {{{"page", ".css", "text/css; charset=utf-8"},
                                         {"page", ".js", "text/javascript; charset=utf-8"},
                                         {"favicon", ".svg", "image/svg+xml"},
                                         {"favicon", ".ico", "image/x-icon"}}};
constexpr absl::string_view kPathPrefix = "/assets/";

}  // namespace

std::string Fingerprint(absl::string_view bytes) {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest;
  SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), digest.data());
  return absl::BytesToHexString(absl::string_view(reinterpret_cast<const char*>(digest.data()), 6));
}

absl::StatusOr<std::vector<Asset>> LoadAssets(absl::string_view directory) {
  std::vector<Asset> assets;
  for (const File& file : kFiles) {
    const auto path = std::filesystem::path(std::string(directory)) / absl::StrCat(file.stem, file.extension);
    std::ifstream stream(path, std::ios::binary);
    std::string bytes{std::istreambuf_iterator<char>(stream), {}};
    if (!stream || bytes.empty())
      return absl::NotFoundError(absl::StrCat("assets: ", path.string(), " is missing or empty"));
    const std::string name = absl::StrCat(file.stem, ".", Fingerprint(bytes), file.extension);
    if (file.extension == ".ico")
      assets.push_back({"/favicon.ico", std::string(file.media_type), bytes, false});
    assets.push_back({absl::StrCat(kPathPrefix, name), std::string(file.media_type), std::move(bytes), true});
  }
  return assets;
}

std::string AssetPath(const std::vector<Asset>& assets, absl::string_view name) {
  const size_t dot = name.rfind('.');
  const std::string prefix = absl::StrCat(kPathPrefix, name.substr(0, dot), ".");
  for (const Asset& asset : assets) {
    if (absl::StartsWith(asset.path, prefix) && absl::EndsWith(asset.path, name.substr(dot)))
      return asset.path;
  }
  return "";
}

}  // namespace broadsheet::gateway
