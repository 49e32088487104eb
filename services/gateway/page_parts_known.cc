// What PageParts knows without asking anybody.
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "services/gateway/answers.h"
#include "services/gateway/page_parts.h"

namespace broadsheet::gateway {

bool PageParts::IsOver(const PageDraft& draft, const std::string& tag) const {
  const change::Dependency& read = draft.dependencies.of(Source::kArticle);
  return draft.dependencies.has_last_known(Source::kArticle)
             ? followers_.WithdrawnSince(Source::kArticle, read, tag)
             : followers_.CertainlyWithdrawnSince(Source::kArticle, read, tag);
}

bool PageParts::LeaveOutWithdrawn(PageDraft& draft, Teasers& stories) const {
  const absl::Time now = absl::Now();
  return stories.EraseIf([&](const article::v1::Article& story) {
    const std::string tag = ArticleTag(story.article_id());
    const bool over = IsExpired(story, now) || IsOver(draft, tag);
    if (over) draft.dependencies.Conceal(tag);
    return over;
  }) > 0;
}

bool PageParts::LeaveOutWithdrawn(PageDraft& draft, std::map<std::string, std::string>& links) const {
  return std::erase_if(links, [&](const auto& link) {
           const std::string tag = ArticleTag(link.first);
           const bool over = IsOver(draft, tag);
           if (over) draft.dependencies.Conceal(tag);
           return over;
         }) > 0;
}

void PageParts::NoteWithdrawal(const absl::Status& absence) const {
  const std::string tag = WithdrawnTagOf(absence);
  const std::optional<change::v1::Snapshot> snapshot = SnapshotOfAbsence(absence);
  if (!tag.empty() && snapshot) followers_.NoteWithdrawn(tag, *snapshot);
}

void PageParts::Remember(const Teasers& stories, const change::v1::Snapshot& snapshot) {
  for (auto story = stories.begin(); story != stories.end(); ++story)
    summaries_.Put(ArticleTag(story->article_id()), story.story(), snapshot);
}

void PageParts::Remember(const std::vector<article::v1::Author>& authors,
                         const change::v1::Snapshot& snapshot) {
  for (const article::v1::Author& author : authors)
    authors_.Put(AuthorTag(author.author_id()), author, snapshot);
}

void PageParts::RememberLatest(const Teasers& stories) {
  constexpr std::size_t kLinks = 10;
  std::lock_guard lock(mutex_);
  latest_ids_.clear();
  for (const article::v1::Article& story : stories) {
    if (latest_ids_.size() < kLinks) latest_ids_.push_back(story.article_id());
  }
}

std::vector<article::v1::Section> PageParts::LastKnownSections() {
  auto known = sections_.LastKnown(kSectionsTag);
  return known ? *known : std::vector<article::v1::Section>();
}

std::vector<article::v1::Section> PageParts::FreshSections(Dependencies& read) {
  const auto fresh = sections_.Fresh(kSectionsTag);
  if (!fresh) return {};
  read.Tag(kSectionsTag);
  read.Read(Source::kArticle, fresh->snapshot);
  return *fresh->record;
}

bool PageParts::StillHolds(const Dependencies& read) const {
  return read.independent_of(Source::kArticle) ||
         followers_.StandingOf(Source::kArticle, read.of(Source::kArticle)) == Standing::kFresh;
}

Teasers PageParts::LastKnownLatest(DraftPtr draft) {
  std::vector<std::string> ids;
  {
    std::lock_guard lock(mutex_);
    ids = latest_ids_;
  }
  const change::v1::Snapshot position = followers_.position(Source::kArticle);
  Teasers stories;
  for (const std::string& id : ids) {
    auto known = summaries_.LastKnown(ArticleTag(id));
    if (!known || IsExpired(*known, absl::Now())) continue;
    draft->dependencies.Tag(ArticleTag(id));
    draft->dependencies.Expires(ArticleTag(id), ExpiryOf(*known));
    stories.push_back(std::move(known));
  }
  if (!stories.empty()) draft->dependencies.Read(Source::kArticle, position);
  return stories;
}

std::int64_t PageParts::RevisionOf(std::string_view tag) {
  if (auto story = summaries_.Fresh(tag); story && story->record) return story->record->revision();
  if (auto author = authors_.Fresh(tag)) return author->record->revision();
  if (auto image = images_.Fresh(tag); image && image->record) return image->record->revision();
  for (const article::v1::Section& section : LastKnownSections()) {
    if (SectionTag(section.section_id()) == tag) return section.revision();
  }
  return 0;
}

}  // namespace broadsheet::gateway
