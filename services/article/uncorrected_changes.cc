#include "services/article/uncorrected_changes.h"

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/article/lifecycle.h"
#include "services/article/material_change.h"

namespace broadsheet::article {
namespace {

absl::StatusOr<v1::Draft> LoadRevision(const EditStore& store, const v1::Draft& draft,
                                       std::int64_t revision) {
  absl::StatusOr<std::optional<EditStore::RevisionLookup>> found =
      store.FindRevision(draft.article_id(), revision);
  if (!found.ok()) return found.status();
  if (!*found) return absl::DataLossError(absl::StrCat("revision ", revision, " is missing"));
  return std::move((*found)->draft);
}

// Whether no text of the story was published before the present one.
bool IsFirstText(const v1::Draft& draft) {
  return FromTimestamp(draft.version_created_at()) == FromTimestamp(draft.first_published_at());
}

}  // namespace

absl::StatusOr<std::vector<std::string>> FindUncorrectedChanges(const EditStore& store,
                                                                const v1::Draft& draft) {
  const bool published = draft.published_revision() == draft.revision();
  if (published && (draft.revision() == 1 || IsFirstText(draft))) return std::vector<std::string>();
  std::optional<v1::Draft> previous;
  if (published) {
    absl::StatusOr<v1::Draft> loaded = LoadRevision(store, draft, draft.revision() - 1);
    if (!loaded.ok()) return loaded.status();
    previous = *std::move(loaded);
  }
  // The state in which readers have, or had, the older text.
  const v1::Draft& before = previous ? *previous : draft;
  if (!IsReadable(before, FromTimestamp(draft.update_time()))) return std::vector<std::string>();
  if (HasCorrectionSince(draft, FromTimestamp(before.version_created_at())))
    return std::vector<std::string>();
  if (before.published_revision() == before.revision())
    return FindMaterialChanges(before.content(), draft.content());
  absl::StatusOr<v1::Draft> text = LoadRevision(store, draft, before.published_revision());
  if (!text.ok()) return text.status();
  return FindMaterialChanges(text->content(), draft.content());
}

}  // namespace broadsheet::article
