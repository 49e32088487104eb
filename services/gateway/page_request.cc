#include "services/gateway/page_request.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "libs/http/uri.h"
#include "libs/rpc/status.h"

namespace broadsheet::gateway {
namespace {

constexpr std::size_t kMaxTagBytes = 1000;
constexpr std::size_t kMaxLogIdBytes = 128;

// `42` or `42@LOG`; whether it is that.
bool ReadPosition(absl::string_view text, std::int64_t& position, std::string& log_id) {
  const std::size_t at = text.find('@');
  if (!absl::SimpleAtoi(text.substr(0, at), &position) || position <= 0) return false;
  if (at == absl::string_view::npos) return true;
  const absl::string_view log = absl::StripTrailingAsciiWhitespace(text.substr(at + 1));
  log_id = std::string(log);
  return !log.empty() && log.size() <= kMaxLogIdBytes &&
         std::all_of(log.begin(), log.end(), [](unsigned char c) { return absl::ascii_isgraph(c); });
}

// Whether `agent`, in small letters, names a bot. A Cubot is a phone.
bool NamesBot(std::string_view agent) {
  constexpr std::string_view kPhone = "cubot";
  for (std::size_t at = 0; (at = agent.find("bot", at)) != agent.npos; at += 3) {
    const std::string_view up_to_here = agent.substr(0, at + 3);
    if (!up_to_here.ends_with(kPhone)) return true;
    const std::size_t begin = up_to_here.size() - kPhone.size();
    if (begin > 0 && absl::ascii_isalnum(static_cast<unsigned char>(agent[begin - 1]))) return true;
  }
  return false;
}

}  // namespace

absl::StatusOr<std::string> ReadPath(const std::string& path) {
  if (path.empty()) return rpc::InvalidArgument("path", "is required");
  if (path.find_first_of("?#") != path.npos) {
    return rpc::InvalidArgument("path", "must be a path without query or fragment");
  }
  std::optional<std::string> decoded = http::DecodePath(path);
  if (!decoded) return rpc::InvalidArgument("path", "must start with \"/\" and be percent-encoded UTF-8");
  return *std::move(decoded);
}

absl::Status CheckTag(const std::string& tag) {
  if (tag.empty()) return rpc::InvalidArgument("tag", "is required");
  if (tag.size() > kMaxTagBytes) return rpc::InvalidArgument("tag", "must not be longer than 1,000 bytes");
  constexpr std::string_view kKinds[] = {"article/", "author/", "section/", "image/", "path/", "list/"};
  const bool known = std::any_of(std::begin(kKinds), std::end(kKinds), [&](std::string_view kind) {
    return std::string_view(tag).starts_with(kind) && (tag.size() > kind.size() || kind == "path/");
  });
  if (known) return absl::OkStatus();
  return rpc::InvalidArgument("tag", "must be article/ID, author/ID, section/ID, image/ID, path/P or list/…");
}

bool DependsOn(const PageEntry& entry, std::string_view tag) {
  const std::vector<std::string>& tags = entry.dependencies.of(SourceOf(tag)).tags;
  return std::binary_search(tags.begin(), tags.end(), tag) && !entry.dependencies.concealed().contains(tag);
}

bool IsCrawler(std::string_view user_agent) {
  const std::string agent = absl::AsciiStrToLower({user_agent.data(), user_agent.size()});
  constexpr std::string_view kMarks[] = {"crawl", "spider", "slurp"};
  return NamesBot(agent) || std::any_of(std::begin(kMarks), std::end(kMarks), [&](std::string_view mark) {
           return agent.find(mark) != agent.npos;
         });
}

absl::StatusOr<MinPositions> ReadMinPositions(std::string_view field) {
  MinPositions positions;
  if (field.empty()) return positions;
  const absl::Status wrong = absl::InvalidArgumentError(
      "Broadsheet-Min-Position must be article=N, media=N, or one of them; each N may be N@LOG");
  const absl::string_view text(field.data(), field.size());
  for (absl::string_view part : absl::StrSplit(text, ',')) {
    const std::pair<absl::string_view, absl::string_view> named =
        absl::StrSplit(part, absl::MaxSplits('=', 1));
    const absl::string_view name = absl::StripAsciiWhitespace(named.first);
    const bool of_article = name == "article";
    if (!of_article && name != "media") return wrong;
    std::int64_t& wanted = of_article ? positions.article : positions.media;
    if (wanted != 0) return wrong;
    std::string& log_id = of_article ? positions.article_log_id : positions.media_log_id;
    if (!ReadPosition(named.second, wanted, log_id)) return wrong;
  }
  return positions;
}

std::optional<std::string> ReadSince(std::string_view query) {
  if (query.empty()) return std::nullopt;
  std::optional<std::string> since;
  for (absl::string_view part : absl::StrSplit(absl::string_view(query.data(), query.size()), '&')) {
    const std::pair<absl::string_view, absl::string_view> named =
        absl::StrSplit(part, absl::MaxSplits('=', 1));
    if (http::DecodeQueryComponent({named.first.data(), named.first.size()}) != "since") continue;
    if (since) return "";
    since = http::DecodeQueryComponent({named.second.data(), named.second.size()}).value_or("");
  }
  return since;
}

}  // namespace broadsheet::gateway
