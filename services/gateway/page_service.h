#ifndef BROADSHEET_SERVICES_GATEWAY_PAGE_SERVICE_H_
#define BROADSHEET_SERVICES_GATEWAY_PAGE_SERVICE_H_

#include "absl/status/statusor.h"
#include "broadsheet/page/v1/page_service.grpc.pb.h"
#include "grpcpp/support/byte_buffer.h"
#include "libs/rpc/context.h"
#include "libs/rpc/server.h"
#include "libs/rpc/task.h"
#include "services/gateway/followers.h"
#include "services/gateway/page_server.h"

namespace broadsheet::gateway {

// The gRPC door to the pages: broadsheet.page.v1.PageService. GetPage answers with prepared bytes; the page
// itself is not copied. Thread-safe.
class PageService final : public rpc::AsyncService {
 public:
  // Both must outlive this service.
  PageService(PageServer& pages, const Followers& followers) : pages_(pages), followers_(followers) {}

  grpc::Service* service() override { return &service_; }
  void Serve(rpc::CompletionQueues& queues) override;

  rpc::Task<absl::StatusOr<grpc::ByteBuffer>> GetPage(rpc::Context context, grpc::ByteBuffer request);
  rpc::Task<absl::StatusOr<page::v1::ExplainPageResponse>> ExplainPage(rpc::Context context,
                                                                       page::v1::ExplainPageRequest request);
  rpc::Task<absl::StatusOr<page::v1::ListDependentsResponse>> ListDependents(
      rpc::Context context, page::v1::ListDependentsRequest request);

 private:
  using AsyncService =
      page::v1::PageService::WithRawMethod_GetPage<page::v1::PageService::WithAsyncMethod_ExplainPage<
          page::v1::PageService::WithAsyncMethod_ListDependents<page::v1::PageService::Service>>>;

  page::v1::ExplainPageResponse Explain(const PageAnswer& answer) const;

  PageServer& pages_;
  const Followers& followers_;
  AsyncService service_;
};

// The page as a serialized GetPageResponse whose body is shared with `entry`.
grpc::ByteBuffer ToByteBuffer(const EntryPtr& entry);

}  // namespace broadsheet::gateway

#endif  // BROADSHEET_SERVICES_GATEWAY_PAGE_SERVICE_H_
