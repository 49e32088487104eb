#ifndef BROADSHEET_SERVICES_GATEWAY_RENDERER_TEMPLATE_FILE_H_
#define BROADSHEET_SERVICES_GATEWAY_RENDERER_TEMPLATE_FILE_H_

#include <cstddef>
#include <filesystem>
#include <string>

#include "absl/status/statusor.h"

namespace broadsheet::gateway {

// What a newsroom has put into its folder: the text of one file, of one that is too long its first
// `max_bytes` + 1 bytes, by which it is known. NOT_FOUND if it cannot be read or is no regular file: to open
// a pipe would be to wait for who writes to it.
absl::StatusOr<std::string> ReadTemplateFile(const std::filesystem::path& path, std::size_t max_bytes);

}  // namespace broadsheet::gateway

#endif  // BROADSHEET_SERVICES_GATEWAY_RENDERER_TEMPLATE_FILE_H_
