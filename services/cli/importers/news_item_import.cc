#include "services/cli/importers/news_item_import.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "services/cli/importers/files.h"
#include "services/cli/importers/foreign_id.h"
#include "services/cli/importers/html_body.h"
#include "services/cli/importers/news_item_state.h"
#include "services/cli/importers/news_item_text.h"
#include "services/cli/importers/ninjs_own.h"
#include "services/cli/importers/own_uri.h"
#include "services/cli/importers/text.h"

namespace broadsheet::cli {

namespace fs = std::filesystem;
namespace v1 = article::v1;

namespace {

constexpr int kMostSubjects = 50;

// The last part of an address, which is what a file is called.
std::string NameOf(absl::string_view href) {
  href = href.substr(0, href.find_first_of("?#"));
  return std::string(href.substr(href.find_last_of('/') + 1));
}

// What is to become of a story, as far as its status says.
Intent IntentOf(const NewsItem& item) {
  ImportedArticle article;
  if (item.pub_status == "withheld") article.intent = Intent::kWithhold;
  if (item.pub_status == "canceled") article.intent = Intent::kCancel;
  ReadOwnState(item, article);
  return article.intent;
}

bool IsWithdrawal(Intent intent) { return intent == Intent::kWithhold || intent == Intent::kCancel; }

}  // namespace

// Reads the items of one file.
class NewsItemImport::Reader {
 public:
  Reader(const fs::path& file, const std::string& section_id, ImportedEdition& edition, Problems& problems)
      : shown_as_(file.string()),
        folder_(fs::absolute(file).parent_path()),
        section_id_(section_id),
        edition_(edition),
        problems_(problems),
        images_(folder_, edition.images, problems) {}

  void Read(NewsItem item, int line) {
    line_ = line;
    for (std::size_t i = 0; i < item.bodies.size(); ++i) {
      bool too_deep = false;
      if (IsNitf(item.bodies[i])) AddNitfState(ParseHtml(item.bodies[i].value, too_deep), item);
    }
    is_withdrawal_ = false;
    if (!item.violations.empty()) return Refuse(item);
    if (item.uri.empty()) return Error("\"uri\" is missing");
    const bool has_text = !item.bodies.empty() || item.type == "text" || item.type == "composite";
    if (item.type == "picture" || item.type == "graphic") {
      if (item.renditions.empty())
        return Warning(absl::StrCat(item.uri, ": a picture without any rendition"));
      if (IsKeptBack(item, item.uri)) return;
      if (!FindPicture(item))
        Error(absl::StrCat(item.uri, ": no rendition of the picture lies beside the file"));
    } else if (has_text || item.type.empty()) {
      ReadStory(item);
    } else {
      Error(absl::StrCat(item.uri, ": an item of type \"", item.type,
                         "\" cannot be imported: text and picture can"));
    }
  }

 private:
  // An item that does not conform to the standard is not read at all.
  void Refuse(const NewsItem& item) {
    const std::string id = item.uri.empty() ? "" : IdOf(item);
    is_withdrawal_ = !id.empty() && IsTakenBack(item.pub_status);
    for (const std::string& violation : item.violations) {
      Error(item.uri.empty() ? violation : absl::StrCat(item.uri, ": ", violation));
    }
    if (!id.empty()) edition_.article_ids.insert(id);
    if (is_withdrawal_) OnlyWithdraw(id, IntentOf(item));
    is_withdrawal_ = false;
  }

  std::string IdOf(const NewsItem& item) const {
    if (IsOurs(item)) return *OwnId("article", item.uri);
    return ForeignId(item.uri, item.origin.empty() ? fs::path(shown_as_).stem().string() : item.origin);
  }

  // Of what its source has taken back, that is done even if nothing else can be.
  void OnlyWithdraw(const std::string& id, Intent intent) {
    ImportedArticle article;
    article.article_id = id;
    article.where = {shown_as_, line_};
    article.intent = intent;
    article.only_withdraw = true;
    std::erase_if(edition_.articles, [&](const ImportedArticle& other) { return other.article_id == id; });
    edition_.articles.push_back(std::move(article));
  }

