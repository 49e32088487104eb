#include "services/gateway/fakes_testing.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace broadsheet::gateway {

FakeMedia::FakeMedia() {
  server_ = std::make_unique<RestartableServer>(std::vector<grpc::Service*>{this}, "media", &log_);
}

std::int64_t FakeMedia::Commit(const std::string& id, change::v1::ChangeKind kind) {
  const std::int64_t position = log_.Append({absl::StrCat("image/", id)}, kind);
  server_->Announce(position);
  return position;
}

std::int64_t FakeMedia::SetCaption(const std::string& id, const std::string& caption) {
  {
    std::lock_guard lock(mutex_);
    captions_[id] = caption;
  }
  return Commit(id, change::v1::CHANGE_KIND_PUBLISHED);
}

std::int64_t FakeMedia::Withhold(const std::string& id) {
  {
    std::lock_guard lock(mutex_);
    withheld_[id] = true;
  }
  return Commit(id, change::v1::CHANGE_KIND_WITHDRAWN);
}

std::int64_t FakeMedia::Restore(const std::string& id) {
  {
    std::lock_guard lock(mutex_);
    withheld_.erase(id);
  }
  return Commit(id, change::v1::CHANGE_KIND_PUBLISHED);
}

void FakeMedia::FailCallsFor(const std::string& id) {
  std::lock_guard lock(mutex_);
  failing_ = id;
}

grpc::Status FakeMedia::BatchGetImages(grpc::ServerContext* context,
                                       const media::v1::BatchGetImagesRequest* request,
                                       media::v1::BatchGetImagesResponse* response) {
  if (grpc::Status fault = faults.Enter(*context, "BatchGetImages"); !fault.ok()) return fault;
  if (faults.current() == Fault::kGarbage) return grpc::Status::OK;
  if (request->image_ids_size() < 1 || request->image_ids_size() > 200)
    return {grpc::StatusCode::INVALID_ARGUMENT, "must be 1 to 200"};
  std::lock_guard lock(mutex_);
  for (const std::string& id : request->image_ids()) {
    if (id == failing_) return {grpc::StatusCode::UNAVAILABLE, "told to fail"};
    if (withheld_.contains(id)) continue;
    media::v1::Image& image = *response->add_images();
    image.set_image_id(id);
    image.set_status(media::v1::IMAGE_STATUS_USABLE);
    image.set_width(1200);
    image.set_height(800);
    image.mutable_metadata()->set_caption(captions_.contains(id) ? captions_[id]
                                                                 : absl::StrCat("Caption of ", id));
    image.mutable_metadata()->set_alt_text(absl::StrCat("Alt of ", id));
    image.mutable_metadata()->set_credit_line("ABP News");
    media::v1::Rendition& rendition = *image.add_renditions();
    rendition.set_name("w640");
    rendition.set_media_type("image/jpeg");
    rendition.set_width(640);
    rendition.set_height(427);
    rendition.set_path(absl::StrCat("/media/", id, "/w640.jpg"));
  }
  response->mutable_snapshot()->set_log_id(log_.log_id());
  response->mutable_snapshot()->set_position(*log_.Head());
  return grpc::Status::OK;
}

FakeRecommendation::FakeRecommendation() {
  server_ = std::make_unique<RestartableServer>(std::vector<grpc::Service*>{this}, "recommendation", nullptr);
}

void FakeRecommendation::Recommend(std::vector<std::string> ids) {
  std::lock_guard lock(mutex_);
  related_ = std::move(ids);
}

void FakeRecommendation::SetMostRead(std::vector<std::string> ids) {
  std::lock_guard lock(mutex_);
  most_read_ = std::move(ids);
}

std::vector<recommendation::v1::RecordReadsRequest::Read> FakeRecommendation::reads() {
  std::lock_guard lock(mutex_);
  return reads_;
}

grpc::Status FakeRecommendation::RecordReads(grpc::ServerContext* context,
                                             const recommendation::v1::RecordReadsRequest* request,
                                             recommendation::v1::RecordReadsResponse*) {
  if (grpc::Status fault = faults.Enter(*context, "RecordReads"); !fault.ok()) return fault;
  std::lock_guard lock(mutex_);
  reads_.insert(reads_.end(), request->reads().begin(), request->reads().end());
  return grpc::Status::OK;
}

grpc::Status FakeRecommendation::ListRelated(grpc::ServerContext* context,
                                             const recommendation::v1::ListRelatedRequest* request,
                                             recommendation::v1::ListRelatedResponse* response) {
  if (grpc::Status fault = faults.Enter(*context, "ListRelated"); !fault.ok()) return fault;
  if (faults.current() == Fault::kGarbage) {
    for (const char* id : {"", "no-such-story", "<script>"}) response->add_related()->set_article_id(id);
    const std::string& path = request->article_path();
    response->add_related()->set_article_id(path.substr(path.rfind('/') + 1));  // the story itself
    return grpc::Status::OK;
  }
  std::lock_guard lock(mutex_);
  for (const std::string& id : related_) response->add_related()->set_article_id(id);
  return grpc::Status::OK;
}

grpc::Status FakeRecommendation::ListMostRead(grpc::ServerContext* context,
                                              const recommendation::v1::ListMostReadRequest*,
                                              recommendation::v1::ListMostReadResponse* response) {
  if (grpc::Status fault = faults.Enter(*context, "ListMostRead"); !fault.ok()) return fault;
  std::lock_guard lock(mutex_);
  for (const std::string& id : most_read_) response->add_articles()->set_article_id(id);
  return grpc::Status::OK;
}

}  // namespace broadsheet::gateway
