#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/cli/command.h"
#include "services/cli/exporters/losses.h"
#include "services/cli/exporters/markdown_writer.h"
#include "services/cli/exporters/ninjs_writer.h"
#include "services/cli/exporters/story.h"
#include "services/cli/importers/problems.h"

namespace broadsheet::cli {

namespace fs = std::filesystem;
namespace v1 = article::v1;

namespace {

constexpr absl::string_view kExportHelp =
    "usage: broadsheet export [FLAGS] ID|PATH…\n"
    "\n"
    "Writes stories into a folder, one file each, named by the story's id. Of a public story, what readers "
    "see;\n"
    "of another, the newest text. \"broadsheet import\" of such a file gives the same story again; what a "
    "format\n"
    "cannot carry is said. Pictures stay in the media library, the file names them.\n"
    "\n"
    "flags:\n"
    "  --format=FORMAT  ninjs3 (the default), ninjs2 or markdown\n"
    "  --output=DIR     the folder, made if it is not there (.)\n"
    "  --media_url=URL  where readers find renditions of pictures, to name them in ninjs; empty: they are "
    "not\n"
    "\n"
    "examples:\n"
    "  broadsheet export --output=agency sea-wall-opens\n"
    "  broadsheet export --format=markdown --output=stories /harbour/2026/11/sea-wall-opens\n";

// How one format is written.
struct Format {
  absl::string_view name;
  absl::string_view extension;
  std::string (*write)(const ExportedStory& story);
  std::vector<std::string> (*losses)(const ExportedStory& story, const std::string& text);
};

constexpr Format kFormats[] = {
    {"ninjs3", ".json", [](const ExportedStory& story) { return WriteNinjs(story, 3); }, LossesOfNinjs},
    {"ninjs2", ".json", [](const ExportedStory& story) { return WriteNinjs(story, 2); }, LossesOfNinjs},
    {"markdown", ".md", WriteMarkdown, LossesOfMarkdown},
};

const Format* FindFormat(absl::string_view name) {
  for (const Format& format : kFormats) {
    if (format.name == name) return &format;
  }
  return nullptr;
}

// Writes the file whole or not at all.
absl::Status WriteFile(const fs::path& file, const std::string& text) {
  const fs::path unfinished = file.string() + ".part";
  std::ofstream stream(unfinished, std::ios::binary | std::ios::trunc);
  stream << text;
  stream.close();
  std::error_code error;
  if (stream) fs::rename(unfinished, file, error);
  if (stream && !error) return absl::OkStatus();
  fs::remove(unfinished, error);
  return absl::UnknownError(absl::StrCat(file.string(), " cannot be written"));
}

class Export {
 public:
  Export(const CommandOptions& options, const Format& format)
      : options_(options), format_(format), backends_(options.backends) {}

  // Writes one story; what it does not carry is reported.
  absl::Status Write(const std::string& key) {
    absl::StatusOr<ExportedStory> story = Fetch(key);
    if (!story.ok()) return story.status();
    const std::string& id = story->draft.article_id();
    const std::string text = format_.write(*story);
    const fs::path file = fs::path(options_.output) / absl::StrCat(id, format_.extension);
    if (absl::Status written = WriteFile(file, text); !written.ok()) return written;
    for (const std::string& loss : format_.losses(*story, text)) Warn(id, loss);
    Print(options_.out, file.string());
    return absl::OkStatus();
  }

 private:
  absl::StatusOr<ExportedStory> Fetch(const std::string& key) {
    absl::StatusOr<v1::Draft> draft = backends_.GetDraft(key);
    if (!draft.ok()) return draft.status();
    ExportedStory story;
    story.draft = *std::move(draft);
    story.media_url = options_.media_url;
    if (absl::Status status = TakePublishedText(story); !status.ok()) return status;
    if (absl::Status status = FetchParts(story); !status.ok()) return status;
    return story;
  }

