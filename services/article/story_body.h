#ifndef BROADSHEET_SERVICES_ARTICLE_STORY_BODY_H_
#define BROADSHEET_SERVICES_ARTICLE_STORY_BODY_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "broadsheet/article/v1/article.pb.h"
#include "google/protobuf/repeated_ptr_field.h"

// The body is most of a story, and is kept apart from the rest of it: without copies of it.
namespace broadsheet::article {

// Takes the body out of `content`, which must outlive it, and puts it back at the end.
class WithoutBody {
 public:
  explicit WithoutBody(v1::ArticleContent& content) : content_(content) {
    body_.Swap(content_.mutable_body());
  }
  ~WithoutBody() { body_.Swap(content_.mutable_body()); }
  WithoutBody(const WithoutBody&) = delete;
  WithoutBody& operator=(const WithoutBody&) = delete;

 private:
  v1::ArticleContent& content_;
  google::protobuf::RepeatedPtrField<v1::Block> body_;
};

// A serialized ArticleContent that has the body of `content` and nothing else.
std::string SerializeBody(const v1::ArticleContent& content);

// A serialized Article whose content has the body of `content` and nothing else.
std::string SerializeBodyOfArticle(const v1::ArticleContent& content);
// The content in it; DATA_LOSS if it is none such.
absl::StatusOr<absl::string_view> ContentOfArticle(absl::string_view article);

}  // namespace broadsheet::article

#endif  // BROADSHEET_SERVICES_ARTICLE_STORY_BODY_H_
