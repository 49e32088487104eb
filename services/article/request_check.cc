#include "services/article/request_check.h"

#include <algorithm>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "libs/rpc/status.h"
#include "services/article/paths.h"

namespace broadsheet::article {
namespace {

constexpr int kDefaultPageSize = 20;
constexpr int kMaxPageSize = 100;
constexpr std::size_t kMaxAskedPathBytes = 4096;

}  // namespace

absl::Status ToStatus(const FieldCheck& check) {
  if (check.ok()) return absl::OkStatus();
  std::vector<rpc::Violation> violations;
  for (const FieldViolation& violation : check.violations()) {
    violations.push_back({violation.field, violation.description});
  }
  return rpc::InvalidArgument(violations);
}

absl::Status BadPageToken() {
  return rpc::InvalidArgument("page_token", "was not returned by an earlier call with the same filters");
}

// Readers ask for whatever is in their address bar: a path no story can have is simply not found, as long as
// it is a path.
void CheckKeyPath(const std::string& path, FieldCheck& check) {
  if (path.empty() || path.front() != '/') {
    check.Add("path", "must start with /");
  } else if (path.size() > kMaxAskedPathBytes) {
    check.Add("path", absl::StrCat("is longer than ", kMaxAskedPathBytes, " bytes"));
  } else if (!IsValidUtf8(path)) {
    check.Add("path", "is not valid UTF-8");
  }
}

absl::Status CheckRevision(std::int64_t expected, std::int64_t revision) {
  if (expected == 0 || expected == revision) return absl::OkStatus();
  return rpc::Aborted("REVISION_MISMATCH", absl::StrCat("it is at revision ", revision, ", not ", expected),
                      {{"revision", absl::StrCat(revision)}});
}

absl::Status CheckRevisionToPut(std::int64_t expected, std::int64_t revision, absl::string_view reason) {
  if (expected != kMustNotExist) return CheckRevision(expected, revision);
  if (revision == 0) return absl::OkStatus();
  return rpc::AlreadyExists(std::string_view(reason.data(), reason.size()),
                            absl::StrCat("it is there, at revision ", revision),
                            {{"revision", absl::StrCat(revision)}});
}

void CheckPageSize(std::int32_t page_size, FieldCheck& check) {
  if (page_size < 0) check.Add("page_size", "must not be negative");
}

int PageSize(std::int32_t page_size) {
  return page_size == 0 ? kDefaultPageSize : std::min(page_size, kMaxPageSize);
}

}  // namespace broadsheet::article
