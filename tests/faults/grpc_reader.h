#ifndef BROADSHEET_TESTS_FAULTS_GRPC_READER_H_
#define BROADSHEET_TESTS_FAULTS_GRPC_READER_H_

#include <cstdint>

#include "tests/faults/report.h"
#include "tests/faults/site.h"

namespace broadsheet::faults {

// Reads pages through PageService/GetPage, `readers` at a time from every gateway that has a gRPC address, as
// fast as they are answered, until the site stops. Blocks; call it on a thread.
void ReadOverGrpc(Site& site, Report& report, int readers, std::uint64_t seed);

}  // namespace broadsheet::faults

#endif  // BROADSHEET_TESTS_FAULTS_GRPC_READER_H_
