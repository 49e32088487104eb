#include "tests/histories/reader.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace broadsheet::histories {
namespace {

using Reading = v1::ArticleService::Stub;

constexpr absl::Duration kPauseAfterAnError = absl::Milliseconds(10);

}  // namespace

void Reader::Run() {
  while (!newsroom_.stopping()) {
    const Replica& replica = newsroom_.AnyReplica(random_);
    const auto choice = random_() % 100;
    if (choice < 45) {
      ReadOne(replica, ReadKind::kById);
    } else if (choice < 60) {
      ReadOne(replica, ReadKind::kByPath);
    } else if (choice < 75) {
      ReadOne(replica, ReadKind::kPast);
    } else if (choice < 88) {
      ReadBatch(replica);
    } else {
      ReadList(replica);
    }
  }
}

Read Reader::Begin(const Replica& replica, ReadKind kind) {
  Read read;
  read.kind = kind;
  read.replica = replica.number;
  if (random_() % 3 == 0) read.min_position = newsroom_.newest_position();
  read.wall_begin_micros = absl::GetCurrentTimeNanos() / 1000;
  read.time.begin = NowNanos();
  return read;
}

void Reader::End(Read& read) {
  read.time.end = NowNanos();
  read.wall_end_micros = absl::GetCurrentTimeNanos() / 1000 + 1;
}

void Reader::Add(Read read, const change::v1::Snapshot& snapshot) {
  read.log_id = snapshot.log_id();
  read.position = snapshot.position();
  newsroom_.LearnPosition(read.position);
  newsroom_.recorder().Count("reads");
  if (read.absence != Absence::kNone) newsroom_.recorder().Count("reads: not found");
  newsroom_.recorder().Add(std::move(read));
}

void Reader::Show(Read& read, const v1::Article& article) {
  read.shown.push_back({article.article_id(), article.revision(), FingerprintOf(article.SerializeAsString()),
                        FingerprintOf(article.content().SerializeAsString())});
}

void Reader::Refused(Read read, const absl::Status& status) {
  if (absl::IsNotFound(status)) {
    const auto snapshot = rpc::Detail<change::v1::Snapshot>(status);
    const std::string reason = rpc::Reason(status);
    if (!snapshot) return newsroom_.recorder().AddUnexpected("NOT_FOUND without a snapshot");
    read.absence = reason == "ARTICLE_NOT_FOUND"    ? Absence::kNotFound
                   : reason == "REVISION_NOT_FOUND" ? Absence::kNoSuchRevision
                                                    : Absence::kWithdrawn;
    if (const auto withdrawal = rpc::Detail<v1::Withdrawal>(status))
      read.withdrawal = FingerprintOf(withdrawal->SerializeAsString());
    return Add(std::move(read), *snapshot);
  }
  if (!LeavesOpen(status)) return newsroom_.recorder().AddUnexpected("read: " + status.ToString());
  newsroom_.recorder().Count("reads without an answer");
  absl::SleepFor(kPauseAfterAnError);
}

v1::ArticleView Reader::ViewOf(Read& read) {
  read.body = random_() % 2 == 0;
  return read.body ? v1::ARTICLE_VIEW_FULL : v1::ARTICLE_VIEW_BASIC;
}

void Reader::ReadOne(const Replica& replica, ReadKind kind) {
  const Slot slot = newsroom_.Look(newsroom_.AnySlot(random_));
  if (slot.article_id.empty()) return;
  Read read = Begin(replica, kind);
  read.asked = {slot.article_id};
  v1::GetArticleRequest request;
  request.set_min_position(read.min_position);
  request.set_view(ViewOf(read));
  if (kind == ReadKind::kByPath) {
    request.set_path(slot.paths[random_() % slot.paths.size()]);
  } else {
    request.set_article_id(slot.article_id);
  }
  if (kind == ReadKind::kPast) {
    read.past_revision = static_cast<std::int64_t>(1 + random_() % (slot.revision + 2));
    request.set_revision(read.past_revision);
  }
  auto response = Call(*replica.reading, &Reading::GetArticle, request);
  End(read);
  if (!response.ok()) return Refused(std::move(read), response.status());
  Show(read, response->article());
  Add(std::move(read), response->snapshot());
}

void Reader::ReadBatch(const Replica& replica) {
  Read read = Begin(replica, ReadKind::kBatch);
  v1::BatchGetArticlesRequest request;
  for (auto more = 1 + random_() % 8; more > 0; --more) {
    const Slot slot = newsroom_.Look(newsroom_.AnySlot(random_));
    if (!slot.article_id.empty()) read.asked.push_back(slot.article_id);
  }
  if (read.asked.empty()) return;
  for (const std::string& story : read.asked) request.add_article_ids(story);
  request.set_min_position(read.min_position);
  request.set_view(ViewOf(read));
  auto response = Call(*replica.reading, &Reading::BatchGetArticles, request);
  End(read);
  if (!response.ok()) return Refused(std::move(read), response.status());
  for (const v1::Article& article : response->articles()) Show(read, article);
  Add(std::move(read), response->snapshot());
}

void Reader::ReadList(const Replica& replica) {
  Read read = Begin(replica, ReadKind::kList);
  if (random_() % 2 == 0) read.section = Newsroom::SectionOf(static_cast<int>(random_() % 2));
  v1::ListArticlesRequest request;
  request.set_section_id(read.section);
  request.set_page_size(random_() % 2 == 0 ? 100 : 5);
  request.set_min_position(read.min_position);
  request.set_view(ViewOf(read));
  auto response = Call(*replica.reading, &Reading::ListArticles, request);
  End(read);
  if (!response.ok()) return Refused(std::move(read), response.status());
  for (const v1::Article& article : response->articles()) Show(read, article);
  read.more = !response->next_page_token().empty();
  Add(std::move(read), response->snapshot());
}

}  // namespace broadsheet::histories
