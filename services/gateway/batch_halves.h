#ifndef BROADSHEET_SERVICES_GATEWAY_BATCH_HALVES_H_
#define BROADSHEET_SERVICES_GATEWAY_BATCH_HALVES_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "broadsheet/article/v1/article_service.pb.h"
#include "services/gateway/backends.h"

// A batch of stories that are too long for one answer.
namespace broadsheet::gateway {

using AskForStories =
    std::function<Backends::Call<article::v1::BatchGetArticlesResponse>(CallScope, std::vector<std::string>)>;

// Asks for `ids`, each there once, with one call of `ask`; if article says that its answer would be too
// large, for both halves of them at once, and so on down to single stories. What comes of it is like one
// answer: as of the lowest position that was read at, in the order of `ids`. It fails if any call does, and
// if two were answered from different logs, as no state stands for all of it then.
//
// A story that is too large even by itself cannot be shown: it is left out, like one that is not published,
// as read at the position that the scope demands, of which the answer was at least. Where the scope does not
// say of which log that is nobody knows what was read, and the answer says no log either.
//
// `budget` is for all calls together: no halves are asked for once half of it has passed, so that each call
// has time to be answered, and one that is not says something of the service. Run it on a queue's thread.
Backends::Call<article::v1::BatchGetArticlesResponse> AskInHalves(CallScope scope,
                                                                  std::vector<std::string> ids,
                                                                  absl::Duration budget, AskForStories ask);

}  // namespace broadsheet::gateway

#endif  // BROADSHEET_SERVICES_GATEWAY_BATCH_HALVES_H_
