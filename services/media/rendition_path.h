#ifndef BROADSHEET_SERVICES_MEDIA_RENDITION_PATH_H_
#define BROADSHEET_SERVICES_MEDIA_RENDITION_PATH_H_

#include <optional>
#include <string>
#include <string_view>

namespace broadsheet::media {

// What a rendition's path names: `/media/<key>/<file>`, such as `/media/0f3c…/w640.webp`.
struct RenditionName {
  std::string key;   // 32 lower-case hexadecimal digits, shared by the renditions of a picture
  std::string file;  // "w640.webp"
};

std::string RenditionPath(const RenditionName& name);
// Nothing for any other path.
std::optional<RenditionName> ParseRenditionPath(std::string_view path);

}  // namespace broadsheet::media

#endif  // BROADSHEET_SERVICES_MEDIA_RENDITION_PATH_H_
