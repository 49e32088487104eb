#include "tests/faults/site.h"

#include <chrono>
#include <utility>

#include "absl/strings/str_cat.h"

namespace broadsheet::faults {
namespace {

constexpr int kStoriesOfARun = 1000;

void Raise(std::atomic<int>& number, int to) {
  int before = number.load();
  while (before < to && !number.compare_exchange_weak(before, to)) {
  }
}

}  // namespace

std::int64_t NowNanos() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

Story::Story(int run, int number, int section, int max_writes)
    : number(number),
      token_number(run * kStoriesOfARun + number),
      section(section),
      article_id(absl::StrCat("checked-", run, "-", number)),
      path(absl::StrCat("/checked-", run, "/story-", number)),
      history(max_writes) {}

GatewayView::GatewayView(int number, std::string address, std::string grpc_address, int stories)
    : number(number),
      address(std::move(address)),
      grpc_address(std::move(grpc_address)),
      known_withdrawal(stories),
      acknowledged_withdrawal(stories) {}

void GatewayView::KnowsWithdrawal(int story, int write) { Raise(known_withdrawal[story], write); }

void GatewayView::AcknowledgesWithdrawal(int story, int write) {
  Raise(acknowledged_withdrawal[story], write);
  KnowsWithdrawal(story, write);
}

void GatewayView::ForgetEverything() {
  ++life;
  for (std::size_t i = 0; i < known_withdrawal.size(); ++i)
    known_withdrawal[i] = acknowledged_withdrawal[i].load();
}

Site::Site(Options options) : options_(std::move(options)) {
  for (int i = 0; i < options_.stories; ++i)
    stories_.emplace_back(options_.run, i, i % options_.sections, options_.max_writes);
  for (std::size_t i = 0; i < options_.gateways.size(); ++i) {
    const std::string grpc = i < options_.grpc_gateways.size() ? options_.grpc_gateways[i] : "";
    gateways_.emplace_back(static_cast<int>(i), options_.gateways[i], grpc, options_.stories);
  }
}

std::string Site::SectionId(int section) const {
  return absl::StrCat("section-", options_.run, "-", section);
}

const Story* Site::FindByToken(int token_number) const {
  const int number = token_number - options_.run * kStoriesOfARun;
  return number >= 0 && number < options_.stories ? &stories_[number] : nullptr;
}

void Site::SetFaults(std::string faults) {
  std::lock_guard lock(mutex_);
  faults_ = std::move(faults);
}

std::string Site::faults() const {
  std::lock_guard lock(mutex_);
  return faults_;
}

}  // namespace broadsheet::faults
