#ifndef BROADSHEET_TESTS_FAULTS_SITE_H_
#define BROADSHEET_TESTS_FAULTS_SITE_H_

#include <atomic>
#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "tests/faults/shown_pages.h"
#include "tests/faults/story_history.h"

namespace broadsheet::faults {

// Nanoseconds of a clock that never goes back; one for the whole program.
std::int64_t NowNanos();

// When something was wrong on purpose. Set by one thread, read by any.
class FaultSpan {
 public:
  void Begin() { active_.fetch_add(1); }
  void End() {
    last_end_.store(NowNanos());
    active_.fetch_sub(1);
  }
  // Whether it was wrong at some time after `since_nanos`, or had been right again for less than `recovery`
  // by then.
  bool Touches(std::int64_t since_nanos, absl::Duration recovery) const {
    return active_.load() > 0 || last_end_.load() + absl::ToInt64Nanoseconds(recovery) > since_nanos;
  }

 private:
  std::atomic<int> active_ = 0;
  std::atomic<std::int64_t> last_end_ = INT64_MIN / 2;
};

struct Story {
  Story(int run, int number, int section, int max_writes);

  const int number;
  const int token_number;  // what its text says, see Token; different in every run on a site
  const int section;
  const std::string article_id;
  const std::string path;
  StoryHistory history;
};

// A gateway, and what readers and editors have learned of it.
struct GatewayView {
  GatewayView(int number, std::string address, std::string grpc_address, int stories);

  const int number;
  const std::string address;  // host:port for HTTP
  const std::string grpc_address;

  FaultSpan cut_off;  // article cannot be reached from it, whatever the reason
  FaultSpan down;     // it does not answer itself
  // How often it has been started anew: what it only knew is gone.
  std::atomic<int> life = 0;

  // By story: the newest withdrawal it is known to know of in this life, as a write of the story; 0: none.
  std::vector<std::atomic<int>> known_withdrawal;
  // The same for those it has acknowledged, which it must know in every later life: it writes them down
  // first.
  std::vector<std::atomic<int>> acknowledged_withdrawal;
  ShownPages shown;

  void KnowsWithdrawal(int story, int write);
  void AcknowledgesWithdrawal(int story, int write);
  void ForgetEverything();  // it has been killed: all but what it has acknowledged
};

// What the checker's editors and readers share: the stories, the gateways, what is wrong at the moment.
class Site {
 public:
  struct Options {
    std::vector<std::string> gateways;       // host:port for HTTP
    std::vector<std::string> grpc_gateways;  // host:port for gRPC, one for each; empty: none is asked
    std::string article_address;
    int run = 0;        // 0 to 9; tells the stories of several runs on one site apart
    int stories = 120;  // up to 1,000
    int sections = 6;
    int max_writes = 20'000;      // of one story
    bool feed_lists_all = false;  // there are no more stories than that
  };

  explicit Site(Options options);

  std::deque<Story>& stories() { return stories_; }
  std::deque<GatewayView>& gateways() { return gateways_; }
  // The story that a page says it shows; null if it is none of this run's.
  const Story* FindByToken(int token_number) const;
  int sections() const { return options_.sections; }
  bool feed_lists_all() const { return options_.feed_lists_all; }
  const std::string& article_address() const { return options_.article_address; }
  std::string SectionId(int section) const;

  // Article itself is down, so writes may take long.
  FaultSpan article_down;

  // What is wrong at the moment, in words, for reports.
  void SetFaults(std::string faults);
  std::string faults() const;

  void Stop() { stopping_ = true; }
  bool stopping() const { return stopping_; }

 private:
  const Options options_;
  std::deque<Story> stories_;
  std::deque<GatewayView> gateways_;
  std::atomic<bool> stopping_ = false;
  mutable std::mutex mutex_;
  std::string faults_;
};

}  // namespace broadsheet::faults

#endif  // BROADSHEET_TESTS_FAULTS_SITE_H_
