#include "services/gateway/last_good_pages.h"

#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "libs/http/uri.h"
#include "libs/http/validators.h"
#include "services/gateway/stored_page.h"
#include "services/gateway/stored_page.pb.h"

namespace broadsheet::gateway {
namespace {

// Change the number with every change that an older or newer gateway would misread.
constexpr std::string_view kLastGoodMagic = "BSLG0001";
constexpr std::size_t kDigestBytes = 22;  // of http::StrongEtag
constexpr std::string_view kNameKey = "record";
constexpr std::string_view kEndKey = "end";

std::string Line(std::string_view text) {
  return std::string(http::StrongEtag(text)).append(" ").append(text).append("\n");
}

// What a line says, if it is whole.
std::optional<std::string_view> TextOf(std::string_view line) {
  if (line.size() <= kDigestBytes || line[kDigestBytes] != ' ') return std::nullopt;
  const std::string_view text = line.substr(kDigestBytes + 1);
  if (http::StrongEtag(text) != line.substr(0, kDigestBytes)) return std::nullopt;
  return text;
}

std::vector<std::string> Words(std::string_view text) {
  return absl::StrSplit(absl::string_view(text.data(), text.size()), ' ');
}

std::optional<std::string> NameOf(std::string_view line) {
  const std::optional<std::string_view> text = TextOf(line);
  if (!text) return std::nullopt;
  std::vector<std::string> words = Words(*text);
  if (words.size() != 2 || words[0] != kNameKey) return std::nullopt;
  return std::move(words[1]);
}

std::optional<End> EndOf(std::string_view line) {
  const std::optional<std::string_view> text = TextOf(line);
  if (!text) return std::nullopt;
  const std::vector<std::string> words = Words(*text);
  std::int64_t position = 0;
  std::int64_t micros = 0;
  if (words.size() != 5 || words[0] != kEndKey || !absl::SimpleAtoi(words[2], &position) ||
      !absl::SimpleAtoi(words[3], &micros))
    return std::nullopt;
  std::optional<std::string> log_id = http::DecodeQueryComponent(words[1]);
  std::optional<std::string> subject = http::DecodeQueryComponent(words[4]);
  if (!log_id || !subject) return std::nullopt;
  return End{.subject = *std::move(subject),
             .log_id = *std::move(log_id),
             .position = position,
             .at = micros == 0 ? absl::InfinitePast() : absl::FromUnixMicros(micros)};
}

}  // namespace

std::string EncodeLastGoodPages(const LastGoodPages& pages) {
  StoredLastGood stored;
  stored.set_site(pages.site);
  stored.set_record_name(pages.record_name);
  for (const std::shared_ptr<const PageEntry>& entry : pages.pages) {
    StoredLastGood::Page& page = *stored.add_pages();
    page.set_path(entry->path);
    page.set_stored_page(EncodeStoredPage(*entry));
    page.set_vouched_at_micros(absl::ToUnixMicros(entry->vouched_at));
  }
  const std::string payload = stored.SerializeAsString();
  return std::string(kLastGoodMagic).append(http::StrongEtag(payload)).append(payload);
}

std::optional<LastGoodPages> DecodeLastGoodPages(std::string_view bytes, std::string_view security_policy) {
  if (!bytes.starts_with(kLastGoodMagic) || bytes.size() < kLastGoodMagic.size() + kDigestBytes)
    return std::nullopt;
  const std::string_view digest = bytes.substr(kLastGoodMagic.size(), kDigestBytes);
  const std::string_view payload = bytes.substr(kLastGoodMagic.size() + kDigestBytes);
  if (payload.size() > kMaxLastGoodBytes || http::StrongEtag(payload) != digest) return std::nullopt;
  StoredLastGood stored;
  if (!stored.ParseFromArray(payload.data(), static_cast<int>(payload.size()))) return std::nullopt;
  LastGoodPages pages = {.site = stored.site(), .record_name = stored.record_name(), .pages = {}};
  for (const StoredLastGood::Page& page : stored.pages()) {
    const auto read = DecodeStoredPage(page.stored_page(), page.path(), security_policy, nullptr);
    if (!read) return std::nullopt;
    auto entry = std::make_shared<PageEntry>(*read);
    entry->vouched_at = absl::FromUnixMicros(page.vouched_at_micros());
    pages.pages.push_back(std::move(entry));
  }
  return pages;
}

std::string EncodeRecordName(std::string_view name) {
  return Line(std::string(kNameKey).append(" ").append(name));
}

std::string EncodeEnd(const End& end) {
  const std::int64_t micros = end.at == absl::InfinitePast() ? 0 : absl::ToUnixMicros(end.at);
  return Line(absl::StrCat(std::string(kEndKey), " ", http::EncodeQueryComponent(end.log_id), " ",
                           end.position, " ", micros, " ", http::EncodeQueryComponent(end.subject)));
}

std::optional<EndRecord> DecodeEndRecord(std::string_view bytes) {
  EndRecord record;
  bool first = true;
  while (!bytes.empty()) {
    const std::size_t feed = bytes.find('\n');
    if (feed == bytes.npos) break;
    const std::string_view line = bytes.substr(0, feed);
    bytes.remove_prefix(feed + 1);
    if (first) {
      std::optional<std::string> name = NameOf(line);
      if (!name) return std::nullopt;
      record.name = *std::move(name);
      first = false;
      continue;
    }
    std::optional<End> end = EndOf(line);
    if (!end) return std::nullopt;
    record.ends.push_back(*std::move(end));
  }
  if (first) return std::nullopt;
  return record;
}

}  // namespace broadsheet::gateway
