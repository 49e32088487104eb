// What readers and operators ask the gateway for. The first character of a line says what the rest is: a path
// "p", a tag "t", positions "m", a query "q", a User-Agent "u", a beacon's form "b", the text that a page
// token is made of "k", a token "l".
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "libs/http/request.h"
#include "libs/http/uri.h"
#include "services/article/page_token.h"
#include "services/article/site_paths.h"
#include "services/gateway/beacon.h"
#include "services/gateway/page_request.h"
#include "services/gateway/renderer/moments.h"
#include "services/gateway/renderer/site_paths.h"
#include "services/gateway/route.h"
#include "tests/fuzz/expect.h"
#include "tests/fuzz/lines.h"

namespace broadsheet::fuzz {
namespace {

using namespace gateway;  // NOLINT(google-build-using-namespace)

bool IsAnsweredByTheGateway(PageKind kind) {
  return kind != PageKind::kFront && kind != PageKind::kSection && kind != PageKind::kArticle &&
         kind != PageKind::kRedirect && kind != PageKind::kNone;
}

void CheckRoute(const std::string& path) {
  const Route route = ParseRoute(path);
  if (IsAnsweredByTheGateway(route.kind))
    Expect(article::IsPathOfTheSite(path), "no story is where the gateway answers", path);
  const std::string again = route.kind == PageKind::kNinjs ? route.id : route.path;
  switch (route.kind) {
    case PageKind::kRedirect:
      Expect(again.size() + 1 == path.size(), "a redirect takes a slash away", path);
      return CheckRoute(again);
    case PageKind::kSection:
      return Expect(IsId(route.id) && SectionPath(route.id) == path, "a section has its path", path);
    case PageKind::kAuthor:
      return Expect(IsId(route.id) && AuthorPath(route.id) == path, "an author has their path", path);
    case PageKind::kMonthSitemap:
      return Expect(MonthSitemapPath(route.id) == path, "a month has its path", path);
    case PageKind::kAtom:
    case PageKind::kRss:
    case PageKind::kJsonFeed:
      return Expect(route.id.empty() || IsId(route.id), "a feed is of somebody", path);
    case PageKind::kNinjs:
      return Expect(again.starts_with('/') && absl::StrCat(again, std::string(kNinjsSuffix)) == path,
                    "a story has its own path", path);
    default:
      Expect(route.path == path, "a route has its path", path);
  }
}

void CheckPath(std::string_view text) {
  CheckRoute(std::string(text));
  const absl::StatusOr<std::string> path = ReadPath(std::string(text));
  if (!path.ok()) return;
  CheckRoute(*path);
  const absl::StatusOr<std::string> again = ReadPath(http::EncodePath(*path));
  Expect(again.ok() && *again == *path, "a path survives its encoding", *path);
}

void CheckPositions(std::string_view text) {
  const absl::StatusOr<MinPositions> read = ReadMinPositions(text);
  if (!read.ok()) return;
  std::string written;
  if (read->article != 0) absl::StrAppend(&written, "article=", read->article);
  if (read->media != 0) absl::StrAppend(&written, written.empty() ? "" : ", ", "media=", read->media);
  const absl::StatusOr<MinPositions> again = ReadMinPositions(written);
  Expect(again.ok() && again->article == read->article && again->media == read->media, "positions survive",
         written);
}

void CheckQuery(std::string_view text) {
  const std::optional<std::string> since = ReadSince(text);
  if (!since || since->empty()) return;
  const std::string written = "since=" + http::EncodeQueryComponent(*since);
  Expect(ReadSince(written) == since, "what is asked for survives its encoding", written);
  Expect(ReadSince(written + "&" + written) == "", "two questions are none", written);
  if (IsMomentId(*since))
    Expect(ReadSince("since=" + *since) == since, "a moment's id needs no encoding", *since);
}

Beacon Send(std::string body) {
  const auto request =
      http::Request::Make({.method = http::Method::kPost,
                           .target = std::string(kBeaconPath),
                           .headers = {{"Host", "news.example"},
                                       {"Origin", "https://news.example"},
                                       {"Content-Type", "application/x-www-form-urlencoded"}},
                           .body = std::move(body)});
  Expect(request.ok(), "a request");
  return ReadBeacon(**request, "https://news.example");
}

void CheckBeacon(std::string_view text) {
  const Beacon beacon = Send(std::string(text));
  if (beacon.status != 204) return Expect(!beacon.counts, "what is refused is not counted", text);
  Expect(beacon.page.starts_with('/') && http::IsValidUtf8(beacon.page), "a beacon names a page", text);
  const auto value = [](const std::string& path) {
    return http::EncodeQueryComponent(http::EncodePath(path));
  };
  std::string written = "page=" + value(beacon.page);
  if (!beacon.from.empty()) written += "&from=" + value(beacon.from);
  if (written.size() > kMaxBeaconBytes) return;
  const Beacon again = Send(written);
  Expect(again.status == 204 && again.page == beacon.page && again.from == beacon.from, "a beacon survives",
         written);
}

void CheckToken(std::string_view text) {
  const article::ListPlace place = {static_cast<std::int64_t>(text.size()) * 1'000'003,
                                    std::string(text.substr(0, 100))};
  std::string token = article::MakePageToken("key", "filters", place);
  const auto read = article::ReadPageToken("key", "filters", token);
  Expect(read && read->micros == place.micros && read->article_id == place.article_id, "a token survives",
         token);
  Expect(!article::ReadPageToken("key", "other", token), "a token is of its list", token);
  token[text.size() % (token.size() - 2)] ^= 1;
  Expect(!article::ReadPageToken("key", "filters", token), "a changed token is none", token);
}

void CheckLine(char kind, std::string_view text) {
  const absl::string_view view(text.data(), text.size());
  if (kind == 'p') return CheckPath(text);
  if (kind == 'm') return CheckPositions(text);
  if (kind == 'q') return CheckQuery(text);
  if (kind == 'b') return CheckBeacon(text);
  if (kind == 'k') return CheckToken(text);
  if (kind == 'l')
    return Expect(!article::ReadPageToken("key", "filters", view), "nobody can forge a token", text);
  if (kind == 'u') return static_cast<void>(IsCrawler(text));
  if (kind == 't' && CheckTag(std::string(text)).ok()) Expect(text.size() <= 1000, "a tag is bounded", text);
}

}  // namespace
}  // namespace broadsheet::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace broadsheet::fuzz;
  std::string_view text(reinterpret_cast<const char*>(data), size);
  while (!text.empty()) {
    if (const std::string_view line = Take(text); !line.empty()) CheckLine(line.front(), line.substr(1));
  }
  return 0;
}
