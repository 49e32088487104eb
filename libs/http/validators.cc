#include "libs/http/validators.h"

#include <openssl/sha.h>

#include <array>

#include "absl/strings/escaping.h"

namespace broadsheet::http {
namespace {

// English names whatever the locale; indexed like absl::Weekday (Monday first) and month - 1.
constexpr std::array<const char*, 7> kDays = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
constexpr std::array<const char*, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                 "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

std::string_view TrimLeft(std::string_view text, std::string_view what) {
  const std::size_t start = text.find_first_not_of(what);
  return start == std::string_view::npos ? std::string_view() : text.substr(start);
}

void AppendTwoDigits(std::string& text, int value) {
  text += static_cast<char>('0' + value / 10);
  text += static_cast<char>('0' + value % 10);
}

// Takes the entity tag at the front of `list` (with "W/" and quotes); empty when there is none.
std::string_view TakeEtag(std::string_view& list) {
  std::size_t quote = list.starts_with("W/") ? 2 : 0;
  if (quote >= list.size() || list[quote] != '"') return {};
  const std::size_t end = list.find('"', quote + 1);
  if (end == std::string_view::npos) return {};
  const std::string_view etag = list.substr(0, end + 1);
  list.remove_prefix(end + 1);
  return etag;
}

}  // namespace

std::string HttpDate(absl::Time time) {
  const absl::CivilSecond civil = absl::ToCivilSecond(time, absl::UTCTimeZone());
  std::string text;
  text.reserve(29);
  text += kDays[static_cast<std::size_t>(absl::GetWeekday(civil))];
  text += ", ";
  AppendTwoDigits(text, civil.day());
  text += ' ';
  text += kMonths[static_cast<std::size_t>(civil.month() - 1)];
  text += ' ';
  AppendTwoDigits(text, static_cast<int>(civil.year() / 100 % 100));
  AppendTwoDigits(text, static_cast<int>(civil.year() % 100));
  text += ' ';
  AppendTwoDigits(text, civil.hour());
  text += ':';
  AppendTwoDigits(text, civil.minute());
  text += ':';
  AppendTwoDigits(text, civil.second());
  text += " GMT";
  return text;
}

std::optional<absl::Time> ParseHttpDate(std::string_view text) {
  // Abseil knows "infinite-past" and "infinite-future" too, whatever the format.
  if (text.size() > 40 || text.starts_with("infinite")) return std::nullopt;
  const absl::string_view input(text.data(), text.size());
  absl::Time time;
  for (const char* format :
       {"%a, %d %b %Y %H:%M:%S GMT", "%A, %d-%b-%y %H:%M:%S GMT", "%a %b %e %H:%M:%S %Y"}) {
    if (absl::ParseTime(format, input, &time, nullptr)) return time;
  }
  return std::nullopt;
}

std::string StrongEtag(std::string_view bytes) {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest;
  SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), digest.data());
  std::string etag =
      absl::WebSafeBase64Escape(absl::string_view(reinterpret_cast<const char*>(digest.data()), 16));
  etag.resize(22);
  return etag;
}

bool EtagListMatches(std::string_view field, std::string_view etag, bool weak_comparison) {
  if (field == "*") return true;
  if (etag.empty()) return false;
  const bool own_is_weak = etag.starts_with("W/");
  if (own_is_weak && !weak_comparison) return false;
  const std::string_view own = own_is_weak ? etag.substr(2) : etag;
  for (field = TrimLeft(field, " \t,"); !field.empty(); field = TrimLeft(field, " \t,")) {
    std::string_view member = TakeEtag(field);
    if (member.empty()) return false;
    if (member.starts_with("W/")) {
      if (!weak_comparison) continue;
      member.remove_prefix(2);
    }
    if (member == own) return true;
  }
  return false;
}

}  // namespace broadsheet::http
