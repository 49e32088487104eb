#include "services/recommendation/reading_log.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <future>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/testing/temp_dir.h"
#include "services/recommendation/record_file.h"

namespace broadsheet::recommendation {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class ReadingLogTest : public ::testing::Test {
 protected:
  ReadingLogTest() { Open(); }

  // Ends the log, if it is open, and opens it again, as a restart does.
  void Open() {
    log_.reset();
    options_.folder = folder_.File("data");
    options_.clock = [this] { return now_; };
    absl::StatusOr<std::unique_ptr<ReadingLog>> log = ReadingLog::Open(options_);
    ASSERT_TRUE(log.ok()) << log.status();
    log_ = *std::move(log);
  }

  int Record(const std::string& request_id, std::vector<ReadingLog::Read> reads) {
    const absl::StatusOr<int> recorded = log_->Record(request_id, std::move(reads));
    EXPECT_TRUE(recorded.ok()) << recorded.status();
    return recorded.value_or(-1);
  }

  std::vector<std::string> MostRead(absl::Duration window = absl::Hours(24)) const {
    std::vector<std::string> lines;
    for (const ReadCounts::Entry& entry :
         log_->MostRead(window, 10, [](const std::string&) { return true; })) {
      lines.push_back(absl::StrCat(entry.article_id, " ", entry.reads));
    }
    return lines;
  }

