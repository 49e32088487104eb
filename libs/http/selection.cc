#include "libs/http/selection.h"

#include <algorithm>
#include <array>
#include <forward_list>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "libs/http/validators.h"

namespace broadsheet::http {
namespace {

std::string_view Trim(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

// "0.8" as 800; anything malformed as 0, so that what cannot be read is not chosen.
int ParseQuality(std::string_view text) {
  if (text.empty() || text.size() > 5 || (text[0] != '0' && text[0] != '1')) return 0;
  int quality = (text[0] - '0') * 1000;
  if (text.size() == 1) return quality;
  if (text[1] != '.') return 0;
  int scale = 100;
  for (const char c : text.substr(2)) {
    if (c < '0' || c > '9') return 0;
    quality += (c - '0') * scale;
    scale /= 10;
  }
  return std::min(quality, 1000);
}

// The q parameter of one member ("gzip;q=0.8"), 1000 when it has none.
int MemberQuality(std::string_view parameters) {
  while (!parameters.empty()) {
    const std::string_view parameter = Trim(parameters.substr(0, parameters.find(';')));
    parameters.remove_prefix(std::min(parameters.find(';'), parameters.size() - 1) + 1);
    if (parameter.size() >= 2 && (parameter[0] == 'q' || parameter[0] == 'Q') && parameter[1] == '=') {
      return ParseQuality(parameter.substr(2));
    }
  }
  return 1000;
}

// A non-negative decimal number; values that do not fit are as large as one can be. Nothing for anything
// else.
std::optional<std::size_t> ParseNumber(std::string_view text) {
  if (text.empty()) return std::nullopt;
  std::size_t value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    const auto digit = static_cast<std::size_t>(c - '0');
    value = value > (SIZE_MAX - digit) / 10 ? SIZE_MAX : value * 10 + digit;
  }
  return value;
}

// A date never holds: two versions may be of one second, so it is no strong validator (RFC 9110,
// sections 8.8.2.2 and 13.1.5).
bool IfRangeHolds(std::string_view if_range, const Content& content) {
  return if_range.empty() || if_range == content.etag();
}

// Turns the selection into 206 or 416 when the request asks for one range in a form that is understood;
// several ranges and other units are ignored, as they may be.
void SelectRange(std::string_view range, const Content& content, Selection& selection) {
  const std::size_t equals = range.find('=');
  if (equals == std::string_view::npos || !EqualsIgnoringCase(range.substr(0, equals), "bytes")) return;
  const std::string_view spec = Trim(range.substr(equals + 1));
  const std::size_t dash = spec.find('-');
  if (dash == std::string_view::npos) return;
  const std::optional<std::size_t> first = ParseNumber(spec.substr(0, dash));
  const std::optional<std::size_t> last = ParseNumber(spec.substr(dash + 1));
  const bool suffix = dash == 0;
  const bool open = dash + 1 == spec.size();
  if ((!suffix && !first) || (!open && !last) || (suffix && open)) return;
  if (first && last && *last < *first) return;
  const std::size_t size = content.uncoded_bytes();
  selection.begin = suffix ? size - std::min(*last, size) : *first;
  selection.end = suffix || open ? size : std::min(*last, size - 1) + 1;
  selection.status = selection.begin < size ? 206 : 416;
}

// The fields that have a part in selecting: one walk over a request's fields. Several lines of one are a list
// (RFC 9110, section 5.3), also where no list is understood: two dates are none, two ranges are several, two
// tags in If-Range match nothing.
struct SelectingFields {
  std::string_view accept_encoding, if_match, if_unmodified_since, if_none_match, if_modified_since, range,
      if_range;

  explicit SelectingFields(const Request& request) {
    for (const Field& field : request.fields()) {
      const auto place = PlaceOf(field.name);
      if (place == nullptr) continue;
      std::string_view& value = this->*place;
      if (value.data() == nullptr) {
        value = field.value;
      } else {
        value = joined_.emplace_front(std::string(value).append(", ").append(field.value));
      }
    }
  }
  SelectingFields(const SelectingFields&) = delete;
  SelectingFields& operator=(const SelectingFields&) = delete;

 private:
  std::forward_list<std::string> joined_;

