// stale_front PORT MILLISECONDS: a cache in front of a gateway's HTTP port that breaks the promise of
// freshness. Prints the port it listens on; ends at the end of its input.

#include <csignal>
#include <cstdlib>
#include <iostream>
#include <string>

#include "tests/faults/stale_front.h"

int main(int argc, char** argv) {
  if (argc != 3) {
    std::cerr << "usage: stale_front PORT MILLISECONDS" << std::endl;
    return 2;
  }
  std::signal(SIGPIPE, SIG_IGN);
  const broadsheet::faults::StaleFront front(std::atoi(argv[1]), absl::Milliseconds(std::atoi(argv[2])));
  std::cout << front.port() << std::endl;
  std::string line;
  while (std::getline(std::cin, line)) {
  }
  return 0;
}
