#include "services/gateway/gateway_options.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <fstream>
#include <string>
#include <string_view>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"

namespace broadsheet::gateway {
namespace {

constexpr std::size_t kMaxPasswordBytes = 1024;
constexpr std::size_t kMaxLanguageBytes = 35;  // what BCP 47 asks programs to bear
constexpr std::uint32_t kMaxOneReadIn = 10'000;

absl::Status RefusedFlag(const char* flag, const char* rule) {
  return absl::InvalidArgumentError(absl::StrCat("--", flag, " ", rule));
}

std::string WithoutTrailingSlash(std::string url) {
  while (url.ends_with('/')) url.pop_back();
  return url;
}

// A scheme and a host, to which paths can be added.
bool IsWebAddress(std::string_view url) {
  constexpr std::string_view kSchemes[] = {"https://", "http://"};
  for (const std::string_view scheme : kSchemes) {
    if (!url.starts_with(scheme)) continue;
    const std::string_view rest = url.substr(scheme.size());
    const std::string_view host = rest.substr(0, rest.find('/'));
    return !host.empty() && host.front() != ':' && std::all_of(rest.begin(), rest.end(), [](char c) {
      return c > ' ' && c < 0x7f && std::string_view("\"<>\\^`{|}?#@").find(c) == std::string_view::npos;
    });
  }
  return false;
}

// Whether there is anything behind the host but slashes. Of a web address.
bool HasPath(const std::string& url) {
  return WithoutTrailingSlash(url).find('/', url.find("://") + 3) != std::string::npos;
}

// Of the form of a BCP 47 tag that begins with the code of a language. Whether there is one is not known.
bool IsLanguageTag(std::string_view tag) {
  if (tag.size() > kMaxLanguageBytes) return false;
  for (std::size_t at = 0, part = 0;; ++part) {
    const std::string_view subtag = tag.substr(at, tag.find('-', at) - at);
    const bool fits =
        part == 0 ? subtag.size() == 2 || subtag.size() == 3 : !subtag.empty() && subtag.size() <= 8;
    const bool reads = std::all_of(subtag.begin(), subtag.end(), [part](unsigned char c) {
      return part == 0 ? absl::ascii_isalpha(c) : absl::ascii_isalnum(c);
    });
    if (!fits || !reads) return false;
    at += subtag.size() + 1;
    if (at > tag.size()) return true;
  }
}

absl::Status CheckSite(const Site& site) {
  if (absl::StripAsciiWhitespace(site.name).empty()) return RefusedFlag("site_name", "must not be empty");
  if (!IsLanguageTag(site.language))
    return RefusedFlag("site_language", "must be a language tag (BCP 47), such as en-GB");
  if (!IsWebAddress(site.url))
    return RefusedFlag("site_url", "must be http:// or https:// and a host, such as https://news.example");
  if (HasPath(site.url))
    return RefusedFlag(
        "site_url",
        "must end with the host: pages link to each other from there on, so a path would stand "
        "in canonical addresses and feeds and in no link");
  if (!site.media_url.empty() && !IsWebAddress(site.media_url))
    return RefusedFlag("media_url", "must be empty, or http:// or https:// and a host");
  return absl::OkStatus();
}

absl::Status CheckRedis(const GatewayOptions& options) {
  if (!options.redis_username.empty() && options.redis_password_file.empty())
    return RefusedFlag("redis_username", "needs --redis_password_file");
  if (!options.redis_sentinel_username.empty() && options.redis_sentinel_password_file.empty())
    return RefusedFlag("redis_sentinel_username", "needs --redis_sentinel_password_file");
  if (!options.redis_sentinel_password_file.empty() && !options.redis_address.starts_with("sentinel://"))
    return RefusedFlag("redis_sentinel_password_file", "needs sentinels in --redis_address");
  return absl::OkStatus();
}

// Empty if there is no file.
absl::StatusOr<std::string> ReadPassword(const char* flag, const std::string& path) {
  if (path.empty()) return "";
  const auto refused = [&](const char* why) {
    return absl::InvalidArgumentError(absl::StrCat("--", flag, ": ", path, " ", why));
  };
  std::ifstream file(path, std::ios::binary);
  std::string text(kMaxPasswordBytes + 3, '\0');  // with its line's end, and one byte more
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (!file.is_open() || file.bad()) return refused("cannot be read");
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (text.ends_with('\n')) text.pop_back();
  if (text.ends_with('\r')) text.pop_back();
  if (text.empty()) return refused("is empty");
  if (text.size() > kMaxPasswordBytes) return refused("is longer than 1,024 bytes");
  if (text.find_first_of(std::string_view("\n\r\0", 3)) != std::string::npos)
    return refused("is more than one line of text");
  return text;
}

}  // namespace

absl::Status CheckOptions(const GatewayOptions& options) {
  if (options.threads < 0 || options.threads > 64) return RefusedFlag("threads", "is from 0 to 64");
  if (options.drain < absl::ZeroDuration()) return RefusedFlag("drain_seconds", "must not be negative");
  if (options.pages.rules.max_stale < absl::ZeroDuration())
    return RefusedFlag("max_stale", "must not be negative");
  if (options.last_good.rules.max_absence < absl::ZeroDuration())
    return RefusedFlag("last_good_max_absence", "must not be negative");
  if (options.reads.one_in < 1 || options.reads.one_in > kMaxOneReadIn)
    return RefusedFlag("count_one_read_in", "is from 1 to 10,000");
  if (absl::Status redis = CheckRedis(options); !redis.ok()) return redis;
  return CheckSite(options.site);
}

absl::StatusOr<Site> SiteOf(const GatewayOptions& options) {
  Site site = options.site;
  if (!absl::LoadTimeZone(options.time_zone, &site.time_zone))
    return absl::InvalidArgumentError(absl::StrCat("there is no time zone ", options.time_zone));
  site.url = WithoutTrailingSlash(std::move(site.url));
  site.media_url = WithoutTrailingSlash(std::move(site.media_url));
  return site;
}

absl::StatusOr<redis::ClientOptions> RedisOptions(const GatewayOptions& options) {
  absl::StatusOr<std::string> password = ReadPassword("redis_password_file", options.redis_password_file);
  if (!password.ok()) return password.status();
  absl::StatusOr<std::string> of_sentinels =
      ReadPassword("redis_sentinel_password_file", options.redis_sentinel_password_file);
  if (!of_sentinels.ok()) return of_sentinels.status();
  redis::ClientOptions redis;
  redis.address = options.redis_address;
  redis.username = options.redis_username;
  redis.password = *std::move(password);
  redis.sentinel_username = options.redis_sentinel_username;
  redis.sentinel_password = *std::move(of_sentinels);
  redis.timeout = options.redis_timeout;
  return redis;
}

}  // namespace broadsheet::gateway
