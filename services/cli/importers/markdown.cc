#include "services/cli/importers/markdown.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/cli/importers/front_matter.h"
#include "services/cli/importers/markdown_body.h"
#include "services/cli/importers/text.h"
#include "services/cli/importers/yaml.h"

namespace broadsheet::cli {

namespace fs = std::filesystem;
namespace v1 = article::v1;

namespace {

constexpr std::uint64_t kMostStoryBytes = 10 << 20;
constexpr std::uint64_t kMostListBytes = 1 << 20;

// The parts of a story's file.
struct Split {
  absl::string_view front_matter;
  absl::string_view body;
  int front_matter_line = 2;
  int body_line = 1;
};

// The first line of `text`, without its end; `rest` is what follows.
absl::string_view FirstLine(absl::string_view text, absl::string_view& rest) {
  const std::size_t end = text.find('\n');
  rest = end == absl::string_view::npos ? absl::string_view() : text.substr(end + 1);
  absl::string_view line = text.substr(0, end);
  while (!line.empty() && (line.back() == '\r' || line.back() == ' ')) line.remove_suffix(1);
  return line;
}

std::optional<Split> SplitStory(absl::string_view text, const std::string& file, Problems& problems) {
  absl::string_view rest;
  if (FirstLine(text, rest) != "---") {
    problems.Error({file, 1}, "a story begins with front matter: a line of three hyphens, ---");
    return std::nullopt;
  }
  Split split;
  const absl::string_view after_opening = rest;
  for (int line = 2; !rest.empty(); ++line) {
    const absl::string_view before = rest;
    const absl::string_view content = FirstLine(rest, rest);
    if (content != "---" && content != "...") continue;
    split.front_matter = after_opening.substr(0, after_opening.size() - before.size());
    split.body = rest;
    split.body_line = line + 1;
    return split;
  }
  problems.Error({file, 1}, "the front matter has no end: a line of three hyphens, ---");
  return std::nullopt;
}

// The maps in a file that is a list of maps; none, after a report, if it is something else. A missing file is
// none, too.
std::optional<YamlValue> ReadList(const fs::path& file, const std::string& shown_as, Problems& problems) {
  if (!fs::exists(file)) return std::nullopt;
  const std::optional<std::string> text = ReadText(file, shown_as, kMostListBytes, problems);
  if (!text) return std::nullopt;
  std::optional<YamlValue> list = ParseYaml(*text, shown_as, 1, problems);
  if (!list || list->kind == YamlValue::Kind::kNull) return std::nullopt;
  const bool maps = list->kind == YamlValue::Kind::kList &&
                    std::all_of(list->items.begin(), list->items.end(),
                                [](const YamlValue& item) { return item.kind == YamlValue::Kind::kMap; });
  if (maps) return list;
  problems.Error({shown_as, 1}, "must be a list of entries, each with an id: \"- id: …\"");
  return std::nullopt;
}

void ReadSections(const fs::path& folder, ImportedEdition& edition, Problems& problems) {
  const std::string shown_as = (folder / "sections.yaml").string();
  const std::optional<YamlValue> list = ReadList(folder / "sections.yaml", shown_as, problems);
  if (!list) return;
  std::set<std::string> ids;
  for (const YamlValue& item : list->items) {
    YamlMap map(item, shown_as, {"id", "name", "description"}, problems);
    ImportedSection section{.section = {}, .where = {shown_as, item.line}};
    map.RequiredText("id");
    section.section.set_section_id(map.Id("id").value_or(""));
    section.section.set_name(map.RequiredText("name").value_or(""));
    section.section.set_description(map.Text("description").value_or(""));
    section.section.set_order(static_cast<int>(edition.sections.size()) + 1);
    if (map.errors() > 0) continue;
    if (ids.insert(section.section.section_id()).second) {
      edition.sections.push_back(std::move(section));
    } else {
      problems.Error(section.where,
                     absl::StrCat("the section \"", section.section.section_id(), "\" is there twice"));
    }
  }
}

void ReadAuthors(const fs::path& folder, ImageFiles& images, ImportedEdition& edition, Problems& problems) {
  const std::string shown_as = (folder / "authors.yaml").string();
  const std::optional<YamlValue> list = ReadList(folder / "authors.yaml", shown_as, problems);
  if (!list) return;
  std::set<std::string> ids;
  for (const YamlValue& item : list->items) {
    YamlMap map(item, shown_as, {"id", "name", "role", "bio", "portrait", "portrait_alt", "profile_urls"},
                problems);
    ImportedAuthor author{.author = {}, .where = {shown_as, item.line}};
    map.RequiredText("id");
    author.author.set_author_id(map.Id("id").value_or(""));
    author.author.set_name(map.RequiredText("name").value_or(""));
    author.author.set_role(map.Text("role").value_or(""));
    author.author.set_bio(map.Text("bio").value_or(""));
    for (std::string& url : map.Texts("profile_urls")) author.author.add_profile_urls(std::move(url));
    if (const std::optional<std::string> portrait = map.Text("portrait")) {
      const std::optional<std::string> id = images.Find(*portrait, {shown_as, map.Line("portrait")});
      if (!id) continue;
      author.author.mutable_portrait()->set_image_id(*id);
      author.author.mutable_portrait()->set_alt_text(map.Text("portrait_alt").value_or(""));
    }
    if (map.errors() > 0) continue;
    if (ids.insert(author.author.author_id()).second) {
      edition.authors.push_back(std::move(author));
    } else {
      problems.Error(author.where,
                     absl::StrCat("the author \"", author.author.author_id(), "\" is there twice"));
    }
  }
}

std::vector<fs::path> StoriesIn(const fs::path& folder, Problems& problems) {
  std::vector<fs::path> stories;
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, error)) {
    if (entry.path().extension() == ".md" && entry.path().filename() != "README.md")
      stories.push_back(entry.path());
  }
  if (error) problems.Error({folder.string()}, absl::StrCat("cannot be read: ", error.message()));
  std::sort(stories.begin(), stories.end());
  return stories;
}

