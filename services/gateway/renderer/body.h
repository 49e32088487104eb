#ifndef BROADSHEET_SERVICES_GATEWAY_RENDERER_BODY_H_
#define BROADSHEET_SERVICES_GATEWAY_RENDERER_BODY_H_

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "broadsheet/article/v1/article.pb.h"
#include "services/gateway/renderer/links.h"
#include "services/gateway/renderer/values.h"
#include "services/gateway/renderer/words.h"

namespace broadsheet::gateway {

// What a body needs from around it.
struct BodyContext {
  LinkTargets links;
  const Words& words;  // of printed times
  absl::TimeZone time_zone;
  // Writes a picture with its caption.
  std::function<Markup(const article::v1::ImageReference&)> figure;
  // Of printed times, if it is not that of the text; otherwise empty.
  std::string time_language = {};
  int moment_level = 3;  // of the headings of a live story's moments
};

// An entry of the table of contents.
struct ContentsEntry {
  int level = 2;       // 2 or 3
  std::string anchor;  // the id of the heading's element
  std::string text;
};

// A moment of a live story with the blocks that belong to it.
struct Moment {
  std::string anchor;  // the id of its element
  std::optional<absl::Time> time;
  std::string headline;
  bool key = false;   // see article.v1.KeyEvent
  std::string words;  // of its blocks, for machines; only the first if they are many
  Markup markup;      // one <article>, see moments.h
};

struct Body {
  Markup markup;  // of a live story: its introduction
  std::vector<ContentsEntry> contents;
  std::vector<Moment> moments;  // the latest first, see article.v1.KeyEvent; empty: the story is not live
};

// The blocks of a story as HTML, in order but for moments. Pure; total: a block whose kind is not known, or
// which is empty, is skipped; lists end at four levels; heading levels are adjusted so that none is left out.
Body WriteBody(const google::protobuf::RepeatedPtrField<article::v1::Block>& blocks,
               const BodyContext& context);

}  // namespace broadsheet::gateway

#endif  // BROADSHEET_SERVICES_GATEWAY_RENDERER_BODY_H_
