#include "services/gateway/served_assets.h"

#include <algorithm>
#include <mutex>

#include "absl/strings/ascii.h"
#include "libs/http/compression.h"

namespace broadsheet::gateway {
namespace {

constexpr std::string_view kAssetPrefix = "/assets/";
constexpr std::string_view kFaviconPath = "/favicon.ico";
constexpr std::size_t kHashDigits = 12;
// Longer ones would take seconds, of a start or of a change of templates.
constexpr std::size_t kMaxBestBytes = 256 * 1024;

http::Content::Parts PartsOf(const Asset& asset) {
  http::Content::Parts parts;
  parts.content_type = asset.media_type;
  parts.headers = {{"X-Content-Type-Options", "nosniff"}};
  // Drawings come from elsewhere; one that is opened by itself would be a page of the site.
  if (asset.media_type == "image/svg+xml")
    parts.headers.emplace_back(
        "Content-Security-Policy",
        "default-src 'none'; img-src data:; font-src data:; style-src 'unsafe-inline'; "
        "sandbox");
  parts.body = asset.bytes;
  const http::Effort effort =
      asset.bytes.size() <= kMaxBestBytes ? http::Effort::kBest : http::Effort::kBalanced;
  http::AddGzip(parts, effort);
  http::AddBrotli(parts, effort);
  return parts;
}

std::shared_ptr<const http::Content> ContentOf(http::Content::Parts parts, std::string cache_control) {
  parts.headers.emplace_back("Cache-Control", std::move(cache_control));
  return http::Content::Make(std::move(parts));
}

}  // namespace

std::string AssetName(std::string_view path) {
  const std::size_t extension = path.rfind('.');
  if (!path.starts_with(kAssetPrefix) || extension == std::string_view::npos || extension <= kHashDigits)
    return "";
  const std::size_t dot = extension - kHashDigits - 1;
  const std::string_view hash = path.substr(dot + 1, kHashDigits);
  if (path[dot] != '.' ||
      !std::all_of(hash.begin(), hash.end(), [](unsigned char c) { return absl::ascii_isxdigit(c); }))
    return "";
  return std::string(path.substr(0, dot)).append(path.substr(extension));
}

void ServedAssets::Use(const std::vector<Asset>& assets) {
  ByPath hashed, plain;
  for (const Asset& asset : assets) {
    http::Content::Parts parts = PartsOf(asset);
    if (!asset.immutable) {
      plain[asset.path] = ContentOf(std::move(parts), "public, max-age=86400");
      continue;
    }
    plain[std::string(kAssetPrefix).append(asset.name)] = ContentOf(parts, "public, max-age=60");
    hashed[asset.path] = ContentOf(std::move(parts), "public, max-age=31536000, immutable");
  }
  std::lock_guard lock(mutex_);
  KeepEarlier(hashed);
  hashed_ = std::move(hashed);
  plain_ = std::move(plain);
}

void ServedAssets::KeepEarlier(const ByPath& next) {
  for (auto& [path, content] : hashed_) {
    if (next.contains(path)) continue;
    ForgetEarlier(path);
    earlier_bytes_ += content->bytes();
    earlier_.emplace_back(path, std::move(content));
  }
  while (earlier_.size() > kMaxEarlier || earlier_bytes_ > kMaxEarlierBytes) {
    earlier_bytes_ -= earlier_.front().second->bytes();
    earlier_.pop_front();
  }
}

// Asked before each page is looked for, so for other paths it takes no lock.
ServedAssets::Earlier::const_iterator ServedAssets::FindEarlier(std::string_view path) const {
  return std::find_if(earlier_.begin(), earlier_.end(), [&](const auto& file) { return file.first == path; });
}

void ServedAssets::ForgetEarlier(std::string_view path) {
  const auto earlier = FindEarlier(path);
  if (earlier == earlier_.end()) return;
  earlier_bytes_ -= earlier->second->bytes();
  earlier_.erase(earlier);
}

std::shared_ptr<const http::Content> ServedAssets::Find(std::string_view path) const {
  if (!path.starts_with(kAssetPrefix) && path != kFaviconPath) return nullptr;
  std::shared_lock lock(mutex_);
  for (const ByPath* files : {&hashed_, &plain_}) {
    if (const auto found = files->find(path); found != files->end()) return found->second;
  }
  if (!path.starts_with(kAssetPrefix)) return nullptr;
  if (const auto earlier = FindEarlier(path); earlier != earlier_.end()) return earlier->second;
  const auto now = plain_.find(AssetName(path));
  return now == plain_.end() ? nullptr : now->second;
}

}  // namespace broadsheet::gateway
