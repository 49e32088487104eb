#include "services/recommendation/story_index.h"

#include <algorithm>
#include <cmath>
#include <deque>
#include <mutex>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace broadsheet::recommendation {
namespace {

// Candidates looked at, from each source.
constexpr std::size_t kSimilar = 200;
constexpr std::size_t kThread = 50;
constexpr std::size_t kReferences = 50;  // of each kind
constexpr std::size_t kPerSubject = 100;
constexpr std::size_t kPerAuthor = 30;
constexpr std::size_t kPerSection = 50;
// More than a reader's recent stories and the longest answer together, so that an answer is never short.
constexpr std::size_t kLatest = 110;
constexpr std::size_t kExplainedTerms = 3;
constexpr absl::string_view kLatestWords = "one of the latest stories";

template <class Map>
void RemoveFromGroup(Map& groups, const std::string& key, const std::pair<absl::Time, Slot>& entry) {
  const auto found = groups.find(key);
  if (found == groups.end()) return;
  found->second.erase(entry);
  if (found->second.empty()) groups.erase(found);
}

template <class Map>
void RemoveReference(Map& references, const std::string& key, Slot slot) {
  const auto found = references.find(key);
  if (found == references.end()) return;
  std::erase(found->second, slot);
  if (found->second.empty()) references.erase(found);
}

// The newest references, as later stories come later.
template <class Map, class Take>
void ForEachReference(const Map& references, const std::string& key, Take take) {
  const auto found = references.find(key);
  if (found == references.end()) return;
  const std::vector<Slot>& slots = found->second;
  const std::size_t most = std::min(slots.size(), kReferences);
  std::for_each(slots.end() - static_cast<std::ptrdiff_t>(most), slots.end(), take);
}

bool ShareAnAuthor(const Story& a, const Story& b) {
  return std::find_first_of(a.author_ids.begin(), a.author_ids.end(), b.author_ids.begin(),
                            b.author_ids.end()) != a.author_ids.end();
}

bool HasSubject(const Story& story, const std::string& key) {
  return std::any_of(story.subjects.begin(), story.subjects.end(),
                     [&](const StorySubject& subject) { return subject.key == key; });
}

std::string Quoted(const std::vector<std::string>& texts) {
  return absl::StrJoin(
      texts, ", ", [](std::string* out, const std::string& text) { absl::StrAppend(out, "\"", text, "\""); });
}

}  // namespace

void StoryIndex::Put(Story story) {
  const std::unique_lock lock(mutex_);
  if (const Slot* known = Find(story.id)) Erase(*known);
  Insert(std::move(story));
  if (by_id_.size() <= max_stories_) return;
  Erase(newest_.rbegin()->second);
  ++left_out_;
}

void StoryIndex::Remove(const std::string& id) {
  const std::unique_lock lock(mutex_);
  if (const Slot* known = Find(id)) Erase(*known);
}

void StoryIndex::RetainOnly(const std::unordered_set<std::string>& ids) {
  const std::unique_lock lock(mutex_);
  for (Slot slot = 0; slot < stories_.size(); ++slot) {
    if (!stories_[slot].id.empty() && ids.count(stories_[slot].id) == 0) Erase(slot);
  }
}

void StoryIndex::Clear() {
  const std::unique_lock lock(mutex_);
  for (Slot slot = 0; slot < stories_.size(); ++slot) {
    if (!stories_[slot].id.empty()) Erase(slot);
  }
}

bool StoryIndex::Contains(const std::string& id) const {
  const std::shared_lock lock(mutex_);
  return by_id_.count(id) > 0;
}

bool StoryIndex::IsInSection(const std::string& id, const std::string& section_id) const {
  const std::shared_lock lock(mutex_);
  const Slot* const slot = Find(id);
  return slot != nullptr && stories_[*slot].section_id == section_id;
}

StoryIndex::Size StoryIndex::size() const {
  const std::shared_lock lock(mutex_);
  return {by_id_.size(), terms_.terms(), terms_.postings(), left_out_};
}

void StoryIndex::Insert(Story story) {
  Slot slot = static_cast<Slot>(stories_.size());
  if (free_.empty()) {
    stories_.emplace_back();
  } else {
    slot = free_.back();
    free_.pop_back();
  }
  terms_.Add(slot, story.terms, story.length);
  story.terms = {};
  stories_[slot] = std::move(story);
  Link(slot);
}

void StoryIndex::Erase(Slot slot) {
  Unlink(slot);
  terms_.Remove(slot);
  stories_[slot] = Story();
  free_.push_back(slot);
}

void StoryIndex::Link(Slot slot) {
  const Story& story = stories_[slot];
  const std::pair entry(story.published, slot);
  by_id_[story.id] = slot;
  by_path_[story.path] = slot;
  newest_.insert(entry);
  by_section_[story.section_id].insert(entry);
  for (const std::string& author : story.author_ids) by_author_[author].insert(entry);
  for (const StorySubject& subject : story.subjects) by_subject_[subject.key].insert(entry);
  if (!story.follows.empty()) continued_by_[story.follows].push_back(slot);
  for (const std::string& id : story.chosen) chosen_by_[id].push_back(slot);
  for (const std::string& target : story.links) linked_by_[target].push_back(slot);
}

