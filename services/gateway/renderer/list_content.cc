#include <utility>

#include "services/gateway/renderer/links.h"
#include "services/gateway/renderer/list_layout.h"
#include "services/gateway/renderer/page_content.h"
#include "services/gateway/renderer/picture.h"
#include "services/gateway/renderer/site_paths.h"
#include "services/gateway/renderer/structured_data.h"
#include "services/gateway/renderer/teaser.h"
#include "services/gateway/renderer/text.h"
#include "services/gateway/renderer/timestamp.h"

namespace broadsheet::gateway {
namespace {

using article::v1::Article;

const PictureUse kLeadPicture{.sizes = "(min-width: 76rem) 38rem, (min-width: 48rem) 60vw, 100vw",
                              .eager = true,
                              .cropped = true,
                              .decorative = true};
const PictureUse kHalfPicture{
    .sizes = "(min-width: 76rem) 19rem, (min-width: 48rem) 30vw, 100vw", .cropped = true, .decorative = true};
const PictureUse kColumnPicture{
    .sizes = "(min-width: 62rem) 24rem, (min-width: 36rem) 46vw, 100vw", .cropped = true, .decorative = true};
const PictureUse kThumbnail{.sizes = "(min-width: 48rem) 14rem, 34vw", .cropped = true, .decorative = true};
const PictureUse kPortrait{.sizes = "9rem", .eager = true, .cropped = true, .decorative = true};

std::optional<absl::Time> Newest(const Teasers& stories) {
  std::optional<absl::Time> newest;
  for (const Article& article : stories) {
    const absl::Time time = TimeOf(article.first_published_at());
    if (!newest || time > *newest) newest = time;
  }
  return newest;
}

bool HasPicture(const Article& story, const TeaserContext& context) {
  return context.images != nullptr && Resolve(story.content().lead_image(), *context.images).image != nullptr;
}

// `seen`: whether a picture stands above these already; otherwise their first is seen at once.
void AddTeasers(Values& values, absl::string_view name, const std::vector<const Article*>& stories,
                const TeaserContext& context, const TeaserParts& parts, bool* seen = nullptr) {
  if (stories.empty()) return;
  Values& block = values.Add(name);
  for (const Article* article : stories) {
    TeaserParts own = parts;
    if (seen != nullptr && !*seen && own.picture && HasPicture(*article, context))
      *seen = own.picture->eager = true;
    block.Include("TEASER", "teaser.html", TeaserValues(*article, context, own));
  }
}

// Whether a picture stands there.
bool AddTop(Values& values, const ListLayout& layout, const TeaserContext& context, bool section_labels) {
  bool seen = false;
  if (layout.lead != nullptr) {
    AddTeasers(
        values, "LEAD", {layout.lead}, context,
        {.picture = kLeadPicture, .trail_text = true, .section_label = section_labels, .authors = true},
        &seen);
  }
  AddTeasers(values, "SECONDARY", layout.secondary, context,
             {.picture = kHalfPicture, .trail_text = true, .section_label = section_labels, .authors = true},
             &seen);
  AddTeasers(values, "BRIEFS", layout.briefs, context,
             {.picture = std::nullopt, .trail_text = true, .section_label = section_labels, .authors = true});
  AddTeasers(values, "LATEST", layout.latest, context, {});
  return seen;
}

void AddColumns(Values& values, const ListLayout& layout, const TeaserContext& context) {
  for (const ListLayout::Column& column : layout.columns) {
    Values& block = values.Add("COLUMN");
    block.Set("SECTION_NAME", column.section->name())
        .Set("SECTION_PATH", PathReference(SectionPath(column.section->section_id())));
    for (const Article* article : column.stories) {
      const bool opening = article == column.stories.front();
      TeaserParts parts{.picture = std::nullopt, .trail_text = opening, .authors = opening};
      if (opening) parts.picture = kColumnPicture;
      block.Include("TEASER", "teaser.html", TeaserValues(*article, context, parts));
    }
  }
}

TeaserContext ContextOf(const ListPage& page, const Site& site) {
  return {.site = site,
          .sections = page.frame.sections,
          .authors = &page.authors,
          .images = &page.images,
          .page_language = LanguageTag(site.language, "en"),
          .edition_date = Newest(page.stories)};
}

PageContent ListContent(const ListPage& page, const Site& site) {
  PageContent content;
  content.language = LanguageTag(site.language, "en");
  content.edition_date = Newest(page.stories);
  return content;
}

void SetLeadImage(Head& head, const ListLayout& layout, const ImagesById& images) {
  if (layout.lead == nullptr) return;
  const ResolvedPicture picture = Resolve(layout.lead->content().lead_image(), images);
  head.image = picture.image;
  head.image_alt_text = picture.alt_text;
}

// A section's page, or one that is laid out like it.
PageContent ListOfSection(const ListPage& page, const Site& site) {
  PageContent content = ListContent(page, site);
  content.file = "section.html";
  content.page_class = "section";
  content.head.title = page.section->name();
  content.head.description = page.section->description();
  content.head.canonical_path = SectionPath(page.section->section_id());
  content.head.structured_data = CollectionData(page, site);
  const ListLayout layout = LayOutSection(page);
  SetLeadImage(content.head, layout, page.images);
  const TeaserContext context = ContextOf(page, site);
  content.main.Set("SECTION_NAME", page.section->name())
      .SetIfAny("SECTION_DESCRIPTION", page.section->description());
  bool seen = AddTop(content.main, layout, context, false);
  AddTeasers(content.main, "REST", layout.rest, context,
             {.picture = kThumbnail, .trail_text = true, .authors = true}, &seen);
  AddMostRead(content.main, page.most_read, context);
  content.main.Show("EMPTY", layout.lead == nullptr);
  return content;
}

Word ErrorTitle(int status) {
  return status == 410 ? Word::kGone : status == 503 ? Word::kUnavailable : Word::kNotFound;
}

}  // namespace

PageContent FrontContent(const ListPage& page, const Site& site) {
  PageContent content = ListContent(page, site);
  content.file = "front.html";
  content.page_class = "front";
  content.head.description = site.description;
  content.head.canonical_path = kFrontPath;
  content.head.structured_data = WebSiteData(site);
  const ListLayout layout = LayOutFront(page);
  SetLeadImage(content.head, layout, page.images);
  const TeaserContext context = ContextOf(page, site);
  AddTop(content.main, layout, context, true);
  AddColumns(content.main, layout, context);
  AddMostRead(content.main, page.most_read, context);
  content.main.Show("EMPTY", layout.lead == nullptr);
  return content;
}

PageContent SectionContent(const ListPage& page, const Site& site) {
  PageContent content = ListOfSection(page, site);
  content.section_id = page.section->section_id();
  content.feed_name = page.section->name();
  content.feed_list = SectionPath(page.section->section_id());
  content.main.Show("OF_SECTION", true);
  return content;
}

ListPage MostReadAsList(const MostReadPage& page, const Site& site) {
  ListPage list = {.frame = page.frame,
                   .section = article::v1::Section(),
                   .stories = page.stories,
                   .curated = page.stories,
                   .authors = page.authors,
                   .images = page.images,
                   .most_read = {}};
  list.section->set_section_id(std::string(kMostReadPath.substr(1)));
  list.section->set_name(site.words[Word::kMostRead]);
  return list;
}

PageContent MostReadContent(const ListPage& page, const Site& site) { return ListOfSection(page, site); }

PageContent AuthorContent(const AuthorPage& page, const Site& site) {
  PageContent content;
  content.file = "author.html";
  content.page_class = "author";
  content.feed_name = page.author.name();
  content.feed_list = AuthorPath(page.author.author_id());
  content.language = LanguageTag(site.language, "en");
  content.edition_date = Newest(page.stories);
  content.head.title = page.author.name();
  content.head.description = Summary(page.author.bio(), 300);
  content.head.canonical_path = AuthorPath(page.author.author_id());
  content.head.open_graph_type = "profile";
  content.head.structured_data = ProfileData(page, site);
  Values& main = content.main;
  main.Set("AUTHOR_NAME", page.author.name()).SetIfAny("AUTHOR_ROLE", page.author.role());
  main.SetIfAny("AUTHOR_BIO", page.author.bio());
  const ResolvedPicture portrait = Resolve(page.author.portrait(), page.images);
  content.head.image = portrait.image;
  content.head.image_alt_text = portrait.alt_text;
  if (portrait.image != nullptr)
    main.Add("PORTRAIT").Set("PORTRAIT_HTML", PictureMarkup(portrait, site, kPortrait));
  for (const std::string& profile : page.author.profile_urls()) {
    if (const auto url = AllowedUrl(profile); url && IsExternal(*url, site.url))
      main.Add("PROFILE").Set("PROFILE_URL", *url);
  }
  const TeaserContext context{.site = site,
                              .sections = page.frame.sections,
                              .images = &page.images,
                              .page_language = content.language,
                              .edition_date = std::nullopt};
  std::vector<const Article*> stories;
  for (const Article& article : page.stories) stories.push_back(&article);
  AddTeasers(main, "STORIES", stories, context,
             {.picture = kThumbnail, .trail_text = true, .section_label = true});
  return content;
}

PageContent ErrorContent(const ErrorPage& page, const Site& site) {
  PageContent content;
  content.file = "error.html";
  content.page_class = "error";
  content.language = LanguageTag(site.language, "en");
  content.head.title = site.words[ErrorTitle(page.status)];
  Values& main = content.main;
  main.Show("IS_GONE", page.status == 410).Show("IS_UNAVAILABLE", page.status == 503);
  main.Show("IS_NOT_FOUND", page.status != 410 && page.status != 503);
  main.SetIfAny("NOTICE", page.notice);
  const TeaserContext context{.site = site,
                              .sections = page.frame.sections,
                              .page_language = content.language,
                              .edition_date = std::nullopt};
  std::vector<const Article*> stories;
  for (const Article& article : page.stories) stories.push_back(&article);
  AddTeasers(main, "STORIES", stories, context,
             {.picture = std::nullopt, .trail_text = true, .section_label = true});
  return content;
}

}  // namespace broadsheet::gateway
