#ifndef BROADSHEET_SERVICES_CLI_UPLOAD_PARALLEL_H_
#define BROADSHEET_SERVICES_CLI_UPLOAD_PARALLEL_H_

#include <algorithm>
#include <atomic>
#include <thread>
#include <vector>

namespace broadsheet::cli {

// Calls `work` for every item, on up to `threads` threads; returns when all are done.
template <class Items, class Work>
void ForEach(const Items& items, int threads, const Work& work) {
  std::atomic<std::size_t> next = 0;
  const auto run = [&] {
    for (std::size_t i = next++; i < items.size(); i = next++) work(items[i]);
  };
  std::vector<std::thread> others;
  for (int i = 1; i < std::min<int>(threads, static_cast<int>(items.size())); ++i) others.emplace_back(run);
  run();
  for (std::thread& thread : others) thread.join();
}

}  // namespace broadsheet::cli

#endif  // BROADSHEET_SERVICES_CLI_UPLOAD_PARALLEL_H_
