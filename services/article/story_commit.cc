#include "services/article/story_commit.h"

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "libs/rpc/status.h"
#include "services/article/path_claims.h"
#include "services/article/paths.h"
#include "services/article/request_check.h"
#include "services/article/story_body.h"
#include "services/article/tags.h"

namespace broadsheet::article {
namespace {

constexpr int kMaxPathNumber = 1000;

absl::Time DateOfPath(const v1::Draft& draft, absl::Time now) {
  if (draft.has_first_published_at()) return FromTimestamp(draft.first_published_at());
  if (draft.has_scheduled_at()) now = std::max(now, FromTimestamp(draft.scheduled_at()));
  if (draft.has_embargoed_until()) now = std::max(now, FromTimestamp(draft.embargoed_until()));
  return now;
}

// A story gets its path for good when it is published; until then `draft.path` says what it would be.
absl::Status SettlePath(EditTransaction& transaction, Story& story, absl::Time now) {
  if (story.path_claimed) return absl::OkStatus();
  v1::Draft& draft = story.draft;
  const std::string wanted = DefaultPath(draft.content().section_id(), DateOfPath(draft, now),
                                         draft.content().headline(), draft.article_id());
  draft.set_path(wanted);
  if (draft.pub_status() != v1::PUB_STATUS_USABLE) return absl::OkStatus();
  absl::Status free = CheckPathFree(transaction, wanted, draft.article_id());
  for (int number = 2; absl::IsAlreadyExists(free) && number <= kMaxPathNumber; ++number) {
    draft.set_path(NumberedPath(wanted, number));
    free = CheckPathFree(transaction, draft.path(), draft.article_id());
  }
  if (absl::IsAlreadyExists(free)) {  // no two stories have one id
    draft.set_path(absl::StrCat("/", draft.content().section_id(), "/", draft.article_id()));
    free = CheckPathFree(transaction, draft.path(), draft.article_id());
  }
  if (!free.ok()) return free;
  story.path_claimed = true;
  return absl::OkStatus();
}

// The path of a new story has just been found free.
absl::Status ClaimPath(EditTransaction& transaction, const Story& story, bool is_new) {
  if (!story.path_claimed) return absl::OkStatus();
  if (is_new) return transaction.ClaimPath(story.draft.path(), story.draft.article_id());
  absl::StatusOr<std::optional<std::string>> owner = transaction.FindPathOwner(story.draft.path());
  if (!owner.ok()) return owner.status();
  if (*owner) return absl::OkStatus();
  return transaction.ClaimPath(story.draft.path(), story.draft.article_id());
}

// `text` may be that of the draft; without its body.
v1::Article MakeArticle(const v1::Draft& draft, const v1::ArticleContent& text) {
  v1::Article article;
  article.set_article_id(draft.article_id());
  article.set_revision(draft.published_revision());
  article.set_path(draft.path());
  article.set_pub_status(v1::PUB_STATUS_USABLE);
  *article.mutable_content() = text;
  *article.mutable_corrections() = draft.corrections();
  *article.mutable_first_published_at() = draft.first_published_at();
  *article.mutable_version_created_at() = draft.version_created_at();
  if (draft.has_expires_at()) *article.mutable_expires_at() = draft.expires_at();
  return article;
}

// Whether the two revisions of a story name the same section and authors, in the newest text and in the
// public one.
bool NameTheSame(const v1::Draft& a, const v1::Draft& b) {
  const v1::ArticleContent& one = a.content();
  const v1::ArticleContent& other = b.content();
  return a.pub_status() == b.pub_status() && a.published_revision() == b.published_revision() &&
         one.section_id() == other.section_id() &&
         std::equal(one.author_ids().begin(), one.author_ids().end(), other.author_ids().begin(),
                    other.author_ids().end());
}

// One commit's work on what readers get.
class PublicSide {
 public:
  PublicSide(EditTransaction& transaction, const Story* before, Story& after)
      : transaction_(transaction), before_(before), after_(after) {}

