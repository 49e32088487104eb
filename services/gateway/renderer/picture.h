#ifndef BROADSHEET_SERVICES_GATEWAY_RENDERER_PICTURE_H_
#define BROADSHEET_SERVICES_GATEWAY_RENDERER_PICTURE_H_

#include <string>

#include "absl/strings/string_view.h"
#include "services/gateway/renderer/page_model.h"
#include "services/gateway/renderer/values.h"

// Pictures as HTML. Pure functions.
namespace broadsheet::gateway {

// How a picture stands in a page.
struct PictureUse {
  absl::string_view sizes;  // the img element's `sizes`: how wide it is shown
  bool eager = false;       // seen at once: fetched first; others are fetched when they come near
  bool cropped = false;     // cut to the frame that the style sheet gives it, around its focal point
  bool decorative = false;  // beside a text that says the same: no text alternative
};

// A picture as used in a story: what the story leaves open comes from the library.
struct ResolvedPicture {
  const media::v1::Image* image = nullptr;  // null: missing, or without a rendition that can be shown
  std::string alt_text;
  std::string caption;
  std::string credit;
  std::string caption_language;  // empty: that of the story
};
ResolvedPicture Resolve(const article::v1::ImageReference& reference, const ImagesById& images);

// The <picture> element; for a missing picture a slot that shows its text alternative.
Markup PictureMarkup(const ResolvedPicture& picture, const Site& site, const PictureUse& use);

// Values of figure.html: picture, caption, credit.
Values FigureValues(const ResolvedPicture& picture, const Site& site, const PictureUse& use);

// The largest JPEG rendition up to `max_width`, else the smallest one; null if there is none.
const media::v1::Rendition* BestRendition(const media::v1::Image& image, int max_width);
std::string RenditionUrl(const Site& site, const media::v1::Rendition& rendition);
// The same with scheme and host, for feeds and metadata.
std::string AbsoluteRenditionUrl(const Site& site, const media::v1::Rendition& rendition);

}  // namespace broadsheet::gateway

#endif  // BROADSHEET_SERVICES_GATEWAY_RENDERER_PICTURE_H_
