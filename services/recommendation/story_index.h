#ifndef BROADSHEET_SERVICES_RECOMMENDATION_STORY_INDEX_H_
#define BROADSHEET_SERVICES_RECOMMENDATION_STORY_INDEX_H_

#include <cstddef>
#include <cstdint>
#include <shared_mutex>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "absl/container/btree_set.h"
#include "absl/container/inlined_vector.h"
#include "absl/time/time.h"
#include "services/recommendation/candidates.h"
#include "services/recommendation/ranking.h"
#include "services/recommendation/story.h"
#include "services/recommendation/term_index.h"

namespace broadsheet::recommendation {

// A story to read next.
struct RelatedStory {
  std::string id;
  double score = 0;  // 0 to 1, comparable within one answer only
  v1::RelatedReason reason = v1::RELATED_REASON_UNSPECIFIED;
  std::string explanation;  // the reason in words, for editors
};

// The published stories, and which of them belong together. Holds nothing that is not published: what is
// removed is in no answer that begins later. Thread-safe: many read at a time, a write waits for them.
class StoryIndex {
 public:
  // With more than `max_stories`, at least 1, those first published longest ago are left out. A story takes
  // about 8 KB.
  explicit StoryIndex(std::size_t max_stories) : max_stories_(max_stories) {}

  // Adds a story, or replaces the one with its id.
  void Put(Story story);
  // Nothing happens if it is not there.
  void Remove(const std::string& id);
  // Removes all whose ids are not in `ids`.
  void RetainOnly(const std::unordered_set<std::string>& ids);
  void Clear();

  bool Contains(const std::string& id) const;
  // Whether the story is here and belongs to the section.
  bool IsInSection(const std::string& id, const std::string& section_id) const;

  // At most `limit` stories for a reader of `reference`, an id or a path with its `/`, best first: never
  // itself (of a path that is not known nobody can tell), never one of `except`. Where few fit, and for a
  // story that is not here, they are the latest ones.
  std::vector<RelatedStory> Related(const std::string& reference,
                                    const std::unordered_set<std::string>& except, std::size_t limit,
                                    absl::Time now) const;

  struct Size {
    std::size_t stories = 0;
    std::size_t terms = 0;
    std::size_t postings = 0;
    std::size_t left_out = 0;  // stories that were too many, ever
  };
  Size size() const;

 private:
  using Newest = absl::btree_set<std::pair<absl::Time, Slot>, std::greater<>>;
  using Groups = std::unordered_map<std::string, Newest>;
  using Group = Groups::value_type;  // stays where it is as long as it has a story
  using References = std::unordered_map<std::string, std::vector<Slot>>;
  // What each candidate is compared by, close together: a group is the same if it is at the same place.
  struct Ties {
    absl::Time published;
    const Group* section = nullptr;
    std::uint64_t subject_bits = 0;  // a bit for each subject; two may have the same
    absl::InlinedVector<const Group*, 2> authors;
    absl::InlinedVector<const Group*, 6> subjects;  // as in the story
  };
  struct Ranked {
    Slot slot;
    const Signals* signals;
    Fit fit;
    double worth;
  };

  // All of these: with the mutex held.
  void Insert(Story story);
  void Erase(Slot slot);
  void Link(Slot slot);
  void Unlink(Slot slot);
  const Slot* Find(const std::string& reference) const;  // an id, or a path with its `/`
  std::vector<Slot> Excluded(Slot slot, const std::unordered_set<std::string>& except) const;
  void Gather(const TermIndex::Query& query, Candidates& candidates) const;
  void GatherThread(Slot slot, Candidates& candidates) const;
  void GatherLinks(Slot slot, Candidates& candidates) const;
  static void AddNewest(const Newest& stories, std::size_t most, Candidates& candidates);
  double SubjectRarity(const Group& subject) const;
  std::vector<double> SubjectShares(const Ties& ties) const;  // of each of its subjects, together 1
  static void Compare(const Ties& ties, const std::vector<double>& subject_shares, const Ties& other,
                      Signals& signals);
  // The ranked point into `candidates`.
  std::vector<Ranked> Best(Slot slot, Candidates& candidates, std::size_t limit, absl::Time now) const;
  static void LeaveOutHopeless(std::size_t limit, std::vector<Ranked>& ranked);
  std::string ExplainSubjects(Slot slot, Slot candidate) const;
  std::string Explain(const TermIndex::Query& query, const Ranked& candidate) const;
  void AppendLatest(const std::unordered_set<std::string>& except, std::size_t limit, absl::Time now,
                    std::vector<RelatedStory>& related) const;

  const std::size_t max_stories_;
  mutable std::shared_mutex mutex_;
  std::vector<Story> stories_;  // by slot, without their terms; an empty id: the slot is free
  std::vector<Ties> ties_;      // by slot
  std::vector<Slot> free_;
  std::unordered_map<std::string, Slot> by_id_;
  std::unordered_map<std::string, Slot> by_path_;
  TermIndex terms_;
  Newest newest_;
  Groups by_section_;
  Groups by_author_;
  Groups by_subject_;
  References continued_by_;  // story -> those that follow it; so too for stories that are not here
  References chosen_by_;
  References linked_by_;  // id or path -> those that link to it
  std::size_t left_out_ = 0;
};

}  // namespace broadsheet::recommendation

#endif  // BROADSHEET_SERVICES_RECOMMENDATION_STORY_INDEX_H_
