#ifndef BROADSHEET_SERVICES_RECOMMENDATION_RANKING_H_
#define BROADSHEET_SERVICES_RECOMMENDATION_RANKING_H_

#include "absl/time/time.h"
#include "broadsheet/recommendation/v1/recommendation_service.pb.h"

// What makes one story worth reading after another. Pure: numbers in, a number out.
namespace broadsheet::recommendation {

// What two stories, the one being read and a candidate, have in common.
struct Signals {
  // Steps from one to the other along "continues": 1 if one continues the other, 2 if both continue a third,
  // and so on; 0: none.
  int thread_steps = 0;
  bool chosen = false;     // an editor put the candidate beside the story
  bool chosen_by = false;  // or the story beside the candidate
  bool links_to = false;   // the story's text links to the candidate
  bool linked_by = false;  // or the candidate's to the story
  float similarity = 0;    // of their words, 0 to 1, see TermIndex
  float subjects = 0;      // part of the story's subjects that the candidate shares, rare ones counted more
  bool same_section = false;
  bool same_author = false;
};

// Why a story was chosen, in more detail than the contract's reasons.
enum class Cause { kThread, kChosen, kLink, kSimilarity, kSubjects, kSection, kAuthor, kRecent };

v1::RelatedReason ReasonFor(Cause cause);

// What all that two stories have in common is worth, and what of it is worth most.
struct Fit {
  double worth = 0;
  Cause cause = Cause::kRecent;
};
Fit FitOf(const Signals& signals);

// What a candidate that fits like this and has this age is worth; it orders candidates. One that continues
// the story comes before all that do not; then what an editor chose, then what the words say. A common
// section or author breaks ties; of two that fit alike the newer comes first.
double WorthOf(const Fit& fit, absl::Duration age);
// The same, at least and at most, whatever its age.
double LeastWorthOf(const Fit& fit);
double MostWorthOf(const Fit& fit);

// 0 to 1
double ScoreOf(double worth);

}  // namespace broadsheet::recommendation

#endif  // BROADSHEET_SERVICES_RECOMMENDATION_RANKING_H_
