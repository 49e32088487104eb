#ifndef BROADSHEET_TESTS_BENCHMARKS_ARTICLE_LOAD_H_
#define BROADSHEET_TESTS_BENCHMARKS_ARTICLE_LOAD_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "google/protobuf/message.h"
#include "grpcpp/support/byte_buffer.h"

// Unary calls of one method as fast as they are answered, by callers of their own connection each. Answers
// stay bytes: taking them apart would be the client's cost, not the server's.
namespace broadsheet::bench {

grpc::ByteBuffer ToBytes(const google::protobuf::Message& message);
std::string ToString(const grpc::ByteBuffer& bytes);

struct LoadOptions {
  std::string address;
  std::string method;  // "/broadsheet.article.v1.ArticleService/GetArticle"
  int callers = 16;
  absl::Duration warm_up = absl::Milliseconds(500);
  absl::Duration time = absl::Seconds(3);
  int server_pid = 0;  // whose CPU time is counted; 0: nobody's
  // The next request of a caller; called on its thread.
  std::function<grpc::ByteBuffer(int caller)> next;
};

struct LoadResult {
  std::int64_t calls = 0;
  std::int64_t errors = 0;
  std::string last_error;
  double seconds = 0;
  double server_cpu_seconds = 0;
  std::int64_t answer_bytes = 0;
  std::vector<float> micros;  // of each call, in ascending order

  double Percentile(double share) const;
  // One line of JSON.
  std::string Json() const;
};

LoadResult RunLoad(const LoadOptions& options);

// One call. Errors: the server's.
absl::StatusOr<grpc::ByteBuffer> Call(const std::string& address, const std::string& method,
                                      const grpc::ByteBuffer& request);

}  // namespace broadsheet::bench

#endif  // BROADSHEET_TESTS_BENCHMARKS_ARTICLE_LOAD_H_
