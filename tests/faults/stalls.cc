#include "tests/faults/stalls.h"

#include <algorithm>
#include <cstdint>

#include "absl/time/clock.h"
#include "broadsheet/article/v1/article_service.grpc.pb.h"
#include "libs/rpc/channel.h"
#include "tests/faults/site.h"

namespace broadsheet::faults {
namespace {

constexpr absl::Duration kSilence = absl::Milliseconds(200);
constexpr absl::Duration kBetween = absl::Milliseconds(20);
// What article needs after it was down to be as quick as ever.
constexpr absl::Duration kStarting = absl::Seconds(2);

}  // namespace

void Stalls::Note(std::int64_t begin, std::int64_t end) {
  std::lock_guard lock(mutex_);
  stalls_.push_back({begin, end});
}

bool Stalls::Touch(std::int64_t begin, std::int64_t end, absl::Duration recovery) const {
  std::lock_guard lock(mutex_);
  return std::any_of(stalls_.begin(), stalls_.end(), [&](const Stall& stall) {
    return stall.begin <= end && stall.end + absl::ToInt64Nanoseconds(recovery) > begin;
  });
}

absl::Duration Stalls::Total(absl::Duration recovery) const {
  std::lock_guard lock(mutex_);
  std::int64_t total = 0;
  std::int64_t until = INT64_MIN;
  for (const Stall& stall : stalls_) {
    const std::int64_t end = stall.end + absl::ToInt64Nanoseconds(recovery);
    total += end - std::max(stall.begin, until);
    until = end;
  }
  return absl::Nanoseconds(total);
}

void WatchArticle(Site& site, Stalls& stalls) {
  const auto stub = article::v1::ArticleService::NewStub(rpc::NewChannel(site.article_address()));
  std::int64_t heard_at = NowNanos();
  while (!site.stopping()) {
    grpc::ClientContext context;
    context.set_deadline(absl::ToChronoTime(absl::Now() + absl::Seconds(1)));
    article::v1::ListSectionsResponse response;
    const bool answered = stub->ListSections(&context, {}, &response).ok();
    const std::int64_t now = NowNanos();
    const bool known = site.article_down.Touches(heard_at, kStarting);
    const bool stalled = !known && now - heard_at > absl::ToInt64Nanoseconds(kSilence);
    if (stalled) stalls.Note(heard_at, now);
    if (answered || known || stalled) heard_at = now;
    absl::SleepFor(kBetween);
  }
}

}  // namespace broadsheet::faults
