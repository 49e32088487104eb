#ifndef BROADSHEET_SERVICES_RECOMMENDATION_INDEXER_H_
#define BROADSHEET_SERVICES_RECOMMENDATION_INDEXER_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/time/time.h"
#include "grpcpp/channel.h"
#include "libs/change/follower.h"
#include "services/recommendation/story_index.h"

namespace broadsheet::recommendation {

struct IndexerOptions {
  std::string follower_id;  // for article's operators; empty: host name and process id
  int page_size = 50;       // stories asked for at a time when loading all; fewer if they are long
  std::size_t max_pending =
      100'000;  // changed stories still to be fetched; beyond it everything is loaded again
  absl::Duration page_timeout = absl::Seconds(20);
  absl::Duration story_timeout = absl::Seconds(5);
  absl::Duration min_pause = absl::Milliseconds(50);  // between attempts while article does not answer,
  absl::Duration max_pause = absl::Seconds(2);        // doubled each time
};

// Keeps a StoryIndex true to what article publishes: follows its change log, loads every published story at
// the start, then fetches each that changes. What is withdrawn is out of the index before the change is
// acknowledged. Takes no lease, so no write of article waits for it. Reconnects, and loads again when the log
// is another one or no longer reaches back far enough, by itself. Thread-safe.
class Indexer {
 public:
  // Returns at once, whether article answers or not. `streaming` should be a connection of its own. `index`
  // must outlive the indexer and be changed by it alone.
  static std::unique_ptr<Indexer> Start(const std::shared_ptr<grpc::Channel>& channel,
                                        std::shared_ptr<grpc::Channel> streaming, IndexerOptions options,
                                        StoryIndex& index);
  // Cancels the calls in flight; nothing touches the index any more when it returns.
  virtual ~Indexer() = default;

  // Where the index stands.
  struct Position {
    // Whether the index has held everything published in the log it follows. Once true it stays so while
    // article is away; it ends when article's data is replaced.
    bool caught_up = false;
    std::string log_id;         // of article's change log; empty: has never followed
    std::int64_t position = 0;  // everything up to this change is in the index
  };
  virtual Position position() const = 0;

  // For /status.
  struct State {
    Position position;
    std::size_t pending = 0;    // stories still to be fetched
    std::int64_t loads = 0;     // times that everything was loaded
    std::int64_t fetches = 0;   // stories fetched one by one
    std::int64_t failures = 0;  // calls that failed
    std::string last_error;     // of the last that did; empty if none has
    change::Follower::State follower;
  };
  virtual State state() const = 0;
};

}  // namespace broadsheet::recommendation

#endif  // BROADSHEET_SERVICES_RECOMMENDATION_INDEXER_H_