  // Finds what readers had and the text they are to have.
  absl::Status Load() {
    if (was_visible()) {
      absl::StatusOr<std::optional<v1::Article>> found = transaction_.FindPublic(after_.draft.article_id());
      if (!found.ok()) return found.status();
      had_ = *std::move(found);
    }
    v1::Draft& draft = after_.draft;
    if (draft.pub_status() != v1::PUB_STATUS_USABLE) return absl::OkStatus();
    if (draft.published_revision() == draft.revision()) {
      text_ = draft.mutable_content();
    } else if (had_) {
      text_ = had_->mutable_content();
    } else {
      absl::StatusOr<std::optional<v1::Draft>> published =
          transaction_.FindRevision(draft.article_id(), draft.published_revision(), Body::kWith);
      if (!published.ok()) return published.status();
      if (!*published) return absl::DataLossError("the published revision is missing");
      published_ = **std::move(published);
      text_ = published_->mutable_content();
    }
    return absl::OkStatus();
  }

  // The authors and sections that the newest and the published text name.
  std::set<std::string> References() const {
    std::set<std::string> tags;
    const v1::ArticleContent* const published = text_;
    for (const v1::ArticleContent* content : {&after_.draft.content(), published}) {
      if (content == nullptr) continue;
      if (!content->section_id().empty()) tags.insert(SectionTag(content->section_id()));
      for (const std::string& author_id : content->author_ids()) tags.insert(AuthorTag(author_id));
    }
    return tags;
  }

  // Where the body of the new revision is to be kept: Save tells readers of it or not.
  BodyPlace PlaceOfBody(Action action) const {
    const bool is_read = after_.visible && HasNewText(action) && text_ == &after_.draft.content();
    return is_read ? BodyPlace::kPublic : BodyPlace::kRevision;
  }

  // Saves what readers get from now on and appends the change; false if they could not notice.
  absl::StatusOr<bool> Save(Action action, absl::Time now) {
    if (after_.visible) return SaveVisible(action, now);
    if (!after_.was_visible) return false;
    return SaveWithdrawn(action, now);
  }

 private:
  bool was_visible() const { return before_ != nullptr && before_->visible; }
  bool HasNewText(Action action) const { return action == Action::kPublish || !had_; }

  absl::StatusOr<bool> SaveVisible(Action action, absl::Time now) {
    const v1::Article article = MakePublic();
    // Where the body is to be kept with the public side alone, there is something new to keep.
    const bool unchanged = PlaceOfBody(action) == BodyPlace::kRevision && had_ &&
                           had_->SerializeAsString() == article.SerializeAsString();
    if (unchanged) return false;
    std::optional<absl::Time> embargoed_until;
    if (after_.draft.has_embargoed_until()) embargoed_until = FromTimestamp(after_.draft.embargoed_until());
    if (had_ && had_->revision() != article.revision()) {
      if (absl::Status kept = transaction_.KeepPublic(article.article_id(), had_->revision()); !kept.ok())
        return kept;
    }
    absl::Status saved = transaction_.SavePublic(article, had_ ? &*had_ : nullptr, embargoed_until,
                                                 HasNewText(action) ? text_ : nullptr, PlaceOfBody(action));
    if (saved.ok() && before_ != nullptr && !had_)
      saved = transaction_.SetWithdrawn(article.article_id(), nullptr);
    if (!saved.ok()) return saved;
    return Append(now, [&](const std::vector<std::string>& paths) {
      return StoryChange(had_ ? &*had_ : nullptr, &article, paths);
    });
  }

