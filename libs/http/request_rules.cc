#include "libs/http/request_rules.h"

#include <algorithm>
#include <array>

namespace broadsheet::http {

namespace {

constexpr auto kOfAuthority = [] {
  std::array<bool, 256> allowed{};
  for (const char c :
       std::string_view("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-._:[]"))
    allowed[static_cast<unsigned char>(c)] = true;
  return allowed;
}();

}  // namespace

bool IsAuthority(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(),
                                      [](char c) { return kOfAuthority[static_cast<unsigned char>(c)]; });
}

std::optional<Method> ParseMethod(std::string_view text) {
  for (const Method method : {Method::kGet, Method::kHead, Method::kPost, Method::kPut, Method::kPatch,
                              Method::kDelete, Method::kOptions}) {
    if (MethodName(method) == text) return method;
  }
  return std::nullopt;
}

}  // namespace broadsheet::http
