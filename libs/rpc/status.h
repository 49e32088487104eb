#ifndef BROADSHEET_LIBS_RPC_STATUS_H_
#define BROADSHEET_LIBS_RPC_STATUS_H_

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "google/protobuf/message.h"
#include "grpcpp/support/status.h"

// Errors between services: an absl::Status that carries google.rpc details (protos/README.md, "Errors").
//
// The details travel as one payload of the absl::Status and as the standard `grpc-status-details-bin`
// trailer; ToGrpc and FromGrpc translate without loss. All functions are thread-safe and never fail.
namespace broadsheet::rpc {

// The domain of every ErrorInfo of the project.
inline constexpr std::string_view kErrorDomain = "broadsheet";

grpc::Status ToGrpc(const absl::Status& status);
absl::Status FromGrpc(const grpc::Status& status);

// One field at fault. `field` is its path in the request, such as `content.body[3].heading.level`;
// `description` says to a person what is wrong and what would be right.
struct Violation {
  std::string field;
  std::string description;
};

// INVALID_ARGUMENT with google.rpc.BadRequest. At most 50 violations travel; the message quotes the first.
// `violations` must not be empty.
absl::Status InvalidArgument(const std::vector<Violation>& violations);
// The same for one field.
absl::Status InvalidArgument(std::string_view field, std::string_view description);

// Errors with google.rpc.ErrorInfo. `reason` is UPPER_SNAKE_CASE and part of the contract; `message` is for
// people; `metadata` values are at most 1,000 bytes (longer ones are cut).
using Metadata = std::map<std::string, std::string>;
absl::Status ErrorInfo(absl::StatusCode code, std::string_view reason, std::string_view message,
                       const Metadata& metadata = {});
absl::Status NotFound(std::string_view reason, std::string_view message, const Metadata& metadata = {});
absl::Status Aborted(std::string_view reason, std::string_view message, const Metadata& metadata = {});
absl::Status AlreadyExists(std::string_view reason, std::string_view message, const Metadata& metadata = {});
absl::Status FailedPrecondition(std::string_view reason, std::string_view message,
                                const Metadata& metadata = {});

// `status` with one more detail. An OK status stays as it is.
absl::Status WithDetail(absl::Status status, const google::protobuf::Message& detail);

// The reason in the status's ErrorInfo; empty if it has none.
std::string Reason(const absl::Status& status);
// The value of that key in the metadata of the status's ErrorInfo; empty if it has none.
std::string MetadataValue(const absl::Status& status, const std::string& key);

// The violations in the status's BadRequest; empty if it has none.
std::vector<Violation> Violations(const absl::Status& status);

// Fills `detail` from the first detail of its type; false if there is none.
bool ReadDetail(const absl::Status& status, google::protobuf::Message& detail);

// The first detail of type T.
template <class T>
std::optional<T> Detail(const absl::Status& status) {
  T detail;
  if (!ReadDetail(status, detail)) return std::nullopt;
  return detail;
}

}  // namespace broadsheet::rpc

#endif  // BROADSHEET_LIBS_RPC_STATUS_H_
