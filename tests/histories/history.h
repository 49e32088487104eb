#ifndef BROADSHEET_TESTS_HISTORIES_HISTORY_H_
#define BROADSHEET_TESTS_HISTORIES_HISTORY_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

// What clients of one article service did and saw, and what it holds in the end. Plain data.
//
// Texts are kept as fingerprints: equal texts have equal ones, and different texts practically never do.
namespace broadsheet::histories {

using Fingerprint = std::uint64_t;
inline Fingerprint FingerprintOf(const std::string& bytes) { return std::hash<std::string>()(bytes); }

// From just before a request was sent until its answer was there, on the clients' monotonic clock, in
// nanoseconds.
struct Interval {
  std::int64_t begin = 0;
  std::int64_t end = 0;
};

enum class Outcome {
  kAcknowledged,
  kRefused,   // an answer that says that nothing was changed
  kMismatch,  // ABORTED: another revision is current
  kUnknown,   // no answer, or one that leaves open what was done
};

// A write to a story. Attempts under one request id are one write.
struct Write {
  Interval time;
  int replica = 0;  // that answered
  std::string story;
  std::string action;  // as in Revision.action
  std::string mark;    // what this write alone leaves in its revision; empty: nothing
  std::int64_t expected_revision = 0;
  Outcome outcome = Outcome::kUnknown;
  std::int64_t revision = 0;  // acknowledged: of the answer; mismatch: the current one, as the answer says
  Fingerprint draft = 0;      // acknowledged: the story in the answer
  std::int64_t position = 0;  // of the answer's snapshot; 0: it has none
};

// An editor's read of a story's newest revision.
struct DraftRead {
  Interval time;
  std::string story;
  std::int64_t revision = 0;
};

// A story in an answer to a reader.
struct Shown {
  std::string story;
  std::int64_t revision = 0;
  Fingerprint article = 0;  // all of it
  Fingerprint content = 0;  // its content only
};

enum class ReadKind { kById, kByPath, kPast, kBatch, kList };
enum class Absence { kNone, kNotFound, kWithdrawn, kNoSuchRevision };

// An answer to a reader.
struct Read {
  Interval time;
  std::int64_t wall_begin_micros = 0;  // the same on the clock that expiries are judged by
  std::int64_t wall_end_micros = 0;
  int replica = 0;
  ReadKind kind = ReadKind::kById;
  std::vector<std::string> asked;  // stories; a list: none
  std::string section;             // of a list; empty: all
  std::int64_t past_revision = 0;
  bool body = false;  // FULL view
  std::int64_t min_position = 0;
  std::string log_id;
  std::int64_t position = 0;
  std::vector<Shown> shown;
  bool more = false;  // a list that goes on
  Absence absence = Absence::kNone;
  Fingerprint withdrawal = 0;  // withdrawn: what is seen instead
};

// What a follower of the change log received.
struct Change {
  std::int64_t position = 0;
  std::string subject;
  bool published = false;  // or withdrawn
  std::int64_t commit_micros = 0;
  Fingerprint all = 0;
};

// One stream of changes, from connecting to its end.
struct Stream {
  int replica = 0;
  std::string log_id;
  std::int64_t start = 0;  // the position after which changes are to come
  std::vector<Change> changes;
};

// A time until which a follower held a lease and had applied everything up to `position`, and nothing later;
// from when it had asked for that lease.
struct LeaseHeld {
  int replica = 0;
  Interval time;
  std::int64_t position = 0;
};

// A revision of a story as the service has it in the end.
struct Revision {
  std::int64_t revision = 0;
  std::string action;
  std::string mark;  // see Write
  std::int64_t micros = 0;
  Fingerprint draft = 0;
  Fingerprint content = 0, basic_content = 0;
  bool settled = false;  // the newest revision is the published one
  std::int64_t due = 0;  // when time alone changes it next, micros; 0: never
  bool visible = false;  // readers may see the story, by its state and times
  // What readers see, where visible.
  std::int64_t published_revision = 0;
  Fingerprint article = 0, basic_article = 0;
  std::string section;
  std::int64_t first_published_micros = 0;
  std::int64_t expires_micros = 0;  // 0: never
  // What they see instead, where not.
  Fingerprint withdrawal = 0;
};

struct History {
  std::vector<Write> writes;
  std::vector<DraftRead> draft_reads;
  std::vector<Read> reads;
  std::vector<Stream> streams;
  std::vector<LeaseHeld> leases;
  // In the end.
  std::map<std::string, std::vector<Revision>> stories;  // oldest revision first
  std::string log_id;
  std::int64_t head = 0;
};

// Something that must not happen. `kind` such as "lost write"; `detail` enough to find it in the history.
struct Violation {
  std::string kind;
  std::string detail;
};
using Violations = std::vector<Violation>;

}  // namespace broadsheet::histories

#endif  // BROADSHEET_TESTS_HISTORIES_HISTORY_H_
