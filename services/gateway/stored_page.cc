#include "services/gateway/stored_page.h"

#include <google/protobuf/io/coded_stream.h>

#include <algorithm>
#include <cstdint>
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
constexpr std::uint32_t kGzipTag = StoredPage::kGzipFieldNumber << 3 | 2;  // bytes with their length
constexpr std::size_t kMaxLengthBytes = 11;  // of a field of bytes, with its tag

std::string ChecksumOf(std::string_view payload) {
  return absl::StrCat(absl::Hex(http::Checksum(payload), absl::kZeroPad16));
}

// What a frame holds; `gzip` is a view of it, and not in `message`.
struct Unframed {
  StoredPage message;
  std::string_view gzip;
};

// Where in a message the bytes of a field are, with tag and length as well.
struct Place {
  std::size_t field = 0, bytes = 0, end = 0;
};

// Where the gzip is, if it is there once; nothing where only the parser can tell.
std::optional<Place> FindGzip(std::string_view payload) {
  google::protobuf::io::CodedInputStream input(reinterpret_cast<const std::uint8_t*>(payload.data()),
                                               static_cast<int>(payload.size()));
  const auto position = [&] { return static_cast<std::size_t>(input.CurrentPosition()); };
  std::optional<Place> found;
  while (position() < payload.size()) {
    Place place{.field = position()};
    const std::uint32_t tag = input.ReadTag();
    std::uint64_t value = 0;
    std::uint32_t length = 0;
    if (tag == 0) return std::nullopt;
    switch (tag & 7) {
      case 0:
        if (!input.ReadVarint64(&value)) return std::nullopt;
        break;
      case 1:
        if (!input.Skip(8)) return std::nullopt;
        break;
      case 2:
        if (!input.ReadVarint32(&length) || length > payload.size() - position()) return std::nullopt;
        place.bytes = position();
        place.end = place.bytes + length;
        if (!input.Skip(static_cast<int>(length))) return std::nullopt;
        break;
      default:
        return std::nullopt;
    }
    if (tag >> 3 != StoredPage::kGzipFieldNumber) continue;
    if (tag != kGzipTag || found) return std::nullopt;
    found = place;
  }
  return found;
}

// Parses what stands around the gzip, which need not be copied for that: the fields of a message that is cut
// in two are those of both.
bool Parse(std::string_view payload, Unframed& unframed) {
  const auto parse = [](std::string_view part, StoredPage& page) {
    return page.ParseFromArray(part.data(), static_cast<int>(part.size()));
  };
  const std::optional<Place> gzip = FindGzip(payload);
  if (!gzip) return parse(payload, unframed.message) && unframed.message.gzip().empty();
  unframed.gzip = payload.substr(gzip->bytes, gzip->end - gzip->bytes);
  StoredPage behind;
  if (!parse(payload.substr(0, gzip->field), unframed.message) || !parse(payload.substr(gzip->end), behind))
    return false;
  gzip->field == 0 ? unframed.message.Swap(&behind) : unframed.message.MergeFrom(behind);
  return true;
}

