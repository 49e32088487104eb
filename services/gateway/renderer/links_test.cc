#include "services/gateway/renderer/links.h"

#include <gtest/gtest.h>

namespace broadsheet::gateway {
namespace {

TEST(Links, WebMailAndSiteAddressesAreAllowed) {
  for (const char* url :
       {"https://a.example/b?c=d&e#f", "http://a.example", "HTTPS://a.example", "mailto:desk@a.example",
        "/harbour/2026/11/x", "/", "https://[::1]/", "https://münchen.example/"}) {
    EXPECT_EQ(AllowedUrl(url), url);
  }
}

TEST(Links, EverythingElseIsRefused) {
  for (const char* url : {"",
                          "javascript:alert(1)",
                          "JaVaScRiPt:alert(1)",
                          "data:text/html,x",
                          "vbscript:x",
                          "//evil.example",
                          "/\\evil.example",
                          "\\\\evil",
                          "https:evil",
                          "https://",
                          "https:///x",
                          " https://a.example",
                          "java\nscript:alert(1)",
                          "java\tscript:x",
                          "\x01javascript:x",
                          "relative/path",
                          "#anchor",
                          "mailto:",
                          "ftp://a.example",
                          "file:///etc/passwd",
                          "blob:https://a.example/x",
                          "https://a.example/\xFF"}) {
    EXPECT_EQ(AllowedUrl(url), std::nullopt) << url;
  }
  EXPECT_EQ(AllowedUrl("/" + std::string(5000, 'a')), std::nullopt);
}

TEST(Links, CharactersThatNoAddressMayHoldAreEncoded) {
  EXPECT_EQ(AllowedUrl("https://a.example/\"><b>{|}^`"), "https://a.example/%22%3E%3Cb%3E%7B%7C%7D%5E%60");
  EXPECT_EQ(AllowedUrl("/100%/ok%20/%zz"), "/100%25/ok%20/%25zz");
  EXPECT_EQ(AllowedUrl("/a#b#c"), "/a#b%23c");
}

TEST(Links, OtherSitesAreExternal) {
  EXPECT_TRUE(IsExternal("https://other.example/", "https://site.example"));
  EXPECT_TRUE(IsExternal("https://site.example.evil/", "https://site.example"));
  EXPECT_TRUE(IsExternal("https://site.example@evil.example/", "https://site.example"));
  EXPECT_FALSE(IsExternal("https://site.example/x", "https://site.example"));
  EXPECT_FALSE(IsExternal("/x", "https://site.example"));
  EXPECT_FALSE(IsExternal("mailto:a@b.example", "https://site.example"));
}

TEST(Links, PathsAreEncodedAndNeverLeaveTheSite) {
  EXPECT_EQ(PathReference("/culture/café, au lait"), "/culture/caf%C3%A9%2C%20au%20lait");
  for (const char* path : {"", "x", "//evil.example/x", "/\\evil.example", "javascript:x"})
    EXPECT_EQ(PathReference(path), "/");
}

}  // namespace
}  // namespace broadsheet::gateway
