#include "services/article/idempotent_write.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include "libs/rpc/status.h"
#include "services/article/sha256.h"

namespace broadsheet::article {
namespace {

constexpr std::size_t kMaxRequestIdBytes = 100;

// Takes the digest of what is written to it, and keeps nothing: requests may have megabytes.
struct DigestOutput final : google::protobuf::io::CopyingOutputStream {
  bool Write(const void* bytes, int size) override {
    sum.Add({static_cast<const char*>(bytes), static_cast<std::size_t>(size)});
    return true;
  }
  Sha256Sum sum;
};

}  // namespace

void CheckRequestId(const std::string& request_id, FieldCheck& check) {
  std::string text = request_id;
  check.Line("request_id", kMaxRequestIdBytes, text);
}

std::string DigestOf(const google::protobuf::Message& request) {
  DigestOutput output;
  output.sum.Add(request.GetTypeName());
  {
    google::protobuf::io::CopyingOutputStreamAdaptor stream(&output);
    google::protobuf::io::CodedOutputStream coded(&stream);
    coded.SetSerializationDeterministic(true);
    request.SerializeToCodedStream(&coded);
  }
  return output.sum.Finish();
}

absl::Status CheckSameRequest(const StoredRequest& stored, const std::string& digest) {
  if (stored.digest == digest) return absl::OkStatus();
  return rpc::InvalidArgument("request_id", "was used for a different request");
}

absl::StatusOr<v1::Draft> FindAnsweredDraft(const EditStore& store, const StoredRequest& stored) {
  absl::StatusOr<std::optional<EditStore::RevisionLookup>> found =
      store.FindRevision(stored.article_id, stored.revision);
  if (!found.ok()) return found.status();
  if (!*found) return absl::DataLossError("the revision that was answered with is missing");
  return std::move((*found)->draft);
}

}  // namespace broadsheet::article
