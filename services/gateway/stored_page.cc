#include "services/gateway/stored_page.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "libs/http/compression.h"
#include "services/gateway/stored_page.pb.h"

namespace broadsheet::gateway {
namespace {

// Change the number with every change that an older or newer gateway would misread; then both miss.
constexpr std::string_view kMagic = "BSPG0005";
constexpr std::size_t kChecksumBytes = 16;
constexpr std::size_t kHeadBytes = kMagic.size() + kChecksumBytes;

std::string ChecksumOf(std::string_view payload) {
  return absl::StrCat(absl::Hex(http::Checksum(payload), absl::kZeroPad16));
}

// The message inside the frame, if the frame is whole.
std::optional<StoredPage> Unframe(std::string_view bytes) {
  if (!bytes.starts_with(kMagic) || bytes.size() < kHeadBytes) return std::nullopt;
  const std::string_view payload = bytes.substr(kHeadBytes);
  if (payload.size() > kMaxStoredPageBytes ||
      ChecksumOf(payload) != bytes.substr(kMagic.size(), kChecksumBytes))
    return std::nullopt;
  StoredPage page;
  if (!page.ParseFromArray(payload.data(), static_cast<int>(payload.size()))) return std::nullopt;
  return page;
}

bool IsPlausible(const StoredPage& page, std::string_view path) {
  // Without its tag it would have to be unpacked to be given one.
  const bool tagged = page.status() != 200 || !page.etag().empty();
  return page.path() == path && page.status() >= 200 && page.status() <= 599 && tagged &&
         page.body_bytes() >= 0 && page.body_bytes() <= static_cast<std::int64_t>(kMaxStoredPageBytes);
}

// Puts the page's bytes into `body`; whether they are as long as it says. To unpack them takes longer than
// all the rest and hardly anybody asks for them, so with a place to keep them they are left out: that gzip
// holds what it should is what the checksum says.
bool TakeBytes(StoredPage& page, PageBody& body) {
  const std::size_t expected = static_cast<std::size_t>(page.body_bytes());
  if (page.gzip().empty()) {
    body.text = std::move(*page.mutable_body());
    return body.text.size() == expected;
  }
  if (expected == 0) return false;  // nothing is never shorter as gzip
  if (body.uncoded) {
    body.text_bytes = expected;
  } else {
    absl::StatusOr<std::string> text = http::Gunzip(page.gzip(), expected);
    if (!text.ok() || text->size() != expected) return false;
    body.text = *std::move(text);
  }
  body.gzip = std::move(*page.mutable_gzip());
  return true;
}

void ReadDependencies(const StoredPage& page, Dependencies& dependencies) {
  if (!page.article_snapshot().log_id().empty()) {
    dependencies.Read(Source::kArticle, page.article_snapshot());
    change::v1::Snapshot newest = page.article_snapshot();
    newest.set_position(std::max(newest.position(), page.newest_article_position()));
    dependencies.Read(Source::kArticle, newest);
  }
  if (!page.media_snapshot().log_id().empty()) dependencies.Read(Source::kMedia, page.media_snapshot());
  // Which source was read as known last is not stored: degraded pages are kept on disk alone.
  const bool last_known = std::any_of(page.degradations().begin(), page.degradations().end(),
                                      [](const page::v1::Degradation& part) { return part.stale(); });
  for (Source source : kAllSources) {
    if (last_known && dependencies.has_read(source))
      dependencies.ReadLastKnown(source, dependencies.snapshot(source));
  }
  for (const std::string& tag : page.tags()) dependencies.Tag(tag);
  for (const std::string& tag : page.concealed_tags()) dependencies.Conceal(tag);
  if (page.ages_at_micros() != 0) dependencies.Ages(absl::FromUnixMicros(page.ages_at_micros()));
  for (const auto& [tag, micros] : page.expiries_micros()) {
    dependencies.Expires(tag, absl::FromUnixMicros(micros));
  }
}

}  // namespace

std::string EncodeStoredPage(const PageEntry& entry) {
  const http::Content& content = *entry.content;
  StoredPage page;
  page.set_path(entry.path);
  page.set_status(entry.status());
  page.set_media_type(content.content_type());
  page.set_gzip(content.coded(http::Coding::kGzip).Joined());
  if (page.gzip().empty()) page.set_body(*content.Uncoded());
  page.set_body_bytes(static_cast<std::int64_t>(content.uncoded_bytes()));
  page.set_etag(std::string(OpaqueTag(content)));
  page.set_location(entry.location);
  page.set_subject(entry.subject);
  page.set_subject_revision(entry.subject_revision);
  for (const page::v1::Degradation& degradation : entry.degradations) *page.add_degradations() = degradation;
  *page.mutable_article_snapshot() = entry.dependencies.snapshot(Source::kArticle);
  page.set_newest_article_position(entry.dependencies.newest(Source::kArticle));
  *page.mutable_media_snapshot() = entry.dependencies.snapshot(Source::kMedia);
  for (std::string& tag : entry.dependencies.tags()) page.add_tags(std::move(tag));
  page.set_templates(entry.templates);
  page.set_rendered_at_micros(absl::ToUnixMicros(entry.rendered_at));
  if (content.last_modified() != absl::InfinitePast()) {
    page.set_last_modified_micros(absl::ToUnixMicros(content.last_modified()));
  }
  if (entry.dependencies.ages_at() != absl::InfiniteFuture())
    page.set_ages_at_micros(absl::ToUnixMicros(entry.dependencies.ages_at()));
  for (const std::string& tag : entry.dependencies.concealed()) page.add_concealed_tags(tag);
  for (const auto& [tag, time] : entry.dependencies.expiries()) {
    (*page.mutable_expiries_micros())[tag] = absl::ToUnixMicros(time);
  }
  std::string frame(kMagic);
  frame.resize(kHeadBytes);
  page.AppendToString(&frame);
  return frame.replace(kMagic.size(), kChecksumBytes, ChecksumOf(std::string_view(frame).substr(kHeadBytes)));
}

std::shared_ptr<const PageEntry> DecodeStoredPage(std::string_view bytes, std::string_view path,
                                                  std::string_view security_policy,
                                                  std::shared_ptr<http::UncodedBodies> uncoded) {
  std::optional<StoredPage> page = Unframe(bytes);
  if (!page || !IsPlausible(*page, path)) return nullptr;
  PageBody body = {.status = page->status(),
                   .media_type = page->media_type(),
                   .etag = page->etag(),
                   .location = page->location(),
                   .subject = page->subject(),
                   .uncoded = std::move(uncoded)};
  if (!TakeBytes(*page, body)) return nullptr;
  auto entry = std::make_shared<PageEntry>();
  entry->path = path;
  entry->location = page->location();
  entry->subject = page->subject();
  entry->subject_revision = page->subject_revision();
  entry->degradations.assign(page->degradations().begin(), page->degradations().end());
  entry->templates = page->templates();
  entry->rendered_at = absl::FromUnixMicros(page->rendered_at_micros());
  ReadDependencies(*page, entry->dependencies);
  if (page->last_modified_micros() != 0)
    body.last_modified = absl::FromUnixMicros(page->last_modified_micros());
  entry->content = PreparePage(std::move(body), entry->dependencies, entry->degradations, security_policy);
  return entry;
}

}  // namespace broadsheet::gateway
