#ifndef BROADSHEET_SERVICES_GATEWAY_ARTICLE_REFERENCES_H_
#define BROADSHEET_SERVICES_GATEWAY_ARTICLE_REFERENCES_H_

#include <cstddef>
#include <string>
#include <vector>

#include "broadsheet/article/v1/article.pb.h"

namespace broadsheet::gateway {

// What a story refers to, in order of appearance and without repetitions; only well-formed ids, at most
// `limit`.

// Stories linked to from its text and corrections.
std::vector<std::string> LinkedArticleIds(const article::v1::Article& article, std::size_t limit);

// Its pictures: lead, body.
std::vector<std::string> ImageIds(const article::v1::Article& article, std::size_t limit);

}  // namespace broadsheet::gateway

#endif  // BROADSHEET_SERVICES_GATEWAY_ARTICLE_REFERENCES_H_
