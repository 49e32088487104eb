#include <algorithm>
#include <utility>

#include "services/gateway/renderer/body.h"
#include "services/gateway/renderer/links.h"
#include "services/gateway/renderer/page_content.h"
#include "services/gateway/renderer/picture.h"
#include "services/gateway/renderer/rich_text.h"
#include "services/gateway/renderer/site_paths.h"
#include "services/gateway/renderer/structured_data.h"
#include "services/gateway/renderer/teaser.h"
#include "services/gateway/renderer/text.h"
#include "services/gateway/renderer/timestamp.h"

namespace broadsheet::gateway {
namespace {

constexpr size_t kMinHeadingsForContents = 3;
constexpr int kMaxRelated = 6;
constexpr absl::string_view kLeadSizes =
    "(min-width: 76rem) 57rem, (min-width: 62rem) calc(100vw - 19rem), 100vw";
constexpr absl::string_view kBodySizes = "(min-width: 62rem) 42rem, 100vw";
constexpr absl::string_view kRelatedSizes = "(min-width: 62rem) 23rem, (min-width: 36rem) 46vw, 34vw";
constexpr absl::string_view kPortraitSizes = "6rem";

// Fills article.html from one model.
class ArticleWriter {
 public:
  ArticleWriter(const ArticlePage& page, const Site& site)
      : page_(page), site_(site), text_(page.article.content()), body_(*page.body) {}

  Values Write() {
    SetHeadlines();
    SetByline();
    SetTimes();
    SetLeadImage();
    SetCorrections();
    SetBody();
    SetLive();
    SetAuthorBoxes();
    SetTeasers();
    return std::move(values_);
  }

 private:
  void SetHeadlines() {
    if (!page_.section.section_id().empty()) {
      values_.Add("SECTION")
          .Set("SECTION_PATH", PathReference(SectionPath(page_.section.section_id())))
          .Set("SECTION_NAME", page_.section.name());
    }
    values_.SetIfAny("KICKER",
                     text_.kicker().empty() && text_.genre() != "News" ? text_.genre() : text_.kicker());
    values_.Set("HEADLINE", text_.headline());
    values_.SetIfAny("STANDFIRST", text_.standfirst());
    values_.SetIfAny("LOCATED", text_.located());
    values_.SetIfAny("COPYRIGHT_NOTICE", text_.copyright_notice());
    if (text_.subjects().empty()) return;
    Values& subjects = values_.Add("SUBJECTS");
    for (const std::string& subject : text_.subjects()) subjects.Add("SUBJECT").Set("SUBJECT", subject);
  }

  // A byline in words stands in place of the authors' names.
  void SetByline() {
    const int count = static_cast<int>(page_.authors.size());
    if (!text_.byline().empty()) {
      values_.Add("BYLINE").SetIfAny("BYLINE_TEXT", text_.byline());
    } else if (count > 0) {
      Values& byline = values_.Add("BYLINE");
      for (int i = 0; i < count; ++i) {
        AddListEntry(byline, "AUTHOR", i, count)
            .Set("AUTHOR_PATH", PathReference(AuthorPath(page_.authors[i].author_id())))
            .Set("AUTHOR_NAME", page_.authors[i].name());
      }
    }
  }

  void SetTimes() {
    if (!page_.article.has_first_published_at()) return;
    const absl::Time published = TimeOf(page_.article.first_published_at());
    const std::string printed = site_.words.DateTime(published, site_.time_zone);
    values_.Add("PUBLISHED").Set("TIME_MACHINE", MachineTime(published)).Set("TIME_PRINTED", printed);
    if (!page_.article.has_version_created_at()) return;
    const absl::Time updated = TimeOf(page_.article.version_created_at());
    const std::string updated_printed = site_.words.DateTime(updated, site_.time_zone);
    if (updated < published || updated_printed == printed) return;
    values_.Add("UPDATED").Set("TIME_MACHINE", MachineTime(updated)).Set("TIME_PRINTED", updated_printed);
  }

  void SetLeadImage() {
    if (text_.has_lead_image()) {
      const ResolvedPicture picture = Resolve(text_.lead_image(), page_.images);
      values_.Add("HAS_LEAD_FIGURE")
          .Include("LEAD_FIGURE", "figure.html",
                   FigureValues(picture, site_, {.sizes = kLeadSizes, .eager = true}));
    }
  }

  void SetCorrections() {
    if (page_.article.corrections().empty()) return;
    Values& block = values_.Add("CORRECTIONS");
    for (const article::v1::Correction& correction : page_.article.corrections()) {
      Values& entry = block.Add("CORRECTION_ENTRY");
      entry.Show("IS_CLARIFICATION", correction.type() == article::v1::CORRECTION_TYPE_CLARIFICATION)
          .Show("IS_UPDATE", correction.type() == article::v1::CORRECTION_TYPE_UPDATE)
          .Show("IS_RETRACTION", correction.type() == article::v1::CORRECTION_TYPE_RETRACTION)
          .Show("IS_CORRECTION", correction.type() == article::v1::CORRECTION_TYPE_CORRECTION ||
                                     !article::v1::CorrectionType_IsValid(correction.type()) ||
                                     correction.type() == article::v1::CORRECTION_TYPE_UNSPECIFIED);
      entry.Set("TEXT_HTML", Markup{RichTextHtml(correction.text(), Targets())});
      if (!correction.has_create_time()) continue;
      const absl::Time time = TimeOf(correction.create_time());
      entry.Add("TIME")
          .Set("TIME_MACHINE", MachineTime(time))
          .Set("TIME_PRINTED", site_.words.Date(time, site_.time_zone));
    }
  }