  void ReadStory(const NewsItem& item) {
    ImportedArticle article;
    article.article_id = IdOf(item);
    article.where = {shown_as_, line_};
    article.intent = IntentOf(item);
    is_withdrawal_ = IsWithdrawal(article.intent);
    if (!edition_.article_ids.insert(article.article_id).second) {
      if (is_withdrawal_) OnlyWithdraw(article.article_id, article.intent);
      return Error(absl::StrCat("the story ", item.uri, " is there twice"));
    }
    errors_ = 0;
    ReadOwnNinjs(item, article);
    ReadSection(article);
    ReadHead(item, article);
    ReadRights(item, article.content);
    ReadState(item, article);
    ReadPictures(item, article);
    ReadBody(item, article);
    if (!item.not_carried.empty()) {
      Warning(absl::StrCat(
          item.uri, ": left out, as a story has no place for it: ", absl::StrJoin(item.not_carried, ", ")));
    }
    if (errors_ == 0) {
      edition_.articles.push_back(std::move(article));
    } else if (is_withdrawal_) {
      OnlyWithdraw(article.article_id, article.intent);
    }
  }

  void ReadSection(ImportedArticle& article) {
    if (article.content.section_id().empty()) article.content.set_section_id(section_id_);
    if (article.content.section_id().empty()) Error("the story has no section: name one with --section=ID");
    article.references.insert({Reference::Kind::kSection, article.content.section_id(), 0});
  }

  void ReadHead(const NewsItem& item, ImportedArticle& article) {
    v1::ArticleContent& content = article.content;
    const NewsItem::Text* headline = FindRole(item.headlines, {"main"});
    if (headline == nullptr && !item.headlines.empty()) headline = &item.headlines.front();
    content.set_headline(headline != nullptr ? LineOf(headline) : OneLine(item.title));
    content.set_standfirst(LineOf(FindRole(item.descriptions, {"lead", "standfirst", "summary", "drop"})));
    content.set_trail_text(LineOf(FindRole(item.descriptions, {"text", "trail", "", "xhtml", "html"})));
    content.set_byline(IsListOfNames(item.byline, item.people) ? "" : OneLine(item.byline));
    content.set_slugline(OneLine(item.slugline));
    content.set_located(OneLine(item.located));
    content.set_language(item.language.empty() ? "en" : OneLine(item.language));
    if (!item.genres.empty()) content.set_genre(item.genres.front());
    std::set<std::string> seen;
    for (const auto& [subject, uri] : item.subjects) {
      if (subject.empty() || (IsOurs(item) && OwnId("section", uri))) continue;
      if (content.subjects_size() < kMostSubjects && seen.insert(subject).second)
        content.add_subjects(subject);
    }
    int urgency = 0;
    if (!item.urgency.empty() && (!absl::SimpleAtoi(item.urgency, &urgency) || urgency < 1 || urgency > 9)) {
      Error(absl::StrCat("\"urgency\" must be a whole number from 1 to 9, not ", item.urgency));
    }
    content.set_urgency(urgency);
    article.ed_note = ToNfc(absl::StripAsciiWhitespace(item.ed_note));
  }

  static void ReadRights(const NewsItem& item, v1::ArticleContent& content) {
    content.set_copyright_notice(
        OneLine(item.copyright_notice.empty() ? item.copyright_holder : item.copyright_notice));
    content.set_usage_terms(OneLine(item.usage_terms));
  }

  void ReadState(const NewsItem& item, ImportedArticle& article) {
    if (!item.pub_status.empty() && item.pub_status != "usable" && !IsTakenBack(item.pub_status)) {
      Error(
          absl::StrCat("\"pubstatus\" must be usable, withheld or canceled, not \"", item.pub_status, "\""));
    } else if (!is_withdrawal_ &&
               article.content.headline().empty()) {  // the standard does not ask for one, publication does
      article.intent = Intent::kDraft;
      Warning(absl::StrCat(item.uri, ": there is no headline, so it is left a draft"));
    }
    if (!item.left_draft_because.empty() && article.intent == Intent::kPublish) {
      article.intent = Intent::kDraft;
      Warning(absl::StrCat(item.uri, ": ", item.left_draft_because, ", so it is left a draft"));
    }
    article.published = Time("firstcreated", item.first_created);
    const std::optional<absl::Time> version_created = Time("versioncreated", item.version_created);
    if (!article.published) article.published = version_created;
    ReadOwnState(item, article);
    article.embargoed_until = Time("embargoed", item.embargoed);
    article.expires_at = Time("expires", item.expires);
  }

