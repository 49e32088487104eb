#include "services/gateway/renderer/template_file.h"

#include <algorithm>
#include <fstream>
#include <system_error>

#include "absl/strings/str_cat.h"

namespace broadsheet::gateway {

absl::StatusOr<std::string> ReadTemplateFile(const std::filesystem::path& path, std::size_t max_bytes) {
  const absl::Status unreadable = absl::NotFoundError(absl::StrCat("templates: cannot read ", path.string()));
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error)) return unreadable;
  const std::uintmax_t size = std::filesystem::file_size(path, error);
  std::ifstream stream(path, std::ios::binary);
  if (error || !stream) return unreadable;
  // One byte more than it had a moment ago: by then it may have grown.
  std::string text(std::min<std::uintmax_t>(size, max_bytes) + 1, '\0');
  stream.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (stream.bad()) return unreadable;
  text.resize(static_cast<std::size_t>(stream.gcount()));
  return text;
}

}  // namespace broadsheet::gateway
