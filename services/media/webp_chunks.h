#ifndef BROADSHEET_SERVICES_MEDIA_WEBP_CHUNKS_H_
#define BROADSHEET_SERVICES_MEDIA_WEBP_CHUNKS_H_

#include <string>
#include <string_view>

namespace broadsheet::media {

// A WebP file as our own encoder wrote it, without EXIF, XMP and ICC chunks and without the flags that
// announce them; the simple form where nothing needs the extended one. A file that is no WebP is returned as
// it is.
std::string WithoutMetadataChunks(std::string_view webp);

}  // namespace broadsheet::media

#endif  // BROADSHEET_SERVICES_MEDIA_WEBP_CHUNKS_H_
