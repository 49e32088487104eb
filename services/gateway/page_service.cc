#include "services/gateway/page_service.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "google/protobuf/util/time_util.h"
#include "grpcpp/impl/codegen/proto_utils.h"
#include "libs/http/uri.h"
#include "libs/rpc/async_handler.h"
#include "libs/rpc/status.h"

namespace broadsheet::gateway {
namespace {

using google::protobuf::util::TimeUtil;

// The decoded path, or what is wrong with it.
absl::StatusOr<std::string> ReadPath(const std::string& path) {
  if (path.empty()) return rpc::InvalidArgument("path", "is required");
  if (path.find_first_of("?#") != path.npos) {
    return rpc::InvalidArgument("path", "must be a path without query or fragment");
  }
  std::optional<std::string> decoded = http::DecodePath(path);
  if (!decoded) return rpc::InvalidArgument("path", "must start with \"/\" and be percent-encoded UTF-8");
  return *std::move(decoded);
}

absl::StatusOr<PageRequest> ReadRequest(const rpc::Context& context, grpc::ByteBuffer& buffer) {
  page::v1::GetPageRequest message;
  if (!grpc::SerializationTraits<page::v1::GetPageRequest>::Deserialize(&buffer, &message).ok()) {
    return absl::InvalidArgumentError("the request is not a GetPageRequest");
  }
  absl::StatusOr<std::string> path = ReadPath(message.path());
  if (!path.ok()) return path.status();
  if (message.min_article_position() < 0)
    return rpc::InvalidArgument("min_article_position", "must not be negative");
  if (message.min_media_position() < 0)
    return rpc::InvalidArgument("min_media_position", "must not be negative");
  return PageRequest{.path = *std::move(path),
                     .min_article_position = message.min_article_position(),
                     .min_media_position = message.min_media_position(),
                     .trace = context.trace()};
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

}  // namespace

grpc::ByteBuffer ToByteBuffer(const EntryPtr& entry) {
  std::string head = HeadOf(*entry).SerializeAsString();
  const std::string& body = entry->content->body();
  if (body.empty()) {
    const grpc::Slice slice(head);
    return {&slice, 1};
  }
  AppendBodyHeader(body.size(), head);
  auto* owner = new std::shared_ptr<const http::Content>(entry->content);
  const grpc::Slice slices[] = {
      grpc::Slice(head),
      grpc::Slice(
          const_cast<char*>(body.data()), body.size(),
          [](void* content) { delete static_cast<std::shared_ptr<const http::Content>*>(content); }, owner)};
  return {slices, 2};
}

void PageService::Serve(rpc::CompletionQueues& queues) {
  rpc::ServeUnary<grpc::ByteBuffer, grpc::ByteBuffer>(
      queues, service_, &AsyncService::RequestGetPage,
      [this](rpc::Context context, const grpc::ByteBuffer& request) {
        return GetPage(std::move(context), request);
      });
  rpc::ServeUnary<page::v1::ExplainPageRequest, page::v1::ExplainPageResponse>(
      queues, service_, &AsyncService::RequestExplainPage,
      [this](rpc::Context context, page::v1::ExplainPageRequest request) {
        return ExplainPage(std::move(context), std::move(request));
      });
  rpc::ServeUnary<page::v1::ListDependentsRequest, page::v1::ListDependentsResponse>(
      queues, service_, &AsyncService::RequestListDependents,
      [this](rpc::Context context, page::v1::ListDependentsRequest request) {
        return ListDependents(std::move(context), std::move(request));
      });
}

rpc::Task<absl::StatusOr<grpc::ByteBuffer>> PageService::GetPage(rpc::Context context,
                                                                 grpc::ByteBuffer request) {
  absl::StatusOr<PageRequest> wanted = ReadRequest(context, request);
  if (!wanted.ok()) co_return wanted.status();
  auto answering = pages_.Answer(*std::move(wanted));
  PageAnswer answer = co_await answering;
  co_return ToByteBuffer(answer.entry);
}

rpc::Task<absl::StatusOr<page::v1::ExplainPageResponse>> PageService::ExplainPage(
    rpc::Context context, page::v1::ExplainPageRequest request) {
  absl::StatusOr<std::string> path = ReadPath(request.path());
  if (!path.ok()) co_return path.status();
  auto answering = pages_.Answer({.path = *std::move(path), .trace = context.trace()});
  PageAnswer answer = co_await answering;
  co_return Explain(answer);
}

rpc::Task<absl::StatusOr<page::v1::ListDependentsResponse>> PageService::ListDependents(
    rpc::Context, page::v1::ListDependentsRequest) {
  co_return absl::UnimplementedError("ListDependents is not available in this version of the gateway");
}

page::v1::ExplainPageResponse PageService::Explain(const PageAnswer& answer) const {
  const PageEntry& entry = *answer.entry;
  const EntryFacts facts = followers_.Examine(entry, absl::Now());
  page::v1::ExplainPageResponse explained;
  explained.set_status(entry.status());
  explained.set_tier(answer.tier);
  explained.set_fresh(facts.article == Standing::kFresh && facts.media == Standing::kFresh);
  if (!explained.fresh()) {
    explained.set_staleness(absl::StrCat("article: ", std::string(StandingName(facts.article)),
                                         "; media: ", std::string(StandingName(facts.media)),
                                         facts.withdrawn ? "; shows something withdrawn" : ""));
  }
  for (Source source : kAllSources) {
    for (const std::string& tag : entry.dependencies.of(source).tags) {
      page::v1::Dependency& dependency = *explained.add_dependencies();
      dependency.set_tag(tag);
      dependency.set_source(std::string(SourceName(source)));
      const change::Follower* follower = followers_.follower(source);
      if (follower != nullptr) dependency.set_last_change_position(follower->LastChange(tag));
    }
  }
  explained.mutable_degradations()->Assign(entry.degradations.begin(), entry.degradations.end());
  if (answer.tier == page::v1::CACHE_TIER_RENDERED) {
    explained.mutable_calls()->Assign(entry.calls.begin(), entry.calls.end());
  }
  *explained.mutable_article_snapshot() = entry.dependencies.snapshot(Source::kArticle);
  *explained.mutable_media_snapshot() = entry.dependencies.snapshot(Source::kMedia);
  *explained.mutable_render_time() = TimeUtil::MicrosecondsToTimestamp(absl::ToUnixMicros(entry.rendered_at));
  return explained;
}

}  // namespace broadsheet::gateway
