#include "services/cli/importers/news_item_state.h"

#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "services/cli/importers/text.h"

namespace broadsheet::cli {

namespace {

// The greater, the less may be shown.
int StrictnessOf(absl::string_view status) {
  if (status == "canceled") return 4;
  if (status == "withheld") return 3;
  if (status == "usable") return 1;
  return status.empty() ? 0 : 2;
}

std::optional<absl::Time> TimeOf(absl::string_view text) {
  absl::Time time;
  if (!absl::ParseTime(absl::RFC3339_full, text, &time, nullptr)) return std::nullopt;
  return time;
}

// A `norm` of NITF, which is ISO 8601 with or without separators, as RFC 3339; empty if it is not a time of a
// known zone.
std::string TimeOfNorm(absl::string_view norm) {
  std::string text(norm);
  if (absl::EndsWith(text, "Z")) text.replace(text.size() - 1, 1, "+0000");
  absl::Time time;
  for (const char* format : {"%E4Y%m%dT%H%M%S%z", "%E4Y%m%dT%H%M%z", "%E4Y-%m-%dT%H:%M:%E*S%z"}) {
    if (absl::ParseTime(format, text, &time, nullptr)) {
      return absl::FormatTime(absl::RFC3339_full, time, absl::UTCTimeZone());
    }
  }
  return "";
}

}  // namespace

void AddPubStatus(absl::string_view status, NewsItem& item) {
  std::string wanted = absl::AsciiStrToLower(status);
  if (wanted == "cancelled" || wanted == "killed") wanted = "canceled";
  if (StrictnessOf(wanted) > StrictnessOf(item.pub_status)) item.pub_status = std::move(wanted);
}

void AddEmbargo(absl::string_view time, NewsItem& item) {
  if (time.empty()) {
    item.left_draft_because = "it has an embargo whose end is not known";
    return;
  }
  const std::optional<absl::Time> known = TimeOf(item.embargoed);
  const std::optional<absl::Time> added = TimeOf(time);
  // One that cannot be read stays, and is reported as a mistake.
  const bool is_stricter = item.embargoed.empty() || (known && (!added || *added > *known));
  if (is_stricter) item.embargoed = std::string(time);
}

void AddExpiry(absl::string_view time, NewsItem& item) {
  const std::optional<absl::Time> known = TimeOf(item.expires);
  const std::optional<absl::Time> added = TimeOf(time);
  const bool is_stricter = item.expires.empty() || (known && (!added || *added < *known));
  if (is_stricter) item.expires = std::string(time);
}

void AddNitfState(const XmlElement& nitf, NewsItem& item) {
  const XmlElement* data = nitf.Find("docdata");
  if (data == nullptr) return;
  const std::string status = absl::AsciiStrToLower(data->Attribute("management-status"));
  const XmlElement* release = data->Find("date.release");
  const XmlElement* expire = data->Find("date.expire");
  if (status != "embargoed") AddPubStatus(status, item);
  if (release != nullptr) {
    AddEmbargo(TimeOfNorm(release->Attribute("norm")), item);
  } else if (status == "embargoed" && item.embargoed.empty()) {
    AddEmbargo("", item);
  }
  if (expire == nullptr || expire->Attribute("norm").empty()) return;  // it may say that there is no end
  const std::string end = TimeOfNorm(expire->Attribute("norm"));
  if (end.empty()) {
    item.left_draft_because = "its date of expiry cannot be read";
  } else {
    AddExpiry(end, item);
  }
}

bool IsTakenBack(absl::string_view pub_status) {
  return pub_status == "withheld" || pub_status == "canceled";
}

std::string KeptBackBecause(const NewsItem& picture, absl::Time now) {
  if (StrictnessOf(picture.pub_status) > 1) return absl::StrCat("is ", picture.pub_status);
  if (!picture.left_draft_because.empty()) return "is not free for publication";
  const std::optional<absl::Time> embargo = TimeOf(picture.embargoed);
  if (!picture.embargoed.empty() && (!embargo || *embargo > now)) return "has an embargo";
  const std::optional<absl::Time> end = TimeOf(picture.expires);
  if (!picture.expires.empty() && (!end || *end <= now)) return "has expired";
  return "";
}

}  // namespace broadsheet::cli
