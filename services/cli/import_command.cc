#include <sys/resource.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "services/cli/command.h"
#include "services/cli/importers/edition.h"
#include "services/cli/importers/markdown.h"
#include "services/cli/importers/ninjs.h"
#include "services/cli/importers/problems.h"
#include "services/cli/importers/xml_import.h"
#include "services/cli/progress.h"
#include "services/cli/upload/edition_upload.h"

namespace broadsheet::cli {

namespace fs = std::filesystem;

namespace {

constexpr absl::string_view kImportHelp =
    "usage: broadsheet import [FLAGS] DIR|FILE…\n"
    "\n"
    "DIR is an edition: sections.yaml, authors.yaml, stories/*.md and the pictures they name. FILE is one\n"
    "story, Markdown with front matter (.md), one or more in ninjs 1 to 3 (.json), or an export of\n"
    "WordPress, a feed (RSS, Atom) or NewsML-G2 (.xml, .rss, .atom), with the pictures beside it.\n"
    "\n"
    "Every story is checked before it is sent. A story with a mistake is\n"
    "reported, with file and line, and left out; the rest goes on. What is there already and the same is not "
    "written again, so running an import twice\n"
    "changes nothing. A story that the newsroom has withheld stays withheld.\n"
    "\n"
    "flags:\n"
    "  --dry_run        check everything that can be checked here, and send nothing\n"
    "  --section=ID     the section of stories that name none: agency formats have no sections\n"
    "  --concurrency=N  calls at a time, 1 to 32 (16); of pictures at most 4\n"
    "\n"
    "examples:\n"
    "  broadsheet import deploy/local/edition\n"
    "  broadsheet import --dry_run stories/sea-wall-opens.md\n"
    "  broadsheet import --section=world agency/*.json\n"
    "  broadsheet import wordpress.2026-11-14.xml\n";

// Reads what a path names into `edition`.
void Read(const fs::path& path, const CommandOptions& options, ImportedEdition& edition, Problems& problems) {
  const std::string extension = path.extension().string();
  if (fs::is_directory(path)) return ReadMarkdownFolder(path, edition, problems);
  if (!fs::exists(path)) return problems.Error({path.string()}, "there is no such file or folder");
  if (extension == ".md") return ReadMarkdownFile(path, edition, problems);
  if (extension == ".json") return ReadNinjsFile(path, options.section, edition, problems);
  if (extension == ".xml" || extension == ".rss" || extension == ".atom")
    return ReadXmlFile(path, options.section, edition, problems);
  problems.Error({path.string()},
                 "is neither a folder nor stories: the name of such a file ends in .md, .json or .xml");
}

// Of all there is to read; what cannot be read, which is reported when it is, counts as nothing.
std::uint64_t BytesOf(const std::vector<std::string>& arguments) {
  std::uint64_t bytes = 0;
  std::error_code error;
  const auto add = [&](const fs::path& file) {
    const std::uintmax_t size = fs::file_size(file, error);
    if (!error) bytes += size;
  };
  for (const fs::path path : arguments) {
    if (!fs::is_directory(path, error)) {
      add(path);
      continue;
    }
    for (const fs::directory_entry& entry : fs::directory_iterator(path / "stories", error))
      add(entry.path());
  }
  return bytes;
}

std::string Summary(absl::string_view kind, const Tally& tally, int failed_before, int published = 0) {
  std::vector<std::string> parts;
  const auto add = [&](int count, absl::string_view what) {
    if (count > 0) parts.push_back(absl::StrCat(count, " ", what));
  };
  add(tally.of(Outcome::kCreated), "created");
  add(tally.of(Outcome::kUpdated), "updated");
  add(tally.of(Outcome::kUnchanged), "unchanged");
  add(tally.of(Outcome::kLeftAlone), "left alone");
  add(published, "published");
  add(tally.of(Outcome::kFailed) + failed_before, "failed");
  return parts.empty() ? "" : absl::StrCat(kind, ": ", absl::StrJoin(parts, ", "));
}

// Sends what was read, or counts it; what has been sent is let go of.
class Sending {
 public:
  Sending(const CommandOptions& options, Problems& problems, Progress& progress)
      : dry_run_(options.dry_run),
        backends_(options.backends),
        upload_(backends_, problems, progress, {.concurrency = options.concurrency, .now = absl::Now()}) {}

