#include "services/cli/importers/wxr.h"

#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/time/time.h"
#include "services/cli/importers/files.h"
#include "services/cli/importers/foreign_id.h"
#include "services/cli/importers/html_body.h"
#include "services/cli/importers/text.h"
#include "services/cli/importers/wxr_content.h"
#include "services/cli/importers/xml_reader.h"

namespace broadsheet::cli {

namespace fs = std::filesystem;
namespace v1 = article::v1;

namespace {

constexpr int kMostSubjects = 50;
constexpr absl::string_view kNoCategory = "uncategorized";

struct Attachment {
  std::string url;
  std::string caption;
  std::string alt_text;
};

// The value that an item has under a key of its metadata; empty if none.
std::string MetaOf(const XmlElement& item, absl::string_view key) {
  for (const XmlElement& child : item.children) {
    if (child.name == "wp:postmeta" && ChildText(child, "wp:meta_key") == key)
      return ChildText(child, "wp:meta_value");
  }
  return "";
}

std::optional<absl::Time> TimeOf(absl::string_view text) {
  absl::Time time;
  if (text.empty() || absl::StartsWith(text, "0000")) return std::nullopt;
  if (!absl::ParseTime("%Y-%m-%d %H:%M:%S", text, &time, nullptr)) return std::nullopt;
  return time;
}

// An address without what makes it one of a size or a version: "…/wall-300x200.jpg?x" → "…/wall.jpg".
std::string OriginalOf(absl::string_view url) {
  url = url.substr(0, url.find_first_of("?#"));
  const std::size_t dot = url.rfind('.');
  const std::size_t dash = url.rfind('-', dot);
  if (dot == absl::string_view::npos || dash == absl::string_view::npos) return std::string(url);
  const absl::string_view size = url.substr(dash + 1, dot - dash - 1);
  const std::size_t by = size.find('x');
  int width = 0;
  int height = 0;
  const bool is_size = by != absl::string_view::npos && absl::SimpleAtoi(size.substr(0, by), &width) &&
                       absl::SimpleAtoi(size.substr(by + 1), &height);
  return is_size ? absl::StrCat(url.substr(0, dash), url.substr(dot)) : std::string(url);
}

// "https://log.example/blog/" → "log.example/blog".
std::string SiteOf(absl::string_view address) {
  if (!absl::ConsumePrefix(&address, "https://")) absl::ConsumePrefix(&address, "http://");
  while (absl::ConsumeSuffix(&address, "/")) {
  }
  return std::string(address);
}

class WxrReader {
 public:
  WxrReader(const fs::path& file, const std::string& section_id, ImportedEdition& edition, Problems& problems)
      : file_(file),
        shown_as_(file.string()),
        folder_(fs::absolute(file).parent_path()),
        section_id_(section_id),
        edition_(edition),
        problems_(problems),
        images_(folder_, edition.images, problems) {}

  void Read() {
    // Posts may name what comes after them, so that is read first.
    const bool is_whole = ReadXml(
        file_, shown_as_, {"item", "language", "link", "wp:author", "wp:base_blog_url", "wp:category"},
        [this](const XmlElement& element, int) { ReadNamed(element); }, problems_);
    if (!is_whole) return;
    ReadXml(
        file_, shown_as_, {"item"}, [this](const XmlElement& item, int line) { ReadItem(item, line); },
        problems_, &edition_.bytes_read);
  }

 private:
  void ReadNamed(const XmlElement& element) {
    if (element.name == "wp:author") {
      author_names_[ChildText(element, "wp:author_login")] =
          OneLine(ChildText(element, "wp:author_display_name"));
    } else if (element.name == "language") {
      if (std::string language = OneLine(element.TextContent()); !language.empty())
        language_ = std::move(language);
    } else if (element.name == "wp:base_blog_url" || element.name == "link") {
      // The address of the site; of several sites under one host, only the first says which.
      if (site_.empty() || element.name == "wp:base_blog_url") site_ = SiteOf(OneLine(element.TextContent()));
    } else if (element.name == "wp:category") {
      category_texts_[ChildText(element, "wp:category_nicename")] =
          OneLine(ChildText(element, "wp:category_description"));
    } else if (ChildText(element, "wp:post_type") == "attachment") {
      attachments_[ChildText(element, "wp:post_id")] = {ChildText(element, "wp:attachment_url"),
                                                        PlainOf(ChildText(element, "excerpt:encoded")),
                                                        OneLine(MetaOf(element, "_wp_attachment_image_alt"))};
    }
  }

  void ReadItem(const XmlElement& item, int line) {
    line_ = line;
    const std::string type = ChildText(item, "wp:post_type");
    const std::string status = ChildText(item, "wp:status");
    const std::string title = OneLine(ChildText(item, "title"));
    if (type == "attachment" || type == "nav_menu_item" || type == "revision") return;
    if (type != "post" && type != "page") {
      return Warn(
          absl::StrCat("\"", title, "\" was left out: it is of type \"", type, "\", not a post or a page"));
    }
    if (status == "trash" || status == "auto-draft") {
      return Warn(absl::StrCat("\"", title, "\" was left out: its status is \"", status, "\""));
    }
    ReadStory(item, title, status);
  }

