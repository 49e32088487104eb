#include "libs/http/uri.h"

#include <gtest/gtest.h>

#include <string>

namespace broadsheet::http {
namespace {

TEST(Uri, OnlyWhatMayStandInAPathIsLeftAsItIs) {
  EXPECT_EQ(EncodePath("/a-b._~/!$&'()*+,;=:@"), "/a-b._~/!$&'()*+,;=:@");
  EXPECT_EQ(EncodePath("/a b?#[]%\""), "/a%20b%3F%23%5B%5D%25%22");
  EXPECT_EQ(EncodePath("/caf\xC3\xA9\n"), "/caf%C3%A9%0A");
  EXPECT_EQ(EncodePath(""), "");
}

TEST(Uri, AQueryComponentKeepsNoDelimiters) {
  EXPECT_EQ(EncodeQueryComponent("a/b&c=d+e"), "a%2Fb%26c%3Dd%2Be");
  EXPECT_EQ(DecodeQueryComponent(EncodeQueryComponent("a/b&c=d+e\xC3\xA9")), "a/b&c=d+e\xC3\xA9");
}

TEST(Uri, Utf8IsToldFromOtherBytesWhereverItStands) {
  for (std::size_t before = 0; before <= 17; ++before) {
    for (std::size_t after = 0; after <= 9; ++after) {
      const std::string start(before, 'a'), end(after, 'b');
      for (const char* valid : {"", "\xC2\x80", "\xE2\x82\xAC", "\xF0\x9F\x98\x80", "\xC3\xA9\xC3\xA9"})
        EXPECT_TRUE(IsValidUtf8(start + valid + end)) << before << " " << after;
      for (const char* broken : {"\x80", "\xC0\xAF", "\xE2\x82", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xFF"})
        EXPECT_FALSE(IsValidUtf8(start + broken + end)) << before << " " << after;
    }
  }
}

}  // namespace
}  // namespace broadsheet::http
