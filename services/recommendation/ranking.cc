#include "services/recommendation/ranking.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace broadsheet::recommendation {
namespace {

// What each signal is worth at most. One that continues the story outweighs all the others together.
constexpr double kDirectThread = 6.0;
constexpr double kSameThread = 0.9;  // fewer with every further step
constexpr double kChosen = 0.8;
constexpr double kChosenBy = 0.5;
constexpr double kLink = 0.35;
constexpr double kSimilarity = 1.0;
constexpr double kSubjects = 0.5;
constexpr double kSection = 0.06;
constexpr double kAuthor = 0.05;

// Two stories of the same event share about this much of their words; more says no more.
constexpr double kVerySimilar = 0.4;
// What any two stories share by chance.
constexpr double kChance = 0.03;

// Of what two stories have in common this part fades with the candidate's age, by half in this time.
constexpr double kFadingPart = 0.3;
constexpr absl::Duration kFadingHalfLife = absl::Hours(24 * 45);
// What being new is worth by itself, halved in this time: decides between candidates that hardly fit.
constexpr double kNews = 0.05;
constexpr absl::Duration kNewsHalfLife = absl::Hours(24 * 7);

double Halved(absl::Duration age, absl::Duration half_life) {
  return std::exp2(-absl::FDivDuration(std::max(age, absl::ZeroDuration()), half_life));
}

double Thread(int steps) {
  if (steps <= 0) return 0;
  return steps == 1 ? kDirectThread : kSameThread / (steps - 1);
}

// `unfaded` and `news`: what age has left, 0 to 1, of what fades and of what being new is worth.
double Worth(const Fit& fit, double unfaded, double news) {
  return fit.worth * (1 - kFadingPart + kFadingPart * unfaded) + kNews * news;
}

struct Part {
  Cause cause;
  double worth;
};

}  // namespace

v1::RelatedReason ReasonFor(Cause cause) {
  switch (cause) {
    case Cause::kThread:
      return v1::RELATED_REASON_FOLLOW_UP;
    case Cause::kChosen:
    case Cause::kLink:
    case Cause::kSimilarity:
      return v1::RELATED_REASON_SIMILAR_CONTENT;
    case Cause::kSubjects:
      return v1::RELATED_REASON_SAME_SUBJECT;
    case Cause::kSection:
      return v1::RELATED_REASON_SAME_SECTION;
    case Cause::kAuthor:
      return v1::RELATED_REASON_SAME_AUTHOR;
    case Cause::kRecent:
      return v1::RELATED_REASON_RECENT;
  }
  return v1::RELATED_REASON_UNSPECIFIED;
}

Fit FitOf(const Signals& signals) {
  const std::array<Part, 7> parts = {{
      {Cause::kThread, Thread(signals.thread_steps)},
      {Cause::kChosen, (signals.chosen ? kChosen : 0) + (signals.chosen_by ? kChosenBy : 0)},
      {Cause::kLink, (signals.links_to ? kLink : 0) + (signals.linked_by ? kLink : 0)},
      {Cause::kSimilarity,
       kSimilarity * std::clamp((signals.similarity - kChance) / (kVerySimilar - kChance), 0.0, 1.0)},
      {Cause::kSubjects, kSubjects * signals.subjects},
      {Cause::kSection, signals.same_section ? kSection : 0},
      {Cause::kAuthor, signals.same_author ? kAuthor : 0},
  }};
  Fit fit;
  double most = 0;
  for (const Part& part : parts) {
    fit.worth += part.worth;
    if (part.worth <= most) continue;
    most = part.worth;
    fit.cause = part.cause;
  }
  return fit;
}

double WorthOf(const Fit& fit, absl::Duration age) {
  return Worth(fit, Halved(age, kFadingHalfLife), Halved(age, kNewsHalfLife));
}

double LeastWorthOf(const Fit& fit) { return Worth(fit, 0, 0); }

double MostWorthOf(const Fit& fit) { return Worth(fit, 1, 1); }

double ScoreOf(double worth) { return 1 - std::exp(-worth); }

}  // namespace broadsheet::recommendation