  static std::string_view SelectingFields::*PlaceOf(std::string_view name) {
    using Place = std::string_view SelectingFields::*;
    const auto if_named = [&](std::string_view known, Place place) {
      return EqualsIgnoringCase(name, known) ? place : nullptr;
    };
    switch (name.size()) {
      case 5:
        return if_named("Range", &SelectingFields::range);
      case 8: {
        const Place match = if_named("If-Match", &SelectingFields::if_match);
        return match != nullptr ? match : if_named("If-Range", &SelectingFields::if_range);
      }
      case 13:
        return if_named("If-None-Match", &SelectingFields::if_none_match);
      case 15:
        return if_named("Accept-Encoding", &SelectingFields::accept_encoding);
      case 17:
        return if_named("If-Modified-Since", &SelectingFields::if_modified_since);
      case 19:
        return if_named("If-Unmodified-Since", &SelectingFields::if_unmodified_since);
      default:
        return nullptr;
    }
  }
};

// 304 or 412 when a precondition decides; 0 when the request goes on. `has_copy`: what If-None-Match asks.
int CheckPreconditions(const SelectingFields& fields, const Content& content, Coding coding, bool has_copy) {
  const bool dated = content.last_modified() != absl::InfinitePast();
  const auto modified_after = [&](std::string_view field) -> std::optional<bool> {
    const std::optional<absl::Time> date = ParseHttpDate(field);
    if (!date || !dated) return std::nullopt;
    return absl::ToUnixSeconds(content.last_modified()) > absl::ToUnixSeconds(*date);
  };
  if (!fields.if_match.empty()) {
    if (!EtagListMatches(fields.if_match, content.etag(coding), /*weak_comparison=*/false)) return 412;
  } else if (!fields.if_unmodified_since.empty()) {
    if (modified_after(fields.if_unmodified_since) == true) return 412;
  }
  if (!fields.if_none_match.empty()) {
    if (has_copy) return 304;
  } else if (!fields.if_modified_since.empty()) {
    if (modified_after(fields.if_modified_since) == false) return 304;
  }
  return 0;
}

// How a client rates each coding, in thousandths; 0: it takes none of it.
using Ratings = std::array<int, kCodings>;

Ratings ReadRatings(std::string_view accept_encoding) {
  std::array<std::optional<int>, kCodings> named;
  std::optional<int> others;
  while (!accept_encoding.empty()) {
    const std::string_view member = accept_encoding.substr(0, accept_encoding.find(','));
    accept_encoding.remove_prefix(std::min(member.size() + 1, accept_encoding.size()));
    const std::size_t semicolon = std::min(member.find(';'), member.size());
    const std::string_view name = Trim(member.substr(0, semicolon));
    const int q = MemberQuality(member.substr(std::min(semicolon + 1, member.size())));
    if (EqualsIgnoringCase(name, "br")) named[2] = q;
    if (EqualsIgnoringCase(name, "gzip") || EqualsIgnoringCase(name, "x-gzip")) named[1] = q;
    if (EqualsIgnoringCase(name, "identity")) named[0] = q;
    if (name == "*") others = q;
  }
  const int unnamed = others.value_or(0);
  // Identity needs no naming to be acceptable, but then it is the last choice.
  return {named[0].value_or(others.value_or(1)), named[1].value_or(unnamed), named[2].value_or(unnamed)};
}

int RatingOf(Coding coding, const Ratings& ratings) { return ratings[static_cast<std::size_t>(coding)]; }

Coding Preferred(const Ratings& ratings, const Content& content) {
  Coding best = Coding::kIdentity;
  for (const Coding coding : {Coding::kGzip, Coding::kBrotli}) {
    const int rating = RatingOf(coding, ratings);
    if (content.Offers(coding) && rating > 0 && rating >= RatingOf(best, ratings)) best = coding;
  }
  return best;
}

// The coding of a copy that the client says it has and that is right: of the one preferred now, or of any
// other that it takes, be it one that is not offered here, or not any more.
std::optional<Coding> CopyNamed(std::string_view if_none_match, const Ratings& ratings, Coding preferred,
                                const Content& content) {
  if (EtagListMatches(if_none_match, content.etag(preferred), /*weak_comparison=*/true)) return preferred;
  for (const Coding coding : {Coding::kBrotli, Coding::kGzip, Coding::kIdentity}) {
    if (coding != preferred && RatingOf(coding, ratings) > 0 &&
        EtagListMatches(if_none_match, content.etag(coding), /*weak_comparison=*/true))
      return coding;
  }
  return std::nullopt;
}

}  // namespace

Coding Negotiate(std::string_view accept_encoding, const Content& content) {
  return Preferred(ReadRatings(accept_encoding), content);
}

Selection Select(const Request& request, const Content& content) {
  Selection selection{.status = content.status(), .coding = Coding::kIdentity, .begin = 0, .end = 0};
  const SelectingFields fields(request);
  const Ratings ratings = ReadRatings(fields.accept_encoding);
  selection.coding = Preferred(ratings, content);
  const bool reading = request.method() == Method::kGet || request.method() == Method::kHead;
  if (!reading || content.status() != 200) return selection;
  std::optional<Coding> copy;
  if (!fields.if_none_match.empty())
    copy = CopyNamed(fields.if_none_match, ratings, selection.coding, content);
  if (const int status = CheckPreconditions(fields, content, selection.coding, copy.has_value());
      status != 0) {
    selection.status = status;
    if (status == 304) selection.coding = copy.value_or(selection.coding);
    return selection;
  }
  if (!fields.range.empty() && request.method() == Method::kGet && selection.coding == Coding::kIdentity &&
      IfRangeHolds(fields.if_range, content)) {
    SelectRange(fields.range, content, selection);
  }
  return selection;
}

}  // namespace broadsheet::http
