#include "services/gateway/live_renderer.h"

#include <algorithm>
#include <filesystem>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "libs/telemetry/log.h"

namespace broadsheet::gateway {
namespace {

namespace fs = std::filesystem;

constexpr int kMaxDepth = 3;  // of folders in the folder: links may lead in a circle

// Names, sizes and times of everything in the folder; a mounted folder that is exchanged as a whole changes
// it too. Equal stamps mean that nothing was written in between.
std::string StampOf(const std::string& directory) {
  std::vector<std::string> files;
  std::error_code error;
  for (fs::recursive_directory_iterator at(directory, fs::directory_options::follow_directory_symlink, error),
       end;
       !error && at != end; at.increment(error)) {
    if (at.depth() >= kMaxDepth) at.disable_recursion_pending();
    std::error_code missing;
    if (!at->is_regular_file(missing)) continue;
    files.push_back(absl::StrCat(at->path().string(), " ", at->file_size(missing), " ",
                                 at->last_write_time(missing).time_since_epoch().count()));
  }
  std::sort(files.begin(), files.end());
  return absl::StrJoin(files, "\n");
}

telemetry::Counter Loads(const char* result) {
  return {"broadsheet_gateway_template_loads_total",
          "Changed template folders, by whether they came into force.",
          {{"result", result}}};
}

}  // namespace

absl::StatusOr<std::unique_ptr<LiveRenderer>> LiveRenderer::Load(Options options) {
  std::string stamp = StampOf(options.directory);
  absl::StatusOr<std::unique_ptr<Renderer>> first = Renderer::Load(options.directory, options.site);
  if (!first.ok()) return first.status();
  return std::unique_ptr<LiveRenderer>(
      new LiveRenderer(std::move(options), std::move(stamp), *std::move(first)));
}

LiveRenderer::LiveRenderer(Options options, std::string stamp, std::unique_ptr<Renderer> first)
    : options_(std::move(options)),
      replaced_(Loads("replaced")),
      refused_(Loads("refused")),
      faulty_("broadsheet_gateway_templates_refused",
              "1 while the folder of templates as it is now is refused and older ones are in force."),
      current_(std::move(first)),
      since_(absl::Now()),
      version_(current_->version()),
      stamp_(std::move(stamp)) {}

LiveRenderer::~LiveRenderer() { StopWatching(); }

void LiveRenderer::Watch(std::function<void(const Renderer&)> before_use) {
  before_use_ = std::move(before_use);
  thread_ = std::thread([this] { Run(); });
}

void LiveRenderer::StopWatching() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  stop_.notify_all();
  if (thread_.joinable()) thread_.join();
}

std::shared_ptr<const Renderer> LiveRenderer::current() const {
  std::lock_guard lock(mutex_);
  return current_;
}

telemetry::StatusRows LiveRenderer::StatusRows() const {
  std::lock_guard lock(mutex_);
  telemetry::StatusRows rows = {
      {"version", absl::StrFormat("%016x", current_->version())},
      {"in force since", absl::FormatTime(absl::RFC3339_sec, since_, absl::UTCTimeZone())}};
  if (fault_.empty()) rows.emplace_back("folder as it is now", "in force");
  for (const absl::string_view line : absl::StrSplit(fault_, '\n', absl::SkipEmpty()))
    rows.emplace_back("folder as it is now", absl::StrCat("refused: ", line));
  return rows;
}

// A folder is tried once it has been the same at two looks: whoever writes several files has finished then.
void LiveRenderer::Run() {
  std::string seen = stamp_;
  std::unique_lock lock(mutex_);
  while (
      !stop_.wait_for(lock, absl::ToChronoNanoseconds(options_.look_every), [this] { return stopping_; })) {
    lock.unlock();
    std::string now = StampOf(options_.directory);
    if (now == seen && now != stamp_) {
      stamp_ = now;
      Replace();
    }
    seen = std::move(now);
    lock.lock();
  }
}

void LiveRenderer::Replace() {
  absl::StatusOr<std::unique_ptr<Renderer>> next = Renderer::Load(options_.directory, options_.site);
  if (!next.ok()) {
    refused_.Increment();
    faulty_.Set(1);
    telemetry::Log(telemetry::Severity::kError, "changed templates are refused, the ones in force stay",
                   {{"reason", next.status().message()}});
    std::lock_guard lock(mutex_);
    fault_ = std::string(next.status().message());
    return;
  }
  if (before_use_) before_use_(**next);
  replaced_.Increment();
  faulty_.Set(0);
  telemetry::Log(telemetry::Severity::kInfo, "changed templates are in force",
                 {{"version", absl::StrFormat("%016x", (*next)->version())}});
  std::lock_guard lock(mutex_);
  current_ = *std::move(next);
  since_ = absl::Now();
  fault_.clear();
  version_.store(current_->version(), std::memory_order_release);
}

}  // namespace broadsheet::gateway
