#ifndef BROADSHEET_SERVICES_GATEWAY_CLICKS_H_
#define BROADSHEET_SERVICES_GATEWAY_CLICKS_H_

#include <atomic>
#include <optional>
#include <string>

#include "libs/rpc/task.h"
#include "services/gateway/beacon.h"
#include "services/gateway/followers.h"
#include "services/gateway/page_entry.h"
#include "services/gateway/page_server.h"
#include "services/gateway/page_store.h"
#include "services/gateway/read_reporter.h"
#include "services/gateway/under_way.h"

namespace broadsheet::gateway {

struct ClicksOptions {
  int max_look_ups = 64;  // in Redis at a time; clicks that need one more are dropped
};

// Which of the clicks that pages tell of are counted: those on stories that are known to be published. Memory
// knows them, or Redis, where a click comes to another gateway than its page came from. No page is made for a
// click, nor put into memory. Thread-safe; must outlive every look-up.
class Clicks {
 public:
  struct Parts {
    PageServer& pages;
    PageStore& store;
    const Followers& followers;
    ReadReporter& reads;
  };

  // What `parts` names must outlive this and every look-up.
  Clicks(Parts parts, ClicksOptions options) : parts_(parts), options_(options) {}

  // Does not wait, nor fail: what cannot be counted is dropped, and counted as that.
  void Count(Beacon beacon);

  // When nobody tells of clicks any more: waits until nothing is looked up any more, as long as Redis may
  // take to answer.
  void WaitUntilIdle() { under_way_.WaitUntilNone(); }

 private:
  // Ids of the stories that pages are about; empty: of none that is known to be published.
  std::string PublishedStoryOn(const PageEntry& entry) const;
  std::string StoryOutOfRedis(const PageEntry& stored) const;
  // The same of the page at that path; nothing: memory has none.
  std::optional<std::string> StoryInMemory(const std::string& path) const;
  void LookUp(std::string path, std::string previous_article_id);
  rpc::Task<void> AddOnceFound(std::string path, std::string previous_article_id);
  void Add(std::string article_id, std::string previous_article_id);

  const Parts parts_;
  const ClicksOptions options_;
  std::atomic<int> look_ups_ = 0;
  UnderWay under_way_;
};

}  // namespace broadsheet::gateway

#endif  // BROADSHEET_SERVICES_GATEWAY_CLICKS_H_
