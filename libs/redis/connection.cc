#include "libs/redis/connection.h"

#include <hiredis/adapters/libevent.h>
#include <hiredis/async.h>
#include <hiredis/hiredis.h>

#include <memory>
#include <string_view>
#include <utility>

namespace broadsheet::redis {
namespace {

std::string_view Text(const redisReply& reply) { return {reply.str, reply.len}; }

// Redis nests replies only as deep as commands ask for; none of ours does.
constexpr int kMaxDepth = 8;

Reply ToReply(const redisReply& from, int depth = 0) {
  Reply reply;
  switch (from.type) {
    case REDIS_REPLY_STRING:
    case REDIS_REPLY_STATUS:
    case REDIS_REPLY_ERROR:
      reply.kind = Reply::Kind::kText;
      reply.text = std::make_shared<const std::string>(Text(from));
      break;
    case REDIS_REPLY_INTEGER:
      reply.kind = Reply::Kind::kInteger;
      reply.integer = from.integer;
      break;
    case REDIS_REPLY_ARRAY:
      reply.kind = Reply::Kind::kList;
      if (depth >= kMaxDepth) break;
      reply.list.reserve(from.elements);
      for (std::size_t i = 0; i < from.elements; ++i)
        reply.list.push_back(ToReply(*from.element[i], depth + 1));
      break;
    default:
      break;
  }
  return reply;
}

// What this thread is just now reading from; null: nothing, or it has gone.
thread_local const void* reading = nullptr;
// Whether this thread is just now writing what commands have left.
thread_local bool writing = false;

// hiredis reads 16 KiB at a time: where an answer has only begun the rest is there, too, as a rule.
void Read(evutil_socket_t, short, void* data) {
  constexpr int kReadsAtOnce = 64;
  const auto* events = static_cast<redisLibeventEvents*>(data);
  reading = data;
  for (int reads = 0; reads < kReadsAtOnce; ++reads) {
    const redisReader& before = *events->context->c.reader;
    const std::size_t unread = before.len - before.pos;
    redisAsyncHandleRead(events->context);
    if (reading != data) return;
    const redisReader& reader = *events->context->c.reader;
    if (reader.pos == reader.len && reader.ridx < 0) break;
    if (reader.len - reader.pos == unread) break;  // there was nothing more: the rest is still on its way
  }
  reading = nullptr;
}

void Write(evutil_socket_t, short, void* data) {
  writing = true;
  redisAsyncHandleWrite(static_cast<redisLibeventEvents*>(data)->context);
  writing = false;
}

// Commands of one turn of the loop are written at once behind it, without asking the kernel whether they may
// be. That is done while it connects, and when it has not taken everything.
void WriteSoon(void* data) {
  auto* events = static_cast<redisLibeventEvents*>(data);
  if (writing || (events->context->c.flags & REDIS_CONNECTED) == 0) return redisLibeventAddWrite(data);
  event_active(events->wev, EV_WRITE, 0);
}

void CleanUp(void* data) {
  if (reading == data) reading = nullptr;
  redisLibeventCleanup(data);
}

// hiredis's adapter registers for reading anew after each read; one that stays registered costs no call.
void Attach(redisAsyncContext* context, event_base* loop) {
  redisLibeventAttach(context, loop);
  auto* events = static_cast<redisLibeventEvents*>(context->ev.data);
  event_del(events->rev);
  event_assign(events->rev, loop, context->c.fd, EV_READ | EV_PERSIST, Read, events);
  event_priority_set(events->rev, 0);
  event_add(events->rev, nullptr);
  event_del(events->wev);
  event_assign(events->wev, loop, context->c.fd, EV_WRITE, Write, events);
  event_priority_set(events->wev, 0);
  event_add(events->wev, nullptr);
  context->ev.addWrite = WriteSoon;
  context->ev.cleanup = CleanUp;
}

}  // namespace

// hiredis's side of the connection. A context may outlive its Connection for the rest of a callback; its
// `data` is then null.
struct Connection::Callbacks {
  static void OnReply(redisAsyncContext* context, void* raw_reply, void* raw_done) {
    const std::unique_ptr<Done> done(static_cast<Done*>(raw_done));
    const auto* reply = static_cast<const redisReply*>(raw_reply);
    if (reply == nullptr) {
      (*done)(absl::UnavailableError(context->err != 0 ? context->errstr : "the connection was closed"));
    } else if (reply->type == REDIS_REPLY_ERROR) {
      (*done)(absl::FailedPreconditionError(std::string(Text(*reply))));
    } else {
      (*done)(ToReply(*reply));
    }
  }

  static void OnConnect(const redisAsyncContext* context, int status) {
    if (status != REDIS_OK) OnDisconnect(context, status);
  }

  // hiredis frees the context after this.
  static void OnDisconnect(const redisAsyncContext* context, int) {
    auto* connection = static_cast<Connection*>(context->data);
    if (connection == nullptr) return;
    connection->context_ = nullptr;
    connection->Lost(context->err != 0 ? context->errstr : "the connection was closed");
  }
};

Connection::Connection(event_base* loop, const Address& address, std::function<void(const std::string&)> lost)
    : lost_(std::move(lost)) {
  context_ = address.socket_path.empty() ? redisAsyncConnect(address.host.c_str(), address.port)
                                         : redisAsyncConnectUnix(address.socket_path.c_str());
  if (context_ == nullptr) return;
  context_->data = this;
  if (context_->err != 0) return;
  Attach(context_, loop);
  redisAsyncSetConnectCallback(context_, Callbacks::OnConnect);
  redisAsyncSetDisconnectCallback(context_, Callbacks::OnDisconnect);
}

Connection::~Connection() {
  if (context_ == nullptr) return;
  redisAsyncContext* context = std::exchange(context_, nullptr);
  context->data = nullptr;
  redisAsyncFree(context);
}

void Connection::Lost(const std::string& reason) {
  const auto lost = std::move(lost_);
  lost_ = nullptr;
  if (lost) lost(reason);
}

void Connection::Send(const std::vector<std::string>& command, Done done) {
  if (context_ == nullptr || context_->err != 0) {
    done(absl::UnavailableError(context_ == nullptr ? "the connection was closed" : context_->errstr));
    return;
  }
  std::vector<const char*> arguments;
  std::vector<std::size_t> lengths;
  for (const std::string& argument : command) {
    arguments.push_back(argument.data());
    lengths.push_back(argument.size());
  }
  auto owned = std::make_unique<Done>(std::move(done));
  const int sent = redisAsyncCommandArgv(context_, Callbacks::OnReply, owned.get(),
                                         static_cast<int>(command.size()), arguments.data(), lengths.data());
  Done* handed_over = owned.release();
  if (sent != REDIS_OK) {
    const std::unique_ptr<Done> back(handed_over);
    (*back)(absl::UnavailableError("the connection is closing"));
  }
}

}  // namespace broadsheet::redis
