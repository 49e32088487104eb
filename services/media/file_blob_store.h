#ifndef BROADSHEET_SERVICES_MEDIA_FILE_BLOB_STORE_H_
#define BROADSHEET_SERVICES_MEDIA_FILE_BLOB_STORE_H_

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "services/media/blob_store.h"

namespace broadsheet::media {

// Blobs as files of a folder: `ab/abcdef…`, written under a temporary name in `incoming`, synced, renamed,
// and the folder synced. One process at a time uses a folder.
class FileBlobStore final : public BlobStore {
 public:
  // Makes the folder if needed and clears away what an earlier process left unfinished.
  static absl::StatusOr<std::unique_ptr<FileBlobStore>> Open(const std::string& folder);

  absl::StatusOr<bool> Put(const std::string& digest, std::string_view bytes) override;
  absl::StatusOr<std::string> Get(const std::string& digest) const override;
  absl::Status Remove(const std::string& digest) override;

 private:
  explicit FileBlobStore(std::string folder) : folder_(std::move(folder)) {}

  std::string Folder(const std::string& digest) const;
  std::string Path(const std::string& digest) const;

  const std::string folder_;
};

}  // namespace broadsheet::media

#endif  // BROADSHEET_SERVICES_MEDIA_FILE_BLOB_STORE_H_
