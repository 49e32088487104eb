#include "services/recommendation/reading_log.h"

#include <algorithm>
#include <mutex>

#include "absl/strings/str_cat.h"
#include "broadsheet/recommendation/v1/recommendation_service.pb.h"
#include "google/protobuf/io/coded_stream.h"
#include "libs/telemetry/log.h"

namespace broadsheet::recommendation {
namespace {

constexpr absl::Duration kRemembered = absl::Hours(1);  // a request_id, as the contract has it
constexpr int kReadsPerRecord = 1000;
constexpr std::int32_t kMaxWeight = 1'000'000'000;  // of one stored read; more are several

using google::protobuf::io::CodedInputStream;
using google::protobuf::io::CodedOutputStream;

// A record: when it was recorded in microseconds since 1970 (8 bytes) and how many reads counted (4 bytes),
// both little-endian, then the RecordReadsRequest with only what counted. A record without a request id holds
// counts put together by the hour.
constexpr std::size_t kRecordHeader = 12;

std::string Encode(absl::Time time, int counted, const v1::RecordReadsRequest& request) {
  std::string record(kRecordHeader, '\0');
  auto* place = reinterpret_cast<std::uint8_t*>(record.data());
  place = CodedOutputStream::WriteLittleEndian64ToArray(static_cast<std::uint64_t>(absl::ToUnixMicros(time)),
                                                        place);
  CodedOutputStream::WriteLittleEndian32ToArray(static_cast<std::uint32_t>(counted), place);
  request.AppendToString(&record);
  return record;
}

void AddRead(const std::string& article_id, absl::Time time, std::int32_t weight,
             v1::RecordReadsRequest& to) {
  v1::RecordReadsRequest::Read* const read = to.add_reads();
  read->set_article_id(article_id);
  read->mutable_read_time()->set_seconds(absl::ToUnixSeconds(time));
  read->set_weight(weight);
}

}  // namespace

absl::StatusOr<std::unique_ptr<ReadingLog>> ReadingLog::Open(ReadingLogOptions options) {
  auto log = std::unique_ptr<ReadingLog>(new ReadingLog(std::move(options)));
  if (absl::Status opened = log->OpenFiles(); !opened.ok()) return opened;
  return log;
}

ReadingLog::~ReadingLog() = default;

absl::Status ReadingLog::OpenFiles() {
  absl::StatusOr<std::unique_ptr<rpc::FolderLock>> lock =
      rpc::FolderLock::Take(options_.folder, "reads.lock", "recommendation");
  if (!lock.ok()) return lock.status();
  lock_ = *std::move(lock);
  absl::StatusOr<std::unique_ptr<RecordFile>> file = RecordFile::Open(
      absl::StrCat(options_.folder, "/reads.log"), [this](absl::string_view record) { Replay(record); });
  if (!file.ok()) return file.status();
  file_ = *std::move(file);
  rewrite_at_ = options_.max_file_bytes;
  if (file_->bytes_cut_off() > 0) {
    telemetry::Log(telemetry::Severity::kWarning, "cut off the end of the reading log: it was not whole",
                   {{"bytes", file_->bytes_cut_off()}});
  }
  ForgetExpired(options_.clock());
  RewriteIfLarge();
  return absl::OkStatus();
}

void ReadingLog::Replay(absl::string_view record) {
  if (record.size() < kRecordHeader) return;
  const auto* place = reinterpret_cast<const std::uint8_t*>(record.data());
  std::uint64_t micros = 0;
  std::uint32_t counted = 0;
  place = CodedInputStream::ReadLittleEndian64FromArray(place, &micros);
  CodedInputStream::ReadLittleEndian32FromArray(place, &counted);
  v1::RecordReadsRequest request;
  if (!request.ParseFromArray(record.data() + kRecordHeader,
                              static_cast<int>(record.size() - kRecordHeader))) {
    return;
  }
  const absl::Time now = options_.clock();
  for (const v1::RecordReadsRequest::Read& read : request.reads()) {
    const absl::Time time = std::min(absl::FromUnixSeconds(read.read_time().seconds()), now);
    if (ReadCounts::Counts(time, now)) counts_.Add(read.article_id(), time, read.weight(), now);
  }
  if (!request.request_id().empty()) {
    Remember(request.request_id(), absl::FromUnixMicros(static_cast<std::int64_t>(micros)),
             static_cast<int>(counted));
  }
}

absl::StatusOr<int> ReadingLog::Record(const std::string& request_id, std::vector<Read> reads) {
  absl::StatusOr<int> counted = Count(request_id, std::move(reads));
  if (counted.ok()) RewriteIfLarge();
  return counted;
}

absl::StatusOr<int> ReadingLog::Count(const std::string& request_id, std::vector<Read> reads) {
  const std::unique_lock lock(mutex_);
  const absl::Time now = options_.clock();
  ForgetExpired(now);
  if (!request_id.empty()) {
    const auto known = remembered_.find(request_id);
    if (known != remembered_.end()) return known->second.counted;
  }
  v1::RecordReadsRequest stored;
  stored.set_request_id(request_id);
  for (Read& read : reads) {
    read.time = std::min(read.time, now);
    if (ReadCounts::Counts(read.time, now)) AddRead(read.article_id, read.time, read.weight, stored);
  }
  const int counted = stored.reads_size();
  if (counted == 0) return 0;
  if (absl::Status written = file_->Append(Encode(now, counted, stored)); !written.ok()) return written;
  for (const v1::RecordReadsRequest::Read& read : stored.reads()) {
    counts_.Add(read.article_id(), absl::FromUnixSeconds(read.read_time().seconds()), read.weight(), now);
  }
  if (!request_id.empty()) Remember(request_id, now, counted);
  return counted;
}

void ReadingLog::Remember(const std::string& request_id, absl::Time time, int counted) {
  if (!remembered_.emplace(request_id, Remembered{time, counted}).second) return;
  remembered_order_.emplace_back(time, request_id);
  while (remembered_.size() > options_.max_request_ids) {
    remembered_.erase(remembered_order_.front().second);
    remembered_order_.pop_front();
  }
}

void ReadingLog::ForgetExpired(absl::Time now) {
  while (!remembered_order_.empty() && now - remembered_order_.front().first > kRemembered) {
    remembered_.erase(remembered_order_.front().second);
    remembered_order_.pop_front();
  }
}

// The log as it was when its file had so many bytes.
struct ReadingLog::Snapshot {
  struct Request {
    absl::Time time;
    std::string id;
    int counted;
  };
  absl::Time time;
  std::int64_t file_bytes;
  ReadCounts counts;
  std::vector<Request> requests;  // oldest first
};

void ReadingLog::RewriteIfLarge() {
  {
    const std::unique_lock lock(mutex_);
    if (rewriting_ || file_->size() <= rewrite_at_) return;
    rewriting_ = true;
  }
  const absl::Status rewritten = Rewrite();
  {
    const std::unique_lock lock(mutex_);
    rewriting_ = false;
    if (rewritten.ok()) ++rewrites_;
    // Not before it has doubled, so that rewriting costs no more than writing.
    rewrite_at_ = std::max(options_.max_file_bytes, 2 * file_->size());
  }
  if (rewritten.ok()) return;
  telemetry::Log(telemetry::Severity::kWarning, "the reading log stays large: it cannot be written anew",
                 {{"error", rewritten.message()}});
}

absl::Status ReadingLog::Rewrite() {
  absl::StatusOr<std::unique_ptr<RecordFile::Successor>> successor = absl::UnknownError("");
  {
    const Snapshot snapshot = Look();
    successor = file_->WriteSuccessor(
        snapshot.file_bytes, [&](const RecordFile::Write& write) { return WriteAnew(snapshot, write); });
  }
  if (!successor.ok()) return successor.status();
  if (absl::Status caught_up = file_->CatchUp(**successor, file_bytes()); !caught_up.ok()) return caught_up;
  const std::unique_lock lock(mutex_);
  return file_->Replace(*std::move(successor));
}

ReadingLog::Snapshot ReadingLog::Look() const {
  const std::shared_lock lock(mutex_);
  Snapshot snapshot{options_.clock(), file_->size(), counts_, {}};
  snapshot.requests.reserve(remembered_order_.size());
  for (const auto& [time, request_id] : remembered_order_)
    snapshot.requests.push_back({time, request_id, remembered_.at(request_id).counted});
  return snapshot;
}

absl::Status ReadingLog::WriteAnew(const Snapshot& snapshot, const RecordFile::Write& write) {
  absl::Status status;
  v1::RecordReadsRequest pending;
  const auto flush = [&] {
    if (status.ok() && pending.reads_size() > 0)
      status = write(Encode(snapshot.time, pending.reads_size(), pending));
    pending.Clear();
  };
  snapshot.counts.ForEach([&](const ReadCounts::Entry& entry, absl::Time time) {
    for (std::int64_t left = entry.reads; left > 0; left -= kMaxWeight) {
      AddRead(entry.article_id, time, static_cast<std::int32_t>(std::min<std::int64_t>(left, kMaxWeight)),
              pending);
      if (pending.reads_size() >= kReadsPerRecord) flush();
    }
  });
  flush();
  for (const Snapshot::Request& request : snapshot.requests) {
    if (!status.ok()) return status;
    pending.set_request_id(request.id);
    status = write(Encode(request.time, request.counted, pending));
  }
  return status;
}

std::int64_t ReadingLog::file_bytes() const {
  const std::shared_lock lock(mutex_);
  return file_->size();
}

std::vector<ReadCounts::Entry> ReadingLog::MostRead(
    absl::Duration window, std::size_t limit, const std::function<bool(const std::string&)>& accept) const {
  const std::shared_lock lock(mutex_);
  return counts_.MostRead(window, options_.clock(), limit, accept);
}

ReadingLog::State ReadingLog::state() const {
  const std::shared_lock lock(mutex_);
  return {file_->size(), counts_.size(), counts_.hours(), remembered_.size(), rewrites_};
}

}  // namespace broadsheet::recommendation
