#include "services/gateway/renderer/testing/markup_reader.h"

#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"

namespace broadsheet::gateway::testing {
namespace {

bool IsVoid(const std::string& name) {
  static const auto& names = *new std::set<std::string>{"br", "hr", "img", "link", "meta", "source"};
  return names.contains(name);
}

bool IsNameCharacter(char c) {
  return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '-' || c == ':' || c == '_';
}

class Reader {
 public:
  Reader(const std::string& text, Syntax syntax) : all_(text), rest_(text), syntax_(syntax) {}

  absl::StatusOr<std::vector<Element>> Read() {
    absl::ConsumePrefix(&rest_, syntax_ == Syntax::kHtml ? "<!doctype html>\n"
                                                         : "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n");
    while (!rest_.empty()) {
      if (absl::Status step = rest_[0] == '<' ? Tag() : Text(); !step.ok()) return step;
    }
    if (!open_.empty()) return Fault(absl::StrCat(elements_[open_.back()].name, " is not closed"));
    return std::move(elements_);
  }

 private:
  absl::Status Text() {
    const size_t end = std::min(rest_.find('<'), rest_.size());
    if (absl::Status sound = CheckEscapes(rest_.substr(0, end)); !sound.ok()) return sound;
    if (!open_.empty()) absl::StrAppend(&elements_[open_.back()].text, rest_.substr(0, end));
    rest_.remove_prefix(end);
    return absl::OkStatus();
  }

  absl::Status CheckEscapes(absl::string_view text) const {
    if (text.find('>') != absl::string_view::npos) return Fault("a bare >");
    for (size_t at = 0; (at = text.find('&', at)) != absl::string_view::npos; ++at) {
      bool known = false;
      for (const char* entity : {"&amp;", "&lt;", "&gt;", "&quot;", "&#39;", "&#160;", "&nbsp;"}) {
        known = known || absl::StartsWith(text.substr(at), entity);
      }
      if (!known) return Fault("a bare &");
    }
    return absl::OkStatus();
  }

  absl::Status Tag() {
    if (absl::ConsumePrefix(&rest_, "<!--notice-->")) return absl::OkStatus();
    if (absl::ConsumePrefix(&rest_, "</")) return Close();
    rest_.remove_prefix(1);
    Element element{Name(), {}, ""};
    if (element.name.empty()) return Fault("a bare <");
    while (absl::ConsumePrefix(&rest_, " ")) {
      if (absl::Status read = Attribute(element); !read.ok()) return read;
    }
    const bool closed = syntax_ == Syntax::kXml && absl::ConsumePrefix(&rest_, "/");
    if (!absl::ConsumePrefix(&rest_, ">")) return Fault(absl::StrCat("a malformed tag ", element.name));
    elements_.push_back(std::move(element));
    const std::string& name = elements_.back().name;
    if (closed || (syntax_ == Syntax::kHtml && IsVoid(name))) return absl::OkStatus();
    open_.push_back(elements_.size() - 1);
    return syntax_ == Syntax::kHtml && name == "script" ? Script() : absl::OkStatus();
  }

  // Nothing in a script may begin with `<`: neither its end nor a comment.
  absl::Status Script() {
    const size_t end = rest_.find('<');
    if (end == absl::string_view::npos || !absl::StartsWith(rest_.substr(end), "</script>"))
      return Fault("a < in a script");
    elements_[open_.back()].text = std::string(rest_.substr(0, end));
    rest_.remove_prefix(end);
    return absl::OkStatus();
  }

  absl::Status Attribute(Element& element) {
    std::string name = Name();
    if (name.empty()) return Fault(absl::StrCat("a nameless attribute of ", element.name));
    if (!absl::ConsumePrefix(&rest_, "=\"")) {
      element.attributes.emplace_back(std::move(name), "");
      return absl::OkStatus();
    }
    const size_t end = rest_.find('"');
    if (end == absl::string_view::npos) return Fault("an attribute without end");
    const absl::string_view value = rest_.substr(0, end);
    if (value.find('<') != absl::string_view::npos) return Fault(absl::StrCat("a < in the attribute ", name));
    if (absl::Status sound = CheckEscapes(value); !sound.ok()) return sound;
    element.attributes.emplace_back(std::move(name), std::string(value));
    rest_.remove_prefix(end + 1);
    return absl::OkStatus();
  }

  absl::Status Close() {
    const std::string name = Name();
    if (!absl::ConsumePrefix(&rest_, ">")) return Fault(absl::StrCat("a malformed end of ", name));
    if (open_.empty() || elements_[open_.back()].name != name)
      return Fault(absl::StrCat("an end of ", name, " out of order"));
    open_.pop_back();
    return absl::OkStatus();
  }

  std::string Name() {
    size_t length = 0;
    while (length < rest_.size() && IsNameCharacter(rest_[length])) ++length;
    std::string name(rest_.substr(0, length));
    rest_.remove_prefix(length);
    return name;
  }

  absl::Status Fault(absl::string_view reason) const {
    const size_t at = all_.size() - rest_.size();
    return absl::InvalidArgumentError(
        absl::StrCat(reason, " near: ", all_.substr(at < 60 ? 0 : at - 60, 120)));
  }

  absl::string_view all_;
  absl::string_view rest_;
  Syntax syntax_;
  std::vector<Element> elements_;
  std::vector<size_t> open_;
};

}  // namespace

absl::StatusOr<std::vector<Element>> ReadMarkup(const std::string& text, Syntax syntax) {
  return Reader(text, syntax).Read();
}

}  // namespace broadsheet::gateway::testing
