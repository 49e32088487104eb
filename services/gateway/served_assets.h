#ifndef BROADSHEET_SERVICES_GATEWAY_SERVED_ASSETS_H_
#define BROADSHEET_SERVICES_GATEWAY_SERVED_ASSETS_H_

#include <cstddef>
#include <deque>
#include <map>
#include <memory>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "libs/http/response.h"
#include "services/gateway/renderer/renderer.h"

namespace broadsheet::gateway {

// The files that pages refer to, ready to be sent: each under its path with a hash, for ever; under its plain
// name, for a minute; and what was there before, for pages made by then. Thread-safe.
class ServedAssets {
 public:
  // Of earlier files, the latest are kept, up to so many and so many bytes.
  static constexpr std::size_t kMaxEarlier = 60;
  static constexpr std::size_t kMaxEarlierBytes = 32 * 1024 * 1024;

  // From now on pages may refer to these. Not to be called by two threads at once.
  void Use(const std::vector<Asset>& assets);

  // Null if there is no such file. Under a hash that nobody knows any more stands the file as it is now: a
  // page was made by another version of the gateway.
  std::shared_ptr<const http::Content> Find(std::string_view path) const;

 private:
  using ContentPtr = std::shared_ptr<const http::Content>;
  using ByPath = std::map<std::string, ContentPtr, std::less<>>;

  using Earlier = std::deque<std::pair<std::string, ContentPtr>>;

  void KeepEarlier(const ByPath& next);
  void ForgetEarlier(std::string_view path);
  Earlier::const_iterator FindEarlier(std::string_view path) const;

  mutable std::shared_mutex mutex_;
  ByPath hashed_;                  // guarded by mutex_
  ByPath plain_;                   // guarded by mutex_
  Earlier earlier_;                // guarded by mutex_; the latest last
  std::size_t earlier_bytes_ = 0;  // guarded by mutex_
};

// "/assets/page.css" of "/assets/page.3f2a9c01d4e5.css"; empty for a path that is not of this form.
std::string AssetName(std::string_view path);

}  // namespace broadsheet::gateway

#endif  // BROADSHEET_SERVICES_GATEWAY_SERVED_ASSETS_H_
