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

template <class Groups, class Group>
bool Has(const Groups& groups, const Group* group) {
  return std::find(groups.begin(), groups.end(), group) != groups.end();
}

// One of 64, chosen by where the group is.
std::uint64_t BitOf(const void* group) {
  return std::uint64_t{1} << (reinterpret_cast<std::uintptr_t>(group) * 0x9E3779B97F4A7C15U >> 58);
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
    ties_.emplace_back();
  } else {
    slot = free_.back();
    free_.pop_back();
  }
  terms_.Add(slot, story.terms, story.length);
  story.terms = std::vector<StoryTerm>();  // `= {}` would keep its room
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
  Ties& ties = ties_[slot];
  const std::pair entry(story.published, slot);
  const auto join = [&](Groups& groups, const std::string& key) {
    Group& group = *groups.try_emplace(key).first;
    group.second.insert(entry);
    return &group;
  };
  by_id_[story.id] = slot;
  by_path_[story.path] = slot;
  newest_.insert(entry);
  ties.published = story.published;
  ties.section = join(by_section_, story.section_id);
  for (const std::string& author : story.author_ids) ties.authors.push_back(join(by_author_, author));
  ties.subject_bits = 0;
  for (const StorySubject& subject : story.subjects) {
    ties.subjects.push_back(join(by_subject_, subject.key));
    ties.subject_bits |= BitOf(ties.subjects.back());
  }
  if (!story.follows.empty()) continued_by_[story.follows].push_back(slot);
  for (const std::string& id : story.chosen) chosen_by_[id].push_back(slot);
  for (const std::string& target : story.links) linked_by_[target].push_back(slot);
}

