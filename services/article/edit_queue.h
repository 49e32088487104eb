#ifndef BROADSHEET_SERVICES_ARTICLE_EDIT_QUEUE_H_
#define BROADSHEET_SERVICES_ARTICLE_EDIT_QUEUE_H_

#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "services/article/article_store.h"

namespace broadsheet::article {

// An edit that somebody waits for.
struct PendingEdit {
  absl::FunctionRef<absl::Status(EditTransaction&)> edit;
  EditKind kind;
  absl::Status result;
  bool ended_commit = false;  // the commit failed because this edit did
  bool done = false;
};

// The edits that wait for the writing thread, and which of them a commit takes. Thread-safe; Take, TakeMore
// and Finish are for the writing thread.
//
// Ordinary edits that wait at the same moment share a commit, which waits for no more of them. Bulk edits
// follow each other into one commit as long as they come soon enough, since what many of them change is then
// written once; an ordinary edit that comes meanwhile goes along, and ends it. So an ordinary edit waits for
// one bulk edit and one commit at most (and for more if more than `max_ordinary` wait), and of the bulk edits
// the one that has waited longest is passed over for one commit at most.
class EditQueue {
 public:
  struct Options {
    int max_ordinary = 64;                 // in a commit
    int max_bulk = 8;                      // in a commit
    std::chrono::milliseconds company{0};  // how long a commit of bulk edits waits for the next one
  };
  using Batch = std::vector<PendingEdit*>;

  explicit EditQueue(const Options& options) : options_(options) {}

  // Queues the edit and waits for its result.
  absl::Status Run(absl::FunctionRef<absl::Status(EditTransaction&)> edit, EditKind kind);

  // Waits for edits and takes those of the next commit. Empty: none came for `patience`. nullopt: the queue
  // was stopped, and none are left.
  std::optional<Batch> Take(std::optional<std::chrono::milliseconds> patience);
  // Adds what else is to go into the commit, now that all of `batch` has been run; false: nothing is.
  bool TakeMore(Batch& batch);
  // Hands out the results.
  void Finish(const Batch& batch);

  // Nobody may call Run any more.
  void Stop();
  // Edits that are queued and not taken.
  std::size_t waiting() const;

 private:
  bool IsEmpty() const { return ordinary_.empty() && bulk_.empty(); }
  void TakeOrdinary(Batch& batch);
  void TakeBulk(Batch& batch);

  const Options options_;
  mutable std::mutex mutex_;
  std::condition_variable queued_;
  std::condition_variable finished_;
  std::deque<PendingEdit*> ordinary_;
  std::deque<PendingEdit*> bulk_;
  bool passed_over_ = false;  // bulk edits, by the last commit
  bool stopped_ = false;
};

}  // namespace broadsheet::article

#endif  // BROADSHEET_SERVICES_ARTICLE_EDIT_QUEUE_H_
