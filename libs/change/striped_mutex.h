#ifndef BROADSHEET_LIBS_CHANGE_STRIPED_MUTEX_H_
#define BROADSHEET_LIBS_CHANGE_STRIPED_MUTEX_H_

#include <array>
#include <atomic>
#include <cstddef>
#include <mutex>

namespace broadsheet::change {

// A reader-writer lock for data read all the time and written now and then: readers of different threads do
// not touch the same memory, and, unlike with glibc's, they cannot keep a writer out. For std::shared_lock
// and std::unique_lock; a thread must not read-lock it twice.
class StripedMutex {
 public:
  void lock_shared() { Own().lock(); }
  void unlock_shared() { Own().unlock(); }

  void lock() {
    for (Stripe& stripe : stripes_) stripe.mutex.lock();
  }
  void unlock() {
    for (Stripe& stripe : stripes_) stripe.mutex.unlock();
  }

 private:
  struct alignas(64) Stripe {
    std::mutex mutex;
  };

  std::mutex& Own() {
    static std::atomic<std::size_t> threads = 0;
    thread_local const std::size_t thread = threads.fetch_add(1, std::memory_order_relaxed);
    return stripes_[thread % stripes_.size()].mutex;
  }

  std::array<Stripe, 16> stripes_;
};

}  // namespace broadsheet::change

#endif  // BROADSHEET_LIBS_CHANGE_STRIPED_MUTEX_H_
