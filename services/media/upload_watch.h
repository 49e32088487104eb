#ifndef BROADSHEET_SERVICES_MEDIA_UPLOAD_WATCH_H_
#define BROADSHEET_SERVICES_MEDIA_UPLOAD_WATCH_H_

#include <map>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "grpcpp/server_context.h"

namespace broadsheet::media {

// Breaks off uploads whose client has fallen silent: gRPC's synchronous reads have no time-out of their own,
// and each holds a thread. Thread-safe; has a thread of its own.
class UploadWatch {
 public:
  explicit UploadWatch(absl::Duration max_pause);
  ~UploadWatch();
  UploadWatch(const UploadWatch&) = delete;
  UploadWatch& operator=(const UploadWatch&) = delete;

  // Watches one call while it reads; cancels it `max_pause` after the last Progress.
  class Guard {
   public:
    Guard(UploadWatch& watch, grpc::ServerContext& context);
    ~Guard();
    Guard(const Guard&) = delete;
    Guard& operator=(const Guard&) = delete;
    void Progress();

   private:
    UploadWatch& watch_;
    grpc::ServerContext* const context_;
  };

 private:
  void Run();
  void CancelSilent() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const absl::Duration max_pause_;
  absl::Mutex mutex_;
  std::map<grpc::ServerContext*, absl::Time> last_progress_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace broadsheet::media

#endif  // BROADSHEET_SERVICES_MEDIA_UPLOAD_WATCH_H_
