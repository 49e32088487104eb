#include "services/article/story_body.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/wire_format_lite.h>

namespace broadsheet::article {
namespace {

using google::protobuf::internal::WireFormatLite;

constexpr std::size_t kMostTagBytes = 16;  // of a field's number and length

// The head of field `number` of `size` bytes.
void WriteHead(int number, std::size_t size, google::protobuf::io::CodedOutputStream& stream) {
  stream.WriteTag(WireFormatLite::MakeTag(number, WireFormatLite::WIRETYPE_LENGTH_DELIMITED));
  stream.WriteVarint32(static_cast<std::uint32_t>(size));
}

}  // namespace

std::string SerializeBody(const v1::ArticleContent& content) {
  std::size_t bytes = 0;
  for (const v1::Block& block : content.body()) bytes += block.ByteSizeLong() + kMostTagBytes;
  std::string body;
  body.reserve(bytes);
  google::protobuf::io::StringOutputStream out(&body);
  google::protobuf::io::CodedOutputStream stream(&out);
  for (const v1::Block& block : content.body()) {
    WriteHead(v1::ArticleContent::kBodyFieldNumber, block.GetCachedSize(), stream);
    block.SerializeWithCachedSizes(&stream);
  }
  stream.Trim();
  return body;
}

std::string SerializeArticleOf(absl::string_view content) {
  std::string article;
  article.reserve(content.size() + kMostTagBytes);
  google::protobuf::io::StringOutputStream out(&article);
  google::protobuf::io::CodedOutputStream stream(&out);
  WriteHead(v1::Article::kContentFieldNumber, content.size(), stream);
  stream.WriteRaw(content.data(), static_cast<int>(content.size()));
  stream.Trim();
  return article;
}

}  // namespace broadsheet::article
