#ifndef BROADSHEET_SERVICES_ARTICLE_FOUND_ARTICLE_H_
#define BROADSHEET_SERVICES_ARTICLE_FOUND_ARTICLE_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "broadsheet/article/v1/article.pb.h"
#include "google/protobuf/unknown_field_set.h"

namespace broadsheet::article {

// A public story with its authors and section, as it was stored. Nothing of it but what follows is parsed:
// whoever reads the answer does that.
struct FoundArticle {
  // The fields of a v1::GetArticleResponse but for `snapshot`, as they are sent. To copy and to send them is
  // to copy their bytes.
  google::protobuf::UnknownFieldSet encoded;
  // What changes it.
  std::string article_id;
  std::string section_id;
  std::vector<std::string> author_ids;
  absl::Time expires_at = absl::InfiniteFuture();

  // Takes these from the story, whose body may be missing.
  void Describe(const v1::Article& article);
  // Each a serialized message.
  void SetArticle(std::string article);
  void AddAuthor(absl::string_view author);
  void SetSection(absl::string_view section);

  // About as many as it takes in memory.
  std::size_t SpaceUsed() const;
};

}  // namespace broadsheet::article

#endif  // BROADSHEET_SERVICES_ARTICLE_FOUND_ARTICLE_H_
