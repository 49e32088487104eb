#ifndef BROADSHEET_SERVICES_RECOMMENDATION_STORY_H_
#define BROADSHEET_SERVICES_RECOMMENDATION_STORY_H_

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "broadsheet/article/v1/article.pb.h"

namespace broadsheet::recommendation {

// A word of a story and how much the story is about it.
struct StoryTerm {
  std::string term;     // see Token
  std::string printed;  // as it first stands in the story
  float weight = 0;     // occurrences, those in the headline counted more than those in the body
};

struct StorySubject {
  std::string key;      // see FoldPhrase
  std::string printed;  // as the story has it
};

// What the index knows of a published story.
struct Story {
  std::string id;
  std::string path;
  std::string section_id;
  absl::Time published;
  std::vector<std::string> author_ids;
  std::vector<StorySubject> subjects;  // each key once
  std::string follows;                 // id of the story it continues; empty: none
  std::vector<std::string> chosen;     // ids of related stories an editor chose
  std::vector<std::string> links;      // stories its body links to, each once: ids, or paths with their `/`
  std::vector<StoryTerm> terms;        // each once
  float length = 0;                    // sum of all weights, of terms left out too
};

inline constexpr std::size_t kMaxTerms = 256;  // per story; those of the greatest weight are kept
inline constexpr std::size_t kMaxTextBytes = 128
                                             << 10;  // read of one story's text; the rest is not looked at
inline constexpr std::size_t kMaxLinks = 100;        // per story

// Reads what counts from a published story. Pure.
Story ReadStory(const article::v1::Article& article);

}  // namespace broadsheet::recommendation

#endif  // BROADSHEET_SERVICES_RECOMMENDATION_STORY_H_
