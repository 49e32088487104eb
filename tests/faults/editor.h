#ifndef BROADSHEET_TESTS_FAULTS_EDITOR_H_
#define BROADSHEET_TESTS_FAULTS_EDITOR_H_

#include <cstdint>
#include <memory>
#include <random>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "broadsheet/article/v1/editorial_service.grpc.pb.h"
#include "tests/faults/report.h"
#include "tests/faults/site.h"

namespace broadsheet::faults {

// Publishes numbered revisions of its own stories, withholds some of them and publishes them again, one write
// after the other. A write whose outcome is not known is repeated, with the same request id, until it is.
class Editor {
 public:
  // `number` of `editors`: it owns the stories whose number divided by `editors` leaves `number`.
  Editor(Site& site, Report& report, int number, int editors, std::uint64_t seed);

  // Makes sections and drafts; before any reader is there.
  absl::Status SetUp();

  struct Pace {
    double per_second = 15;  // publications, at most
    std::int64_t max_publishes = 1'000'000'000;
    int withhold_one_in = 7;  // writes to a public story; 0: none is withheld
  };
  // Writes until the site stops or everything is published.
  void Run(const Pace& pace);

 private:
  void PublishNext(Story& story);
  void Withhold(Story& story);
  bool WriteDraft(Story& story, int revision);
  void Returned(Story& story, const char* kind, std::int64_t began_at,
                const change::v1::Propagation& propagation);
  // Repeats `call` until its outcome is known; whether it succeeded.
  template <class Call>
  bool Insist(const char* what, Call call);
  std::string NewRequestId();

  Site& site_;
  Report& report_;
  const int number_;
  const int editors_;
  std::mt19937_64 random_;
  std::uint64_t requests_ = 0;
  std::unique_ptr<article::v1::EditorialService::Stub> stub_;
};

}  // namespace broadsheet::faults

#endif  // BROADSHEET_TESTS_FAULTS_EDITOR_H_
