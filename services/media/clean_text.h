#ifndef BROADSHEET_SERVICES_MEDIA_CLEAN_TEXT_H_
#define BROADSHEET_SERVICES_MEDIA_CLEAN_TEXT_H_

#include <cstddef>
#include <string>
#include <string_view>

namespace broadsheet::media {

// UTF-8 of bytes whose encoding nobody declared, as in old IPTC blocks and EXIF: UTF-8 if they are that (or
// would be, had the last character not been cut in two, which is then left out), otherwise Windows-1252.
std::string ToUtf8(std::string_view bytes);

// Text fit for a record: terminal escape sequences, control and bidirectional override characters and other
// invisible ones removed, white space of any kind made single spaces and trimmed. What is left may still hold
// markup; whoever prints it escapes it. Bytes that are not UTF-8 are removed.
std::string CleanText(std::string_view utf8);

// The longest part from the beginning that has at most `max_bytes` and does not cut a character in two.
std::string_view CutText(std::string_view utf8, std::size_t max_bytes);

}  // namespace broadsheet::media

#endif  // BROADSHEET_SERVICES_MEDIA_CLEAN_TEXT_H_
