#include "services/cli/upload/references.h"

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

}  // namespace

std::set<Reference> ReferencesOf(const ImportedArticle& article, const ImportedEdition& edition) {
  std::set<Reference> references = article.references;
  for (const std::string& id : article.image_ids) {
    if (edition.images.count(id) == 0) references.insert({Kind::kImage, id});
  }
  return references;
}

absl::StatusOr<std::map<Reference, std::string>> ReferenceCheck::FindMissing(const ImportedEdition& edition) {
  for (const ImportedSection& section : edition.sections)
    known_[Kind::kSection].insert(section.section.section_id());
  for (const ImportedAuthor& author : edition.authors)
    known_[Kind::kAuthor].insert(author.author.author_id());
  std::map<Reference, std::string> missing;
  for (const ImportedArticle& article : edition.articles) {
    for (const Reference& reference : ReferencesOf(article, edition)) {
      if (known_[reference.kind].count(reference.id) > 0 || missing.count(reference) > 0) continue;
      if (reference.kind == Kind::kArticle && edition.article_ids.count(reference.id) > 0) continue;
      const absl::StatusOr<bool> has = Has(reference);
      if (!has.ok()) return has.status();
      if (*has) {
        known_[reference.kind].insert(reference.id);
      } else {
        missing.emplace(reference, Sentence(reference, edition));
      }
    }
  }
  return missing;
}

absl::StatusOr<bool> ReferenceCheck::Has(const Reference& reference) {
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

absl::StatusOr<bool> ReferenceCheck::HasImage(const std::string& id) {
  const absl::StatusOr<std::vector<media::v1::Image>> found = backends_.BatchGetImages({id});
  if (!found.ok()) return found.status();
  return !found->empty();
}

absl::StatusOr<bool> ReferenceCheck::HasSection(const std::string& id) {
  if (!sections_loaded_) {
    absl::StatusOr<std::vector<article::v1::Section>> sections = backends_.ListSections();
    if (!sections.ok()) return sections.status();
    for (const article::v1::Section& section : *sections) known_[Kind::kSection].insert(section.section_id());
    sections_loaded_ = true;
  }
  return known_[Kind::kSection].count(id) > 0;
}

std::string ReferenceCheck::Sentence(const Reference& reference, const ImportedEdition& edition) const {
  static constexpr const char* kNames[] = {"section", "author", "story", "usable picture"};
  const std::string start = absl::StrCat("there is no ", kNames[static_cast<int>(reference.kind)], " \"",
                                         reference.id, "\", neither here nor in the newsroom");
  if (reference.kind == Kind::kArticle)
    return absl::StrCat(start, DidYouMean(reference.id, edition.article_ids));
  const auto known = known_.find(reference.kind);
  return known == known_.end() ? start : absl::StrCat(start, DidYouMean(reference.id, known->second));
}

}  // namespace broadsheet::cli
