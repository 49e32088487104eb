// A template that a newsroom wrote. If the first line is "a.html", "a.xml" or "teaser.html" the rest is that
// file; otherwise all of it is what follows the first line of an a.html. It is refused with file and line, or
// every name in it is given a text that would be script, and none comes out of it, however often its sections
// are shown; and every value is escaped as it is where the sections are written out as often instead.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "services/gateway/renderer/template_check.h"
#include "services/gateway/renderer/template_engine.h"
#include "services/gateway/renderer/template_names.h"
#include "tests/fuzz/expect.h"
#include "tests/fuzz/lines.h"

namespace broadsheet::fuzz {
namespace {

using gateway::CheckNames;
using gateway::KnownTemplateNames;
using gateway::Markup;
using gateway::TemplateEngine;
using gateway::Values;

// Not so many that sections in each other could make a page of gigabytes.
constexpr std::size_t kMaxWrittenOut = 64 * 1024;
// The engine escapes it in another way for each kind of place.
constexpr char kTelling[] = "javascript:\\\"'<b> a=/*(;&";
constexpr char kPayload[] = "\" onxss1=' onxss1=\"'><script>xss1</script>";

// A folder of this process, removed at its end.
class Folder {
 public:
  Folder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "templates-XXXXXX").string();
    path_ = mkdtemp(pattern.data());
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

struct Names {
  std::set<std::string> values, sections, files;
};

Names NamesIn(std::string_view text) {
  Names names;
  while (true) {
    const std::size_t mark = text.find("{{");
    if (mark == text.npos) return names;
    text.remove_prefix(mark + 2);
    const char kind = text.empty() ? '\0' : text.front();
    if (kind == '#' || kind == '>' || kind == '/') text.remove_prefix(1);
    const auto end = std::find_if_not(text.begin(), text.end(),
                                      [](unsigned char c) { return absl::ascii_isalnum(c) || c == '_'; });
    const std::string name(text.begin(), end);
    // What the engine knows by itself; nobody gives values to these.
    if (name == "BI_NEWLINE" || name == "BI_SPACE") continue;
    (kind == '#' ? names.sections : kind == '>' ? names.files : names.values).insert(name);
  }
}

void SetTexts(const Names& names, const std::string& text, Values& values) {
  for (const std::string& name : names.values) {
    if (absl::EndsWith(name, "_HTML") || absl::EndsWith(name, "_JSON")) {
      values.Set(name, Markup{"[]"});
    } else {
      values.Set(name, text);
    }
  }
}

// Every value is `text`, every section is shown `count` times, every file is the one named.
Values ValuesFor(const Names& names, const std::string& file, const std::string& text, int count) {
  Values values;
  SetTexts(names, text, values);
  for (const std::string& section : names.sections) {
    for (int i = 0; i < count; ++i) {
      Values& inner = values.Add(section);
      SetTexts(names, text, inner);
    }
  }
  for (const std::string& name : names.files) {
    Values inner;
    SetTexts(names, text, inner);
    values.Include(name, file, std::move(inner));
  }
  return values;
}

// A template with each section written out `count` times. Nothing if that is too long.
std::optional<std::string> WrittenOut(std::string_view text, int count) {
  std::vector<std::string> open(1);
  while (true) {
    const std::size_t begin = text.find("{{");
    open.back() += text.substr(0, begin);
    if (begin == text.npos) return open.back();
    const std::string_view mark = text.substr(begin, text.find("}}", begin) + 2 - begin);
    text.remove_prefix(begin + mark.size());
    if (mark[2] == '#') {
      open.emplace_back();
    } else if (mark[2] == '/') {
      const std::string block = open.back();
      open.pop_back();
      for (int i = 0; i < count; ++i) open.back() += block;
      if (open.back().size() > kMaxWrittenOut) return std::nullopt;
    } else {
      open.back() += mark;
    }
  }
}

// White space around marks is the engine's to leave out.
std::string WithoutSpace(std::string text) {
  text.erase(std::remove_if(text.begin(), text.end(), [](unsigned char c) { return absl::ascii_isspace(c); }),
             text.end());
  return text;
}

// "…/a.html:3: reason".
void CheckFault(const absl::Status& status, const std::string& path, const std::string& text) {
  Expect(status.code() == absl::StatusCode::kInvalidArgument, "a template is refused as an argument",
         std::string(status.message()));
  const std::string message(status.message());
  Expect(absl::StartsWith(message, path + ":"), "a refusal names the file", message);
  std::string_view line = std::string_view(message).substr(path.size() + 1);
  line = Take(line, ':');
  Expect(!line.empty() && line.find_first_not_of("0123456789") == line.npos, "a refusal names the line",
         message);
  const auto lines = std::count(text.begin(), text.end(), '\n') + 1;
  Expect(std::atol(std::string(line).c_str()) <= lines, "the line is there", message);
}

// One template in a folder of its own.
auto LoadAlone(const std::filesystem::path& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
  auto engine = TemplateEngine::Load(path.parent_path().string(), {});
  std::filesystem::remove(path);
  return engine;
}

// Some of what is written out the engine does not take; that no page can be, either.
void CheckEscaping(const TemplateEngine& engine, const std::filesystem::path& path, const std::string& text,
                   int count) {
  const Names names = NamesIn(text);
  // What stands between entries and what is put in are not written out.
  if (!names.files.empty() || text.find("_separator") != text.npos) return;
  const auto flat = LoadAlone(path, *WrittenOut(text, count));
  if (!flat.ok()) return;
  const std::string name = path.filename().string();
  const Values values = ValuesFor(names, name, kTelling, count);
  const std::string page = engine.Expand(name, values, Values());
  Expect(WithoutSpace(page) == WithoutSpace((*flat)->Expand(name, values, Values())),
         "a value is escaped as where its sections are written out", page);
}

// Nothing in a value becomes active.
void CheckInert(const TemplateEngine& engine, const std::string& name, const std::string& text, int count) {
  const auto page_with = [&](const std::string& value) {
    return engine.Expand(name, ValuesFor(NamesIn(text), name, value, count), Values());
  };
  // Without any value the template's own words come together, also those that a mark had parted.
  if (text.find("xss1") != text.npos || page_with("").find("xss1") != std::string::npos) return;
  const std::string page = page_with(kPayload);
  for (const char* active : {"<script>xss1", "\" onxss1=", "' onxss1="})
    Expect(page.find(active) == page.npos, "nothing in a value becomes active", page);
}

}  // namespace
}  // namespace broadsheet::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace broadsheet::fuzz;
  static const Folder folder;
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  std::string name(Take(rest));
  std::string text(rest);
  if (name != "a.html" && name != "a.xml" && name != "teaser.html") {
    name = "a.html";
    text = "{{%AUTOESCAPE context=\"HTML\"}}" + std::string(reinterpret_cast<const char*>(data), size);
  }
  const std::string path = (folder.path() / name).string();
  const auto engine = LoadAlone(path, text);
  if (!engine.ok()) {
    CheckFault(engine.status(), path, text);
    return 0;
  }
  const absl::Status known = CheckNames(path, text, KnownTemplateNames().at("teaser.html"));
  if (!known.ok()) CheckFault(known, path, text);
  for (const int count : {0, 1, 2}) {
    if (!WrittenOut(text, count)) continue;
    CheckInert(**engine, name, text, count);
    CheckEscaping(**engine, path, text, count);
  }
  return 0;
}
