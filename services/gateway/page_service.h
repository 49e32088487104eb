#ifndef BROADSHEET_SERVICES_GATEWAY_PAGE_SERVICE_H_
#define BROADSHEET_SERVICES_GATEWAY_PAGE_SERVICE_H_

#include <cstddef>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "broadsheet/page/v1/page_service.grpc.pb.h"
#include "grpcpp/support/byte_buffer.h"
#include "libs/rpc/context.h"
#include "libs/rpc/server.h"
#include "libs/rpc/task.h"
#include "services/gateway/followers.h"
#include "services/gateway/last_good_keeper.h"
#include "services/gateway/page_parts.h"
#include "services/gateway/page_server.h"
#include "services/gateway/page_store.h"

namespace broadsheet::gateway {

// The gRPC door to the pages: broadsheet.page.v1.PageService. GetPage answers with prepared bytes; the page
// itself is not copied. Thread-safe.
class PageService final : public rpc::AsyncService {
 public:
  struct Parts {
    PageServer& pages;
    PageStore& store;
    PageParts& parts;
    const LastGoodKeeper& last_good;
    const Followers& followers;
  };

  // What `parts` names must outlive this service.
  explicit PageService(Parts parts) : parts_(parts) {}

  grpc::Service* service() override { return &service_; }
  void Serve(rpc::CompletionQueues& queues) override;

  rpc::Task<absl::StatusOr<grpc::ByteBuffer>> GetPage(rpc::Context context, grpc::ByteBuffer request);
  rpc::Task<absl::StatusOr<page::v1::ExplainPageResponse>> ExplainPage(rpc::Context context,
                                                                       page::v1::ExplainPageRequest request);
  rpc::Task<absl::StatusOr<page::v1::ListDependentsResponse>> ListDependents(
      rpc::Context context, page::v1::ListDependentsRequest request);

 private:
  // OK unless the request says of which log its positions are, and this gateway follows another one.
  absl::Status CheckLogs(const PageRequest& request) const;
  // The page if it is in memory and may be shown at once, to a request that asks for nothing else.
  std::optional<absl::StatusOr<grpc::ByteBuffer>> GetPageAtOnce(const grpc::ByteBuffer& request);

  using AsyncService =
      page::v1::PageService::WithRawMethod_GetPage<page::v1::PageService::WithAsyncMethod_ExplainPage<
          page::v1::PageService::WithAsyncMethod_ListDependents<page::v1::PageService::Service>>>;

  page::v1::ExplainPageResponse Explain(const PageAnswer& answer) const;
  page::v1::Dependency ExplainDependency(const PageEntry& entry, Source source, const std::string& tag) const;
  page::v1::SourceState ExplainSource(Source source) const;

  const Parts parts_;
  AsyncService service_;
};

// The page as a serialized GetPageResponse whose body is shared with `entry`. FAILED_PRECONDITION: it would
// be longer than `max_bytes`. RESOURCE_EXHAUSTED: see http::UncodedBodies.
absl::StatusOr<grpc::ByteBuffer> ToByteBuffer(const EntryPtr& entry,
                                              std::size_t max_bytes = rpc::ServerOptions::kMaxMessageBytes);

}  // namespace broadsheet::gateway

#endif  // BROADSHEET_SERVICES_GATEWAY_PAGE_SERVICE_H_
