#ifndef BROADSHEET_TESTS_FAULTS_PROBE_H_
#define BROADSHEET_TESTS_FAULTS_PROBE_H_

#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "tests/faults/oracle.h"
#include "tests/faults/page_tokens.h"
#include "tests/faults/report.h"
#include "tests/faults/site.h"

namespace broadsheet::faults {

// A page that readers ask for.
struct Target {
  enum class Kind { kStory, kSection, kFront, kFeed };
  Kind kind = Kind::kStory;
  int number = 0;  // of the story or the section
  std::string path = {};
};
// Mostly stories; now and then the lists that show them.
Target ChooseTarget(Site& site, std::mt19937_64& random);

// What a reader got.
struct PageAnswer {
  int status = 0;
  std::vector<Token> tokens = {};
  bool stale = false;     // labelled as what was known last
  bool degraded = false;  // labelled as lacking or guessing anything
  std::string door = {};  // "http", "http 304", "grpc"
  std::string tier = {};  // where the gateway says it came from
};

// One request, from just before it is sent to its verdict: remembers what had been promised by then.
class Probe {
 public:
  // How long after a fault its traces are still accepted: connections and streams are made anew about once a
  // second.
  static constexpr absl::Duration kRecovery = absl::Seconds(4);

  // Immediately before sending.
  Probe(Site& site, Report& report, GatewayView& gateway, Target target);

  // Immediately after the answer has arrived. Counts it and reports what breaks the promise.
  void Judge(const PageAnswer& answer);
  // There was no answer: a violation unless the gateway was down.
  void Failed(const std::string& door, const std::string& why);

  const Target& target() const { return target_; }

 private:
  void JudgeStoryPage(const PageAnswer& answer);
  void JudgeListPage(const PageAnswer& answer);
  void JudgeMissing(const PageAnswer& answer);
  void JudgeUnavailable(const PageAnswer& answer);
  void Shown(const PageAnswer& answer, Token token, bool strict);
  void Decide(Verdict verdict, const PageAnswer& answer, int story, StoryState shown);
  void Learn(const PageAnswer& answer);
  void NoteShown(const PageAnswer& answer);
  std::vector<ShownPage::Story> StoriesOfFeed(const PageAnswer& answer) const;
  // The write of a story that the answer shows; nothing if the story is not in it.
  std::optional<int> WriteShown(const PageAnswer& answer, int story) const;
  // Whether something has happened since the gateway showed the page that may forbid it to show it again.
  bool MayRefuse(const ShownPage& page) const;
  void Violation(const std::string& kind, const std::string& detail);
  // Of what only a gateway that is cut off may answer.
  void ViolationUnlessStalled(const std::string& kind, const std::string& detail);
  Window WindowOf(int story) const;
  bool CutOff() const;
  std::string Describe(const PageAnswer& answer) const;

  Site& site_;
  Report& report_;
  GatewayView& gateway_;
  const Target target_;
  const int life_;
  const std::optional<ShownPage> shown_before_;  // in this life
  std::vector<int> known_withdrawal_;
  std::vector<int> returned_;
  const std::int64_t sent_at_;
};

}  // namespace broadsheet::faults

#endif  // BROADSHEET_TESTS_FAULTS_PROBE_H_
