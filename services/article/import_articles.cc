// Many stories in one commit.
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "google/rpc/status.pb.h"
#include "libs/rpc/status.h"
#include "services/article/editorial_service.h"
#include "services/article/idempotent_write.h"
#include "services/article/named_parts.h"
#include "services/article/path_claims.h"
#include "services/article/request_check.h"
#include "services/article/story_commit.h"
#include "services/article/story_import.h"

namespace broadsheet::article {
namespace {

constexpr int kMaxArticles = 500;
constexpr auto kPatience = std::chrono::seconds(20);

absl::Status CheckRequest(const v1::ImportArticlesRequest& request) {
  FieldCheck check;
  CheckWrite(request, check);
  const int count = request.articles_size();
  if (count == 0) check.Add("articles", "is required");
  if (count > kMaxArticles) check.Add("articles", absl::StrCat("has more than ", kMaxArticles, " entries"));
  if (check.ok()) {
    std::set<absl::string_view> ids;
    for (int i = 0; i < count; ++i) {
      if (!ids.insert(request.articles(i).article_id()).second)
        check.Add(absl::StrCat("articles[", i, "].article_id"), "is there twice");
    }
  }
  return ToStatus(check);
}

// Whether an error is about one story, and nothing was written of it: what the storage says has no details.
bool IsRefusal(const absl::Status& status) {
  return !rpc::Reason(status).empty() || !rpc::Violations(status).empty();
}

void Refuse(const absl::Status& status, v1::ImportedArticle& result) {
  google::rpc::Status details;
  details.ParseFromString(rpc::ToGrpc(status).error_details());
  result.set_outcome(v1::IMPORT_OUTCOME_REFUSED);
  result.mutable_refusal()->set_code(details.code());
  result.mutable_refusal()->set_message(details.message());
  *result.mutable_refusal()->mutable_details() = std::move(*details.mutable_details());
}

void Answer(v1::ImportOutcome outcome, const StoryImport::Change& change, v1::ImportedArticle& result) {
  const v1::Draft& draft = change.story.draft;
  result.set_outcome(outcome);
  result.set_revision(draft.revision());
  result.set_pub_status(draft.pub_status());
  result.set_edit_state(draft.edit_state());
  result.set_still_public(change.still_public);
}

void AnswerUnwritten(const StoryImport::Change& change, v1::ImportedArticle& result) {
  Answer(change.left_alone ? v1::IMPORT_OUTCOME_LEFT_ALONE : v1::IMPORT_OUTCOME_UNCHANGED, change, result);
}

// One call: what can be done beside the writing thread is done first.
class Import {
 public:
  Import(const v1::ImportArticlesRequest& request, absl::Time now)
      : request_(request), now_(now), stories_(request.articles_size()), results_(request.articles_size()) {}

  // Checks the stories, finds those that need not be written, and prepares those that are new.
  absl::Status Prepare(const EditStore& store) {
    std::vector<std::string> ids;
    std::vector<std::size_t> numbers;
    for (std::size_t i = 0; i < stories_.size(); ++i) {
      const v1::ArticleImport& wanted = request_.articles(static_cast<int>(i));
      results_[i].set_article_id(wanted.article_id());
      absl::StatusOr<StoryImport> parsed = StoryImport::Parse(wanted);
      if (!parsed.ok()) {
        Refuse(parsed.status(), results_[i]);
        continue;
      }
      stories_[i].wanted = *std::move(parsed);
      stories_[i].is_new = true;
      ids.push_back(wanted.article_id());
      numbers.push_back(i);
    }
    absl::Status read = store.ReadDrafts(ids, [&](std::size_t index, v1::Draft draft) {
      Prepared& prepared = stories_[numbers[index]];
      Story story;
      story.draft = std::move(draft);
      prepared.is_new = false;
      absl::StatusOr<StoryImport::Change> change = prepared.wanted->ChangeOf(story, now_);
      if (!change.ok() || change->action) return;
      AnswerUnwritten(*change, results_[numbers[index]]);
      prepared.wanted.reset();
    });
    if (!read.ok()) return read;
    for (Prepared& prepared : stories_) {
      if (prepared.is_new) prepared.change = (*std::move(prepared.wanted)).CreationOf(now_);
    }
    return absl::OkStatus();
  }