// What is inside the frame, if that is whole.
std::optional<Unframed> Unframe(std::string_view bytes) {
  if (!bytes.starts_with(kMagic) || bytes.size() < kHeadBytes) return std::nullopt;
  const std::string_view payload = bytes.substr(kHeadBytes);
  if (payload.size() > kMaxStoredPageBytes ||
      ChecksumOf(payload) != bytes.substr(kMagic.size(), kChecksumBytes))
    return std::nullopt;
  std::optional<Unframed> unframed(std::in_place);
  if (!Parse(payload, *unframed)) return std::nullopt;
  return unframed;
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
bool TakeBytes(Unframed& page, std::shared_ptr<const std::string> owner, PageBody& body) {
  const std::size_t expected = static_cast<std::size_t>(page.message.body_bytes());
  if (page.gzip.empty()) {
    body.text = std::move(*page.message.mutable_body());
    return body.text.size() == expected;
  }
  if (expected == 0) return false;  // nothing is never shorter as gzip
  if (body.uncoded) {
    body.text_bytes = expected;
  } else {
    absl::StatusOr<std::string> text = http::Gunzip(page.gzip, expected);
    if (!text.ok() || text->size() != expected) return false;
    body.text = *std::move(text);
  }
  body.owned_gzip = {.owner = std::move(owner), .bytes = page.gzip};
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

// As the message would have it, in front of its other fields.
void AppendGzip(const http::PackedBytes& gzip, std::string& payload) {
  if (gzip.empty()) return;
  payload += static_cast<char>(kGzipTag);
  std::size_t length = gzip.size();
  for (; length >= 0x80; length >>= 7) payload += static_cast<char>(length | 0x80);
  payload += static_cast<char>(length);
  for (std::size_t copied = 0; copied < gzip.size();) {
    const std::string_view part = gzip.From(copied);
    payload += part;
    copied += part.size();
  }
}

}  // namespace

std::string EncodeStoredPage(const PageEntry& entry, std::int64_t epoch) {
  const http::Content& content = *entry.content;
  StoredPage page;
  page.set_path(entry.path);
  page.set_status(entry.status());
  page.set_media_type(content.content_type());
  const http::PackedBytes& gzip = content.coded(http::Coding::kGzip);
  if (gzip.empty()) page.set_body(*content.Uncoded());
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
  page.set_epoch(epoch);
  page.set_rendered_at_micros(absl::ToUnixMicros(entry.rendered_at));
  if (content.last_modified() != absl::InfinitePast()) {
    page.set_date_micros(absl::ToUnixMicros(content.last_modified()));
  }
  if (entry.dependencies.ages_at() != absl::InfiniteFuture())
    page.set_ages_at_micros(absl::ToUnixMicros(entry.dependencies.ages_at()));
  for (const std::string& tag : entry.dependencies.concealed()) page.add_concealed_tags(tag);
  for (const auto& [tag, time] : entry.dependencies.expiries()) {
    (*page.mutable_expiries_micros())[tag] = absl::ToUnixMicros(time);
  }
  const std::size_t message_bytes = page.ByteSizeLong();
  std::string frame(kMagic);
  frame.reserve(kHeadBytes + kMaxLengthBytes + gzip.size() + message_bytes);
  frame.resize(kHeadBytes);
  AppendGzip(gzip, frame);
  page.AppendToString(&frame);
  return frame.replace(kMagic.size(), kChecksumBytes, ChecksumOf(std::string_view(frame).substr(kHeadBytes)));
}

std::shared_ptr<const PageEntry> DecodeStoredPage(std::string_view bytes, std::string_view path,
                                                  std::string_view security_policy,
                                                  std::shared_ptr<http::UncodedBodies> uncoded,
                                                  std::shared_ptr<const std::string> owner) {
  std::optional<Unframed> unframed = Unframe(bytes);
  if (!unframed || !IsPlausible(unframed->message, path)) return nullptr;
  StoredPage* const page = &unframed->message;
  PageBody body = {.status = page->status(),
                   .media_type = page->media_type(),
                   .etag = page->etag(),
                   .location = page->location(),
                   .subject = page->subject(),
                   .uncoded = std::move(uncoded)};
  if (!TakeBytes(*unframed, std::move(owner), body)) return nullptr;
  auto entry = std::make_shared<PageEntry>();
  entry->path = path;
  entry->location = page->location();
  entry->subject = page->subject();
  entry->subject_revision = page->subject_revision();
  entry->degradations.assign(page->degradations().begin(), page->degradations().end());
  entry->templates = page->templates();
  entry->epoch = page->epoch();
  entry->rendered_at = absl::FromUnixMicros(page->rendered_at_micros());
  ReadDependencies(*page, entry->dependencies);
  for (const std::int64_t micros : {page->last_modified_micros(), page->date_micros()}) {
    if (micros != 0) body.last_modified = absl::FromUnixMicros(micros);
  }
  entry->content = PreparePage(std::move(body), entry->dependencies, entry->degradations, security_policy);
  return entry;
}

}  // namespace broadsheet::gateway