  void SendSome(ImportedEdition& edition) {
    if (edition.articles.size() >= kMostStoriesHeld) Send(edition);
  }

  void Send(ImportedEdition& edition) {
    stories_ += edition.articles.size();
    if (!dry_run_ && status_.ok()) status_ = upload_.Run(edition);
    edition.articles.clear();
    edition.sections.clear();
    edition.authors.clear();
  }

  void Finish() {
    const absl::Status finished = upload_.Finish();
    if (status_.ok()) status_ = finished;
  }

  // Of the services; nothing more is sent once it is not OK.
  const absl::Status& status() const { return status_; }
  std::size_t stories() const { return stories_; }
  const EditionUpload& upload() const { return upload_; }

 private:
  // Few enough to hold, many enough that what they name is asked for together.
  static constexpr std::size_t kMostStoriesHeld = 100;

  const bool dry_run_;
  Backends backends_;
  EditionUpload upload_;
  absl::Status status_;
  std::size_t stories_ = 0;
};

// An import can wait: the services that it keeps busy, and whoever edits meanwhile, come first on a machine
// that they share. What the system refuses is left as it is.
void GiveWay() { setpriority(PRIO_PROCESS, 0, std::max(5, getpriority(PRIO_PROCESS, 0))); }

int RunImport(const CommandOptions& options) {
  if (options.arguments.empty()) {
    Print(options.err, "broadsheet import: name a folder or a file; see broadsheet import --help");
    return kWrongUsage;
  }
  if (options.concurrency < 1 || options.concurrency > 32) {
    Print(options.err, "broadsheet import: --concurrency must be from 1 to 32");
    return kWrongUsage;
  }
  GiveWay();
  Progress progress(options.err, options.err_is_terminal);
  Problems problems([&](const std::string& line) { progress.Line(line); });
  ImportedEdition edition;
  Sending sending(options, problems, progress);
  const std::uint64_t bytes = BytesOf(options.arguments);
  edition.after_story = [&] {
    progress.SetRead(static_cast<double>(edition.bytes_read) /
                     static_cast<double>(std::max<std::uint64_t>(bytes, 1)));
    sending.SendSome(edition);
  };
  for (const std::string& path : options.arguments) Read(path, options, edition, problems);
  sending.Send(edition);
  sending.Finish();
  progress.End();
  const int left_out = static_cast<int>(edition.article_ids.size() - sending.stories());

  if (options.dry_run) {
    Print(options.out, absl::StrCat("stories: ", sending.stories(), " can be imported, ", left_out,
                                    " cannot; images: ", edition.images.size(), "; nothing was sent"));
    return problems.errors() == 0 ? kDone : kSomethingFailed;
  }
  if (!sending.status().ok()) {
    PrintFailure(options.err, "broadsheet import", sending.status());
    return kSomethingFailed;
  }
  const EditionUpload& upload = sending.upload();
  for (const std::string& line :
       {Summary("sections", upload.sections(), 0), Summary("images", upload.images(), 0),
        Summary("authors", upload.authors(), 0),
        Summary("stories", upload.stories(), left_out, upload.published())}) {
    if (!line.empty()) Print(options.out, line);
  }
  return problems.errors() == 0 ? kDone : kSomethingFailed;
}

}  // namespace

Command ImportCommand() {
  return {"import",
          "Import stories, pictures, authors and sections.",
          kImportHelp,
          {"dry_run", "section", "concurrency"},
          RunImport};
}

}  // namespace broadsheet::cli
