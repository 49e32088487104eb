#include "services/gateway/renderer/ninjs.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"
#include "services/gateway/renderer/assets.h"
#include "services/gateway/renderer/body.h"
#include "services/gateway/renderer/feed_entries.h"
#include "services/gateway/renderer/links.h"
#include "services/gateway/renderer/picture.h"
#include "services/gateway/renderer/rich_text.h"
#include "services/gateway/renderer/site_paths.h"
#include "services/gateway/renderer/text.h"
#include "services/gateway/renderer/timestamp.h"
#include "services/gateway/renderer/words.h"

namespace broadsheet::gateway {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kBodyPictureWidth = 1280;

void Set(Json& json, const char* name, const std::string& text) {
  if (!text.empty()) json[name] = CleanText(text);
}

// Plain text, and said to be, so that nobody takes it for markup.
void AddText(Json& json, const char* list, const char* role, const std::string& text) {
  if (text.empty()) return;
  json[list].push_back({{"role", role}, {"contentType", "text/plain"}, {"value", CleanText(text)}});
}

std::string Dump(const Json& json) { return json.dump(1, ' ', false, Json::error_handler_t::replace); }

Word KindOf(const article::v1::Correction& correction) {
  switch (correction.type()) {
    case article::v1::CORRECTION_TYPE_CLARIFICATION:
      return Word::kClarification;
    case article::v1::CORRECTION_TYPE_UPDATE:
      return Word::kUpdate;
    case article::v1::CORRECTION_TYPE_RETRACTION:
      return Word::kRetraction;
    default:
      return Word::kCorrection;
  }
}

class NinjsWriter {
 public:
  NinjsWriter(const ArticlePage& page, const Site& site)
      : page_(page), site_(site), article_(page.article), content_(page.article.content()) {}

  Json Write() {
    item_["uri"] = StoryUri(article_, site_);
    item_["standard"] = {{"name", "ninjs"},
                         {"version", "3.1"},
                         {"schema", "http://www.iptc.org/std/ninjs/ninjs-schema_3.1.json"}};
    item_["type"] = "text";
    item_["representationType"] = page_.frame.degradations.empty() ? "full" : "partial";
    item_["version"] = "";  // holds the place
    item_["firstCreated"] = MachineTime(PublishedAt(article_));
    item_["versionCreated"] = MachineTime(VersionCreated());
    if (article_.has_expires_at()) item_["expires"] = MachineTime(TimeOf(article_.expires_at()));
    item_["pubStatus"] = "usable";
    if (content_.urgency() > 0) item_["urgency"] = content_.urgency();
    item_["language"] = LanguageTag(content_.language(), "en");
    item_["altIds"].push_back({{"role", "canonical"}, {"value", AbsoluteUrl(site_, article_.path())}});
    WriteTexts();
    WriteConcepts();
    WritePictures();
    item_["version"] = absl::StrCat(article_.revision(), "-", Fingerprint(Dump(item_)));
    return std::move(item_);
  }

 private:
  // What the item shows was changed last, as far as anybody says when: of what is missing nobody does.
  absl::Time VersionCreated() const {
    absl::Time changed = UpdatedAt(article_);
    for (const article::v1::ImageReference* reference : Pictures()) {
      const media::v1::Image* image = Resolve(*reference, page_.images).image;
      if (image != nullptr && image->has_update_time())
        changed = std::max(changed, TimeOf(image->update_time()));
    }
    return changed;
  }

  // Of the story, the lead image first.
  std::vector<const article::v1::ImageReference*> Pictures() const {
    std::vector<const article::v1::ImageReference*> pictures;
    if (content_.has_lead_image()) pictures.push_back(&content_.lead_image());
    for (const article::v1::Block& block : content_.body()) {
      if (block.has_image()) pictures.push_back(&block.image());
    }
    return pictures;
  }

  void WriteTexts() {
    Set(item_, "located", content_.located());
    Set(item_, "copyrightNotice", content_.copyright_notice());
    Set(item_, "usageTerms", content_.usage_terms());
    AddText(item_, "headlines", "main", content_.headline());
    AddText(item_, "headlines", "kicker", content_.kicker());
    AddText(item_, "descriptions", "standfirst", content_.standfirst());
    AddText(item_, "descriptions", "trail", content_.trail_text());
    WriteCorrections();
    WriteMain();
  }

  LinkTargets Targets() const { return {site_.url, page_.linked_paths, true}; }

  // Corrections stand at the head of the text, as on the page: what is published of an item is its body.
  void WriteMain() {
    const LinkTargets links = Targets();
    const auto figure = [this](const article::v1::ImageReference& reference) { return Figure(reference); };
    const Body body = gateway::WriteBody(content_.body(), {.links = links,
                                                           .words = site_.words,
                                                           .time_zone = site_.time_zone,
                                                           .figure = figure,
                                                           .moment_level = 2});
    std::string html = CorrectionsHtml() + body.markup.html;
    for (const Moment& moment : body.moments) html += moment.markup.html;
    item_["bodies"].push_back({{"role", "main"}, {"contentType", "text/html"}, {"value", std::move(html)}});
  }

  std::string CorrectionsHtml() const {
    if (article_.corrections().empty()) return "";
    std::string html = "<aside class=\"corrections\">\n";
    for (const article::v1::Correction& correction : article_.corrections())
      absl::StrAppend(&html, "<p class=\"correction\">", LabelHtml(correction), " ",
                      RichTextHtml(correction.text(), Targets()), "</p>\n");
    return html + "</aside>\n";
  }

