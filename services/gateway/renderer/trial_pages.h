#ifndef BROADSHEET_SERVICES_GATEWAY_RENDERER_TRIAL_PAGES_H_
#define BROADSHEET_SERVICES_GATEWAY_RENDERER_TRIAL_PAGES_H_

#include <string>
#include <vector>

#include "services/gateway/renderer/renderer.h"

namespace broadsheet::gateway {

// A page made of a trial model.
struct TrialPage {
  std::string what = {};  // "the page of a story"
  std::string file = {};  // the template of its main part
  std::string text = {};
  std::vector<std::string> shown = {};  // words that it cannot be without, in its <body> if it is HTML

  // Of HTML pages alone:
  std::string heading = {};   // words of its title and h1; empty: whatever they are
  std::string degraded = {};  // the same page, one of its parts degraded: kTrialPart
  std::string young = {};     // that page, labelled as last known, without and with the notice
  std::string old = {};
};
inline constexpr char kTrialPart[] = "trial";

// A page of every kind, with every part and with none.
std::vector<TrialPage> RenderTrialPages(const Renderer& renderer);

}  // namespace broadsheet::gateway

#endif  // BROADSHEET_SERVICES_GATEWAY_RENDERER_TRIAL_PAGES_H_
