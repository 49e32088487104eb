#include "services/cli/upload/fake_newsroom.h"

#include "libs/rpc/status.h"
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

  grpc::Status GetDraft(grpc::ServerContext*, const v1::GetDraftRequest* request,
                        v1::GetDraftResponse* response) override {
    std::lock_guard lock(newsroom.mutex);
    const v1::Draft* draft = Find(newsroom.drafts, request->article_id());
    if (draft == nullptr) return Missing();
    *response->mutable_draft() = *draft;
    return grpc::Status::OK;
  }
  // As the service does, as far as an import of one version of a story after another needs it.
  grpc::Status ImportArticles(grpc::ServerContext*, const v1::ImportArticlesRequest* request,
                              v1::ImportArticlesResponse* response) override {
    std::string ids;
    for (const v1::ArticleImport& wanted : request->articles())
      ids += (ids.empty() ? "" : " ") + wanted.article_id();
    return newsroom.Write("ImportArticles", ids, request->request_id(), [&] {
      for (const v1::ArticleImport& wanted : request->articles()) {
        v1::ImportedArticle& result = *response->add_articles();
        result.set_article_id(wanted.article_id());
        Import(wanted, result);
      }
      return grpc::Status::OK;
    });
  }
  void Import(const v1::ArticleImport& wanted, v1::ImportedArticle& result) {
    if (const auto refusal = newsroom.refusals.find(wanted.article_id());
        refusal != newsroom.refusals.end()) {
      result.set_outcome(v1::IMPORT_OUTCOME_REFUSED);
      result.mutable_refusal()->ParseFromString(rpc::ToGrpc(refusal->second).error_details());
      return;
    }
    const v1::Draft* known = Find(newsroom.drafts, wanted.article_id());
    if (known != nullptr && known->pub_status() == v1::PUB_STATUS_WITHHELD) {
      result.set_outcome(v1::IMPORT_OUTCOME_LEFT_ALONE);
      return result.set_pub_status(known->pub_status());
    }
    v1::ArticleImport& imported = newsroom.imported[wanted.article_id()];
    if (known != nullptr && imported.SerializeAsString() == wanted.SerializeAsString())
      return result.set_outcome(v1::IMPORT_OUTCOME_UNCHANGED);
    imported = wanted;
    v1::Draft& draft = newsroom.drafts[wanted.article_id()];
    draft.set_article_id(wanted.article_id());
    *draft.mutable_content() = wanted.content();
    draft.set_pub_status(wanted.state() == v1::IMPORT_STATE_USABLE ? v1::PUB_STATUS_USABLE
                                                                   : v1::PUB_STATUS_WITHHELD);
    result.set_outcome(known == nullptr ? v1::IMPORT_OUTCOME_CREATED : v1::IMPORT_OUTCOME_UPDATED);
    result.set_published(wanted.state() == v1::IMPORT_STATE_USABLE);
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
