#ifndef BROADSHEET_SERVICES_GATEWAY_RENDERER_TEASER_H_
#define BROADSHEET_SERVICES_GATEWAY_RENDERER_TEASER_H_

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "services/gateway/renderer/page_model.h"
#include "services/gateway/renderer/picture.h"
#include "services/gateway/renderer/values.h"

namespace broadsheet::gateway {

// What teasers of one page have in common.
struct TeaserContext {
  const Site& site;
  const std::vector<article::v1::Section>& sections;
  const std::map<std::string, article::v1::Author>* authors = nullptr;  // null: teasers name no authors
  const ImagesById* images = nullptr;                                   // null: teasers have no pictures
  std::string page_language;
  std::optional<absl::Time> edition_date;  // teasers of that day show the time of day, others the date
};

// What one teaser shows beside its headline.
struct TeaserParts {
  std::optional<PictureUse> picture;
  bool trail_text = false;
  bool section_label = false;  // in place of a kicker the story does not have
  bool authors = false;
};

// Values of teaser.html.
Values TeaserValues(const article::v1::Article& article, const TeaserContext& context,
                    const TeaserParts& parts);

// Adds an entry NAME with its place in a list (FIRST, MIDDLE, LAST sections), so that templates can write "A,
// B and C".
Values& AddListEntry(Values& values, absl::string_view name, int index, int count);

// The section's printed name; empty if it is not known.
std::string SectionName(const std::vector<article::v1::Section>& sections, absl::string_view section_id);

// Trail text, or in its absence the standfirst.
const std::string& TrailText(const article::v1::Article& article);

// The ten most-read stories, as the file MOST_READ, or nothing.
void AddMostRead(Values& values, const Teasers& stories, const TeaserContext& context);

}  // namespace broadsheet::gateway

#endif  // BROADSHEET_SERVICES_GATEWAY_RENDERER_TEASER_H_
