#include "tests/faults/grpc_reader.h"

#include <list>
#include <memory>
#include <random>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "broadsheet/page/v1/page_service.grpc.pb.h"
#include "libs/rpc/channel.h"
#include "libs/rpc/completion_queues.h"
#include "libs/rpc/task.h"
#include "libs/rpc/unary_call.h"
#include "tests/faults/probe.h"

namespace broadsheet::faults {
namespace {

constexpr absl::Duration kCallPatience = absl::Seconds(10);
constexpr absl::Duration kAfterAnError = absl::Milliseconds(30);

PageAnswer ToAnswer(const page::v1::GetPageResponse& response) {
  PageAnswer answer;
  answer.status = response.status();
  answer.tokens = FindTokens(response.body());
  answer.door = "grpc";
  answer.degraded = response.degradations_size() > 0;
  for (const page::v1::Degradation& degradation : response.degradations()) {
    answer.stale = answer.stale || (degradation.part() == "article" && degradation.stale());
  }
  return answer;
}

struct Reader {
  Site& site;
  Report& report;
  GatewayView& gateway;
  std::mt19937_64 random;
  std::unique_ptr<page::v1::PageService::Stub> stub;
  rpc::CompletionQueues& queues;
};

rpc::Task<void> Read(Reader* reader) {
  auto hop = reader->queues.Hop();
  co_await hop;
  while (!reader->site.stopping()) {
    Probe probe(reader->site, reader->report, reader->gateway, ChooseTarget(reader->site, reader->random));
    page::v1::GetPageRequest request;
    request.set_path(probe.target().path);
    auto call = rpc::CallUnary(reader->queues, rpc::Context(kCallPatience), *reader->stub,
                               &page::v1::PageService::Stub::PrepareAsyncGetPage, request);
    absl::StatusOr<page::v1::GetPageResponse> response = co_await call;
    if (response.ok()) {
      probe.Judge(ToAnswer(*response));
      continue;
    }
    probe.Failed("grpc", response.status().ToString());
    auto pause = reader->queues.Sleep(kAfterAnError);
    co_await pause;
  }
}

}  // namespace

void ReadOverGrpc(Site& site, Report& report, int readers, std::uint64_t seed) {
  rpc::CompletionQueues queues(1);
  std::list<Reader> all;
  std::vector<rpc::Task<void>> tasks;
  for (GatewayView& gateway : site.gateways()) {
    if (gateway.grpc_address.empty()) continue;
    auto channel = rpc::NewChannel(gateway.grpc_address);
    for (int i = 0; i < readers; ++i) {
      Reader& reader = all.emplace_back(Reader{site, report, gateway, std::mt19937_64(++seed),
                                               page::v1::PageService::NewStub(channel), queues});
      tasks.push_back(Read(&reader));
    }
  }
  for (rpc::Task<void>& task : tasks) rpc::Wait(std::move(task));
}

}  // namespace broadsheet::faults
