#ifndef BROADSHEET_SERVICES_MEDIA_IMAGE_LIBRARY_H_
#define BROADSHEET_SERVICES_MEDIA_IMAGE_LIBRARY_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "services/media/blob_store.h"
#include "services/media/files.h"
#include "services/media/image_decoder.h"
#include "services/media/image_store.h"

namespace broadsheet::media {

// A picture that has arrived completely.
struct Upload {
  std::string request_id;
  std::string image_id;        // empty: made of the content
  v1::ImageMetadata metadata;  // clean
  Spool file;
};

// Takes uploads in: checks, decodes, stores blobs and record. Thread-safe.
class ImageLibrary {
 public:
  // All must outlive this.
  ImageLibrary(ImageStore& store, BlobStore& blobs, ImageDecoder& decoder)
      : store_(store), blobs_(blobs), decoder_(decoder) {}

  // Removes the blobs of uploads that an earlier process did not finish. Call before the first Add.
  absl::Status Recover();

  // Adds the picture, or finds it there already; see LibraryService.UploadImage for what that means and its
  // errors. When it fails, nothing of the upload is left.
  absl::StatusOr<Written> Add(const Upload& upload, absl::Time deadline,
                              const std::function<bool()>& abandoned);

 private:
  // Where the upload belongs: its own id, that of a picture with these bytes, or one made of the bytes.
  absl::StatusOr<std::string> Resolve(const Upload& upload, const std::string& sha256) const;
  absl::StatusOr<Written> Store(const WriteRequest& request, const Upload& upload, std::string_view original,
                                const DecodedImage& decoded, const Edit& added,
                                const std::function<bool()>& abandoned);
  absl::Status StoreBlobs(std::string_view original, const DecodedImage& decoded, const Edit& added);
  absl::Status RemoveUnusedBlobs();

  ImageStore& store_;
  BlobStore& blobs_;
  ImageDecoder& decoder_;
  // From the first blob to the record, one upload at a time: so an upload that fails never removes a blob
  // that another one is about to use. Decoding, which takes far longer, is outside.
  absl::Mutex storing_;
};

}  // namespace broadsheet::media

#endif  // BROADSHEET_SERVICES_MEDIA_IMAGE_LIBRARY_H_
