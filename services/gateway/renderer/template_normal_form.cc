#include "services/gateway/renderer/template_normal_form.h"

#include <algorithm>
#include <cstddef>
#include <initializer_list>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

namespace broadsheet::gateway {
namespace {

constexpr std::size_t kNowhere = absl::string_view::npos;
constexpr std::size_t kMaxName = 64;  // the engine cuts long ones
constexpr absl::string_view kValue = "{{V}}";
constexpr absl::string_view kSpace = " \t\r\n";
// After one of these outside strings, comments and patterns nothing before it tells how a script goes on, but
// for whether a slash divides or begins a pattern.
constexpr absl::string_view kSettles = " \t\r\n;,(){}[]:?=.|\"'";
// No name goes on after one of these.
constexpr absl::string_view kEndsName = " \t\r\n;,(){}[]=\"'";
// No name of an attribute, and no word of a script, that the engine treats in a way of its own is so long.
constexpr std::size_t kLongName = 16;

bool IsOneOf(char c, absl::string_view set) { return set.find(c) != kNowhere; }

bool IsNamed(absl::string_view name, std::initializer_list<absl::string_view> names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool HasNoTags(absl::string_view element) {
  return IsNamed(element, {"script", "style", "title", "textarea"});
}

// A tag, or the beginning of one.
struct Tag {
  bool plain = false;             // as below; nothing else is set if it is not
  std::size_t end = kNowhere;     // behind its '>'
  std::string name;               // in small letters; "/a" for an end
  std::size_t name_end = 0;       // before white space
  std::size_t open = kNowhere;    // the attribute that may go on where the text ends
  std::string attribute;          // its name, in small letters
  std::size_t quoted = kNowhere;  // its value, if the text ends within quotes
};

// Reads `<name attribute attribute="value" attribute=value>`.
class TagReader {
 public:
  TagReader(absl::string_view text, std::size_t begin) : text_(text), at_(begin + 1) {}

  Tag Read() {
    const std::size_t begin = at_;
    if (!AtEnd() && text_[at_] == '/') ++at_;
    tag_.plain = SkipName() && at_ - begin < kMaxName;
    tag_.name = absl::AsciiStrToLower(text_.substr(begin, at_ - begin));
    tag_.name_end = at_;
    while (tag_.plain && tag_.end == kNowhere && !AtEnd()) ReadPart();
    return tag_;
  }

 private:
  bool AtEnd() const { return at_ >= text_.size(); }
  bool SkipSpace() {
    const std::size_t begin = at_;
    while (!AtEnd() && IsOneOf(text_[at_], kSpace)) ++at_;
    return at_ > begin;
  }
  bool SkipName() {
    const std::size_t begin = at_;
    if (AtEnd() || !absl::ascii_isalpha(static_cast<unsigned char>(text_[at_]))) return false;
    while (!AtEnd() &&
           (absl::ascii_isalnum(static_cast<unsigned char>(text_[at_])) || IsOneOf(text_[at_], "-_:.")))
      ++at_;
    return at_ - begin < kMaxName;
  }

  // The tag's end, or the next attribute.
  void ReadPart() {
    const bool parted = SkipSpace() || closed_;
    if (AtEnd()) return;
    if (text_[at_] == '>' || absl::StartsWith(text_.substr(at_), "/>")) {
      tag_.end = text_.find('>', at_) + 1;
      return;
    }
    tag_.open = at_, closed_ = false;
    tag_.plain = parted && SkipName();
    tag_.attribute = absl::AsciiStrToLower(text_.substr(tag_.open, at_ - tag_.open));
    const std::size_t name_end = at_;
    SkipSpace();
    if (!tag_.plain || AtEnd()) return;
    if (text_[at_] == '=') return ++at_, ReadValue();
    at_ = name_end;
  }

  void ReadValue() {
    SkipSpace();
    if (AtEnd()) return;
    const char quote = text_[at_];
    if (quote != '"' && quote != '\'') return ReadUnquoted();
    const std::size_t end = text_.find(quote, at_ + 1);
    if (end == kNowhere) {
      tag_.quoted = at_ + 1, at_ = text_.size();
    } else {
      at_ = end + 1, closed_ = true, tag_.open = kNowhere;
    }
  }

  void ReadUnquoted() {
    if (absl::StartsWith(text_.substr(at_), kValue)) at_ += kValue.size();
    while (!AtEnd() && !IsOneOf(text_[at_], kSpace) && text_[at_] != '>') {
      if (IsOneOf(text_[at_++], "\"'<=`{}&/")) tag_.plain = false;
    }
    if (!AtEnd()) tag_.open = kNowhere;
  }

  absl::string_view text_;
  std::size_t at_;
  bool closed_ = false;  // by a quote, just now
  Tag tag_;
};

// Where the tag, comment or element without tags begins in which the text ends.
struct Place {
  std::size_t begin = kNowhere;
  Tag tag;  // not plain for a comment, nor for what cannot be told
};

std::size_t EndOfElement(absl::string_view text, absl::string_view name, std::size_t from) {
  const std::string end = absl::StrCat("</", name);
  for (std::size_t at = from; (at = text.find("</", at)) != kNowhere; ++at) {
    const absl::string_view rest = text.substr(at);
    if (absl::StartsWithIgnoreCase(rest, end) && rest.size() > end.size() &&
        IsOneOf(rest[end.size()], "> \t\r\n"))
      return at;
  }
  return kNowhere;
}

// Behind the comment, declaration, tag or element that begins at place.begin, kNowhere if it has no end.
std::size_t EndOf(absl::string_view text, Place& place) {
  const absl::string_view rest = text.substr(place.begin);
  place.tag = Tag();
  if (absl::StartsWith(rest, "<!--")) {
    const std::size_t end = rest.find("-->", 4);
    return end == kNowhere ? end : place.begin + end + 3;
  }
  if (absl::StartsWith(rest, "<!")) {
    const std::size_t end = rest.find('>');
    return end == kNowhere ? end : place.begin + end + 1;
  }
  if (rest.size() > 1 && IsOneOf(rest[1], " \t\r\n0123456789")) return place.begin + 1;
  place.tag = TagReader(text, place.begin).Read();
  if (!place.tag.plain || place.tag.end == kNowhere) return kNowhere;
  return HasNoTags(place.tag.name) ? EndOfElement(text, place.tag.name, place.tag.end) : place.tag.end;
}

Place FindPlace(absl::string_view text) {
  Place place;
  for (std::size_t from = 0; from != kNowhere; from = EndOf(text, place)) {
    place.begin = text.find('<', from);
    if (place.begin == kNowhere) break;
  }
  return place;
}

// A name, or another that is too long to mean anything as well, however it goes on.
std::string ShortName(absl::string_view name) {
  return name.size() > kLongName ? std::string(kLongName + 1, 'x') : std::string(name);
}

std::string ShortWord(absl::string_view word) {
  const bool plain = std::all_of(word.begin(), word.end(),
                                 [](unsigned char c) { return absl::ascii_isalnum(c) || c == '_'; });
  return plain ? ShortName(word) : std::string(word);
}

// A script, in an element or in an attribute's quotes.
class Script {
 public:
  // `quote` is '\0' for an element.
  Script(std::string head, absl::string_view body, char quote, const AskEngine& ask)
      : head_(std::move(head)), body_(absl::StrReplaceAll(body, {{kValue, ""}})), quote_(quote), ask_(ask) {}

  std::string NormalForm() const {
    const std::size_t settled = absl::string_view(body_).find_last_of(kSettles);
    for (const std::size_t end : {body_.size(), settled == kNowhere ? 0 : settled + 1}) {
      if (end <= Pending()) continue;
      if (const std::optional<std::string> kept = After(end))
        return absl::StrCat(head_, *kept, ShortWord(absl::string_view(body_).substr(end)));
    }
    return absl::StrCat(head_, body_);
  }

 private:
  // Up to there the engine may wait for the end of an entity, of `</script` or of `<!--`.
  std::size_t Pending() const {
    const absl::string_view body = body_;
    const std::size_t begin = body.rfind(quote_ == '\0' ? '<' : '&');
    if (begin == kNowhere) return 0;
    const std::size_t end = body.find_first_of(quote_ == '\0' ? kEndsName : "; \t\r\n", begin);
    return end == kNowhere ? body.size() : end + (quote_ == '\0' ? 0 : 1);
  }

  std::string Ask(std::size_t end, absl::string_view then) const {
    return ask_(absl::StrCat(head_, absl::string_view(body_).substr(0, end), then));
  }

  // What has the same effect as the first `end` bytes.
  std::optional<std::string> After(std::size_t end) const {
    const std::string here = Ask(end, "");
    if (here != kInString && here != kInScript) return std::nullopt;
    // Not so in <!-- … -->, which hides the end of an element.
    if (quote_ == '\0' && Ask(end, kEnds) != kUnquoted) return std::nullopt;
    return here == kInString ? AfterString(end) : AfterToken(end);
  }

  std::optional<std::string> AfterString(std::size_t end) const {
    const std::size_t slashes = end - 1 - absl::string_view(body_).substr(0, end).find_last_not_of('\\');
    // The last takes what follows for its own, and the first may be another's that is written as an entity.
    if (slashes % 2 != 0 || (slashes > 0 && end - slashes <= Pending())) return std::nullopt;
    for (const char* quote : {"\"", "'"}) {
      if (*quote != quote_ && Ask(end, quote) == kInScript) return quote;
    }
    return std::nullopt;
  }

  std::optional<std::string> AfterToken(std::size_t end) const {
    const absl::string_view body = absl::string_view(body_).substr(0, end);
    if (!IsOneOf(body.back(), kSettles) && !absl::EndsWith(body, "*/")) return std::nullopt;
    const absl::string_view quote = quote_ == '"' ? "'" : "\"";
    // In a comment, and in a pattern, a quote begins nothing.
    if (Ask(end, quote) != kInString) return std::nullopt;
    return Ask(end, absl::StrCat("/ ", quote)) == kInString ? ")" : ";";
  }

  std::string head_, body_;
  char quote_;
  const AskEngine& ask_;
};

// In a style sheet, a title, a text area: nothing matters but what may end it or hide its end.
std::string InElement(std::string head, absl::string_view body) {
  const bool plain =
      !absl::StrContains(body, "</") && !absl::StrContains(body, "<!") && !absl::EndsWith(body, "<");
  return plain ? head : absl::StrCat(head, body);
}

// The engine takes what follows "5; url=" in any value of a <meta> for an address.
bool MayRedirect(absl::string_view value) {
  const std::size_t at = value.find_first_not_of(" \t\n\v\f\r0123456789");
  return at == kNowhere || value[at] == ';';
}

std::string InQuotes(const Tag& tag, absl::string_view text, const AskEngine& ask) {
  const absl::string_view value = text.substr(tag.quoted);
  const char quote = text[tag.quoted - 1];
  std::string head = absl::StrCat("<", tag.name, " ", tag.attribute, "=", text.substr(tag.quoted - 1, 1));
  if (absl::StartsWith(tag.attribute, "on")) return Script(std::move(head), value, quote, ask).NormalForm();
  if (tag.name == "meta" && MayRedirect(value)) return absl::StrCat(head, value);
  // Elsewhere an address has begun or not.
  return absl::StrCat(head, value.empty() ? "" : "x");
}

// An attribute that may go on: its name, or its value without quotes, where the engine cares only for what
// stands in a <meta>.
std::string OpenAttribute(const Tag& tag, absl::string_view attribute) {
  const bool handler = absl::StartsWith(tag.attribute, "on");
  const std::string name = handler ? "on" : ShortName(tag.attribute);
  const absl::string_view rest = attribute.substr(tag.attribute.size());
  const std::size_t value = rest.find_first_not_of(" \t\r\n=");
  if (rest.empty() || tag.name == "meta") return absl::StrCat(name, rest);
  if (value == kNowhere) return absl::StrCat(name, absl::StrContains(rest, "=") ? "=" : " ");
  return absl::StrCat(name, "=", absl::StartsWith(rest.substr(value), kValue) ? kValue : "x");
}

std::string InTag(const Tag& tag, absl::string_view text, const AskEngine& ask) {
  if (tag.quoted != kNowhere) return InQuotes(tag, text, ask);
  if (tag.open != kNowhere)
    return absl::StrCat("<", tag.name, " ", OpenAttribute(tag, text.substr(tag.open)));
  return absl::StrCat("<", tag.name, tag.name_end < text.size() ? " " : "");
}

std::string InComment(absl::string_view text) {
  const absl::string_view body = text.substr(4);
  const bool plain = !body.empty() && !absl::StrContains(body, "--") && !absl::StrContains(body, ">") &&
                     body[0] != '-' && body.back() != '-';
  return plain ? "<!-- " : std::string(text);
}

}  // namespace

std::string SeenByEngine(absl::string_view before, absl::string_view part) {
  std::string seen(before);
  while (true) {
    const std::size_t mark = part.find("{{");
    absl::StrAppend(&seen, part.substr(0, mark));
    if (mark == kNowhere) return seen.substr(before.size());
    const absl::string_view name = part.substr(mark + 2, part.find("}}", mark) - mark - 2);
    part.remove_prefix(mark + name.size() + 4);
    const std::size_t last = absl::string_view(seen).find_last_not_of(kSpace);
    if (name == "BI_SPACE" || name == "BI_NEWLINE") {
      seen += name == "BI_SPACE" ? ' ' : '\n';
    } else if (!name.empty() && !IsOneOf(name[0], "!#/>%") && last != kNowhere && seen[last] == '=') {
      absl::StrAppend(&seen, kValue);
    }
  }
}

std::string NormalForm(absl::string_view text, const AskEngine& ask) {
  const auto in_text = [&](absl::string_view part) {
    return ask(part) == kPlain && ask(absl::StrCat(part, "<b x=")) == kUnquoted;
  };
  if (text.empty() || in_text(text)) return "";
  Place place = FindPlace(text);
  if (place.begin == kNowhere) return std::string(text);
  if (place.begin > 0) {
    if (!in_text(text.substr(0, place.begin))) return std::string(text);
    text.remove_prefix(place.begin);
    place = FindPlace(text);
  }
  if (absl::StartsWith(text, "<!--")) return InComment(text);
  const Tag& tag = place.tag;
  if (!tag.plain) return std::string(text);
  if (tag.end == kNowhere) return InTag(tag, text, ask);
  const std::string head = absl::StrCat("<", tag.name, ">");
  const absl::string_view body = text.substr(tag.end);
  return tag.name == "script" ? Script(head, body, '\0', ask).NormalForm() : InElement(head, body);
}

}  // namespace broadsheet::gateway
