#ifndef BROADSHEET_TESTS_HISTORIES_READER_H_
#define BROADSHEET_TESTS_HISTORIES_READER_H_

#include <cstdint>
#include <random>
#include <string>

#include "tests/histories/newsroom.h"

namespace broadsheet::histories {

// A reader who asks for the stories in every way there is, and records the answers. One thread.
class Reader {
 public:
  Reader(Newsroom& newsroom, std::uint64_t seed) : newsroom_(newsroom), random_(seed) {}

  void Run();

 private:
  void ReadOne(const Replica& replica, ReadKind kind);
  void ReadBatch(const Replica& replica);
  void ReadList(const Replica& replica);

  Read Begin(const Replica& replica, ReadKind kind);
  static void End(Read& read);
  void Add(Read read, const change::v1::Snapshot& snapshot);
  static void Show(Read& read, const v1::Article& article);
  // An answer other than OK; records a NOT_FOUND, which has a position too.
  void Refused(Read read, const absl::Status& status);
  v1::ArticleView ViewOf(Read& read);

  Newsroom& newsroom_;
  std::mt19937_64 random_;
};

}  // namespace broadsheet::histories

#endif  // BROADSHEET_TESTS_HISTORIES_READER_H_
