#ifndef BROADSHEET_LIBS_TESTING_FREE_PORT_H_
#define BROADSHEET_LIBS_TESTING_FREE_PORT_H_

namespace broadsheet::test {

// A TCP port of the loopback that was free a moment ago: for programs that cannot take port 0, or for a
// server that is to come back at the same port. It is none of those that the kernel by default gives to
// clients and for port 0: while the server is away one of them would take it, or a client that tries to
// connect to it again and again would in the end be connected to itself. Prefer port 0.
int FreePort();

}  // namespace broadsheet::test

#endif  // BROADSHEET_LIBS_TESTING_FREE_PORT_H_