  // In the words of the site.
  std::string LabelHtml(const article::v1::Correction& correction) const {
    const std::string language = LanguageTag(site_.language, "en");
    std::string label = "<strong";
    if (!SameLanguage(language, content_.language()))
      absl::StrAppend(&label, " lang=\"", language, "\" dir=\"", TextDirection(language), "\"");
    absl::StrAppend(&label, ">", EscapeHtml(site_.words[KindOf(correction)]));
    if (correction.has_create_time()) {
      const absl::Time time = TimeOf(correction.create_time());
      absl::StrAppend(&label, ", <time datetime=\"", MachineTime(time), "\">",
                      EscapeHtml(site_.words.Date(time, site_.time_zone)), "</time>");
    }
    return label + ".</strong>";
  }

  // The same for the partner's desk, one line each, in words that stay the same for programs.
  void WriteCorrections() {
    std::vector<std::string> notes;
    for (const article::v1::Correction& correction : article_.corrections()) {
      std::string& note = notes.emplace_back(Words::English(KindOf(correction)));
      if (correction.has_create_time()) {
        const absl::Time time = TimeOf(correction.create_time());
        absl::StrAppend(&note, ", ", absl::FormatTime("%Y-%m-%d", time, site_.time_zone));
      }
      absl::StrAppend(&note, ": ", correction.text().text());
    }
    Set(item_, "edNote", absl::StrJoin(notes, "\n"));
  }

  Markup Figure(const article::v1::ImageReference& reference) const {
    const ResolvedPicture picture = Resolve(reference, page_.images);
    if (picture.image == nullptr) return {};
    const std::string source = AbsoluteRenditionUrl(site_, *BestRendition(*picture.image, kBodyPictureWidth));
    std::string words = EscapeHtml(picture.caption);
    if (!picture.credit.empty())
      absl::StrAppend(&words, words.empty() ? "" : " ", EscapeHtml(site_.words[Word::kImageSource]), " ",
                      EscapeHtml(picture.credit));
    return {absl::StrCat("<figure><img src=\"", EscapeHtml(source), "\" alt=\"", EscapeHtml(picture.alt_text),
                         "\"><figcaption>", words, "</figcaption></figure>")};
  }

  void WriteConcepts() {
    std::vector<std::string> names;
    for (const article::v1::Author& author : page_.authors) {
      names.push_back(CleanText(author.name()));
      item_["people"].push_back({{"name", names.back()},
                                 {"rel", "author"},
                                 {"uri", AbsoluteUrl(site_, AuthorPath(author.author_id()))}});
    }
    Set(item_, "by", content_.byline().empty() ? absl::StrJoin(names, ", ") : content_.byline());
    if (!page_.section.section_id().empty()) {
      item_["subjects"].push_back({{"name", CleanText(page_.section.name())},
                                   {"rel", "section"},
                                   {"uri", AbsoluteUrl(site_, SectionPath(page_.section.section_id()))}});
    }
    for (const std::string& subject : content_.subjects())
      item_["subjects"].push_back({{"name", CleanText(subject)}});
    if (!content_.genre().empty()) item_["genres"].push_back({{"name", CleanText(content_.genre())}});
  }

  void WritePictures() {
    std::set<std::string> written;
    auto add = [&](const article::v1::ImageReference& reference, const std::string& name) {
      const ResolvedPicture picture = Resolve(reference, page_.images);
      if (picture.image == nullptr || !written.insert(reference.image_id()).second) return;
      item_["associations"].push_back(Picture(picture, name));
    };
    for (const article::v1::ImageReference* reference : Pictures()) {
      const bool lead = content_.has_lead_image() && reference == &content_.lead_image();
      add(*reference, lead ? "lead" : absl::StrCat("picture-", written.size() + 1));
    }
  }

  Json Picture(const ResolvedPicture& picture, const std::string& name) const {
    const media::v1::ImageMetadata& metadata = picture.image->metadata();
    Json json = {{"name", name}, {"uri", ImageUri(picture.image->image_id(), site_)}, {"type", "picture"}};
    AddText(json, "descriptions", "caption", picture.caption);
    AddText(json, "descriptions", "alt", picture.alt_text);
    AddText(json, "descriptions", "creditline", picture.credit);
    Set(json, "by", metadata.creator());
    Set(json, "copyrightNotice", metadata.copyright_notice());
    Set(json, "usageTerms", metadata.usage_terms());
    for (const media::v1::Rendition& rendition : picture.image->renditions()) {
      json["renditions"].push_back({{"name", CleanText(rendition.name())},
                                    {"href", AbsoluteRenditionUrl(site_, rendition)},
                                    {"contentType", CleanText(rendition.media_type())},
                                    {"width", rendition.width()},
                                    {"height", rendition.height()},
                                    {"sizeInBytes", rendition.byte_size()}});
    }
    return json;
  }

  const ArticlePage& page_;
  const Site& site_;
  const article::v1::Article& article_;
  const article::v1::ArticleContent& content_;
  Json item_;
};

}  // namespace

std::string NinjsItem(const ArticlePage& page, const Site& site) {
  return Dump(NinjsWriter(page, site).Write()) + "\n";
}

}  // namespace broadsheet::gateway
