#include "services/media/image_decoder.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "libs/telemetry/log.h"
#include "libs/telemetry/metrics.h"
#include "services/media/files.h"

namespace broadsheet::media {
namespace {

constexpr std::size_t kMaxAnswerBytes = std::size_t{256} << 20;

// A child process; killed and waited for when it goes out of scope.
class Child {
 public:
  explicit Child(pid_t id) : id_(id) {}
  Child(Child&& other) noexcept : id_(std::exchange(other.id_, -1)) {}
  Child& operator=(Child&&) = delete;
  ~Child() {
    if (id_ <= 0) return;
    kill(id_, SIGKILL);
    Wait();
  }

  // Its wait status.
  int Wait() {
    int status = 0;
    while (waitpid(id_, &status, 0) < 0 && errno == EINTR) {
    }
    id_ = -1;
    return status;
  }

 private:
  pid_t id_;
};

struct SpawnSettings {
  SpawnSettings() {
    posix_spawn_file_actions_init(&files);
    posix_spawnattr_init(&attributes);
  }
  ~SpawnSettings() {
    posix_spawn_file_actions_destroy(&files);
    posix_spawnattr_destroy(&attributes);
  }
  posix_spawn_file_actions_t files;
  posix_spawnattr_t attributes;
};

// Starts the program with `input` as descriptor 0 and `output` as 1, no other descriptors, no blocked
// signals, and an environment that keeps libraries to one memory arena and away from configuration.
absl::StatusOr<Child> Spawn(const std::string& program, const std::string& language, int input, int output) {
  SpawnSettings settings;
  posix_spawn_file_actions_adddup2(&settings.files, input, STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&settings.files, output, STDOUT_FILENO);
  posix_spawn_file_actions_addopen(&settings.files, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_addclosefrom_np(&settings.files, STDERR_FILENO + 1);
  sigset_t none;
  sigemptyset(&none);
  posix_spawnattr_setsigmask(&settings.attributes, &none);
  posix_spawnattr_setflags(&settings.attributes, POSIX_SPAWN_SETSIGMASK);
  std::string name = "media";
  std::string flag = "--decode";
  std::string tag = "--decode_language=" + language;
  char* arguments[] = {name.data(), flag.data(), tag.data(), nullptr};
  std::string arena = "MALLOC_ARENA_MAX=1";
  std::string locale = "LC_ALL=C";
  std::string path = "PATH=/nonexistent";
  char* environment[] = {arena.data(), locale.data(), path.data(), nullptr};
  pid_t id = -1;
  const int error =
      posix_spawn(&id, program.c_str(), &settings.files, &settings.attributes, arguments, environment);
  if (error != 0) return absl::UnavailableError(FileError(error, "start the picture decoder").message());
  return Child(id);
}

// Reads to the end of what the child writes. DEADLINE_EXCEEDED: it was late. OUT_OF_RANGE: it wrote too much.
// CANCELLED: abandoned.
absl::StatusOr<std::string> ReadAnswer(int descriptor, absl::Time deadline,
                                       const std::function<bool()>& abandoned) {
  std::string answer;
  char buffer[64 * 1024];
  while (answer.size() <= kMaxAnswerBytes) {
    if (absl::Now() >= deadline) return absl::DeadlineExceededError("the decoder is late");
    if (abandoned()) return absl::CancelledError("the caller has gone");
    pollfd ready{.fd = descriptor, .events = POLLIN, .revents = 0};
    if (poll(&ready, 1, 200) <= 0) continue;
    const ssize_t got = read(descriptor, buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return answer;
    answer.append(buffer, static_cast<std::size_t>(got));
  }
  return absl::OutOfRangeError("the decoder writes too much");
}

// Told as 0 from the start: increase() does not see the first of a series that was not there.
telemetry::Counter& Failures() {
  static auto& failures =
      *new telemetry::Counter("broadsheet_media_decoder_failures_total",
                              "Pictures whose decoder crashed, exceeded a limit or was ended.");
  return failures;
}

void CountFailure(absl::string_view reason) {
  static telemetry::LimitedLog log;
  Failures().Increment();
  log.Log(std::string(reason), telemetry::Severity::kWarning, "picture decoder failed", {{"reason", reason}});
}

// The picture is to blame: another try would end the same way.
absl::Status Refuse(absl::string_view reason) {
  CountFailure(reason);
  return absl::InvalidArgumentError(absl::StrCat("the picture cannot be decoded: ", reason));
}

// The machine is: its memory ran out, or so many had work for it that nobody got done. Not UNAVAILABLE, which
// clients repeat by themselves: a picture may need more than the machine ever has.
absl::Status GiveUp(absl::string_view reason) {
  CountFailure(reason);
  return absl::ResourceExhaustedError(
      absl::StrCat("the picture was not decoded: ", reason, "; try again later, a few times at most"));
}

// Signals that a codec's mistakes and the decoder's own limits do not raise.
bool IsFromOutside(int signal) {
  return signal == SIGKILL || signal == SIGTERM || signal == SIGINT || signal == SIGHUP || signal == SIGQUIT;
}

}  // namespace

ImageDecoder::ImageDecoder(ImageDecoderOptions options)
    : options_(std::move(options)), slots_("pictures to decode", options_.at_work, options_.waiting) {
  Failures();
}

absl::StatusOr<DecodedImage> ImageDecoder::Decode(int descriptor, const std::string& language,
                                                  absl::Time deadline,
                                                  const std::function<bool()>& abandoned) {
  absl::StatusOr<WorkSlots::Lease> slot = slots_.Acquire(deadline, abandoned);
  if (!slot.ok()) return slot.status();
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return FileError(errno, "start the picture decoder");
  const FileDescriptor from_child(ends[0]);
  FileDescriptor to_parent(ends[1]);
  const FileDescriptor picture(
      open(absl::StrCat("/proc/self/fd/", descriptor).c_str(), O_RDONLY | O_CLOEXEC));
  if (!picture.valid()) return FileError(errno, "start the picture decoder");
  absl::StatusOr<Child> child = Spawn(options_.program, language, picture.get(), to_parent.get());
  if (!child.ok()) return child.status();
  to_parent.Close();
  absl::StatusOr<std::string> answer =
      ReadAnswer(from_child.get(), absl::Now() + options_.time_limit, abandoned);
  // One that computes for so long is ended by its limit of CPU time before.
  if (absl::IsDeadlineExceeded(answer.status())) return GiveUp("it takes too long");
  if (absl::IsOutOfRange(answer.status())) return Refuse("it makes the decoder fail");
  if (!answer.ok()) return answer.status();
  const int status = child->Wait();
  if (WIFSIGNALED(status)) {
    if (IsFromOutside(WTERMSIG(status))) return GiveUp("its decoder was ended, perhaps for want of memory");
    return Refuse(WTERMSIG(status) == SIGXCPU ? "it takes too much time" : "it makes the decoder fail");
  }
  absl::StatusOr<DecodedImage> decoded = ParseAnswer(*answer);
  if (absl::IsInternal(decoded.status())) return Refuse("it makes the decoder fail");
  return decoded;
}

}  // namespace broadsheet::media
