#ifndef BROADSHEET_SERVICES_ARTICLE_FIELD_CHECK_H_
#define BROADSHEET_SERVICES_ARTICLE_FIELD_CHECK_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "google/protobuf/repeated_field.h"
#include "google/protobuf/timestamp.pb.h"

namespace broadsheet::article {

// The path of a field within another: `content.headline`.
std::string Child(absl::string_view parent, absl::string_view name);

// A field of a request that can never be accepted: its path, such as `content.body[3].heading.level`, and
// why.
struct FieldViolation {
  std::string field;
  std::string description;

  bool operator==(const FieldViolation&) const = default;
};

// Collects what is wrong with a request, and brings text into its stored form (Unicode NFC) on the way. Keeps
// the first kMaxViolations. Not thread-safe.
class FieldCheck {
 public:
  static constexpr std::size_t kMaxViolations = 50;

  const std::vector<FieldViolation>& violations() const { return violations_; }
  bool ok() const { return violations_.empty(); }

  void Add(std::string field, std::string description);

  // Text as printed in one line; normalizes it. Empty is accepted.
  void Line(absl::string_view field, std::size_t max_bytes, std::string& text);
  // Text that may have line breaks; the same otherwise.
  void Lines(absl::string_view field, std::size_t max_bytes, std::string& text);
  // For a field that must not be empty, after Line or Lines.
  void Required(absl::string_view field, const std::string& text);

  // An id as in `Article.article_id`; `OptionalId` accepts an empty one.
  void Id(absl::string_view field, absl::string_view id);
  void OptionalId(absl::string_view field, absl::string_view id);
  // A list of ids without repetitions.
  void Ids(absl::string_view field, int max, const google::protobuf::RepeatedPtrField<std::string>& ids);

  // A valid Timestamp (years 1 to 9999); truncates it to microseconds, the resolution of the store.
  void Time(absl::string_view field, google::protobuf::Timestamp& time);
  // A BCP 47 tag, or empty.
  void Language(absl::string_view field, absl::string_view tag);
  // `https://…`; empty is accepted.
  void HttpsUrl(absl::string_view field, absl::string_view url, std::size_t max_bytes = 2000);
  // What a reader may be linked to: https, http, mailto or a path of this site. Empty is refused.
  void Link(absl::string_view field, absl::string_view url);

 private:
  std::vector<FieldViolation> violations_;
};

}  // namespace broadsheet::article

#endif  // BROADSHEET_SERVICES_ARTICLE_FIELD_CHECK_H_
