#ifndef BROADSHEET_SERVICES_CLI_IMPORTERS_NITF_H_
#define BROADSHEET_SERVICES_CLI_IMPORTERS_NITF_H_

#include "services/cli/importers/xml_reader.h"

namespace broadsheet::cli {

// The body of a NITF document as HTML elements: its content, then what ends it (taglines). NITF took most of
// its elements from HTML; those that it has of its own become the ones that mean the same: `hl2` a heading,
// `bq` and `credit` a quote with its source, `media` of images a figure. Names of persons, places and the
// like give their text.
XmlElement NitfToHtml(const XmlElement& nitf);

// The headline (`hl1`), byline and place line in the head of the body, each one line; empty if there is none.
std::string NitfHeadline(const XmlElement& nitf);
std::string NitfByline(const XmlElement& nitf);
std::string NitfLocation(const XmlElement& nitf);

}  // namespace broadsheet::cli

#endif  // BROADSHEET_SERVICES_CLI_IMPORTERS_NITF_H_
