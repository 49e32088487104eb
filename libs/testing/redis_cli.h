#ifndef BROADSHEET_LIBS_TESTING_REDIS_CLI_H_
#define BROADSHEET_LIBS_TESTING_REDIS_CLI_H_

#include <string>
#include <vector>

namespace broadsheet::test {

// Runs one command through redis-cli; its output without the final line break. `where`: redis-cli's options.
// `file` is overwritten.
std::string RedisCli(const std::vector<std::string>& where, const std::vector<std::string>& command,
                     const std::string& file);

}  // namespace broadsheet::test

#endif  // BROADSHEET_LIBS_TESTING_REDIS_CLI_H_
