#include "libs/http/packed_bytes.h"

#include <memory>
#include <string>
#include <string_view>
#include <utility>

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

TEST(PackedBytes, MayBeAPartOfWhatSomebodyOwns) {
  const auto owner = std::make_shared<const std::string>(Sample(3 * PackedBytes::kBlockBytes));
  const std::string expected = owner->substr(100, 20'000);
  PackedBytes packed(OwnedBytes{owner, std::string_view(*owner).substr(100, 20'000)});
  EXPECT_EQ(packed.From(0).data(), owner->data() + 100) << "nothing is copied";
  EXPECT_EQ(packed.From(19'000), expected.substr(19'000));
  EXPECT_EQ(packed.From(20'000), "");
  EXPECT_GE(packed.bytes(), owner->size()) << "the whole is held";
  const PackedBytes moved = std::move(packed);
  EXPECT_EQ(owner.use_count(), 2);
  EXPECT_EQ(moved.Joined(), expected);
  EXPECT_NE(PackedBytes(OwnedBytes{nullptr, expected}).From(0).data(), expected.data()) << "nobody keeps it";
}

TEST(PackedBytes, CountLittleBesideTheirBytes) {
  EXPECT_LT(PackedBytes(Sample(20'000)).bytes(), 20'100u);
  EXPECT_EQ(PackedBytes("").bytes(), 0u);
}

}  // namespace
}  // namespace broadsheet::http
