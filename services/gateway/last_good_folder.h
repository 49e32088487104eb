#ifndef BROADSHEET_SERVICES_GATEWAY_LAST_GOOD_FOLDER_H_
#define BROADSHEET_SERVICES_GATEWAY_LAST_GOOD_FOLDER_H_

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/rpc/folder_lock.h"
#include "services/gateway/last_good_pages.h"

namespace broadsheet::gateway {

// The folder with the last good pages and the record of what ended after they were written. Whatever has
// returned OK is on the disk. Not thread-safe, but that WritePages may be at work while another thread uses
// the record.
class LastGoodFolder {
 public:
  struct Contents {
    std::vector<std::shared_ptr<const PageEntry>> pages;
    std::vector<End> ends;
  };

  // Makes the folder if need be and takes it for this process alone. Errors: FAILED_PRECONDITION if another
  // process has it, UNAVAILABLE if it cannot be made or written to.
  static absl::StatusOr<std::unique_ptr<LastGoodFolder>> Open(std::string folder, std::string site);
  ~LastGoodFolder();
  LastGoodFolder(const LastGoodFolder&) = delete;
  LastGoodFolder& operator=(const LastGoodFolder&) = delete;

  // What an earlier run left: all of it, or, if anything is missing, damaged or of another site, nothing and
  // why: NOT_FOUND if nothing was left, else DATA_LOSS. To be called once, first. UNAVAILABLE: the folder
  // cannot be written to; after any other error there are no pages in it.
  absl::StatusOr<Contents> Load(std::string_view security_policy);

  // Takes the place of the pages written before, at once: whoever reads finds the old ones or these. They
  // belong to the record of that name, and are worth nothing once there is another.
  absl::Status WritePages(const std::vector<std::shared_ptr<const PageEntry>>& pages,
                          const std::string& record_name);
  const std::string& record_name() const { return record_name_; }
  // Adds to the record that belongs to the pages.
  absl::Status Append(const End& end);
  // Makes the record say this and no more.
  absl::Status RewriteRecord(const std::vector<End>& ends);
  std::size_t record_bytes() const { return record_bytes_; }

  // Deletes the pages and begins a new record. If that cannot be written, the pages are gone nevertheless,
  // and those that WritePages is about to leave under the name of the old record are not believed either.
  absl::Status Clear();

 private:
  LastGoodFolder(std::string folder, std::string site, std::unique_ptr<rpc::FolderLock> lock)
      : folder_(std::move(folder)), site_(std::move(site)), lock_(std::move(lock)) {}

  absl::StatusOr<Contents> Read(std::string_view security_policy);
  absl::Status Replace(const std::string& name, std::string_view bytes);
  absl::Status OpenRecord();
  absl::Status Delete();
  std::string Path(std::string_view name) const { return std::string(folder_).append("/").append(name); }

  const std::string folder_;
  const std::string site_;
  const std::unique_ptr<rpc::FolderLock> lock_;
  std::string record_name_;
  int record_ = -1;
  std::size_t record_bytes_ = 0;
};

}  // namespace broadsheet::gateway

#endif  // BROADSHEET_SERVICES_GATEWAY_LAST_GOOD_FOLDER_H_
