#include <set>
#include <utility>

#include "absl/time/clock.h"
#include "services/gateway/answers.h"
#include "services/gateway/batches.h"
#include "services/gateway/page_parts.h"

// The parts of which a page may have thousands.
namespace broadsheet::gateway {
namespace {

constexpr std::size_t kImagesInACall = 200;     // see media.v1
constexpr std::size_t kSummariesInACall = 100;  // see article.v1

}  // namespace

rpc::Task<ImagesById> PageParts::Images(DraftPtr draft, std::vector<std::string> ids) {
  ImagesById images;
  std::vector<std::string> missing = TakeFreshImages(*draft, Distinct(ids, kMaxImages), images);
  if (missing.empty()) co_return images;
  auto asking = AskInBatches<media::v1::BatchGetImagesResponse>(
      draft->scope, std::move(missing),
      {.ids_in_a_call = kImagesInACall, .budget = backends_.budgets().images},
      [this](CallScope scope, std::vector<std::string> part) {
        return backends_.Images(std::move(scope), std::move(part));
      });
  auto batches = co_await asking;
  for (auto& [wanted, response] : batches) {
    if (absl::Status usable = CheckSnapshot(response); usable.ok()) {
      TakeImages(*draft, *std::move(response), wanted, images);
    } else {
      FallBackToKnownImages(*draft, wanted, usable, images);
    }
  }
  co_return images;
}

std::vector<std::string> PageParts::TakeFreshImages(PageDraft& draft, std::vector<std::string> ids,
                                                    ImagesById& images) {
  std::vector<std::string> missing;
  for (std::string& id : ids) {
    draft.dependencies.Tag(ImageTag(id));
    auto fresh = images_.Fresh(ImageTag(id));
    if (fresh && fresh->snapshot.position() >= draft.scope.min_media_position) {
      draft.dependencies.Read(Source::kMedia, fresh->snapshot);
      if (fresh->record) images[id] = *fresh->record;
    } else {
      missing.push_back(std::move(id));
    }
  }
  return missing;
}

// What is not there is remembered like a picture, so that not every page asks.
void PageParts::TakeImages(PageDraft& draft, media::v1::BatchGetImagesResponse response,
                           const std::vector<std::string>& wanted, ImagesById& images) {
  draft.dependencies.Read(Source::kMedia, response.snapshot());
  std::set<std::string_view> absent(wanted.begin(), wanted.end());
  for (media::v1::Image& image : *response.mutable_images()) {
    if (absent.erase(image.image_id()) == 0 || image.status() != media::v1::IMAGE_STATUS_USABLE) continue;
    images_.Put(ImageTag(image.image_id()), image, response.snapshot());
    images[image.image_id()] = std::move(image);
  }
  for (std::string_view id : absent) images_.Put(ImageTag(id), nullptr, response.snapshot());
}

void PageParts::FallBackToKnownImages(PageDraft& draft, const std::vector<std::string>& wanted,
                                      const absl::Status& why, ImagesById& images) {
  const change::v1::Snapshot position = followers_.position(Source::kMedia);
  bool any_known = false;
  for (const std::string& id : wanted) {
    if (auto known = images_.LastKnown(ImageTag(id))) {
      images[id] = *known;
      any_known = true;
    }
  }
  // Of a picture that is not shown the change is noticed as well.
  if (any_known) {
    draft.dependencies.ReadLastKnown(Source::kMedia, position);
  } else if (!position.log_id().empty()) {
    draft.dependencies.Read(Source::kMedia, position);
  }
  draft.Degrade("images", why, any_known);
}

rpc::Task<Teasers> PageParts::Summaries(DraftPtr draft, std::vector<std::string> ids, std::string part) {
  const std::vector<std::string> wanted = Distinct(ids, kMaxSummaries);
  Found found;
  std::vector<std::string> missing = TakeFreshSummaries(*draft, wanted, found);
  auto asking = AskInBatches<article::v1::BatchGetArticlesResponse>(
      draft->scope, std::move(missing),
      {.ids_in_a_call = kSummariesInACall, .budget = backends_.budgets().summaries},
      [this](CallScope scope, std::vector<std::string> some) {
        return backends_.Summaries(std::move(scope), std::move(some));
      });
  auto batches = co_await asking;
  for (auto& [asked, response] : batches) {
    if (absl::Status usable = CheckSnapshot(response); usable.ok()) {
      TakeSummaries(*draft, *std::move(response), asked, found);
    } else {
      FallBackToKnownSummaries(*draft, asked, usable, part, found);
    }
  }
  Teasers teasers;
  for (const std::string& id : wanted) {
    if (auto story = found.find(id); story != found.end()) {
      teasers.push_back(std::move(story->second));
    } else {
      draft->dependencies.Conceal(ArticleTag(id));
    }
  }
  co_return teasers;
}

std::vector<std::string> PageParts::TakeFreshSummaries(PageDraft& draft, const std::vector<std::string>& ids,
                                                       Found& found) {
  std::vector<std::string> missing;
  for (const std::string& id : ids) {
    draft.dependencies.Tag(ArticleTag(id));
    auto fresh = summaries_.Fresh(ArticleTag(id));
    if (!fresh || fresh->snapshot.position() < draft.scope.min_article_position ||
        (fresh->record && IsExpired(*fresh->record, absl::Now()))) {
      missing.push_back(id);
      continue;
    }
    draft.dependencies.Read(Source::kArticle, fresh->snapshot);
    if (!fresh->record) continue;
    draft.dependencies.Expires(ArticleTag(id), ExpiryOf(*fresh->record));
    found[id] = std::move(fresh->record);
  }
  return missing;
}

// What is not published is remembered too, so that not every page that links to it asks.
void PageParts::TakeSummaries(PageDraft& draft, article::v1::BatchGetArticlesResponse response,
                              const std::vector<std::string>& wanted, Found& found) {
  draft.dependencies.Read(Source::kArticle, response.snapshot());
  std::set<std::string> absent(wanted.begin(), wanted.end());
  for (const article::v1::Article& story : response.articles()) absent.erase(story.article_id());
  const Teasers stories = UsableStories(*response.mutable_articles());
  Remember(stories, response.snapshot());
  for (auto story = stories.begin(); story != stories.end(); ++story) {
    draft.dependencies.Expires(ArticleTag(story->article_id()), ReadableUntil(*story, absl::Now()));
    found[story->article_id()] = story.story();
  }
  for (const std::string& id : absent) summaries_.Put(ArticleTag(id), nullptr, response.snapshot());
}

void PageParts::FallBackToKnownSummaries(PageDraft& draft, const std::vector<std::string>& wanted,
                                         const absl::Status& why, const std::string& part, Found& found) {
  const change::v1::Snapshot position = followers_.position(Source::kArticle);
  bool any_known = false;
  for (const std::string& id : wanted) {
    if (auto known = summaries_.LastKnown(ArticleTag(id)); known && !IsExpired(*known, absl::Now())) {
      draft.dependencies.Expires(ArticleTag(id), ExpiryOf(*known));
      found[id] = std::move(known);
      any_known = true;
    }
  }
  if (any_known) draft.dependencies.ReadLastKnown(Source::kArticle, position);
  draft.Degrade(part, why, any_known);
}

}  // namespace broadsheet::gateway
