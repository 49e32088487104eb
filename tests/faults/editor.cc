#include "tests/faults/editor.h"

#include <algorithm>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "libs/rpc/channel.h"
#include "libs/rpc/status.h"
#include "tests/faults/page_tokens.h"

namespace broadsheet::faults {
namespace {

namespace v1 = article::v1;
using Kind = StoryState::Kind;

constexpr absl::Duration kPatience = absl::Seconds(3);  // for one attempt
constexpr absl::Duration kPauseBetweenAttempts = absl::Milliseconds(50);

v1::ArticleContent ContentOf(const Site& site, const Story& story, int revision) {
  const std::string word = ToWord({story.token_number, revision});
  v1::ArticleContent content;
  content.set_headline(absl::StrCat("Tides at the sea wall ", word));
  content.set_standfirst(absl::StrCat("What the harbour office says in ", word, "."));
  content.set_section_id(site.SectionId(story.section));
  for (int i = 0; i < 12; ++i) {
    content.add_body()->mutable_paragraph()->mutable_text()->set_text(absl::StrCat(
        "The harbour office reads the gauge at the sea wall every hour, and since the wall was raised it has "
        "written down what the water did to the quay, the sheds and the road behind them. Part ",
        i, " of ", word, "."));
  }
  return content;
}

bool OutcomeUnknown(const grpc::Status& status) {
  switch (status.error_code()) {
    case grpc::StatusCode::UNAVAILABLE:
    case grpc::StatusCode::DEADLINE_EXCEEDED:
    case grpc::StatusCode::CANCELLED:
    case grpc::StatusCode::UNKNOWN:
      return true;
    default:
      return false;
  }
}

int NewestRevision(const StoryHistory& history) {
  for (int write = history.begun(); write > 0; --write) {
    if (history.state(write).kind == Kind::kPublished) return history.state(write).revision;
  }
  return 0;
}

}  // namespace

Editor::Editor(Site& site, Report& report, int number, int editors, std::uint64_t seed)
    : site_(site), report_(report), number_(number), editors_(editors), random_(seed) {
  stub_ = v1::EditorialService::NewStub(rpc::NewChannel(site.article_address()));
}

template <class Call>
bool Editor::Insist(const char* what, Call call) {
  while (true) {
    grpc::ClientContext context;
    context.set_deadline(absl::ToChronoTime(absl::Now() + kPatience));
    const grpc::Status status = call(&context);
    if (status.ok()) return true;
    report_.Count(absl::StrCat("write errors ", what, " ", static_cast<int>(status.error_code())));
    if (!OutcomeUnknown(status)) {
      report_.Violation("write refused", site_.faults(),
                        absl::StrCat(what, ": ", rpc::FromGrpc(status).ToString()));
      return false;
    }
    if (site_.stopping()) return false;
    absl::SleepFor(kPauseBetweenAttempts);
  }
}

std::string Editor::NewRequestId() {
  return absl::StrCat(site_.stories().front().article_id, "-editor-", number_, "-", ++requests_);
}

absl::Status Editor::SetUp() {
  bool done = true;
  for (int section = number_; section < site_.sections(); section += editors_) {
    v1::PutSectionRequest request;
    request.mutable_section()->set_section_id(site_.SectionId(section));
    request.mutable_section()->set_name(absl::StrCat("Checked ", section));
    done = Insist("put section",
                  [&](grpc::ClientContext* context) {
                    v1::PutSectionResponse response;
                    return stub_->PutSection(context, request, &response);
                  }) &&
           done;
  }
  for (Story& story : site_.stories()) {
    if (story.number % editors_ != number_) continue;
    v1::CreateArticleRequest request;
    request.set_request_id(NewRequestId());
    request.set_article_id(story.article_id);
    request.set_path(story.path);
    request.mutable_content()->set_headline("A draft");
    done = Insist("create",
                  [&](grpc::ClientContext* context) {
                    v1::CreateArticleResponse response;
                    return stub_->CreateArticle(context, request, &response);
                  }) &&
           done;
  }
  return done ? absl::OkStatus() : absl::UnavailableError("the stories could not be set up");
}

void Editor::Run(const Pace& pace) {
  std::vector<Story*> own;
  for (Story& story : site_.stories()) {
    if (story.number % editors_ == number_) own.push_back(&story);
  }
  absl::Time next = absl::Now();
  for (std::int64_t published = 0; published < pace.max_publishes && !site_.stopping();) {
    // Not faster than asked for, and no hurry to make up for what a fault has held back.
    next = std::max(next + absl::Seconds(1 / pace.per_second), absl::Now() - absl::Seconds(1));
    absl::SleepFor(next - absl::Now());
    Story& story = *own[random_() % own.size()];
    if (story.history.full()) continue;
    const bool published_now = story.history.state(story.history.begun()).kind == Kind::kPublished;
    if (published_now && pace.withhold_one_in > 0 && random_() % pace.withhold_one_in == 0) {
      Withhold(story);
    } else {
      PublishNext(story);
      ++published;
    }
  }
}

void Editor::PublishNext(Story& story) {
  const int revision = NewestRevision(story.history) + 1;
  if (!WriteDraft(story, revision)) return;
  // Now and then the draft lies about for a while: it must not be seen.
  if (random_() % 10 == 0) absl::SleepFor(absl::Milliseconds(random_() % 30));
  v1::PublishArticleRequest request;
  request.set_request_id(NewRequestId());
  request.set_article_id(story.article_id);
  story.history.Begin({Kind::kPublished, revision});
  const std::int64_t began_at = NowNanos();
  v1::PublishArticleResponse response;
  if (Insist("publish", [&](grpc::ClientContext* context) {
        return stub_->PublishArticle(context, request, &response);
      })) {
    Returned(story, "publish", began_at, response.propagation());
  }
}

void Editor::Withhold(Story& story) {
  v1::WithholdArticleRequest request;
  request.set_request_id(NewRequestId());
  request.set_article_id(story.article_id);
  const int write = story.history.Begin({Kind::kWithheld, 0});
  const std::int64_t began_at = NowNanos();
  std::vector<int> lives;
  for (const GatewayView& gateway : site_.gateways()) lives.push_back(gateway.life.load());
  v1::WithholdArticleResponse response;
  if (!Insist("withhold", [&](grpc::ClientContext* context) {
        return stub_->WithholdArticle(context, request, &response);
      })) {
    return;
  }
  // If every gateway has acknowledged it, each of them knows.
  const auto gateways = static_cast<int>(site_.gateways().size());
  if (response.propagation().expired() == 0 && response.propagation().acknowledged() == gateways) {
    for (GatewayView& gateway : site_.gateways()) {
      if (gateway.life.load() == lives[gateway.number]) gateway.AcknowledgesWithdrawal(story.number, write);
    }
  }
  Returned(story, "withhold", began_at, response.propagation());
}

bool Editor::WriteDraft(Story& story, int revision) {
  v1::UpdateArticleRequest request;
  request.set_request_id(NewRequestId());
  request.set_article_id(story.article_id);
  *request.mutable_content() = ContentOf(site_, story, revision);
  for (const char* field : {"content.headline", "content.standfirst", "content.section_id", "content.body"}) {
    request.mutable_update_mask()->add_paths(field);
  }
  return Insist("update", [&](grpc::ClientContext* context) {
    v1::UpdateArticleResponse response;
    return stub_->UpdateArticle(context, request, &response);
  });
}

void Editor::Returned(Story& story, const char* kind, std::int64_t began_at,
                      const change::v1::Propagation& propagation) {
  const std::int64_t now = NowNanos();
  story.history.Return(now);
  report_.Count(std::string_view(kind) == "publish" ? "publishes" : "withholds");
  const bool article_failed = site_.article_down.Touches(began_at, absl::Seconds(2));
  bool gateway_failed = false;
  for (const GatewayView& gateway : site_.gateways()) {
    gateway_failed = gateway_failed || gateway.cut_off.Touches(began_at, absl::Seconds(2)) ||
                     gateway.down.Touches(began_at, absl::Seconds(2));
  }
  const char* when = article_failed   ? "article failing"
                     : gateway_failed ? "gateway cut off"
                                      : "all connected";
  report_.Took(absl::StrCat("write, ", when), absl::Nanoseconds(now - began_at));
  report_.Took(absl::StrCat("propagation, ", when), absl::Microseconds(propagation.wait_micros()));
  if (propagation.expired() > 0) report_.Count("writes that waited out a lease");
}

}  // namespace broadsheet::faults