  std::optional<absl::Time> Time(absl::string_view name, const std::string& text) {
    absl::Time time;
    std::string error;
    if (text.empty()) return std::nullopt;
    if (absl::ParseTime(absl::RFC3339_full, text, &time, &error)) return time;
    Error(absl::StrCat("\"", name, "\" must be a time like 2026-11-14T07:30:00Z, not \"", text, "\""));
    return std::nullopt;
  }

  // The first picture that is there becomes the lead image; the others are at hand for the body.
  void ReadPictures(const NewsItem& item, ImportedArticle& article) {
    by_href_.clear();
    for (const NewsItem& association : item.associations) {
      if (IsOurs(item) && OwnId("article", association.uri))
        continue;  // another story of ours, read with what is our own
      if (IsKeptBack(association, association.name)) continue;
      if (const std::optional<std::string> id = OwnId("image", association.uri); id && IsOurs(item)) {
        if (association.name == kNinjsLead) ReadLead(*id, association, article);
        continue;
      }
      if (association.type != "picture" && association.type != "graphic") {
        Warning(absl::StrCat("the associated item \"", association.name, "\" of type \"", association.type,
                             "\" was left out"));
        continue;
      }
      const std::optional<std::string> id = FindPicture(association);
      if (!id) {
        Warning(absl::StrCat("the picture \"", association.name,
                             "\" was left out: none of its renditions lies beside the file"));
        continue;
      }
      for (const NewsItem::Rendition& rendition : association.renditions) by_href_[rendition.href] = *id;
      if (article.content.has_lead_image()) continue;
      article.content.mutable_lead_image()->set_image_id(*id);
      article.image_ids.insert(*id);
    }
  }

  // Whether a picture may not be shown, which is reported; then no other item shows its renditions either.
  bool IsKeptBack(const NewsItem& picture, absl::string_view name) {
    const std::string reason = KeptBackBecause(picture, absl::Now());
    if (reason.empty()) return false;
    for (const NewsItem::Rendition& rendition : picture.renditions) kept_back_.insert(NameOf(rendition.href));
    Warning(absl::StrCat("the picture \"", name, "\" was left out: it ", reason));
    return true;
  }

  // A picture that the library has, with what is said of this use of it.
  static void ReadLead(const std::string& id, const NewsItem& item, ImportedArticle& article) {
    v1::ImageReference& lead = *article.content.mutable_lead_image();
    lead.set_image_id(id);
    lead.set_caption(LineOf(FindRole(item.descriptions, {"caption"})));
    lead.set_alt_text(LineOf(FindRole(item.descriptions, {"alt"})));
    lead.set_credit_line(LineOf(FindRole(item.descriptions, {"creditline"})));
    article.image_ids.insert(id);
  }

  // The largest rendition of a picture that lies beside the file, added to the edition with what the item
  // says about it.
  std::optional<std::string> FindPicture(const NewsItem& item) {
    std::vector<NewsItem::Rendition> renditions = item.renditions;
    std::stable_sort(renditions.begin(), renditions.end(),
                     [](const auto& a, const auto& b) { return a.width > b.width; });
    for (const NewsItem::Rendition& rendition : renditions) {
      const std::optional<std::string> id = FindFile(rendition.href);
      if (!id) continue;
      const auto image = edition_.images.find(*id);
      if (image == edition_.images.end()) return id;
      media::v1::ImageMetadata& metadata = image->second.metadata;
      metadata.set_caption(LineOf(FindRole(item.descriptions, {"caption", "text", "", "xhtml"})));
      if (metadata.caption().empty() && !item.headlines.empty())
        metadata.set_caption(LineOf(&item.headlines.front()));
      metadata.set_creator(OneLine(item.byline));
      metadata.set_credit_line(OneLine(!item.credit_line.empty() ? item.credit_line
                                       : item.byline.empty()     ? item.copyright_holder
                                                                 : item.byline));
      metadata.set_copyright_notice(
          OneLine(item.copyright_notice.empty() ? item.copyright_holder : item.copyright_notice));
      metadata.set_usage_terms(OneLine(item.usage_terms));
      metadata.set_language(OneLine(item.language));
      return id;
    }
    return std::nullopt;
  }

