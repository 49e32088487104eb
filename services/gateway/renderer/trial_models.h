#ifndef BROADSHEET_SERVICES_GATEWAY_RENDERER_TRIAL_MODELS_H_
#define BROADSHEET_SERVICES_GATEWAY_RENDERER_TRIAL_MODELS_H_

#include "services/gateway/renderer/page_model.h"

// Models on which templates are tried before they come into force. Whatever a model can hold is set in one of
// them, in words that stand in a page as they are; a part that is added to the models of pages is added here.
namespace broadsheet::gateway {

// What stands in every page of its kind, whatever a newsroom leaves out.
inline constexpr char kTrialHeadline[] = "Trial headline";
inline constexpr char kTrialLead[] = "Trial lead";  // the headline of a list's first story
inline constexpr char kTrialParagraph[] = "Trial paragraph";
inline constexpr char kTrialMoment[] = "Trial moment";
inline constexpr char kTrialSection[] = "Trial section";
inline constexpr char kTrialAuthor[] = "Trial author";
inline constexpr char kTrialPath[] = "/trial/story";

Site TrialSite();

ArticlePage CompleteTrialStory();
// Nothing but a headline and a paragraph.
ArticlePage LeastTrialStory();
// In another language than the site's.
ArticlePage LiveTrialStory(bool ended);

// With the first of its stories chosen to lead.
ListPage TrialList();
MostReadPage TrialMostRead();
AuthorPage TrialAuthorPage();
ErrorPage TrialError(int status);

FeedPage TrialFeed();
SitemapPage TrialSitemap();

}  // namespace broadsheet::gateway

#endif  // BROADSHEET_SERVICES_GATEWAY_RENDERER_TRIAL_MODELS_H_