  void ReadStory(const XmlElement& item, const std::string& title, const std::string& status) {
    ImportedArticle article;
    article.where = {shown_as_, line_};
    article.article_id = IdOf(item);
    if (article.article_id.empty()) return Fail("the post has neither a number nor a name");
    if (!edition_.article_ids.insert(article.article_id).second) {
      return Fail(absl::StrCat("the story ", article.article_id, " is there twice"));
    }
    errors_ = 0;
    v1::ArticleContent& content = article.content;
    content.set_headline(title);
    content.set_standfirst(PlainOf(ChildText(item, "excerpt:encoded")));
    content.set_language(language_);
    ReadState(item, status, article);
    ReadAuthor(item, article);
    ReadCategories(item, article);
    ReadLead(item, article);
    ReadBody(item, article);
    ReportComments(item);
    if (errors_ == 0) edition_.articles.push_back(std::move(article));
    if (edition_.after_story) edition_.after_story();
  }

  // By the post's number, which it has from its first draft on and never changes, unlike its name. Empty if
  // there is neither.
  std::string IdOf(const XmlElement& item) const {
    const std::string number = ChildText(item, "wp:post_id");
    const std::string name = ChildText(item, "wp:post_name");
    if (number.empty() && name.empty()) return "";
    return ForeignId(number.empty() ? name : absl::StrCat("post-", number),
                     site_.empty() ? "wordpress" : site_);
  }

  void ReadState(const XmlElement& item, const std::string& status, ImportedArticle& article) {
    article.published = TimeOf(ChildText(item, "wp:post_date_gmt"));
    const bool is_zone_known = article.published.has_value();
    if (!is_zone_known) article.published = TimeOf(ChildText(item, "wp:post_date"));
    const bool is_public = status == "publish" || status == "future";
    const bool has_password = !ChildText(item, "wp:post_password").empty();
    article.intent = is_public && !has_password && (status == "publish" || is_zone_known) &&
                             !article.content.headline().empty()
                         ? Intent::kPublish
                         : Intent::kDraft;
    if (status == "future" && !is_zone_known) {
      Warn(
          absl::StrCat(article.article_id, " waits for a time whose zone is not known, and is left a draft"));
    } else if (status == "publish" && !is_zone_known && article.published) {
      Warn(absl::StrCat(article.article_id, ": the zone of its time is not known, UTC is assumed"));
    }
    if (has_password) Warn(absl::StrCat(article.article_id, " had a password and is left a draft"));
    if (status == "private") Warn(absl::StrCat(article.article_id, " was private and is left a draft"));
    if (article.content.headline().empty())
      Warn(absl::StrCat(article.article_id, " has no title and is left a draft"));
  }

  void ReadAuthor(const XmlElement& item, ImportedArticle& article) {
    const std::string login = ChildText(item, "dc:creator");
    if (login.empty()) return;
    const std::string id = ToId(login);
    article.content.add_author_ids(id);
    if (!author_ids_.insert(id).second) return;
    ImportedAuthor author{.author = {}, .where = article.where, .only_if_missing = true};
    author.author.set_author_id(id);
    const std::string& name = author_names_[login];
    author.author.set_name(name.empty() ? login : name);
    edition_.authors.push_back(std::move(author));
  }

  void ReadCategories(const XmlElement& item, ImportedArticle& article) {
    std::set<std::string> subjects;
    v1::ArticleContent& content = article.content;
    for (const XmlElement& child : item.children) {
      if (child.name != "category") continue;
      const std::string name = OneLine(child.TextContent());
      const std::string nice_name(child.Attribute("nicename"));
      const bool is_category = child.Attribute("domain") == "category";
      if (is_category && nice_name == kNoCategory && !section_id_.empty()) continue;
      if (is_category && content.section_id().empty()) {
        content.set_section_id(SectionOf(nice_name, name));
      } else if (!name.empty() && content.subjects_size() < kMostSubjects && subjects.insert(name).second) {
        content.add_subjects(name);
      }
    }
    if (content.section_id().empty()) content.set_section_id(section_id_);
    if (content.section_id().empty() && article.intent == Intent::kPublish) {
      return Fail(absl::StrCat(article.article_id, " has no category: name a section with --section=ID"));
    }
    if (!content.section_id().empty()) {
      article.references.insert({Reference::Kind::kSection, content.section_id(), line_});
    }
  }

