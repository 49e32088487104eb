#include "libs/http/packed_bytes.h"

#include <string>

#include "gtest/gtest.h"

namespace broadsheet::http {
namespace {

std::string Sample(std::size_t size) {
  std::string bytes;
  while (bytes.size() < size) bytes += std::to_string(bytes.size()) + ' ';
  bytes.resize(size);
  return bytes;
}

TEST(PackedBytes, GiveBackWhatWentIn) {
  constexpr std::size_t kBlock = PackedBytes::kBlockBytes;
  for (const std::size_t size :
       {std::size_t{0}, std::size_t{1}, kBlock - 1, kBlock, kBlock + 1, 5 * kBlock + 77}) {
    const std::string bytes = Sample(size);
    const PackedBytes packed(bytes);
    EXPECT_EQ(packed.size(), size);
    EXPECT_EQ(packed.empty(), size == 0);
    EXPECT_EQ(packed.Joined(), bytes);
    EXPECT_EQ(packed.From(size), "");
  }
}

TEST(PackedBytes, GiveWhatStandsTogetherFromAnyPlace) {
  const std::string bytes = Sample(2 * PackedBytes::kBlockBytes + 100);
  const PackedBytes packed(bytes);
  for (std::size_t offset = 0; offset < bytes.size(); offset += 97) {
    const std::string_view part = packed.From(offset);
    ASSERT_FALSE(part.empty());
    EXPECT_EQ(part, std::string_view(bytes).substr(offset, part.size()));
  }
}

TEST(PackedBytes, CountLittleBesideTheirBytes) {
  EXPECT_LT(PackedBytes(Sample(20'000)).bytes(), 20'100u);
  EXPECT_EQ(PackedBytes("").bytes(), 0u);
}

}  // namespace
}  // namespace broadsheet::http
