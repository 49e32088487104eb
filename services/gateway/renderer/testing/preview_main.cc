// Writes the sample pages into a folder, for a look at them in a browser behind any file server:
// preview TEMPLATES FOLDER [SITE_URL].

#include <iostream>

#include "services/gateway/renderer/renderer.h"
#include "services/gateway/renderer/testing/preview.h"
#include "services/gateway/renderer/testing/sample_pages.h"

int main(int argc, char** argv) {
  namespace gateway = broadsheet::gateway;
  if (argc != 3 && argc != 4) {
    std::cerr << "usage: preview TEMPLATES FOLDER [SITE_URL]\n";
    return 2;
  }
  gateway::Site site = gateway::testing::SampleSite();
  if (argc == 4) site.url = argv[3];
  const auto renderer = gateway::Renderer::Load(argv[1], site);
  const absl::Status written =
      renderer.ok() ? gateway::testing::WritePreview(**renderer, argv[2]) : renderer.status();
  if (!written.ok()) std::cerr << "preview: " << written.message() << "\n";
  return written.ok() ? 0 : 1;
}