void StoryIndex::Unlink(Slot slot) {
  const Story& story = stories_[slot];
  const std::pair entry(story.published, slot);
  by_id_.erase(story.id);
  const auto at_path = by_path_.find(story.path);
  if (at_path != by_path_.end() && at_path->second == slot) by_path_.erase(at_path);
  newest_.erase(entry);
  RemoveFromGroup(by_section_, story.section_id, entry);
  for (const std::string& author : story.author_ids) RemoveFromGroup(by_author_, author, entry);
  for (const StorySubject& subject : story.subjects) RemoveFromGroup(by_subject_, subject.key, entry);
  RemoveReference(continued_by_, story.follows, slot);
  for (const std::string& id : story.chosen) RemoveReference(chosen_by_, id, slot);
  for (const std::string& target : story.links) RemoveReference(linked_by_, target, slot);
}

const Slot* StoryIndex::Find(const std::string& reference) const {
  const bool is_path = !reference.empty() && reference.front() == '/';
  const auto& slots = is_path ? by_path_ : by_id_;
  const auto found = slots.find(reference);
  return found == slots.end() ? nullptr : &found->second;
}

StoryIndex::Candidates StoryIndex::Gather(Slot slot) const {
  const Story& story = stories_[slot];
  Candidates candidates;
  for (const TermIndex::Match& match : terms_.MostSimilar(slot, kSimilar)) {
    candidates[match.slot].similarity = match.similarity;
  }
  GatherThread(slot, candidates);
  GatherLinks(slot, candidates);
  for (const StorySubject& subject : story.subjects) {
    GatherGroup(by_subject_, subject.key, kPerSubject, candidates);
  }
  for (const std::string& author : story.author_ids) GatherGroup(by_author_, author, kPerAuthor, candidates);
  GatherGroup(by_section_, story.section_id, kPerSection, candidates);
  AddNewest(newest_, kLatest, candidates);
  candidates.erase(slot);
  return candidates;
}

// Along "continues" in both directions, nearest first. A story that is not here ends no thread: two that
// continue it are still part of one.
void StoryIndex::GatherThread(Slot slot, Candidates& candidates) const {
  std::deque<std::pair<std::string, int>> ahead = {{stories_[slot].id, 0}};
  std::unordered_set<std::string> seen = {stories_[slot].id};
  const auto visit = [&](const std::string& id, int steps) {
    if (!id.empty() && seen.size() <= kThread && seen.insert(id).second) ahead.emplace_back(id, steps);
  };
  for (; !ahead.empty(); ahead.pop_front()) {
    const auto [id, steps] = ahead.front();
    if (const Slot* known = Find(id)) {
      if (steps > 0) candidates[*known].thread_steps = steps;
      visit(stories_[*known].follows, steps + 1);
    }
    ForEachReference(continued_by_, id, [&, next = steps + 1](Slot by) { visit(stories_[by].id, next); });
  }
}

void StoryIndex::GatherLinks(Slot slot, Candidates& candidates) const {
  const Story& story = stories_[slot];
  for (const std::string& id : story.chosen) {
    if (const Slot* known = Find(id)) candidates[*known].chosen = true;
  }
  for (const std::string& target : story.links) {
    if (const Slot* known = Find(target)) candidates[*known].links_to = true;
  }
  ForEachReference(chosen_by_, story.id, [&](Slot by) { candidates[by].chosen_by = true; });
  for (const std::string& name : {story.id, story.path}) {
    ForEachReference(linked_by_, name, [&](Slot by) { candidates[by].linked_by = true; });
  }
}

void StoryIndex::GatherGroup(const Groups& groups, const std::string& key, std::size_t most,
                             Candidates& candidates) const {
  const auto found = groups.find(key);
  if (found != groups.end()) AddNewest(found->second, most, candidates);
}

void StoryIndex::AddNewest(const Newest& stories, std::size_t most, Candidates& candidates) {
  for (const auto& [published, slot] : stories) {
    if (most-- == 0) return;
    candidates.try_emplace(slot);
  }
}

double StoryIndex::SubjectRarity(const std::string& key) const {
  const auto found = by_subject_.find(key);
  const double with = found == by_subject_.end() ? 1 : static_cast<double>(found->second.size());
  return std::log1p(static_cast<double>(by_id_.size()) / with);
}

void StoryIndex::Compare(const Story& story, const std::vector<double>& subject_shares, const Story& other,
                         absl::Time now, Signals& signals) {
  for (std::size_t i = 0; i < story.subjects.size(); ++i) {
    if (HasSubject(other, story.subjects[i].key)) signals.subjects += static_cast<float>(subject_shares[i]);
  }
  signals.same_section = story.section_id == other.section_id;
  signals.same_author = ShareAnAuthor(story, other);
  signals.age = now - other.published;
}

