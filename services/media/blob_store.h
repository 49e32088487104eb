#ifndef BROADSHEET_SERVICES_MEDIA_BLOB_STORE_H_
#define BROADSHEET_SERVICES_MEDIA_BLOB_STORE_H_

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace broadsheet::media {

// Where originals and renditions lie: bytes named by their own SHA-256 (Sha256 in digest.h), so a blob never
// changes and storing it twice stores it once. Knows nothing of pictures. Thread-safe.
//
// Errors of all methods: RESOURCE_EXHAUSTED: no space left. UNAVAILABLE: the storage does not work at the
// moment.
class BlobStore {
 public:
  virtual ~BlobStore() = default;

  // Stores `bytes`, whose digest `digest` must be. True: they were not there before. When it returns the blob
  // is durable and complete; when it fails, or the process dies, there is no part of it.
  virtual absl::StatusOr<bool> Put(const std::string& digest, std::string_view bytes) = 0;

  // The bytes. NOT_FOUND.
  virtual absl::StatusOr<std::string> Get(const std::string& digest) const = 0;

  // Removing what is not there succeeds.
  virtual absl::Status Remove(const std::string& digest) = 0;
};

}  // namespace broadsheet::media

#endif  // BROADSHEET_SERVICES_MEDIA_BLOB_STORE_H_
