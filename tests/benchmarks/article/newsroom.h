#ifndef BROADSHEET_TESTS_BENCHMARKS_ARTICLE_NEWSROOM_H_
#define BROADSHEET_TESTS_BENCHMARKS_ARTICLE_NEWSROOM_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "broadsheet/article/v1/editorial_service.pb.h"
#include "grpcpp/support/byte_buffer.h"

namespace broadsheet::bench {

// Stories `story-0` to `story-N` of a service, and updates of them.
class Newsroom {
 public:
  Newsroom(std::string address, int stories, std::size_t body_bytes);

  // The sections, the authors and the stories, as drafts or published. May be repeated.
  absl::Status Fill(bool publish) const;

  // The next one of a writer, each of whom has stories of its own: another headline and another first
  // paragraph. Thread-safe.
  grpc::ByteBuffer NextUpdate(int writer, int writers);

 private:
  const std::string address_;
  const int stories_;
  const std::size_t body_bytes_;
  std::vector<article::v1::UpdateArticleRequest> updates_;  // one a story
  std::vector<std::uint64_t> counts_;                       // of updates made, one a story
  std::string run_;                                         // part of request ids
};

}  // namespace broadsheet::bench

#endif  // BROADSHEET_TESTS_BENCHMARKS_ARTICLE_NEWSROOM_H_
