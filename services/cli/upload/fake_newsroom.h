#ifndef BROADSHEET_SERVICES_CLI_UPLOAD_FAKE_NEWSROOM_H_
#define BROADSHEET_SERVICES_CLI_UPLOAD_FAKE_NEWSROOM_H_

#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "broadsheet/article/v1/article_service.grpc.pb.h"
#include "broadsheet/article/v1/editorial_service.grpc.pb.h"
#include "broadsheet/media/v1/library_service.grpc.pb.h"
#include "broadsheet/media/v1/media_service.grpc.pb.h"

namespace broadsheet::cli {

// For tests of what goes wrong: the parts of article and media that an import calls, in memory, over real
// gRPC. `fault` may answer a call instead of it, before or after it takes effect.
struct FakeNewsroom {
  FakeNewsroom();

  // "PutAuthor ann", "ImportArticles wall ferry", in the order of the calls; reads are not noted.
  std::vector<std::string> writes;
  // Asked before each write; a failed status is the answer, and nothing is done.
  std::function<grpc::Status(const std::string& call)> fault = [](const std::string&) {
    return grpc::Status::OK;
  };
  // The same, asked when the write is done: its answer is lost.
  std::function<grpc::Status(const std::string& call)> lost_answer = [](const std::string&) {
    return grpc::Status::OK;
  };

  std::map<std::string, article::v1::Draft> drafts;
  std::map<std::string, article::v1::ArticleImport> imported;  // what was wanted last
  std::map<std::string, absl::Status> refusals;                // of stories

  std::map<std::string, article::v1::Author> authors;
  std::map<std::string, article::v1::Section> sections;
  std::map<std::string, media::v1::Image> images;
  std::map<std::string, std::string> bytes;  // of the pictures

  // Runs a write under the lock: notes it, asks for faults, skips `effect` for a request id it has seen.
  grpc::Status Write(const std::string& method, const std::string& id, const std::string& request_id,
                     const std::function<grpc::Status()>& effect);

  struct Articles;
  struct Editorial;
  struct Media;
  struct Library;
  std::vector<grpc::Service*> services();

  std::mutex mutex;
  std::map<std::string, int> seen_request_ids;
  std::shared_ptr<Articles> articles;
  std::shared_ptr<Editorial> editorial;
  std::shared_ptr<Media> media;
  std::shared_ptr<Library> library;
};

}  // namespace broadsheet::cli

#endif  // BROADSHEET_SERVICES_CLI_UPLOAD_FAKE_NEWSROOM_H_
