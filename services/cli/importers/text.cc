#include "services/cli/importers/text.h"

#include <unicode/normalizer2.h>
#include <unicode/stringpiece.h>
#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstring>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "services/cli/importers/digest.h"

namespace broadsheet::cli {

namespace v1 = article::v1;

namespace {

constexpr std::size_t kLongestId = 100;

const icu::Normalizer2& Nfc() {
  UErrorCode error = U_ZERO_ERROR;
  return *icu::Normalizer2::getNFCInstance(error);
}

const icu::Normalizer2& Nfkd() {
  UErrorCode error = U_ZERO_ERROR;
  return *icu::Normalizer2::getNFKDInstance(error);
}

bool IsAscii(absl::string_view text) {
  constexpr std::uint64_t kHighBits = 0x8080808080808080;
  std::uint64_t bits = 0;
  std::size_t i = 0;
  for (std::uint64_t word; i + sizeof(word) <= text.size(); i += sizeof(word)) {
    std::memcpy(&word, text.data() + i, sizeof(word));
    bits |= word;
  }
  for (; i < text.size(); ++i) bits |= static_cast<unsigned char>(text[i]);
  return (bits & kHighBits) == 0;
}

std::string Normalize(const icu::Normalizer2& form, absl::string_view text) {
  if (IsAscii(text)) return std::string(text);  // it is in every normal form
  std::string result;
  UErrorCode error = U_ZERO_ERROR;
  icu::StringByteSink<std::string> sink(&result);
  form.normalizeUTF8(0, icu::StringPiece(text.data(), static_cast<int32_t>(text.size())), sink, nullptr,
                     error);
  return U_SUCCESS(error) ? result : std::string(text);
}

// Start of the character that holds byte `offset`, or the end of the text.
std::size_t CharacterStart(absl::string_view text, std::size_t offset) {
  offset = std::min(offset, text.size());
  while (offset > 0 && offset < text.size() && (text[offset] & 0xC0) == 0x80) --offset;
  return offset;
}

bool IsSpace(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f'; }

// Moves the spans from `text` to its normal form, and returns that.
std::string NormalizeWithSpans(std::string text, std::vector<v1::Span>& spans) {
  if (IsAscii(text)) return text;
  std::string normal = ToNfc(text);
  if (normal == text) return text;
  for (v1::Span& span : spans) {
    span.set_start(CharacterStart(normal, ToNfc(absl::string_view(text).substr(0, span.start())).size()));
    span.set_end(CharacterStart(normal, ToNfc(absl::string_view(text).substr(0, span.end())).size()));
  }
  return normal;
}

// Cuts white space off both ends of `text`, and moves the spans along.
std::string TrimWithSpans(std::string text, std::vector<v1::Span>& spans) {
  std::size_t begin = 0;
  std::size_t end = text.size();
  while (end > 0 && IsSpace(text[end - 1])) --end;
  while (begin < end && IsSpace(text[begin])) ++begin;
  for (v1::Span& span : spans) {
    span.set_start(std::clamp<std::size_t>(span.start(), begin, end) - begin);
    span.set_end(std::clamp<std::size_t>(span.end(), begin, end) - begin);
  }
  text.resize(end);
  text.erase(0, begin);
  return text;
}

}  // namespace

std::optional<std::size_t> FirstInvalidUtf8(absl::string_view text) {
  if (IsAscii(text)) return std::nullopt;
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(text.data());
  const std::size_t size = text.size();
  std::size_t at = 0;
  while (at < size) {
    const std::size_t start = at;
    UChar32 character;
    U8_NEXT(bytes, at, size, character);
    if (character < 0) return start;
  }
  return std::nullopt;
}

std::string ToNfc(absl::string_view text) { return Normalize(Nfc(), text); }

std::optional<std::string> FirstControlCharacter(absl::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if ((byte < 0x20 && byte != '\n' && byte != '\t') || byte == 0x7F) return absl::StrFormat("U+%04X", byte);
    if (byte != 0xC2 || i + 1 == text.size()) continue;  // U+0080 to U+009F are C2 80 to C2 9F
    const auto next = static_cast<unsigned char>(text[i + 1]);
    if (next >= 0x80 && next < 0xA0) return absl::StrFormat("U+%04X", next);
  }
  return std::nullopt;
}

std::string OneLine(absl::string_view text) {
  RichTextBuilder builder;
  builder.Append(text);
  return builder.Finish().text();
}

int LineAt(absl::string_view text, std::size_t offset) {
  return 1 + static_cast<int>(std::count(text.begin(), text.begin() + std::min(offset, text.size()), '\n'));
}

bool IsId(absl::string_view text) {
  if (text.empty() || text.size() > kLongestId || text.front() == '-') return false;
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return absl::ascii_islower(c) || absl::ascii_isdigit(c) || c == '-'; });
}

