#ifndef BROADSHEET_SERVICES_ARTICLE_BLOCK_VALIDATION_H_
#define BROADSHEET_SERVICES_ARTICLE_BLOCK_VALIDATION_H_

#include "absl/strings/string_view.h"
#include "broadsheet/article/v1/article.pb.h"
#include "services/article/field_check.h"

// The part of validation.h that is about one block of a body. Pure.
namespace broadsheet::article {

void CheckBlock(absl::string_view field, v1::Block& block, FieldCheck& check);
void CheckImage(absl::string_view field, v1::ImageReference& image, FieldCheck& check);

}  // namespace broadsheet::article

#endif  // BROADSHEET_SERVICES_ARTICLE_BLOCK_VALIDATION_H_