  // A live story has key events in the place of a table of contents.
  void SetBody() {
    values_.Set("BODY_HTML", body_.markup);
    if (body_.contents.size() < kMinHeadingsForContents || !body_.moments.empty()) return;
    Values& contents = values_.Add("CONTENTS");
    for (const ContentsEntry& entry : body_.contents) {
      contents.Add("ENTRY")
          .Set("ANCHOR", entry.anchor)
          .Set("TEXT", entry.text)
          .Show("NESTED", entry.level > 2);
    }
  }

  void SetLive() {
    if (body_.moments.empty()) return;
    Values& live = values_.Add("LIVE");
    if (text_.has_coverage_ended_at()) {
      SetTime(TimeOf(text_.coverage_ended_at()), live.Add("ENDED"));
    } else {
      live.Add("GOING_ON").Set("STORY_PATH", PathReference(page_.article.path()));
    }
    std::string html;
    Values* key_events = nullptr;
    for (const Moment& moment : body_.moments) {
      html += moment.markup.html;
      if (!moment.key) continue;
      if (key_events == nullptr) key_events = &values_.Add("KEY_EVENTS");
      Values& entry = key_events->Add("ENTRY").Set("ANCHOR", moment.anchor).Set("HEADLINE", moment.headline);
      if (moment.time) SetTime(*moment.time, entry.Add("TIME"));
    }
    live.Set("MOMENTS_HTML", Markup{std::move(html)});
  }

  void SetTime(absl::Time time, Values& values) const {
    values.Set("TIME_MACHINE", MachineTime(time))
        .Set("TIME_PRINTED", site_.words.DateTime(time, site_.time_zone));
  }

  void SetAuthorBoxes() {
    for (const article::v1::Author& author : page_.authors) {
      Values& box = values_.Add("AUTHOR_BOX");
      box.Set("AUTHOR_PATH", PathReference(AuthorPath(author.author_id()))).Set("AUTHOR_NAME", author.name());
      box.SetIfAny("AUTHOR_ROLE", author.role()).SetIfAny("AUTHOR_BIO", author.bio());
      const ResolvedPicture portrait = Resolve(author.portrait(), page_.images);
      if (portrait.image == nullptr) continue;
      const PictureUse use{.sizes = kPortraitSizes, .cropped = true, .decorative = true};
      box.Add("PORTRAIT").Set("PORTRAIT_HTML", PictureMarkup(portrait, site_, use));
    }
  }

  void SetTeasers() {
    const TeaserContext context{.site = site_,
                                .sections = page_.frame.sections,
                                .images = &page_.images,
                                .page_language = LanguageTag(text_.language(), "en"),
                                .edition_date = std::nullopt};
    AddMostRead(values_, page_.most_read, context);
    if (page_.related.empty()) return;
    Values& related = values_.Add("RELATED");
    const TeaserParts parts{
        .picture = PictureUse{.sizes = kRelatedSizes, .cropped = true, .decorative = true},
        .trail_text = true,
        .section_label = true};
    const int count = std::min<int>(kMaxRelated, static_cast<int>(page_.related.size()));
    for (int i = 0; i < count; ++i) {
      related.Include("TEASER", "teaser.html", TeaserValues(page_.related[i], context, parts));
    }
  }

  LinkTargets Targets() const { return {site_.url, page_.linked_paths}; }

  const ArticlePage& page_;
  const Site& site_;
  const article::v1::ArticleContent& text_;
  const Body& body_;
  Values values_;
};

Head ArticleHead(const ArticlePage& page, const std::vector<Moment>& moments, const Site& site) {
  const article::v1::Article& article = page.article;
  Head head;
  head.title = article.content().headline();
  head.description = Summary(TrailText(article), 300);
  head.canonical_path = article.path();
  head.open_graph_type = "article";
  const ResolvedPicture picture = Resolve(article.content().lead_image(), page.images);
  head.image = picture.image;
  head.image_alt_text = picture.alt_text;
  if (article.has_first_published_at()) head.published = TimeOf(article.first_published_at());
  if (article.has_version_created_at()) head.modified = TimeOf(article.version_created_at());
  head.section_name = page.section.name();
  head.subjects.assign(article.content().subjects().begin(), article.content().subjects().end());
  // As everywhere, a byline in words stands in place of the authors.
  if (article.content().byline().empty()) {
    for (const article::v1::Author& author : page.authors)
      head.author_paths.push_back(AuthorPath(author.author_id()));
  }
  head.structured_data = StoryData(page, moments, site);
  return head;
}

}  // namespace

Body ArticleBody(const ArticlePage& page, const Site& site,
                 const std::function<Markup(const Values&)>& figure) {
  const auto body_figure = [&](const article::v1::ImageReference& reference) {
    return figure(FigureValues(Resolve(reference, page.images), site, {.sizes = kBodySizes}));
  };
  const std::string language = LanguageTag(site.language, "en");
  const bool same = SameLanguage(language, LanguageTag(page.article.content().language(), "en"));
  return WriteBody(page.article.content().body(), {.links = {site.url, page.linked_paths},
                                                   .words = site.words,
                                                   .time_zone = site.time_zone,
                                                   .figure = body_figure,
                                                   .time_language = same ? "" : language});
}

PageContent ArticleContent(const ArticlePage& page, const Site& site) {
  PageContent content;
  content.head = ArticleHead(page, page.body->moments, site);
  content.file = "article.html";
  content.language = LanguageTag(page.article.content().language(), "en");
  content.page_class = "article";
  content.section_id = page.section.section_id();
  if (!content.section_id.empty()) {
    content.feed_name = page.section.name();
    content.feed_list = SectionPath(content.section_id);
  }
  content.edition_date = content.head.published;
  content.main = ArticleWriter(page, site).Write();
  return content;
}

}  // namespace broadsheet::gateway