  std::string path() const { return folder_.File("data/reads.log"); }
  std::string Bytes() const {
    std::ifstream file(path(), std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  void SetBytes(const std::string& bytes) {
    log_.reset();
    std::ofstream(path(), std::ios::binary) << bytes;
  }

  const test::TempDir folder_;
  absl::Time now_ = absl::FromUnixSeconds(1'795'435'200);
  ReadingLogOptions options_;
  std::unique_ptr<ReadingLog> log_;
};

TEST_F(ReadingLogTest, CountsReads) {
  EXPECT_EQ(Record("r1", {{"a", now_, 1}, {"b", now_ - absl::Hours(2), 3}}), 2);
  EXPECT_THAT(MostRead(), ElementsAre("b 3", "a 1"));
}

TEST_F(ReadingLogTest, WhatWasCountedIsStillCountedAfterARestart) {
  Record("r1", {{"a", now_, 1}, {"b", now_ - absl::Hours(2), 3}});
  Record("", {{"a", now_, 4}});
  Open();
  EXPECT_THAT(MostRead(), ElementsAre("a 5", "b 3"));
}

TEST_F(ReadingLogTest, TheFutureCountsAsNow) {
  EXPECT_EQ(Record("r1", {{"a", now_ + absl::Hours(9), 1}, {"b", absl::InfiniteFuture(), 2}}), 2);
  EXPECT_THAT(MostRead(absl::Hours(1)), ElementsAre("b 2", "a 1"));
  Open();
  EXPECT_THAT(MostRead(absl::Hours(1)), ElementsAre("b 2", "a 1"));
}

TEST_F(ReadingLogTest, WhatIsOlderThanSevenDaysDoesNotCount) {
  EXPECT_EQ(Record("r1", {{"a", now_ - absl::Hours(7 * 24 + 1), 1}}), 0);
  EXPECT_EQ(Record("r2", {{"a", now_ - absl::Hours(7 * 24 - 1), 1}}), 1);
  EXPECT_THAT(MostRead(kLongestWindow), ElementsAre("a 1"));
  now_ += absl::Hours(24);
  Open();
  EXPECT_THAT(MostRead(kLongestWindow), IsEmpty());
}

TEST_F(ReadingLogTest, ARepetitionWithinAnHourIsNotCountedAgain) {
  EXPECT_EQ(Record("r1", {{"a", now_, 1}, {"b", now_, 1}}), 2);
  now_ += absl::Minutes(59);
  EXPECT_EQ(Record("r1", {{"a", now_, 1}}), 2);  // the first answer
  EXPECT_THAT(MostRead(), ElementsAre("a 1", "b 1"));
  now_ += absl::Minutes(2);
  EXPECT_EQ(Record("r1", {{"a", now_, 1}}), 1);
  EXPECT_THAT(MostRead(), ElementsAre("a 2", "b 1"));
}

TEST_F(ReadingLogTest, ARepetitionAfterARestartIsNotCountedAgain) {
  Record("r1", {{"a", now_, 1}, {"b", now_, 1}});
  Open();
  EXPECT_EQ(Record("r1", {{"a", now_, 1}}), 2);
  EXPECT_THAT(MostRead(), ElementsAre("a 1", "b 1"));
}

TEST_F(ReadingLogTest, ReadsWithoutARequestIdAlwaysCount) {
  Record("", {{"a", now_, 1}});
  Record("", {{"a", now_, 1}});
  EXPECT_THAT(MostRead(), ElementsAre("a 2"));
}

TEST_F(ReadingLogTest, RemembersABoundedNumberOfRequests) {
  options_.max_request_ids = 2;
  Open();
  for (const char* id : {"r1", "r2", "r3"}) Record(id, {{"a", now_, 1}});
  EXPECT_EQ(log_->state().request_ids, 2U);
  Record("r1", {{"a", now_, 1}});  // forgotten
  EXPECT_THAT(MostRead(), ElementsAre("a 4"));
}

TEST_F(ReadingLogTest, ATornTailIsCutOffWhereverItIsTorn) {
  Record("r1", {{"a", now_, 1}});
  const std::string first = Bytes();
  Record("r2", {{"b", now_, 1}});
  const std::string both = Bytes();
  for (std::size_t length = first.size(); length < both.size(); ++length) {
    SetBytes(both.substr(0, length));
    Open();
    EXPECT_THAT(MostRead(), ElementsAre("a 1")) << length;
    EXPECT_EQ(Bytes(), first) << length;
    Record("r3", {{"c", now_, 1}});
    Open();
    EXPECT_THAT(MostRead(), ElementsAre("a 1", "c 1")) << length;
  }
}

TEST_F(ReadingLogTest, AFileTornWithinItsHeaderBeginsAnew) {
  const std::string header = Bytes();
  for (std::size_t length = 0; length < header.size(); ++length) {
    SetBytes(header.substr(0, length));
    Open();
    Record("", {{"a", now_, 1}});
    Open();
    EXPECT_THAT(MostRead(), ElementsAre("a 1")) << length;
  }
}

TEST_F(ReadingLogTest, ADamagedRecordIsNotCounted) {
  Record("r1", {{"a", now_, 1}});
  const std::size_t first = Bytes().size();
  Record("r2", {{"b", now_, 1}});
  std::string bytes = Bytes();
  bytes[first + 20] ^= 1;
  SetBytes(bytes);
  Open();
  EXPECT_THAT(MostRead(), ElementsAre("a 1"));
}

TEST_F(ReadingLogTest, AForeignFileIsRefusedAndLeftAlone) {
  SetBytes("somebody's diary, not ours at all");
  const absl::StatusOr<std::unique_ptr<ReadingLog>> log = ReadingLog::Open(options_);
  EXPECT_EQ(log.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(Bytes(), "somebody's diary, not ours at all");
}

TEST_F(ReadingLogTest, AFolderHasOneOwner) {
  const absl::StatusOr<std::unique_ptr<ReadingLog>> second = ReadingLog::Open(options_);
  EXPECT_EQ(second.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_TRUE(absl::StrContains(second.status().message(), folder_.path())) << second.status();
}

TEST_F(ReadingLogTest, AFolderThatCannotBeMadeIsSaid) {
  options_.folder = path() + "/below-a-file";
  EXPECT_EQ(ReadingLog::Open(options_).status().code(), absl::StatusCode::kUnavailable);
}

TEST_F(ReadingLogTest, TheFileStaysBoundedAndLosesNothing) {
  options_.max_file_bytes = 20'000;
  Open();
  std::int64_t largest = 0;
  for (int i = 0; i < 4000; ++i) {
    Record("", {{absl::StrCat("s", i % 3), now_, 2}});
    largest = std::max(largest, log_->state().file_bytes);
  }
  EXPECT_GT(log_->state().rewrites, 1);
  EXPECT_LE(largest, 20'000);
  EXPECT_EQ(static_cast<std::int64_t>(Bytes().size()), log_->state().file_bytes);
  const std::vector<std::string> before = MostRead();
  EXPECT_THAT(before, ElementsAre("s0 2668", "s1 2666", "s2 2666"));
  Open();
  EXPECT_EQ(MostRead(), before);
}

TEST_F(ReadingLogTest, RequestsAreRememberedWhenTheFileIsWrittenAnew) {
  options_.max_file_bytes = 5'000;
  Open();
  for (int i = 0; i < 200; ++i) Record(absl::StrCat("r", i), {{"a", now_, 1}});
  ASSERT_GT(log_->state().rewrites, 0);
  Open();
  for (int i = 0; i < 200; ++i) EXPECT_EQ(Record(absl::StrCat("r", i), {{"a", now_, 1}}), 1);
  EXPECT_THAT(MostRead(), ElementsAre("a 200"));
}

TEST_F(ReadingLogTest, AnInterruptedRewriteDoesNoHarm) {
  Record("r1", {{"a", now_, 1}});
  std::ofstream(path() + ".new") << "half of";
  Open();
  EXPECT_THAT(MostRead(), ElementsAre("a 1"));
}

TEST_F(ReadingLogTest, CountsBeyondWhatOneRecordHoldsSurviveARewrite) {
  for (int i = 0; i < 3; ++i) Record("", {{"a", now_, 2'000'000'000}});
  options_.max_file_bytes = 10;
  Open();
  EXPECT_EQ(log_->state().rewrites, 1);
  Open();
  EXPECT_THAT(MostRead(), ElementsAre("a 6000000000"));
}

// Files of this process cannot grow beyond a size while this lives: as on a full disk, part of the bytes fit.
class FullDisk {
 public:
  explicit FullDisk(std::size_t bytes) {
    std::signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit = {bytes, before_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FullDisk() { setrlimit(RLIMIT_FSIZE, &before_); }

 private:
  rlimit before_ = {};
};

TEST_F(ReadingLogTest, WhatCannotBeWrittenDoesNotCount) {
  Record("r1", {{"a", now_, 1}});
  const std::string before = Bytes();
  {
    const FullDisk full(before.size() + 10);
    const absl::StatusOr<int> refused = log_->Record("r2", {{"b", now_, 1}});
    EXPECT_EQ(refused.status().code(), absl::StatusCode::kUnavailable) << refused.status();
    EXPECT_THAT(MostRead(), ElementsAre("a 1"));
    EXPECT_EQ(Bytes(), before);
  }
  EXPECT_EQ(Record("r2", {{"b", now_, 1}}), 1);  // the same request, tried again
  Open();
  EXPECT_THAT(MostRead(), ElementsAre("a 1", "b 1"));
}

// The new file is a pipe, which takes 64 KiB until somebody reads.
TEST_F(ReadingLogTest, OthersReadAndRecordWhileTheFileIsWrittenAnew) {
  options_.max_file_bytes = 150'000;
  Open();
  ASSERT_EQ(mkfifo((path() + ".new").c_str(), 0600), 0);
  const int pipe = open((path() + ".new").c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  ASSERT_GE(pipe, 0);
  const std::string long_name(80, 's');
  auto writing = std::async(std::launch::async, [&] {
    for (int i = 0; i < 1500; ++i) Record("", {{absl::StrCat(long_name, i), now_, 1}});
  });
  int waiting = 0;
  const absl::Time deadline = absl::Now() + absl::Seconds(20);
  while (waiting == 0 && absl::Now() < deadline) ioctl(pipe, FIONREAD, &waiting);
  EXPECT_GT(waiting, 0);
  auto others = std::async(std::launch::async, [&] {
    EXPECT_EQ(Record("other", {{"a", now_, 2}}), 1);
    EXPECT_EQ(MostRead().front(), "a 2");
    EXPECT_EQ(log_->state().rewrites, 0);
  });
  EXPECT_EQ(others.wait_for(std::chrono::seconds(20)), std::future_status::ready);
  std::vector<char> taken(1 << 16);
  while (writing.wait_for(std::chrono::milliseconds(1)) != std::future_status::ready) {
    [[maybe_unused]] const ssize_t got = read(pipe, taken.data(), taken.size());
  }
  close(pipe);
  others.wait();
  Open();
  EXPECT_EQ(MostRead().front(), "a 2");
}

TEST_F(ReadingLogTest, WhatComesWhileTheFileIsWrittenAnewIsNotLost) {
  options_.max_file_bytes = 20'000;
  Open();
  std::vector<std::future<void>> writing;
  for (int thread = 0; thread < 4; ++thread) {
    writing.push_back(std::async(std::launch::async, [&, thread] {
      for (int i = 0; i < 2000; ++i)
        Record(absl::StrCat(thread, "-", i), {{absl::StrCat("s", thread), now_, 1}});
    }));
  }
  for (std::future<void>& one : writing) one.wait();
  EXPECT_GE(log_->state().rewrites, 1);  // as many as the disk is quick enough for
  Open();
  EXPECT_THAT(MostRead(), ElementsAre("s0 2000", "s1 2000", "s2 2000", "s3 2000"));
}

// In memory, so that it can be kept from being made shorter.
TEST(RecordFile, TakesNothingWhileTheRestOfARecordCannotBeTakenBack) {
  const int memory = memfd_create("records", MFD_ALLOW_SEALING | MFD_CLOEXEC);
  ASSERT_GE(memory, 0);
  const auto ignore = [](absl::string_view) {};
  absl::StatusOr<std::unique_ptr<RecordFile>> file =
      RecordFile::Open(absl::StrCat("/proc/self/fd/", memory), ignore);
  ASSERT_TRUE(file.ok()) << file.status();
  ASSERT_TRUE((*file)->Append("first").ok());
  const std::int64_t size = (*file)->size();
  ASSERT_EQ(fcntl(memory, F_ADD_SEALS, F_SEAL_SHRINK), 0);
  {
    const FullDisk full(static_cast<std::size_t>(size) + 10);
    EXPECT_TRUE(absl::IsUnavailable((*file)->Append("does not fit")));
  }
  EXPECT_TRUE(absl::IsUnavailable((*file)->Append("would be hidden")));
  EXPECT_EQ((*file)->size(), size);
  close(memory);
}

TEST_F(ReadingLogTest, ARewriteThatFailsLosesNothing) {
  for (int i = 0; i < 100; ++i) Record("", {{absl::StrCat("s", i), now_, 1}});
  Record("", {{"a", now_, 2}});
  options_.max_file_bytes = 10;
  const std::string before = Bytes();
  {
    const FullDisk full(1000);
    Open();
  }
  EXPECT_EQ(log_->state().rewrites, 0);
  EXPECT_EQ(Bytes(), before);
  EXPECT_FALSE(std::filesystem::exists(path() + ".new"));
  EXPECT_EQ(MostRead()[0], "a 2");
}

}  // namespace
}  // namespace broadsheet::recommendation
