#ifndef BROADSHEET_TESTS_HISTORIES_HISTORY_TESTING_H_
#define BROADSHEET_TESTS_HISTORIES_HISTORY_TESTING_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "tests/histories/checks.h"

// A history by hand that is right, to be made wrong by a test.
namespace broadsheet::histories {

inline constexpr Fingerprint kGone = 900;
inline constexpr Fingerprint kBasic = 500;  // added to what the FULL view has

inline Revision MakeRevision(std::int64_t number, const std::string& action, const std::string& mark,
                             bool visible, std::int64_t published) {
  Revision revision;
  revision.revision = number;
  revision.action = action;
  revision.mark = mark;
  revision.micros = number * 1000;
  revision.draft = 10 + number;
  revision.content = 30 + number;
  revision.basic_content = kBasic + revision.content;
  revision.settled = visible && published == number;
  revision.visible = visible;
  revision.withdrawal = kGone;
  if (!visible) return revision;
  revision.published_revision = published;
  revision.article = 60 + number;
  revision.basic_article = kBasic + revision.article;
  revision.section = "desk";
  revision.first_published_micros = 2000;
  return revision;
}

inline Change MakeChange(std::int64_t position, const std::string& subject, bool published,
                         std::int64_t micros) {
  return {position, subject, published, micros, static_cast<Fingerprint>(700 + position)};
}

inline Write MakeWrite(std::int64_t begin, const std::string& action, const std::string& mark,
                       std::int64_t revision, std::int64_t position = 0) {
  Write write;
  write.time = {begin, begin + 10};
  write.story = "wall";
  write.action = action;
  write.mark = mark;
  write.expected_revision = revision - 1;
  write.outcome = Outcome::kAcknowledged;
  write.revision = revision;
  write.draft = static_cast<Fingerprint>(10 + revision);
  write.position = position;
  return write;
}

inline Read MakeRead(std::int64_t begin, std::int64_t position) {
  Read read;
  read.time = {begin, begin + 10};
  read.wall_begin_micros = begin;
  read.wall_end_micros = begin + 10;
  read.asked = {"wall"};
  read.body = true;
  read.log_id = "log";
  read.position = position;
  return read;
}

inline Read Showing(Read read, const Revision& state) {
  read.shown = {{"wall", state.published_revision, read.body ? state.article : state.basic_article,
                 read.body ? 30 + static_cast<Fingerprint>(state.published_revision)
                           : kBasic + 30 + static_cast<Fingerprint>(state.published_revision)}};
  return read;
}

inline Read Missing(Read read, Absence absence) {
  read.absence = absence;
  if (absence == Absence::kWithdrawn) read.withdrawal = kGone;
  return read;
}

// A story is created, published, changed, published again, withheld; each step is read. The section is
// position 1.
class ChecksTest : public testing::Test {
 protected:
  ChecksTest() {
    history_.log_id = "log";
    history_.head = 4;
    history_.stories["wall"] = {
        MakeRevision(1, "create", "a", false, 0), MakeRevision(2, "publish", "", true, 2),
        MakeRevision(3, "update", "b", true, 2), MakeRevision(4, "publish", "", true, 4),
        MakeRevision(5, "withhold", "c", false, 0)};
    revisions()[2].article = revisions()[1].article;  // the draft changes nothing
    revisions()[2].basic_article = revisions()[1].basic_article;
    history_.streams = {
        {0,
         "log",
         0,
         {MakeChange(1, "section/desk", true, 500), MakeChange(2, "article/wall", true, 2000),
          MakeChange(3, "article/wall", true, 4000), MakeChange(4, "article/wall", false, 5000)}}};
    history_.writes = {MakeWrite(100, "create", "a", 1), MakeWrite(200, "publish", "", 2, 2),
                       MakeWrite(300, "update", "b", 3), MakeWrite(400, "publish", "", 4, 3),
                       MakeWrite(500, "withhold", "c", 5, 4)};
    history_.draft_reads = {{{320, 330}, "wall", 3}};
    history_.reads = {Missing(MakeRead(150, 1), Absence::kNotFound),
                      Showing(MakeRead(250, 2), revisions()[1]), Showing(MakeRead(350, 2), revisions()[1]),
                      Showing(MakeRead(450, 3), revisions()[3]),
                      Missing(MakeRead(550, 4), Absence::kWithdrawn)};
    history_.leases = {{0, {195, 205}, 1}, {0, {206, 405}, 2}, {0, {406, 505}, 3}, {0, {506, 600}, 4}};
  }

  std::vector<Revision>& revisions() { return history_.stories["wall"]; }
  std::vector<Change>& log() { return history_.streams[0].changes; }

  std::vector<std::string> Found() const {
    std::vector<std::string> kinds;
    for (const Violation& violation : Check(history_)) kinds.push_back(violation.kind);
    return kinds;
  }
  void ExpectFound(const std::string& kind) const {
    const std::vector<std::string> found = Found();
    EXPECT_THAT(found, testing::Contains(kind));
  }

  History history_;
};

}  // namespace broadsheet::histories

#endif  // BROADSHEET_TESTS_HISTORIES_HISTORY_TESTING_H_
