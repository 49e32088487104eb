#ifndef BROADSHEET_TESTS_HISTORIES_WRITER_H_
#define BROADSHEET_TESTS_HISTORIES_WRITER_H_

#include <cstdint>
#include <functional>
#include <random>
#include <string>

#include "tests/histories/newsroom.h"

namespace broadsheet::histories {

// An editor who does everything that can be done to stories that others edit too, without waiting for
// anybody, and records it. One thread.
class Writer {
 public:
  Writer(Newsroom& newsroom, int number, std::uint64_t seed)
      : newsroom_(newsroom), number_(number), random_(seed) {}

  void Run();

 private:
  // What is common to all writes, filled in by Begin; the request's own part comes from the caller.
  struct Attempt {
    int slot = 0;
    Slot known;
    Write write;
    std::string request_id;
  };
  Attempt Begin(int slot, const char* action);
  // Sends it until its outcome is known, or the writer loses patience; records it.
  template <class Request, class Response>
  void Send(Attempt attempt, Request request,
            grpc::Status (v1::EditorialService::Stub::*method)(grpc::ClientContext*, const Request&,
                                                               Response*));
  template <class Response>
  void Accept(Attempt& attempt, const Response& response);
  void Refuse(Attempt& attempt, const absl::Status& status);

  void Create(int slot);
  void Update(int slot);
  void SetTimes(int slot);
  void Publish(int slot);
  void Schedule(int slot);
  void Withhold(int slot, bool for_good);
  void Move(int slot);
  void Correct(int slot);
  void Restore(int slot);
  void ReadDraft(int slot);

  std::string NextMark() { return "w" + std::to_string(number_) + "-" + std::to_string(++marks_); }
  bool OneIn(int n) { return random_() % n == 0; }
  absl::Time Soon(int least_millis, int most_millis);

  Newsroom& newsroom_;
  const int number_;
  std::mt19937_64 random_;
  std::int64_t marks_ = 0;
};

}  // namespace broadsheet::histories

#endif  // BROADSHEET_TESTS_HISTORIES_WRITER_H_
