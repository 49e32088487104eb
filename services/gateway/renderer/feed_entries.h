#ifndef BROADSHEET_SERVICES_GATEWAY_RENDERER_FEED_ENTRIES_H_
#define BROADSHEET_SERVICES_GATEWAY_RENDERER_FEED_ENTRIES_H_

#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "services/gateway/renderer/page_model.h"

// What every format of feed says in the same words. Pure functions.
namespace broadsheet::gateway {

inline constexpr int kMaxFeedEntries = 100;
inline constexpr int kFeedPictureWidth = 1280;

// The feed as a whole.
struct FeedHead {
  std::string title;
  std::string description;  // may be empty
  std::string list_path;    // of the page with the same stories, see FeedPath; empty: the front
  std::string id;           // the same for ever, whatever the feed is called
};
FeedHead FeedHeadOf(const FeedPage& page, const Site& site);

// Identity of a story in every feed, a tag: URI (RFC 4151) made of the site's host, the day of first
// publication and the story's id: it outlives changes of its path.
std::string StoryUri(const article::v1::Article& article, const Site& site);

std::string ImageUri(absl::string_view image_id, const Site& site);

absl::Time PublishedAt(const article::v1::Article& article);
// Never before it was published.
absl::Time UpdatedAt(const article::v1::Article& article);

}  // namespace broadsheet::gateway

#endif  // BROADSHEET_SERVICES_GATEWAY_RENDERER_FEED_ENTRIES_H_
