#include "libs/redis/resolver.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"

namespace broadsheet::redis {
namespace {

constexpr std::size_t kMaxQuestions = 256;

absl::StatusOr<std::string> Ask(const std::string& host) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* raw = nullptr;
  const int error = getaddrinfo(host.c_str(), nullptr, &hints, &raw);
  if (error != 0)
    return absl::UnavailableError(absl::StrCat("no address of ", host, ": ", gai_strerror(error)));
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> found(raw, freeaddrinfo);
  const addrinfo* best = found.get();
  for (const addrinfo* each = best; each != nullptr && best->ai_family != AF_INET; each = each->ai_next) {
    if (each->ai_family == AF_INET) best = each;
  }
  std::array<char, NI_MAXHOST> text{};
  if (getnameinfo(best->ai_addr, best->ai_addrlen, text.data(), text.size(), nullptr, 0, NI_NUMERICHOST) != 0)
    return absl::UnavailableError(absl::StrCat("no address of ", host));
  return std::string(text.data());
}

}  // namespace

Resolver::~Resolver() {
  {
    std::lock_guard lock(mutex_);
    stopped_ = true;
  }
  asked_.notify_one();
  if (thread_.joinable()) thread_.join();
}

bool Resolver::IsName(const std::string& host) {
  in6_addr address{};
  return inet_pton(AF_INET, host.c_str(), &address) != 1 && inet_pton(AF_INET6, host.c_str(), &address) != 1;
}

void Resolver::Resolve(std::string host, Done done) {
  {
    std::lock_guard lock(mutex_);
    if (questions_.size() < kMaxQuestions) {
      questions_.push_back({std::move(host), std::move(done)});
      done = nullptr;
    }
  }
  if (done) return done(absl::UnavailableError("too many names are being asked for"));
  if (!thread_.joinable()) thread_ = std::thread([this] { Run(); });
  asked_.notify_one();
}

void Resolver::Run() {
  std::unique_lock lock(mutex_);
  while (true) {
    asked_.wait(lock, [this] { return stopped_ || !questions_.empty(); });
    if (stopped_) return;
    Question question = std::move(questions_.front());
    questions_.pop_front();
    lock.unlock();
    loop_.Post([answer = Ask(question.host), done = std::move(question.done)] { done(answer); });
    lock.lock();
  }
}

}  // namespace broadsheet::redis
