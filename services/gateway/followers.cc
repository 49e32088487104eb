#include "services/gateway/followers.h"

#include <algorithm>
#include <set>
#include <utility>

#include "services/gateway/route.h"

namespace broadsheet::gateway {
namespace {

Standing FromVerdict(change::Verdict verdict) {
  switch (verdict) {
    case change::Verdict::kFresh:
      return Standing::kFresh;
    case change::Verdict::kChanged:
      return Standing::kChanged;
    case change::Verdict::kNoLease:
      return Standing::kCutOff;
    case change::Verdict::kBelowFloor:
    case change::Verdict::kOtherLog:
    case change::Verdict::kCatchingUp:
      return Standing::kUnknown;
  }
  return Standing::kUnknown;
}

}  // namespace

void Followers::Start(Backends& backends, Options options) {
  earlier_run_ = std::move(options.earlier_run);
  auto follower_options = [&](Source source) {
    change::FollowerOptions follower;
    follower.follower_id = options.follower_id;
    const auto followed = std::make_shared<std::string>();  // the log; of the follower's thread
    follower.on_change = [this, source, followed,
                          on_change = options.on_change](const change::v1::Change& change) {
      if (source == Source::kArticle) told_.Passed(*followed, change.position());
      if (on_change) on_change(change);
    };
    follower.on_reset = [this, source, followed, on_reset = options.on_reset](const std::string& log_id,
                                                                              std::int64_t floor) {
      *followed = log_id;
      if (source == Source::kArticle) told_.KeepOnly(log_id);
      if (on_reset) on_reset(source, log_id, floor);
    };
    if (options.on_caught_up) {
      follower.on_caught_up = [source, on_caught_up = options.on_caught_up] { on_caught_up(source); };
    }
    return follower;
  };
  followers_[static_cast<std::size_t>(Source::kArticle)] =
      backends.FollowArticle(follower_options(Source::kArticle));
  followers_[static_cast<std::size_t>(Source::kMedia)] =
      backends.FollowMedia(follower_options(Source::kMedia));
}

void Followers::Stop() {
  for (std::unique_ptr<change::Follower>& follower : followers_) follower.reset();
}

Standing Followers::StandingOf(Source source, const change::Dependency& dependency) const {
  const change::Follower* follower = this->follower(source);
  if (follower == nullptr || dependency.log_id.empty()) return Standing::kUnknown;
  const change::Verdict verdict = follower->Judge(dependency);
  if (verdict != change::Verdict::kNoLease) return FromVerdict(verdict);
  // Log and floor are judged before tags: what cannot be judged is kUnknown even if a tag is known to have
  // changed. `Decide` relies on it.
  const Standing remembered = FromVerdict(follower->JudgeByMemory(dependency));
  return remembered == Standing::kFresh ? Standing::kCutOff : remembered;
}

bool Followers::LeftToJudge(const PageEntry& entry, Source source) const {
  const change::Follower* follower = this->follower(source);
  const bool made = entry.made_by_this_run && !entry.dependencies.of(source).log_id.empty();
  return (entry.left_by_earlier_run() || made) && follower != nullptr && !follower->has_followed();
}

// What this run read itself was right then: as if a lease had ended with it.
Standing Followers::StandingBefore(const PageEntry& entry, absl::Time now) const {
  return entry.made_by_this_run ? Standing::kCutOff : earlier_run_.StandingOf(entry.vouched_at, now);
}

Standing Followers::StandingOf(const PageEntry& entry, Source source, absl::Time now) const {
  if (entry.dependencies.independent_of(source)) return Standing::kFresh;
  const change::Dependency& dependency = entry.dependencies.of(source);
  const change::Follower* follower = this->follower(source);
  // The common case first: fresh now as it was a moment ago.
  if (follower != nullptr && !dependency.log_id.empty() &&
      follower->Judge(dependency, entry.fresh_marks[static_cast<std::size_t>(source)]) ==
          change::Verdict::kFresh)
    return Standing::kFresh;
  if (!LeftToJudge(entry, source)) return StandingOf(source, dependency);
  const Standing left = StandingBefore(entry, now);
  if (left == Standing::kUnknown || position(source).log_id().empty()) return left;
  // What this run has been told so far is not all, but what it rules out is ruled out.
  const change::Verdict told = follower->JudgeByMemory(dependency);
  const bool changed =
      std::any_of(dependency.tags.begin(), dependency.tags.end(),
                  [&](const std::string& tag) { return follower->LastChange(tag) > dependency.position; });
  if (told == change::Verdict::kCatchingUp && changed) return Standing::kChanged;
  return told == change::Verdict::kFresh || told == change::Verdict::kCatchingUp ? left : FromVerdict(told);
}

bool Followers::WithdrawnSince(Source source, const change::Dependency& dependency,
                               std::string_view tag) const {
  if (source == Source::kArticle && ToldWithdrawn(tag, dependency)) return true;
  const change::Follower* follower = this->follower(source);
  if (follower == nullptr || !follower->WithdrawnSince(dependency, tag)) return false;
  const change::Dependency one = {dependency.log_id, dependency.position, {std::string(tag)}};
  return follower->JudgeByMemory(one) != change::Verdict::kFresh;
}

void Followers::NoteWithdrawn(std::string_view tag, const change::v1::Snapshot& snapshot) const {
  const change::v1::Snapshot followed = position(Source::kArticle);
  if (followed.log_id() == snapshot.log_id() && followed.position() >= snapshot.position()) return;
  told_.Note(tag, snapshot, absl::Now());
}

bool Followers::ToldWithdrawn(std::string_view tag, const change::Dependency& dependency) const {
  return !told_.none() && told_.RuleOut(tag, dependency, position(Source::kArticle).log_id(), absl::Now());
}

change::v1::Snapshot Followers::position(Source source) const {
  change::v1::Snapshot snapshot;
  const change::Follower* follower = this->follower(source);
  if (follower == nullptr) return snapshot;
  const change::Dependency position = follower->position();
  snapshot.set_log_id(position.log_id);
  snapshot.set_position(position.position);
  return snapshot;
}

bool Followers::live(Source source) const {
  const change::Follower* follower = this->follower(source);
  return follower != nullptr && follower->live();
}

EntryFacts Followers::Examine(const PageEntry& entry, absl::Time now) const {
  EntryFacts facts;
  facts.article = StandingOf(entry, Source::kArticle, now);
  facts.media = StandingOf(entry, Source::kMedia, now);
  // While nothing has changed what was read says when it ends.
  const bool ended =
      facts.article == Standing::kFresh ? now >= entry.dependencies.until() : !Ended(entry, now).empty();
  facts.withdrawn = ended || (facts.media != Standing::kFresh && AnyWithdrawn(entry, Source::kMedia, now));
  facts.not_found = entry.status() == 404;
  facts.gone = entry.status() == 410;
  facts.degraded = entry.degraded();
  // Where anything of media's was read a picture may be shown, whatever else could not be had.
  facts.without_images = entry.degraded("images") &&
                         (facts.media != Standing::kUnknown || !entry.dependencies.has_read(Source::kMedia));
  facts.aged = now >= entry.dependencies.ages_at();
  // What kind of page it is matters to changed ones alone; most are not.
  facts.by_list_alone = facts.article != Standing::kFresh && IsSitemap(ParseRoute(entry.path).kind);
  // Which stories it lists it does not tell, so any that article spoke of may be among them.
  if (facts.by_list_alone &&
      told_.RuleOutAny(entry.dependencies.of(Source::kArticle), position(Source::kArticle).log_id(), now))
    facts.article = Standing::kChanged;
  facts.age = now - entry.rendered_at;
  facts.stale_for = StaleFor(entry, facts.article, now);
  return facts;
}

bool Followers::SubjectWithdrawn(const PageEntry& entry, absl::Time now) const {
  return !entry.subject.empty() && HasEnded(entry, entry.subject, now) && !CameBack(entry);
}

// Whether the log says so, and article has not said otherwise since.
bool Followers::CameBack(const PageEntry& entry) const {
  const change::Follower* follower = this->follower(Source::kArticle);
  const change::Dependency& dependency = entry.dependencies.of(Source::kArticle);
  if (follower == nullptr || ToldWithdrawn(entry.subject, dependency)) return false;
  const std::int64_t read_at = follower->position().log_id == dependency.log_id ? dependency.position : 0;
  return follower->LastChange(entry.subject) > read_at && !follower->IsWithdrawn(entry.subject);
}

std::vector<std::string> Followers::WithdrawnMentions(const PageEntry& entry, absl::Time now) const {
  if (AnyWithdrawn(entry, Source::kMedia, now)) return {};
  std::vector<std::string> mentions = Ended(entry, now);
  const bool cut = std::all_of(mentions.begin(), mentions.end(), [&](const std::string& tag) {
    return !ArticleIdOf(tag).empty() && tag != entry.subject;
  });
  return cut ? mentions : std::vector<std::string>();
}

bool Followers::AnythingWithdrawnSince(const PageEntry& entry) const {
  return AnythingWithdrawnSince(entry, Source::kArticle) || AnythingWithdrawnSince(entry, Source::kMedia);
}

bool Followers::AnythingWithdrawnSince(const PageEntry& entry, Source source) const {
  const change::Dependency& dependency = entry.dependencies.of(source);
  const change::Follower* follower = this->follower(source);
  // The common case first, and the next reader will ask the same.
  const bool told = source == Source::kArticle && !told_.none();
  if (follower != nullptr && !told &&
      follower->Judge(dependency, entry.fresh_marks[static_cast<std::size_t>(source)]) ==
          change::Verdict::kFresh)
    return false;
  return std::any_of(dependency.tags.begin(), dependency.tags.end(), [&](const std::string& tag) {
    return CertainlyWithdrawnSince(source, dependency, tag);
  });
}

// Not by what the log that is followed tells of what was read from another one, or has yet to tell.
bool Followers::CertainlyWithdrawnSince(Source source, const change::Dependency& dependency,
                                        const std::string& tag) const {
  if (source == Source::kArticle && ToldWithdrawn(tag, dependency)) return true;
  const change::Follower* follower = this->follower(source);
  if (follower == nullptr || !follower->WithdrawnSince(dependency, tag)) return false;
  const change::Dependency one = {dependency.log_id, dependency.position, {tag}};
  return follower->JudgeByMemory(one) == change::Verdict::kChanged;
}

// What was withdrawn since it was read has ended, whatever came after that. Of an end that was read with it
// the log's last word counts; until there is one, what was read.
bool Followers::HasEnded(const PageEntry& entry, std::string_view tag, absl::Time now) const {
  const change::Dependency& dependency = entry.dependencies.of(Source::kArticle);
  if (ToldWithdrawn(tag, dependency)) return true;
  const auto noted = entry.dependencies.expiries().find(tag);
  const bool expired = noted != entry.dependencies.expiries().end() && noted->second <= now;
  const change::Follower* follower = this->follower(Source::kArticle);
  const bool withdrawn = follower != nullptr && follower->WithdrawnSince(dependency, tag);
  // What this run has been told so far is not all, but what it says of a withdrawal is enough.
  if (LeftToJudge(entry, Source::kArticle)) {
    // Unless it was made after that, and the story was there again.
    const bool since = !entry.made_by_this_run || position(Source::kArticle).log_id() != dependency.log_id ||
                       follower->LastChange(tag) > dependency.position;
    return expired || (withdrawn && since) || earlier_run_.HasEnded(tag, dependency, now);
  }
  if (!expired && !withdrawn) return false;
  if (follower == nullptr) return expired;
  const change::Dependency one = {dependency.log_id, dependency.position, {std::string(tag)}};
  switch (follower->JudgeByMemory(one)) {
    case change::Verdict::kFresh:
      return expired;
    case change::Verdict::kChanged:
      return withdrawn;
    default:
      return true;
  }
}

std::vector<std::string> Followers::Ended(const PageEntry& entry, absl::Time now) const {
  std::set<std::string> ended;
  for (const std::string& tag : entry.dependencies.of(Source::kArticle).tags) {
    if (HasEnded(entry, tag, now)) ended.insert(tag);
  }
  if (now < entry.dependencies.until()) return {ended.begin(), ended.end()};
  for (const auto& [tag, time] : entry.dependencies.expiries()) {
    if (HasEnded(entry, tag, now)) ended.insert(tag);
  }
  return {ended.begin(), ended.end()};
}

bool Followers::AnyWithdrawn(const PageEntry& entry, Source source, absl::Time now) const {
  const change::Dependency& dependency = entry.dependencies.of(source);
  const bool left = LeftToJudge(entry, source);
  return std::any_of(dependency.tags.begin(), dependency.tags.end(), [&](const std::string& tag) {
    return WithdrawnSince(source, dependency, tag) || (left && earlier_run_.HasEnded(tag, dependency, now));
  });
}

// A page cut off was right until the lease ended, or when it was made or vouched for; since when a changed
// one is wrong is not known.
absl::Duration Followers::StaleFor(const PageEntry& entry, Standing article, absl::Time now) const {
  if (article == Standing::kFresh) return absl::ZeroDuration();
  const change::Follower* follower = this->follower(Source::kArticle);
  if (LeftToJudge(entry, Source::kArticle))
    return std::max(absl::ZeroDuration(), now - std::max(entry.vouched_at, entry.rendered_at));
  if (article != Standing::kCutOff || follower == nullptr) return now - entry.rendered_at;
  return std::max(absl::ZeroDuration(), std::min(-follower->state().lease_left, now - entry.rendered_at));
}

}  // namespace broadsheet::gateway
