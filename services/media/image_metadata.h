#ifndef BROADSHEET_SERVICES_MEDIA_IMAGE_METADATA_H_
#define BROADSHEET_SERVICES_MEDIA_IMAGE_METADATA_H_

#include <string_view>

#include "broadsheet/media/v1/image.pb.h"
#include "services/media/image_header.h"

namespace broadsheet::media {

// What a file says of itself, by the Metadata Working Group's precedence: XMP, unless the file's IPTC digest
// shows that the IPTC-IIM block was edited after it; EXIF last. Each text is clean (clean_text.h) and within
// the contract's limits. `language` (BCP 47, may be empty) chooses among captions and alt texts in several;
// otherwise the default one is taken. The credit line falls back on the source ("Source" in IPTC terms), the
// usage terms on the web statement of rights.
//
// Never fails: a block that is damaged, too large, nested too deeply or declares entities counts as absent.
// Not thread-safe: exiv2's XMP parser has global state. Runs in the decoder's process, see decoder_process.h.
v1::ImageMetadata ReadMetadata(const MetadataBlocks& blocks, std::string_view language = "");

}  // namespace broadsheet::media

#endif  // BROADSHEET_SERVICES_MEDIA_IMAGE_METADATA_H_
