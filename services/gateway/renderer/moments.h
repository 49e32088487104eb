#ifndef BROADSHEET_SERVICES_GATEWAY_RENDERER_MOMENTS_H_
#define BROADSHEET_SERVICES_GATEWAY_RENDERER_MOMENTS_H_

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "absl/strings/string_view.h"

namespace broadsheet::gateway {

// How the element of every moment of a live story begins: its classes, then its id. The moments of a page
// follow each other, the latest first, with nothing in between. No model can forge it: its `<` is escaped.
inline constexpr absl::string_view kMomentStart = "<article class=\"moment";

// What a fragment may hold. Whoever has missed more loads the page, which is compressed once for all.
inline constexpr int kMaxMomentsAbove = 50;
inline constexpr std::size_t kMaxBytesAbove = 256u << 10;
// How far from the top of a page its moments may begin to have fragments; key events are listed before them.
inline constexpr std::size_t kMaxHeadBytes = 512u << 10;

// See Renderer::MomentsSince. Pure; reads no more of the page than these bounds say, whatever is asked for.
std::optional<std::string> CutMoments(std::string_view html, std::string_view moment);

// Whether `text` can be the id of a moment's element, in any page: `b-` and up to 110 of `A-Z a-z 0-9 - .`.
bool IsMomentId(std::string_view text);

}  // namespace broadsheet::gateway

#endif  // BROADSHEET_SERVICES_GATEWAY_RENDERER_MOMENTS_H_
