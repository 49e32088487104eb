#ifndef BROADSHEET_SERVICES_MEDIA_IMAGE_STORE_H_
#define BROADSHEET_SERVICES_MEDIA_IMAGE_STORE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "broadsheet/change/v1/change.pb.h"
#include "broadsheet/media/v1/image.pb.h"

namespace broadsheet::media {

// Pictures, and the log's position they were read at, in one consistent look.
struct ImagesRead {
  std::vector<v1::Image> images;
  change::v1::Snapshot snapshot;
};

// What a write makes of a picture.
struct Edit {
  v1::Image image;  // the whole new state, but for revision and times, which the store sets
  // What readers see of it; unset: nothing, then no change is logged.
  std::optional<change::v1::ChangeKind> noticed;
  // Of a new picture: for each of its renditions, in order, the digest of its blob.
  std::vector<std::string> rendition_blobs;
};

// Given the picture as it is (unset: there is none), what to make of it; unset: leave it. Called inside the
// transaction, perhaps more than once; must be free of effects.
using EditFunction =
    absl::FunctionRef<absl::StatusOr<std::optional<Edit>>(const std::optional<v1::Image>& current)>;

struct WriteRequest {
  std::string method;      // request ids of different methods are different
  std::string request_id;  // empty: not idempotent
  std::string image_id;
  std::string digest = {};                      // of all that is asked for: the same for equal requests
  std::string request_id_field = "request_id";  // where the id stands in the request
};

// What came of a write, now or, if the request is a repetition, when it was made first.
struct Written {
  v1::Image image;
  bool existed = false;       // before the write
  std::int64_t position = 0;  // of the change logged; 0: none, readers notice nothing
  std::int64_t found_at = 0;  // the log's position that the answer is true of, if nothing was logged
};

// What is needed to serve a rendition.
struct RenditionRead {
  bool usable = false;  // false: its picture is withheld
  std::string blob;
  std::string media_type;
  std::int64_t byte_size = 0;
};

struct ListRequest {
  std::optional<v1::ImageStatus> status;
  std::int64_t before = 0;  // `next` of the previous answer; 0: from the start
  int limit = 20;
};

struct ListRead {
  std::vector<v1::Image> images;  // last changed first
  std::int64_t next = 0;          // 0: nothing follows
};

// The records of the library: pictures, answers to writes (for 24 hours), the change log. Commits are durable
// and atomic: record, answer and log entry, or nothing. Thread-safe.
//
// Errors of all methods: RESOURCE_EXHAUSTED: no space left. UNAVAILABLE: the storage does not work at the
// moment.
class ImageStore {
 public:
  virtual ~ImageStore() = default;

  // Those among `image_ids` that exist, in that order, in any status.
  virtual absl::StatusOr<ImagesRead> ReadImages(const std::vector<std::string>& image_ids) const = 0;
  // The id of the oldest picture made of these bytes; unset: there is none.
  virtual absl::StatusOr<std::optional<std::string>> FindByContent(const std::string& sha256) const = 0;
  virtual absl::StatusOr<ListRead> List(const ListRequest& request) const = 0;
  // `key` and `file` of a rendition's path, see RenditionPath. NOT_FOUND.
  virtual absl::StatusOr<RenditionRead> FindRendition(const std::string& key,
                                                      const std::string& file) const = 0;

  // The first answer to this request, if it was made within 24 hours. INVALID_ARGUMENT, here and from Write:
  // its id was used for another request.
  virtual absl::StatusOr<std::optional<Written>> FindAnswer(const WriteRequest& request) const = 0;
  // Changes one picture, unless the request is a repetition. Errors of `edit` are returned as they are and
  // change nothing.
  virtual absl::StatusOr<Written> Write(const WriteRequest& request, EditFunction edit) = 0;

  // Blobs about to be stored: remembered until a Write has made pictures of them, so that those of an upload
  // that came to nothing can be found, even after a crash.
  virtual absl::Status ExpectBlobs(const std::vector<std::string>& digests) = 0;
  // Expected blobs that no picture is made of.
  virtual absl::StatusOr<std::vector<std::string>> UnusedBlobs() const = 0;
  virtual absl::Status ForgetExpectedBlobs() = 0;
};

}  // namespace broadsheet::media

#endif  // BROADSHEET_SERVICES_MEDIA_IMAGE_STORE_H_
