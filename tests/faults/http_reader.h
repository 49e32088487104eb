#ifndef BROADSHEET_TESTS_FAULTS_HTTP_READER_H_
#define BROADSHEET_TESTS_FAULTS_HTTP_READER_H_

#include <cstdint>

#include "tests/faults/report.h"
#include "tests/faults/site.h"

namespace broadsheet::faults {

// Reads pages over HTTP/1.1, plain, compressed and conditional, over `connections` keep-alive connections to
// every gateway, as fast as they are answered, until the site stops. Blocks; call it on a thread.
void ReadOverHttp(Site& site, Report& report, int connections, std::uint64_t seed);

}  // namespace broadsheet::faults

#endif  // BROADSHEET_TESTS_FAULTS_HTTP_READER_H_
