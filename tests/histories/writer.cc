#include "tests/histories/writer.h"

#include <algorithm>
#include <type_traits>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "google/rpc/error_details.pb.h"

namespace broadsheet::histories {
namespace {

using Editing = v1::EditorialService::Stub;

constexpr absl::Duration kPauseBetweenAttempts = absl::Milliseconds(50);
constexpr int kMaxPaths = 300;        // the service keeps 400
constexpr int kMaxRestoredBack = 12;  // revisions

google::protobuf::Timestamp Timestamp(absl::Time time) {
  google::protobuf::Timestamp timestamp;
  const std::int64_t micros = absl::ToUnixMicros(time);
  timestamp.set_seconds(micros / 1'000'000);
  timestamp.set_nanos(static_cast<std::int32_t>(micros % 1'000'000 * 1000));
  return timestamp;
}

v1::ArticleContent ContentOf(const std::string& mark, int slot, int paragraphs) {
  v1::ArticleContent content;
  content.set_headline("Gauge at the sea wall " + mark);
  content.set_standfirst("What the harbour office says in " + mark + ".");
  content.set_section_id(Newsroom::SectionOf(slot));
  for (int i = 0; i < paragraphs; ++i) {
    content.add_body()->mutable_paragraph()->mutable_text()->set_text(
        absl::StrCat("The water stood at mark ", i, " of ", mark, ", as it does at this time of the year. "));
  }
  return content;
}

template <class T, class = void>
struct HasSnapshot : std::false_type {};
template <class T>
struct HasSnapshot<T, std::void_t<decltype(std::declval<T>().snapshot())>> : std::true_type {};

// Whether every replica has come as far as the answer's snapshot. An update that readers cannot notice only
// found that state, of which others may not have heard yet.
template <class Response>
bool BindsEveryReplica(const Response&) {
  return true;
}
bool BindsEveryReplica(const v1::UpdateArticleResponse& response) { return response.has_propagation(); }

}  // namespace

void Writer::Run() {
  while (!newsroom_.stopping()) {
    const int slot = newsroom_.AnySlot(random_);
    const Slot known = newsroom_.LookForWriting(slot);
    const auto choice = random_() % 100;
    if (known.revision == 0) {
      Create(slot);
    } else if (known.revision > newsroom_.revisions_of_a_story()) {
      Withhold(slot, true);
    } else if (choice < 34) {
      Update(slot);
    } else if (choice < 58) {
      Publish(slot);
    } else if (choice < 65) {
      Schedule(slot);
    } else if (choice < 74) {
      SetTimes(slot);
    } else if (choice < 80) {
      Withhold(slot, false);
    } else if (choice < 84) {
      Move(slot);
    } else if (choice < 88) {
      Correct(slot);
    } else if (choice < 93) {
      Restore(slot);
    } else {
      ReadDraft(slot);
    }
  }
}

Writer::Attempt Writer::Begin(int slot, const char* action) {
  Attempt attempt;
  attempt.slot = slot;
  attempt.known = newsroom_.LookForWriting(slot);
  attempt.write.story = attempt.known.article_id;
  attempt.write.action = action;
  if (!OneIn(4)) attempt.write.expected_revision = attempt.known.revision;
  if (!OneIn(4)) attempt.request_id = NextMark();
  return attempt;
}

template <class Request, class Response>
void Writer::Send(Attempt attempt, Request request,
                  grpc::Status (Editing::*method)(grpc::ClientContext*, const Request&, Response*)) {
  request.set_request_id(attempt.request_id);
  request.set_article_id(attempt.write.story);
  if constexpr (!std::is_same_v<Request, v1::CreateArticleRequest>)
    request.set_expected_revision(attempt.write.expected_revision);
  Write& write = attempt.write;
  write.time.begin = NowNanos();
  while (true) {
    const Replica& replica = newsroom_.AnyReplica(random_);
    absl::StatusOr<Response> response = Call(*replica.editing, method, request);
    write.time.end = NowNanos();
    write.replica = replica.number;
    if (response.ok()) {
      Accept(attempt, *response);
      break;
    }
    if (!LeavesOpen(response.status())) {
      Refuse(attempt, response.status());
      break;
    }
    newsroom_.recorder().Count("attempts without an answer");
    const bool give_up = attempt.request_id.empty() || newsroom_.stopping() || OneIn(60);
    absl::SleepFor(kPauseBetweenAttempts);
    if (give_up) {
      newsroom_.recorder().Count("writes of unknown outcome");
      break;
    }
  }
  newsroom_.recorder().Add(std::move(write));
}

template <class Response>
void Writer::Accept(Attempt& attempt, const Response& response) {
  Write& write = attempt.write;
  const v1::Draft& draft = response.draft();
  write.outcome = Outcome::kAcknowledged;
  write.revision = draft.revision();
  write.draft = FingerprintOf(draft.SerializeAsString());
  if constexpr (HasSnapshot<Response>::value) {
    newsroom_.LearnPosition(response.snapshot().position());
    if (BindsEveryReplica(response)) write.position = response.snapshot().position();
  }
  if (write.action == "schedule" && draft.edit_state() != v1::EDIT_STATE_SCHEDULED) {
    write.action = "publish";  // the time had come before the request
    write.mark.clear();
  }
  attempt.known.revision = draft.revision();
  attempt.known.retired = draft.pub_status() == v1::PUB_STATUS_CANCELED;
  if (write.action == "move") attempt.known.paths.push_back(draft.path());
  newsroom_.Learn(attempt.slot, attempt.known);
  newsroom_.recorder().Count("writes acknowledged");
}

void Writer::Refuse(Attempt& attempt, const absl::Status& status) {
  Write& write = attempt.write;
  write.outcome = Outcome::kRefused;
  if (absl::IsAborted(status)) {
    const auto info = rpc::Detail<google::rpc::ErrorInfo>(status);
    if (!info || info->metadata().count("revision") == 0 ||
        !absl::SimpleAtoi(info->metadata().at("revision"), &write.revision)) {
      return newsroom_.recorder().AddUnexpected(status.ToString());
    }
    write.outcome = Outcome::kMismatch;
    attempt.known.revision = write.revision;
    newsroom_.Learn(attempt.slot, attempt.known);
    newsroom_.recorder().Count("writes refused: mismatch");
  } else if (absl::IsAlreadyExists(status) && write.action == "create") {
    attempt.known.revision = 1;  // somebody else was faster
    newsroom_.Learn(attempt.slot, attempt.known);
    newsroom_.recorder().Count("writes refused: exists");
  } else if (absl::IsFailedPrecondition(status)) {
    newsroom_.recorder().Count("writes refused: state");
    if (write.action == "withhold" && attempt.known.revision > newsroom_.revisions_of_a_story()) {
      attempt.known.retired = true;  // canceled by somebody else
      newsroom_.Learn(attempt.slot, attempt.known);
    }
  } else {
    newsroom_.recorder().AddUnexpected(
        absl::StrCat(write.action, " of ", write.story, " '", write.mark, "': ", status.ToString()));
  }
}

absl::Time Writer::Soon(int least_millis, int most_millis) {
  return absl::Now() + absl::Milliseconds(least_millis + random_() % (most_millis - least_millis));
}

void Writer::Create(int slot) {
  Attempt attempt = Begin(slot, "create");
  attempt.write.expected_revision = 0;
  attempt.write.mark = NextMark();
  v1::CreateArticleRequest request;
  *request.mutable_content() = ContentOf(attempt.write.mark, slot, 1);
  request.set_ed_note(attempt.write.mark);
  request.set_path(attempt.known.paths.front());
  Send(std::move(attempt), request, &Editing::CreateArticle);
}

void Writer::Update(int slot) {
  Attempt attempt = Begin(slot, "update");
  attempt.write.mark = NextMark();
  v1::UpdateArticleRequest request;
  *request.mutable_content() = ContentOf(attempt.write.mark, slot, static_cast<int>(1 + random_() % 30));
  request.set_ed_note(attempt.write.mark);
  request.mutable_update_mask()->add_paths("content");
  request.mutable_update_mask()->add_paths("ed_note");
  Send(std::move(attempt), request, &Editing::UpdateArticle);
}

void Writer::SetTimes(int slot) {
  Attempt attempt = Begin(slot, "update");
  attempt.write.mark = NextMark();
  v1::UpdateArticleRequest request;
  request.set_ed_note(attempt.write.mark);
  request.mutable_update_mask()->add_paths("ed_note");
  request.mutable_update_mask()->add_paths("embargoed_until");
  request.mutable_update_mask()->add_paths("expires_at");
  // In half of the cases both are cleared, or stories would seldom be public.
  if (const auto choice = random_() % 4; choice == 0) {
    *request.mutable_embargoed_until() = Timestamp(Soon(50, 800));
  } else if (choice == 1) {
    *request.mutable_expires_at() = Timestamp(Soon(50, 1500));
  }
  Send(std::move(attempt), request, &Editing::UpdateArticle);
}

void Writer::Publish(int slot) {
  Send(Begin(slot, "publish"), v1::PublishArticleRequest(), &Editing::PublishArticle);
}

void Writer::Schedule(int slot) {
  Attempt attempt = Begin(slot, "schedule");
  const absl::Time at = Soon(100, 1500);
  attempt.write.mark = absl::StrCat(absl::ToUnixMicros(at));
  v1::PublishArticleRequest request;
  *request.mutable_publish_at() = Timestamp(at);
  Send(std::move(attempt), request, &Editing::PublishArticle);
}

void Writer::Withhold(int slot, bool for_good) {
  Attempt attempt = Begin(slot, "withhold");
  attempt.write.mark = NextMark();
  v1::WithholdArticleRequest request;
  request.set_pub_status(for_good ? v1::PUB_STATUS_CANCELED : v1::PUB_STATUS_WITHHELD);
  request.mutable_withdrawal()->set_mode(v1::WITHDRAWAL_MODE_NOTICE);
  request.mutable_withdrawal()->set_notice(attempt.write.mark);
  Send(std::move(attempt), request, &Editing::WithholdArticle);
}

void Writer::Move(int slot) {
  Attempt attempt = Begin(slot, "move");
  if (attempt.known.paths.size() > kMaxPaths) return;
  attempt.write.mark = absl::StrCat("/wire/", attempt.known.article_id, "/", NextMark());
  v1::MoveArticleRequest request;
  request.set_path(attempt.write.mark);
  Send(std::move(attempt), request, &Editing::MoveArticle);
}

void Writer::Correct(int slot) {
  Attempt attempt = Begin(slot, "correct");
  attempt.write.mark = NextMark();
  v1::AddCorrectionRequest request;
  request.mutable_correction()->set_type(v1::CORRECTION_TYPE_CORRECTION);
  request.mutable_correction()->mutable_text()->set_text(attempt.write.mark);
  Send(std::move(attempt), request, &Editing::AddCorrection);
}

void Writer::Restore(int slot) {
  Attempt attempt = Begin(slot, "restore");
  const std::int64_t back = random_() % kMaxRestoredBack;
  v1::RestoreRevisionRequest request;
  request.set_revision(std::max<std::int64_t>(1, attempt.known.revision - back));
  Send(std::move(attempt), request, &Editing::RestoreRevision);
}

void Writer::ReadDraft(int slot) {
  Slot known = newsroom_.LookForWriting(slot);
  DraftRead read;
  read.story = known.article_id;
  v1::GetDraftRequest request;
  request.set_article_id(known.article_id);
  read.time.begin = NowNanos();
  auto response = Call(*newsroom_.AnyReplica(random_).editing, &Editing::GetDraft, request);
  read.time.end = NowNanos();
  if (!response.ok()) return;
  read.revision = response->draft().revision();
  known.revision = read.revision;
  newsroom_.Learn(slot, known);
  newsroom_.recorder().Add(std::move(read));
}

}  // namespace broadsheet::histories
