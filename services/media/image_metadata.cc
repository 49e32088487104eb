#include "services/media/image_metadata.h"

#include <openssl/evp.h>

#include <algorithm>
#include <cctype>
#include <exception>
#include <exiv2/exiv2.hpp>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "services/media/clean_text.h"
#include "services/media/header_walk.h"
#include "services/media/metadata_limits.h"

namespace broadsheet::media {
namespace {

using namespace std::string_view_literals;

// What one of the three standards says, as UTF-8.
struct Statements {
  std::string caption;
  std::string alt_text;
  std::string credit;
  std::string source;
  std::string creator;
  std::string copyright;
  std::string terms;
};

// ---- XMP

// Whether the packet is safe to hand to a parser that recurses and expands: no document type, no deep
// nesting.
bool IsHarmlessXml(std::string_view packet) {
  constexpr std::size_t kMaxBytes = 1024 * 1024;
  constexpr int kMaxDepth = 64;
  if (packet.size() > kMaxBytes || packet.find("<!DOCTYPE") != packet.npos ||
      packet.find("<!ENTITY") != packet.npos) {
    return false;
  }
  int depth = 0;
  for (std::size_t at = packet.find('<'); at != packet.npos && at + 1 < packet.size();
       at = packet.find('<', at + 1)) {
    const char next = packet[at + 1];
    const std::size_t end = packet.find('>', at);
    if (next == '/') {
      --depth;
    } else if (next != '?' && next != '!' && end != packet.npos && packet[end - 1] != '/') {
      ++depth;
    }
    if (depth > kMaxDepth) return false;
  }
  // UTF-16 and UTF-32 packets are allowed by XMP but written by nobody; they could hide what is looked for
  // above.
  return packet.find('\0') == packet.npos;
}

std::string ChooseLanguage(const Exiv2::LangAltValue& value, absl::string_view language) {
  if (value.value_.empty()) return "";
  for (const auto& [tag, text] : value.value_) {
    if (!language.empty() && absl::EqualsIgnoreCase(tag, language)) return text;
  }
  const auto standard = value.value_.find("x-default");
  return standard != value.value_.end() ? standard->second : value.value_.begin()->second;
}

std::string XmpText(const Exiv2::XmpData& data, const char* key, std::string_view language = "") {
  const auto found = data.findKey(Exiv2::XmpKey(key));
  if (found == data.end()) return "";
  if (const auto* alternatives = dynamic_cast<const Exiv2::LangAltValue*>(&found->value())) {
    return ChooseLanguage(*alternatives, {language.data(), language.size()});
  }
  if (dynamic_cast<const Exiv2::XmpArrayValue*>(&found->value()) == nullptr) return found->toString();
  std::vector<std::string> parts;
  for (int i = 0; i < found->count() && i < 20; ++i) parts.push_back(found->toString(i));
  return absl::StrJoin(parts, ", ");
}

Statements ReadXmp(const std::string& packet, std::string_view language) {
  Exiv2::XmpData data;
  if (packet.empty() || !IsHarmlessXml(packet) || Exiv2::XmpParser::decode(data, packet) != 0) return {};
  Statements xmp;
  xmp.caption = XmpText(data, "Xmp.dc.description", language);
  xmp.alt_text = XmpText(data, "Xmp.iptc.AltTextAccessibility", language);
  xmp.credit = XmpText(data, "Xmp.photoshop.Credit");
  xmp.source = XmpText(data, "Xmp.photoshop.Source");
  xmp.creator = XmpText(data, "Xmp.dc.creator");
  xmp.copyright = XmpText(data, "Xmp.dc.rights", language);
  xmp.terms = XmpText(data, "Xmp.xmpRights.UsageTerms", language);
  if (xmp.terms.empty()) xmp.terms = XmpText(data, "Xmp.xmpRights.WebStatement");
  return xmp;
}

// ---- IPTC-IIM

struct Iim {
  std::string_view datasets;
  std::string_view digest;  // of the datasets as XMP last saw them; empty: not known
};

// Finds the two resources that matter among Photoshop's.
Iim FindIim(const MetadataBlocks& blocks) {
  Iim iim{.datasets = blocks.iim, .digest = {}};
  header::ByteReader reader(blocks.photoshop);
  while (reader.ok() && reader.Bytes(4) == "8BIM") {
    const std::uint16_t id = reader.U16();
    const std::uint8_t name = reader.U8();
    reader.Bytes(name + (name % 2 == 0 ? 1 : 0));
    const std::uint32_t size = reader.U32();
    const std::string_view data = reader.Bytes(size);
    if (!reader.ok()) break;
    if (size % 2 == 1 && !reader.rest().empty()) reader.Bytes(1);
    if (id == 0x0404) iim.datasets = data;
    if (id == 0x0425) iim.digest = data;
  }
  return iim;
}

bool WasEditedAfterXmp(const Iim& iim) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  if (iim.digest.size() != 16 ||
      EVP_Digest(iim.datasets.data(), iim.datasets.size(), digest, &size, EVP_md5(), nullptr) != 1) {
    return false;
  }
  return iim.digest != std::string_view(reinterpret_cast<const char*>(digest), size);
}

std::string IimText(const Exiv2::IptcData& data, const char* key) {
  std::vector<std::string> parts;
  const Exiv2::IptcKey wanted(key);
  for (const Exiv2::Iptcdatum& datum : data) {
    if (datum.tag() == wanted.tag() && datum.record() == wanted.record() && parts.size() < 20) {
      parts.push_back(ToUtf8(datum.toString()));
    }
  }
  return absl::StrJoin(parts, ", ");
}

Statements ReadIim(std::string_view datasets) {
  Exiv2::IptcData data;
  if (datasets.empty() ||
      Exiv2::IptcParser::decode(data, reinterpret_cast<const Exiv2::byte*>(datasets.data()),
                                static_cast<std::uint32_t>(datasets.size())) != 0) {
    return {};
  }
  Statements iim;
  iim.caption = IimText(data, "Iptc.Application2.Caption");
  iim.credit = IimText(data, "Iptc.Application2.Credit");
  iim.source = IimText(data, "Iptc.Application2.Source");
  iim.creator = IimText(data, "Iptc.Application2.Byline");
  iim.copyright = IimText(data, "Iptc.Application2.Copyright");
  return iim;
}

// ---- EXIF

std::string ExifText(const Exiv2::ExifData& data, const char* key) {
  const auto found = data.findKey(Exiv2::ExifKey(key));
  if (found == data.end() || found->typeId() != Exiv2::asciiString) return "";
  const std::string text = found->toString();
  // "photographer NUL editor": the first is the copyright that matters.
  return ToUtf8(std::string_view(text).substr(0, text.find('\0')));
}

Statements ReadExif(std::string_view block) {
  Exiv2::ExifData data;
  if (block.empty()) return {};
  Exiv2::ExifParser::decode(data, reinterpret_cast<const Exiv2::byte*>(block.data()),
                            static_cast<std::uint32_t>(block.size()));
  Statements exif;
  exif.caption = ExifText(data, "Exif.Image.ImageDescription");
  exif.creator =
      absl::StrJoin(absl::StrSplit(ExifText(data, "Exif.Image.Artist"), ';', absl::SkipWhitespace()), ",");
  exif.copyright = ExifText(data, "Exif.Image.Copyright");
  return exif;
}

// ---- The three together

// Runs a reader; what it throws counts as "says nothing". exiv2 throws its own errors and the standard ones.
template <class Reader>
Statements Guarded(Reader reader) {
  try {
    return reader();
  } catch (const std::exception&) {
    return {};
  }
}

struct Precedence {
  Statements xmp;
  Statements iim;
  Statements exif;
  bool iim_is_newer;

