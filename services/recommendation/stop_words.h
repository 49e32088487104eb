#ifndef BROADSHEET_SERVICES_RECOMMENDATION_STOP_WORDS_H_
#define BROADSHEET_SERVICES_RECOMMENDATION_STOP_WORDS_H_

#include "absl/strings/string_view.h"

namespace broadsheet::recommendation {

// Whether a folded word says nothing of what a text is about: articles, pronouns, auxiliaries, and the words
// every newspaper uses ("said", "year"). `language` is a primary language subtag in lower case; false for a
// language without a list: there, how many stories use a word decides alone.
bool IsStopWord(absl::string_view language, absl::string_view word);

}  // namespace broadsheet::recommendation

#endif  // BROADSHEET_SERVICES_RECOMMENDATION_STOP_WORDS_H_