void ReadStory(const fs::path& file, ImageFiles& images, ImportedEdition& edition, Problems& problems) {
  const std::string shown_as = file.string();
  const std::optional<std::string> text = ReadText(file, shown_as, kMostStoryBytes, problems);
  if (!text) return;
  edition.bytes_read += text->size();
  const std::string id = file.stem().string();
  std::optional<ImportedArticle> article = ParseMarkdownStory(*text, id, shown_as, images, problems);
  if (article) edition.articles.push_back(*std::move(article));
  if (edition.after_story) edition.after_story();
}

// Whether the file's name is an id that no other story has; reports it otherwise.
bool TakeId(const fs::path& file, ImportedEdition& edition, Problems& problems) {
  const std::string id = file.stem().string();
  if (!IsId(id)) {
    problems.Error({file.string()},
                   "the name of a story's file is its id: 1 to 100 of a-z, 0-9 and -, then .md");
    return false;
  }
  if (!edition.article_ids.insert(id).second) {
    problems.Error({file.string()}, absl::StrCat("the story \"", id, "\" is there twice"));
    return false;
  }
  return true;
}

}  // namespace

std::optional<ImportedArticle> ParseMarkdownStory(absl::string_view text, const std::string& article_id,
                                                  const std::string& shown_as, ImageFiles& images,
                                                  Problems& problems) {
  const std::optional<Split> split = SplitStory(text, shown_as, problems);
  if (!split) return std::nullopt;
  const std::optional<YamlValue> yaml =
      ParseYaml(split->front_matter, shown_as, split->front_matter_line, problems);
  if (!yaml) return std::nullopt;

  ImportedArticle article;
  article.article_id = article_id;
  article.where = {shown_as, 0};
  const bool front_matter_is_right = ReadFrontMatter(*yaml, images, article, problems);

  const BodyContext context{shown_as, split->body_line, problems, [&](absl::string_view path, int line) {
                              return images.Find(path, {shown_as, line});
                            }};
  ImportedBody body = ConvertMarkdown(split->body, context);
  if (!front_matter_is_right || body.errors > 0) return std::nullopt;
  for (v1::Block& block : body.blocks) *article.content.add_body() = std::move(block);
  article.block_lines = std::move(body.lines);
  article.references.merge(body.references);
  article.image_ids.merge(body.image_ids);
  return article;
}

void ReadMarkdownFolder(const fs::path& folder, ImportedEdition& edition, Problems& problems) {
  ImageFiles images(folder, edition.images, problems);
  ReadSections(folder, edition, problems);
  ReadAuthors(folder, images, edition, problems);
  const fs::path stories = folder / "stories";
  if (!fs::is_directory(stories)) return problems.Error({folder.string()}, "has no folder \"stories\"");
  // Stories may name what comes after them, so the ids are taken first.
  std::vector<fs::path> files = StoriesIn(stories, problems);
  std::erase_if(files, [&](const fs::path& file) { return !TakeId(file, edition, problems); });
  for (const fs::path& story : files) ReadStory(story, images, edition, problems);
}

void ReadMarkdownFile(const fs::path& file, ImportedEdition& edition, Problems& problems) {
  fs::path root = fs::absolute(file).parent_path();
  if (root.filename() == "stories" && fs::exists(root.parent_path() / "sections.yaml"))
    root = root.parent_path();
  ImageFiles images(root, edition.images, problems);
  if (TakeId(file, edition, problems)) ReadStory(file, images, edition, problems);
}

}  // namespace broadsheet::cli
