#include "services/cli/gateway_addresses.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace broadsheet::cli {
namespace {

using testing::Contains;
using testing::ElementsAre;

TEST(GatewayAddresses, AreThoseOfEveryTargetEachOnce) {
  EXPECT_THAT(GatewayAddresses("127.0.0.1:8081,dns:///127.0.0.2:81,127.0.0.1:8081").value(),
              ElementsAre("127.0.0.1:8081", "127.0.0.2:81"));
  EXPECT_THAT(GatewayAddresses("[::1]:8081").value(), ElementsAre("[::1]:8081"));
}

TEST(GatewayAddresses, AreThoseThatANameHas) {
  EXPECT_THAT(GatewayAddresses("localhost:8081").value(), Contains("127.0.0.1:8081"));
}

TEST(GatewayAddresses, OfOtherFormsAreOneGateway) {
  EXPECT_THAT(GatewayAddresses("unix:/tmp/gateway").value(), ElementsAre("unix:/tmp/gateway"));
  EXPECT_THAT(GatewayAddresses("ipv4:10.0.0.1:8081").value(), ElementsAre("ipv4:10.0.0.1:8081"));
}

TEST(GatewayAddresses, MustBeTargetsAndNotTooMany) {
  for (const char* target : {"", "gateway", "gateway:", ":8081", "127.0.0.1:8081,"})
    EXPECT_EQ(GatewayAddresses(target).status().code(), absl::StatusCode::kInvalidArgument) << target;
  // No name may have so long a part, so nobody is asked for it.
  EXPECT_EQ(GatewayAddresses(std::string(64, 'a') + ".example:8081").status().code(),
            absl::StatusCode::kUnavailable);
  std::string many = "127.0.0.1:1";
  for (std::size_t i = 2; i <= kMaxGateways; ++i) absl::StrAppend(&many, ",127.0.0.1:", i);
  EXPECT_EQ(GatewayAddresses(many)->size(), kMaxGateways);
  EXPECT_EQ(GatewayAddresses(many + ",127.0.0.1:9999").status().code(), absl::StatusCode::kOutOfRange);
}

}  // namespace
}  // namespace broadsheet::cli
