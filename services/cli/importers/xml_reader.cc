#include "services/cli/importers/xml_reader.h"

#include <fcntl.h>
#include <libxml/xmlreader.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <memory>
#include <mutex>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace broadsheet::cli {

namespace {

constexpr int kDeepestElement = 200;
constexpr std::size_t kMostElementBytes = 32 << 20;
constexpr absl::string_view kWordPress = "http://wordpress.org/export/";
constexpr absl::string_view kEntities = "declares entities of its own, which are not resolved";

absl::string_view View(const xmlChar* text) {
  return text == nullptr ? absl::string_view() : absl::string_view(reinterpret_cast<const char*>(text));
}

bool IsWordPress(absl::string_view uri) {
  return absl::StartsWith(uri, kWordPress) || absl::StartsWith(uri, "https://wordpress.org/export/");
}

// The usual prefix of a namespace; nothing if it is not known.
std::optional<absl::string_view> UsualPrefix(absl::string_view uri) {
  static constexpr std::array<std::pair<absl::string_view, absl::string_view>, 12> kPrefixes = {{
      {"http://purl.org/rss/1.0/modules/content/", "content:"},
      {"http://purl.org/dc/elements/1.1/", "dc:"},
      {"http://www.w3.org/1999/xhtml", ""},
      {"http://www.w3.org/2005/Atom", ""},
      {"http://purl.org/rss/1.0/", ""},
      {"http://iptc.org/std/nar/2006-10-01/", ""},
      {"http://iptc.org/std/NITF/2006-10-18/", ""},
      {"http://search.yahoo.com/mrss/", "media:"},
      {"http://www.w3.org/XML/1998/namespace", "xml:"},
      {"http://www.w3.org/2007/app", "app:"},
      {"http://purl.org/atom/app#", "app:"},
      {"http://schemas.google.com/blogger/2018", "blogger:"},
  }};
  for (const auto& [known, prefix] : kPrefixes) {
    if (uri == known) return prefix;
  }
  // WordPress puts the version of its export into the name.
  if (!IsWordPress(uri)) return std::nullopt;
  return absl::EndsWith(uri, "/excerpt/") ? "excerpt:" : "wp:";
}

// A file open for reading; negative, after a report, if it cannot be.
struct Descriptor {
  const int value;

  Descriptor(const std::filesystem::path& file, const std::string& shown_as, Problems& problems)
      : value(open(file.c_str(), O_RDONLY | O_CLOEXEC)) {
    static std::once_flag initialized;
    std::call_once(initialized, xmlInitParser);
    if (value < 0)
      problems.Error({shown_as}, absl::StrCat("cannot be read: ", std::generic_category().message(errno)));
  }
  ~Descriptor() {
    if (value >= 0) close(value);
  }
  std::uint64_t position() const { return static_cast<std::uint64_t>(lseek(value, 0, SEEK_CUR)); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
};

class Stream {
 public:
  Stream(int file, std::string shown_as, Problems& problems)
      : shown_as_(std::move(shown_as)),
        problems_(problems),
        reader_(
            xmlReaderForFd(file, nullptr, nullptr, XML_PARSE_NONET | XML_PARSE_COMPACT | XML_PARSE_BIG_LINES),
            xmlFreeTextReader) {
    if (reader_ != nullptr) xmlTextReaderSetStructuredErrorHandler(reader_.get(), Remember, this);
  }

  bool Read(const std::set<std::string>& whole, const std::function<void(const XmlElement&, int)>& use) {
    if (reader_ == nullptr) return Fail("cannot be read");
    while (Advance()) {
      if (Type() == XML_READER_TYPE_ENTITY_REFERENCE)
        return Fail("names an entity of its own, which is not resolved");
      if (Type() != XML_READER_TYPE_ELEMENT || whole.count(Name()) == 0) continue;
      const int line = Line();
      XmlElement element;
      if (!Take(element)) return false;
      use(element, line);
    }
    return !failed_;
  }

  std::optional<XmlRoot> ReadRoot() {
    if (reader_ == nullptr) Fail("cannot be read");
    while (!failed_ && Advance()) {
      if (Type() != XML_READER_TYPE_ELEMENT) continue;
      XmlRoot root{Name()};
      while (xmlTextReaderMoveToNextAttribute(reader_.get()) == 1) {
        const absl::string_view value = View(xmlTextReaderConstValue(reader_.get()));
        root.declares_wordpress = root.declares_wordpress || IsWordPress(value);
      }
      return root;
    }
    return std::nullopt;
  }

 private:
  // Errors are not printed: the first is what is reported.
  static void Remember(void* self, xmlErrorPtr error) {
    auto& stream = *static_cast<Stream*>(self);
    if (error == nullptr || error->level < XML_ERR_ERROR || !stream.error_.empty()) return;
    stream.error_ = std::string(absl::StripAsciiWhitespace(error->message == nullptr ? "" : error->message));
    stream.error_line_ = error->line;
  }

  // To the next node; false at the end or at a mistake, which is reported.
  bool Advance() {
    const int result = xmlTextReaderRead(reader_.get());
    if (result == 1) return !DeclaresEntities() || Fail(kEntities);
    if (result < 0) Fail(absl::StrCat("is not XML: ", error_.empty() ? "it ends too early" : error_));
    return false;
  }