  std::string Choose(std::string Statements::*member) const {
    const std::string& by_xmp = xmp.*member;
    const std::string& by_iim = iim.*member;
    // IIM fields are short: one that XMP merely continues was cut, not edited.
    const bool was_cut = !by_iim.empty() && by_xmp.starts_with(by_iim);
    if (iim_is_newer && !by_iim.empty() && !was_cut) return by_iim;
    if (!by_xmp.empty()) return by_xmp;
    return by_iim.empty() ? exif.*member : by_iim;
  }
};

std::string Fit(const std::string& text, std::size_t limit) {
  const std::string clean = CleanText(text);
  return CleanText(CutText(clean, limit));
}

}  // namespace

v1::ImageMetadata ReadMetadata(const MetadataBlocks& blocks, std::string_view language) {
  Exiv2::LogMsg::setLevel(Exiv2::LogMsg::mute);
  const Iim iim = FindIim(blocks);
  const Precedence statements{.xmp = Guarded([&] { return ReadXmp(blocks.xmp, language); }),
                              .iim = Guarded([&] { return ReadIim(iim.datasets); }),
                              .exif = Guarded([&] { return ReadExif(blocks.exif); }),
                              .iim_is_newer = WasEditedAfterXmp(iim)};
  std::string credit = Fit(statements.Choose(&Statements::credit), kMaxCreditLineBytes);
  if (credit.empty()) credit = Fit(statements.Choose(&Statements::source), kMaxCreditLineBytes);
  v1::ImageMetadata metadata;
  metadata.set_caption(Fit(statements.Choose(&Statements::caption), kMaxCaptionBytes));
  metadata.set_alt_text(Fit(statements.Choose(&Statements::alt_text), kMaxAltTextBytes));
  metadata.set_credit_line(credit);
  metadata.set_creator(Fit(statements.Choose(&Statements::creator), kMaxCreatorBytes));
  metadata.set_copyright_notice(Fit(statements.Choose(&Statements::copyright), kMaxCopyrightNoticeBytes));
  metadata.set_usage_terms(Fit(statements.Choose(&Statements::terms), kMaxUsageTermsBytes));
  return metadata;
}

}  // namespace broadsheet::media
