#ifndef BROADSHEET_SERVICES_ARTICLE_MATERIAL_CHANGE_H_
#define BROADSHEET_SERVICES_ARTICLE_MATERIAL_CHANGE_H_

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "broadsheet/article/v1/article.pb.h"
#include "broadsheet/article/v1/editorial_service.pb.h"

// Changes that readers of the older text should be told of. Pure.
namespace broadsheet::article {

// The fields in which `to` materially changes what readers of `from` were told, as the contract defines it at
// `PublishArticleResponse.uncorrected_changes`. It rather names a change too many (a spelling mistake
// corrected) than one too few: "million" and "billion" are one letter apart.
std::vector<std::string> FindMaterialChanges(const v1::ArticleContent& from, const v1::ArticleContent& to);

// Whether one of the story's corrections was made at or after `since`.
bool HasCorrectionSince(const v1::Draft& draft, absl::Time since);

}  // namespace broadsheet::article

#endif  // BROADSHEET_SERVICES_ARTICLE_MATERIAL_CHANGE_H_
