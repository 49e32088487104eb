#include "services/gateway/renderer/assets.h"

#include <openssl/sha.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "services/gateway/renderer/template_faults.h"
#include "services/gateway/renderer/template_file.h"

namespace broadsheet::gateway {
namespace {

namespace fs = std::filesystem;

constexpr std::array<absl::string_view, 4> kNeeded = {"page.css", "page.js", "favicon.svg", "favicon.ico"};
constexpr std::array<std::pair<absl::string_view, absl::string_view>, 14> kMediaTypes = {{
    {".css", "text/css; charset=utf-8"},
    {".js", "text/javascript; charset=utf-8"},
    {".svg", "image/svg+xml"},
    {".png", "image/png"},
    {".jpg", "image/jpeg"},
    {".jpeg", "image/jpeg"},
    {".webp", "image/webp"},
    {".avif", "image/avif"},
    {".gif", "image/gif"},
    {".ico", "image/x-icon"},
    {".woff2", "font/woff2"},
    {".json", "application/json"},
    {".webmanifest", "application/manifest+json"},
    {".txt", "text/plain; charset=utf-8"},
}};
constexpr absl::string_view kAssetsPath = "/assets/";
constexpr std::size_t kMaxNameBytes = 100;

absl::string_view ExtensionOf(absl::string_view name) {
  return name.substr(std::min(name.rfind('.'), name.size()));
}

// Empty if it is not known.
absl::string_view MediaTypeOf(absl::string_view name) {
  for (const auto& [extension, type] : kMediaTypes) {
    if (ExtensionOf(name) == extension) return type;
  }
  return "";
}

bool IsPlainName(absl::string_view name) {
  return name.size() <= kMaxNameBytes && std::all_of(name.begin(), name.end(), [](unsigned char c) {
           return absl::ascii_isalnum(c) || c == '-' || c == '_' || c == '.';
         });
}

// Whether it is what another file is served as: "page.3f2a9c01d4e5.css".
bool LooksHashed(absl::string_view name) {
  const absl::string_view stem = name.substr(0, name.size() - ExtensionOf(name).size());
  const absl::string_view last = ExtensionOf(stem);
  return last.size() == 13 &&
         std::all_of(last.begin() + 1, last.end(), [](unsigned char c) { return absl::ascii_isxdigit(c); });
}

// What a file's name alone says against it; empty: nothing.
std::string NameFault(absl::string_view name) {
  if (!IsPlainName(name))
    return absl::StrCat("a name has up to ", kMaxNameBytes, " letters, digits, dots, - and _");
  if (MediaTypeOf(name).empty()) {
    const auto extension = [](std::string* out, const auto& type) { absl::StrAppend(out, type.first); };
    return absl::StrCat("not a kind of file that is served: ", absl::StrJoin(kMediaTypes, " ", extension));
  }
  return LooksHashed(name) ? "such a name is given to what is served with a hash of its bytes" : "";
}

// Whether all links lead to something within the folder.
bool IsWithin(const fs::path& folder, const fs::path& file) {
  std::error_code error;
  const fs::path root = fs::canonical(folder, error);
  if (error) return false;
  const fs::path target = fs::canonical(file, error);
  return !error && std::mismatch(root.begin(), root.end(), target.begin(), target.end()).first == root.end();
}

absl::Status Refused(const fs::path& file, absl::string_view reason) {
  return absl::InvalidArgumentError(absl::StrCat(file.string(), ": ", reason));
}

absl::StatusOr<std::vector<std::string>> AssetNames(const fs::path& directory) {
  std::vector<std::string> names;
  std::error_code error;
  for (fs::directory_iterator at(directory, error), end; !error && at != end; at.increment(error)) {
    std::string name = at->path().filename();
    if (absl::StartsWith(name, ".")) continue;
    if (names.size() == kMaxAssets)
      return Refused(directory, absl::StrCat("holds more than ", kMaxAssets, " files"));
    names.push_back(std::move(name));
  }
  std::sort(names.begin(), names.end());
  for (const absl::string_view needed : kNeeded) {
    if (!std::binary_search(names.begin(), names.end(), needed))
      return absl::NotFoundError(
          absl::StrCat("assets: ", (directory / std::string(needed)).string(), " is missing"));
  }
  return names;
}

absl::StatusOr<Asset> LoadAsset(const fs::path& directory, const std::string& name) {
  const fs::path path = directory / name;
  std::error_code error;
  if (fs::is_directory(path, error)) return Refused(path, "is a folder: files stand beside page.css");
  if (const std::string fault = NameFault(name); !fault.empty()) return Refused(path, fault);
  if (!IsWithin(directory, path)) return Refused(path, "is a link that leads nowhere or out of the folder");
  absl::StatusOr<std::string> bytes = ReadTemplateFile(path, kMaxAssetBytes);
  if (!bytes.ok()) return bytes.status();
  if (bytes->empty()) return Refused(path, "is empty");
  if (bytes->size() > kMaxAssetBytes)
    return Refused(path, absl::StrCat("is longer than ", kMaxAssetBytes, " bytes"));
  const absl::string_view extension = ExtensionOf(name);
  const absl::string_view stem = absl::string_view(name).substr(0, name.size() - extension.size());
  return Asset{.name = name,
               .path = absl::StrCat(kAssetsPath, stem, ".", Fingerprint(*bytes), extension),
               .media_type = std::string(MediaTypeOf(name)),
               .bytes = *std::move(bytes)};
}

}  // namespace

std::string Fingerprint(absl::string_view bytes) {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest;
  SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), digest.data());
  return absl::BytesToHexString(absl::string_view(reinterpret_cast<const char*>(digest.data()), 6));
}

absl::StatusOr<std::vector<Asset>> LoadAssets(absl::string_view directory) {
  const fs::path folder{std::string(directory)};
  const absl::StatusOr<std::vector<std::string>> names = AssetNames(folder);
  if (!names.ok()) return names.status();
  std::vector<Asset> assets;
  TemplateFaults faults;
  std::size_t total = 0;
  for (const std::string& name : *names) {
    absl::StatusOr<Asset> asset = LoadAsset(folder, name);
    if (!asset.ok()) {
      faults.Add(asset.status());
      continue;
    }
    total += asset->bytes.size();
    if (total > kMaxAssetsBytes)
      return Refused(folder / name,
                     absl::StrCat("with it there are more than ", kMaxAssetsBytes, " bytes of files"));
    assets.push_back(*std::move(asset));
    if (name != "favicon.ico") continue;
    Asset& root = assets.emplace_back(assets.back());
    root.path = "/favicon.ico";
    root.immutable = false;
  }
  if (!faults.empty()) return faults.status();
  return assets;
}

std::string AssetPath(const std::vector<Asset>& assets, absl::string_view name) {
  for (const Asset& asset : assets) {
    if (asset.immutable && asset.name == name) return asset.path;
  }
  return "";
}

}  // namespace broadsheet::gateway
