#ifndef BROADSHEET_SERVICES_ARTICLE_CLOCK_H_
#define BROADSHEET_SERVICES_ARTICLE_CLOCK_H_

#include <functional>

#include "absl/time/time.h"

namespace broadsheet::article {

// What time it is; absl::Now, or a test's. Thread-safe. May jump: nothing may rely on its going forward.
using Clock = std::function<absl::Time()>;

}  // namespace broadsheet::article

#endif  // BROADSHEET_SERVICES_ARTICLE_CLOCK_H_
