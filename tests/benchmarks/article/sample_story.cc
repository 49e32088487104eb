#include "tests/benchmarks/article/sample_story.h"

#include <algorithm>
#include <array>

#include "absl/strings/str_cat.h"

namespace broadsheet::bench {
namespace {

constexpr std::size_t kParagraphBytes = 300;
constexpr std::array<const char*, 16> kSyllables = {"ha",  "bo",  "ur",  "li", "ne", "sto", "ra", "mi",
                                                    "ten", "wal", "ker", "du", "so", "vel", "pa", "gri"};

// SplitMix64: small, and the same everywhere.
std::uint64_t Next(std::uint64_t& state) {
  std::uint64_t mixed = (state += 0x9E3779B97F4A7C15);
  mixed = (mixed ^ mixed >> 30) * 0xBF58476D1CE4E5B9;
  mixed = (mixed ^ mixed >> 27) * 0x94D049BB133111EB;
  return mixed ^ mixed >> 31;
}

std::string Name(const char* kind, std::uint64_t number) { return absl::StrCat(kind, "-", number); }

void AddParagraph(std::uint64_t seed, std::size_t bytes, article::v1::ArticleContent& content) {
  article::v1::Block& block = *content.add_body();
  block.set_block_id(absl::StrCat("p", content.body_size()));
  article::v1::RichText& text = *block.mutable_paragraph()->mutable_text();
  text.set_text(SampleText(seed, bytes));
  if (content.body_size() % 3 != 0) return;
  article::v1::Span& link = *text.add_spans();
  link.set_start(0);
  link.set_end(12);
  link.set_kind(article::v1::SPAN_KIND_LINK);
  link.set_url("https://example.org/about/this");
}

}  // namespace

std::string SectionId(std::uint64_t number) { return Name("section", number % kSections); }
std::string AuthorId(std::uint64_t number) { return Name("author", number % kAuthors); }
std::string Subject(std::uint64_t number) { return Name("subject", number % kSubjects); }

std::string ArticleId(std::uint64_t number) {
  return absl::StrCat("a", absl::Hex(Next(number), absl::kZeroPad16));
}

std::string SampleText(std::uint64_t seed, std::size_t bytes) {
  std::string text = "T";
  while (text.size() < bytes) {
    for (std::uint64_t bits = Next(seed), left = 2 + bits % 3; left > 0; --left, bits >>= 4)
      text += kSyllables[bits >> 8 & 15];
    text += ' ';
  }
  text.back() = '.';
  return text;
}

article::v1::ArticleContent SampleContent(std::uint64_t number, std::size_t body_bytes) {
  std::uint64_t state = number;
  article::v1::ArticleContent content;
  content.set_headline(SampleText(Next(state), 60));
  content.set_standfirst(SampleText(Next(state), 180));
  content.set_kicker("Report");
  content.set_byline("By a reporter");
  content.set_language("en");
  content.set_urgency(number % 100 == 0 ? 1 : 5);
  content.set_section_id(SectionId(Next(state)));
  content.add_author_ids(AuthorId(Next(state)));
  const std::uint64_t first_subject = Next(state);
  for (const int step : {0, 7, 14}) content.add_subjects(Subject(first_subject + step));
  content.mutable_lead_image()->set_image_id("harbour-wall");
  content.mutable_lead_image()->set_caption(SampleText(Next(state), 90));
  content.mutable_lead_image()->set_alt_text(SampleText(Next(state), 60));
  content.mutable_lead_image()->set_credit_line("Example Pictures");
  for (std::size_t bytes = 0; bytes < body_bytes; bytes += kParagraphBytes) {
    if (content.body_size() % 9 == 8) {
      article::v1::Block& block = *content.add_body();
      block.set_block_id(absl::StrCat("h", content.body_size()));
      block.mutable_heading()->set_level(2);
      block.mutable_heading()->mutable_text()->set_text(SampleText(Next(state), 40));
    }
    AddParagraph(Next(state), std::min(kParagraphBytes, body_bytes - bytes), content);
  }
  return content;
}

article::v1::Author SampleAuthor(std::uint64_t number) {
  article::v1::Author author;
  author.set_author_id(AuthorId(number));
  author.set_name(absl::StrCat("Author ", number));
  author.set_role("Reporter");
  author.set_bio(SampleText(number, 200));
  return author;
}

article::v1::Section SampleSection(std::uint64_t number) {
  article::v1::Section section;
  section.set_section_id(SectionId(number));
  section.set_name(absl::StrCat("Section ", number));
  section.set_order(static_cast<int>(number));
  return section;
}

}  // namespace broadsheet::bench
