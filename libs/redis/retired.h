#ifndef BROADSHEET_LIBS_REDIS_RETIRED_H_
#define BROADSHEET_LIBS_REDIS_RETIRED_H_

#include <memory>
#include <utility>
#include <vector>

#include "libs/redis/event_loop.h"

namespace broadsheet::redis {

// Destroys what is not needed any more when the loop comes round, because it may be what is running just now.
// The loop's thread only.
template <class T>
class Retired {
 public:
  explicit Retired(EventLoop& loop) : loop_(loop), items_(std::make_shared<Items>()) {}

  void Add(std::unique_ptr<T> item) {
    items_->push_back(std::move(item));
    loop_.Post([items = std::weak_ptr<Items>(items_)] {
      if (const auto left = items.lock()) DestroyAll(*left);
    });
  }

  // Now.
  void Clear() { DestroyAll(*items_); }

 private:
  using Items = std::vector<std::unique_ptr<T>>;
  // What is destroyed may retire something else.
  static void DestroyAll(Items& items) { const Items ended = std::exchange(items, {}); }

  EventLoop& loop_;
  std::shared_ptr<Items> items_;
};

}  // namespace broadsheet::redis

#endif  // BROADSHEET_LIBS_REDIS_RETIRED_H_