  // Of a public story with a newer draft, what readers see.
  absl::Status TakePublishedText(ExportedStory& story) {
    v1::Draft& draft = story.draft;
    if (!story.is_public() || draft.published_revision() == 0 || draft.edit_state() == v1::EDIT_STATE_DONE) {
      return absl::OkStatus();
    }
    absl::StatusOr<v1::Draft> published =
        backends_.GetRevision(draft.article_id(), draft.published_revision());
    if (!published.ok()) return published.status();
    *draft.mutable_content() = std::move(*published->mutable_content());
    draft.set_revision(draft.published_revision());
    Warn(draft.article_id(), "has a newer draft, which is not exported");
    return absl::OkStatus();
  }

  absl::Status FetchParts(ExportedStory& story) {
    const v1::ArticleContent& content = story.draft.content();
    for (const std::string& id : content.author_ids()) {
      const absl::StatusOr<v1::Author> author = backends_.GetAuthor(id);
      if (author.ok()) story.authors[id] = *author;
      if (!author.ok() && !absl::IsNotFound(author.status())) return author.status();
    }
    const absl::StatusOr<std::vector<v1::Section>> sections = backends_.ListSections();
    if (!sections.ok()) return sections.status();
    for (const v1::Section& section : *sections) {
      if (section.section_id() == content.section_id()) story.section_name = section.name();
    }
    std::set<std::string> ids;
    if (content.has_lead_image()) ids.insert(content.lead_image().image_id());
    for (const v1::Block& block : content.body()) {
      if (block.has_image()) ids.insert(block.image().image_id());
    }
    return FetchImages({ids.begin(), ids.end()}, story);
  }

  absl::Status FetchImages(const std::vector<std::string>& ids, ExportedStory& story) {
    constexpr std::size_t kMostAtATime = 200;
    for (std::size_t start = 0; start < ids.size(); start += kMostAtATime) {
      const std::size_t end = std::min(start + kMostAtATime, ids.size());
      const absl::StatusOr<std::vector<media::v1::Image>> images = backends_.BatchGetImages(
          {ids.begin() + static_cast<std::ptrdiff_t>(start), ids.begin() + static_cast<std::ptrdiff_t>(end)});
      if (!images.ok()) return images.status();
      for (const media::v1::Image& image : *images) story.images[image.image_id()] = image;
    }
    for (const std::string& id : ids) {
      if (story.images.count(id) > 0) continue;
      Warn(story.draft.article_id(), absl::StrCat("names the picture ", id, ", which may not be shown"));
    }
    return absl::OkStatus();
  }

  void Warn(const std::string& id, absl::string_view message) {
    Print(options_.err, Describe({id}, Severity::kWarning, message));
  }

  const CommandOptions& options_;
  const Format& format_;
  Backends backends_;
};

int RunExport(const CommandOptions& options) {
  const Format* format = FindFormat(options.format);
  if (options.arguments.empty() || format == nullptr) {
    Print(options.err, options.arguments.empty()
                           ? "broadsheet export: name a story; see broadsheet export --help"
                           : "broadsheet export: --format must be ninjs3, ninjs2 or markdown");
    return kWrongUsage;
  }
  std::error_code error;
  fs::create_directories(options.output, error);
  if (error) {
    Print(options.err,
          absl::StrCat("broadsheet export: ", options.output, " cannot be made: ", error.message()));
    return kSomethingFailed;
  }
  Export exporting(options, *format);
  int exit_status = kDone;
  for (const std::string& key : options.arguments) {
    if (const absl::Status status = exporting.Write(key); !status.ok()) {
      PrintFailure(options.err, key, status);
      exit_status = kSomethingFailed;
    }
  }
  return exit_status;
}

}  // namespace

Command ExportCommand() {
  return {"export",
          "Write stories to files: ninjs or Markdown.",
          kExportHelp,
          {"format", "output", "media_url"},
          RunExport};
}

}  // namespace broadsheet::cli
