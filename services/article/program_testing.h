#ifndef BROADSHEET_SERVICES_ARTICLE_PROGRAM_TESTING_H_
#define BROADSHEET_SERVICES_ARTICLE_PROGRAM_TESTING_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/clock.h"
#include "broadsheet/article/v1/article_service.grpc.pb.h"
#include "broadsheet/article/v1/editorial_service.grpc.pb.h"
#include "broadsheet/change/v1/change_service.grpc.pb.h"
#include "libs/rpc/status.h"
#include "libs/testing/child_process.h"
#include "libs/testing/temp_dir.h"
#include "services/article/engine_testing.h"

namespace broadsheet::article {

// The article program on a database, from its start until its death.
class Program {
 public:
  struct Options {
    std::string shell = "";   // commands for the shell that becomes the program, for limits
    int ops_port = 0;         // 0: any free one
    bool await_ready = true;  // otherwise call AwaitReady before the stubs
  };
  explicit Program(const TestDatabase& database) : Program(database, Options()) {}
  Program(const TestDatabase& database, const Options& options);

  // Waits until it serves; a program that does not fails the test.
  void AwaitReady();

  void Kill() { process_->Kill(); }
  // SIGTERM, and waits: its exit status.
  int Stop();
  test::ChildProcess& process() { return *process_; }
  std::string log() const;  // what it wrote
  v1::EditorialService::Stub& editing() { return *editing_; }
  v1::ArticleService::Stub& reading() { return *reading_; }
  change::v1::ChangeService::Stub& changes() { return *changes_; }

 private:
  test::TempDir folder_;
  std::unique_ptr<test::ChildProcess> process_;
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<v1::EditorialService::Stub> editing_;
  std::unique_ptr<v1::ArticleService::Stub> reading_;
  std::unique_ptr<change::v1::ChangeService::Stub> changes_;
};

template <class Stub, class Request, class Response>
absl::StatusOr<Response> Call(Stub& stub,
                              grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                              const Request& request) {
  grpc::ClientContext context;
  context.set_deadline(absl::ToChronoTime(absl::Now() + absl::Seconds(20)));
  Response response;
  const absl::Status status = rpc::FromGrpc((stub.*method)(&context, request, &response));
  if (!status.ok()) return status;
  return response;
}

}  // namespace broadsheet::article

#endif  // BROADSHEET_SERVICES_ARTICLE_PROGRAM_TESTING_H_
