#ifndef BROADSHEET_TESTS_HISTORIES_CHECKS_H_
#define BROADSHEET_TESTS_HISTORIES_CHECKS_H_

#include <cstdint>
#include <vector>

#include "tests/histories/history.h"
#include "tests/histories/public_states.h"

// What a history must keep to. Pure functions; each has hand-made histories that it must find something in.
namespace broadsheet::histories {

// The change log as the followers saw it, one after the other: every position from 1 to the head, once, the
// same for everybody.
std::vector<Change> CheckLog(const History& history, Violations& violations);

// Each story's writes are linearizable: there is one order, that of the revisions, in which every
// acknowledged write took effect once, between its beginning and its end, on the revision it expected; no
// refused one did; the others did at most once; and nothing else happened but what was due.
// Also: positions follow that order, across stories too.
void CheckWrites(const History& history, const PublicStates& states, Violations& violations);

// Each answer to a reader is the state after the last commit up to the position that it names, whatever was
// committed or crashed meanwhile; and that position is not older than it was asked to be, nor than any write
// acknowledged before the reader asked, nor than what the same replica had answered to readers before.
void CheckReads(const History& history, const PublicStates& states, Violations& violations);

// Reads that name an older position than any replica had answered to a reader before: allowed while the write
// is not acknowledged, and counted.
std::int64_t CountReadsBehindOtherReplicas(const History& history);

// When a write was acknowledged, no follower with a lease uses the state before it.
void CheckLeases(const History& history, const PublicStates& states, Violations& violations);

// All of it.
Violations Check(const History& history);

}  // namespace broadsheet::histories

#endif  // BROADSHEET_TESTS_HISTORIES_CHECKS_H_
