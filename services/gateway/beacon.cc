#include "services/gateway/beacon.h"

#include <optional>
#include <utility>

#include "libs/http/uri.h"

namespace broadsheet::gateway {
namespace {

constexpr std::string_view kForm = "application/x-www-form-urlencoded";

// "news.example:8080" of "https://news.example:8080/x".
std::string_view AuthorityOf(std::string_view url) {
  const std::size_t scheme = url.find("://");
  if (scheme == url.npos) return {};
  url.remove_prefix(scheme + 3);
  return url.substr(0, url.find('/'));
}

// Browsers name the page's origin with every POST. What does not is no page of ours.
bool IsOurs(const http::Request& request, std::string_view site_url) {
  const std::string_view fetch_site = request.Header("sec-fetch-site");
  if (!fetch_site.empty() && fetch_site != "same-origin") return false;
  const std::string_view origin = AuthorityOf(request.Header("origin"));
  return !origin.empty() && (origin == request.host() || origin == AuthorityOf(site_url));
}

// Takes the next part of `rest`, up to `separator`.
std::string_view Next(std::string_view& rest, char separator) {
  const std::size_t end = rest.find(separator);
  const std::string_view part = rest.substr(0, end);
  rest.remove_prefix(end == rest.npos ? rest.size() : end + 1);
  return part;
}

// A path as the browser gives it, decoded; nothing if it is none of ours.
std::optional<std::string> PathIn(std::string_view encoded) {
  const std::optional<std::string> value = http::DecodeQueryComponent(encoded);
  return value ? http::DecodePath(*value) : std::nullopt;
}

bool ReadForm(std::string_view form, Beacon& beacon) {
  while (!form.empty()) {
    std::string_view field = Next(form, '&');
    const std::string_view name = Next(field, '=');
    std::string* const wanted = name == "page" ? &beacon.page : name == "from" ? &beacon.from : nullptr;
    if (wanted == nullptr || !wanted->empty()) return false;
    std::optional<std::string> path = PathIn(field);
    if (!path) return false;
    *wanted = *std::move(path);
  }
  return !beacon.page.empty();
}

// Without parameters.
std::string_view MediaTypeOf(std::string_view content_type) {
  content_type = content_type.substr(0, content_type.find(';'));
  return content_type.substr(0, content_type.find_last_not_of(" \t") + 1);
}

}  // namespace

Beacon ReadBeacon(const http::Request& request, std::string_view site_url) {
  if (!IsOurs(request, site_url)) return {.status = 403};
  if (request.body().size() > kMaxBeaconBytes) return {.status = 413};
  const std::string_view type = request.Header("content-type");
  if (!http::EqualsIgnoringCase(MediaTypeOf(type), kForm)) return {.status = 415};
  Beacon beacon;
  if (!ReadForm(request.body(), beacon)) return {.status = 400};
  beacon.counts = request.Header("sec-gpc") != "1" && request.Header("dnt") != "1";
  return beacon;
}

}  // namespace broadsheet::gateway
