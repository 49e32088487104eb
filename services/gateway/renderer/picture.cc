#include "services/gateway/renderer/picture.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "services/gateway/renderer/links.h"
#include "services/gateway/renderer/text.h"

namespace broadsheet::gateway {
namespace {

using media::v1::Image;
using media::v1::Rendition;

constexpr int kPreferredWidth = 960;

bool IsShown(const Rendition& rendition) {
  return rendition.width() > 0 && rendition.height() > 0 && IsReferable(rendition.path());
}

std::string SourceSet(const Image& image, absl::string_view media_type, const Site& site) {
  std::string set;
  for (const Rendition& rendition : image.renditions()) {
    if (rendition.media_type() != media_type || !IsShown(rendition)) continue;
    absl::StrAppend(&set, set.empty() ? "" : ", ", RenditionUrl(site, rendition), " ", rendition.width(),
                    "w");
  }
  return set;
}

// Style attributes are forbidden by the pages' own policy, so the placeholder colour is one of 64 classes:
// two bits of red, green and blue each.
std::string PlaceholderClass(const Image& image) {
  const std::string& color = image.placeholder_color();
  const bool valid =
      color.size() == 7 && color[0] == '#' &&
      std::all_of(color.begin() + 1, color.end(), [](unsigned char c) { return absl::ascii_isxdigit(c); });
  if (!valid) return "ph";
  std::string name = "ph ph-";
  for (size_t i = 1; i < color.size(); i += 2) {
    absl::StrAppend(&name, std::stoi(color.substr(i, 2), nullptr, 16) / 64);
  }
  return name;
}

// Likewise the focal point: the nearest of five steps in each direction.
std::string FocusAttribute(const Image& image) {
  if (!image.metadata().has_focal_point()) return "";
  const auto step = [](double at) { return at >= 0 && at <= 1 ? static_cast<int>(std::lround(at * 4)) : 2; };
  const media::v1::FocalPoint& point = image.metadata().focal_point();
  return absl::StrCat(" data-focus=\"", step(point.x()), "-", step(point.y()), "\"");
}

const std::string& FirstOf(const std::string& own, const std::string& other) {
  return own.empty() ? other : own;
}

std::string MissingPicture(absl::string_view alt_text) {
  if (alt_text.empty()) return "<span class=\"picture-missing\"></span>";
  return absl::StrCat("<span class=\"picture-missing\">", EscapeHtml(alt_text), "</span>");
}

}  // namespace

ResolvedPicture Resolve(const article::v1::ImageReference& reference, const ImagesById& images) {
  ResolvedPicture picture{nullptr, reference.alt_text(), reference.caption(), reference.credit_line(), ""};
  const auto found = images.find(reference.image_id());
  if (found == images.end()) return picture;
  const media::v1::ImageMetadata& metadata = found->second.metadata();
  if (BestRendition(found->second, kPreferredWidth) != nullptr) picture.image = &found->second;
  if (picture.caption.empty()) picture.caption_language = metadata.language();
  picture.alt_text = FirstOf(reference.alt_text(), metadata.alt_text());
  picture.caption = FirstOf(reference.caption(), metadata.caption());
  picture.credit = FirstOf(reference.credit_line(), metadata.credit_line());
  return picture;
}

Markup PictureMarkup(const ResolvedPicture& picture, const Site& site, const PictureUse& use) {
  const absl::string_view alt_text = use.decorative ? absl::string_view() : picture.alt_text;
  if (picture.image == nullptr) return {MissingPicture(alt_text)};
  const Rendition& shown = *BestRendition(*picture.image, kPreferredWidth);
  const std::string sizes = EscapeHtml(use.sizes);
  std::string html = "<picture>";
  if (const std::string webp = SourceSet(*picture.image, "image/webp", site); !webp.empty()) {
    absl::StrAppend(&html, "<source type=\"image/webp\" srcset=\"", EscapeHtml(webp), "\" sizes=\"", sizes,
                    "\">");
  }
  absl::StrAppend(&html, "<img class=\"", PlaceholderClass(*picture.image), "\" src=\"",
                  EscapeHtml(RenditionUrl(site, shown)), "\"");
  if (const std::string same = SourceSet(*picture.image, shown.media_type(), site); !same.empty()) {
    absl::StrAppend(&html, " srcset=\"", EscapeHtml(same), "\" sizes=\"", sizes, "\"");
  }
  absl::StrAppend(&html, " width=\"", shown.width(), "\" height=\"", shown.height(), "\" alt=\"",
                  EscapeHtml(alt_text), "\"", use.cropped ? FocusAttribute(*picture.image) : "",
                  use.eager ? " fetchpriority=\"high\"" : " loading=\"lazy\"",
                  " decoding=\"async\"></picture>");
  return {std::move(html)};
}

Values FigureValues(const ResolvedPicture& picture, const Site& site, const PictureUse& use) {
  Values values;
  values.Set("PICTURE_HTML", PictureMarkup(picture, site, use));
  if (!picture.caption.empty() || !picture.credit.empty()) {
    Values& caption = values.Add("FIGCAPTION");
    if (!picture.caption.empty()) {
      const std::string language = LanguageTag(picture.caption_language, "");
      Values& text = caption.Add("CAPTION").Set("CAPTION", picture.caption);
      if (!language.empty())
        text.Add("LANGUAGE").Set("LANGUAGE", language).Set("DIRECTION", TextDirection(language));
    }
    caption.SetIfAny("CREDIT", picture.credit);
  }
  return values;
}

const Rendition* BestRendition(const Image& image, int max_width) {
  const auto better = [&](const Rendition& a, const Rendition& b) {  // whether `a` is better than `b`
    const bool a_jpeg = a.media_type() == "image/jpeg", b_jpeg = b.media_type() == "image/jpeg";
    if (a_jpeg != b_jpeg) return a_jpeg;
    const bool a_fits = a.width() <= max_width, b_fits = b.width() <= max_width;
    if (a_fits != b_fits) return a_fits;
    return a_fits ? a.width() > b.width() : a.width() < b.width();
  };
  const Rendition* best = nullptr;
  for (const Rendition& rendition : image.renditions()) {
    if (IsShown(rendition) && (best == nullptr || better(rendition, *best))) best = &rendition;
  }
  return best;
}

std::string RenditionUrl(const Site& site, const Rendition& rendition) {
  return absl::StrCat(site.media_url, PathReference(rendition.path()));
}

std::string AbsoluteRenditionUrl(const Site& site, const Rendition& rendition) {
  return absl::StrCat(site.media_url.empty() ? site.url : site.media_url, PathReference(rendition.path()));
}

}  // namespace broadsheet::gateway
