#ifndef BROADSHEET_SERVICES_GATEWAY_CACHE_SERVICE_H_
#define BROADSHEET_SERVICES_GATEWAY_CACHE_SERVICE_H_

#include <functional>
#include <set>
#include <string>

#include "absl/status/statusor.h"
#include "broadsheet/page/v1/page_service.grpc.pb.h"
#include "libs/rpc/context.h"
#include "libs/rpc/server.h"
#include "libs/rpc/task.h"
#include "libs/telemetry/metrics.h"
#include "services/gateway/followers.h"
#include "services/gateway/last_good_keeper.h"
#include "services/gateway/page_server.h"
#include "services/gateway/page_store.h"

namespace broadsheet::gateway {

// Serves broadsheet.page.v1.CacheService. Thread-safe.
class CacheService final : public rpc::AsyncService {
 public:
  struct Parts {
    PageServer& pages;
    PageStore& store;
    LastGoodKeeper& last_good;
    const Followers& followers;
  };

  // What `parts` names must outlive this service.
  explicit CacheService(Parts parts);

  grpc::Service* service() override { return &service_; }
  void Serve(rpc::CompletionQueues& queues) override;

  rpc::Task<absl::StatusOr<page::v1::PurgePagesResponse>> PurgePages(rpc::Context context,
                                                                     page::v1::PurgePagesRequest request);

 private:
  using Wanted = std::function<bool(const PageEntry&)>;

  const Parts parts_;
  telemetry::Counter purged_;
  page::v1::CacheService::WithAsyncMethod_PurgePages<page::v1::CacheService::Service> service_;
};

}  // namespace broadsheet::gateway

#endif  // BROADSHEET_SERVICES_GATEWAY_CACHE_SERVICE_H_
