#include "services/gateway/renderer/renderer.h"

#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "services/gateway/renderer/assets.h"
#include "services/gateway/renderer/body.h"
#include "services/gateway/renderer/feeds.h"
#include "services/gateway/renderer/frame.h"
#include "services/gateway/renderer/json_feed.h"
#include "services/gateway/renderer/mentions.h"
#include "services/gateway/renderer/moments.h"
#include "services/gateway/renderer/ninjs.h"
#include "services/gateway/renderer/page_content.h"
#include "services/gateway/renderer/site_paths.h"
#include "services/gateway/renderer/template_engine.h"
#include "services/gateway/renderer/template_faults.h"
#include "services/gateway/renderer/template_file.h"
#include "services/gateway/renderer/template_names.h"
#include "services/gateway/renderer/text.h"
#include "services/gateway/renderer/trial_check.h"
#include "services/gateway/renderer/trial_models.h"
#include "services/gateway/renderer/trial_pages.h"
#include "services/gateway/renderer/words.h"

namespace broadsheet::gateway {
namespace {

// Where page.html has room for a notice. It cannot come from a model: every `<` of those is escaped.
constexpr absl::string_view kNoticeMark = "<!--notice-->";
constexpr absl::string_view kPageStart = "<html ";
constexpr absl::string_view kDegradedStart = "data-degraded=\"";
constexpr absl::Duration kNoticeAge = absl::Minutes(5);

// Scheme, host and port of a web address, empty if it is none: a path would allow that one path and nothing
// below it, and some characters would begin another directive.
std::string OriginOf(const std::string& url) {
  const std::size_t host = url.find("://");
  if (!absl::StartsWith(url, "http") || host == std::string::npos) return "";
  std::string origin = url.substr(0, url.find_first_of("/?#", host + 3));
  return origin.find_first_of(" ;,") == std::string::npos ? origin : "";
}

std::string ContentSecurityPolicy(const Site& site) {
  const std::string elsewhere = OriginOf(site.media_url);
  return absl::StrCat(
      "default-src 'none'; img-src 'self'", elsewhere.empty() ? "" : " ", elsewhere,
      "; style-src 'self'; script-src 'self'; connect-src 'self'; font-src 'self'; manifest-src 'self'; "
      "base-uri 'none'; form-action 'none'; frame-ancestors 'none'");
}

// What every page says of its site: pages made before it was changed count as made by other templates.
void AppendSite(const Site& site, std::string& sources) {
  for (absl::string_view part : {site.name, site.url, site.media_url, site.language, site.description})
    absl::StrAppend(&sources, part, "\n");
  absl::StrAppend(&sources, site.time_zone.name(), "\n");
}

std::string SourcesOf(const TemplateEngine& engine) {
  std::string sources;
  for (const auto& [name, text] : engine.texts()) absl::StrAppend(&sources, name, "\n", text, "\n");
  return sources;
}

// On a site of its own, so that nothing depends on what this one is called.
absl::Status TryTemplates(const std::filesystem::path& folder,
                          const std::shared_ptr<const TemplateEngine>& engine, Words words) {
  Site site = TrialSite();
  site.words = std::move(words);
  return CheckTrialPages(RenderTrialPages(*Renderer::Over(engine, std::move(site))), (folder / "").string(),
                         engine->texts());
}

// English without such a file, which otherwise becomes one of the sources.
absl::StatusOr<Words> LoadWords(const std::filesystem::path& file, std::string& sources) {
  std::error_code error;
  if (!std::filesystem::exists(std::filesystem::symlink_status(file, error))) return Words();
  const absl::StatusOr<std::string> text = ReadTemplateFile(file, kMaxWordsBytes);
  if (!text.ok()) return text.status();
  if (text->size() > kMaxWordsBytes)
    return absl::InvalidArgumentError(
        absl::StrCat(file.string(), ": is longer than ", kMaxWordsBytes, " bytes"));
  absl::StrAppend(&sources, "words.txt\n", *text, "\n");
  return Words::Parse(file.string(), *text);
}

}  // namespace

struct Renderer::Parts {
  Site site;
  std::vector<Asset> assets;
  std::shared_ptr<const TemplateExpander> templates;
  std::string policy;
  std::uint64_t version = 0;

