#ifndef BROADSHEET_SERVICES_ARTICLE_VALIDATION_H_
#define BROADSHEET_SERVICES_ARTICLE_VALIDATION_H_

#include "absl/strings/string_view.h"
#include "broadsheet/article/v1/article.pb.h"
#include "services/article/field_check.h"

// What the contract says about the contents of messages. Each function reports every field at fault with its
// path, and brings the message into its stored form: text in NFC (spans move along), spans in order, times in
// microseconds. Pure.
namespace broadsheet::article {

// `field` is the path of the message within the request: `content`.
void CheckContent(absl::string_view field, v1::ArticleContent& content, FieldCheck& check);
void CheckCorrection(absl::string_view field, v1::Correction& correction, FieldCheck& check);
void CheckWithdrawal(absl::string_view field, v1::Withdrawal& withdrawal, FieldCheck& check);
void CheckAuthor(absl::string_view field, v1::Author& author, FieldCheck& check);
void CheckCuration(absl::string_view field, const v1::Curation& curation, FieldCheck& check);
void CheckSection(absl::string_view field, v1::Section& section, FieldCheck& check);

// The marks of a text of at most `max_bytes`: `text.spans[0].url` of the path given.
void CheckRichText(absl::string_view field, std::size_t max_bytes, v1::RichText& text, FieldCheck& check);

// What a page needs: reports `content.headline` and `content.section_id` if they are missing.
void CheckPublishable(const v1::ArticleContent& content, FieldCheck& check);

// Gives every block without an id one that is made of what the block says: the same text gets the same id
// each time it is imported, and ids stay unique within the story.
void AssignBlockIds(v1::ArticleContent& content);

}  // namespace broadsheet::article

#endif  // BROADSHEET_SERVICES_ARTICLE_VALIDATION_H_
