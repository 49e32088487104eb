#ifndef BROADSHEET_SERVICES_GATEWAY_RENDERER_TESTING_SAMPLE_TEXT_H_
#define BROADSHEET_SERVICES_GATEWAY_RENDERER_TESTING_SAMPLE_TEXT_H_

// The sample stories, broadsheet.article.v1.Article in protobuf's text format.
namespace broadsheet::gateway::testing {

extern const char kCompleteArticle[];
extern const char kLiveArticle[];
extern const char kRightToLeftArticle[];

}  // namespace broadsheet::gateway::testing

#endif  // BROADSHEET_SERVICES_GATEWAY_RENDERER_TESTING_SAMPLE_TEXT_H_
