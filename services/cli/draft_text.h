#ifndef BROADSHEET_SERVICES_CLI_DRAFT_TEXT_H_
#define BROADSHEET_SERVICES_CLI_DRAFT_TEXT_H_

#include <string>

#include "broadsheet/article/v1/editorial_service.pb.h"

// A story as text for a person. Pure.
namespace broadsheet::cli {

// "published", "draft", "published, newer draft", "scheduled for …", "withheld", ….
std::string DescribeState(const article::v1::Draft& draft);

// Head and body of a story, many lines, ending in a newline.
std::string DescribeDraft(const article::v1::Draft& draft);

// One block as text, without marks; ends in a newline.
std::string DescribeBlock(const article::v1::Block& block);

// The message as JSON, with the proto's field names, on one line or several.
std::string ToJson(const google::protobuf::Message& message, bool one_line);

}  // namespace broadsheet::cli

#endif  // BROADSHEET_SERVICES_CLI_DRAFT_TEXT_H_
