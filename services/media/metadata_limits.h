#ifndef BROADSHEET_SERVICES_MEDIA_METADATA_LIMITS_H_
#define BROADSHEET_SERVICES_MEDIA_METADATA_LIMITS_H_

#include <cstddef>

// The contract's limits on what is said of a picture, in bytes of UTF-8
// (protos/broadsheet/media/v1/image.proto).
namespace broadsheet::media {

inline constexpr std::size_t kMaxCaptionBytes = 2'000;
inline constexpr std::size_t kMaxAltTextBytes = 1'000;
inline constexpr std::size_t kMaxCreditLineBytes = 300;
inline constexpr std::size_t kMaxCreatorBytes = 300;
inline constexpr std::size_t kMaxCopyrightNoticeBytes = 300;
inline constexpr std::size_t kMaxUsageTermsBytes = 2'000;

}  // namespace broadsheet::media

#endif  // BROADSHEET_SERVICES_MEDIA_METADATA_LIMITS_H_
