#ifndef BROADSHEET_SERVICES_ARTICLE_ARTICLE_UPDATE_H_
#define BROADSHEET_SERVICES_ARTICLE_ARTICLE_UPDATE_H_

#include <cstddef>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "broadsheet/article/v1/editorial_service.pb.h"
#include "google/protobuf/descriptor.h"
#include "services/article/lifecycle.h"

namespace broadsheet::article {

inline constexpr std::size_t kMaxEdNoteBytes = 4000;

// What an UpdateArticleRequest wants changed, taken apart and checked. Pure.
class ArticleUpdate {
 public:
  // INVALID_ARGUMENT with each field at fault, also those of the mask: `update_mask.paths[2]`.
  static absl::StatusOr<ArticleUpdate> Parse(const v1::UpdateArticleRequest& request);

  // Changes `story`; whether anything of it is different now. FAILED_PRECONDITION: its state does not allow
  // it. INVALID_ARGUMENT: the expiry would not lie after the embargo.
  absl::StatusOr<bool> ApplyTo(Story& story) const;

 private:
  std::vector<const google::protobuf::FieldDescriptor*> content_fields_;  // each once
  v1::ArticleContent content_;                                            // with nothing but the fields above
  bool ed_note_ = false;
  bool embargoed_until_ = false;
  bool expires_at_ = false;
  v1::UpdateArticleRequest values_;  // of the three above
};

// INVALID_ARGUMENT if the story would expire before its embargo ends.
absl::Status CheckTimes(const v1::Draft& draft);

}  // namespace broadsheet::article

#endif  // BROADSHEET_SERVICES_ARTICLE_ARTICLE_UPDATE_H_
