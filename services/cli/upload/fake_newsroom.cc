#include "services/cli/upload/fake_newsroom.h"

#include "google/protobuf/util/field_mask_util.h"
#include "services/cli/importers/digest.h"

namespace broadsheet::cli {

namespace v1 = article::v1;

namespace {

template <class Map>
auto* Find(Map& map, const std::string& id) {
  const auto found = map.find(id);
  return found == map.end() ? nullptr : &found->second;
}

grpc::Status Missing() { return {grpc::StatusCode::NOT_FOUND, "there is no such thing"}; }

}  // namespace

struct FakeNewsroom::Articles : v1::ArticleService::Service {
  explicit Articles(FakeNewsroom& newsroom) : newsroom(newsroom) {}

  grpc::Status ListSections(grpc::ServerContext*, const v1::ListSectionsRequest*,
                            v1::ListSectionsResponse* response) override {
    std::lock_guard lock(newsroom.mutex);
    for (const auto& [id, section] : newsroom.sections) *response->add_sections() = section;
    return grpc::Status::OK;
  }
  grpc::Status GetAuthor(grpc::ServerContext*, const v1::GetAuthorRequest* request,
                         v1::GetAuthorResponse* response) override {
    std::lock_guard lock(newsroom.mutex);
    const v1::Author* author = Find(newsroom.authors, request->author_id());
    if (author == nullptr) return Missing();
    *response->mutable_author() = *author;
    return grpc::Status::OK;
  }

  FakeNewsroom& newsroom;
};

struct FakeNewsroom::Editorial : v1::EditorialService::Service {
  explicit Editorial(FakeNewsroom& newsroom) : newsroom(newsroom) {}

  // A write to an existing story: checks the revision, then changes the draft and makes a new revision.
  template <class Request, class Response>
  grpc::Status Change(const std::string& method, const Request& request, Response* response,
                      const std::function<void(v1::Draft&)>& change) {
    return newsroom.Write(method, request.article_id(), request.request_id(), [&] {
      v1::Draft* draft = Find(newsroom.drafts, request.article_id());
      if (draft == nullptr) return Missing();
      if (request.expected_revision() != 0 && request.expected_revision() != draft->revision()) {
        return grpc::Status(grpc::StatusCode::ABORTED, "another revision");
      }
      draft->set_revision(draft->revision() + 1);
      change(*draft);
      *response->mutable_draft() = *draft;
      return grpc::Status::OK;
    });
  }

  grpc::Status GetDraft(grpc::ServerContext*, const v1::GetDraftRequest* request,
                        v1::GetDraftResponse* response) override {
    std::lock_guard lock(newsroom.mutex);
    const v1::Draft* draft = Find(newsroom.drafts, request->article_id());
    if (draft == nullptr) return Missing();
    *response->mutable_draft() = *draft;
    return grpc::Status::OK;
  }
  grpc::Status CreateArticle(grpc::ServerContext*, const v1::CreateArticleRequest* request,
                             v1::CreateArticleResponse* response) override {
    return newsroom.Write("CreateArticle", request->article_id(), request->request_id(), [&] {
      v1::Draft& draft = newsroom.drafts[request->article_id()];
      draft.set_article_id(request->article_id());
      draft.set_revision(1);
      draft.set_edit_state(v1::EDIT_STATE_DRAFT);
      *draft.mutable_content() = request->content();
      for (v1::Block& block : *draft.mutable_content()->mutable_body()) block.set_block_id("b");
      draft.set_ed_note(request->ed_note());
      *response->mutable_draft() = draft;
      return grpc::Status::OK;
    });
  }
  grpc::Status UpdateArticle(grpc::ServerContext*, const v1::UpdateArticleRequest* request,
                             v1::UpdateArticleResponse* response) override {
    return Change("UpdateArticle", *request, response, [&](v1::Draft& draft) {
      v1::UpdateArticleRequest merged;
      *merged.mutable_content() = draft.content();
      merged.set_ed_note(draft.ed_note());
      google::protobuf::util::FieldMaskUtil::MergeOptions options;
      options.set_replace_message_fields(true);
      options.set_replace_repeated_fields(true);
      google::protobuf::util::FieldMaskUtil::MergeMessageTo(*request, request->update_mask(), options,
                                                            &merged);
      *draft.mutable_content() = merged.content();
      draft.set_ed_note(merged.ed_note());
      draft.set_edit_state(v1::EDIT_STATE_DRAFT);
    });
  }
  grpc::Status AddCorrection(grpc::ServerContext*, const v1::AddCorrectionRequest* request,
                             v1::AddCorrectionResponse* response) override {
    return Change("AddCorrection", *request, response,
                  [&](v1::Draft& draft) { *draft.add_corrections() = request->correction(); });
  }
  grpc::Status PublishArticle(grpc::ServerContext*, const v1::PublishArticleRequest* request,
                              v1::PublishArticleResponse* response) override {
    return Change("PublishArticle", *request, response, [&](v1::Draft& draft) {
      draft.set_published_revision(draft.revision());
      draft.set_edit_state(v1::EDIT_STATE_DONE);
      draft.set_pub_status(v1::PUB_STATUS_USABLE);
      if (request->has_first_published_at())
        *draft.mutable_first_published_at() = request->first_published_at();
    });
  }
  grpc::Status WithholdArticle(grpc::ServerContext*, const v1::WithholdArticleRequest* request,
                               v1::WithholdArticleResponse* response) override {
    return Change("WithholdArticle", *request, response, [&](v1::Draft& draft) {
      const bool never_published = draft.pub_status() == v1::PUB_STATUS_UNSPECIFIED;
      if (draft.edit_state() == v1::EDIT_STATE_SCHEDULED) draft.set_edit_state(v1::EDIT_STATE_DRAFT);
      draft.clear_scheduled_at();
      draft.set_published_revision(0);
      if (!never_published) draft.set_pub_status(request->pub_status());
    });
  }
  grpc::Status PutAuthor(grpc::ServerContext*, const v1::PutAuthorRequest* request,
                         v1::PutAuthorResponse* response) override {
    return newsroom.Write("PutAuthor", request->author().author_id(), request->request_id(), [&] {
      v1::Author& author = newsroom.authors[request->author().author_id()];
      const std::int64_t revision = author.revision() + 1;
      author = request->author();
      author.set_revision(revision);
      *response->mutable_author() = author;
      return grpc::Status::OK;
    });
  }
  grpc::Status PutSection(grpc::ServerContext*, const v1::PutSectionRequest* request,
                          v1::PutSectionResponse* response) override {
    return newsroom.Write("PutSection", request->section().section_id(), request->request_id(), [&] {
      v1::Section& section = newsroom.sections[request->section().section_id()];
      const std::int64_t revision = section.revision() + 1;
      section = request->section();
      section.set_revision(revision);
      *response->mutable_section() = section;
      return grpc::Status::OK;
    });
  }

