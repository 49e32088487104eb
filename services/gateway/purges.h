#ifndef BROADSHEET_SERVICES_GATEWAY_PURGES_H_
#define BROADSHEET_SERVICES_GATEWAY_PURGES_H_

#include <cstdint>
#include <deque>
#include <set>
#include <shared_mutex>
#include <string>

#include "absl/functional/function_ref.h"

namespace broadsheet::gateway {

// Keeps what was read before the end of a purge from being kept after it: a page that is on its way between
// the tiers while they are cleared, one after the other, would come back. Thread-safe.
class Purges {
 public:
  // Grows with every purge that begins or ends. Taken before a page is made or loaded.
  using Moment = std::uint64_t;

  // A purge of these paths, or of every path, from its construction to its destruction. Waits for what is
  // being kept.
  class UnderWay {
   public:
    explicit UnderWay(Purges& purges) : purges_(purges), moment_(purges.BeginAll()) {}
    UnderWay(Purges& purges, std::set<std::string> paths)
        : purges_(purges), moment_(purges.Begin(std::move(paths))) {}
    ~UnderWay() { purges_.End(moment_); }
    UnderWay(const UnderWay&) = delete;
    UnderWay& operator=(const UnderWay&) = delete;

   private:
    Purges& purges_;
    const Moment moment_;
  };

  Moment now() const;

  // Runs `keep`, unless a purge of the path was under way at `moment` or has begun since; whether it ran.
  // Purges wait for it: it must be short, and begin and end none. Of purges long past, or of very many paths,
  // no paths are known: they count as purges of every path.
  bool KeepUnlessPurged(const std::string& path, Moment moment, absl::FunctionRef<void()> keep) const;

 private:
  struct Purge {
    Moment begun = 0;
    Moment ended = 0;  // 0: it is under way
    bool of_every_path = false;
    std::set<std::string> paths = {};
  };

  Moment Begin(std::set<std::string> paths);
  Moment BeginAll();
  void End(Moment moment);
  bool Concern(const std::string& path, Moment since) const;

  mutable std::shared_mutex mutex_;  // shared by those that keep
  Moment now_ = 0;                   // guarded by mutex_
  Moment forgotten_ = 0;             // guarded by mutex_; purges up to here are not in `purges_` any more
  std::deque<Purge> purges_;         // guarded by mutex_; oldest first
};

}  // namespace broadsheet::gateway

#endif  // BROADSHEET_SERVICES_GATEWAY_PURGES_H_
