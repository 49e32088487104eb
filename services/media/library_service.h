#ifndef BROADSHEET_SERVICES_MEDIA_LIBRARY_SERVICE_H_
#define BROADSHEET_SERVICES_MEDIA_LIBRARY_SERVICE_H_

#include <string>

#include "broadsheet/media/v1/library_service.grpc.pb.h"
#include "libs/change/publisher.h"
#include "services/media/image_library.h"
#include "services/media/image_store.h"
#include "services/media/upload_watch.h"
#include "services/media/work_slots.h"

namespace broadsheet::media {

struct LibraryServiceOptions {
  std::string incoming;                          // folder for files on their way in; must exist
  int max_uploads = 16;                          // arriving or being decoded at a time
  absl::Duration max_pause = absl::Seconds(30);  // between two pieces of an upload; then it is broken off
  absl::Duration max_upload_time = absl::Minutes(10);  // from its beginning until a decoder takes it
};

// Serves broadsheet.media.v1.LibraryService. Thread-safe.
class LibraryService final : public v1::LibraryService::Service {
 public:
  // All must outlive this.
  LibraryService(ImageStore& store, ImageLibrary& library, change::Publisher& publisher,
                 LibraryServiceOptions options);

  grpc::Status UploadImage(grpc::ServerContext*, grpc::ServerReader<v1::UploadImageRequest>*,
                           v1::UploadImageResponse*) override;
  grpc::Status UpdateImage(grpc::ServerContext*, const v1::UpdateImageRequest*,
                           v1::UpdateImageResponse*) override;
  grpc::Status WithholdImage(grpc::ServerContext*, const v1::WithholdImageRequest*,
                             v1::WithholdImageResponse*) override;
  grpc::Status ListImages(grpc::ServerContext*, const v1::ListImagesRequest*,
                          v1::ListImagesResponse*) override;

 private:
  absl::StatusOr<Written> Receive(grpc::ServerContext& context,
                                  grpc::ServerReader<v1::UploadImageRequest>& reader);
  absl::Status ReceiveChunks(grpc::ServerContext& context, grpc::ServerReader<v1::UploadImageRequest>& reader,
                             absl::Time deadline, Spool& file);

  ImageStore& store_;
  ImageLibrary& library_;
  change::Publisher& publisher_;
  const LibraryServiceOptions options_;
  WorkSlots uploads_;
  UploadWatch watch_;
};

}  // namespace broadsheet::media

#endif  // BROADSHEET_SERVICES_MEDIA_LIBRARY_SERVICE_H_
