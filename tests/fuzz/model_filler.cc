#include "tests/fuzz/model_filler.h"

#include <google/protobuf/descriptor.h>

#include <cstdint>

#include "tests/fuzz/lines.h"

namespace broadsheet::fuzz {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

constexpr int kMaxDepth = 8;

// Sets the field, or adds to it.
template <class Value>
void Put(Message& message, const FieldDescriptor& field, Value value,
         void (Reflection::*set)(Message*, const FieldDescriptor*, Value) const,
         void (Reflection::*add)(Message*, const FieldDescriptor*, Value) const) {
  (message.GetReflection()->*(field.is_repeated() ? add : set))(&message, &field, std::move(value));
}

}  // namespace

unsigned char ModelFiller::TakeByte() {
  if (bytes_.empty()) return 0;
  const char byte = bytes_.front();
  bytes_.remove_prefix(1);
  return static_cast<unsigned char>(byte);
}

std::string ModelFiller::TakeText() { return std::string(Take(bytes_)); }

// Small ones, and the ends of what there is.
std::int64_t ModelFiller::TakeNumber() {
  const unsigned char byte = TakeByte();
  if (byte < 0xf0) return byte;
  std::int64_t value = 0;
  for (int i = 0; i < 8; ++i)
    value = static_cast<std::int64_t>(static_cast<std::uint64_t>(value) << 8 | TakeByte());
  return value;
}

void ModelFiller::Fill(Message& message, int depth) {
  const google::protobuf::Descriptor& type = *message.GetDescriptor();
  for (int i = 0; i < type.field_count() && !bytes_.empty(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    const int wanted = TakeByte() % 4;
    if (field.is_map()) continue;
    for (int n = 0; n < (field.is_repeated() ? wanted : wanted > 0); ++n) AddValue(message, field, depth);
  }
}

void ModelFiller::AddValue(Message& message, const FieldDescriptor& field, int depth) {
  const Reflection& reflection = *message.GetReflection();
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_MESSAGE:
      if (depth >= kMaxDepth) return;
      return Fill(field.is_repeated() ? *reflection.AddMessage(&message, &field)
                                      : *reflection.MutableMessage(&message, &field),
                  depth + 1);
    case FieldDescriptor::CPPTYPE_STRING:
      return Put(message, field, TakeText(), &Reflection::SetString, &Reflection::AddString);
    case FieldDescriptor::CPPTYPE_ENUM:
      return Put<int>(message, field, static_cast<int>(TakeNumber()), &Reflection::SetEnumValue,
                      &Reflection::AddEnumValue);
    case FieldDescriptor::CPPTYPE_BOOL:
      return Put<bool>(message, field, TakeByte() % 2 == 1, &Reflection::SetBool, &Reflection::AddBool);
    case FieldDescriptor::CPPTYPE_INT32:
      return Put(message, field, static_cast<std::int32_t>(TakeNumber()), &Reflection::SetInt32,
                 &Reflection::AddInt32);
    case FieldDescriptor::CPPTYPE_UINT32:
      return Put(message, field, static_cast<std::uint32_t>(TakeNumber()), &Reflection::SetUInt32,
                 &Reflection::AddUInt32);
    case FieldDescriptor::CPPTYPE_INT64:
      return Put(message, field, TakeNumber(), &Reflection::SetInt64, &Reflection::AddInt64);
    case FieldDescriptor::CPPTYPE_FLOAT:
      return Put(message, field, static_cast<float>(TakeNumber()) / 100, &Reflection::SetFloat,
                 &Reflection::AddFloat);
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return Put(message, field, static_cast<double>(TakeNumber()) / 100, &Reflection::SetDouble,
                 &Reflection::AddDouble);
    default:
      return;
  }
}

}  // namespace broadsheet::fuzz
