#include "libs/testing/redis_cli.h"

#include <cstdio>
#include <fstream>
#include <sstream>

#include "libs/testing/child_process.h"

namespace broadsheet::test {

std::string RedisCli(const std::vector<std::string>& where, const std::vector<std::string>& command,
                     const std::string& file) {
  std::vector<std::string> line = {"/usr/bin/redis-cli"};
  line.insert(line.end(), where.begin(), where.end());
  line.insert(line.end(), command.begin(), command.end());
  std::remove(file.c_str());
  ChildProcess process(line, file);
  process.Wait(absl::Seconds(10));
  std::ostringstream text;
  text << std::ifstream(file).rdbuf();
  std::string output = text.str();
  while (!output.empty() && output.back() == '\n') output.pop_back();
  return output;
}

}  // namespace broadsheet::test