  std::string RenderPage(const Frame& frame, PageContent content) const {
    const Values shared = SharedValues(site, assets, content.language);
    return templates->Expand("page.html", PageValues(frame, std::move(content), site), shared);
  }

  // Labelled, if the frame says that it is stale.
  std::string Finish(const Renderer& renderer, const Frame& frame, std::string html) const {
    return frame.stale_since ? renderer.LabelStale(html, *frame.stale_since, frame.now) : html;
  }
};

Renderer::Renderer(std::unique_ptr<const Parts> parts) : parts_(std::move(parts)) {}
Renderer::~Renderer() = default;

absl::StatusOr<std::unique_ptr<Renderer>> Renderer::Load(std::string_view directory, Site site) {
  const std::filesystem::path folder = std::filesystem::absolute(directory);
  TemplateFaults faults;  // all are looked for before any is told
  absl::StatusOr<std::unique_ptr<TemplateEngine>> loaded =
      TemplateEngine::Load(folder.string(), KnownTemplateNames());
  faults.Add(loaded.status());
  const std::shared_ptr<const TemplateEngine> engine = loaded.ok() ? *std::move(loaded) : nullptr;
  absl::StatusOr<std::vector<Asset>> assets = LoadAssets((folder / "assets").string());
  faults.Add(assets.status());
  std::string sources = engine ? SourcesOf(*engine) : "";
  absl::StatusOr<Words> words = LoadWords(folder / "words.txt", sources);
  faults.Add(words.status());
  if (engine) faults.Add(TryTemplates(folder, engine, words.value_or(Words())));
  if (!faults.empty()) return faults.status();
  for (const Asset& asset : *assets) absl::StrAppend(&sources, asset.path, "\n");
  auto parts = std::make_unique<Parts>();
  AppendSite(site, sources);
  parts->policy = ContentSecurityPolicy(site);
  parts->site = std::move(site);
  parts->site.words = *std::move(words);
  parts->assets = *std::move(assets);
  parts->version = std::stoull(Fingerprint(sources), nullptr, 16);
  parts->templates = engine;
  return std::unique_ptr<Renderer>(new Renderer(std::move(parts)));
}

std::unique_ptr<Renderer> Renderer::Over(std::shared_ptr<const TemplateExpander> templates, Site site) {
  auto parts = std::make_unique<Parts>();
  parts->site = std::move(site);
  parts->templates = std::move(templates);
  return std::unique_ptr<Renderer>(new Renderer(std::move(parts)));
}

std::shared_ptr<const Body> Renderer::WriteBody(const ArticlePage& page) const {
  const std::string language = LanguageTag(page.article.content().language(), "en");
  const Values shared = SharedValues(parts_->site, parts_->assets, language);
  const auto figure = [&](const Values& values) {
    return Markup{parts_->templates->Expand("figure.html", values, shared)};
  };
  return std::make_shared<const Body>(ArticleBody(page, parts_->site, figure));
}

std::string Renderer::RenderArticle(const ArticlePage& page) const {
  if (page.body == nullptr) {
    ArticlePage written = page;
    written.body = WriteBody(page);
    return RenderArticle(written);
  }
  return parts_->Finish(*this, page.frame,
                        parts_->RenderPage(page.frame, ArticleContent(page, parts_->site)));
}

std::string Renderer::RenderList(const ListPage& page) const {
  PageContent content = page.section ? SectionContent(page, parts_->site) : FrontContent(page, parts_->site);
  return parts_->Finish(*this, page.frame, parts_->RenderPage(page.frame, std::move(content)));
}

std::string Renderer::RenderMostRead(const MostReadPage& page) const {
  const ListPage list = MostReadAsList(page, parts_->site);
  return parts_->Finish(*this, page.frame,
                        parts_->RenderPage(page.frame, MostReadContent(list, parts_->site)));
}

std::string Renderer::RenderAuthor(const AuthorPage& page) const {
  return parts_->Finish(*this, page.frame, parts_->RenderPage(page.frame, AuthorContent(page, parts_->site)));
}

std::string Renderer::RenderError(const ErrorPage& page) const {
  return parts_->Finish(*this, page.frame, parts_->RenderPage(page.frame, ErrorContent(page, parts_->site)));
}

std::string Renderer::LabelStale(std::string_view page_html, absl::Time stale_since, absl::Time now) const {
  absl::string_view html(page_html.data(), page_html.size());
  const size_t start = html.find(kPageStart);
  if (start == absl::string_view::npos) return std::string(html);
  const size_t attributes = start + kPageStart.size();
  const size_t tag_end = html.find('>', attributes);
  const size_t degraded = html.find(kDegradedStart, attributes);
  const bool labelled = degraded != absl::string_view::npos && degraded < tag_end;
  const size_t label_at = labelled ? degraded + kDegradedStart.size() : attributes;
  std::string page = absl::StrCat(html.substr(0, label_at), labelled ? "stale " : "data-degraded=\"stale\" ");
  html.remove_prefix(label_at);
  const size_t mark = html.find(kNoticeMark);
  if (now - stale_since < kNoticeAge || mark == absl::string_view::npos) return absl::StrCat(page, html);
  Values values;
  values.Set("TIME_MACHINE", MachineTime(stale_since))
      .Set("TIME_PRINTED", parts_->site.words.DateTime(stale_since, parts_->site.time_zone));
  const Values shared = SharedValues(parts_->site, parts_->assets, parts_->site.language);
  return absl::StrCat(page, html.substr(0, mark), parts_->templates->Expand("notice.html", values, shared),
                      html.substr(mark + kNoticeMark.size()));
}

std::optional<std::string> Renderer::WithoutStories(std::string_view html,
                                                    const std::vector<std::string>& article_ids) const {
  return CutMentions(html, ArticleIds(article_ids.begin(), article_ids.end()));
}

std::optional<std::string> Renderer::MomentsSince(std::string_view html, std::string_view moment) const {
  return CutMoments(html, moment);
}

std::string Renderer::RenderRss(const FeedPage& page) const {
  return parts_->templates->Expand("rss.xml", RssValues(page, parts_->site), Values());
}

std::string Renderer::RenderAtom(const FeedPage& page) const {
  return parts_->templates->Expand("atom.xml", AtomValues(page, parts_->site), Values());
}

std::string Renderer::RenderJsonFeed(const FeedPage& page) const { return JsonFeed(page, parts_->site); }

std::string Renderer::RenderNinjs(const ArticlePage& page) const { return NinjsItem(page, parts_->site); }

std::string Renderer::RenderSitemap(const SitemapPage& page) const {
  return parts_->templates->Expand("sitemap.xml", SitemapValues(page, parts_->site), Values());
}

std::string Renderer::RenderSitemapIndex(const SitemapIndexPage& page) const {
  return parts_->templates->Expand("sitemap_index.xml", SitemapIndexValues(page, parts_->site), Values());
}

std::string Renderer::RenderNewsSitemap(const NewsSitemapPage& page) const {
  return parts_->templates->Expand("news_sitemap.xml", NewsSitemapValues(page, parts_->site), Values());
}

std::string Renderer::RobotsTxt() const {
  return absl::StrCat("User-agent: *\nAllow: /\n\nSitemap: ", parts_->site.url, std::string(kSitemapPath),
                      "\n");
}

const std::vector<Asset>& Renderer::assets() const { return parts_->assets; }
std::uint64_t Renderer::version() const { return parts_->version; }
const std::string& Renderer::content_security_policy() const { return parts_->policy; }

}  // namespace broadsheet::gateway
