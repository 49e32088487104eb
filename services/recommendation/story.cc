#include "services/recommendation/story.h"

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "absl/strings/match.h"
#include "services/recommendation/tokenizer.h"

namespace broadsheet::recommendation {
namespace {

namespace article_v1 = article::v1;

// How much a word counts where it stands.
constexpr float kHeadline = 4;
constexpr float kSubject = 2;
constexpr float kStandfirst = 2;
constexpr float kHeading = 2;
constexpr float kBody = 1;
constexpr float kCaption = 0.5;

constexpr int kMaxListDepth = 4;  // as the contract has it

class TermCounter {
 public:
  explicit TermCounter(std::string language) : language_(std::move(language)) {}

  void Add(const std::string& text, float weight) {
    if (left_ == 0) return;
    ForEachToken(text, language_, left_, [&](const Token& token) {
      length_ += weight;
      const auto [place, added] = places_.emplace(token.term, terms_.size());
      if (added) terms_.push_back({token.term, std::string(token.printed), 0});
      terms_[place->second].weight += weight;
    });
    left_ -= std::min(left_, text.size());
  }

  float length() const { return length_; }

  std::vector<StoryTerm> Heaviest() && {
    if (terms_.size() > kMaxTerms) {
      std::stable_sort(terms_.begin(), terms_.end(),
                       [](const StoryTerm& a, const StoryTerm& b) { return a.weight > b.weight; });
      terms_.resize(kMaxTerms);
    }
    return std::move(terms_);
  }

 private:
  const std::string language_;
  std::size_t left_ = kMaxTextBytes;
  float length_ = 0;
  std::vector<StoryTerm> terms_;  // in the order of their first occurrence
  std::unordered_map<std::string, std::size_t> places_;
};

// Walks a body: words into the counter, links into the story.
class BodyReader {
 public:
  BodyReader(Story& story, TermCounter& terms) : story_(story), terms_(terms) {}

  void Read(const article_v1::Block& block) {
    switch (block.kind_case()) {
      case article_v1::Block::kParagraph:
        return Read(block.paragraph().text(), kBody);
      case article_v1::Block::kHeading:
        return Read(block.heading().text(), kHeading);
      case article_v1::Block::kImage:
        return terms_.Add(block.image().caption(), kCaption);
      case article_v1::Block::kQuote:
        return Read(block.quote().text(), kBody);
      case article_v1::Block::kList:
        return Read(block.list(), 1);
      case article_v1::Block::kTable:
        return Read(block.table());
      case article_v1::Block::kEmbed:
        return terms_.Add(block.embed().title(), kBody);
      case article_v1::Block::kKeyEvent:
        return terms_.Add(block.key_event().headline(), kHeading);
      case article_v1::Block::kDivider:
      case article_v1::Block::KIND_NOT_SET:
        return;
    }
  }

 private:
  void Read(const article_v1::RichText& text, float weight) {
    terms_.Add(text.text(), weight);
    for (const article_v1::Span& span : text.spans()) {
      if (span.kind() == article_v1::SPAN_KIND_LINK)
        Link(span.article_id().empty() ? span.url() : span.article_id());
    }
  }

  void Read(const article_v1::List& list, int depth) {
    for (const article_v1::ListItem& item : list.items()) {
      Read(item.text(), kBody);
      if (item.has_nested() && depth < kMaxListDepth) Read(item.nested(), depth + 1);
    }
  }

  void Read(const article_v1::Table& table) {
    terms_.Add(table.caption(), kBody);
    for (const article_v1::RichText& cell : table.header().cells()) Read(cell, kBody);
    for (const article_v1::TableRow& row : table.rows()) {
      for (const article_v1::RichText& cell : row.cells()) Read(cell, kBody);
    }
  }

  // `target`: an id, a path of this site, or a URL elsewhere, which says nothing about our stories.
  void Link(const std::string& target) {
    if (target.empty() || target.find(':') != std::string::npos || absl::StartsWith(target, "//")) return;
    const std::string story = target.substr(0, target.find_first_of("?#"));
    if (story.empty() || story == story_.id || story == story_.path || story_.links.size() >= kMaxLinks)
      return;
    if (std::find(story_.links.begin(), story_.links.end(), story) == story_.links.end()) {
      story_.links.push_back(story);
    }
  }

  Story& story_;
  TermCounter& terms_;
};

void AddSubject(const std::string& printed, Story& story) {
  std::string key = FoldPhrase(printed);
  const bool known = std::any_of(story.subjects.begin(), story.subjects.end(),
                                 [&](const StorySubject& subject) { return subject.key == key; });
  if (!key.empty() && !known) story.subjects.push_back({std::move(key), printed});
}

}  // namespace

Story ReadStory(const article_v1::Article& article) {
  const article_v1::ArticleContent& content = article.content();
  Story story;
  story.id = article.article_id();
  story.path = article.path();
  story.section_id = content.section_id();
  story.published = absl::FromUnixSeconds(article.first_published_at().seconds()) +
                    absl::Nanoseconds(article.first_published_at().nanos());
  story.author_ids.assign(content.author_ids().begin(), content.author_ids().end());
  if (content.follows_article_id() != story.id) story.follows = content.follows_article_id();
  for (const std::string& id : content.related_article_ids()) {
    if (id != story.id) story.chosen.push_back(id);
  }
  for (const std::string& subject : content.subjects()) AddSubject(subject, story);

  TermCounter terms(content.language());
  terms.Add(content.headline(), kHeadline);
  for (const StorySubject& subject : story.subjects) terms.Add(subject.printed, kSubject);
  terms.Add(content.standfirst(), kStandfirst);
  terms.Add(content.trail_text(), kBody);
  terms.Add(content.lead_image().caption(), kCaption);
  BodyReader body(story, terms);
  for (const article_v1::Block& block : content.body()) body.Read(block);
  story.length = terms.length();
  story.terms = std::move(terms).Heaviest();
  return story;
}

}  // namespace broadsheet::recommendation
