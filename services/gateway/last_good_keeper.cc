#include "services/gateway/last_good_keeper.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "services/gateway/renderer/site_paths.h"
#include "services/gateway/route.h"

namespace broadsheet::gateway {
namespace {

constexpr std::size_t kMaxForgetting = 100;  // waiting at a time

// What a change ends, and when; a position of 0: nothing.
End EndIn(const change::v1::Change& change, std::string log_id) {
  const bool withdrawn = change.kind() == change::v1::CHANGE_KIND_WITHDRAWN;
  if (!withdrawn && !change.has_expires_at()) return {};
  End end = {.subject = change.subject(), .log_id = std::move(log_id), .position = change.position()};
  if (!withdrawn) {
    end.at =
        absl::FromUnixSeconds(change.expires_at().seconds()) + absl::Nanoseconds(change.expires_at().nanos());
  }
  return end;
}

bool IsWorthKeeping(const PageEntry& entry) {
  return entry.status() == 200 && !IsSitemap(ParseRoute(entry.path).kind) && !entry.degraded("images") &&
         !entry.dependencies.independent_of(Source::kArticle);
}

bool IsSamePage(const PageEntry& one, const PageEntry& other) {
  return one.path == other.path && one.content->etag() == other.content->etag() &&
         one.dependencies.tags() == other.dependencies.tags() &&
         one.dependencies.expiries() == other.dependencies.expiries();
}

}  // namespace

LastGoodKeeper::LastGoodKeeper(LastGoodOptions options, std::string site, std::string_view security_policy)
    : options_(std::move(options)),
      kept_pages_("broadsheet_gateway_last_good_pages",
                  "Pages kept on disk for a start without the services."),
      written_("broadsheet_gateway_last_good_writes_total", "Writings of the pages kept on disk, by outcome.",
               {{"outcome", "written"}}),
      failed_("broadsheet_gateway_last_good_writes_total", "Writings of the pages kept on disk, by outcome.",
              {{"outcome", "failed"}}),
      recorded_("broadsheet_gateway_last_good_ends_total",
                "Withdrawals and expiries written down because a page kept on disk shows what ended.") {
  if (!options_.folder.empty()) Load(std::move(site), security_policy);
}

LastGoodKeeper::~LastGoodKeeper() { Stop(); }

void LastGoodKeeper::Load(std::string site, std::string_view security_policy) {
  absl::StatusOr<std::unique_ptr<LastGoodFolder>> folder =
      LastGoodFolder::Open(options_.folder, std::move(site));
  absl::StatusOr<LastGoodFolder::Contents> left =
      folder.ok() ? (*folder)->Load(security_policy) : folder.status();
  if (folder.ok()) folder_ = *std::move(folder);
  keeps_ = folder_ != nullptr;
  if (!left.ok()) {
    const bool nothing = left.status().code() == absl::StatusCode::kNotFound;
    dropped_ = !nothing && left.status().code() != absl::StatusCode::kDataLoss;
    if (!nothing) failed_.Increment();
    telemetry::Log(nothing ? telemetry::Severity::kInfo : telemetry::Severity::kWarning,
                   keeps_ ? "no pages of an earlier run are used"
                          : "no pages are kept for the next run, before this one is restarted",
                   {{"folder", options_.folder}, {"reason", left.status().message()}});
    return;
  }
  telemetry::Log(telemetry::Severity::kInfo, "pages of an earlier run are at hand",
                 {{"folder", options_.folder}, {"pages", left->pages.size()}, {"ends", left->ends.size()}});
  left_ = left->pages;
  SetKept(std::move(left->pages), absl::InfinitePast());
  ends_ = left->ends;
  recorded_ends_ = ends_.size();
  earlier_run_ = EarlierRun(std::move(left->ends), absl::Now(), options_.rules);
}

void LastGoodKeeper::Start(Pages pages, const Followers& followers) {
  if (!keeps_) return;
  pages_ = std::move(pages);
  followers_ = &followers;
  thread_ = std::thread([this] { Run(); });
}

void LastGoodKeeper::Stop() {
  {
    std::lock_guard lock(quick_mutex_);
    stopping_ = true;
    wake_.notify_all();
  }
  if (thread_.joinable()) thread_.join();
}

// Of the usual priority: whoever brings a withdrawal may be waiting for what it holds.
void LastGoodKeeper::Run() {
  for (bool last = false; !last;) {
    std::vector<Forgetting> asked;
    {
      std::unique_lock lock(quick_mutex_);
      wake_.wait_for(lock, absl::ToChronoMilliseconds(options_.interval),
                     [this] { return stopping_ || !forgetting_.empty(); });
      last = stopping_;
      asked.swap(forgetting_);
    }
    for (const Forgetting& one : asked) one.done(ForgetNow(one.wanted));
    LookAround();
  }
}

// On a follower's thread, before a change of the log is heard of. What cannot be judged any more may show
// what was withdrawn unheard: this run shows it no more, and the next one must not either.
void LastGoodKeeper::OnReset(Source source, const std::string& log_id, std::int64_t floor) {
  const Wanted lost = [&](const PageEntry& entry) {
    const change::Dependency& read = entry.dependencies.of(source);
    return !entry.dependencies.independent_of(source) && (read.log_id != log_id || read.position < floor);
  };
  const auto is_lost = [&](const Entry& entry) { return lost(*entry); };
  {
    std::lock_guard lock(mutex_);
    log_ids_[static_cast<std::size_t>(source)] = log_id;
    if (!IsUsable()) return;
    // What is judged from now on is judged by the new log. Nobody waits for the disk to hear that all is
    // well.
    if (std::none_of(kept_->begin(), kept_->end(), is_lost) &&
        std::none_of(pending_.begin(), pending_.end(), is_lost))
      return;
  }
  ForgetNow(lost);
}

// Whether the folder says what it should. Pages that could not be deleted are tried again.
bool LastGoodKeeper::IsUsable() {
  if (!folder_) return false;
  if (!dropped_) return true;
  if (absl::Status cleared = folder_->Clear(); !cleared.ok()) {
    Drop(cleared);
    return false;
  }
  dropped_ = false;
  ends_.clear();
  std::lock_guard quick(quick_mutex_);
  recorded_ends_ = 0;
  return true;
}

// On a follower's thread, before the change is acknowledged.
void LastGoodKeeper::OnChange(const change::v1::Change& change) {
  if (End end = EndIn(change, ""); end.position == 0) return;
  std::lock_guard lock(mutex_);
  const End end = EndIn(change, log_ids_[static_cast<std::size_t>(SourceOf(change.subject()))]);
  if (!IsUsable() || !ConcernsKept(end)) return;
  if (absl::Status appended = folder_->Append(end); !appended.ok()) return Drop(appended);
  recorded_.Increment();
  ends_.push_back(end);
  std::lock_guard quick(quick_mutex_);
  recorded_ends_ = ends_.size();
}

bool LastGoodKeeper::ConcernsKept(const End& end) const {
  const Source source = SourceOf(end.subject);
  const auto concerned = [&](const Entry& entry) {
    const change::Dependency& read = entry->dependencies.of(source);
    return ComesAfter(end, read.log_id, read.position) &&
           std::binary_search(read.tags.begin(), read.tags.end(), end.subject);
  };
  return std::any_of(kept_->begin(), kept_->end(), concerned) ||
         std::any_of(pending_.begin(), pending_.end(), concerned);
}

void LastGoodKeeper::LookAround() {
  {
    std::lock_guard lock(mutex_);
    if (!IsUsable()) return;
  }
  if (!followers_->live(Source::kArticle)) return;  // then what is on disk is the best there is
  const std::vector<std::string> paths = pages_.wanted(options_.max_pages);
  std::vector<std::string> to_renew;
  WriteChosen(paths, to_renew);
  for (const std::string& path : to_renew) pages_.renew(path);
}

void LastGoodKeeper::WriteChosen(const std::vector<std::string>& paths, std::vector<std::string>& to_renew) {
  std::lock_guard writing(writing_mutex_);
  std::unique_lock lock(mutex_);
  if (dropped_) return;
  std::vector<Entry> pages = Choose(paths, to_renew);
  const bool due = absl::Now() - written_at_ >= options_.vouch_again;
  if (!pages.empty() && (due || !IsKept(pages))) Write(std::move(pages), lock);
}

std::vector<LastGoodKeeper::Entry> LastGoodKeeper::Choose(const std::vector<std::string>& paths,
                                                          std::vector<std::string>& to_renew) {
  const absl::Time now = absl::Now();
  std::vector<Entry> chosen;
  std::size_t bytes = 0;
  for (const std::string& path : paths) {
    Entry entry = Vouched(path, now);
    if (!entry) {
      entry = StillGood(path, now);
      if (entry || path == kFrontPath || IsKnownPage(path)) to_renew.push_back(path);
    }
    if (!entry) continue;
    bytes += entry->bytes();
    if (bytes > options_.max_bytes) break;
    chosen.push_back(std::move(entry));
  }
  return chosen;
}

// Whether there was a page worth keeping when it was made last.
bool LastGoodKeeper::IsKnownPage(const std::string& path) const {
  const std::vector<Entry> found = pages_.find(path);
  return std::any_of(found.begin(), found.end(),
                     [](const Entry& entry) { return entry && IsWorthKeeping(*entry); });
}

// A page that both logs vouch for now. The positions come first: what is judged afterwards holds at them.
LastGoodKeeper::Entry LastGoodKeeper::Vouched(const std::string& path, absl::Time now) const {
  std::array<change::v1::Snapshot, kSources> positions;
  for (Source source : kAllSources)
    positions[static_cast<std::size_t>(source)] = followers_->position(source);
  for (const Entry& entry : pages_.find(path)) {
    if (!entry || !IsWorthKeeping(*entry)) continue;
    const EntryFacts facts = followers_->Examine(*entry, now);
    if (facts.article != Standing::kFresh || facts.media != Standing::kFresh || facts.withdrawn) continue;
    auto vouched = std::make_shared<PageEntry>(*entry);
    for (Source source : kAllSources)
      vouched->dependencies.HoldsAt(source, positions[static_cast<std::size_t>(source)]);
    vouched->vouched_at = now;
    vouched->made_by_this_run = false;
    vouched->calls.clear();
    return vouched;
  }
  return nullptr;
}

// The page as it is on disk, for as long as it is of use should everything fail now: also one whose story has
// been withdrawn, so that the next run can say that it is gone.
LastGoodKeeper::Entry LastGoodKeeper::StillGood(const std::string& path, absl::Time now) const {
  for (const Entry& entry : *kept_) {
    if (entry->path != path) continue;
    const EntryFacts facts = followers_->Examine(*entry, now);
    const bool unknown = facts.article == Standing::kUnknown || facts.media == Standing::kUnknown;
    return unknown || now - entry->vouched_at > options_.rules.max_absence ? nullptr : entry;
  }
  return nullptr;
}

bool LastGoodKeeper::IsKept(const std::vector<Entry>& pages) const {
  return std::equal(pages.begin(), pages.end(), kept_->begin(), kept_->end(),
                    [](const Entry& one, const Entry& other) { return IsSamePage(*one, *other); });
}

// From the moment they are judged until they are known to be on disk, or not to be, an end that concerns
// either these pages or those they replace is written down: whichever the next run finds, the record belongs
// to them.
void LastGoodKeeper::Write(std::vector<Entry> pages, std::unique_lock<std::mutex>& lock) {
  const std::string record_name = folder_->record_name();
  pending_ = pages;
  lock.unlock();
  absl::Status written = folder_->WritePages(pages, record_name);
  lock.lock();
  pending_.clear();
  if (dropped_ || folder_->record_name() != record_name)
    written = absl::AbortedError("the record could not be kept while they were written");
  if (!written.ok()) return Drop(written);
  written_.Increment();
  SetKept(std::move(pages), absl::Now());
  ShortenRecord();
}

void LastGoodKeeper::SetKept(std::vector<Entry> pages, absl::Time written_at) {
  kept_pages_.Set(static_cast<double>(pages.size()));
  std::lock_guard quick(quick_mutex_);
  kept_ = std::make_shared<const std::vector<Entry>>(std::move(pages));
  written_at_ = written_at;
}

// What no page on disk shows, or what each that does was vouched for after, needs no record any more.
void LastGoodKeeper::ShortenRecord() {
  if (folder_->record_bytes() < options_.max_record_bytes) return;
  std::erase_if(ends_, [this](const End& end) { return !ConcernsKept(end); });
  {
    std::lock_guard quick(quick_mutex_);
    recorded_ends_ = ends_.size();
  }
  if (absl::Status rewritten = folder_->RewriteRecord(ends_); !rewritten.ok()) Drop(rewritten);
}

// Pages without a complete record must not be found by the next run.
void LastGoodKeeper::Drop(const absl::Status& why) {
  dropped_ = true;
  failed_.Increment();
  const absl::Status cleared = folder_->Clear();
  log_.Log("dropped", telemetry::Severity::kError, "the pages kept on disk are given up",
           {{"folder", options_.folder},
            {"reason", why.message()},
            {"deleted", cleared.ok() ? "yes" : cleared.message()}});
  SetKept({}, absl::InfinitePast());
}

std::vector<std::string> LastGoodKeeper::PathsWhere(const Wanted& wanted) const {
  std::shared_ptr<const std::vector<Entry>> kept;
  {
    std::lock_guard lock(quick_mutex_);
    kept = kept_;
  }
  std::vector<std::string> paths;
  for (const Entry& entry : *kept) {
    if (wanted(*entry)) paths.push_back(entry->path);
  }
  return paths;
}

bool LastGoodKeeper::Forget(Wanted wanted, std::function<void(std::size_t)> done) {
  if (!keeps_) {
    done(0);
    return true;
  }
  std::lock_guard lock(quick_mutex_);
  if (stopping_ || forgetting_.size() >= kMaxForgetting) return false;
  forgetting_.push_back({std::move(wanted), std::move(done)});
  wake_.notify_all();
  return true;
}

std::size_t LastGoodKeeper::ForgetNow(const Wanted& wanted) {
  std::lock_guard writing(writing_mutex_);
  std::unique_lock lock(mutex_);
  return IsUsable() ? ForgetKept(wanted, lock) : 0;
}

std::size_t LastGoodKeeper::ForgetKept(const Wanted& wanted, std::unique_lock<std::mutex>& lock) {
  std::vector<Entry> rest = *kept_;
  const std::size_t forgotten = std::erase_if(rest, [&](const Entry& entry) { return wanted(*entry); });
  if (forgotten > 0) Write(std::move(rest), lock);
  return forgotten;
}

std::vector<std::pair<std::string, std::string>> LastGoodKeeper::StatusRows() const {
  if (!keeps_) return {{"folder", options_.folder.empty() ? "none" : "cannot be used: see the log"}};
  std::lock_guard lock(quick_mutex_);
  return {
      {"folder", options_.folder},
      {"pages on disk", absl::StrCat(kept_->size())},
      {"written", written_at_ == absl::InfinitePast() ? "not by this run" : absl::FormatTime(written_at_)},
      {"ends recorded", absl::StrCat(recorded_ends_)}};
}

}  // namespace broadsheet::gateway