std::string ToId(absl::string_view text) {
  std::string id;
  bool lost = false;
  const std::string plain = Normalize(Nfkd(), text);
  for (std::size_t i = 0; i < plain.size();) {
    UChar32 character;
    U8_NEXT(reinterpret_cast<const std::uint8_t*>(plain.data()), i, plain.size(), character);
    if (character < 0x80 && absl::ascii_isalnum(static_cast<unsigned char>(character))) {
      id += absl::ascii_tolower(static_cast<unsigned char>(character));
    } else if (u_isUAlphabetic(character)) {
      lost = true;
    } else if (u_charType(character) != U_NON_SPACING_MARK && !id.empty() && id.back() != '-') {
      id += '-';
    }
  }
  while (!id.empty() && id.back() == '-') id.pop_back();
  if (id.size() <= kLongestId && !id.empty() && !lost) return id;
  constexpr std::size_t kHashDigits = 12;
  id.resize(std::min(id.size(), kLongestId - kHashDigits - 1));
  while (!id.empty() && id.back() == '-') id.pop_back();
  return absl::StrCat(id, id.empty() ? "" : "-", Sha256Hex(text).substr(0, kHashDigits));
}

void RichTextBuilder::Append(absl::string_view text) {
  std::size_t i = 0;
  while (i < text.size()) {
    if (IsSpace(text[i])) {
      if (!text_.empty() && text_.back() != ' ' && text_.back() != '\n') text_ += ' ';
      ++i;
      continue;
    }
    // Words with one space between them stay as they are.
    std::size_t end = i + 1;
    const auto is_kept = [&] {
      if (!IsSpace(text[end])) return true;
      return text[end] == ' ' && end + 1 < text.size() && !IsSpace(text[end + 1]);
    };
    while (end < text.size() && is_kept()) ++end;
    absl::StrAppend(&text_, text.substr(i, end - i));
    i = end;
  }
}

void RichTextBuilder::AppendRaw(absl::string_view text) { absl::StrAppend(&text_, text); }

void RichTextBuilder::LineBreak() {
  while (!text_.empty() && text_.back() == ' ') text_.pop_back();
  text_ += '\n';
}

void RichTextBuilder::Open(v1::Span span) {
  span.set_start(text_.size());
  open_.push_back(std::move(span));
}

void RichTextBuilder::Close() {
  v1::Span span = std::move(open_.back());
  open_.pop_back();
  span.set_end(text_.size());
  spans_.push_back(std::move(span));
}

bool RichTextBuilder::empty() const { return std::all_of(text_.begin(), text_.end(), IsSpace); }

v1::RichText RichTextBuilder::Finish() {
  while (!open_.empty()) Close();
  // A line break may have taken a space that a span began after.
  for (v1::Span& span : spans_) {
    span.set_end(std::min<std::size_t>(span.end(), text_.size()));
    span.set_start(std::min(span.start(), span.end()));
  }
  text_ = TrimWithSpans(NormalizeWithSpans(std::move(text_), spans_), spans_);
  std::erase_if(spans_, [](const v1::Span& span) { return span.start() >= span.end(); });
  // Spans are stored as they closed, inner ones first; of two over the same range the outer one is to come
  // first.
  std::reverse(spans_.begin(), spans_.end());
  std::stable_sort(spans_.begin(), spans_.end(), [](const v1::Span& a, const v1::Span& b) {
    return a.start() != b.start() ? a.start() < b.start() : a.end() > b.end();
  });
  v1::RichText result;
  result.set_text(std::move(text_));
  for (v1::Span& span : spans_) *result.add_spans() = std::move(span);
  return result;
}

v1::RichText JoinLines(const std::vector<v1::RichText>& lines) {
  v1::RichText result;
  for (const v1::RichText& line : lines) {
    if (!result.text().empty()) result.mutable_text()->push_back('\n');
    const std::size_t offset = result.text().size();
    result.mutable_text()->append(line.text());
    for (v1::Span span : line.spans()) {
      span.set_start(span.start() + offset);
      span.set_end(span.end() + offset);
      *result.add_spans() = std::move(span);
    }
  }
  return result;
}

v1::RichText PlainText(absl::string_view text) {
  v1::RichText result;
  result.set_text(ToNfc(absl::StripAsciiWhitespace(text)));
  return result;
}

bool IsLinkUrl(absl::string_view url) {
  if (absl::StartsWith(url, "/"))
    return !absl::StartsWith(url, "//") && url.find('\\') == absl::string_view::npos;
  return absl::StartsWithIgnoreCase(url, "https://") || absl::StartsWithIgnoreCase(url, "http://") ||
         absl::StartsWithIgnoreCase(url, "mailto:");
}

}  // namespace broadsheet::cli
