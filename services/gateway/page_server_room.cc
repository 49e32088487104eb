#include <string_view>

#include "services/gateway/page_server.h"

// The part of PageServer that says for whom a page is made when too many have to be.
namespace broadsheet::gateway {
namespace {

std::string_view ShedName(Priority priority) {
  switch (priority) {
    case Priority::kCrawler:
      return "crawler";
    case Priority::kBackground:
      return "background";
    case Priority::kReader:
      break;
  }
  return "reader";
}

}  // namespace

std::size_t ShareOf(Priority priority, std::size_t limit) {
  switch (priority) {
    case Priority::kBackground:
      return limit / 2;
    case Priority::kCrawler:
      return limit - limit / 4;
    case Priority::kReader:
      break;
  }
  return limit;
}

std::size_t PageServer::renders_in_flight() const {
  std::lock_guard lock(mutex_);
  return renders_;
}

std::size_t PageServer::render_limit() const {
  std::lock_guard lock(mutex_);
  return limit_.limit();
}

bool PageServer::TakeRoom(Priority priority) {
  std::lock_guard lock(mutex_);
  if (renders_ >= ShareOf(priority, limit_.limit())) return false;
  ++renders_;
  return true;
}

void PageServer::GiveRoomBack() {
  std::lock_guard lock(mutex_);
  --renders_;
}

PageAnswer PageServer::Shed(const PageRequest& request, const EntryPtr& stored, Purges::Moment begun) {
  NoteShed(request.priority, request.path);
  PageAnswer answer =
      AnswerWithoutOwner(request.path, stored, begun, page::v1::DEGRADATION_REASON_OVERLOADED);
  answer.shed_for = request.priority;
  return answer;
}

void PageServer::NoteShed(Priority priority, const std::string& path) { NoteShed(ShedName(priority), path); }

void PageServer::NoteShed(std::string_view who, const std::string& path) {
  metrics_.CountShed(who);
  log_.Log(who, telemetry::Severity::kWarning, "too many pages are being made",
           {{"path", path}, {"priority", who}});
}

// Only pages that could be made tell how much is too much: what fails does so in no time or in all of it.
void PageServer::NoteRender(absl::Duration duration) {
  metrics_.CountRender(duration);
  std::lock_guard lock(mutex_);
  limit_.OnSample(duration, renders_);
  metrics_.SetRenderLimit(limit_.limit());
}

}  // namespace broadsheet::gateway
