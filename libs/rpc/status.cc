#include "libs/rpc/status.h"

#include <algorithm>

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace broadsheet::rpc {
namespace {

// Trailers are limited to 8 KiB in all by default; these keep an error well below.
constexpr std::size_t kMaxViolations = 50;
constexpr std::size_t kMaxDescription = 200;
constexpr std::size_t kMaxMessage = 1000;
constexpr std::size_t kMaxMetadataValue = 1000;
constexpr std::size_t kMaxDetailBytes = 6000;

constexpr char kPayloadUrl[] = "type.googleapis.com/google.rpc.Status";

// The first `bytes` of a text, not cutting a UTF-8 character in two.
std::string Cut(std::string_view text, std::size_t bytes) {
  if (text.size() <= bytes) return std::string(text);
  while (bytes > 0 && (static_cast<unsigned char>(text[bytes]) & 0xC0U) == 0x80U) --bytes;
  return std::string(text.substr(0, bytes));
}

google::rpc::Status Details(const absl::Status& status) {
  google::rpc::Status details;
  if (const auto payload = status.GetPayload(kPayloadUrl)) {
    if (!details.ParseFromString(std::string(*payload))) details.Clear();
  }
  details.set_code(static_cast<int>(status.code()));
  details.set_message(std::string(status.message()));
  return details;
}

}  // namespace

grpc::Status ToGrpc(const absl::Status& status) {
  if (status.ok()) return grpc::Status::OK;
  const google::rpc::Status details = Details(status);
  return {static_cast<grpc::StatusCode>(status.code()), std::string(status.message()),
          details.details_size() == 0 ? std::string() : details.SerializeAsString()};
}

absl::Status FromGrpc(const grpc::Status& status) {
  if (status.ok()) return absl::OkStatus();
  absl::Status result(static_cast<absl::StatusCode>(status.error_code()), status.error_message());
  if (!status.error_details().empty()) result.SetPayload(kPayloadUrl, absl::Cord(status.error_details()));
  return result;
}

absl::Status InvalidArgument(const std::vector<Violation>& violations) {
  google::rpc::BadRequest detail;
  std::size_t bytes = 0;
  for (const Violation& violation : violations) {
    bytes += violation.field.size() + std::min(violation.description.size(), kMaxDescription) + 10;
    if (detail.field_violations_size() > 0 &&
        (static_cast<std::size_t>(detail.field_violations_size()) >= kMaxViolations ||
         bytes > kMaxDetailBytes)) {
      break;
    }
    auto* added = detail.add_field_violations();
    added->set_field(Cut(violation.field, kMaxDescription));
    added->set_description(Cut(violation.description, kMaxDescription));
  }
  std::string message = "invalid request";
  if (!violations.empty()) {
    message = absl::StrCat(violations[0].field, ": ", violations[0].description);
    if (violations.size() > 1) absl::StrAppend(&message, " (and ", violations.size() - 1, " more)");
  }
  return WithDetail(absl::InvalidArgumentError(Cut(message, kMaxMessage)), detail);
}

absl::Status InvalidArgument(std::string_view field, std::string_view description) {
  return InvalidArgument(std::vector<Violation>{{std::string(field), std::string(description)}});
}

absl::Status ErrorInfo(absl::StatusCode code, std::string_view reason, std::string_view message,
                       const Metadata& metadata) {
  google::rpc::ErrorInfo detail;
  detail.set_reason(std::string(reason));
  detail.set_domain(std::string(kErrorDomain));
  for (const auto& [key, value] : metadata) (*detail.mutable_metadata())[key] = Cut(value, kMaxMetadataValue);
  return WithDetail(absl::Status(code, Cut(message, kMaxMessage)), detail);
}

absl::Status NotFound(std::string_view reason, std::string_view message, const Metadata& metadata) {
  return ErrorInfo(absl::StatusCode::kNotFound, reason, message, metadata);
}

absl::Status Aborted(std::string_view reason, std::string_view message, const Metadata& metadata) {
  return ErrorInfo(absl::StatusCode::kAborted, reason, message, metadata);
}

absl::Status AlreadyExists(std::string_view reason, std::string_view message, const Metadata& metadata) {
  return ErrorInfo(absl::StatusCode::kAlreadyExists, reason, message, metadata);
}

absl::Status FailedPrecondition(std::string_view reason, std::string_view message, const Metadata& metadata) {
  return ErrorInfo(absl::StatusCode::kFailedPrecondition, reason, message, metadata);
}

absl::Status WithDetail(absl::Status status, const google::protobuf::Message& detail) {
  if (status.ok()) return status;
  google::rpc::Status details = Details(status);
  details.add_details()->PackFrom(detail);
  status.SetPayload(kPayloadUrl, absl::Cord(details.SerializeAsString()));
  return status;
}

std::string Reason(const absl::Status& status) {
  const auto info = Detail<google::rpc::ErrorInfo>(status);
  return info ? info->reason() : std::string();
}

std::string MetadataValue(const absl::Status& status, const std::string& key) {
  const auto info = Detail<google::rpc::ErrorInfo>(status);
  if (!info) return "";
  const auto value = info->metadata().find(key);
  return value == info->metadata().end() ? "" : value->second;
}

std::vector<Violation> Violations(const absl::Status& status) {
  std::vector<Violation> violations;
  if (const auto detail = Detail<google::rpc::BadRequest>(status)) {
    for (const auto& violation : detail->field_violations()) {
      violations.push_back({violation.field(), violation.description()});
    }
  }
  return violations;
}

bool ReadDetail(const absl::Status& status, google::protobuf::Message& detail) {
  const google::rpc::Status details = Details(status);
  const std::string& wanted = detail.GetDescriptor()->full_name();
  for (const google::protobuf::Any& any : details.details()) {
    const std::string& url = any.type_url();
    if (url.substr(url.rfind('/') + 1) == wanted) return detail.ParseFromString(any.value());
  }
  return false;
}

}  // namespace broadsheet::rpc
