// Clients of one article service, one process or several replicas, and a judge of everything they saw.
//
// Driven over standard input by whoever kills the service, one command a line, each answered with one line:
//   counts     writes acknowledged, reads
//   finish     the service is whole and stays so: the clients stop, its final state is read, and everything
//   is
//              judged; answered with lines `count N NAME` and `violation KIND: DETAIL`, then `end`

#include <cstdint>
#include <deque>
#include <iostream>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "absl/flags/flag.h"
#include "libs/rpc/process.h"
#include "tests/histories/checks.h"
#include "tests/histories/final_state.h"
#include "tests/histories/follower.h"
#include "tests/histories/reader.h"
#include "tests/histories/writer.h"

ABSL_FLAG(std::vector<std::string>, replicas, {"127.0.0.1:8082"}, "gRPC address of each replica.");
ABSL_FLAG(std::uint64_t, seed, 1, "Decides who reads and writes what.");
ABSL_FLAG(int, stories, 12, "How many stories there are at a time.");
ABSL_FLAG(int, revisions, 150, "How many revisions a story gets before it is canceled.");
ABSL_FLAG(int, writers, 6, "Writers at a time.");
ABSL_FLAG(int, readers, 4, "Readers at a time.");

namespace broadsheet::histories {
namespace {

constexpr std::size_t kDetailsOfAKind = 5;

void ObeyUntilFinish(const Recorder& recorder) {
  std::string line;
  while (std::getline(std::cin, line) && line != "finish") {
    std::cout << recorder.count("writes acknowledged") << ' ' << recorder.count("reads") << std::endl;
  }
}

// The final state, once scheduled times have passed and everything has been followed.
absl::Status ReadTheEnd(Newsroom& newsroom, std::deque<Follower>& followers, History& history) {
  const absl::Time deadline = absl::Now() + absl::Seconds(30);
  absl::SleepFor(absl::Seconds(3));  // longer than any time set in the future
  absl::Status read = ReadFinalState(newsroom, history);
  while (!read.ok() && absl::Now() < deadline) read = ReadFinalState(newsroom, history);
  const absl::Time follow_until = absl::Now() + absl::Seconds(30);
  bool followed = false;
  while (read.ok() && !followed && absl::Now() < follow_until) {
    followed = true;
    for (const Follower& follower : followers) followed = followed && follower.position() >= history.head;
    if (!followed) absl::SleepFor(absl::Milliseconds(10));
  }
  if (read.ok() && !followed) return absl::DeadlineExceededError("a follower does not come to the head");
  return read;
}

void Print(const Recorder& recorder, const History& history, const Violations& violations) {
  for (const auto& [name, count] : recorder.counts()) std::cout << "count " << count << ' ' << name << '\n';
  std::cout << "count " << history.stories.size() << " stories\n"
            << "count " << history.head << " changes\n"
            << "count " << CountReadsBehindOtherReplicas(history) << " reads behind another replica\n";
  std::map<std::string, std::vector<std::string>> by_kind;
  for (const Violation& violation : violations) by_kind[violation.kind].push_back(violation.detail);
  for (const auto& [kind, details] : by_kind) {
    std::cout << "count " << details.size() << " VIOLATIONS: " << kind << '\n';
    for (std::size_t i = 0; i < std::min(details.size(), kDetailsOfAKind); ++i)
      std::cout << "violation " << kind << ": " << details[i] << '\n';
  }
  std::cout << "count " << violations.size() << " violations\nend" << std::endl;
}

int Run(const rpc::Process& process) {
  Recorder recorder;
  Newsroom newsroom({.replicas = absl::GetFlag(FLAGS_replicas),
                     .slots = absl::GetFlag(FLAGS_stories),
                     .revisions_of_a_story = absl::GetFlag(FLAGS_revisions)},
                    recorder);
  if (absl::Status ready = newsroom.SetUp(); !ready.ok()) return process.Fail(ready);
  std::deque<Follower> followers;
  for (const Replica& replica : newsroom.replicas()) followers.emplace_back(replica, recorder);
  std::vector<std::thread> threads;
  const std::uint64_t seed = absl::GetFlag(FLAGS_seed) * 1'000'000;
  for (int i = 0; i < absl::GetFlag(FLAGS_writers); ++i)
    threads.emplace_back([&, i] { Writer(newsroom, i, seed + i).Run(); });
  for (int i = 0; i < absl::GetFlag(FLAGS_readers); ++i)
    threads.emplace_back([&, i] { Reader(newsroom, seed + 1000 + i).Run(); });
  std::cout << "running" << std::endl;
  ObeyUntilFinish(recorder);
  newsroom.Stop();
  for (std::thread& thread : threads) thread.join();
  History end;
  if (absl::Status read = ReadTheEnd(newsroom, followers, end); !read.ok()) return process.Fail(read);
  followers.clear();
  History history = recorder.Take();
  history.stories = std::move(end.stories);
  history.log_id = end.log_id;
  history.head = end.head;
  Violations violations = Check(history);
  violations.insert(violations.end(), recorder.unexpected().begin(), recorder.unexpected().end());
  Print(recorder, history, violations);
  return violations.empty() ? 0 : 1;
}

}  // namespace
}  // namespace broadsheet::histories

int main(int argc, char** argv) {
  const broadsheet::rpc::Process process(argc, argv,
                                         "Reads and writes stories and judges what it is answered.");
  return broadsheet::histories::Run(process);
}
