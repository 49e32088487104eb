#include "services/cli/importers/ninjs.h"

#include <cstdint>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "services/cli/importers/files.h"
#include "services/cli/importers/news_item_import.h"
#include "services/cli/importers/ninjs_item.h"

namespace broadsheet::cli {

namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t kMostBytes = 32 << 20;

}  // namespace

void ReadNinjs(absl::string_view text, const fs::path& file, const std::string& section_id,
               ImportedEdition& edition, Problems& problems) {
  NewsItemImport import(file, section_id, edition, problems);
  const absl::Status parsed = ParseNinjs(text, [&](NewsItem item) {
    import.Add(std::move(item));
    if (edition.after_story) edition.after_story();
  });
  if (!parsed.ok()) problems.Error({file.string()}, parsed.message());
}

void ReadNinjsFile(const fs::path& file, const std::string& section_id, ImportedEdition& edition,
                   Problems& problems) {
  const std::optional<std::string> text = ReadText(file, file.string(), kMostBytes, problems);
  if (!text) return;
  edition.bytes_read += text->size();
  ReadNinjs(*text, file, section_id, edition, problems);
}

}  // namespace broadsheet::cli
