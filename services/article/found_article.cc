#include "services/article/found_article.h"

#include <utility>

#include "broadsheet/article/v1/article_service.pb.h"
#include "services/article/lifecycle.h"

namespace broadsheet::article {

void FoundArticle::Describe(const v1::Article& article) {
  article_id = article.article_id();
  section_id = article.content().section_id();
  author_ids.assign(article.content().author_ids().begin(), article.content().author_ids().end());
  if (article.has_expires_at()) expires_at = FromTimestamp(article.expires_at());
}

void FoundArticle::SetArticle(std::string article) {
  *encoded.AddLengthDelimited(v1::GetArticleResponse::kArticleFieldNumber) = std::move(article);
}

void FoundArticle::AddAuthor(absl::string_view author) {
  encoded.AddLengthDelimited(v1::GetArticleResponse::kAuthorsFieldNumber)
      ->assign(author.data(), author.size());
}

void FoundArticle::SetSection(absl::string_view section) {
  encoded.AddLengthDelimited(v1::GetArticleResponse::kSectionFieldNumber)
      ->assign(section.data(), section.size());
}

std::size_t FoundArticle::SpaceUsed() const {
  std::size_t bytes =
      sizeof(*this) + encoded.SpaceUsedExcludingSelfLong() + article_id.size() + section_id.size();
  for (const std::string& author_id : author_ids) bytes += sizeof(std::string) + author_id.size();
  return bytes;
}

}  // namespace broadsheet::article
