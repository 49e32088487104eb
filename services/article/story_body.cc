#include "services/article/story_body.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/wire_format_lite.h>

namespace broadsheet::article {
namespace {

using google::protobuf::internal::WireFormatLite;
using google::protobuf::io::CodedOutputStream;

// Bytes of a field with this number's tag and length, and of these bytes.
std::size_t FieldSize(int number, std::size_t bytes) {
  return WireFormatLite::TagSize(number, WireFormatLite::TYPE_MESSAGE) +
         WireFormatLite::LengthDelimitedSize(bytes);
}

// Returns where the field's bytes begin.
std::uint8_t* WriteHead(int number, std::size_t bytes, std::uint8_t* to) {
  to = WireFormatLite::WriteTagToArray(number, WireFormatLite::WIRETYPE_LENGTH_DELIMITED, to);
  return CodedOutputStream::WriteVarint32ToArray(static_cast<std::uint32_t>(bytes), to);
}

// Calculates the sizes of the blocks, which WriteBody relies on.
std::size_t BodySize(const v1::ArticleContent& content) {
  std::size_t bytes = 0;
  for (const v1::Block& block : content.body())
    bytes += FieldSize(v1::ArticleContent::kBodyFieldNumber, block.ByteSizeLong());
  return bytes;
}

void WriteBody(const v1::ArticleContent& content, std::uint8_t* to) {
  for (const v1::Block& block : content.body()) {
    to = WriteHead(v1::ArticleContent::kBodyFieldNumber, block.GetCachedSize(), to);
    to = block.SerializeWithCachedSizesToArray(to);
  }
}

}  // namespace

std::string SerializeBody(const v1::ArticleContent& content) {
  std::string bytes(BodySize(content), '\0');
  WriteBody(content, reinterpret_cast<std::uint8_t*>(bytes.data()));
  return bytes;
}

std::string SerializeBodyOfArticle(const v1::ArticleContent& content) {
  const std::size_t body = BodySize(content);
  std::string bytes(FieldSize(v1::Article::kContentFieldNumber, body), '\0');
  auto* const begin = reinterpret_cast<std::uint8_t*>(bytes.data());
  WriteBody(content, WriteHead(v1::Article::kContentFieldNumber, body, begin));
  return bytes;
}

absl::StatusOr<absl::string_view> ContentOfArticle(absl::string_view article) {
  google::protobuf::io::CodedInputStream stream(reinterpret_cast<const std::uint8_t*>(article.data()),
                                                static_cast<int>(article.size()));
  std::uint32_t size = 0;
  const bool headed =
      stream.ReadTag() == WireFormatLite::MakeTag(v1::Article::kContentFieldNumber,
                                                  WireFormatLite::WIRETYPE_LENGTH_DELIMITED) &&
      stream.ReadVarint32(&size);
  const auto head = static_cast<std::size_t>(stream.CurrentPosition());
  if (!headed || article.size() - head != size) return absl::DataLossError("a stored body cannot be read");
  return article.substr(head);
}

}  // namespace broadsheet::article
