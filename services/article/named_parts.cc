#include "services/article/named_parts.h"

#include <algorithm>
#include <optional>

#include "absl/strings/str_cat.h"
#include "google/rpc/error_details.pb.h"
#include "libs/rpc/status.h"

namespace broadsheet::article {
namespace {

absl::Status Missing(std::string_view reason, const std::string& field, const std::string& id) {
  google::rpc::BadRequest bad_request;
  auto* violation = bad_request.add_field_violations();
  violation->set_field(field);
  violation->set_description(absl::StrCat("there is no ", id));
  return rpc::WithDetail(rpc::NotFound(reason, absl::StrCat(field, ": there is no ", id)), bad_request);
}

}  // namespace

absl::Status NamedParts::Check(const v1::ArticleContent& content, const v1::ArticleContent& before) {
  const std::string& section_id = content.section_id();
  if (!section_id.empty() && section_id != before.section_id() && !sections_.contains(section_id)) {
    absl::StatusOr<std::optional<v1::Section>> section = transaction_.FindSection(section_id);
    if (!section.ok()) return section.status();
    if (!*section) return Missing("SECTION_NOT_FOUND", "content.section_id", section_id);
    sections_.insert(section_id);
  }
  for (int i = 0; i < content.author_ids_size(); ++i) {
    const std::string& author_id = content.author_ids(i);
    const auto& known = before.author_ids();
    if (authors_.contains(author_id) || std::find(known.begin(), known.end(), author_id) != known.end())
      continue;
    absl::StatusOr<std::optional<v1::Author>> author = transaction_.FindAuthor(author_id);
    if (!author.ok()) return author.status();
    if (!*author) return Missing("AUTHOR_NOT_FOUND", absl::StrCat("content.author_ids[", i, "]"), author_id);
    authors_.insert(author_id);
  }
  return absl::OkStatus();
}

absl::Status NamedParts::Check(const v1::Curation& curation) {
  if (!curation.section_id().empty()) {
    absl::StatusOr<std::optional<v1::Section>> section = transaction_.FindSection(curation.section_id());
    if (!section.ok()) return section.status();
    if (!*section) return Missing("SECTION_NOT_FOUND", "curation.section_id", curation.section_id());
  }
  for (int i = 0; i < curation.article_ids_size(); ++i) {
    absl::StatusOr<std::optional<Story>> story = transaction_.FindStory(curation.article_ids(i));
    if (!story.ok()) return story.status();
    if (!*story) {
      return Missing("ARTICLE_NOT_FOUND", absl::StrCat("curation.article_ids[", i, "]"),
                     curation.article_ids(i));
    }
  }
  return absl::OkStatus();
}

}  // namespace broadsheet::article
