#include "services/gateway/page_entry.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "libs/http/compression.h"
#include "libs/http/uri.h"

namespace broadsheet::gateway {
namespace {

constexpr std::size_t kMessageHeadBytes = 200;  // without tags: media type, tag, time, snapshots
// CDNs refuse fields that are longer than 8 KiB with their name; the rest is left out.
constexpr std::size_t kMaxSurrogateKeyBytes = 8 * 1024 - std::string_view("Surrogate-Key: ").size();

// What the page is about comes first: a long story's pictures and links do not all fit.
std::string SurrogateKey(const Dependencies& dependencies, const std::string& subject) {
  std::vector<std::string> tags = dependencies.public_tags();
  if (const auto own = std::find(tags.begin(), tags.end(), subject); own != tags.end())
    std::rotate(tags.begin(), own, own + 1);
  std::string keys;
  for (const std::string& tag : tags) {
    const std::string key = http::EncodePath(tag);
    if (keys.size() + 1 + key.size() > kMaxSurrogateKeyBytes) break;
    absl::StrAppend(&keys, keys.empty() ? "" : " ", key);
  }
  return keys;
}

std::string DegradedField(const std::vector<page::v1::Degradation>& degradations) {
  std::string field;
  for (const page::v1::Degradation& degradation : degradations) {
    absl::StrAppend(&field, field.empty() ? "" : ", ", degradation.part(),
                    ";reason=", ReasonName(degradation.reason()), degradation.stale() ? ";stale" : "");
  }
  return field;
}

// For browsers, then for CDNs. A CDN is asked to keep pages as briefly: it has no part in the freshness
// protocol. Nobody is told to use a page if there is an error (stale-if-error): one of them is the 503 by
// which this gateway does not show what was withdrawn, and what it may show as known last it shows itself.
struct CacheControl {
  std::string_view browsers;
  std::string_view cdns;
};

CacheControl CacheControlFor(int status, bool degraded, bool expires) {
  if (status == 503 || status == 400) return {"no-store", "no-store"};
  // Nobody but this gateway knows when, so nobody else may fall back to it.
  if (expires || degraded) return {"public, max-age=1", "public, max-age=1"};
  if (status == 301 || status == 404 || status == 410) return {"public, max-age=5", "public, max-age=5"};
  return {"public, max-age=5, stale-while-revalidate=30", "public, max-age=5, stale-while-revalidate=5"};
}

using Fields = std::vector<std::pair<std::string, std::string>>;

std::shared_ptr<const http::PreparedLines> HtmlSecurityLines(std::string_view security_policy) {
  return std::make_shared<const http::PreparedLines>(
      Fields{{"X-Content-Type-Options", "nosniff"},
             {"Content-Security-Policy", std::string(security_policy)},
             {"Referrer-Policy", "strict-origin-when-cross-origin"},
             {"Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()"},
             {"Cross-Origin-Opener-Policy", "same-origin"}});
}

// The same for nearly all pages. Of policies there is one at a time, so each thread keeps what it needed
// last.
std::shared_ptr<const http::PreparedLines> SecurityLines(std::string_view media_type,
                                                         std::string_view security_policy) {
  static const auto& others = *new std::shared_ptr<const http::PreparedLines>(
      std::make_shared<const http::PreparedLines>(Fields{{"X-Content-Type-Options", "nosniff"}}));
  if (!media_type.starts_with("text/html")) return others;
  struct Latest {
    std::string policy;
    std::shared_ptr<const http::PreparedLines> lines;
  };
  static thread_local Latest latest;
  if (latest.lines == nullptr || latest.policy != security_policy)
    latest = {std::string(security_policy), HtmlSecurityLines(security_policy)};
  return latest.lines;
}

Fields FieldsOf(const PageBody& body, const Dependencies& dependencies,
                const std::vector<page::v1::Degradation>& degradations) {
  const CacheControl cache_control =
      CacheControlFor(body.status, !degradations.empty(), dependencies.until() != absl::InfiniteFuture());
  Fields fields = {{"Cache-Control", std::string(cache_control.browsers)},
                   {"CDN-Cache-Control", std::string(cache_control.cdns)}};
  if (std::string keys = SurrogateKey(dependencies, body.subject); !keys.empty())
    fields.emplace_back("Surrogate-Key", keys);
  if (!body.location.empty()) fields.emplace_back("Location", body.location);
  if (body.status == 503) fields.emplace_back("Retry-After", "5");
  if (!degradations.empty()) fields.emplace_back("Broadsheet-Degraded", DegradedField(degradations));
  return fields;
}

// The same page with these codings of its bytes. Each has the ETag that it would have anyway.
std::shared_ptr<PageEntry> WithCodings(const PageEntry& entry, http::Content::Parts variants,
                                       std::string_view security_policy,
                                       std::shared_ptr<http::UncodedBodies> uncoded) {
  const http::Content& content = *entry.content;
  auto coded = std::make_shared<PageEntry>(entry);
  coded->content = PreparePage({.status = content.status(),
                                .media_type = content.content_type(),
                                .text = std::move(variants.body),
                                .gzip = std::move(variants.gzip),
                                .brotli = std::move(variants.brotli),
                                .etag = std::string(OpaqueTag(content)),
                                .location = entry.location,
                                .subject = entry.subject,
                                .last_modified = content.last_modified(),
                                .uncoded = std::move(uncoded)},
                               entry.dependencies, entry.degradations, security_policy);
  coded->compression.Begin();
  return coded;
}

}  // namespace

std::string_view OpaqueTag(const http::Content& content) {
  const std::string_view etag = content.etag();
  return etag.size() >= 2 ? etag.substr(1, etag.size() - 2) : std::string_view();
}

bool PageEntry::degraded(std::string_view part) const {
  return std::any_of(degradations.begin(), degradations.end(),
                     [&](const page::v1::Degradation& degradation) { return degradation.part() == part; });
}

page::v1::DegradationReason PageEntry::reason(std::string_view part) const {
  const auto last =
      std::find_if(degradations.rbegin(), degradations.rend(),
                   [&](const page::v1::Degradation& degradation) { return degradation.part() == part; });
  return last == degradations.rend() ? page::v1::DEGRADATION_REASON_UNSPECIFIED : last->reason();
}

bool IsCopyOf(const PageEntry& copy, const PageEntry& page) {
  const change::Dependency& mine = copy.dependencies.of(Source::kArticle);
  const change::Dependency& theirs = page.dependencies.of(Source::kArticle);
  return mine.log_id == theirs.log_id && mine.position == theirs.position &&
         copy.copy_of == OpaqueTag(*page.content);
}

std::size_t PageEntry::bytes() const {
  std::size_t total = sizeof(PageEntry) + path.capacity() + location.capacity() + subject.capacity() +
                      dependencies.bytes() + kMessageHeadBytes + location.size() +
                      (content ? content->bytes() : 0);
  for (Source source : kAllSources) {
    for (const std::string& tag : dependencies.of(source).tags) total += tag.size() + 2;  // in message_head
  }
  for (const page::v1::Degradation& degradation : degradations) total += degradation.SpaceUsedLong();
  for (const page::v1::BackendCall& call : calls) total += call.SpaceUsedLong();
  return total;
}

std::shared_ptr<const http::Content> PreparePage(PageBody body, const Dependencies& dependencies,
                                                 const std::vector<page::v1::Degradation>& degradations,
                                                 std::string_view security_policy) {
  http::Content::Parts parts;
  parts.headers = FieldsOf(body, dependencies, degradations);
  parts.common = SecurityLines(body.media_type, security_policy);
  parts.status = body.status;
  parts.content_type = std::move(body.media_type);
  parts.body = std::move(body.text);
  parts.body_bytes = body.text_bytes;
  parts.gzip = std::move(body.gzip);
  parts.owned_gzip = std::move(body.owned_gzip);
  parts.brotli = std::move(body.brotli);
  parts.etag = std::move(body.etag);
  parts.last_modified = body.last_modified;
  parts.uncoded = std::move(body.uncoded);
  if (parts.gzip.empty() && parts.owned_gzip.empty()) http::AddGzip(parts, http::Effort::kFast);
  return http::Content::Make(std::move(parts));
}

std::shared_ptr<const PageEntry> CompressBetter(const PageEntry& entry, std::string_view security_policy,
                                                std::shared_ptr<http::UncodedBodies> uncoded) {
  std::optional<std::string> text = entry.content->UncodedCopy();
  if (!text) return nullptr;
  http::Content::Parts variants;
  variants.content_type = entry.content->content_type();
  variants.body = *std::move(text);
  http::AddGzip(variants, http::Effort::kBalanced);
  http::AddBrotli(variants, http::Effort::kBalanced);
  return WithCodings(entry, std::move(variants), security_policy, std::move(uncoded));
}

std::shared_ptr<const PageEntry> CompressBest(const PageEntry& entry, std::string_view security_policy,
                                              std::shared_ptr<http::UncodedBodies> uncoded) {
  const http::Content& content = *entry.content;
  std::optional<std::string> text = content.UncodedCopy();
  if (!text) return nullptr;
  http::Content::Parts variants;
  variants.content_type = content.content_type();
  variants.body = *std::move(text);
  variants.gzip = content.coded(http::Coding::kGzip).Joined();
  variants.brotli = content.coded(http::Coding::kBrotli).Joined();
  http::AddBrotli(variants, http::Effort::kBest);
  auto best = WithCodings(entry, std::move(variants), security_policy, std::move(uncoded));
  best->best_compression.Finish();
  return best;
}

void KeepFinishedCompression(const PageEntry& previous, const PageEntry& page) {
  const http::Content& before = *previous.content;
  const http::Content& now = *page.content;
  const bool taken_over =
      now.Offers(http::Coding::kBrotli) && now.etag() == before.etag() &&
      now.coded(http::Coding::kBrotli).size() == before.coded(http::Coding::kBrotli).size();
  if (taken_over && previous.best_compression.done()) page.best_compression.Finish();
}

std::string ReasonName(page::v1::DegradationReason reason) {
  constexpr std::size_t kPrefix = std::string_view("DEGRADATION_REASON_").size();
  const std::string name = page::v1::DegradationReason_Name(reason);
  return absl::StrReplaceAll(absl::AsciiStrToLower(name.substr(std::min(name.size(), kPrefix))),
                             {{"_", "-"}});
}

}  // namespace broadsheet::gateway
