#include "services/gateway/renderer/teaser.h"

#include <algorithm>
#include <utility>

#include "services/gateway/renderer/links.h"
#include "services/gateway/renderer/text.h"
#include "services/gateway/renderer/timestamp.h"

namespace broadsheet::gateway {
namespace {

constexpr int kMaxMostRead = 10;
constexpr size_t kMaxTrailBytes = 400;

void SetTime(Values& values, const article::v1::Article& article, const TeaserContext& context) {
  if (!article.has_first_published_at()) return;
  const absl::Time time = TimeOf(article.first_published_at());
  const absl::TimeZone zone = context.site.time_zone;
  const Words& words = context.site.words;
  const bool same_day =
      context.edition_date && absl::ToCivilDay(time, zone) == absl::ToCivilDay(*context.edition_date, zone);
  values.Add("TIME")
      .Set("TIME_MACHINE", MachineTime(time))
      .Set("TIME_PRINTED", same_day ? words.TimeOfDay(time, zone) : words.Date(time, zone))
      .Show("OTHER_LANGUAGE_TEXT", !SameLanguage(context.site.language, article.content().language()));
}

void SetAuthors(Values& values, const article::v1::Article& article, const TeaserContext& context) {
  if (context.authors == nullptr) return;
  if (!article.content().byline().empty()) {
    AddListEntry(values.Add("AUTHORS"), "AUTHOR", 0, 1).Set("AUTHOR_NAME", article.content().byline());
    return;
  }
  std::vector<absl::string_view> names;
  for (const std::string& id : article.content().author_ids()) {
    if (const auto known = context.authors->find(id); known != context.authors->end())
      names.push_back(known->second.name());
  }
  if (names.empty()) return;
  Values& authors = values.Add("AUTHORS");
  const int count = static_cast<int>(names.size());
  for (int i = 0; i < count; ++i) AddListEntry(authors, "AUTHOR", i, count).Set("AUTHOR_NAME", names[i]);
}

}  // namespace

Values TeaserValues(const article::v1::Article& article, const TeaserContext& context,
                    const TeaserParts& parts) {
  const article::v1::ArticleContent& content = article.content();
  Values values;
  values.Set("ARTICLE_ID", article.article_id())
      .Set("PATH", PathReference(article.path()))
      .Set("HEADLINE", content.headline());
  const std::string language = LanguageTag(content.language(), "en");
  if (language != context.page_language) {
    values.Add("OTHER_LANGUAGE").Set("LANGUAGE", language).Set("DIRECTION", TextDirection(language));
  }
  if (!content.kicker().empty()) {
    values.SetIfAny("KICKER", content.kicker());
  } else if (parts.section_label) {
    values.SetIfAny("KICKER_SECTION", SectionName(context.sections, content.section_id()));
  }
  if (parts.trail_text) values.SetIfAny("TRAIL_TEXT", Summary(TrailText(article), kMaxTrailBytes));
  if (parts.authors) SetAuthors(values, article, context);
  SetTime(values, article, context);
  if (parts.picture && context.images != nullptr && content.has_lead_image()) {
    const ResolvedPicture picture = Resolve(content.lead_image(), *context.images);
    if (picture.image != nullptr) {
      values.Add("PICTURE").Set("PICTURE_HTML", PictureMarkup(picture, context.site, *parts.picture));
    }
  }
  return values;
}

Values& AddListEntry(Values& values, absl::string_view name, int index, int count) {
  Values& entry = values.Add(name);
  entry.Show("FIRST", index == 0)
      .Show("MIDDLE", index > 0 && index + 1 < count)
      .Show("LAST", index > 0 && index + 1 == count);
  return entry;
}

std::string SectionName(const std::vector<article::v1::Section>& sections, absl::string_view section_id) {
  for (const article::v1::Section& section : sections) {
    if (section.section_id() == section_id) return section.name();
  }
  return "";
}

const std::string& TrailText(const article::v1::Article& article) {
  const article::v1::ArticleContent& content = article.content();
  return content.trail_text().empty() ? content.standfirst() : content.trail_text();
}

void AddMostRead(Values& values, const Teasers& stories, const TeaserContext& context) {
  if (stories.empty()) return;
  Values block;
  const size_t count = std::min<size_t>(stories.size(), kMaxMostRead);
  for (size_t i = 0; i < count; ++i) {
    block.Add("ENTRY").Include("TEASER", "teaser.html", TeaserValues(stories[i], context, {}));
  }
  values.Include("MOST_READ", "most_read.html", std::move(block));
}

}  // namespace broadsheet::gateway
