#ifndef BROADSHEET_SERVICES_GATEWAY_RENDERER_RICH_TEXT_H_
#define BROADSHEET_SERVICES_GATEWAY_RENDERER_RICH_TEXT_H_

#include <string>
#include <vector>

#include "broadsheet/article/v1/article.pb.h"
#include "services/gateway/renderer/links.h"

// Text with marked ranges, written as HTML phrasing content. Pure functions; any value of a RichText is
// survived: ranges that are empty, out of bounds or inside a character are ignored, crossing ones are cut at
// the end of the outer one.
namespace broadsheet::gateway {

std::string RichTextHtml(const article::v1::RichText& rich, const LinkTargets& targets);

// The parts between newlines, each with its share of the ranges; empty ones are left out.
std::vector<article::v1::RichText> SplitLines(const article::v1::RichText& rich);

}  // namespace broadsheet::gateway

#endif  // BROADSHEET_SERVICES_GATEWAY_RENDERER_RICH_TEXT_H_
