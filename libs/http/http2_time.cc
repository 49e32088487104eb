// What a sweep looks at of an HTTP/2 connection.
#include <nghttp2/nghttp2.h>

#include <algorithm>
#include <utility>

#include "absl/time/time.h"
#include "libs/http/http2_connection.h"
#include "libs/http/pace.h"

namespace broadsheet::http {
namespace {

constexpr int kChatterInSweep = 250;  // what a client may say without asking for anything: 1,000 a second
// For requests on their way when the end is announced.
constexpr absl::Duration kNoticeTime = absl::Seconds(1);

}  // namespace

absl::Duration Http2Connection::lag() const {
  const bool of_client = in_flight_ == 0 && !lingering();
  return of_client && pace_ ? pace_->lag() : absl::ZeroDuration();
}

bool Http2Connection::IsTooSlow(TimePoint now, std::size_t taken) {
  const ServerOptions& options = loop().options();
  if (!pace_) pace_.emplace(now);
  if (in_flight_ > 0) pace_->Skip(now);
  pace_->Update(taken, options.min_bytes_per_second, now);
  if (output_.empty()) {
    output_pace_.reset();
    return false;
  }
  if (!output_pace_) output_pace_.emplace(output_since_);
  output_pace_->Update(taken, options.min_bytes_per_second, now);
  return output_pace_->behind() > options.write_timeout;
}

// Streams that wait for the connection, with others maybe, are as fast as it is; those that have to wait for
// their own client alone, which has all that was sent and grants no more, are asked for their own bytes.
bool Http2Connection::IsTooSlow(std::int32_t id, Stream& stream, TimePoint now, std::size_t taken) {
  const ServerOptions& options = loop().options();
  const std::size_t own = stream.sent - std::exchange(stream.sent_at_sweep, stream.sent);
  if (!stream.pace) stream.pace.emplace(stream.since);
  if (!output_.empty() || stream.waits_for_others) stream.pace->Skip(now);
  const bool waits_alone =
      all_acknowledged() && nghttp2_session_get_stream_remote_window_size(session_, id) <= 0;
  stream.pace->Update(waits_alone ? own : std::max(own, taken), options.min_bytes_per_second, now);
  return stream.pace->behind() > options.write_timeout;
}

void Http2Connection::CheckStreams(TimePoint now, std::size_t taken) {
  const ServerOptions& options = loop().options();
  EventLoop::Counters& counters = loop().counters();
  for (auto& [id, stream] : streams_) {
    if (stream.phase == Phase::kHead && Expired(stream.since, now, options.header_timeout)) {
      EventLoop::Counters::Add(counters.timed_out);
      return Close();
    }
    if (stream.phase == Phase::kBody && Expired(stream.since, now, options.body_timeout)) {
      EventLoop::Counters::Add(counters.timed_out);
      Refuse(id, stream, 408, "The request took too long to arrive.");
      continue;
    }
    if (stream.phase != Phase::kSending) continue;
    const bool waited_in_vain =
        stream.waiting_since && Expired(*stream.waiting_since, now, options.write_timeout);
    if (waited_in_vain || IsTooSlow(id, stream, now, taken)) {
      EventLoop::Counters::Add(counters.timed_out);
      loop().NoteGivenUp(waited_in_vain ? GivenUp::kNoRoom : GivenUp::kSlowReader);
      stream.waiting_since.reset();
      stream.pace.emplace(now);
      Reset(id, NGHTTP2_CANCEL);
    }
  }
}

void Http2Connection::CheckTime(TimePoint now) {
  chatter_ = std::max(0, chatter_ - kChatterInSweep);
  if (lingering()) return CheckLingering(now);
  if (streams_.empty() && output_.empty()) {
    pace_.reset();
    output_pace_.reset();
  } else {
    const std::size_t taken = Acknowledged();
    if (IsTooSlow(now, taken)) return GiveUpSlowReader();
    CheckStreams(now, taken);
    if (closed()) return;
    since_ = now;
  }
  if (notice_given_ && !ending_ && Expired(notice_since_, now, kNoticeTime)) Goaway(NGHTTP2_NO_ERROR);
  if (waiting_for_request() && !ending_ && Expired(since_, now, IdleTimeout())) Goaway(NGHTTP2_NO_ERROR);
  Flush();
}

}  // namespace broadsheet::http