  FakeNewsroom& newsroom;
};

struct FakeNewsroom::Media : media::v1::MediaService::Service {
  explicit Media(FakeNewsroom& newsroom) : newsroom(newsroom) {}

  grpc::Status BatchGetImages(grpc::ServerContext*, const media::v1::BatchGetImagesRequest* request,
                              media::v1::BatchGetImagesResponse* response) override {
    std::lock_guard lock(newsroom.mutex);
    for (const std::string& id : request->image_ids()) {
      if (const media::v1::Image* image = Find(newsroom.images, id)) *response->add_images() = *image;
    }
    return grpc::Status::OK;
  }

  FakeNewsroom& newsroom;
};

struct FakeNewsroom::Library : media::v1::LibraryService::Service {
  explicit Library(FakeNewsroom& newsroom) : newsroom(newsroom) {}

  grpc::Status UploadImage(grpc::ServerContext*, grpc::ServerReader<media::v1::UploadImageRequest>* reader,
                           media::v1::UploadImageResponse* response) override {
    media::v1::UploadImageRequest request;
    media::v1::UploadImageRequest::Info info;
    std::string bytes;
    while (reader->Read(&request)) {
      if (request.has_info()) info = request.info();
      bytes += request.chunk();
    }
    return newsroom.Write("UploadImage", info.image_id(), info.request_id(), [&] {
      media::v1::Image& image = newsroom.images[info.image_id()];
      image.set_image_id(info.image_id());
      image.set_revision(1);
      image.set_sha256(Sha256Hex(bytes));
      *image.mutable_metadata() = info.metadata();
      newsroom.bytes[info.image_id()] = bytes;
      *response->mutable_image() = image;
      return grpc::Status::OK;
    });
  }
  grpc::Status UpdateImage(grpc::ServerContext*, const media::v1::UpdateImageRequest* request,
                           media::v1::UpdateImageResponse* response) override {
    return newsroom.Write("UpdateImage", request->image_id(), request->request_id(), [&] {
      media::v1::Image& image = newsroom.images[request->image_id()];
      *image.mutable_metadata() = request->metadata();
      *response->mutable_image() = image;
      return grpc::Status::OK;
    });
  }

  FakeNewsroom& newsroom;
};

FakeNewsroom::FakeNewsroom()
    : articles(std::make_shared<Articles>(*this)),
      editorial(std::make_shared<Editorial>(*this)),
      media(std::make_shared<Media>(*this)),
      library(std::make_shared<Library>(*this)) {}

std::vector<grpc::Service*> FakeNewsroom::services() {
  return {articles.get(), editorial.get(), media.get(), library.get()};
}

grpc::Status FakeNewsroom::Write(const std::string& method, const std::string& id,
                                 const std::string& request_id, const std::function<grpc::Status()>& effect) {
  std::lock_guard lock(mutex);
  const std::string call = method + " " + id;
  writes.push_back(call);
  if (grpc::Status status = fault(call); !status.ok()) return status;
  if (request_id.empty()) return {grpc::StatusCode::INVALID_ARGUMENT, "no request_id"};
  if (seen_request_ids[request_id]++ > 0) {
    return {grpc::StatusCode::INTERNAL, "repeated, though nothing was lost"};
  }
  if (grpc::Status status = effect(); !status.ok()) return status;
  return lost_answer(call);
}

}  // namespace broadsheet::cli
