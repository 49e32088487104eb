#ifndef BROADSHEET_LIBS_RPC_DEFERRED_H_
#define BROADSHEET_LIBS_RPC_DEFERRED_H_

#include <coroutine>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "libs/rpc/completion_queues.h"

namespace broadsheet::rpc {

// A value that somebody will set once and any number of coroutines await: the bridge from callbacks to
// coroutines, and how several requests share one piece of work. A cheap handle; copies are the same value.
// Thread-safe.
//
// An awaiting coroutine gets a copy of the value (make T a shared_ptr<const …> if copies cost), and goes on
// on the queue's thread it awaited on; if it was on no queue's thread, on the thread that calls Set.
template <class T>
class Deferred {
 public:
  Deferred() : state_(std::make_shared<State>()) {}

  // Sets the value and resumes whoever awaits it. The first call counts, later ones do nothing and return
  // false. Waiters of the setting thread's own queue run inside this call.
  bool Set(T value) const {
    std::vector<Waiter> waiters;
    {
      std::lock_guard lock(state_->mutex);
      if (state_->value) return false;
      state_->value.emplace(std::move(value));
      waiters.swap(state_->waiters);
    }
    for (const Waiter& waiter : waiters) {
      if (waiter.queue == nullptr || waiter.queue.get() == CompletionQueues::Current()) {
        waiter.coroutine.resume();
      } else {
        CompletionQueues::Resume(*waiter.queue, waiter.coroutine);
      }
    }
    return true;
  }

  bool finished() const {
    std::lock_guard lock(state_->mutex);
    return state_->value.has_value();
  }

  auto operator co_await() const {
    struct Awaiter {
      State* state;  // kept by the Deferred that is awaited
      bool await_ready() const {
        std::lock_guard lock(state->mutex);
        return state->value.has_value();
      }
      bool await_suspend(std::coroutine_handle<> coroutine) const {
        std::lock_guard lock(state->mutex);
        if (state->value) return false;
        CompletionQueue* const queue = CompletionQueues::Current();
        state->waiters.push_back({queue == nullptr ? nullptr : queue->shared_from_this(), coroutine});
        return true;
      }
      T await_resume() const {
        std::lock_guard lock(state->mutex);
        return *state->value;
      }
    };
    return Awaiter{state_.get()};
  }

 private:
  struct Waiter {
    std::shared_ptr<CompletionQueue> queue;  // null: none
    std::coroutine_handle<> coroutine;
  };
  struct State {
    std::mutex mutex;
    std::optional<T> value;
    std::vector<Waiter> waiters;
  };
  std::shared_ptr<State> state_;
};

}  // namespace broadsheet::rpc

#endif  // BROADSHEET_LIBS_RPC_DEFERRED_H_
