#ifndef BROADSHEET_LIBS_TELEMETRY_TRACE_CONTEXT_H_
#define BROADSHEET_LIBS_TELEMETRY_TRACE_CONTEXT_H_

#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace broadsheet::telemetry {

// The position of one request in a trace: W3C Trace Context, the `traceparent` field. A value; always valid.
class TraceContext {
 public:
  // A new trace with random ids, not sampled unless asked for.
  static TraceContext New(bool sampled = false);
  // Reads a `traceparent` value of version 00, or the part of a later version that 00 defines. Nothing when
  // it is malformed or an id is all zeros: then start a new trace.
  static std::optional<TraceContext> Parse(std::string_view traceparent);
  // Parse, or New when that gives nothing.
  static TraceContext FromHeader(std::string_view traceparent);

  // The same trace with a new span id: what goes out with a call to another service.
  TraceContext Child() const;
  // "00-<trace id>-<span id>-<flags>"
  std::string ToHeader() const;

  const std::string& trace_id() const { return trace_id_; }  // 32 lowercase hexadecimal digits
  const std::string& span_id() const { return span_id_; }    // 16 of them
  bool sampled() const { return sampled_; }

 private:
  TraceContext(std::string trace_id, std::string span_id, bool sampled)
      : trace_id_(std::move(trace_id)), span_id_(std::move(span_id)), sampled_(sampled) {}

  std::string trace_id_;
  std::string span_id_;
  bool sampled_;
};

}  // namespace broadsheet::telemetry

#endif  // BROADSHEET_LIBS_TELEMETRY_TRACE_CONTEXT_H_
