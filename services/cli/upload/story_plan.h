#ifndef BROADSHEET_SERVICES_CLI_UPLOAD_STORY_PLAN_H_
#define BROADSHEET_SERVICES_CLI_UPLOAD_STORY_PLAN_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "broadsheet/article/v1/editorial_service.pb.h"
#include "services/cli/importers/edition.h"

// What an import has to do to a story so that the newsroom has it as its file says. Pure.
namespace broadsheet::cli {

struct StoryPlan {
  bool create = false;
  std::vector<std::string> update_mask;  // of UpdateArticle; empty: nothing to update
  bool move = false;
  std::vector<article::v1::Correction> corrections;  // to be added
  std::string left_alone_because;                    // not empty: nothing is to be done, for this reason

  bool changes_text() const { return create || move || !update_mask.empty() || !corrections.empty(); }
};

// `current` is null if the newsroom does not have the story. A story that the newsroom has withdrawn is left
// alone: an import never undoes that.
StoryPlan PlanStory(const ImportedArticle& wanted, const article::v1::Draft* current);

// What is left to do when the text is as wanted.
struct PublicationPlan {
  enum class Step { kNothing, kPublish, kSchedule, kWithhold, kCancel };
  Step step = Step::kNothing;
  std::optional<absl::Time> first_published_at = std::nullopt;  // for kPublish
  // Not empty: in what the newsroom has it otherwise than the file says, and is left to decide.
  std::string warning = {};

  // Whether it takes something from readers, or keeps it from becoming public: that is done before the text.
  bool takes_back() const { return step == Step::kWithhold || step == Step::kCancel; }
};
// A draft that the newsroom has scheduled is unscheduled; one that is public stays so, with a warning.
PublicationPlan PlanPublication(const ImportedArticle& wanted, const article::v1::Draft& current,
                                absl::Time now);

}  // namespace broadsheet::cli

#endif  // BROADSHEET_SERVICES_CLI_UPLOAD_STORY_PLAN_H_
