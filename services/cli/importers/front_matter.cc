#include "services/cli/importers/front_matter.h"

#include <array>
#include <functional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/cli/importers/text.h"
#include "services/cli/importers/times.h"

namespace broadsheet::cli {

namespace v1 = article::v1;

namespace {

const std::vector<absl::string_view>& Keys() {
  static const auto* keys = new std::vector<absl::string_view>{
      "headline",     "standfirst",       "kicker",          "trail_text",  "section",       "slugline",
      "language",     "located",          "authors",         "byline",      "subjects",      "genre",
      "urgency",      "published",        "image",           "image_alt",   "related",       "image_caption",
      "image_credit", "follows",          "corrections",     "ed_note",     "status",        "path",
      "expires_at",   "copyright_notice", "embargoed_until", "usage_terms", "coverage_ended"};
  return *keys;
}

class Reader {
 public:
  Reader(const YamlValue& yaml, ImageFiles& images, ImportedArticle& article, Problems& problems)
      : file_(article.where.file),
        map_(yaml, file_, Keys(), problems),
        images_(images),
        article_(article),
        content_(article.content),
        problems_(problems) {}

  bool Read() {
    ReadTexts();
    ReadPlace();
    ReadImage();
    ReadReferences();
    ReadState();
    ReadCorrections();
    return map_.errors() + errors_ == 0;
  }

 private:
  void ReadTexts() {
    map_.RequiredText("headline");
    content_.set_headline(Line("headline", "headline"));
    content_.set_standfirst(Line("standfirst", "standfirst"));
    content_.set_kicker(Line("kicker", "kicker"));
    content_.set_trail_text(Line("trail_text", "trail_text"));
    content_.set_byline(Line("byline", "byline"));
    content_.set_slugline(Line("slugline", "slugline"));
    content_.set_located(Line("located", "located"));
    content_.set_genre(Line("genre", "genre"));
    content_.set_copyright_notice(Line("copyright_notice", "copyright_notice"));
    content_.set_usage_terms(Line("usage_terms", "usage_terms"));
    content_.set_language(Line("language", "language"));
    if (content_.language().empty()) content_.set_language("en");
    article_.ed_note = map_.Text("ed_note").value_or("");
    Remember("ed_note", "ed_note");
    for (std::string& subject : map_.Texts("subjects")) content_.add_subjects(OneLine(subject));
    Remember("subjects", "subjects");
    content_.set_urgency(map_.Integer("urgency", 1, 9).value_or(0));
    Remember("urgency", "urgency");
    if (const std::optional<absl::Time> ended = map_.Time("coverage_ended"))
      *content_.mutable_coverage_ended_at() = ToTimestamp(*ended);
    Remember("coverage_ended", "coverage_ended_at");
  }

  void ReadPlace() {
    map_.RequiredText("section");
    if (std::optional<std::string> section = map_.Id("section")) {
      article_.references.insert({Reference::Kind::kSection, *section, map_.Line("section")});
      content_.set_section_id(*std::move(section));
    }
    Remember("section", "section_id");
    article_.path = map_.Text("path").value_or("");
    Remember("path", "path");
  }

  void ReadImage() {
    Remember("image", "lead_image");
    const std::optional<std::string> path = map_.Text("image");
    if (!path) {
      for (const char* key : {"image_alt", "image_caption", "image_credit"}) {
        if (map_.Has(key)) Error(map_.Line(key), absl::StrCat("\"", key, "\" without \"image\""));
      }
      return;
    }
    const std::optional<std::string> id = images_.Find(*path, {file_, map_.Line("image")});
    if (!id) {
      ++errors_;
      return;
    }
    v1::ImageReference& image = *content_.mutable_lead_image();
    image.set_image_id(*id);
    image.set_alt_text(Line("image_alt", "lead_image.alt_text"));
    image.set_caption(Line("image_caption", "lead_image.caption"));
    image.set_credit_line(Line("image_credit", "lead_image.credit_line"));
    article_.image_ids.insert(*id);
  }

