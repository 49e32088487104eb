#include "libs/http/cache_status.h"

namespace broadsheet::http {
namespace {

// A parameter value: a token where it can be one, otherwise a quoted string (RFC 8941).
void AppendParameter(std::string& text, std::string_view name, std::string_view value) {
  if (value.empty()) return;
  text += "; ";
  text += name;
  text += '=';
  bool token = (value[0] >= 'a' && value[0] <= 'z') || (value[0] >= 'A' && value[0] <= 'Z');
  for (const char c : value) {
    token = token && ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      c == '-' || c == '_' || c == '.');
  }
  if (token) {
    text += value;
    return;
  }
  text += '"';
  for (const char c : value) {
    if (c < 0x20 || c > 0x7e) continue;  // signed char: also bytes from 0x80 on
    if (c == '"' || c == '\\') text += '\\';
    text += c;
  }
  text += '"';
}

}  // namespace

std::string FormatCacheStatus(const CacheStatus& status) {
  std::string text(status.cache);
  if (status.hit) text += "; hit";
  AppendParameter(text, "fwd", status.forward);
  if (status.forward_status) text += "; fwd-status=" + std::to_string(*status.forward_status);
  if (status.ttl) text += "; ttl=" + std::to_string(absl::ToInt64Seconds(*status.ttl));
  if (status.stored) text += "; stored";
  if (status.collapsed) text += "; collapsed";
  AppendParameter(text, "key", status.key);
  AppendParameter(text, "detail", status.detail);
  return text;
}

}  // namespace broadsheet::http