  absl::StatusOr<bool> SaveWithdrawn(Action action, absl::Time now) {
    const std::string& article_id = after_.draft.article_id();
    v1::Withdrawal withdrawal = after_.draft.withdrawal();
    if (withdrawal.mode() == v1::WITHDRAWAL_MODE_UNSPECIFIED) withdrawal.set_mode(v1::WITHDRAWAL_MODE_GONE);
    absl::StatusOr<std::optional<v1::Withdrawal>> old = transaction_.FindWithdrawn(article_id);
    if (!old.ok()) return old.status();
    const bool same_path = before_ != nullptr && before_->draft.path() == after_.draft.path();
    if (!had_ && *old && same_path && (*old)->SerializeAsString() == withdrawal.SerializeAsString())
      return false;
    absl::Status saved = transaction_.SetWithdrawn(article_id, &withdrawal);
    if (saved.ok() && had_ && action != Action::kWithhold)
      saved = transaction_.KeepPublic(article_id, had_->revision());
    if (saved.ok() && had_) saved = transaction_.RemovePublic(*had_);
    if (!saved.ok()) return saved;
    return Append(now, [&](const std::vector<std::string>& paths) {
      return had_ ? StoryChange(&*had_, nullptr, paths) : WithdrawalChange(article_id, paths);
    });
  }

  v1::Article MakePublic() {
    const WithoutBody without_body(*text_);
    return MakeArticle(after_.draft, *text_);
  }

  absl::StatusOr<std::vector<std::string>> ListPaths() {
    if (before_ != nullptr) return transaction_.ListPaths(after_.draft.article_id());
    if (!after_.path_claimed) return std::vector<std::string>();
    return std::vector<std::string>{after_.draft.path()};
  }

  template <class MakeChange>
  absl::StatusOr<bool> Append(absl::Time now, MakeChange make_change) {
    absl::StatusOr<std::vector<std::string>> paths = ListPaths();
    if (!paths.ok()) return paths.status();
    if (absl::Status appended = transaction_.AppendChange(make_change(*paths), now); !appended.ok())
      return appended;
    return true;
  }

  EditTransaction& transaction_;
  const Story* const before_;
  Story& after_;
  std::optional<v1::Article> had_;      // what readers had
  std::optional<v1::Draft> published_;  // holds `text_` if it is an older revision's
  v1::ArticleContent* text_ = nullptr;  // the published text; null: none
};

}  // namespace

absl::StatusOr<Story> LoadStory(EditTransaction& transaction, absl::string_view article_id,
                                std::int64_t expected_revision) {
  absl::StatusOr<std::optional<Story>> story = transaction.FindStory(article_id);
  if (!story.ok()) return story.status();
  if (!*story) return rpc::NotFound("ARTICLE_NOT_FOUND", absl::StrCat("there is no story ", article_id));
  if (absl::Status same = CheckRevision(expected_revision, (*story)->draft.revision()); !same.ok())
    return same;
  return **std::move(story);
}

absl::StatusOr<bool> CommitStory(EditTransaction& transaction, const Story* before, Story& after,
                                 Action action, absl::Time now) {
  v1::Draft& draft = after.draft;
  draft.set_revision(before == nullptr ? 1 : before->draft.revision() + 1);
  *draft.mutable_update_time() = ToTimestamp(now);
  if (before == nullptr) *draft.mutable_create_time() = ToTimestamp(now);
  Settle(after, now);
  if (absl::Status settled = SettlePath(transaction, after, now); !settled.ok()) return settled;
  if (absl::Status claimed = ClaimPath(transaction, after, before == nullptr); !claimed.ok()) return claimed;
  PublicSide public_side(transaction, before, after);
  if (absl::Status loaded = public_side.Load(); !loaded.ok()) return loaded;
  if (absl::Status saved = transaction.SaveStory(after, action, public_side.PlaceOfBody(action)); !saved.ok())
    return saved;
  if (draft.pub_status() == v1::PUB_STATUS_CANCELED) {  // it will not come to any other path
    if (absl::Status released = transaction.ReleasePaths(draft.article_id()); !released.ok()) return released;
  }
  if (before == nullptr || !NameTheSame(before->draft, draft)) {
    absl::Status set = transaction.SetReferences(draft.article_id(), public_side.References(),
                                                 before == nullptr ? Stored::kNothing : Stored::kPerhaps);
    if (!set.ok()) return set;
  }
  // What an editor withdrew stays withdrawn, whatever the story comes back as; also what was hidden before.
  if (action == Action::kWithhold) {
    if (absl::Status removed = transaction.RemovePast(draft.article_id()); !removed.ok()) return removed;
  }
  return public_side.Save(action, now);
}

}  // namespace broadsheet::article
