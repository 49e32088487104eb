#ifndef BROADSHEET_TESTS_FAULTS_STORY_HISTORY_H_
#define BROADSHEET_TESTS_FAULTS_STORY_HISTORY_H_

#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

namespace broadsheet::faults {

// What readers are to see of a story after one of its writes.
struct StoryState {
  enum class Kind { kAbsent, kPublished, kWithheld };
  Kind kind = Kind::kAbsent;
  int revision = 0;  // the number printed on the page, from 1; only of kPublished

  friend bool operator==(const StoryState&, const StoryState&) = default;
};
std::string ToString(StoryState state);  // "revision 7", "withheld", "absent"

// The writes of one story in order, as its only editor makes them: write 0 is the story's absence, the others
// are publications and withdrawals. A write has begun when its request may have been sent, and has returned
// when its answer has arrived. One thread writes, any number read; no locks.
class StoryHistory {
 public:
  // Room for `max_writes` of them.
  explicit StoryHistory(int max_writes);

  // The editor's side. `Begin` returns the write's number; a published revision's number is one more than
  // that of the one before. At most one write is between Begin and Return. `at_nanos`: any clock, for
  // reports.
  int Begin(StoryState state);
  void Return(std::int64_t at_nanos);
  bool full() const { return begun() + 1 >= static_cast<int>(writes_.size()); }

  // The newest write that has returned, and the newest that has begun. What was true before the load is
  // visible to the loader.
  int returned() const { return returned_.load(std::memory_order_acquire); }
  int begun() const { return begun_.load(std::memory_order_acquire); }

  // Of a write that has begun.
  StoryState state(int write) const;
  // When it returned; 0 if it has not.
  std::int64_t returned_at(int write) const;
  // The write that published `revision`; -1 if none has begun.
  int WriteOf(int revision) const;

 private:
  struct Write {
    std::atomic<StoryState> state;
    std::atomic<std::int64_t> returned_at = 0;
  };
  std::vector<Write> writes_;
  std::vector<std::atomic<int>> write_of_revision_;
  std::atomic<int> begun_ = 0;
  std::atomic<int> returned_ = 0;
  std::atomic<int> revisions_ = 0;
};

}  // namespace broadsheet::faults

#endif  // BROADSHEET_TESTS_FAULTS_STORY_HISTORY_H_
