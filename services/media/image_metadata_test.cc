#include "services/media/image_metadata.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "absl/strings/str_join.h"
#include "google/protobuf/struct.pb.h"
#include "google/protobuf/util/json_util.h"
#include "services/media/test_pictures.h"

namespace broadsheet::media {
namespace {

using namespace std::string_literals;

constexpr char kXmpCredit[] = "<photoshop:Credit>By XMP</photoshop:Credit>";

v1::ImageMetadata MetadataOf(const std::string& file, std::string_view language = "") {
  const absl::StatusOr<ImageHeader> header = ReadImageHeader(file);
  EXPECT_TRUE(header.ok()) << header.status();
  return header.ok() ? ReadMetadata(header->metadata, language) : v1::ImageMetadata();
}

v1::ImageMetadata MetadataOf(std::initializer_list<std::string> segments, std::string_view language = "") {
  return MetadataOf(test::WithSegments(test::Jpeg(16, 16), segments), language);
}

TEST(ImageMetadata, ReadsEveryFieldFromXmp) {
  const v1::ImageMetadata metadata = MetadataOf({test::XmpSegment(test::Xmp(
      "<dc:description><rdf:Alt><rdf:li xml:lang='x-default'>Voters queue</rdf:li></rdf:Alt></dc:description>"
      "<dc:rights><rdf:Alt><rdf:li xml:lang='x-default'>© 2026 ABP</rdf:li></rdf:Alt></dc:rights>"
      "<dc:creator><rdf:Seq><rdf:li>Rhea Sharma</rdf:li><rdf:li>Second Person</rdf:li></rdf:Seq></dc:creator>"
      "<Iptc4xmpCore:AltTextAccessibility><rdf:Alt><rdf:li xml:lang='x-default'>A line of people</rdf:li>"
      "</rdf:Alt></Iptc4xmpCore:AltTextAccessibility>"
      "<xmpRights:UsageTerms><rdf:Alt><rdf:li "
      "xml:lang='x-default'>Once</rdf:li></rdf:Alt></xmpRights:UsageTerms>"
      "<photoshop:Credit>ABP News</photoshop:Credit>"))});
  EXPECT_EQ(metadata.caption(), "Voters queue");
  EXPECT_EQ(metadata.alt_text(), "A line of people");
  EXPECT_EQ(metadata.credit_line(), "ABP News");
  EXPECT_EQ(metadata.creator(), "Rhea Sharma, Second Person");
  EXPECT_EQ(metadata.copyright_notice(), "© 2026 ABP");
  EXPECT_EQ(metadata.usage_terms(), "Once");
}

TEST(ImageMetadata, ChoosesTheLanguageAskedFor) {
  const std::string xmp =
      test::XmpSegment(test::Xmp("<dc:description><rdf:Alt><rdf:li xml:lang='x-default'>Queue</rdf:li>"
                                 "<rdf:li xml:lang='hi'>कतार</rdf:li></rdf:Alt></dc:description>"));
  EXPECT_EQ(MetadataOf({xmp}).caption(), "Queue");
  EXPECT_EQ(MetadataOf({xmp}, "hi").caption(), "कतार");
  EXPECT_EQ(MetadataOf({xmp}, "fr").caption(), "Queue");
}

TEST(ImageMetadata, ReadsIptc) {
  const v1::ImageMetadata metadata =
      MetadataOf({test::PhotoshopSegment(test::Iim({{1, 90, "\x1b%G"},
                                                    {2, 80, "Rhea Sharma"},
                                                    {2, 80, "Second Person"},
                                                    {2, 110, "ABP News"},
                                                    {2, 116, "© 2026"},
                                                    {2, 120, "Voters queue"}}))});
  EXPECT_EQ(metadata.caption(), "Voters queue");
  EXPECT_EQ(metadata.credit_line(), "ABP News");
  EXPECT_EQ(metadata.creator(), "Rhea Sharma, Second Person");
  EXPECT_EQ(metadata.copyright_notice(), "© 2026");
}

TEST(ImageMetadata, TakesUnmarkedIptcForWindows1252WhenItIsNotUtf8) {
  EXPECT_EQ(MetadataOf({test::PhotoshopSegment(test::Iim({{2, 80, "Jos\xe9 M\xfcller"}}))}).creator(),
            "José Müller");
  EXPECT_EQ(MetadataOf({test::PhotoshopSegment(test::Iim({{2, 80, "José"}}))}).creator(), "José");
}

TEST(ImageMetadata, ReadsExif) {
  const v1::ImageMetadata metadata = MetadataOf({test::ExifSegment(
      test::Exif({{0x010e, "Voters queue"}, {0x013b, "Rhea Sharma; Second"}, {0x8298, "© 2026"}}))});
  EXPECT_EQ(metadata.caption(), "Voters queue");
  EXPECT_EQ(metadata.creator(), "Rhea Sharma, Second");
  EXPECT_EQ(metadata.copyright_notice(), "© 2026");
}

TEST(ImageMetadata, XmpWinsOverIptcWithoutADigest) {
  const std::string iim = test::Iim({{2, 110, "By IPTC"}});
  EXPECT_EQ(MetadataOf({test::XmpSegment(test::Xmp(kXmpCredit)), test::PhotoshopSegment(iim)}).credit_line(),
            "By XMP");
}

TEST(ImageMetadata, XmpWinsOverIptcWhenTheDigestAgrees) {
  const std::string iim = test::Iim({{2, 110, "By IPTC"}});
  const std::string xmp = test::XmpSegment(test::Xmp(kXmpCredit));
  EXPECT_EQ(MetadataOf({xmp, test::PhotoshopSegment(iim, test::Md5(iim))}).credit_line(), "By XMP");
}

TEST(ImageMetadata, IptcWinsWhenItWasEditedAfterXmp) {
  const std::string iim = test::Iim({{2, 110, "By IPTC"}});
  const std::string xmp = test::XmpSegment(test::Xmp(kXmpCredit));
  EXPECT_EQ(MetadataOf({xmp, test::PhotoshopSegment(iim, test::Md5("earlier"))}).credit_line(), "By IPTC");
}

TEST(ImageMetadata, IptcThatWasOnlyCutShortDoesNotWin) {
  const std::string iim = test::Iim({{2, 110, "A credit line of just 32 bytes.."}});
  const std::string xmp = test::XmpSegment(
      test::Xmp("<photoshop:Credit>A credit line of just 32 bytes.. and more</photoshop:Credit>"));
  EXPECT_EQ(MetadataOf({xmp, test::PhotoshopSegment(iim, test::Md5("earlier"))}).credit_line(),
            "A credit line of just 32 bytes.. and more");
}

TEST(ImageMetadata, ExifComesLast) {
  const std::string exif = test::ExifSegment(test::Exif({{0x013b, "By EXIF"}}));
  EXPECT_EQ(MetadataOf({exif, test::PhotoshopSegment(test::Iim({{2, 80, "By IPTC"}}))}).creator(), "By IPTC");
}

TEST(ImageMetadata, CreditFallsBackOnTheSource) {
  EXPECT_EQ(MetadataOf({test::PhotoshopSegment(test::Iim({{2, 115, "Agency"}}))}).credit_line(), "Agency");
  EXPECT_EQ(
      MetadataOf({test::PhotoshopSegment(test::Iim({{2, 110, "Credit"}, {2, 115, "Agency"}}))}).credit_line(),
      "Credit");
}

TEST(ImageMetadata, HostileTextIsCleanedAndCut) {
  const v1::ImageMetadata metadata =
      MetadataOf({test::PhotoshopSegment(test::Iim({{1, 90, "\x1b%G"},
                                                    {2, 110, "ABP \u202eSWEN\u202c\0\x07 News"s},
                                                    {2, 120, std::string(31'000, 'A')}}))});
  EXPECT_EQ(metadata.credit_line(), "ABP SWEN News");
  EXPECT_EQ(metadata.caption().size(), 2'000u);
}

TEST(ImageMetadata, DeclaredEntitiesAreNeverExpanded) {
  const std::string packet = "<?xml version='1.0'?><!DOCTYPE x [<!ENTITY f SYSTEM 'file:///etc/hostname'>]>" +
                             test::Xmp("<photoshop:Credit>&f;</photoshop:Credit>");
  EXPECT_EQ(MetadataOf({test::XmpSegment(packet)}).credit_line(), "");
}

TEST(ImageMetadata, DeepNestingCountsAsAbsent) {
  std::string deep;
  for (int i = 0; i < 500; ++i) deep += "<rdf:Bag><rdf:li>";
  EXPECT_EQ(MetadataOf({test::XmpSegment(test::Xmp(kXmpCredit + deep))}).credit_line(), "");
}

TEST(ImageMetadata, DamagedBlocksCountAsAbsent) {
  EXPECT_EQ(
      MetadataOf({test::XmpSegment("<x:xmpmeta"), test::PhotoshopSegment("\x1c\x02\x6e\x80\x04\x7f\xff"),
                  test::ExifSegment("II*\0\xff\xff\xff\xff"s)})
          .SerializeAsString(),
      "");
}

TEST(ImageMetadata, AgreesWithTheExpectationsForRealFiles) {
  BROADSHEET_NEEDS_SHARED_PICTURES();
  const std::string folder = *broadsheet::media::test::SharedPictures();
  google::protobuf::Struct expected;
  const std::string json = test::ReadFile(folder + "/metadata/expected.json");
  ASSERT_TRUE(google::protobuf::util::JsonStringToMessage(json, &expected).ok());
  int checked = 0;
  for (const auto& [file, values] : expected.fields()) {
    SCOPED_TRACE(file);
    const v1::ImageMetadata metadata = MetadataOf(test::ReadFile(folder + "/metadata/" + file));
    const std::map<std::string, std::string> ours = {{"credit", metadata.credit_line()},
                                                     {"source", metadata.credit_line()},
                                                     {"copyright", metadata.copyright_notice()},
                                                     {"caption", metadata.caption()},
                                                     {"alt", metadata.alt_text()}};
    for (const auto& [key, value] : values.struct_value().fields()) {
      if (value.kind_case() != google::protobuf::Value::kStringValue || !ours.contains(key)) continue;
      EXPECT_EQ(ours.at(key), value.string_value()) << key;
      ++checked;
    }
    const auto creators = values.struct_value().fields().find("creators");
    if (creators == values.struct_value().fields().end()) continue;
    std::vector<std::string> names;
    for (const auto& creator : creators->second.list_value().values())
      names.push_back(creator.string_value());
    EXPECT_EQ(metadata.creator(), absl::StrJoin(names, ", "));
  }
  EXPECT_GE(checked, 34);
}

}  // namespace
}  // namespace broadsheet::media
