#ifndef BROADSHEET_SERVICES_ARTICLE_ARTICLE_CACHE_H_
#define BROADSHEET_SERVICES_ARTICLE_ARTICLE_CACHE_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "services/article/article_store.h"

namespace broadsheet::article {

// Keeps the stories readers ask for most in memory, in front of another store; everything else is passed on.
//
// Positions stay true: the owner applies every commit in order, which drops what the commit may have changed,
// so whatever is here is as the log's state at the last commit applied, and is answered with that position.
// What was read at another position is not kept. Positions do not go back either: a read of the store may
// have told of a commit before it is applied here, and then memory is silent until it is. Thread-safe.
class ArticleCache final : public PublicStore {
 public:
  // `position`: of the newest commit of `store`. `is_current`: whether every write that has returned has been
  // applied here; while not, the store is asked. The store must outlive the cache.
  ArticleCache(
      const PublicStore& store, change::v1::Snapshot position, std::size_t max_bytes,
      std::function<bool()> is_current = [] { return true; });

  // After each commit, in commit order, before anybody is told of it.
  void Apply(const std::vector<change::v1::Change>& changes, std::int64_t head);

  absl::StatusOr<SnapshotRead<ArticleLookup>> FindArticle(const ArticleKey& key, Body body,
                                                          const Clock& clock,
                                                          std::int64_t min_position) const override;
  // Auditors ask seldom, and never twice: not kept.
  absl::StatusOr<SnapshotRead<ArticleLookup>> FindPastArticle(const ArticleKey& key, std::int64_t revision,
                                                              Body body, const Clock& clock,
                                                              std::int64_t min_position) const override {
    return Answer(store_.FindPastArticle(key, revision, body, clock, min_position));
  }
  absl::StatusOr<SnapshotRead<std::vector<std::string>>> FindArticles(
      const std::vector<std::string>& ids, Body body, const Clock& clock,
      std::int64_t min_position) const override {
    return Answer(store_.FindArticles(ids, body, clock, min_position));
  }
  absl::StatusOr<SnapshotRead<List>> ListArticles(const ListQuery& query, Body body, const Clock& clock,
                                                  std::int64_t min_position) const override {
    return Answer(store_.ListArticles(query, body, clock, min_position));
  }
  absl::StatusOr<SnapshotRead<std::optional<v1::Author>>> FindAuthor(
      absl::string_view author_id, std::int64_t min_position) const override {
    return Answer(store_.FindAuthor(author_id, min_position));
  }
  absl::StatusOr<SnapshotRead<std::vector<v1::Section>>> ListSections(
      std::int64_t min_position) const override {
    return Answer(store_.ListSections(min_position));
  }

  std::size_t bytes() const;

 private:
  struct Entry {
    std::string name;
    std::shared_ptr<const FoundArticle> found;
    absl::Time read_at;
    std::vector<std::string> tags;
    std::size_t bytes = 0;
  };
  using Entries = std::list<Entry>;

  // Notes the position of an answer of the store.
  template <class T>
  absl::StatusOr<SnapshotRead<T>> Answer(absl::StatusOr<SnapshotRead<T>> read) const {
    if (!read.ok()) return read;
    std::int64_t known = answered_.load();
    while (known < read->snapshot.position() &&
           !answered_.compare_exchange_weak(known, read->snapshot.position())) {
    }
    return read;
  }
  void Insert(Entry entry) const;
  void Erase(Entries::iterator entry) const;

  const PublicStore& store_;
  const std::size_t max_bytes_;
  const std::function<bool()> is_current_;
  mutable std::atomic<std::int64_t> answered_{0};  // the newest position of any answer of the store

  mutable std::mutex mutex_;
  mutable change::v1::Snapshot snapshot_;
  mutable Entries entries_;  // the one asked for last is first
  mutable std::unordered_map<std::string, Entries::iterator> by_name_;
  mutable std::unordered_map<std::string, std::set<std::string>> names_by_tag_;
  mutable std::size_t bytes_ = 0;
};

}  // namespace broadsheet::article

#endif  // BROADSHEET_SERVICES_ARTICLE_ARTICLE_CACHE_H_
