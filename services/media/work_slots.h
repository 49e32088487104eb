#ifndef BROADSHEET_SERVICES_MEDIA_WORK_SLOTS_H_
#define BROADSHEET_SERVICES_MEDIA_WORK_SLOTS_H_

#include <functional>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace broadsheet::media {

// A semaphore with a bounded queue: so many at work, so many waiting, and no more. Thread-safe; must outlive
// its leases.
class WorkSlots {
 public:
  // `what` names the work in errors: "uploads".
  WorkSlots(const char* what, int at_work, int waiting) : what_(what), free_(at_work), places_(waiting) {}

  // The right to work, given back when destroyed.
  class Lease {
   public:
    explicit Lease(WorkSlots* slots) : slots_(slots) {}
    Lease(Lease&& other) noexcept : slots_(std::exchange(other.slots_, nullptr)) {}
    Lease& operator=(Lease&&) = delete;
    ~Lease() {
      if (slots_ != nullptr) slots_->Release();
    }

   private:
    WorkSlots* slots_;
  };

  // Waits for a slot. RESOURCE_EXHAUSTED when too many are waiting already or `deadline` passes. CANCELLED
  // when `abandoned` says that nobody wants the work any more; it is asked a few times a second.
  absl::StatusOr<Lease> Acquire(absl::Time deadline, const std::function<bool()>& abandoned);

 private:
  void Release();

  const char* const what_;
  absl::Mutex mutex_;
  int free_ ABSL_GUARDED_BY(mutex_);
  int places_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace broadsheet::media

#endif  // BROADSHEET_SERVICES_MEDIA_WORK_SLOTS_H_
