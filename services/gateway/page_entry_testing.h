#ifndef BROADSHEET_SERVICES_GATEWAY_PAGE_ENTRY_TESTING_H_
#define BROADSHEET_SERVICES_GATEWAY_PAGE_ENTRY_TESTING_H_

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "services/gateway/page_entry.h"

// Entries for tests.
namespace broadsheet::gateway {

struct EntryParts {
  std::string path = "/harbour/pier";
  std::string text = "<!doctype html><title>Pier</title>";
  int status = 200;
  std::int64_t position = 7;
  std::string log_id = "article-log";
  std::vector<std::string> tags = {"article/pier", "path/harbour/pier"};
  bool degraded = false;
};

inline std::shared_ptr<PageEntry> MakeEntry(EntryParts parts) {
  auto entry = std::make_shared<PageEntry>();
  entry->path = std::move(parts.path);
  entry->subject = "article/pier";
  entry->rendered_at = absl::FromUnixSeconds(1'790'000'000);
  change::v1::Snapshot snapshot;
  snapshot.set_log_id(parts.log_id);
  snapshot.set_position(parts.position);
  entry->dependencies.Read(Source::kArticle, snapshot);
  for (const std::string& tag : parts.tags) entry->dependencies.Tag(tag);
  if (parts.degraded) {
    page::v1::Degradation& degradation = entry->degradations.emplace_back();
    degradation.set_part("images");
    degradation.set_reason(page::v1::DEGRADATION_REASON_UNAVAILABLE);
    degradation.set_stale(true);
  }
  entry->content = PreparePage({.status = parts.status,
                                .media_type = "text/html; charset=utf-8",
                                .text = std::move(parts.text),
                                .last_modified = entry->rendered_at},
                               entry->dependencies, entry->degradations, "default-src 'none'");
  return entry;
}

}  // namespace broadsheet::gateway

#endif  // BROADSHEET_SERVICES_GATEWAY_PAGE_ENTRY_TESTING_H_
