#ifndef BROADSHEET_SERVICES_GATEWAY_READINESS_H_
#define BROADSHEET_SERVICES_GATEWAY_READINESS_H_

#include <functional>
#include <mutex>

namespace broadsheet::gateway {

// Whether readers may be sent to this gateway: once its doors are open and, if it is to wait for that, it has
// something to show. That is asked once only: what it loses later makes it no less ready. Thread-safe.
class Readiness {
 public:
  // `tell` is called whenever it changes; not ready at first. It must be quick and call nothing here.
  Readiness(bool waits_for_pages, std::function<void(bool ready)> tell);

  // There is something to show, or a way to make it.
  void HasPages();
  // Requests are answered from here on.
  void DoorsOpen();
  // For good.
  void Draining();

  bool ready() const;

 private:
  void Change(bool& what);

  const std::function<void(bool)> tell_;
  mutable std::mutex mutex_;
  bool has_pages_;  // guarded by mutex_, as are the next ones
  bool doors_open_ = false;
  bool draining_ = false;
  bool ready_ = false;
};

}  // namespace broadsheet::gateway

#endif  // BROADSHEET_SERVICES_GATEWAY_READINESS_H_
