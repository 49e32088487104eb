#ifndef BROADSHEET_SERVICES_MEDIA_MEDIA_SERVICE_H_
#define BROADSHEET_SERVICES_MEDIA_MEDIA_SERVICE_H_

#include "broadsheet/media/v1/media_service.grpc.pb.h"
#include "services/media/image_store.h"

namespace broadsheet::media {

// Serves broadsheet.media.v1.MediaService: usable pictures only. Thread-safe; holds no state of its own.
class MediaService final : public v1::MediaService::Service {
 public:
  explicit MediaService(const ImageStore& store) : store_(store) {}

  grpc::Status GetImage(grpc::ServerContext*, const v1::GetImageRequest*, v1::GetImageResponse*) override;
  grpc::Status BatchGetImages(grpc::ServerContext*, const v1::BatchGetImagesRequest*,
                              v1::BatchGetImagesResponse*) override;

 private:
  const ImageStore& store_;
};

}  // namespace broadsheet::media

#endif  // BROADSHEET_SERVICES_MEDIA_MEDIA_SERVICE_H_
