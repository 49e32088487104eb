#include "services/gateway/dependencies.h"

#include <algorithm>

namespace broadsheet::gateway {

std::string_view SourceName(Source source) { return source == Source::kArticle ? "article" : "media"; }

Source SourceOf(std::string_view tag) {
  return tag.starts_with("image/") ? Source::kMedia : Source::kArticle;
}

void Dependencies::Read(Source source, const change::v1::Snapshot& snapshot) {
  change::Dependency& entry = at(source);
  bool& voided = void_[static_cast<std::size_t>(source)];
  std::int64_t& newest = newest_[static_cast<std::size_t>(source)];
  if (voided) return;
  if (snapshot.log_id().empty() || (!entry.log_id.empty() && entry.log_id != snapshot.log_id())) {
    voided = true;
    entry.log_id.clear();
    entry.position = 0;
    newest = 0;
    return;
  }
  entry.position = entry.log_id.empty() ? snapshot.position() : std::min(entry.position, snapshot.position());
  newest = std::max(newest, snapshot.position());
  entry.log_id = snapshot.log_id();
}

void Dependencies::ReadLastKnown(Source source, const change::v1::Snapshot& snapshot) {
  Read(source, snapshot);
  last_known_[static_cast<std::size_t>(source)] = true;
}

void Dependencies::Add(const Dependencies& part) {
  for (Source source : kAllSources) {
    const auto index = static_cast<std::size_t>(source);
    change::v1::Snapshot read = part.snapshot(source);
    if (part.void_[index] || !read.log_id().empty()) Read(source, read);
    read.set_position(part.newest_[index]);
    if (!read.log_id().empty()) Read(source, read);
    for (const std::string& tag : part.of(source).tags) Tag(tag);
    last_known_[index] |= part.last_known_[index];
  }
  concealed_.insert(part.concealed_.begin(), part.concealed_.end());
  for (const auto& [tag, time] : part.expiries_) Expires(tag, time);
  Ages(part.ages_at_);
}

void Dependencies::HoldsAt(Source source, const change::v1::Snapshot& snapshot) {
  change::Dependency& entry = at(source);
  if (entry.log_id.empty() || entry.log_id != snapshot.log_id()) return;
  entry.position = std::max(entry.position, snapshot.position());
}

void Dependencies::Tag(std::string_view tag) {
  std::vector<std::string>& tags = at(SourceOf(tag)).tags;
  auto place = std::lower_bound(tags.begin(), tags.end(), tag);
  if (place == tags.end() || *place != tag) tags.emplace(place, tag);
}

void Dependencies::Untag(std::string_view tag) {
  std::vector<std::string>& tags = at(SourceOf(tag)).tags;
  auto place = std::lower_bound(tags.begin(), tags.end(), tag);
  if (place != tags.end() && *place == tag) tags.erase(place);
  if (auto found = expiries_.find(tag); found != expiries_.end()) expiries_.erase(found);
  until_ = absl::InfiniteFuture();
  for (const auto& [shown, time] : expiries_) until_ = std::min(until_, time);
}

void Dependencies::Conceal(std::string_view tag) { concealed_.emplace(tag); }

void Dependencies::Expires(std::string_view tag, absl::Time time) {
  if (time == absl::InfiniteFuture()) return;
  auto [noted, first] = expiries_.emplace(tag, time);
  if (!first) noted->second = std::min(noted->second, time);
  until_ = std::min(until_, time);
}

void Dependencies::Ages(absl::Time time) { ages_at_ = std::min(ages_at_, time); }

std::vector<std::string> Dependencies::tags() const {
  std::vector<std::string> all;
  for (const change::Dependency& source : sources_)
    all.insert(all.end(), source.tags.begin(), source.tags.end());
  return all;
}

std::vector<std::string> Dependencies::public_tags() const {
  std::vector<std::string> shown = tags();
  std::erase_if(shown, [&](const std::string& tag) { return concealed_.contains(tag); });
  return shown;
}

change::v1::Snapshot Dependencies::snapshot(Source source) const {
  change::v1::Snapshot snapshot;
  snapshot.set_log_id(of(source).log_id);
  snapshot.set_position(of(source).position);
  return snapshot;
}

std::size_t Dependencies::bytes() const {
  std::size_t total = 0;
  for (const change::Dependency& source : sources_) {
    total += source.log_id.capacity();
    for (const std::string& tag : source.tags) total += sizeof(std::string) + tag.capacity();
  }
  for (const std::string& tag : concealed_) total += sizeof(std::string) + tag.capacity();
  for (const auto& [tag, time] : expiries_) total += sizeof(std::string) + tag.capacity() + sizeof(time);
  return total;
}

std::string ArticleTag(std::string_view id) { return std::string("article/").append(id); }
std::string_view ArticleIdOf(std::string_view tag) {
  constexpr std::string_view kPrefix = "article/";
  return tag.starts_with(kPrefix) ? tag.substr(kPrefix.size()) : std::string_view();
}
std::string AuthorTag(std::string_view id) { return std::string("author/").append(id); }
std::string SectionTag(std::string_view id) { return std::string("section/").append(id); }
std::string ImageTag(std::string_view id) { return std::string("image/").append(id); }
std::string PathTag(std::string_view path) { return std::string("path").append(path); }
std::string SectionListTag(std::string_view id) { return std::string("list/section/").append(id); }
std::string CuratedTag(std::string_view id) { return std::string("list/curated/").append(id); }
std::string AuthorListTag(std::string_view id) { return std::string("list/author/").append(id); }

}  // namespace broadsheet::gateway
