#include "services/gateway/renderer/template_engine.h"

#include <ctemplate/template.h>

#include <algorithm>
#include <filesystem>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/gateway/renderer/template_check.h"
#include "services/gateway/renderer/template_contexts.h"
#include "services/gateway/renderer/template_faults.h"
#include "services/gateway/renderer/template_file.h"

namespace broadsheet::gateway {
namespace {

constexpr ctemplate::Strip kStrip = ctemplate::STRIP_BLANK_LINES;

ctemplate::TemplateString Borrow(const std::string& text) {
  return ctemplate::TemplateString(text.data(), text.size());
}

constexpr std::size_t kMarkupBytes = 16 << 10;  // of most pages beside the texts

std::size_t TextBytes(const Values& values) {
  std::size_t bytes = 0;
  for (const auto& [name, text] : values.texts()) bytes += text.size();
  for (const Values::Child& child : values.children()) bytes += TextBytes(*child.values);
  return bytes;
}

// The values outlive the dictionary, so texts are not copied.
void Fill(const Values& values, ctemplate::TemplateDictionary& dictionary) {
  for (const auto& [name, text] : values.texts()) dictionary.SetValueWithoutCopy(name, Borrow(text));
  for (const Values::Child& child : values.children()) {
    ctemplate::TemplateDictionary* inner = child.file.empty() ? dictionary.AddSectionDictionary(child.name)
                                                              : dictionary.AddIncludeDictionary(child.name);
    if (!child.file.empty()) inner->SetFilename(child.file);
    Fill(*child.values, *inner);
  }
}

// Values known in every file: texts, and sections without values of their own.
void FillShared(const Values& shared, ctemplate::TemplateDictionary& dictionary) {
  for (const auto& [name, text] : shared.texts())
    dictionary.SetTemplateGlobalValueWithoutCopy(name, Borrow(text));
  for (const Values::Child& child : shared.children()) dictionary.ShowTemplateGlobalSection(child.name);
}

absl::StatusOr<std::vector<std::string>> TemplateFiles(const std::filesystem::path& directory) {
  std::error_code error;
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(directory, error)) {
    const std::filesystem::path extension = entry.path().extension();
    if (extension == ".html" || extension == ".xml") files.push_back(entry.path().filename());
  }
  if (error)
    return absl::NotFoundError(absl::StrCat("templates: ", directory.string(), ": ", error.message()));
  std::sort(files.begin(), files.end());
  return files;
}

bool Takes(const std::string& name, const std::string& text) {
  ctemplate::TemplateCache scratch;
  return scratch.StringToTemplateCache(name, text, kStrip);
}

// The line that a template cannot have, as far as the engine is concerned: it says of faults only that there
// is one, so it is asked about shorter and shorter beginnings.
std::ptrdiff_t RefusedLine(const std::string& name, const std::string& text) {
  std::vector<std::size_t> ends;  // of lines
  for (std::size_t end = 0; (end = text.find('\n', end)) != std::string::npos;) ends.push_back(++end);
  const auto taken = std::partition_point(
      ends.begin(), ends.end(), [&](std::size_t end) { return Takes(name, BeginningOfTemplate(text, end)); });
  return taken - ends.begin() + 1;
}

}  // namespace

struct TemplateEngine::Cache {
  ctemplate::TemplateCache templates;
};

TemplateEngine::TemplateEngine() : cache_(std::make_unique<Cache>()) {}
TemplateEngine::~TemplateEngine() = default;

absl::StatusOr<std::unique_ptr<TemplateEngine>> TemplateEngine::Load(absl::string_view directory,
                                                                     const TemplateNames& known) {
  const std::filesystem::path root = std::filesystem::absolute(std::string(directory));
  absl::StatusOr<std::vector<std::string>> files = TemplateFiles(root);
  if (!files.ok()) return files.status();
  TemplateFaults faults;
  for (const auto& [name, marks] : known) {
    if (!std::binary_search(files->begin(), files->end(), name))
      faults.Add(absl::NotFoundError(absl::StrCat((root / name).string(), " is missing")));
  }
  std::unique_ptr<TemplateEngine> engine(new TemplateEngine());
  for (const std::string& name : *files) faults.Add(engine->LoadFile(root.string(), name, known));
  if (!faults.empty()) return faults.status();
  engine->cache_->templates.Freeze();
  return engine;
}

absl::Status TemplateEngine::LoadFile(const std::string& root, const std::string& name,
                                      const TemplateNames& known) {
  const std::string file = (std::filesystem::path(root) / name).string();
  // Read once: what is loaded is what was checked, whoever writes to the folder meanwhile.
  absl::StatusOr<std::string> text = ReadTemplateFile(file, kMaxTemplateBytes);
  if (!text.ok()) return text.status();
  if (absl::Status sound = CheckTemplate(file, *text); !sound.ok()) return sound;
  if (const auto marks = known.find(name); marks != known.end()) {
    if (absl::Status set = CheckNames(file, *text, marks->second); !set.ok()) return set;
  }
  if (!cache_->templates.StringToTemplateCache(name, *text, kStrip)) {
    return absl::InvalidArgumentError(absl::StrCat(file, ":", RefusedLine(name, *text),
                                                   ": the engine refuses it, see the error log: as a rule a "
                                                   "value stands where no escaping can make it safe"));
  }
  if (absl::Status same = CheckContexts(file, *text); !same.ok()) return same;
  texts_.emplace(name, *std::move(text));
  return absl::OkStatus();
}

std::string TemplateEngine::Expand(const std::string& file, const Values& values,
                                   const Values& shared) const {
  ctemplate::TemplateDictionary dictionary(file);
  FillShared(shared, dictionary);
  Fill(values, dictionary);
  std::string text;
  text.reserve(TextBytes(values) + kMarkupBytes);
  ctemplate::StringEmitter emitter(&text);
  cache_->templates.ExpandNoLoad(file, kStrip, &dictionary, nullptr, &emitter);
  return text;
}

}  // namespace broadsheet::gateway