  // Where the element begins. An element holds no line beyond 65535: from there on it is where the parser is,
  // which is a few hundred bytes ahead at most.
  int Line() const {
    constexpr int kMostOfNode = 65535;
    const auto line = static_cast<int>(xmlGetLineNo(xmlTextReaderCurrentNode(reader_.get())));
    return line >= 0 && line < kMostOfNode ? line : xmlTextReaderGetParserLineNumber(reader_.get());
  }

  // Values of attributes would be made of them, whether they are used in texts or not.
  bool DeclaresEntities() const {
    if (Type() != XML_READER_TYPE_ELEMENT) return false;
    const xmlNode* node = xmlTextReaderCurrentNode(reader_.get());
    const xmlDtd* subset = node == nullptr || node->doc == nullptr ? nullptr : node->doc->intSubset;
    return subset != nullptr && (subset->entities != nullptr || subset->pentities != nullptr);
  }

  bool Fail(absl::string_view message) {
    const int line =
        error_line_ > 0 || reader_ == nullptr ? error_line_ : xmlTextReaderGetParserLineNumber(reader_.get());
    if (!failed_) problems_.Error({shown_as_, line}, message);
    failed_ = true;
    return false;
  }

  int Type() const { return xmlTextReaderNodeType(reader_.get()); }

  std::string Name() const {
    const absl::string_view local = View(xmlTextReaderConstLocalName(reader_.get()));
    const absl::string_view uri = View(xmlTextReaderConstNamespaceUri(reader_.get()));
    if (const std::optional<absl::string_view> prefix = UsualPrefix(uri)) return absl::StrCat(*prefix, local);
    return std::string(View(xmlTextReaderConstName(reader_.get())));
  }

  // The element that the reader stands at, with all that is in it; the reader stands at its end afterwards.
  bool Take(XmlElement& top) {
    std::vector<XmlElement*> open;
    std::size_t bytes = 0;
    Open(top, bytes);
    if (xmlTextReaderIsEmptyElement(reader_.get()) == 1) return true;
    open.push_back(&top);
    while (Advance()) {
      switch (Type()) {
        case XML_READER_TYPE_ELEMENT: {
          if (open.size() >= kDeepestElement)
            return Fail(absl::StrCat("is nested deeper than ", kDeepestElement, " levels"));
          const bool is_empty = xmlTextReaderIsEmptyElement(reader_.get()) == 1;
          XmlElement& child = open.back()->children.emplace_back();
          Open(child, bytes);
          if (!is_empty) open.push_back(&child);
          break;
        }
        case XML_READER_TYPE_END_ELEMENT:
          open.pop_back();
          if (open.empty()) return true;
          break;
        case XML_READER_TYPE_TEXT:
        case XML_READER_TYPE_CDATA:
        case XML_READER_TYPE_SIGNIFICANT_WHITESPACE:
        case XML_READER_TYPE_WHITESPACE: {
          const absl::string_view text = View(xmlTextReaderConstValue(reader_.get()));
          bytes += text.size();
          open.back()->children.emplace_back().text = WithoutControls(text);
          break;
        }
        case XML_READER_TYPE_ENTITY_REFERENCE:
          return Fail("names an entity of its own, which is not resolved");
        default:
          break;  // comments and processing instructions
      }
      if (bytes > kMostElementBytes) return Fail("holds an element of more than 32 MiB");
    }
    return Fail("is not XML: it ends too early");
  }

  // Name and attributes of the element that the reader stands at.
  void Open(XmlElement& element, std::size_t& bytes) {
    element.name = Name();
    bytes += sizeof(XmlElement) + element.name.size();
    while (xmlTextReaderMoveToNextAttribute(reader_.get()) == 1) {
      if (xmlTextReaderIsNamespaceDecl(reader_.get()) == 1) continue;
      const absl::string_view value = View(xmlTextReaderConstValue(reader_.get()));
      element.attributes.emplace_back(Name(), WithoutControls(value));
      bytes += value.size();
    }
    xmlTextReaderMoveToElement(reader_.get());
  }

  const std::string shown_as_;
  Problems& problems_;
  const std::unique_ptr<xmlTextReader, decltype(&xmlFreeTextReader)> reader_;
  std::string error_;
  int error_line_ = 0;
  bool failed_ = false;
};

}  // namespace

bool ReadXml(const std::filesystem::path& file, const std::string& shown_as,
             const std::set<std::string>& whole,
             const std::function<void(const XmlElement& element, int line)>& use, Problems& problems,
             std::uint64_t* position) {
  const Descriptor descriptor(file, shown_as, problems);
  const std::uint64_t before = position == nullptr ? 0 : *position;
  const auto use_and_tell = [&](const XmlElement& element, int line) {
    if (position != nullptr) *position = before + descriptor.position();
    use(element, line);
  };
  return descriptor.value >= 0 && Stream(descriptor.value, shown_as, problems).Read(whole, use_and_tell);
}

std::optional<XmlRoot> ReadXmlRoot(const std::filesystem::path& file, const std::string& shown_as,
                                   Problems& problems) {
  const Descriptor descriptor(file, shown_as, problems);
  if (descriptor.value < 0) return std::nullopt;
  return Stream(descriptor.value, shown_as, problems).ReadRoot();
}

const XmlElement* ChildOf(const XmlElement& element, absl::string_view name) {
  for (const XmlElement& child : element.children) {
    if (child.name == name) return &child;
  }
  return nullptr;
}

std::string ChildText(const XmlElement& element, absl::string_view name) {
  const XmlElement* child = ChildOf(element, name);
  return child == nullptr ? "" : std::string(absl::StripAsciiWhitespace(child->TextContent()));
}

}  // namespace broadsheet::cli
