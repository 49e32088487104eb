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

  using TermId = std::uint32_t;
  // The most telling words of a story; holds until the next change.
  struct Query {
    struct Word {
      TermId id;
      float rarity;
      float weight;  // saturation and rarity of the word in the story
    };
    Slot slot;
    std::vector<Word> words;
  };
  Query QueryFor(Slot slot) const;

  struct Match {
    Slot slot;
    float similarity;  // greater than 0, at most 1
  };
  // The stories most like the one asked about, at most `limit`, in no order; without itself.
  std::vector<Match> MostSimilar(const Query& query, std::size_t limit) const;

  // The words that make `other` similar to the one asked about, those that add most first, as some story
  // prints them.
  std::vector<std::string> SharedTerms(const Query& query, Slot other, std::size_t limit) const;

  std::size_t terms() const { return ids_.size(); }
  std::size_t postings() const { return postings_; }

 private:
  struct Posting {
    Slot slot;
    float weight;
  };
  struct Term {
    std::string key;
    std::string printed;
    std::vector<Posting> postings;  // by slot
  };
  // How much a weight counts in a document of some length: grows ever more slowly.
  struct Saturation {
    float fixed;
    float by_length;
    float Of(float weight, float length) const;
  };

  TermId IdOf(const StoryTerm& term);
  static std::vector<Posting>::iterator Place(Term& term, Slot slot);
  const Posting* Find(TermId id, Slot slot) const;  // null: the story does not have the term
  float Rarity(const Term& term) const;
  Saturation SaturationNow() const;

  std::vector<Term> terms_;
  std::vector<TermId> free_;  // of terms_
  std::unordered_map<std::string, TermId> ids_;
  std::vector<std::vector<TermId>> documents_;  // by slot; empty: the slot is free
  std::vector<float> lengths_;                  // by slot
  std::size_t count_ = 0;                       // documents in use
  std::size_t postings_ = 0;
  double total_length_ = 0;
};

}  // namespace broadsheet::recommendation

#endif  // BROADSHEET_SERVICES_RECOMMENDATION_TERM_INDEX_H_
