#include "services/recommendation/request_check.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "google/protobuf/duration.pb.h"
#include "google/protobuf/timestamp.pb.h"
#include "libs/rpc/status.h"
#include "services/recommendation/read_counts.h"

namespace broadsheet::recommendation {
namespace {

constexpr std::size_t kMaxIdBytes = 100;
constexpr std::size_t kMaxPathBytes = 500;
constexpr std::size_t kMaxViolations = 50;

constexpr std::int64_t kFirstSecond = -62135596800;  // 0001-01-01T00:00:00Z
constexpr std::int64_t kLastSecond = 253402300799;   // 9999-12-31T23:59:59Z

bool IsNanos(std::int32_t nanos) { return nanos >= 0 && nanos < 1'000'000'000; }

bool IsTime(const google::protobuf::Timestamp& time) {
  return time.seconds() >= kFirstSecond && time.seconds() <= kLastSecond && IsNanos(time.nanos());
}

bool IsWindow(const google::protobuf::Duration& window) {
  if (window.seconds() < 0 || window.seconds() > absl::ToInt64Seconds(kLongestWindow)) return false;
  const absl::Duration length = absl::Seconds(window.seconds()) + absl::Nanoseconds(window.nanos());
  return IsNanos(window.nanos()) && length > absl::ZeroDuration() && length <= kLongestWindow;
}

// An id as in `Article.article_id`.
bool IsId(absl::string_view id) {
  if (id.empty() || id.size() > kMaxIdBytes || id.front() == '-') return false;
  return std::all_of(id.begin(), id.end(), [](unsigned char character) {
    return absl::ascii_islower(character) || absl::ascii_isdigit(character) || character == '-';
  });
}

class Check {
 public:
  void Add(std::string field, std::string description) {
    if (violations_.size() < kMaxViolations)
      violations_.push_back({std::move(field), std::move(description)});
  }
  void Id(std::string field, absl::string_view id) {
    if (id.empty()) {
      Add(std::move(field), "is required");
    } else if (!IsId(id)) {
      Add(std::move(field), "must be 1 to 100 of a-z, 0-9 and -, beginning with a letter or a digit");
    }
  }
  void Path(std::string field, absl::string_view path) {
    if (path.front() != '/' || path.size() > kMaxPathBytes) {
      Add(std::move(field), absl::StrCat("must start with / and have at most ", kMaxPathBytes, " bytes"));
    }
  }
  void OptionalId(std::string field, absl::string_view id) {
    if (!id.empty()) Id(std::move(field), id);
  }
  void Limit(int limit) {
    if (limit < 0) Add("limit", "must not be negative");
  }
  absl::Status status() const {
    return violations_.empty() ? absl::OkStatus() : rpc::InvalidArgument(violations_);
  }

 private:
  std::vector<rpc::Violation> violations_;
};

void CheckRead(const std::string& field, const v1::RecordReadsRequest::Read& read, Check& check) {
  check.Id(field + ".article_id", read.article_id());
  check.OptionalId(field + ".previous_article_id", read.previous_article_id());
  if (read.has_read_time() && !IsTime(read.read_time())) {
    check.Add(field + ".read_time", "must be a time of the years 1 to 9999");
  }
  if (read.weight() < 0 || read.weight() > kMaxReadWeight) {
    check.Add(field + ".weight", absl::StrCat("must be 0 to ", kMaxReadWeight));
  }
}

}  // namespace

absl::Status Validate(const v1::ListRelatedRequest& request) {
  Check check;
  if (request.article_path().empty()) {
    check.Id("article_id", request.article_id());
  } else if (!request.article_id().empty()) {
    check.Add("article_path", "must be empty, as article_id names the story");
  } else {
    check.Path("article_path", request.article_path());
  }
  check.Limit(request.limit());
  if (request.recent_article_ids_size() > kMaxRecentArticles) {
    check.Add("recent_article_ids", absl::StrCat("must have at most ", kMaxRecentArticles, " entries"));
  } else {
    for (int i = 0; i < request.recent_article_ids_size(); ++i) {
      check.Id(absl::StrCat("recent_article_ids[", i, "]"), request.recent_article_ids(i));
    }
  }
  return check.status();
}

absl::Status Validate(const v1::ListMostReadRequest& request) {
  Check check;
  check.OptionalId("section_id", request.section_id());
  check.Limit(request.limit());
  if (request.has_window() && !IsWindow(request.window())) {
    check.Add("window", "must be greater than 0 and at most 7 days");
  }
  return check.status();
}

absl::Status Validate(const v1::RecordReadsRequest& request) {
  Check check;
  if (request.request_id().size() > kMaxRequestIdBytes) {
    check.Add("request_id", absl::StrCat("must have at most ", kMaxRequestIdBytes, " bytes"));
  }
  if (request.reads_size() < 1 || request.reads_size() > kMaxReads) {
    check.Add("reads", absl::StrCat("must have 1 to ", kMaxReads, " entries"));
  } else {
    for (int i = 0; i < request.reads_size(); ++i) {
      CheckRead(absl::StrCat("reads[", i, "]"), request.reads(i), check);
    }
  }
  return check.status();
}

}  // namespace broadsheet::recommendation
