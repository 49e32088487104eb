#ifndef BROADSHEET_SERVICES_GATEWAY_RENDERER_TEASERS_H_
#define BROADSHEET_SERVICES_GATEWAY_RENDERER_TEASERS_H_

#include <cstddef>
#include <initializer_list>
#include <iterator>
#include <memory>
#include <utility>
#include <vector>

#include "broadsheet/article/v1/article.pb.h"

namespace broadsheet::gateway {

// Stories as entries of a list, with what their cards need (BASIC view). A container of `const Article&`; a
// story is shared with every other page that mentions it, so that a copy of the list copies no story.
class Teasers {
 public:
  using Story = std::shared_ptr<const article::v1::Article>;  // never null

  class Iterator {
   public:
    using iterator_category = std::forward_iterator_tag;
    using value_type = article::v1::Article;
    using difference_type = std::ptrdiff_t;
    using pointer = const article::v1::Article*;
    using reference = const article::v1::Article&;

    Iterator() = default;
    explicit Iterator(std::vector<Story>::const_iterator at) : at_(at) {}
    reference operator*() const { return **at_; }
    pointer operator->() const { return at_->get(); }
    Iterator& operator++() {
      ++at_;
      return *this;
    }
    Iterator operator++(int) { return Iterator(at_++); }
    bool operator==(const Iterator& other) const = default;
    // The story itself, to be shared.
    const Story& story() const { return *at_; }

   private:
    std::vector<Story>::const_iterator at_;
  };

  Teasers() = default;
  Teasers(std::initializer_list<article::v1::Article> stories) {
    for (const article::v1::Article& story : stories) push_back(story);
  }

  Iterator begin() const { return Iterator(stories_.begin()); }
  Iterator end() const { return Iterator(stories_.end()); }
  std::size_t size() const { return stories_.size(); }
  bool empty() const { return stories_.empty(); }
  const article::v1::Article& operator[](std::size_t index) const { return *stories_[index]; }

  void push_back(Story story) { stories_.push_back(std::move(story)); }
  void push_back(article::v1::Article story) {
    push_back(std::make_shared<const article::v1::Article>(std::move(story)));
  }

  // Takes out the stories of which `which(const Article&)` is true; how many there were.
  template <class Predicate>
  std::size_t EraseIf(Predicate which) {
    return std::erase_if(stories_, [&which](const Story& story) { return which(*story); });
  }

 private:
  std::vector<Story> stories_;
};

}  // namespace broadsheet::gateway

#endif  // BROADSHEET_SERVICES_GATEWAY_RENDERER_TEASERS_H_
