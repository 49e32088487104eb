#ifndef BROADSHEET_SERVICES_GATEWAY_UNDER_WAY_H_
#define BROADSHEET_SERVICES_GATEWAY_UNDER_WAY_H_

#include <condition_variable>
#include <cstddef>
#include <mutex>

namespace broadsheet::gateway {

// Counts coroutines that nobody waits for, so that what they use can outlive them. Thread-safe.
class UnderWay {
 public:
  // One of them: the first local of its body.
  class Part {
   public:
    explicit Part(UnderWay& all) : all_(all) {
      std::lock_guard lock(all_.mutex_);
      ++all_.parts_;
    }
    ~Part() {
      std::lock_guard lock(all_.mutex_);
      if (--all_.parts_ == 0) all_.none_.notify_all();
    }
    Part(const Part&) = delete;
    Part& operator=(const Part&) = delete;

   private:
    UnderWay& all_;
  };

  // When no more begin.
  void WaitUntilNone() {
    std::unique_lock lock(mutex_);
    none_.wait(lock, [this] { return parts_ == 0; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable none_;
  std::size_t parts_ = 0;  // guarded by mutex_
};

}  // namespace broadsheet::gateway

#endif  // BROADSHEET_SERVICES_GATEWAY_UNDER_WAY_H_
