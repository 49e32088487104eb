#ifndef BROADSHEET_SERVICES_CLI_UPLOAD_STORY_STREAM_H_
#define BROADSHEET_SERVICES_CLI_UPLOAD_STORY_STREAM_H_

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "broadsheet/article/v1/editorial_service.pb.h"
#include "services/cli/backends.h"
#include "services/cli/importers/edition.h"

namespace broadsheet::cli {

// Brings stories to the newsroom, many a call and a few calls at a time, while more of them are being read.
// The newsroom decides what has to be done to each: what is as wanted is not written again, so the same
// stories may be sent as often as one likes. Holds a bounded number of stories, whoever is slower.
class StoryStream {
 public:
  // Gets the answer for a story, whose content is gone, or why there is none; called on threads of the
  // stream's own, several at a time.
  using OnAnswer =
      std::function<void(const ImportedArticle&, const absl::StatusOr<article::v1::ImportedArticle>&)>;
  // `calls` at a time. All must outlive this.
  StoryStream(Backends& backends, int calls, OnAnswer on_answer);
  // Drops what has not been sent.
  ~StoryStream();

  // Takes a story; blocks while too many wait. A stream that has failed drops it.
  void Add(ImportedArticle story);
  // Sends the rest and waits until everything is answered.
  void Finish();

  // Not OK once the newsroom cannot be reached; nothing more is sent then, and some stories have no answer.
  absl::Status status() const;

 private:
  struct Batch {
    std::vector<ImportedArticle> stories;
    article::v1::ImportArticlesRequest request;
    std::size_t bytes = 0;
  };

  void Enqueue();
  void Run();
  void Send(Batch batch);
  void SendOneByOne(Batch batch);

  Backends& backends_;
  const OnAnswer on_answer_;
  const std::string run_;  // what request ids of this run begin with
  Batch filling_;          // of the thread that adds
  int enqueued_ = 0;       // of the same, as the next
  std::size_t stories_per_call_;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Batch> waiting_;
  int in_flight_ = 0;
  bool ending_ = false;
  absl::Status status_;
  std::vector<std::thread> threads_;
};

}  // namespace broadsheet::cli

#endif  // BROADSHEET_SERVICES_CLI_UPLOAD_STORY_STREAM_H_
