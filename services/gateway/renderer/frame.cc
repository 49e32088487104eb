#include "services/gateway/renderer/frame.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "services/gateway/renderer/assets.h"
#include "services/gateway/renderer/links.h"
#include "services/gateway/renderer/picture.h"
#include "services/gateway/renderer/site_paths.h"
#include "services/gateway/renderer/text.h"

namespace broadsheet::gateway {
namespace {

constexpr int kPreviewWidth = 1280;

// "article images": the parts that fall short, each once.
std::string DegradedParts(const Frame& frame) {
  std::set<std::string> parts;
  for (const page::v1::Degradation& degradation : frame.degradations) parts.insert(degradation.part());
  return absl::StrJoin(parts, " ");
}

// "en_GB" of "en-GB", "zh_TW" of "zh-Hant-TW": Open Graph wants a language and a territory. Empty without
// one.
std::string OpenGraphLocale(absl::string_view language_tag) {
  const std::vector<absl::string_view> subtags = absl::StrSplit(language_tag, '-');
  const auto is_letter = [](unsigned char c) { return absl::ascii_isalpha(c); };
  for (std::size_t i = 0; i < subtags.size(); ++i) {
    const absl::string_view subtag = subtags[i];
    if (subtag.size() < 2) break;  // of an extension or for private use, like all that follow
    if (i > 0 && subtag.size() == 2 && std::all_of(subtag.begin(), subtag.end(), is_letter))
      return absl::StrCat(absl::AsciiStrToLower(subtags[0]), "_", absl::AsciiStrToUpper(subtag));
  }
  return "";
}

// What the zone is called on the page's date, or now. Where neither is known not GMT or BST, of which one
// would be wrong, but "Europe/London".
std::string TimeZoneName(const Frame& frame, const PageContent& content, absl::TimeZone zone) {
  const absl::Time time = content.edition_date.value_or(frame.now);
  return time == absl::InfinitePast() ? zone.name() : absl::FormatTime("%Z", time, zone);
}

void SetPreviewImage(Values& values, const Head& head, const Site& site) {
  if (head.image == nullptr) return;
  const media::v1::Rendition& rendition = *BestRendition(*head.image, kPreviewWidth);
  values.Add("PREVIEW_IMAGE")
      .Set("IMAGE_URL", AbsoluteRenditionUrl(site, rendition))
      .Set("IMAGE_WIDTH", absl::StrCat(rendition.width()))
      .Set("IMAGE_HEIGHT", absl::StrCat(rendition.height()))
      .SetIfAny("IMAGE_ALT_TEXT", head.image_alt_text);
}

void SetArticleProperties(Values& values, const Head& head, const Site& site) {
  if (head.open_graph_type != "article") return;
  Values& article = values.Add("IS_ARTICLE");
  article.Set("ITEM_PATH", PathReference(ItemPath(head.canonical_path)));
  if (head.published) article.SetIfAny("PUBLISHED_TIME", MachineTime(*head.published));
  if (head.modified) article.SetIfAny("MODIFIED_TIME", MachineTime(*head.modified));
  article.SetIfAny("ARTICLE_SECTION", head.section_name);
  for (const std::string& path : head.author_paths)
    article.Add("ARTICLE_AUTHOR").Set("AUTHOR_URL", AbsoluteUrl(site, path));
  for (const std::string& subject : head.subjects) article.Add("ARTICLE_TAG").Set("TAG", subject);
}

void SetHead(Values& values, const PageContent& content, const Site& site) {
  const Head& head = content.head;
  values.Set("TITLE", head.title.empty() ? site.name : site.words.PageTitle(head.title, site.name));
  values.Set("OG_TITLE", head.title.empty() ? site.name : head.title).Set("OG_TYPE", head.open_graph_type);
  const std::string locale = OpenGraphLocale(content.language);
  values.Set("OG_LOCALE", locale).Show("OG_LOCALE", !locale.empty());
  values.SetIfAny("DESCRIPTION", head.description);
  if (head.canonical_path.empty()) {
    values.Show("NOT_INDEXED", true);
  } else {
    values.Add("CANONICAL").Set("CANONICAL_URL", AbsoluteUrl(site, head.canonical_path));
  }
  values.Show("LARGE_PREVIEW", head.image != nullptr).Show("SMALL_PREVIEW", head.image == nullptr);
  SetPreviewImage(values, head, site);
  SetArticleProperties(values, head, site);
  if (!head.structured_data.html.empty())
    values.Add("STRUCTURED_DATA").Set("STRUCTURED_DATA_JSON", head.structured_data);
}

void SetSections(Values& values, const Frame& frame, const std::string& current) {
  for (const article::v1::Section& section : frame.sections) {
    Values& entry = values.Add("NAV_SECTION");
    entry.Set("SECTION_PATH", PathReference(SectionPath(section.section_id())))
        .Set("SECTION_NAME", section.name());
    entry.Show("IS_CURRENT", section.section_id() == current);
  }
}

void SetFeeds(Values& values, const std::string& list) {
  values.Set("RSS_PATH", PathReference(FeedPath(list, kRssSuffix)))
      .Set("ATOM_PATH", PathReference(FeedPath(list, kAtomSuffix)))
      .Set("FEED_PATH", PathReference(FeedPath(list, kJsonFeedSuffix)));
}

}  // namespace

Values SharedValues(const Site& site, const std::vector<Asset>& assets, absl::string_view page_language) {
  const std::string language = LanguageTag(site.language, "en");
  Values shared;
  shared.Set("SITE_NAME", site.name)
      .Set("SITE_LANGUAGE", language)
      .Set("SITE_DIRECTION", TextDirection(language));
  shared.Set("STYLE_PATH", AssetPath(assets, "page.css")).Set("SCRIPT_PATH", AssetPath(assets, "page.js"));
  shared.Set("ICON_PATH", AssetPath(assets, "favicon.svg"))
      .Set("ICON_ICO_PATH", AssetPath(assets, "favicon.ico"));
  SetFeeds(shared, "");
  shared.Show("OTHER_LANGUAGE_PAGE", !SameLanguage(language, page_language));
  return shared;
}

Values PageValues(const Frame& frame, PageContent content, const Site& site) {
  Values values;
  values.Set("LANGUAGE", content.language).Set("DIRECTION", TextDirection(content.language));
  values.Set("PAGE_CLASS", content.page_class).Show("IS_FRONT", content.page_class == "front");
  values.Show("NOT_FRONT", content.page_class != "front");
  values.SetIfAny("DEGRADED", DegradedParts(frame));
  SetHead(values, content, site);
  SetSections(values, frame, content.section_id);
  if (!content.feed_list.empty())
    SetFeeds(values.Add("LIST_FEED").Set("LIST_NAME", content.feed_name), content.feed_list);
  values.SetIfAny("SITE_DESCRIPTION", site.description);
  values.Set("TIME_ZONE", TimeZoneName(frame, content, site.time_zone));
  if (content.edition_date) {
    values.Add("EDITION")
        .Set("DATE_MACHINE", absl::FormatTime("%Y-%m-%d", *content.edition_date, site.time_zone))
        .Set("DATE_PRINTED", site.words.WeekdayDate(*content.edition_date, site.time_zone));
  }
  values.Include("MAIN", content.file, std::move(content.main));
  return values;
}

}  // namespace broadsheet::gateway
