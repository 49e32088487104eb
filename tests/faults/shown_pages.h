#ifndef BROADSHEET_TESTS_FAULTS_SHOWN_PAGES_H_
#define BROADSHEET_TESTS_FAULTS_SHOWN_PAGES_H_

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace broadsheet::faults {

// A page as a gateway showed it, as far as it matters for whether it may refuse the page later.
struct ShownPage {
  // A story for whose sake it may be refused, should the story be withdrawn later.
  struct Story {
    int number = 0;
    int write = 0;      // of it, which the page showed or, if it is not there, had to take account of
    bool there = true;  // on the page
  };

  int life = 0;  // of the gateway
  std::vector<Story> stories = {};
};

// What a gateway has shown, by path. Thread-safe.
class ShownPages {
 public:
  void Note(const std::string& path, ShownPage page);
  // What was noted last; nothing if that was in another life.
  std::optional<ShownPage> Find(const std::string& path, int life) const;

 private:
  mutable std::mutex mutex_;
  std::map<std::string, ShownPage> by_path_;
};

}  // namespace broadsheet::faults

#endif  // BROADSHEET_TESTS_FAULTS_SHOWN_PAGES_H_
