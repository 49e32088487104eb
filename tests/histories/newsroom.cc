#include "tests/histories/newsroom.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "grpcpp/grpcpp.h"

namespace broadsheet::histories {
namespace {

// Nothing repeats a call but the clients, who record it; and a service that is back is asked at once.
std::shared_ptr<grpc::Channel> ChannelTo(const std::string& address) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 20);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 2000);  // the time an attempt to connect may take
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 50);
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  return grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments);
}

}  // namespace

Replica::Replica(int number, const std::string& address)
    : number(number),
      editing(v1::EditorialService::NewStub(ChannelTo(address))),
      reading(v1::ArticleService::NewStub(ChannelTo(address))),
      changes(change::v1::ChangeService::NewStub(ChannelTo(address))) {}

Newsroom::Newsroom(const Options& options, Recorder& recorder)
    : options_(options), recorder_(recorder), slots_(options.slots) {
  for (const std::string& address : options.replicas)
    replicas_.emplace_back(static_cast<int>(replicas_.size()), address);
}

std::string Newsroom::SectionOf(int number) { return absl::StrCat("desk-", number % 2); }

absl::Status Newsroom::SetUp() {
  const absl::Time deadline = absl::Now() + absl::Seconds(30);
  for (int number = 0; number < 2; ++number) {
    v1::PutSectionRequest request;
    request.mutable_section()->set_section_id(SectionOf(number));
    request.mutable_section()->set_name(absl::StrCat("Desk ", number));
    absl::Status done = absl::UnknownError("not tried");
    while (!done.ok() && absl::Now() < deadline) {
      done = Call(*replicas_.front().editing, &v1::EditorialService::Stub::PutSection, request).status();
    }
    if (!done.ok()) return done;
  }
  return absl::OkStatus();
}

int Newsroom::AnySlot(std::mt19937_64& random) const {
  const auto slots = static_cast<std::uint64_t>(options_.slots);
  return static_cast<int>(std::min(random() % slots, random() % slots));
}

Slot Newsroom::Look(int slot) const {
  const std::lock_guard lock(mutex_);
  return slots_[slot];
}

Slot Newsroom::LookForWriting(int number) {
  const std::lock_guard lock(mutex_);
  Slot& slot = slots_[number];
  if (slot.article_id.empty() || slot.retired) {
    slot = Slot();
    slot.article_id = absl::StrCat("story-", number, "-", stories_.size());
    slot.paths = {absl::StrCat("/wire/", slot.article_id)};
    stories_.push_back(slot.article_id);
  }
  return slot;
}

void Newsroom::Learn(int number, const Slot& known) {
  const std::lock_guard lock(mutex_);
  Slot& slot = slots_[number];
  if (slot.article_id != known.article_id) return;
  slot.revision = std::max(slot.revision, known.revision);
  slot.retired = slot.retired || known.retired;
  for (const std::string& path : known.paths) {
    if (std::find(slot.paths.begin(), slot.paths.end(), path) == slot.paths.end()) slot.paths.push_back(path);
  }
}

void Newsroom::LearnPosition(std::int64_t position) {
  std::int64_t known = newest_position_.load();
  while (known < position && !newest_position_.compare_exchange_weak(known, position)) {
  }
}

std::vector<std::string> Newsroom::stories() const {
  const std::lock_guard lock(mutex_);
  return stories_;
}

bool LeavesOpen(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kDeadlineExceeded:
    case absl::StatusCode::kCancelled:
    case absl::StatusCode::kUnknown:
      return true;
    default:
      // How gRPC words a connection that died in the middle of an answer.
      return absl::IsInternal(status) && absl::StrContains(status.message(), "RST_STREAM");
  }
}

}  // namespace broadsheet::histories
