#include "services/cli/upload/edition_upload.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "google/protobuf/util/message_differencer.h"
#include "libs/rpc/status.h"
#include "services/cli/upload/failure.h"
#include "services/cli/upload/parallel.h"

namespace broadsheet::cli {

using google::protobuf::util::MessageDifferencer;

namespace {

constexpr std::size_t kImagesPerBatch = 200;
constexpr int kPicturesAtATime = 4;  // the photo desk is to find a place beside them

// The fields of `wanted` that are set and differ from `current`: what an import may change in the library.
// What is empty in the edition is left to the photo desk.
std::vector<std::string> DifferingMetadata(const media::v1::ImageMetadata& wanted,
                                           const media::v1::ImageMetadata& current) {
  std::vector<std::string> paths;
  const google::protobuf::Reflection* reflection = wanted.GetReflection();
  std::vector<const google::protobuf::FieldDescriptor*> set;
  reflection->ListFields(wanted, &set);
  for (const google::protobuf::FieldDescriptor* field : set) {
    MessageDifferencer differencer;
    if (!differencer.CompareWithFields(wanted, current, {field}, {field})) {
      paths.push_back(absl::StrCat("metadata.", field->name()));
    }
  }
  return paths;
}

bool IsTakenBack(const ImportedArticle& article) {
  return article.intent == Intent::kWithhold || article.intent == Intent::kCancel;
}

// What of a run is told line by line; the rest is only counted.
constexpr int kLinesShown = 200;

constexpr absl::string_view kPublicDraft =
    "a draft by its source, but public in the newsroom: readers keep what was published; to take it from "
    "them use \"broadsheet withhold\"";

// As the service would have answered a call for the story alone.
absl::Status ToStatus(const article::v1::ImportRefusal& refusal) {
  return rpc::FromGrpc({static_cast<grpc::StatusCode>(refusal.code()), refusal.message(),
                        refusal.SerializeAsString()});  // laid out as google.rpc.Status
}

}  // namespace

void Tally::Count(Outcome outcome) {
  std::lock_guard lock(mutex_);
  ++counts_[outcome];
}

int Tally::of(Outcome outcome) const {
  std::lock_guard lock(mutex_);
  const auto found = counts_.find(outcome);
  return found == counts_.end() ? 0 : found->second;
}

int Tally::total() const {
  std::lock_guard lock(mutex_);
  int total = 0;
  for (const auto& [outcome, count] : counts_) total += count;
  return total;
}

EditionUpload::EditionUpload(Backends& backends, Problems& problems, Progress& progress,
                             const Options& options)
    : backends_(backends),
      problems_(problems),
      progress_(progress),
      options_(options),
      references_(backends),
      stream_(
          backends, options.concurrency,
          [this](const ImportedArticle& article, const absl::StatusOr<article::v1::ImportedArticle>& answer) {
            TakeAnswer(article, answer);
          }) {}

absl::Status EditionUpload::Run(ImportedEdition& edition) {
  if (absl::Status status = stream_.status(); !status.ok()) return status;
  absl::StatusOr<std::map<Reference, std::string>> missing = references_.FindMissing(edition);
  if (!missing.ok()) return missing.status();
  std::vector<bool> complete(edition.articles.size(), true);  // whether all that a story names is there
  for (std::size_t i = 0; !missing->empty() && i < edition.articles.size(); ++i) {
    const ImportedArticle& article = edition.articles[i];
    for (const Reference& reference : ReferencesOf(article, edition)) {
      const auto sentence = missing->find(reference);
      if (sentence == missing->end()) continue;
      Report({article.where.file, reference.line}, article, sentence->second);
      complete[i] = false;
    }
  }
  if (absl::Status status = UploadSections(edition); !status.ok()) return status;
  if (absl::Status status = UploadImages(edition); !status.ok()) return status;
  if (!edition.authors.empty()) {
    progress_.Begin("authors", static_cast<int>(edition.authors.size()));
    ForEach(edition.authors, options_.concurrency,
            [&](const ImportedAuthor& author) { UploadAuthor(author); });
  }
  progress_.BeginStream("stories");
  for (std::size_t i = 0; i < edition.articles.size(); ++i)
    SendStory(std::move(edition.articles[i]), complete[i]);
  edition.articles.clear();
  return stream_.status();
}

absl::Status EditionUpload::Finish() {
  stream_.Finish();
  progress_.End();
  return stream_.status();
}

absl::Status EditionUpload::UploadSections(const ImportedEdition& edition) {
  if (edition.sections.empty()) return absl::OkStatus();
  absl::StatusOr<std::vector<article::v1::Section>> known = backends_.ListSections();
  if (!known.ok()) return known.status();
  std::map<std::string, article::v1::Section> current;
  for (article::v1::Section& section : *known) current[section.section_id()] = std::move(section);

  progress_.Begin("sections", static_cast<int>(edition.sections.size()));
  for (const ImportedSection& wanted : edition.sections) {
    article::v1::PutSectionRequest request;
    *request.mutable_section() = wanted.section;
    const auto found = current.find(wanted.section.section_id());
    const bool existed = found != current.end();
    if (existed) {
      request.set_expected_revision(found->second.revision());
      found->second.clear_revision();
    }
    if (existed && (wanted.only_if_missing || MessageDifferencer::Equals(found->second, wanted.section))) {
      Report(sections_, Outcome::kUnchanged, "section", wanted.section.section_id());
      continue;
    }
    request.set_request_id(RequestId(request, existed ? "" : RunSalt()));
    const auto response = backends_.PutSection(request);
    if (!response.ok()) {
      Fail(sections_, wanted.where, response.status());
    } else {
      Report(sections_, existed ? Outcome::kUpdated : Outcome::kCreated, "section",
             wanted.section.section_id());
    }
  }
  return absl::OkStatus();
}

absl::Status EditionUpload::UploadImages(const ImportedEdition& edition) {
  std::vector<std::pair<const ImportedImage*, std::optional<media::v1::Image>>> images;
  for (const auto& [id, image] : edition.images) {
    if (images_done_.insert(id).second) images.emplace_back(&image, std::nullopt);
  }
  if (images.empty()) return absl::OkStatus();
  progress_.Begin("images", static_cast<int>(images.size()));
  for (std::size_t start = 0; start < images.size(); start += kImagesPerBatch) {
    const std::size_t end = std::min(start + kImagesPerBatch, images.size());
    std::vector<std::string> ids;
    for (std::size_t i = start; i < end; ++i) ids.push_back(images[i].first->image_id);
    absl::StatusOr<std::vector<media::v1::Image>> known = backends_.BatchGetImages(ids);
    if (!known.ok()) return known.status();
    std::map<std::string, media::v1::Image> by_id;
    for (media::v1::Image& image : *known) by_id[image.image_id()] = std::move(image);
    for (std::size_t i = start; i < end; ++i) {
      const auto found = by_id.find(images[i].first->image_id);
      if (found != by_id.end()) images[i].second = std::move(found->second);
    }
  }
  ForEach(images, std::min(options_.concurrency, kPicturesAtATime),
          [&](const auto& image) { UploadImage(*image.first, image.second ? &*image.second : nullptr); });
  return absl::OkStatus();
}

void EditionUpload::UploadImage(const ImportedImage& image, const media::v1::Image* known) {
  absl::Status status;
  Outcome outcome = Outcome::kUnchanged;
  if (known == nullptr) {
    media::v1::UploadImageRequest::Info info;
    info.set_image_id(image.image_id);
    *info.mutable_metadata() = image.metadata;
    info.set_request_id(RequestId(info, RunSalt()));
    const auto response = backends_.UploadImage(info, image.file);
    status = response.status();
    outcome = Outcome::kCreated;
    if (response.ok() && response->image().status() == media::v1::IMAGE_STATUS_WITHHELD) {
      problems_.Warning(image.where,
                        absl::StrCat("the picture ", image.image_id, " is withheld in the media library"));
      outcome = Outcome::kLeftAlone;
    }
  } else if (const std::vector<std::string> mask = DifferingMetadata(image.metadata, known->metadata());
             !mask.empty()) {
    media::v1::UpdateImageRequest request;
    request.set_image_id(image.image_id);
    request.set_expected_revision(known->revision());
    *request.mutable_metadata() = image.metadata;
    for (const std::string& path : mask) request.mutable_update_mask()->add_paths(path);
    request.set_request_id(RequestId(request));
    status = backends_.UpdateImage(request).status();
    outcome = Outcome::kUpdated;
  }
  if (status.ok()) return Report(images_, outcome, "image", image.image_id);
  {
    std::lock_guard lock(mutex_);
    failed_images_.insert(image.image_id);
  }
  Fail(images_, {image.file.string()}, status);
}

void EditionUpload::UploadAuthor(const ImportedAuthor& wanted) {
  const std::string& id = wanted.author.author_id();
  if (failed_images_.count(wanted.author.portrait().image_id()) > 0) {
    return Fail(authors_, wanted.where,
                absl::FailedPreconditionError("not imported, because its portrait was not"));
  }
  absl::StatusOr<article::v1::Author> current = backends_.GetAuthor(id);
  if (!current.ok() && !absl::IsNotFound(current.status()))
    return Fail(authors_, wanted.where, current.status());
  const bool existed = current.ok();
  article::v1::PutAuthorRequest request;
  *request.mutable_author() = wanted.author;
  if (existed) {
    request.set_expected_revision(current->revision());
    current->clear_revision();
    if (wanted.only_if_missing || MessageDifferencer::Equals(*current, wanted.author)) {
      return Report(authors_, Outcome::kUnchanged, "author", id);
    }
  }
  request.set_request_id(RequestId(request, existed ? "" : RunSalt()));
  const auto response = backends_.PutAuthor(request);
  if (!response.ok()) return Fail(authors_, wanted.where, response.status());
  Report(authors_, existed ? Outcome::kUpdated : Outcome::kCreated, "author", id);
}

void EditionUpload::SendStory(ImportedArticle article, bool is_complete) {
  is_complete = HasItsParts(article) && is_complete;
  if (is_complete) return stream_.Add(std::move(article));
  // What its source has taken back is withdrawn, whatever it lacks.
  if (!IsTakenBack(article)) return CountStory(article, Outcome::kFailed);
  article.only_withdraw = true;
  stream_.Add(std::move(article));
}

void EditionUpload::TakeAnswer(const ImportedArticle& article,
                               const absl::StatusOr<article::v1::ImportedArticle>& answer) {
  Outcome outcome = Outcome::kFailed;
  const absl::Status failure = !answer.ok()            ? answer.status()
                               : answer->has_refusal() ? ToStatus(answer->refusal())
                                                       : absl::OkStatus();
  if (!failure.ok()) {
    for (const auto& [where, message] : Explain(failure, article)) problems_.Error(where, message);
  } else if (answer->outcome() == article::v1::IMPORT_OUTCOME_CREATED) {
    outcome = Outcome::kCreated;
  } else if (answer->outcome() == article::v1::IMPORT_OUTCOME_UPDATED) {
    outcome = Outcome::kUpdated;
  } else if (answer->outcome() == article::v1::IMPORT_OUTCOME_LEFT_ALONE) {
    outcome = Outcome::kLeftAlone;
    const bool canceled = answer->pub_status() == article::v1::PUB_STATUS_CANCELED;
    problems_.Warning(article.where, absl::StrCat("left alone: the newsroom has ",
                                                  canceled ? "canceled" : "withheld", " this story"));
  } else {
    outcome = Outcome::kUnchanged;
  }
  if (failure.ok() && answer->still_public()) problems_.Warning(article.where, kPublicDraft);
  if (failure.ok() && answer->published()) ++published_;
  CountStory(article, outcome);
}

void EditionUpload::CountStory(const ImportedArticle& article, Outcome outcome) {
  stories_.Count(outcome);
  if (outcome == Outcome::kCreated || outcome == Outcome::kUpdated)
    ReportChange("story", article.article_id, outcome);
  progress_.AdvanceStream();
}

bool EditionUpload::HasItsParts(const ImportedArticle& article) {
  for (const std::string& image : article.image_ids) {
    if (failed_images_.count(image) == 0) continue;
    Report(article.where, article, absl::StrCat("not imported, because the picture ", image, " was not"));
    return false;
  }
  return true;
}

void EditionUpload::Report(const Location& where, const ImportedArticle& article, absl::string_view message) {
  if (IsTakenBack(article)) return problems_.Warning(where, message);
  problems_.Error(where, message);
}

void EditionUpload::Fail(Tally& tally, const Location& where, const absl::Status& status) {
  for (const auto& [place, message] : Explain(status, where)) problems_.Error(place, message);
  tally.Count(Outcome::kFailed);
  progress_.Advance();
}

void EditionUpload::Report(Tally& tally, Outcome outcome, absl::string_view kind, const std::string& id) {
  tally.Count(outcome);
  if (outcome == Outcome::kCreated || outcome == Outcome::kUpdated) ReportChange(kind, id, outcome);
  progress_.Advance();
}

void EditionUpload::ReportChange(absl::string_view kind, const std::string& id, Outcome outcome) {
  const int number = ++shown_;
  if (number <= kLinesShown) {
    progress_.Line(absl::StrCat(kind, " ", id, outcome == Outcome::kCreated ? ": created" : ": updated"));
  } else if (number == kLinesShown + 1) {
    progress_.Line("and so on; the rest is only counted");
  }
}

std::string EditionUpload::RunSalt() const { return absl::FormatTime(options_.now); }

}  // namespace broadsheet::cli
