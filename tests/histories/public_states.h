#ifndef BROADSHEET_TESTS_HISTORIES_PUBLIC_STATES_H_
#define BROADSHEET_TESTS_HISTORIES_PUBLIC_STATES_H_

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "tests/histories/history.h"

namespace broadsheet::histories {

// What readers are to see of a story from a position on, until the next one.
struct PublicState {
  std::int64_t position = 0;
  const Revision* revision = nullptr;  // the commit that brought it about
  // Revisions readers may ask for by number, and what they see then: {FULL, BASIC}. Without the present one.
  struct Past {
    Fingerprint article, basic_article;
  };
  std::map<std::int64_t, Past> past;
};

// Every story's public states by position, made of what the service says in the end: its revisions and its
// change log, which must agree.
class PublicStates {
 public:
  // Reports what does not agree. The history must outlive this.
  PublicStates(const History& history, const std::vector<Change>& log, Violations& violations);

  // The state at a position; null: never public until then.
  const PublicState* At(const std::string& story, std::int64_t position) const;
  const std::vector<PublicState>& Of(const std::string& story) const;
  // Position of the change that a commit appended; 0: none.
  std::int64_t PositionOf(const std::string& story, std::int64_t revision) const;
  std::vector<std::string> stories() const;

 private:
  void Build(const std::string& story, const std::vector<Revision>& revisions,
             const std::vector<const Change*>& changes, Violations& violations);

  std::map<std::string, std::vector<PublicState>> states_;
  std::map<std::string, std::map<std::int64_t, std::int64_t>> positions_;
};

}  // namespace broadsheet::histories

#endif  // BROADSHEET_TESTS_HISTORIES_PUBLIC_STATES_H_
