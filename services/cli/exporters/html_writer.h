#ifndef BROADSHEET_SERVICES_CLI_EXPORTERS_HTML_WRITER_H_
#define BROADSHEET_SERVICES_CLI_EXPORTERS_HTML_WRITER_H_

#include <string>

#include "broadsheet/article/v1/article.pb.h"

namespace broadsheet::cli {

// The body as XHTML, each block one line, that ConvertHtml (importers/html_body.h) reads back as the same
// blocks. Pictures and stories are named as in importers/own_uri.h. Text is escaped, so nothing in it becomes
// markup.
std::string WriteHtml(const google::protobuf::RepeatedPtrField<article::v1::Block>& body);

}  // namespace broadsheet::cli

#endif  // BROADSHEET_SERVICES_CLI_EXPORTERS_HTML_WRITER_H_
