#ifndef BROADSHEET_TESTS_HISTORIES_FINAL_STATE_H_
#define BROADSHEET_TESTS_HISTORIES_FINAL_STATE_H_

#include "absl/status/status.h"
#include "tests/histories/newsroom.h"

namespace broadsheet::histories {

// Asks the service, which must be running and left alone, for every revision of every story and for the head
// of its log, and adds them to the history.
absl::Status ReadFinalState(Newsroom& newsroom, History& history);

}  // namespace broadsheet::histories

#endif  // BROADSHEET_TESTS_HISTORIES_FINAL_STATE_H_
