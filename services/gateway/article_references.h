#ifndef BROADSHEET_SERVICES_GATEWAY_ARTICLE_REFERENCES_H_
#define BROADSHEET_SERVICES_GATEWAY_ARTICLE_REFERENCES_H_

#include <cstddef>
#include <string>
#include <vector>

#include "broadsheet/article/v1/article.pb.h"

namespace broadsheet::gateway {

// What a story refers to, in the order its page shows it in and without repetitions; only well-formed ids. Of
// a live story that is its introduction, then its moments, the latest first: what does not fit within the
// limit is the oldest.
struct References {
  std::vector<std::string> ids;  // at most as many as were asked for
  std::size_t left_out = 0;      // how many there are besides
};

// Stories linked to from its corrections and its text.
References LinkedArticles(const article::v1::Article& article, std::size_t limit);

// Its pictures: lead, body.
References ReferencedImages(const article::v1::Article& article, std::size_t limit);

}  // namespace broadsheet::gateway

#endif  // BROADSHEET_SERVICES_GATEWAY_ARTICLE_REFERENCES_H_
