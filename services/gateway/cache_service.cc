#include "services/gateway/cache_service.h"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "libs/http/validators.h"
#include "libs/rpc/async_handler.h"
#include "libs/rpc/deferred.h"
#include "libs/rpc/status.h"
#include "libs/telemetry/log.h"
#include "services/gateway/page_request.h"

namespace broadsheet::gateway {
namespace {

constexpr std::size_t kSamplePaths = 20;
constexpr std::size_t kNoLimit = static_cast<std::size_t>(-1);

// The pages to look for, or what is wrong with the request.
absl::StatusOr<std::function<bool(const PageEntry&)>> ReadSelector(
    const page::v1::PurgePagesRequest& request) {
  if (request.selector_case() == page::v1::PurgePagesRequest::kPath) {
    absl::StatusOr<std::string> path = ReadPath(request.path());
    if (!path.ok()) return path.status();
    return [path = *std::move(path)](const PageEntry& entry) { return entry.path == path; };
  }
  if (request.selector_case() == page::v1::PurgePagesRequest::kAll && request.all())
    return [](const PageEntry&) { return true; };
  if (request.selector_case() == page::v1::PurgePagesRequest::kAll)
    return rpc::InvalidArgument("all", "must be true");
  if (request.selector_case() != page::v1::PurgePagesRequest::kTag)
    return rpc::InvalidArgument({{"tag", "is required, unless there is a path or all"},
                                 {"path", "is required, unless there is a tag or all"}});
  if (absl::Status tag = CheckTag(request.tag()); !tag.ok()) return tag;
  return [tag = request.tag()](const PageEntry& entry) { return DependsOn(entry, tag); };
}

std::string SelectorOf(const page::v1::PurgePagesRequest& request) {
  if (request.all()) return "all";
  return request.has_tag() ? request.tag() : request.path();
}

// Says how many pages were seen: exactly these there are only for a moment while readers read.
constexpr std::string_view kConfirmsAll = "all-";

bool ConfirmsAll(std::string_view confirmation, std::size_t pages) {
  std::size_t seen = 0;
  if (!confirmation.starts_with(kConfirmsAll)) return false;
  confirmation.remove_prefix(kConfirmsAll.size());
  if (!absl::SimpleAtoi(absl::string_view(confirmation.data(), confirmation.size()), &seen)) return false;
  return pages <= 100 || pages - 100 <= seen + seen / 10;
}

absl::Status PurgeChanged() {
  return rpc::Aborted("PURGE_CHANGED", "the pages are not those that were confirmed");
}

absl::Status RedisUnavailable() {
  return rpc::FailedPrecondition("REDIS_UNAVAILABLE",
                                 "Redis does not answer: pages would come back from there");
}

void NamePages(const std::vector<std::string>& paths, page::v1::PurgePagesResponse& response) {
  response.set_pages(static_cast<int>(paths.size()));
  response.mutable_sample_paths()->Assign(
      paths.begin(), paths.begin() + static_cast<std::ptrdiff_t>(std::min(paths.size(), kSamplePaths)));
}

// Stands for exactly these pages.
std::string ConfirmationOf(const page::v1::PurgePagesRequest& request, const std::set<std::string>& paths) {
  std::string all = request.has_tag() ? "tag " + request.tag() : "path " + request.path();
  for (const std::string& path : paths) absl::StrAppend(&all, "\n", path);
  return http::StrongEtag(all);
}

void AddTier(page::v1::CacheTier tier, std::int64_t pages, page::v1::PurgePagesResponse& response) {
  page::v1::TierPages& added = *response.add_tiers();
  added.set_tier(tier);
  added.set_pages(static_cast<int>(pages));
}

}  // namespace

CacheService::CacheService(Parts parts)
    : parts_(parts), purged_("broadsheet_gateway_purged_pages_total", "Pages thrown away by an operator.") {}

void CacheService::Serve(rpc::CompletionQueues& queues) {
  rpc::ServeUnary<page::v1::PurgePagesRequest, page::v1::PurgePagesResponse>(
      queues, service_, &decltype(service_)::RequestPurgePages,
      {.name = "broadsheet.page.v1.CacheService/PurgePages",
       .handler = [this](rpc::Context context, page::v1::PurgePagesRequest request) {
         return PurgePages(std::move(context), std::move(request));
       }});
}

CacheService::Selection CacheService::Select(const Wanted& wanted) const {
  Selection selection;
  for (std::string& path : parts_.pages.cache().PathsWhere(wanted, kNoLimit)) {
    ++selection.in_memory;
    selection.paths.insert(std::move(path));
  }
  for (std::string& path : parts_.last_good.PathsWhere(wanted)) {
    ++selection.on_disk;
    selection.paths.insert(std::move(path));
  }
  return selection;
}

absl::Status CacheService::CheckOwner(const page::v1::PurgePagesRequest& request) const {
  if (parts_.followers.live(Source::kArticle) || request.even_if_unavailable()) return absl::OkStatus();
  return rpc::FailedPrecondition("OWNER_UNAVAILABLE",
                                 "article cannot be followed: the pages could not be made anew");
}

rpc::Task<CacheService::Purged> CacheService::PurgePages(rpc::Context, page::v1::PurgePagesRequest request) {
  const absl::StatusOr<Wanted> wanted = ReadSelector(request);
  if (!wanted.ok()) co_return wanted.status();
  Selection selection = Select(*wanted);
  if (request.has_path()) selection.paths.insert(*ReadPath(request.path()));
  auto purging = request.all() ? PurgeAll(std::move(request), std::move(selection))
                               : PurgeSelected(std::move(request), *wanted, std::move(selection));
  Purged purged = co_await purging;
  co_return purged;
}

rpc::Task<CacheService::Purged> CacheService::PurgeSelected(page::v1::PurgePagesRequest request,
                                                            Wanted wanted, Selection selection) {
  const std::vector<std::string> paths(selection.paths.begin(), selection.paths.end());
  page::v1::PurgePagesResponse response;
  NamePages(paths, response);
  response.set_owner_available(parts_.followers.live(Source::kArticle));
  const std::string confirmation = ConfirmationOf(request, selection.paths);
  const bool purge = !request.confirmation().empty();
  if (purge && request.confirmation() != confirmation) co_return PurgeChanged();
  if (absl::Status owner = CheckOwner(request); purge && !owner.ok()) co_return owner;
  // Memory is filled from Redis, and the disk from memory: in this order none is filled again, but by what
  // was on its way before.
  std::optional<Purges::UnderWay> under_way;
  if (purge) under_way.emplace(parts_.pages.purges(), std::move(selection.paths));
  auto redis = purge ? parts_.store.Delete(paths) : parts_.store.Count(paths);
  const PageStore::Answer in_redis = co_await redis;
  // Memory knows which pages to ask Redis for, so it keeps them until Redis has lost them.
  if (purge && !in_redis.complete && !request.even_if_unavailable()) co_return RedisUnavailable();
  response.set_redis_available(in_redis.complete);
  AddTier(page::v1::CACHE_TIER_MEMORY, static_cast<std::int64_t>(selection.in_memory), response);
  AddTier(page::v1::CACHE_TIER_REDIS, in_redis.pages, response);
  AddTier(page::v1::CACHE_TIER_DISK, static_cast<std::int64_t>(selection.on_disk), response);
  if (request.has_path() && selection.in_memory + selection.on_disk == 0 && in_redis.pages == 0) {
    response.set_pages(0);
    response.clear_sample_paths();
  }
  if (!purge) {
    response.set_confirmation(confirmation);
    co_return response;
  }
  for (const std::string& path : paths) parts_.pages.Forget(path);
  auto finishing = Finish(std::move(request), std::move(response), std::move(wanted));
  Purged purged = co_await finishing;
  co_return purged;
}

// The same order: Redis, memory, disk.
rpc::Task<CacheService::Purged> CacheService::PurgeAll(page::v1::PurgePagesRequest request,
                                                       Selection selection) {
  const std::vector<std::string> paths(selection.paths.begin(), selection.paths.end());
  page::v1::PurgePagesResponse response;
  NamePages(paths, response);
  response.set_owner_available(parts_.followers.live(Source::kArticle));
  const bool purge = !request.confirmation().empty();
  if (purge && !ConfirmsAll(request.confirmation(), paths.size())) co_return PurgeChanged();
  if (absl::Status owner = CheckOwner(request); purge && !owner.ok()) co_return owner;
  std::optional<Purges::UnderWay> under_way;
  if (purge) under_way.emplace(parts_.pages.purges());
  auto redis = purge ? parts_.store.ForgetAll() : parts_.store.LearnEpoch();
  const bool redis_available = co_await redis;
  if (purge && !redis_available && !request.even_if_unavailable()) co_return RedisUnavailable();
  response.set_redis_available(redis_available);
  AddTier(page::v1::CACHE_TIER_MEMORY, static_cast<std::int64_t>(selection.in_memory), response);
  AddTier(page::v1::CACHE_TIER_DISK, static_cast<std::int64_t>(selection.on_disk), response);
  if (!purge) {
    response.set_confirmation(std::string(kConfirmsAll).append(std::to_string(paths.size())));
    co_return response;
  }
  parts_.pages.ForgetAll();
  auto finishing = Finish(std::move(request), std::move(response), [](const PageEntry&) { return true; });
  Purged purged = co_await finishing;
  co_return purged;
}

rpc::Task<CacheService::Purged> CacheService::Finish(page::v1::PurgePagesRequest request,
                                                     page::v1::PurgePagesResponse response, Wanted wanted) {
  rpc::Deferred<std::size_t> forgotten;
  if (!parts_.last_good.Forget(std::move(wanted), [forgotten](std::size_t count) { forgotten.Set(count); }))
    co_return absl::UnavailableError("the pages on disk cannot be thrown away now");
  co_await forgotten;
  response.set_purged(true);
  purged_.Increment(response.pages());
  telemetry::Log(telemetry::Severity::kWarning, "pages were thrown away",
                 {{"selector", SelectorOf(request)}, {"pages", response.pages()}});
  co_return response;
}

}  // namespace broadsheet::gateway
