#include "libs/http/plain_head.h"

#include <array>

#include "libs/http/request_rules.h"

namespace broadsheet::http {
namespace {

enum CharacterClass : unsigned char { kOfName = 1, kOfValue = 2, kOfTarget = 4 };

constexpr auto kClasses = [] {
  std::array<unsigned char, 256> classes{};
  const auto add = [&](std::string_view characters, unsigned char of) {
    for (const char c : characters) classes[static_cast<unsigned char>(c)] |= of;
  };
  for (std::size_t c = ' '; c <= '~'; ++c) classes[c] = kOfValue;
  add("\t", kOfValue);
  add("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ", kOfName | kOfTarget);
  add("!#$%&'*+-.^_`|~", kOfName);
  add("!$%&'()*+,-./:;=?@[]_~", kOfTarget);
  return classes;
}();

class Cursor {
 public:
  explicit Cursor(std::string_view bytes) : begin_(bytes.data()), rest_(bytes) {}

  bool Skip(std::string_view text) {
    if (!rest_.starts_with(text)) return false;
    rest_.remove_prefix(text.size());
    return true;
  }
  std::string_view While(unsigned char of) {
    std::size_t size = 0;
    while (size < rest_.size() && (kClasses[static_cast<unsigned char>(rest_[size])] & of) != 0) ++size;
    const std::string_view taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return taken;
  }
  std::size_t position() const { return static_cast<std::size_t>(rest_.data() - begin_); }

 private:
  const char* begin_;
  std::string_view rest_;
};

bool IsSpace(char c) { return c == ' ' || c == '\t'; }

std::string_view Trimmed(std::string_view value) {
  while (!value.empty() && IsSpace(value.front())) value.remove_prefix(1);
  while (!value.empty() && IsSpace(value.back())) value.remove_suffix(1);
  return value;
}

// Whether a field asks for nothing that is for the whole grammar's parser; notes the host.
bool TakeField(const Field& field, PlainHead& head) {
  const auto is = [&](std::string_view name) { return EqualsIgnoringCase(field.name, name); };
  switch (field.name.size()) {
    case 4:
      if (!is("Host")) return true;
      if (!head.host.empty() || !IsAuthority(field.value)) return false;
      head.host = field.value;
      return true;
    case 6:
      return !is("Expect");
    case 7:
      return !is("Upgrade");
    case 10:
      return !is("Connection") || EqualsIgnoringCase(field.value, "keep-alive");
    case 14:
      return !is("Content-Length");
    case 16:
      return !is("Proxy-Connection");
    case 17:
      return !is("Transfer-Encoding");
    default:
      return true;
  }
}

}  // namespace

PlainHead ReadPlainHead(std::string_view bytes, std::size_t max_fields,
                        absl::InlinedVector<Field, 20>& fields) {
  Cursor in(bytes);
  PlainHead head;
  if (!in.Skip("GET ")) {
    if (!in.Skip("HEAD ")) return {};
    head.method = Method::kHead;
  }
  head.target = in.While(kOfTarget);
  if (!head.target.starts_with('/') || !in.Skip(" HTTP/1.1\r\n")) return {};
  while (!in.Skip("\r\n")) {
    Field field;
    field.name = in.While(kOfName);
    if (field.name.empty() || !in.Skip(":")) return {};
    field.value = Trimmed(in.While(kOfValue));
    if (!in.Skip("\r\n") || fields.size() == max_fields || !TakeField(field, head)) return {};
    fields.push_back(field);
  }
  if (head.host.empty()) return {};
  head.size = in.position();
  return head;
}

}  // namespace broadsheet::http
