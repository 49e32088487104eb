#ifndef BROADSHEET_SERVICES_RECOMMENDATION_RECORD_FILE_H_
#define BROADSHEET_SERVICES_RECOMMENDATION_RECORD_FILE_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace broadsheet::recommendation {

// A file of records that grows at its end. Each record carries its length and a CRC-32, so that one that was
// being written when the process or the machine died is recognized and cut off at the next start. What Append
// has written survives the death of the process; after a loss of power the last seconds may be missing.
// Not thread-safe; one process at a time.
class RecordFile {
 public:
  using Take = std::function<void(absl::string_view record)>;
  using Write = std::function<absl::Status(absl::string_view record)>;
  static constexpr std::size_t kMaxRecordBytes = 1 << 20;

  // Opens or makes the file and calls `take` for every whole record, oldest first. FAILED_PRECONDITION: the
  // file is something else, and is left as it is. UNAVAILABLE: what the file system says.
  static absl::StatusOr<std::unique_ptr<RecordFile>> Open(const std::string& path, const Take& take);
  ~RecordFile();
  RecordFile(const RecordFile&) = delete;
  RecordFile& operator=(const RecordFile&) = delete;

  // All of it or nothing. `record` has at most kMaxRecordBytes. UNAVAILABLE: it could not be written, for
  // example because the disk is full, or what is half there of one before cannot be taken back.
  absl::Status Append(absl::string_view record);

  // Other records on their way to the place of all there are; removed if they do not get there.
  class Successor {
   public:
    ~Successor();
    Successor(const Successor&) = delete;
    Successor& operator=(const Successor&) = delete;

   private:
    friend class RecordFile;
    Successor(std::string path, int file, std::int64_t from)
        : path_(std::move(path)), file_(file), copied_to_(from) {}
    const std::string path_;
    int file_;
    std::int64_t size_ = 0;
    std::int64_t copied_to_;  // of the file that it is to follow
  };

  // Writes what stands for the first `size` bytes of the file, and makes it last. One at a time; Append may
  // be called meanwhile, from another thread.
  absl::StatusOr<std::unique_ptr<Successor>> WriteSuccessor(
      std::int64_t size, const std::function<absl::Status(const Write& write)>& fill) const;
  // Adds what was appended until the file had `size` bytes, and makes it last. Append may be called
  // meanwhile.
  absl::Status CatchUp(Successor& successor, std::int64_t size) const;
  // Adds the rest and puts it in the place of the file: after a crash that has either the old records or the
  // new ones, in any case what was appended. On an error the old ones stay.
  absl::Status Replace(std::unique_ptr<Successor> successor);

  std::int64_t size() const { return size_; }                    // in bytes
  std::int64_t bytes_cut_off() const { return bytes_cut_off_; }  // at Open, because they were not whole

 private:
  RecordFile(std::string path, int file) : path_(std::move(path)), file_(file) {}
  absl::Status Replay(const Take& take);
  absl::Status Copy(Successor& successor, std::int64_t end) const;

  const std::string path_;
  int file_;
  std::int64_t size_ = 0;
  std::int64_t bytes_cut_off_ = 0;
  bool has_rest_ = false;  // of a record that is not whole, behind size_
};

}  // namespace broadsheet::recommendation

#endif  // BROADSHEET_SERVICES_RECOMMENDATION_RECORD_FILE_H_
