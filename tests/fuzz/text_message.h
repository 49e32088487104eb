#ifndef BROADSHEET_TESTS_FUZZ_TEXT_MESSAGE_H_
#define BROADSHEET_TESTS_FUZZ_TEXT_MESSAGE_H_

#include <google/protobuf/io/tokenizer.h>
#include <google/protobuf/text_format.h>

#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace broadsheet::fuzz {

// The message that `text` is in protobuf's text format; nothing, and no word of it, if it is none.
template <class Message>
std::optional<Message> ParseMessage(std::string_view text) {
  class Silent final : public google::protobuf::io::ErrorCollector {
    void AddError(int, int, const std::string&) override {}
  };
  Silent silent;
  google::protobuf::TextFormat::Parser parser;
  parser.RecordErrorsTo(&silent);
  parser.SetRecursionLimit(20);
  Message message;
  if (!parser.ParseFromString(std::string(text), &message)) return std::nullopt;
  return message;
}

}  // namespace broadsheet::fuzz

#endif  // BROADSHEET_TESTS_FUZZ_TEXT_MESSAGE_H_
