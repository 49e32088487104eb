// The least that a synchronous server of gRPC can do to answer GetArticle: the same message every time.

#include <cstdio>
#include <fstream>
#include <memory>
#include <string>

#include "absl/flags/flag.h"
#include "absl/status/status.h"
#include "broadsheet/article/v1/article_service.grpc.pb.h"
#include "grpcpp/resource_quota.h"
#include "grpcpp/security/server_credentials.h"
#include "grpcpp/server.h"
#include "grpcpp/server_builder.h"
#include "libs/rpc/process.h"

ABSL_FLAG(std::string, response, "", "File with the bytes of the GetArticleResponse to answer with.");
ABSL_FLAG(int, max_threads, 256, "As of the article service.");
ABSL_FLAG(std::string, port_file, "", "File to write the port to.");

namespace {

namespace v1 = broadsheet::article::v1;

class BareService final : public v1::ArticleService::Service {
 public:
  explicit BareService(v1::GetArticleResponse response) : response_(std::move(response)) {}
  grpc::Status GetArticle(grpc::ServerContext* /*context*/, const v1::GetArticleRequest* /*request*/,
                          v1::GetArticleResponse* response) override {
    *response = response_;
    return grpc::Status::OK;
  }

 private:
  const v1::GetArticleResponse response_;
};

}  // namespace

int main(int argc, char** argv) {
  broadsheet::rpc::Process process(argc, argv, "Answers every GetArticle with the same bytes.");
  std::ifstream file(absl::GetFlag(FLAGS_response), std::ios::binary);
  v1::GetArticleResponse response;
  if (!response.ParseFromIstream(&file))
    return process.Fail(absl::InvalidArgumentError("--response cannot be read"));
  BareService service(std::move(response));
  grpc::ServerBuilder builder;
  grpc::ResourceQuota quota;
  quota.SetMaxThreads(absl::GetFlag(FLAGS_max_threads));
  builder.SetResourceQuota(quota);
  builder.RegisterService(&service);
  int port = 0;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
  const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  if (server == nullptr) return process.Fail(absl::UnavailableError("the server does not start"));
  const absl::Status written =
      broadsheet::rpc::WritePortFile(absl::GetFlag(FLAGS_port_file), {{"grpc", port}});
  if (!written.ok()) return process.Fail(written);
  process.WaitForShutdown();
  server->Shutdown();
  return 0;
}
