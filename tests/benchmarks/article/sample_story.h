#ifndef BROADSHEET_TESTS_BENCHMARKS_ARTICLE_SAMPLE_STORY_H_
#define BROADSHEET_TESTS_BENCHMARKS_ARTICLE_SAMPLE_STORY_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "broadsheet/article/v1/article.pb.h"

// Stories for the benchmarks: the same number gives the same story.
namespace broadsheet::bench {

inline constexpr int kSections = 20;
inline constexpr int kAuthors = 500;
inline constexpr int kSubjects = 200;

std::string SectionId(std::uint64_t number);
std::string AuthorId(std::uint64_t number);
std::string Subject(std::uint64_t number);
std::string ArticleId(std::uint64_t number);

// Paragraphs of about 300 bytes, some with a link, a heading after every eighth.
std::string SampleText(std::uint64_t seed, std::size_t bytes);
article::v1::ArticleContent SampleContent(std::uint64_t number, std::size_t body_bytes);
article::v1::Author SampleAuthor(std::uint64_t number);
article::v1::Section SampleSection(std::uint64_t number);

}  // namespace broadsheet::bench

#endif  // BROADSHEET_TESTS_BENCHMARKS_ARTICLE_SAMPLE_STORY_H_
