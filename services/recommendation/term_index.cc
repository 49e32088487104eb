#include "services/recommendation/term_index.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace broadsheet::recommendation {
namespace {

constexpr float kSaturation = 1.2F;      // BM25's k1
constexpr float kLengthWeight = 0.6F;    // BM25's b
constexpr std::size_t kQueryTerms = 48;  // the most telling words of the story asked about
// A word that more than this part of all stories use tells nothing, and costs most.
constexpr double kCommon = 0.25;
constexpr std::size_t kFewStories = 20;  // so many may share a word in any case

}  // namespace

std::vector<TermIndex::Posting>::iterator TermIndex::Place(Term& term, Slot slot) {
  return std::lower_bound(term.postings.begin(), term.postings.end(), slot,
                          [](const Posting& posting, Slot s) { return posting.slot < s; });
}

const TermIndex::Posting* TermIndex::Find(TermId id, Slot slot) const {
  const std::vector<Posting>& postings = terms_[id].postings;
  const auto place = std::lower_bound(postings.begin(), postings.end(), slot,
                                      [](const Posting& posting, Slot s) { return posting.slot < s; });
  return place == postings.end() || place->slot != slot ? nullptr : &*place;
}

TermIndex::TermId TermIndex::IdOf(const StoryTerm& term) {
  const auto found = ids_.find(term.term);
  if (found != ids_.end()) return found->second;
  TermId id = static_cast<TermId>(terms_.size());
  if (free_.empty()) {
    terms_.emplace_back();
  } else {
    id = free_.back();
    free_.pop_back();
  }
  terms_[id].key = term.term;
  terms_[id].printed = term.printed;
  ids_.emplace(term.term, id);
  return id;
}

void TermIndex::Add(Slot slot, const std::vector<StoryTerm>& terms, float length) {
  if (documents_.size() <= slot) {
    documents_.resize(slot + 1);
    lengths_.resize(slot + 1);
  }
  lengths_[slot] = length;
  documents_[slot].reserve(terms.size());
  for (const StoryTerm& term : terms) {
    const TermId id = IdOf(term);
    terms_[id].postings.insert(Place(terms_[id], slot), {slot, term.weight});
    documents_[slot].push_back(id);
  }
  ++count_;
  postings_ += terms.size();
  total_length_ += length;
}

void TermIndex::Remove(Slot slot) {
  for (const TermId id : documents_[slot]) {
    Term& term = terms_[id];
    term.postings.erase(Place(term, slot));
    if (!term.postings.empty()) continue;
    ids_.erase(term.key);
    term = Term();
    free_.push_back(id);
  }
  --count_;
  postings_ -= documents_[slot].size();
  total_length_ -= lengths_[slot];
  documents_[slot] = std::vector<TermId>();  // `= {}` would keep its room
  lengths_[slot] = 0;
}

void TermIndex::Clear() { *this = TermIndex(); }

float TermIndex::Rarity(const Term& term) const {
  const auto stories = static_cast<double>(count_);
  const auto with = static_cast<double>(term.postings.size());
  return static_cast<float>(std::log1p((stories - with + 0.5) / (with + 0.5)));
}

float TermIndex::Saturation::Of(float weight, float length) const {
  return weight * (kSaturation + 1) / (weight + fixed + by_length * length);
}

TermIndex::Saturation TermIndex::SaturationNow() const {
  const auto average =
      static_cast<float>(total_length_ / static_cast<double>(std::max<std::size_t>(count_, 1)));
  if (average <= 0) return {kSaturation, 0};
  return {kSaturation * (1 - kLengthWeight), kSaturation * kLengthWeight / average};
}

TermIndex::Query TermIndex::QueryFor(Slot slot) const {
  const auto common =
      std::max<std::size_t>(kFewStories, static_cast<std::size_t>(kCommon * static_cast<double>(count_)));
  const Saturation saturation = SaturationNow();
  Query query{slot, {}};
  query.words.reserve(documents_[slot].size());
  for (const TermId id : documents_[slot]) {
    const Term& term = terms_[id];
    if (term.postings.size() > common) continue;
    const float rarity = Rarity(term);
    query.words.push_back({id, rarity, saturation.Of(Find(id, slot)->weight, lengths_[slot]) * rarity});
  }
  // Many weigh the same: which of them are kept is arbitrary, but was so when the answers were judged.
  const std::size_t kept = std::min(kQueryTerms, query.words.size());
  std::partial_sort(query.words.begin(), query.words.begin() + static_cast<std::ptrdiff_t>(kept),
                    query.words.end(),
                    [](const Query::Word& a, const Query::Word& b) { return a.weight > b.weight; });
  query.words.resize(kept);
  return query;
}

std::vector<TermIndex::Match> TermIndex::MostSimilar(const Query& query, std::size_t limit) const {
  const Saturation saturation = SaturationNow();
  std::vector<float> scores(documents_.size(), 0);
  std::vector<Slot> touched;
  for (const Query::Word& word : query.words) {
    const float factor = word.weight * word.rarity;
    for (const Posting& posting : terms_[word.id].postings) {
      float& score = scores[posting.slot];
      if (score == 0) touched.push_back(posting.slot);
      score += factor * saturation.Of(posting.weight, lengths_[posting.slot]);
    }
  }
  std::vector<Match> matches;
  matches.reserve(touched.size());
  const float own = touched.empty() ? 0 : scores[query.slot];
  for (const Slot other : touched) {
    if (other != query.slot) matches.push_back({other, std::min(1.0F, scores[other] / own)});
  }
  if (matches.size() <= limit) return matches;
  std::nth_element(matches.begin(), matches.begin() + static_cast<std::ptrdiff_t>(limit), matches.end(),
                   [](const Match& a, const Match& b) { return a.similarity > b.similarity; });
  matches.resize(limit);
  return matches;
}

std::vector<std::string> TermIndex::SharedTerms(const Query& query, Slot other, std::size_t limit) const {
  const Saturation saturation = SaturationNow();
  std::vector<std::pair<float, TermId>> shared;  // what each adds to the similarity
  for (const Query::Word& word : query.words) {
    const Posting* const posting = Find(word.id, other);
    if (posting == nullptr) continue;
    shared.emplace_back(-word.weight * word.rarity * saturation.Of(posting->weight, lengths_[other]),
                        word.id);
  }
  std::sort(shared.begin(), shared.end());
  shared.resize(std::min(limit, shared.size()));
  std::vector<std::string> printed;
  for (const auto& [worth, id] : shared) printed.push_back(terms_[id].printed);
  return printed;
}

}  // namespace broadsheet::recommendation
