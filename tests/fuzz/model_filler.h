#ifndef BROADSHEET_TESTS_FUZZ_MODEL_FILLER_H_
#define BROADSHEET_TESTS_FUZZ_MODEL_FILLER_H_

#include <google/protobuf/message.h>

#include <string>
#include <string_view>

namespace broadsheet::fuzz {

// Makes messages out of bytes, without regard for what the services would accept: for each field, in the
// order of their numbers, one byte that says whether it is there or how often, then its value. When the bytes
// run out, what is left stays empty. Nesting and repetition are bounded.
class ModelFiller {
 public:
  explicit ModelFiller(std::string_view bytes) : bytes_(bytes) {}

  void Fill(google::protobuf::Message& message) { Fill(message, 0); }
  // 0 at the end.
  unsigned char TakeByte();

 private:
  void Fill(google::protobuf::Message& message, int depth);
  void AddValue(google::protobuf::Message& message, const google::protobuf::FieldDescriptor& field,
                int depth);
  std::string TakeText();
  std::int64_t TakeNumber();

  std::string_view bytes_;
};

}  // namespace broadsheet::fuzz

#endif  // BROADSHEET_TESTS_FUZZ_MODEL_FILLER_H_
