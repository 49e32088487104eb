#ifndef BROADSHEET_SERVICES_GATEWAY_CACHE_SERVICE_H_
#define BROADSHEET_SERVICES_GATEWAY_CACHE_SERVICE_H_

#include <cstddef>
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
  using Purged = absl::StatusOr<page::v1::PurgePagesResponse>;

  // What was selected, and where it is.
  struct Selection {
    std::set<std::string> paths;
    std::size_t in_memory = 0;
    std::size_t on_disk = 0;
  };

  Selection Select(const Wanted& wanted) const;
  // OK unless the pages could not be made anew, and nobody says that this may be so.
  absl::Status CheckOwner(const page::v1::PurgePagesRequest& request) const;
  rpc::Task<Purged> PurgeSelected(page::v1::PurgePagesRequest request, Wanted wanted, Selection selection);
  rpc::Task<Purged> PurgeAll(page::v1::PurgePagesRequest request, Selection selection);
  // Throws what is wanted off the disk, when it is nowhere else any more.
  rpc::Task<Purged> Finish(page::v1::PurgePagesRequest request, page::v1::PurgePagesResponse response,
                           Wanted wanted);

  const Parts parts_;
  telemetry::Counter purged_;
  page::v1::CacheService::WithAsyncMethod_PurgePages<page::v1::CacheService::Service> service_;
};

}  // namespace broadsheet::gateway

#endif  // BROADSHEET_SERVICES_GATEWAY_CACHE_SERVICE_H_
