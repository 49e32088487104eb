#ifndef BROADSHEET_SERVICES_ARTICLE_FOUND_ARTICLE_TESTING_H_
#define BROADSHEET_SERVICES_ARTICLE_FOUND_ARTICLE_TESTING_H_

#include <gtest/gtest.h>

#include <memory>

#include "broadsheet/article/v1/article_service.pb.h"
#include "services/article/found_article.h"

namespace broadsheet::article {

// What a client reads of it; a story that was not found is empty.
inline v1::GetArticleResponse Decode(const std::shared_ptr<const FoundArticle>& found) {
  v1::GetArticleResponse sent;
  v1::GetArticleResponse received;
  if (found == nullptr) return received;
  sent.GetReflection()->MutableUnknownFields(&sent)->MergeFrom(found->encoded);
  EXPECT_TRUE(received.ParseFromString(sent.SerializeAsString()));
  return received;
}

}  // namespace broadsheet::article

#endif  // BROADSHEET_SERVICES_ARTICLE_FOUND_ARTICLE_TESTING_H_
