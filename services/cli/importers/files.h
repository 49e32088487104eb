#ifndef BROADSHEET_SERVICES_CLI_IMPORTERS_FILES_H_
#define BROADSHEET_SERVICES_CLI_IMPORTERS_FILES_H_

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "services/cli/importers/edition.h"
#include "services/cli/importers/problems.h"

namespace broadsheet::cli {

// Reads a text file of up to `most_bytes`: valid UTF-8 without the byte order mark. Reports, under
// `shown_as`, what is wrong, with its line, and returns nothing.
std::optional<std::string> ReadText(const std::filesystem::path& file, const std::string& shown_as,
                                    std::uint64_t most_bytes, Problems& problems);

// The pictures beside an edition: finds them by the relative paths its stories use and gives each its id.
// Reads a picture once, to take its digest, and keeps nothing of it. Not thread-safe.
class ImageFiles {
 public:
  // Adds what is found to `images`; both arguments must outlive this.
  ImageFiles(std::filesystem::path root, std::map<std::string, ImportedImage>& images, Problems& problems);

  // The id of the picture at `path`, relative to the root and within it; percent escapes are understood.
  // `broadsheet:image/ID` names one of the media library, which is not looked for here.
  // Nothing if there is no such file, it is empty or over 64 MiB, which is reported at `where`.
  std::optional<std::string> Find(absl::string_view path, const Location& where);

 private:
  std::optional<std::string> Load(const std::filesystem::path& file, absl::string_view path,
                                  const Location& where);
  std::string Suggestion(const std::filesystem::path& missing) const;

  const std::filesystem::path root_;
  std::map<std::string, ImportedImage>& images_;
  Problems& problems_;
  std::map<std::string, std::string, std::less<>> id_by_path_;
};

}  // namespace broadsheet::cli

#endif  // BROADSHEET_SERVICES_CLI_IMPORTERS_FILES_H_
