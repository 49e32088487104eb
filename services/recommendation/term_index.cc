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
  if (documents_.size() <= slot) documents_.resize(slot + 1);
  Document& document = documents_[slot];
  document.length = length;
  document.terms.reserve(terms.size());
  for (const StoryTerm& term : terms) {
    const TermId id = IdOf(term);
    terms_[id].postings.insert(Place(terms_[id], slot), {slot, term.weight});
    document.terms.push_back(id);
  }
  ++count_;
  postings_ += terms.size();
  total_length_ += length;
}

void TermIndex::Remove(Slot slot) {
  Document& document = documents_[slot];
  for (const TermId id : document.terms) {
    Term& term = terms_[id];
    term.postings.erase(Place(term, slot));
    if (!term.postings.empty()) continue;
    ids_.erase(term.key);
    term = Term();
    free_.push_back(id);
  }
  --count_;
  postings_ -= document.terms.size();
  total_length_ -= document.length;
  document = Document();
}

void TermIndex::Clear() { *this = TermIndex(); }

float TermIndex::Rarity(const Term& term) const {
  const auto stories = static_cast<double>(count_);
  const auto with = static_cast<double>(term.postings.size());
  return static_cast<float>(std::log1p((stories - with + 0.5) / (with + 0.5)));
}

float TermIndex::Saturation(float weight, float length) const {
  const auto average =
      static_cast<float>(total_length_ / static_cast<double>(std::max<std::size_t>(count_, 1)));
  const float relative = average > 0 ? length / average : 1;
  return weight * (kSaturation + 1) / (weight + kSaturation * (1 - kLengthWeight + kLengthWeight * relative));
}

std::vector<TermIndex::QueryTerm> TermIndex::QueryFor(Slot slot) const {
  const Document& document = documents_[slot];
  const auto common =
      std::max<std::size_t>(kFewStories, static_cast<std::size_t>(kCommon * static_cast<double>(count_)));
  std::vector<QueryTerm> query;
  for (const TermId id : document.terms) {
    const Term& term = terms_[id];
    if (term.postings.size() > common) continue;
    const float rarity = Rarity(term);
    query.push_back({id, rarity, Saturation(Find(id, slot)->weight, document.length) * rarity});
  }
  const std::size_t kept = std::min(kQueryTerms, query.size());
  std::partial_sort(query.begin(), query.begin() + static_cast<std::ptrdiff_t>(kept), query.end(),
                    [](const QueryTerm& a, const QueryTerm& b) { return a.weight > b.weight; });
  query.resize(kept);
  return query;
}

std::vector<TermIndex::Match> TermIndex::MostSimilar(Slot slot, std::size_t limit) const {
  std::vector<float> scores(documents_.size(), 0);
  std::vector<Slot> touched;
  for (const QueryTerm& term : QueryFor(slot)) {
    const float factor = term.weight * term.rarity;
    for (const Posting& posting : terms_[term.id].postings) {
      if (scores[posting.slot] == 0) touched.push_back(posting.slot);
      scores[posting.slot] += factor * Saturation(posting.weight, documents_[posting.slot].length);
    }
  }
  std::vector<Match> matches;
  const float own = touched.empty() ? 0 : scores[slot];
  for (const Slot other : touched) {
    if (other != slot) matches.push_back({other, std::min(1.0F, scores[other] / own)});
  }
  const auto kept = static_cast<std::ptrdiff_t>(std::min(limit, matches.size()));
  std::partial_sort(matches.begin(), matches.begin() + kept, matches.end(),
                    [](const Match& a, const Match& b) { return a.similarity > b.similarity; });
  matches.resize(static_cast<std::size_t>(kept));
  return matches;
}

std::vector<std::string> TermIndex::SharedTerms(Slot a, Slot b, std::size_t limit) const {
  std::vector<std::pair<float, TermId>> shared;  // what each adds to the similarity
  for (const QueryTerm& term : QueryFor(a)) {
    const Posting* const posting = Find(term.id, b);
    if (posting == nullptr) continue;
    shared.emplace_back(-term.weight * term.rarity * Saturation(posting->weight, documents_[b].length),
                        term.id);
  }
  std::sort(shared.begin(), shared.end());
  shared.resize(std::min(limit, shared.size()));
  std::vector<std::string> printed;
  for (const auto& [worth, id] : shared) printed.push_back(terms_[id].printed);
  return printed;
}

}  // namespace broadsheet::recommendation