  std::string SectionOf(const std::string& nice_name, const std::string& name) {
    std::string id = ToId(nice_name.empty() ? name : nice_name);
    if (!section_ids_.insert(id).second) return id;
    ImportedSection section{.section = {}, .where = {shown_as_, line_}, .only_if_missing = true};
    section.section.set_section_id(id);
    section.section.set_name(name.empty() ? id : name);
    section.section.set_description(category_texts_[nice_name]);
    section.section.set_order(static_cast<int>(section_ids_.size()));
    edition_.sections.push_back(std::move(section));
    return id;
  }

  void ReadLead(const XmlElement& item, ImportedArticle& article) {
    const std::string thumbnail = MetaOf(item, "_thumbnail_id");
    const auto attachment = attachments_.find(thumbnail);
    if (thumbnail.empty()) return;
    const std::optional<std::string> id =
        attachment == attachments_.end() ? std::nullopt : FindPicture(attachment->second.url);
    if (!id)
      return Warn(absl::StrCat("the lead picture of ", article.article_id,
                               " was left out: it does not lie beside the file"));
    v1::ImageReference& lead = *article.content.mutable_lead_image();
    lead.set_image_id(*id);
    lead.set_caption(attachment->second.caption);
    lead.set_alt_text(attachment->second.alt_text);
    article.image_ids.insert(*id);
  }

  // A picture of the site, by its path there, its path among the uploads, or its name; the original, if there
  // is one of a size.
  std::optional<std::string> FindPicture(absl::string_view url) {
    for (const std::string& address :
         {OriginalOf(url), std::string(url.substr(0, url.find_first_of("?#")))}) {
      absl::string_view path = address;
      if (const std::size_t scheme = path.find("://"); scheme != absl::string_view::npos) {
        path.remove_prefix(std::min(path.find('/', scheme + 3), path.size()));
      }
      const std::size_t uploads = path.find("uploads/");
      const absl::string_view in_uploads = uploads == absl::string_view::npos ? path : path.substr(uploads);
      for (absl::string_view candidate : {path, in_uploads, path.substr(path.rfind('/') + 1)}) {
        while (absl::StartsWith(candidate, "/")) candidate.remove_prefix(1);
        std::error_code error;
        if (candidate.empty() || absl::StrContains(candidate, "..")) continue;
        if (fs::is_regular_file(folder_ / std::string(candidate), error)) {
          return images_.Find(candidate, {shown_as_, line_});
        }
      }
    }
    return std::nullopt;
  }

  void ReadBody(const XmlElement& item, ImportedArticle& article) {
    const WxrContext wxr{[this](absl::string_view id) {
                           const auto found = attachments_.find(std::string(id));
                           return found == attachments_.end() ? "" : found->second.url;
                         },
                         [this](absl::string_view message) { Warn(message); }};
    const BodyContext context{shown_as_, line_, problems_, [this](absl::string_view source, int) {
                                std::optional<std::string> id = FindPicture(source);
                                if (!id) {
                                  Warn(absl::StrCat("the picture \"", source.substr(0, 80),
                                                    "\" was left out: it does not lie beside the file"));
                                }
                                return id;
                              }};
    ImportedBody body =
        ConvertHtml(WxrToHtml(ChildText(item, "content:encoded"), wxr), article.content.headline(), context);
    errors_ += body.errors;
    for (v1::Block& block : body.blocks) {
      *article.content.add_body() = std::move(block);
      article.block_lines.push_back(line_);
    }
    article.image_ids.merge(body.image_ids);
    article.references.merge(body.references);
  }

  void ReportComments(const XmlElement& item) {
    int comments = 0;
    for (const XmlElement& child : item.children) comments += child.name == "wp:comment" ? 1 : 0;
    if (comments > 0) Warn(absl::StrCat(comments, " comments of readers were left out"));
  }

  // HTML as one line of text.
  std::string PlainOf(const std::string& html) const {
    bool too_deep = false;
    return OneLine(ParseHtml(html, too_deep).TextContent());
  }

  void Fail(absl::string_view message) {
    ++errors_;
    problems_.Error({shown_as_, line_}, message);
  }
  void Warn(absl::string_view message) { problems_.Warning({shown_as_, line_}, message); }

  const fs::path file_;
  const std::string shown_as_;
  const fs::path folder_;
  const std::string section_id_;
  ImportedEdition& edition_;
  Problems& problems_;
  ImageFiles images_;
  std::map<std::string, Attachment> attachments_;      // by post id
  std::map<std::string, std::string> author_names_;    // by login
  std::map<std::string, std::string> category_texts_;  // by nice name
  std::set<std::string> author_ids_;
  std::set<std::string> section_ids_;
  std::string language_ = "en";
  std::string site_;  // its address, without a scheme
  int line_ = 0;      // of the item being read
  int errors_ = 0;    // of the item being read
};

}  // namespace

void ReadWxrFile(const fs::path& file, const std::string& section_id, ImportedEdition& edition,
                 Problems& problems) {
  WxrReader(file, section_id, edition, problems).Read();
}

}  // namespace broadsheet::cli
