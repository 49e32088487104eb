#ifndef BROADSHEET_SERVICES_ARTICLE_STORY_IMPORT_H_
#define BROADSHEET_SERVICES_ARTICLE_STORY_IMPORT_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "broadsheet/article/v1/editorial_service.pb.h"
#include "services/article/lifecycle.h"

namespace broadsheet::article {

// What an import wants a story to be, taken apart and checked. Pure.
class StoryImport {
 public:
  // INVALID_ARGUMENT with each field at fault.
  static absl::StatusOr<StoryImport> Parse(const v1::ArticleImport& request);

  const std::string& article_id() const { return article_id_; }

  // What has to be done to a story.
  struct Change {
    Story story;                   // as it is to be committed; if nothing is to be done: as it is
    std::optional<Action> action;  // unset: nothing is to be done
    bool left_alone = false;       // because the newsroom has withdrawn it
    bool still_public = false;     // it is to be a draft, but readers keep it
    bool to_other_path = false;    // `story` has a path that the story did not have, to be checked
  };
  // Of the story `before`. FAILED_PRECONDITION: its state does not allow it. INVALID_ARGUMENT: the expiry
  // would not lie after the embargo, or the path is another one and one of the site's own.
  absl::StatusOr<Change> ChangeOf(const Story& before, absl::Time now) const;
  // If there is none. Also then nothing may have to be done.
  absl::StatusOr<Change> CreationOf(absl::Time now) &&;

 private:
  // Each step notes in `change` what it did.
  absl::Status Rewrite(Change& change) const;
  absl::Status AddCorrections(Change& change, absl::Time now) const;
  absl::Status Release(Change& change, absl::Time now) const;
  // Revokes what would make it public some day; what readers can see they keep.
  void KeepFromReaders(Change& change) const;
  // Whether it is to be a draft, but readers can see it: then only its draft is changed, not what acts at
  // once or with time: embargo, expiry, path and corrections. After KeepFromReaders.
  bool LeavesReadersAlone(const v1::Draft& draft) const;
  // Of the path wanted, if it is not the one that the story has.
  absl::Status CheckPath(const v1::Draft& draft) const;
  bool HasText(const v1::ArticleContent& content) const;

  std::string article_id_;
  std::optional<v1::ArticleContent> content_;
  bool has_block_ids_ = false;  // some of its blocks came with ids
  v1::ArticleImport values_;    // the rest
};

}  // namespace broadsheet::article

#endif  // BROADSHEET_SERVICES_ARTICLE_STORY_IMPORT_H_
