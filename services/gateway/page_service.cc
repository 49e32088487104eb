#include "services/gateway/page_service.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "google/protobuf/util/time_util.h"
#include "grpcpp/impl/codegen/proto_utils.h"
#include "libs/rpc/async_handler.h"
#include "libs/rpc/status.h"
#include "services/gateway/page_request.h"
#include "services/gateway/renderer/moments.h"

namespace broadsheet::gateway {
namespace {

using google::protobuf::util::TimeUtil;

constexpr std::size_t kDefaultDependents = 100;
constexpr std::size_t kMaxDependents = 1'000;
constexpr std::size_t kNoLimit = static_cast<std::size_t>(-1);

absl::StatusOr<PageRequest> ReadRequest(const rpc::Context& context,
                                        const page::v1::GetPageRequest& message) {
  absl::StatusOr<std::string> path = ReadPath(message.path());
  if (!path.ok()) return path.status();
  if (message.min_article_position() < 0)
    return rpc::InvalidArgument("min_article_position", "must not be negative");
  if (message.min_media_position() < 0)
    return rpc::InvalidArgument("min_media_position", "must not be negative");
  if (!message.since().empty() && !IsMomentId(message.since()))
    return rpc::InvalidArgument("since", "must be the id of a moment's element");
  return PageRequest{.path = *std::move(path),
                     .min_article_position = message.min_article_position(),
                     .min_media_position = message.min_media_position(),
                     .article_log_id = message.article_log_id(),
                     .media_log_id = message.media_log_id(),
                     .trace = context.trace()};
}

std::string WhyNotServed(const PageEntry& entry, const EntryFacts& facts) {
  return absl::StrCat("article: ", std::string(StandingName(facts.article)),
                      "; media: ", std::string(StandingName(facts.media)),
                      facts.withdrawn ? "; shows something withdrawn" : "",
                      facts.aged ? "; lists what has become too old" : "",
                      facts.degraded ? "; degraded, so only served while young" : "",
                      entry.left_by_earlier_run() ? "; left by an earlier run" : "");
}

// Everything but the body.
page::v1::GetPageResponse HeadOf(const PageEntry& entry) {
  page::v1::GetPageResponse head;
  head.set_status(entry.status());
  head.set_media_type(entry.content->content_type());
  head.set_etag(entry.content->etag());
  head.set_location(entry.location);
  if (entry.content->last_modified() != absl::InfinitePast()) {
    *head.mutable_last_modified() =
        TimeUtil::MicrosecondsToTimestamp(absl::ToUnixMicros(entry.content->last_modified()));
  }
  for (const page::v1::Degradation& degradation : entry.degradations) *head.add_degradations() = degradation;
  *head.mutable_article_snapshot() = entry.dependencies.snapshot(Source::kArticle);
  *head.mutable_media_snapshot() = entry.dependencies.snapshot(Source::kMedia);
  for (std::string& tag : entry.dependencies.public_tags()) head.add_tags(std::move(tag));
  return head;
}

// Key and length of the body field, after which its bytes follow; protobuf allows fields in any order.
void AppendBodyHeader(std::size_t body_bytes, std::string& message) {
  constexpr char kKey = page::v1::GetPageResponse::kBodyFieldNumber << 3 | 2;  // length-delimited
  message.push_back(kKey);
  for (; body_bytes >= 0x80; body_bytes >>= 7) message.push_back(static_cast<char>(body_bytes | 0x80));
  message.push_back(static_cast<char>(body_bytes));
}

// The serialized GetPageResponse up to the bytes of its body.
std::string MessageHead(const PageEntry& entry) {
  std::string head = HeadOf(entry).SerializeAsString();
  if (const std::size_t size = entry.content->uncoded_bytes(); size > 0) AppendBodyHeader(size, head);
  head.shrink_to_fit();
  return head;
}

absl::Status TooLarge(std::size_t bytes, std::size_t max_bytes) {
  return rpc::FailedPrecondition(
      "PAGE_TOO_LARGE", absl::StrCat("the page takes ", bytes, " bytes, a message may have ", max_bytes),
      {{"bytes", absl::StrCat(bytes)}, {"max_bytes", absl::StrCat(max_bytes)}});
}

}  // namespace

absl::StatusOr<grpc::ByteBuffer> ToByteBuffer(const EntryPtr& entry, std::size_t max_bytes) {
  const std::shared_ptr<const std::string> head =
      entry->message_head.Get([&] { return MessageHead(*entry); });
  if (const std::size_t bytes = head->size() + entry->content->uncoded_bytes(); bytes > max_bytes)
    return TooLarge(bytes, max_bytes);
  const std::shared_ptr<const std::string> uncoded =
      entry->content->Uncoded(http::UncodedBodies::Claim::kKnown);
  if (!uncoded)
    return rpc::ErrorInfo(absl::StatusCode::kResourceExhausted, "TOO_MUCH_UNSENT",
                          "slow clients hold too many bytes of pages");
  const std::string& body = *uncoded;
  if (body.empty()) {
    const grpc::Slice slice(*head);
    return grpc::ByteBuffer(&slice, 1);
  }
  auto* owner = new std::shared_ptr<const std::string>(uncoded);
  const grpc::Slice slices[] = {
      grpc::Slice(*head),
      grpc::Slice(
          const_cast<char*>(body.data()), body.size(),
          [](void* held) { delete static_cast<std::shared_ptr<const std::string>*>(held); }, owner)};
  return grpc::ByteBuffer(slices, 2);
}

void PageService::Serve(rpc::CompletionQueues& queues) {
  rpc::ServeUnary<grpc::ByteBuffer, grpc::ByteBuffer>(
      queues, service_, &AsyncService::RequestGetPage,
      {.name = "broadsheet.page.v1.PageService/GetPage",
       .handler = [this](rpc::Context context,
                         const grpc::ByteBuffer& request) { return GetPage(std::move(context), request); },
       .at_once = [this](const grpc::ByteBuffer& request) { return GetPageAtOnce(request); },
       .accepted_in_advance = 64});
  rpc::ServeUnary<page::v1::ExplainPageRequest, page::v1::ExplainPageResponse>(
      queues, service_, &AsyncService::RequestExplainPage,
      {.name = "broadsheet.page.v1.PageService/ExplainPage",
       .handler = [this](rpc::Context context, page::v1::ExplainPageRequest request) {
         return ExplainPage(std::move(context), std::move(request));
       }});
  rpc::ServeUnary<page::v1::ListDependentsRequest, page::v1::ListDependentsResponse>(
      queues, service_, &AsyncService::RequestListDependents,
      {.name = "broadsheet.page.v1.PageService/ListDependents",
       .handler = [this](rpc::Context context, page::v1::ListDependentsRequest request) {
         return ListDependents(std::move(context), std::move(request));
       }});
}

std::optional<absl::StatusOr<grpc::ByteBuffer>> PageService::GetPageAtOnce(const grpc::ByteBuffer& request) {
  grpc::Slice bytes;
  page::v1::GetPageRequest message;
  if (!request.TrySingleSlice(&bytes).ok() ||
      !message.ParseFromArray(bytes.begin(), static_cast<int>(bytes.size())))
    return std::nullopt;
  if (!message.since().empty() || message.min_article_position() != 0 || message.min_media_position() != 0)
    return std::nullopt;
  const absl::StatusOr<std::string> path = ReadPath(message.path());
  if (!path.ok()) return std::nullopt;
  const std::optional<PageAnswer> answer = parts_.pages.AnswerAtOnce(*path);
  if (!answer) return std::nullopt;
  return ToByteBuffer(answer->entry);
}

rpc::Task<absl::StatusOr<grpc::ByteBuffer>> PageService::GetPage(rpc::Context context,
                                                                 grpc::ByteBuffer request) {
  page::v1::GetPageRequest message;
  if (!grpc::SerializationTraits<page::v1::GetPageRequest>::Deserialize(&request, &message).ok())
    co_return rpc::InvalidArgument("request", "is not a GetPageRequest");
  absl::StatusOr<PageRequest> wanted = ReadRequest(context, message);
  if (!wanted.ok()) co_return wanted.status();
  if (absl::Status logs = CheckLogs(*wanted); !logs.ok()) co_return logs;
  auto answering = parts_.pages.Answer(*std::move(wanted));
  PageAnswer answer = co_await answering;
  if (!message.since().empty()) answer = parts_.pages.MomentsSince(std::move(answer), message.since());
  co_return ToByteBuffer(answer.entry);
}

absl::Status PageService::CheckLogs(const PageRequest& request) const {
  const std::optional<PageServer::OtherLog> other = parts_.pages.DemandsOfOtherLog(request);
  if (!other) return absl::OkStatus();
  return rpc::FailedPrecondition(
      "OTHER_LOG", "the position belongs to another log than the one followed",
      {{"source", std::string(SourceName(other->source))}, {"log_id", other->followed}});
}

rpc::Task<absl::StatusOr<page::v1::ExplainPageResponse>> PageService::ExplainPage(
    rpc::Context context, page::v1::ExplainPageRequest request) {
  const absl::Time started = absl::Now();
  absl::StatusOr<std::string> path = ReadPath(request.path());
  if (!path.ok()) co_return path.status();
  auto answering = parts_.pages.Answer({.path = *path, .trace = context.trace()});
  PageAnswer answer = co_await answering;
  const absl::Duration latency = absl::Now() - started;
  page::v1::ExplainPageResponse explained = Explain(answer);
  explained.set_latency_micros(absl::ToInt64Microseconds(latency));
  auto counting = parts_.store.Count({*path});
  const PageStore::Answer counted = co_await counting;
  if (counted.pages > 0) explained.add_kept_in(page::v1::CACHE_TIER_REDIS);
  co_return explained;
}

rpc::Task<absl::StatusOr<page::v1::ListDependentsResponse>> PageService::ListDependents(
    rpc::Context, page::v1::ListDependentsRequest request) {
  if (absl::Status tag = CheckTag(request.tag()); !tag.ok()) co_return tag;
  if (request.page_size() < 0) co_return rpc::InvalidArgument("page_size", "must not be negative");
  std::string after;
  if (!request.page_token().empty() &&
      (!absl::WebSafeBase64Unescape(request.page_token(), &after) || !after.starts_with('/')))
    co_return rpc::InvalidArgument("page_token", "is not one that this method returned");
  auto wanted = [&](const PageEntry& entry) {
    return DependsOn(entry, request.tag()) && (after.empty() || entry.path > after);
  };
  std::vector<std::string> paths = parts_.pages.cache().PathsWhere(wanted, kNoLimit);
  for (std::string& path : parts_.last_good.PathsWhere(wanted)) paths.push_back(std::move(path));
  std::sort(paths.begin(), paths.end());
  paths.erase(std::unique(paths.begin(), paths.end()), paths.end());
  const std::size_t size = request.page_size() == 0
                               ? kDefaultDependents
                               : std::min<std::size_t>(request.page_size(), kMaxDependents);
  page::v1::ListDependentsResponse response;
  if (paths.size() > size) {
    paths.resize(size);
    response.set_next_page_token(absl::WebSafeBase64Escape(paths.back()));
  }
  for (std::string& path : paths) response.add_paths(std::move(path));
  co_return response;
}

page::v1::Dependency PageService::ExplainDependency(const PageEntry& entry, Source source,
                                                    const std::string& tag) const {
  page::v1::Dependency dependency;
  dependency.set_tag(tag);
  dependency.set_source(std::string(SourceName(source)));
  if (const change::Follower* follower = parts_.followers.follower(source)) {
    dependency.set_last_change_position(follower->LastChange(tag));
    dependency.set_changed(dependency.last_change_position() > entry.dependencies.of(source).position);
  }
  if (tag.starts_with("path/") || tag.starts_with("list/")) return dependency;
  const std::int64_t known = parts_.parts.RevisionOf(tag);
  dependency.set_record_tier(known > 0 ? page::v1::CACHE_TIER_MEMORY : page::v1::CACHE_TIER_RENDERED);
  // The record in memory is the present one: what the page shows only if nothing has changed since.
  if (tag == entry.subject && entry.subject_revision > 0) {
    dependency.set_revision(entry.subject_revision);
  } else if (!dependency.changed()) {
    dependency.set_revision(known);
  }
  return dependency;
}

page::v1::SourceState PageService::ExplainSource(Source source) const {
  page::v1::SourceState state;
  state.set_source(std::string(SourceName(source)));
  *state.mutable_applied() = parts_.followers.position(source);
  const change::Follower* follower = parts_.followers.follower(source);
  if (follower == nullptr) return state;
  const change::Follower::State known = follower->state();
  state.set_floor(known.floor);
  state.set_live(follower->live());
  state.set_last_error(known.last_error);
  return state;
}

page::v1::ExplainPageResponse PageService::Explain(const PageAnswer& answer) const {
  const PageEntry& entry = *answer.entry;
  const PageServer::Judgement judged = parts_.pages.Judge(entry, Owner::kNotAsked, absl::Now());
  page::v1::ExplainPageResponse explained;
  explained.set_status(entry.status());
  explained.set_tier(answer.tier);
  explained.set_fresh(IsServed(judged.decision));
  if (!explained.fresh()) explained.set_staleness(WhyNotServed(entry, judged.facts));
  for (Source source : kAllSources) {
    for (const std::string& tag : entry.dependencies.of(source).tags) {
      if (!entry.dependencies.concealed().contains(tag))
        *explained.add_dependencies() = ExplainDependency(entry, source, tag);
    }
    *explained.add_sources() = ExplainSource(source);
  }
  explained.mutable_degradations()->Assign(entry.degradations.begin(), entry.degradations.end());
  if (answer.tier == page::v1::CACHE_TIER_RENDERED) {
    explained.mutable_calls()->Assign(entry.calls.begin(), entry.calls.end());
  }
  *explained.mutable_article_snapshot() = entry.dependencies.snapshot(Source::kArticle);
  *explained.mutable_media_snapshot() = entry.dependencies.snapshot(Source::kMedia);
  *explained.mutable_render_time() = TimeUtil::MicrosecondsToTimestamp(absl::ToUnixMicros(entry.rendered_at));
  const PageCache::Slot slot = parts_.pages.cache().Peek(entry.path);
  if (slot.whole || slot.degraded) explained.add_kept_in(page::v1::CACHE_TIER_MEMORY);
  auto is_it = [&](const PageEntry& kept) { return kept.path == entry.path; };
  if (!parts_.last_good.PathsWhere(is_it).empty()) explained.add_kept_in(page::v1::CACHE_TIER_DISK);
  return explained;
}

}  // namespace broadsheet::gateway
