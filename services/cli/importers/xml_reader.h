#ifndef BROADSHEET_SERVICES_CLI_IMPORTERS_XML_READER_H_
#define BROADSHEET_SERVICES_CLI_IMPORTERS_XML_READER_H_

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <set>
#include <string>

#include "services/cli/importers/html_dom.h"
#include "services/cli/importers/problems.h"

namespace broadsheet::cli {

// An element with all that is in it. Names keep their case. One of a namespace that the importers know has
// that namespace's usual prefix, whatever the file calls it: `content:encoded`, `dc:creator`, `wp:status`;
// elements of HTML, Atom, NewsML and NITF have none. Of other namespaces the prefix is the file's.
using XmlElement = HtmlNode;

// Reads an XML file as a stream and hands each element named in `whole` over with all that is in it, and the
// line it begins at; others are entered. An element within one handed over is not handed over again. Holds
// one element at a time, up to 32 MiB. Nothing outside of the file is ever read, and a file that declares
// entities of its own is refused, so a small file cannot become a large one. Reports what is wrong with the
// file, at its line, and returns false; what came before has been handed over. `position`, if given, is kept
// at how many bytes of the file have been read.
bool ReadXml(const std::filesystem::path& file, const std::string& shown_as,
             const std::set<std::string>& whole,
             const std::function<void(const XmlElement& element, int line)>& use, Problems& problems,
             std::uint64_t* position = nullptr);

// What a document begins with.
struct XmlRoot {
  std::string name;
  bool declares_wordpress = false;  // the namespace of WordPress exports
};

// Reads no further than that; nothing, after a report, if the file is not XML.
std::optional<XmlRoot> ReadXmlRoot(const std::filesystem::path& file, const std::string& shown_as,
                                   Problems& problems);

// The first child of that name; null if there is none.
const XmlElement* ChildOf(const XmlElement& element, absl::string_view name);
// Its text, without white space around it; empty if there is none.
std::string ChildText(const XmlElement& element, absl::string_view name);

}  // namespace broadsheet::cli

#endif  // BROADSHEET_SERVICES_CLI_IMPORTERS_XML_READER_H_
