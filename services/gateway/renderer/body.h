#ifndef BROADSHEET_SERVICES_GATEWAY_RENDERER_BODY_H_
#define BROADSHEET_SERVICES_GATEWAY_RENDERER_BODY_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "broadsheet/article/v1/article.pb.h"
#include "services/gateway/renderer/links.h"
#include "services/gateway/renderer/values.h"

namespace broadsheet::gateway {

// What a body needs from around it.
struct BodyContext {
  LinkTargets links;
  absl::TimeZone time_zone;
  // Writes a picture with its caption.
  std::function<Markup(const article::v1::ImageReference&)> figure;
};

// An entry of the table of contents.
struct ContentsEntry {
  int level = 2;       // 2 or 3
  std::string anchor;  // the id of the heading's element
  std::string text;
};

struct Body {
  Markup markup;
  std::vector<ContentsEntry> contents;
};

// The blocks of a story as HTML, in order. Pure; total: a block whose kind is not known, or which is empty,
// is skipped; lists end at four levels; heading levels are adjusted so that none is left out.
Body WriteBody(const google::protobuf::RepeatedPtrField<article::v1::Block>& blocks,
               const BodyContext& context);

}  // namespace broadsheet::gateway

#endif  // BROADSHEET_SERVICES_GATEWAY_RENDERER_BODY_H_
