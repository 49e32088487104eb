#ifndef BROADSHEET_SERVICES_CLI_UPLOAD_EDITION_UPLOAD_H_
#define BROADSHEET_SERVICES_CLI_UPLOAD_EDITION_UPLOAD_H_

#include <atomic>
#include <map>
#include <mutex>
#include <set>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "services/cli/backends.h"
#include "services/cli/importers/edition.h"
#include "services/cli/importers/problems.h"
#include "services/cli/progress.h"
#include "services/cli/upload/references.h"
#include "services/cli/upload/story_stream.h"

namespace broadsheet::cli {

enum class Outcome { kCreated, kUpdated, kUnchanged, kLeftAlone, kFailed };

// How many of a kind had which outcome.
class Tally {
 public:
  void Count(Outcome outcome);
  int of(Outcome outcome) const;
  int total() const;

 private:
  mutable std::mutex mutex_;
  std::map<Outcome, int> counts_;
};

// Brings an edition to the services: sections, then pictures, then authors, then stories, so that nothing
// ever names what is not there. Each thing is compared first and written only if it differs. A thing that
// fails is reported at its place in the edition, and so is what depends on it; the rest goes on. Runs a few
// calls at a time.
class EditionUpload {
 public:
  struct Options {
    int concurrency = 4;
    absl::Time now;  // stories published after this are scheduled
  };
  // All must outlive this.
  EditionUpload(Backends& backends, Problems& problems, Progress& progress, const Options& options);

  // Takes a part of an edition: what it has but the stories is there when this returns, the stories may be on
  // their way. May be called with one part after another, which are counted together; a picture that is in
  // several goes up once. Fails only if a service cannot be reached at all; then nothing more was tried.
  absl::Status Run(ImportedEdition& edition);
  // Waits for the stories on their way. Fails as Run does.
  absl::Status Finish();

  const Tally& sections() const { return sections_; }
  const Tally& images() const { return images_; }
  const Tally& authors() const { return authors_; }
  const Tally& stories() const { return stories_; }
  // Stories of which readers got a text that they did not have.
  int published() const { return published_; }

 private:
  absl::Status UploadSections(const ImportedEdition& edition);
  absl::Status UploadImages(const ImportedEdition& edition);
  void UploadImage(const ImportedImage& image, const media::v1::Image* known);
  void UploadAuthor(const ImportedAuthor& author);
  void SendStory(ImportedArticle article, bool is_complete);
  // On threads of the stream.
  void TakeAnswer(const ImportedArticle& article, const absl::StatusOr<article::v1::ImportedArticle>& answer);
  void CountStory(const ImportedArticle& article, Outcome outcome);
  void ReportChange(absl::string_view kind, const std::string& id, Outcome outcome);

  // Whether everything an article names is there; reports what is not.
  bool HasItsParts(const ImportedArticle& article);
  // What a story lacks: a mistake, unless it is only to be withdrawn.
  void Report(const Location& where, const ImportedArticle& article, absl::string_view message);
  void Fail(Tally& tally, const Location& where, const absl::Status& status);
  void Report(Tally& tally, Outcome outcome, absl::string_view kind, const std::string& id);
  std::string RunSalt() const;

  Backends& backends_;
  Problems& problems_;
  Progress& progress_;
  const Options options_;
  Tally sections_, images_, authors_, stories_;
  std::mutex mutex_;
  std::set<std::string> images_done_;
  std::set<std::string> failed_images_;
  ReferenceCheck references_;
  std::atomic<int> published_ = 0;
  std::atomic<int> shown_ = 0;
  StoryStream stream_;  // answers on the rest
};

}  // namespace broadsheet::cli

#endif  // BROADSHEET_SERVICES_CLI_UPLOAD_EDITION_UPLOAD_H_
