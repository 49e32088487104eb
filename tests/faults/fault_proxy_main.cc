// TCP proxies that break what passes through them on command.
//
//   fault_proxy PORT…      passes to each of these ports of the loopback; prints one line with the ports it
//   listens
//                          on instead, in the same order
// Commands on standard input, each answered with "ok": `INDEX MODE [MILLISECONDS]`, see FaultProxy::Mode.
// Ends at the end of its input.

#include <csignal>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "tests/faults/fault_proxy.h"

int main(int argc, char** argv) {
  using broadsheet::faults::FaultProxy;
  std::signal(SIGPIPE, SIG_IGN);
  std::vector<std::unique_ptr<FaultProxy>> proxies;
  for (int i = 1; i < argc; ++i) {
    proxies.push_back(std::make_unique<FaultProxy>(std::atoi(argv[i])));
    std::cout << (i > 1 ? " " : "") << proxies.back()->port();
  }
  std::cout << std::endl;
  std::string line;
  while (std::getline(std::cin, line)) {
    std::istringstream words(line);
    std::size_t index = 0;
    std::string name;
    int milliseconds = 0;
    words >> index >> name >> milliseconds;
    const auto mode = FaultProxy::ParseMode(name);
    if (!mode || index >= proxies.size()) {
      std::cout << "not a command" << std::endl;
      continue;
    }
    proxies[index]->SetMode(*mode, absl::Milliseconds(milliseconds));
    std::cout << "ok" << std::endl;
  }
  return 0;
}