std::vector<double> StoryIndex::SubjectShares(const Story& story) const {
  std::vector<double> shares;
  double all = 0;
  for (const StorySubject& subject : story.subjects) {
    shares.push_back(SubjectRarity(subject.key));
    all += shares.back();
  }
  for (double& share : shares) share /= all;
  return shares;
}

std::vector<StoryIndex::Ranked> StoryIndex::Best(Slot slot, const std::unordered_set<std::string>& taken,
                                                 std::size_t limit, absl::Time now) const {
  const Story& story = stories_[slot];
  const std::vector<double> shares = SubjectShares(story);
  std::vector<Ranked> ranked;
  for (auto& [candidate, signals] : Gather(slot)) {
    if (taken.count(stories_[candidate].id) > 0) continue;
    ranked.push_back({candidate, signals, {}});
    Compare(story, shares, stories_[candidate], now, ranked.back().signals);
    ranked.back().rank = RankCandidate(ranked.back().signals);
  }
  const std::size_t kept = std::min(limit, ranked.size());
  std::partial_sort(ranked.begin(), ranked.begin() + static_cast<std::ptrdiff_t>(kept), ranked.end(),
                    [&](const Ranked& a, const Ranked& b) {
                      if (a.rank.score != b.rank.score) return a.rank.score > b.rank.score;
                      return stories_[a.slot].id < stories_[b.slot].id;
                    });
  ranked.resize(kept);
  return ranked;
}

std::vector<RelatedStory> StoryIndex::Related(const std::string& reference,
                                              const std::unordered_set<std::string>& except,
                                              std::size_t limit, absl::Time now) const {
  const std::shared_lock lock(mutex_);
  std::vector<RelatedStory> related;
  std::unordered_set<std::string> taken = except;
  taken.insert(reference);
  const Slot* const slot = Find(reference);
  if (slot == nullptr) {
    AppendLatest(taken, limit, now, related);
    return related;
  }
  for (const Ranked& best : Best(*slot, taken, limit, now)) {
    related.push_back({stories_[best.slot].id, best.rank.score, ReasonFor(best.rank.cause),
                       Explain(*slot, best.slot, best.rank.cause, best.signals)});
  }
  return related;
}

void StoryIndex::AppendLatest(const std::unordered_set<std::string>& except, std::size_t limit,
                              absl::Time now, std::vector<RelatedStory>& related) const {
  for (const auto& [published, slot] : newest_) {
    if (related.size() >= limit) return;
    if (except.count(stories_[slot].id) > 0) continue;
    Signals signals;
    signals.age = now - published;
    const Rank rank = RankCandidate(signals);
    related.push_back({stories_[slot].id, rank.score, ReasonFor(rank.cause), std::string(kLatestWords)});
  }
}

// The rarest first: it says most.
std::string StoryIndex::ExplainSubjects(const Story& story, const Story& other) const {
  std::vector<std::pair<double, std::string>> shared;
  for (const StorySubject& subject : story.subjects) {
    if (HasSubject(other, subject.key)) shared.emplace_back(-SubjectRarity(subject.key), subject.printed);
  }
  std::sort(shared.begin(), shared.end());
  std::vector<std::string> printed;
  for (const auto& [rarity, name] : shared) {
    if (printed.size() < kExplainedTerms) printed.push_back(name);
  }
  return absl::StrCat(printed.size() == 1 ? "subject " : "subjects ", Quoted(printed));
}

std::string StoryIndex::Explain(Slot slot, Slot candidate, Cause cause, const Signals& signals) const {
  const Story& story = stories_[slot];
  const Story& other = stories_[candidate];
  switch (cause) {
    case Cause::kThread:
      if (other.follows == story.id) return "continues this story";
      if (story.follows == other.id) return "this story continues it";
      return "belongs to the same running story";
    case Cause::kChosen:
      return signals.chosen ? "chosen by an editor for this story" : "its editor chose this story";
    case Cause::kLink:
      return signals.links_to ? "this story links to it" : "it links to this story";
    case Cause::kSimilarity:
      return absl::StrCat("about ", Quoted(terms_.SharedTerms(slot, candidate, kExplainedTerms)));
    case Cause::kSubjects:
      return ExplainSubjects(story, other);
    case Cause::kSection:
      return absl::StrCat("section ", Quoted({story.section_id}));
    case Cause::kAuthor: {
      const auto author = std::find_first_of(story.author_ids.begin(), story.author_ids.end(),
                                             other.author_ids.begin(), other.author_ids.end());
      return absl::StrCat("author ", author == story.author_ids.end() ? "" : Quoted({*author}));
    }
    case Cause::kRecent:
      return std::string(kLatestWords);
  }
  return "";
}

}  // namespace broadsheet::recommendation
