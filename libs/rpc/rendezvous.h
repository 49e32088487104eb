#ifndef BROADSHEET_LIBS_RPC_RENDEZVOUS_H_
#define BROADSHEET_LIBS_RPC_RENDEZVOUS_H_

#include <atomic>
#include <coroutine>

namespace broadsheet::rpc {

// Where a result's maker and the one coroutine that awaits it meet, whichever comes first, on whatever
// threads. The maker calls Finish once, the awaiting side Await at most once, and Abandon once when it lets
// go of the result. Whoever is told to destroys what holds the result.
class Rendezvous {
 public:
  // What the maker does next: resume `waiter` if there is one, destroy the result if nobody will fetch it.
  struct Outcome {
    std::coroutine_handle<> waiter;
    bool abandoned = false;
  };

  // The result may be fetched.
  bool finished() const noexcept { return state_.load(std::memory_order_acquire) == Finished(); }

  // False: it is finished already, go on without suspending. True: `waiter` will be resumed.
  bool Await(std::coroutine_handle<> waiter) noexcept {
    void* expected = nullptr;
    return state_.compare_exchange_strong(expected, waiter.address(), std::memory_order_acq_rel,
                                          std::memory_order_acquire);
  }

  // After the result has been stored. Nothing of the maker may be touched after this if `waiter` is resumed
  // or nothing is asked of it.
  Outcome Finish() noexcept {
    void* before = state_.exchange(Finished(), std::memory_order_acq_rel);
    if (before == Abandoned()) return {.waiter = nullptr, .abandoned = true};
    if (before == nullptr) return {};
    return {.waiter = std::coroutine_handle<>::from_address(before)};
  }

  // Nobody will fetch the result. True: it is finished, the caller destroys it; false: the maker will.
  bool Abandon() noexcept { return state_.exchange(Abandoned(), std::memory_order_acq_rel) == Finished(); }

 private:
  // Addresses no coroutine frame can have.
  void* Finished() const noexcept { return const_cast<std::atomic<void*>*>(&state_); }
  static void* Abandoned() noexcept { return &abandoned_; }

  static inline char abandoned_ = 0;
  std::atomic<void*> state_ = nullptr;
};

}  // namespace broadsheet::rpc

#endif  // BROADSHEET_LIBS_RPC_RENDEZVOUS_H_