  void ReadReferences() {
    for (std::string& id : Ids("authors", "author_ids", Reference::Kind::kAuthor)) {
      content_.add_author_ids(std::move(id));
    }
    for (std::string& id : Ids("related", "related_article_ids", Reference::Kind::kArticle)) {
      content_.add_related_article_ids(std::move(id));
    }
    if (std::optional<std::string> id = map_.Id("follows")) {
      article_.references.insert({Reference::Kind::kArticle, *id, map_.Line("follows")});
      content_.set_follows_article_id(*std::move(id));
    }
    Remember("follows", "follows_article_id");
  }

  void ReadState() {
    const std::string status = map_.Text("status").value_or("usable");
    if (status == "draft") {
      article_.intent = Intent::kDraft;
    } else if (status != "usable") {
      Error(map_.Line("status"), absl::StrCat("\"status\" must be usable or draft, not \"", status, "\""));
    } else if (!map_.Has("published")) {
      Error(map_.Line("published"), "\"published\" is missing; only a draft (status: draft) can do without");
    }
    article_.published = map_.Time("published");
    article_.embargoed_until = map_.Time("embargoed_until");
    article_.expires_at = map_.Time("expires_at");
    for (const char* key : {"status", "published", "embargoed_until", "expires_at"}) Remember(key, key);
  }

  void ReadCorrections() {
    for (const YamlValue* item : map_.Maps("corrections")) {
      YamlMap fields(*item, file_, {"type", "time", "text"}, problems_);
      v1::Correction correction;
      const std::string type = fields.RequiredText("type").value_or("");
      if (const std::optional<v1::CorrectionType> known = CorrectionTypeOf(type)) {
        correction.set_type(*known);
      } else if (!type.empty()) {
        Error(fields.Line("type"),
              absl::StrCat("\"type\" must be correction, clarification, update or retraction, not \"", type,
                           "\""));
      }
      *correction.mutable_text() = PlainText(fields.RequiredText("text").value_or(""));
      if (const std::optional<absl::Time> time = fields.Time("time")) {
        *correction.mutable_create_time() = ToTimestamp(*time);
      }
      errors_ += fields.errors();
      article_.corrections.push_back(std::move(correction));
    }
    Remember("corrections", "corrections");
  }

  static std::optional<v1::CorrectionType> CorrectionTypeOf(absl::string_view name) {
    static constexpr std::array<std::pair<absl::string_view, v1::CorrectionType>, 4> kTypes = {{
        {"correction", v1::CORRECTION_TYPE_CORRECTION},
        {"clarification", v1::CORRECTION_TYPE_CLARIFICATION},
        {"update", v1::CORRECTION_TYPE_UPDATE},
        {"retraction", v1::CORRECTION_TYPE_RETRACTION},
    }};
    for (const auto& [known, type] : kTypes) {
      if (name == known) return type;
    }
    return std::nullopt;
  }

  std::vector<std::string> Ids(absl::string_view key, const char* field, Reference::Kind kind) {
    std::vector<std::string> ids = map_.Texts(key);
    for (const std::string& id : ids) {
      if (!IsId(id)) Error(map_.Line(key), absl::StrCat("\"", key, "\" names \"", id, "\", which is no id"));
      article_.references.insert({kind, id, map_.Line(key)});
    }
    Remember(key, field);
    return ids;
  }

  std::string Line(absl::string_view key, const char* field) {
    Remember(key, field);
    return OneLine(map_.Text(key).value_or(""));
  }

  void Remember(absl::string_view key, const char* field) { article_.field_lines[field] = map_.Line(key); }

  void Error(int line, absl::string_view message) {
    ++errors_;
    problems_.Error({file_, line}, message);
  }

  const std::string file_;
  YamlMap map_;
  ImageFiles& images_;
  ImportedArticle& article_;
  v1::ArticleContent& content_;
  Problems& problems_;
  int errors_ = 0;
};

}  // namespace

bool ReadFrontMatter(const YamlValue& yaml, ImageFiles& images, ImportedArticle& article,
                     Problems& problems) {
  if (yaml.kind != YamlValue::Kind::kMap) {
    problems.Error({article.where.file, 2},
                   "the front matter must be keys and values, such as \"headline: …\"");
    return false;
  }
  return Reader(yaml, images, article, problems).Read();
}

}  // namespace broadsheet::cli
