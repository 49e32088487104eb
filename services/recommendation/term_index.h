#ifndef BROADSHEET_SERVICES_RECOMMENDATION_TERM_INDEX_H_
#define BROADSHEET_SERVICES_RECOMMENDATION_TERM_INDEX_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "services/recommendation/story.h"

namespace broadsheet::recommendation {

using Slot = std::uint32_t;  // where a story is kept; used again after it has gone

// The words of all stories, inverted: which stories are about the same thing. Similarity is BM25 (k1 1.2,
// b 0.6) with the most telling words of one story as the query, divided by what the story itself would get: 0
// to 1. Not thread-safe.
class TermIndex {
 public:
  // `slot` must be free. Cost: one binary search per term.
  void Add(Slot slot, const std::vector<StoryTerm>& terms, float length);
  void Remove(Slot slot);
  void Clear();

  struct Match {
    Slot slot;
    float similarity;  // greater than 0, at most 1
  };
  // The stories most like the one at `slot`, at most `limit`, the best first; without itself.
  std::vector<Match> MostSimilar(Slot slot, std::size_t limit) const;

  // The words that make `b` similar to `a`, those that add most first, as some story prints them.
  std::vector<std::string> SharedTerms(Slot a, Slot b, std::size_t limit) const;

  std::size_t terms() const { return ids_.size(); }
  std::size_t postings() const { return postings_; }

 private:
  using TermId = std::uint32_t;
  struct Posting {
    Slot slot;
    float weight;
  };
  struct Term {
    std::string key;
    std::string printed;
    std::vector<Posting> postings;  // by slot
  };
  struct Document {
    std::vector<TermId> terms;  // empty: the slot is free
    float length = 0;
  };
  struct QueryTerm {
    TermId id;
    float rarity;
    float weight;  // of the query: saturation and rarity of the term in the story asked about
  };

  TermId IdOf(const StoryTerm& term);
  static std::vector<Posting>::iterator Place(Term& term, Slot slot);
  const Posting* Find(TermId id, Slot slot) const;  // null: the story does not have the term
  float Rarity(const Term& term) const;
  // How much `weight` counts in a document of `length`: grows ever more slowly.
  float Saturation(float weight, float length) const;
  std::vector<QueryTerm> QueryFor(Slot slot) const;

  std::vector<Term> terms_;
  std::vector<TermId> free_;  // of terms_
  std::unordered_map<std::string, TermId> ids_;
  std::vector<Document> documents_;
  std::size_t count_ = 0;  // documents in use
  std::size_t postings_ = 0;
  double total_length_ = 0;
};

}  // namespace broadsheet::recommendation

#endif  // BROADSHEET_SERVICES_RECOMMENDATION_TERM_INDEX_H_