  // On the writing thread.
  absl::Status Write(EditTransaction& transaction, v1::ImportArticlesResponse& response,
                     WriteOutcome& outcome) {
    NamedParts named(transaction);
    const std::int64_t position = transaction.snapshot().position();
    bool written = false;
    for (std::size_t i = 0; i < stories_.size(); ++i) {
      if (!stories_[i].wanted) continue;
      absl::StatusOr<bool> done =
          WriteStory(transaction, named, request_.articles(static_cast<int>(i)), stories_[i], results_[i]);
      if (!done.ok() && !IsRefusal(done.status())) return done.status();
      if (!done.ok()) Refuse(done.status(), results_[i]);
      written = written || (done.ok() && *done);
    }
    for (v1::ImportedArticle& result : results_) *response.add_articles() = std::move(result);
    *response.mutable_snapshot() = transaction.snapshot();
    if (transaction.snapshot().position() > position) outcome.position = transaction.snapshot().position();
    outcome.only_draft = written && outcome.position == 0;
    outcome.keep = written;
    return absl::OkStatus();
  }

 private:
  struct Prepared {
    std::optional<StoryImport> wanted;  // unset: it is answered already
    bool is_new = false;                // there was no such story; `wanted` has become `change`
    // Kept until the call is over: to free a story takes time that the writing thread has better uses for.
    absl::StatusOr<StoryImport::Change> change = StoryImport::Change();
    std::optional<Story> before;
  };

  // Finds out what has to be done, of what the story is now.
  absl::Status Compare(EditTransaction& transaction, const v1::ArticleImport& request,
                       Prepared& prepared) const {
    absl::StatusOr<std::optional<Story>> before = transaction.FindStory(request.article_id());
    if (!before.ok()) return before.status();
    prepared.before = *std::move(before);
    if (prepared.is_new && !prepared.before) return prepared.change.status();
    if (prepared.is_new) {  // somebody else was faster
      absl::StatusOr<StoryImport> parsed = StoryImport::Parse(request);
      if (!parsed.ok()) return parsed.status();
      prepared.wanted = *std::move(parsed);
    }
    prepared.change = prepared.before ? prepared.wanted->ChangeOf(*prepared.before, now_)
                                      : StoryImport(*prepared.wanted).CreationOf(now_);
    return prepared.change.status();
  }

  // Whether it wrote.
  absl::StatusOr<bool> WriteStory(EditTransaction& transaction, NamedParts& named,
                                  const v1::ArticleImport& request, Prepared& prepared,
                                  v1::ImportedArticle& result) const {
    if (absl::Status compared = Compare(transaction, request, prepared); !compared.ok()) return compared;
    const Story* story = prepared.before ? &*prepared.before : nullptr;
    StoryImport::Change* const change = &*prepared.change;
    if (!change->action) {
      AnswerUnwritten(*change, result);
      return false;
    }
    v1::Draft& draft = change->story.draft;
    if (change->to_other_path) {
      absl::Status free = story == nullptr ? CheckPathFree(transaction, draft.path(), draft.article_id())
                                           : CheckMove(transaction, story->draft, draft.path());
      if (!free.ok()) return free;
    }
    const v1::ArticleContent& known =
        story == nullptr ? v1::ArticleContent::default_instance() : story->draft.content();
    if (absl::Status there = named.Check(draft.content(), known); !there.ok()) return there;
    absl::StatusOr<bool> noticed = CommitStory(transaction, story, change->story, *change->action, now_);
    if (!noticed.ok()) return noticed.status();
    Answer(story == nullptr ? v1::IMPORT_OUTCOME_CREATED : v1::IMPORT_OUTCOME_UPDATED, *change, result);
    result.set_published(*noticed && change->story.visible && *change->action == Action::kPublish);
    return true;
  }

  const v1::ImportArticlesRequest& request_;
  const absl::Time now_;
  std::vector<Prepared> stories_;
  std::vector<v1::ImportedArticle> results_;
};

}  // namespace

grpc::Status EditorialService::ImportArticles(grpc::ServerContext* /*context*/,
                                              const v1::ImportArticlesRequest* request,
                                              v1::ImportArticlesResponse* response) {
  if (absl::Status valid = CheckRequest(*request); !valid.ok()) return rpc::ToGrpc(valid);
  if (!imports_.try_acquire_for(kPatience))
    return rpc::ToGrpc(absl::UnavailableError("other imports are in the way"));
  bool in_the_way = true;
  const auto make_way = [&] {
    if (std::exchange(in_the_way, false)) imports_.release();
  };
  const absl::Time now = clock_();
  Import import(*request, now);
  absl::Status imported = import.Prepare(store_);
  if (imported.ok()) {
    imported = IdempotentWrite<v1::ImportArticlesRequest, v1::ImportArticlesResponse>(
        store_,
        [&](std::int64_t position) {
          make_way();
          return wait_for_followers_(position);
        },
        now, *request, *response,
        [&](EditTransaction& transaction, v1::ImportArticlesResponse& answer, WriteOutcome& outcome) {
          return import.Write(transaction, answer, outcome);
        },
        EditKind::kBulk);
  }
  make_way();
  return rpc::ToGrpc(imported);
}

}  // namespace broadsheet::article
