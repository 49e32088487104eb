#include "services/cli/upload/references.h"

#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/cli/importers/problems.h"

namespace broadsheet::cli {

namespace {

using Kind = Reference::Kind;

// Whether a status says that something is not there; any other failure is one.
absl::StatusOr<bool> Exists(const absl::Status& status) {
  if (status.ok()) return true;
  if (absl::IsNotFound(status)) return false;
  return status;
}

class Lookup {
 public:
  Lookup(const ImportedEdition& edition, Backends& backends) : backends_(backends) {
    for (const ImportedSection& section : edition.sections)
      ids_[Kind::kSection].insert(section.section.section_id());
    for (const ImportedAuthor& author : edition.authors)
      ids_[Kind::kAuthor].insert(author.author.author_id());
    ids_[Kind::kArticle] = edition.article_ids;
  }

  absl::StatusOr<bool> Has(const Reference& reference) {
    if (ids_[reference.kind].count(reference.id) > 0) return true;
    switch (reference.kind) {
      case Kind::kSection:
        return HasSection(reference.id);
      case Kind::kAuthor:
        return Exists(backends_.GetAuthor(reference.id).status());
      case Kind::kArticle:
        return Exists(backends_.GetDraft(reference.id).status());
      case Kind::kImage:
        return HasImage(reference.id);
    }
    return false;
  }

  std::string Sentence(const Reference& reference) {
    static constexpr const char* kNames[] = {"section", "author", "story", "usable picture"};
    return absl::StrCat("there is no ", kNames[static_cast<int>(reference.kind)], " \"", reference.id,
                        "\", neither here nor in the newsroom",
                        DidYouMean(reference.id, ids_[reference.kind]));
  }

 private:
  absl::StatusOr<bool> HasImage(const std::string& id) {
    const absl::StatusOr<std::vector<media::v1::Image>> found = backends_.BatchGetImages({id});
    if (!found.ok()) return found.status();
    return !found->empty();
  }

  absl::StatusOr<bool> HasSection(const std::string& id) {
    if (!sections_loaded_) {
      absl::StatusOr<std::vector<article::v1::Section>> sections = backends_.ListSections();
      if (!sections.ok()) return sections.status();
      for (const article::v1::Section& section : *sections) ids_[Kind::kSection].insert(section.section_id());
      sections_loaded_ = true;
    }
    return ids_[Kind::kSection].count(id) > 0;
  }

  Backends& backends_;
  std::map<Kind, std::set<std::string>> ids_;
  bool sections_loaded_ = false;
};

}  // namespace

std::set<Reference> ReferencesOf(const ImportedArticle& article, const ImportedEdition& edition) {
  std::set<Reference> references = article.references;
  for (const std::string& id : article.image_ids) {
    if (edition.images.count(id) == 0) references.insert({Kind::kImage, id});
  }
  return references;
}

absl::StatusOr<std::map<Reference, std::string>> MissingReferences(const ImportedEdition& edition,
                                                                   Backends& backends) {
  Lookup lookup(edition, backends);
  std::map<Reference, std::string> missing;
  std::set<Reference> seen;
  for (const ImportedArticle& article : edition.articles) {
    for (const Reference& reference : ReferencesOf(article, edition)) {
      if (!seen.insert(reference).second) continue;
      const absl::StatusOr<bool> has = lookup.Has(reference);
      if (!has.ok()) return has.status();
      if (!*has) missing.emplace(reference, lookup.Sentence(reference));
    }
  }
  return missing;
}

}  // namespace broadsheet::cli
