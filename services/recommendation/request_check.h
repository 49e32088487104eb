#ifndef BROADSHEET_SERVICES_RECOMMENDATION_REQUEST_CHECK_H_
#define BROADSHEET_SERVICES_RECOMMENDATION_REQUEST_CHECK_H_

#include "absl/status/status.h"
#include "broadsheet/recommendation/v1/recommendation_service.pb.h"

// What the contract asks of requests. Pure.
namespace broadsheet::recommendation {

// Of an answer: 0 stands for the default, more than the most for the most.
inline constexpr int kDefaultLimit = 5;
inline constexpr int kMaxLimit = 50;
inline constexpr int kMaxRecentArticles = 50;
inline constexpr int kMaxReads = 1000;
inline constexpr int kMaxReadWeight = 10'000;
inline constexpr int kMaxRequestIdBytes = 100;

// OK, or INVALID_ARGUMENT with google.rpc.BadRequest that names each field at fault.
absl::Status Validate(const v1::ListRelatedRequest& request);
absl::Status Validate(const v1::ListMostReadRequest& request);
absl::Status Validate(const v1::RecordReadsRequest& request);

}  // namespace broadsheet::recommendation

#endif  // BROADSHEET_SERVICES_RECOMMENDATION_REQUEST_CHECK_H_