void StoryIndex::Unlink(Slot slot) {
  const Story& story = stories_[slot];
  const std::pair entry(story.published, slot);
  ties_[slot].authors.clear();
  ties_[slot].subjects.clear();
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

std::vector<Slot> StoryIndex::Excluded(Slot slot, const std::unordered_set<std::string>& except) const {
  std::vector<Slot> excluded = {slot};
  for (const std::string& id : except) {
    if (const auto known = by_id_.find(id); known != by_id_.end()) excluded.push_back(known->second);
  }
  return excluded;
}

void StoryIndex::Gather(const TermIndex::Query& query, Candidates& candidates) const {
  const Ties& ties = ties_[query.slot];
  for (const TermIndex::Match& match : terms_.MostSimilar(query, kSimilar)) {
    candidates[match.slot].similarity = match.similarity;
  }
  GatherThread(query.slot, candidates);
  GatherLinks(query.slot, candidates);
  for (const Group* subject : ties.subjects) AddNewest(subject->second, kPerSubject, candidates);
  for (const Group* author : ties.authors) AddNewest(author->second, kPerAuthor, candidates);
  AddNewest(ties.section->second, kPerSection, candidates);
  AddNewest(newest_, kLatest, candidates);
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

void StoryIndex::AddNewest(const Newest& stories, std::size_t most, Candidates& candidates) {
  for (const auto& [published, slot] : stories) {
    if (most-- == 0) return;
    candidates[slot];
  }
}

double StoryIndex::SubjectRarity(const Group& subject) const {
  return std::log1p(static_cast<double>(by_id_.size()) / static_cast<double>(subject.second.size()));
}

void StoryIndex::Compare(const Ties& ties, const std::vector<double>& subject_shares, const Ties& other,
                         Signals& signals) {
  if ((ties.subject_bits & other.subject_bits) != 0) {
    for (std::size_t i = 0; i < ties.subjects.size(); ++i) {
      if (Has(other.subjects, ties.subjects[i])) signals.subjects += static_cast<float>(subject_shares[i]);
    }
  }
  signals.same_section = ties.section == other.section;
  signals.same_author = std::any_of(ties.authors.begin(), ties.authors.end(),
                                    [&](const Group* author) { return Has(other.authors, author); });
}

std::vector<double> StoryIndex::SubjectShares(const Ties& ties) const {
  std::vector<double> shares;
  double all = 0;
  for (const Group* subject : ties.subjects) {
    shares.push_back(SubjectRarity(*subject));
    all += shares.back();
  }
  for (double& share : shares) share /= all;
  return shares;
}

// Those that are behind `limit` others whatever the ages are.
void StoryIndex::LeaveOutHopeless(std::size_t limit, std::vector<Ranked>& ranked) {
  if (limit == 0 || ranked.size() <= limit) return;
  std::vector<double> least;
  least.reserve(ranked.size());
  for (const Ranked& candidate : ranked) least.push_back(LeastWorthOf(candidate.fit));
  const auto last = least.begin() + static_cast<std::ptrdiff_t>(limit - 1);
  std::nth_element(least.begin(), last, least.end(), std::greater<>());
  std::erase_if(ranked, [&](const Ranked& candidate) { return MostWorthOf(candidate.fit) < *last; });
}

std::vector<StoryIndex::Ranked> StoryIndex::Best(Slot slot, Candidates& candidates, std::size_t limit,
                                                 absl::Time now) const {
  const Ties& ties = ties_[slot];
  const std::vector<double> shares = SubjectShares(ties);
  std::vector<Ranked> ranked;
  ranked.reserve(candidates.size());
  for (auto& [candidate, signals] : candidates) {
    Compare(ties, shares, ties_[candidate], signals);
    ranked.push_back({candidate, &signals, FitOf(signals), 0});
  }
  LeaveOutHopeless(limit, ranked);
  for (Ranked& candidate : ranked)
    candidate.worth = WorthOf(candidate.fit, now - ties_[candidate.slot].published);
  const std::size_t kept = std::min(limit, ranked.size());
  std::partial_sort(ranked.begin(), ranked.begin() + static_cast<std::ptrdiff_t>(kept), ranked.end(),
                    [&](const Ranked& a, const Ranked& b) {
                      if (a.worth != b.worth) return a.worth > b.worth;
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
  const Slot* const slot = Find(reference);
  if (slot == nullptr) {
    AppendLatest(except, limit, now, related);
    return related;
  }
  const TermIndex::Query query = terms_.QueryFor(*slot);
  Candidates candidates(Excluded(*slot, except));
  Gather(query, candidates);
  for (const Ranked& best : Best(*slot, candidates, limit, now)) {
    related.push_back(
        {stories_[best.slot].id, ScoreOf(best.worth), ReasonFor(best.fit.cause), Explain(query, best)});
  }
  return related;
}

void StoryIndex::AppendLatest(const std::unordered_set<std::string>& except, std::size_t limit,
                              absl::Time now, std::vector<RelatedStory>& related) const {
  for (const auto& [published, slot] : newest_) {
    if (related.size() >= limit) return;
    if (except.count(stories_[slot].id) > 0) continue;
    related.push_back({stories_[slot].id, ScoreOf(WorthOf(Fit(), now - published)), ReasonFor(Cause::kRecent),
                       std::string(kLatestWords)});
  }
}

// The rarest first: it says most.
std::string StoryIndex::ExplainSubjects(Slot slot, Slot candidate) const {
  const Ties& ties = ties_[slot];
  std::vector<std::pair<double, std::string>> shared;
  for (std::size_t i = 0; i < ties.subjects.size(); ++i) {
    if (Has(ties_[candidate].subjects, ties.subjects[i]))
      shared.emplace_back(-SubjectRarity(*ties.subjects[i]), stories_[slot].subjects[i].printed);
  }
  std::sort(shared.begin(), shared.end());
  std::vector<std::string> printed;
  for (const auto& [rarity, name] : shared) {
    if (printed.size() < kExplainedTerms) printed.push_back(name);
  }
  return absl::StrCat(printed.size() == 1 ? "subject " : "subjects ", Quoted(printed));
}

std::string StoryIndex::Explain(const TermIndex::Query& query, const Ranked& candidate) const {
  const Story& story = stories_[query.slot];
  const Story& other = stories_[candidate.slot];
  switch (candidate.fit.cause) {
    case Cause::kThread:
      if (other.follows == story.id) return "continues this story";
      if (story.follows == other.id) return "this story continues it";
      return "belongs to the same running story";
    case Cause::kChosen:
      return candidate.signals->chosen ? "chosen by an editor for this story" : "its editor chose this story";
    case Cause::kLink:
      return candidate.signals->links_to ? "this story links to it" : "it links to this story";
    case Cause::kSimilarity:
      return absl::StrCat("about ", Quoted(terms_.SharedTerms(query, candidate.slot, kExplainedTerms)));
    case Cause::kSubjects:
      return ExplainSubjects(query.slot, candidate.slot);
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