  // A rendition by its address: the path as it is, or else the name alone, within the folder.
  std::optional<std::string> FindFile(absl::string_view href) {
    href = href.substr(0, href.find_first_of("?#"));
    const std::string name = NameOf(href);
    if (kept_back_.count(name) > 0 || absl::StartsWith(href, kOwnScheme)) return std::nullopt;
    for (const absl::string_view path : {href, absl::string_view(name)}) {
      std::error_code error;
      const bool is_relative = !path.empty() && path.front() != '/' && !absl::StrContains(path, "://");
      if (is_relative && fs::is_regular_file(folder_ / std::string(path), error))
        return images_.Find(path, {shown_as_, line_});
    }
    return std::nullopt;
  }

  void ReadBody(const NewsItem& item, ImportedArticle& article) {
    auto text = item.bodies.end();
    for (bool (*is_wanted)(const NewsItem::Text&) : {IsHtml, IsNitf, IsPlain}) {
      if (text == item.bodies.end()) text = std::find_if(item.bodies.begin(), item.bodies.end(), is_wanted);
    }
    if (text == item.bodies.end()) {
      if (item.bodies.empty()) return Warning(absl::StrCat(item.uri, ": there is no body"));
      return Error(
          absl::StrCat("no body is HTML, NITF or plain text, but ", item.bodies.front().content_type));
    }
    const BodyContext context{shown_as_, line_, problems_,
                              [&](absl::string_view source, int) { return FindInBody(source, IsOurs(item)); },
                              IsOurs(item)};
    bool too_deep = false;
    ImportedBody body =
        IsNitf(*text)   ? ConvertHtml(HtmlOfNitf(text->value, too_deep), article.content.headline(), context)
        : IsHtml(*text) ? ConvertHtml(text->value, article.content.headline(), context)
                        : ConvertPlainText(text->value, context);
    if (too_deep) Warning(absl::StrCat(item.uri, ": NITF nested deeper than 200 levels was left out"));
    errors_ += body.errors;
    if (body.blocks.empty()) return Error(absl::StrCat(item.uri, ": nothing of the body can be shown"));
    const std::string lead = article.content.lead_image().image_id();
    const bool is_ours = IsOurs(item);
    for (v1::Block& block : body.blocks) {
      const bool is_lead = block.has_image() && block.image().image_id() == lead;
      if (is_lead && !is_ours) continue;  // shown above the text already
      *article.content.add_body() = std::move(block);
      article.block_lines.push_back(line_);
    }
    article.image_ids.merge(body.image_ids);
    article.references.merge(body.references);
  }

  std::optional<std::string> FindInBody(absl::string_view source, bool is_ours) {
    if (std::optional<std::string> id = OwnId("image", source); id && is_ours) return id;
    if (const auto known = by_href_.find(std::string(source)); known != by_href_.end()) return known->second;
    if (std::optional<std::string> id = FindFile(source)) return id;
    Warning(absl::StrCat("the picture \"", source.substr(0, 80),
                         "\" was left out: it does not lie beside the file"));
    return std::nullopt;
  }

  void Error(absl::string_view message) {
    ++errors_;
    if (is_withdrawal_) return Warning(message);
    problems_.Error({shown_as_, line_}, message);
  }
  void Warning(absl::string_view message) { problems_.Warning({shown_as_, line_}, message); }

  int line_ = 0;  // of the item being read
  const std::string shown_as_;
  const fs::path folder_;
  const std::string section_id_;
  ImportedEdition& edition_;
  Problems& problems_;
  ImageFiles images_;
  std::map<std::string, std::string> by_href_;  // of the story being read: rendition → image id
  std::set<std::string> kept_back_;             // names of the files of pictures that may not be shown
  int errors_ = 0;                              // of the story being read
  bool is_withdrawal_ = false;                  // of the story being read: mistakes do not keep it from that
};

NewsItemImport::NewsItemImport(const fs::path& file, const std::string& section_id, ImportedEdition& edition,
                               Problems& problems)
    : reader_(std::make_unique<Reader>(file, section_id, edition, problems)) {}

NewsItemImport::~NewsItemImport() = default;

void NewsItemImport::Add(NewsItem item, int line) { reader_->Read(std::move(item), line); }

}  // namespace broadsheet::cli
