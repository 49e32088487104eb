#ifndef BROADSHEET_LIBS_TESTING_FREE_PORT_H_
#define BROADSHEET_LIBS_TESTING_FREE_PORT_H_

namespace broadsheet::test {

// A TCP port of the loopback that was free a moment ago: for programs that cannot take port 0, or for a
// server that is to come back at the same port. Prefer port 0.
int FreePort();

}  // namespace broadsheet::test

#endif  // BROADSHEET_LIBS_TESTING_FREE_PORT_H_
