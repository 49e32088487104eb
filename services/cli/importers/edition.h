#ifndef BROADSHEET_SERVICES_CLI_IMPORTERS_EDITION_H_
#define BROADSHEET_SERVICES_CLI_IMPORTERS_EDITION_H_

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "broadsheet/article/v1/article.pb.h"
#include "broadsheet/media/v1/image.pb.h"
#include "services/cli/importers/problems.h"

// What every importer produces and the upload consumes: an edition in memory, whatever format it was written
// in. Plain values, without I/O; content is in the terms of the article contract, because those are the
// project's own.
namespace broadsheet::cli {

struct ImportedSection {
  article::v1::Section section;
  Location where;
  bool only_if_missing = false;  // what the newsroom has is left as it is
};

struct ImportedAuthor {
  article::v1::Author author;  // the portrait names an image of the edition
  Location where;
  bool only_if_missing = false;  // what the newsroom has is left as it is
};

struct ImportedImage {
  std::string image_id;  // made of the file's name and bytes, so the same picture always has the same id
  std::filesystem::path file;
  std::string sha256;  // 64 lower-case hexadecimal digits
  media::v1::ImageMetadata metadata;
  Location where;  // where it is first used
};

// What is to become of a story once its text is there.
enum class Intent {
  kDraft,     // left unpublished
  kPublish,   // published, at `published` if that is still to come
  kWithhold,  // its source has taken it back for now
  kCancel,    // its source has taken it back for good
};

// Something a story names that may be part of the edition or be known to the newsroom already.
struct Reference {
  enum class Kind { kSection, kAuthor, kArticle, kImage };
  Kind kind;
  std::string id;
  int line = 0;

  bool operator<(const Reference& other) const {
    return kind != other.kind ? kind < other.kind : id < other.id;
  }
};

struct ImportedArticle {
  std::string article_id;
  Location where;
  article::v1::ArticleContent
      content;  // block ids empty, every text NFC; pictures name images of the edition
  std::string ed_note;
  std::string path;  // empty: the service makes one
  std::vector<article::v1::Correction> corrections;
  Intent intent = Intent::kPublish;
  // Its file has mistakes: of kWithhold and kCancel alone, nothing but that is done, and nothing is created.
  bool only_withdraw = false;
  std::optional<absl::Time> published;
  std::optional<absl::Time> embargoed_until;
  std::optional<absl::Time> expires_at;

  std::set<std::string> image_ids;  // those that the edition does not have are in the library
  std::set<Reference> references;
  std::map<std::string, int> field_lines;  // content field name, or another key → line
  std::vector<int> block_lines;            // one for each block of the body
};

struct ImportedEdition {
  std::vector<ImportedSection> sections;  // in masthead order
  std::vector<ImportedAuthor> authors;
  std::map<std::string, ImportedImage> images;  // by image id
  std::vector<ImportedArticle> articles;        // only those without errors
  std::set<std::string> article_ids;            // those with errors, too

  // Called, if set, after each story: what was read so far may be taken out then, all but `images` and
  // `article_ids`, so that a long import need not be held in memory.
  std::function<void()> after_story;
  // How much of what is being read, in all its files, has been: for a progress bar.
  std::uint64_t bytes_read = 0;
};

}  // namespace broadsheet::cli

#endif  // BROADSHEET_SERVICES_CLI_IMPORTERS_EDITION_H_
