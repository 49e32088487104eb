#include "tests/histories/final_state.h"

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"

namespace broadsheet::histories {
namespace {

using Editing = v1::EditorialService::Stub;
using Reading = v1::ArticleService::Stub;

constexpr absl::Duration kPatience = absl::Seconds(20);

std::int64_t Micros(const google::protobuf::Timestamp& time) {
  return time.seconds() * 1'000'000 + time.nanos() / 1000;
}

std::string MarkOf(const std::string& action, const v1::Draft& draft) {
  if (action == "create" || action == "update") return draft.ed_note();
  if (action == "withhold") return draft.withdrawal().notice();
  if (action == "move") return draft.path();
  if (action == "schedule") return absl::StrCat(Micros(draft.scheduled_at()));
  if (action == "correct") return draft.corrections(draft.corrections_size() - 1).text().text();
  return "";
}

// The contract's sentences on who may read what, once more: not the service's own code.
bool IsVisible(const v1::Draft& draft, std::int64_t now) {
  return draft.pub_status() == v1::PUB_STATUS_USABLE && draft.published_revision() > 0 &&
         (!draft.has_embargoed_until() || Micros(draft.embargoed_until()) <= now) &&
         (!draft.has_expires_at() || now < Micros(draft.expires_at()));
}

std::int64_t NextTime(const v1::Draft& draft, bool visible) {
  std::vector<std::int64_t> times;
  if (draft.edit_state() == v1::EDIT_STATE_SCHEDULED) times.push_back(Micros(draft.scheduled_at()));
  if (visible && draft.has_expires_at()) times.push_back(Micros(draft.expires_at()));
  if (!visible && draft.has_embargoed_until()) times.push_back(Micros(draft.embargoed_until()));
  return times.empty() ? 0 : *std::min_element(times.begin(), times.end());
}

v1::ArticleContent WithoutBody(v1::ArticleContent content) {
  content.clear_body();
  return content;
}

v1::Article PublicArticle(const v1::Draft& draft, const v1::ArticleContent& text) {
  v1::Article article;
  article.set_article_id(draft.article_id());
  article.set_revision(draft.published_revision());
  article.set_path(draft.path());
  article.set_pub_status(v1::PUB_STATUS_USABLE);
  *article.mutable_content() = text;
  *article.mutable_corrections() = draft.corrections();
  *article.mutable_first_published_at() = draft.first_published_at();
  *article.mutable_version_created_at() = draft.version_created_at();
  if (draft.has_expires_at()) *article.mutable_expires_at() = draft.expires_at();
  return article;
}

Revision ToRevision(const v1::GetRevisionResponse& response,
                    const std::map<std::int64_t, v1::ArticleContent>& texts) {
  const v1::Draft& draft = response.draft();
  Revision revision;
  revision.revision = draft.revision();
  revision.action = response.revision().action();
  revision.mark = MarkOf(revision.action, draft);
  revision.micros = Micros(draft.update_time());
  revision.draft = FingerprintOf(draft.SerializeAsString());
  revision.content = FingerprintOf(draft.content().SerializeAsString());
  revision.basic_content = FingerprintOf(WithoutBody(draft.content()).SerializeAsString());
  revision.settled = draft.edit_state() == v1::EDIT_STATE_DONE && draft.pub_status() == v1::PUB_STATUS_USABLE;
  revision.visible = IsVisible(draft, revision.micros);
  revision.due = NextTime(draft, revision.visible);
  v1::Withdrawal withdrawal = draft.withdrawal();
  if (withdrawal.mode() == v1::WITHDRAWAL_MODE_UNSPECIFIED) withdrawal.set_mode(v1::WITHDRAWAL_MODE_GONE);
  revision.withdrawal = FingerprintOf(withdrawal.SerializeAsString());
  const auto text = texts.find(draft.published_revision());
  if (!revision.visible || text == texts.end()) return revision;
  v1::Article article = PublicArticle(draft, text->second);
  revision.published_revision = article.revision();
  revision.article = FingerprintOf(article.SerializeAsString());
  article.mutable_content()->clear_body();
  revision.basic_article = FingerprintOf(article.SerializeAsString());
  revision.section = article.content().section_id();
  revision.first_published_micros = Micros(article.first_published_at());
  revision.expires_micros = article.has_expires_at() ? Micros(article.expires_at()) : 0;
  return revision;
}

absl::StatusOr<std::vector<Revision>> ReadStory(const Replica& replica, const std::string& story) {
  std::vector<std::int64_t> numbers;
  v1::ListRevisionsRequest list;
  list.set_article_id(story);
  list.set_page_size(100);
  do {
    auto page = Call(*replica.editing, &Editing::ListRevisions, list, kPatience);
    if (absl::IsNotFound(page.status())) return std::vector<Revision>();
    if (!page.ok()) return page.status();
    for (const v1::Revision& revision : page->revisions()) numbers.push_back(revision.revision());
    list.set_page_token(page->next_page_token());
  } while (!list.page_token().empty());
  std::reverse(numbers.begin(), numbers.end());
  std::vector<Revision> revisions;
  std::map<std::int64_t, v1::ArticleContent> texts;
  for (const std::int64_t number : numbers) {
    v1::GetRevisionRequest get;
    get.set_article_id(story);
    get.set_revision(number);
    auto found = Call(*replica.editing, &Editing::GetRevision, get, kPatience);
    if (!found.ok()) return found.status();
    texts[number] = found->draft().content();
    revisions.push_back(ToRevision(*found, texts));
  }
  return revisions;
}

}  // namespace

absl::Status ReadFinalState(Newsroom& newsroom, History& history) {
  const Replica& replica = newsroom.replicas().front();
  for (const std::string& story : newsroom.stories()) {
    absl::StatusOr<std::vector<Revision>> revisions = ReadStory(replica, story);
    if (!revisions.ok()) return revisions.status();
    history.stories[story] = *std::move(revisions);
  }
  auto sections = Call(*replica.reading, &Reading::ListSections, v1::ListSectionsRequest(), kPatience);
  if (!sections.ok()) return sections.status();
  history.log_id = sections->snapshot().log_id();
  history.head = sections->snapshot().position();
  return absl::OkStatus();
}

}  // namespace broadsheet::histories
