#ifndef BROADSHEET_SERVICES_GATEWAY_PAGE_SERVICE_TESTING_H_
#define BROADSHEET_SERVICES_GATEWAY_PAGE_SERVICE_TESTING_H_

#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "broadsheet/page/v1/page_service.grpc.pb.h"
#include "libs/rpc/channel.h"
#include "services/gateway/gateway_testing.h"

namespace broadsheet::gateway {

// A gateway and a client of its PageService.
class PageClientTest : public GatewayTest {
 protected:
  void StartGateway() {
    ASSERT_NO_FATAL_FAILURE(GatewayTest::StartGateway());
    Connect();
  }
  void StartGatewayAlone() {
    ASSERT_NO_FATAL_FAILURE(GatewayTest::StartGatewayAlone());
    Connect();
  }

  grpc::Status Call(const page::v1::GetPageRequest& request, page::v1::GetPageResponse& response) {
    grpc::ClientContext context;
    context.set_deadline(absl::ToChronoTime(absl::Now() + absl::Seconds(10)));
    return stub_->GetPage(&context, request, &response);
  }

  std::unique_ptr<page::v1::PageService::Stub> stub_;

 private:
  void Connect() {
    stub_ =
        page::v1::PageService::NewStub(rpc::NewChannel(absl::StrCat("127.0.0.1:", gateway_->grpc_port())));
  }
};

}  // namespace broadsheet::gateway

#endif  // BROADSHEET_SERVICES_GATEWAY_PAGE_SERVICE_TESTING_H_
