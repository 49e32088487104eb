#ifndef BROADSHEET_SERVICES_CLI_IMPORTERS_BODY_H_
#define BROADSHEET_SERVICES_CLI_IMPORTERS_BODY_H_

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "broadsheet/article/v1/article.pb.h"
#include "services/cli/importers/edition.h"
#include "services/cli/importers/problems.h"

namespace broadsheet::cli {

// A picture as a body names it, found: what the block is to show. Nothing: it cannot be had, and that has
// been reported.
using FindImage = std::function<std::optional<std::string>(absl::string_view path, int line)>;

// What the converters of bodies work with.
struct BodyContext {
  std::string file;
  int first_line = 1;  // line of the file at which the body starts
  Problems& problems;
  FindImage find_image;  // → image id
  // Whether it is an export of ours, whose addresses of the newsroom's things (own_uri.h) are believed.
  bool is_ours = false;
};

// A body as typed blocks, with the line each begins at and what it refers to. If `errors` is not 0, the story
// cannot be imported; what was wrong has been reported.
struct ImportedBody {
  std::vector<article::v1::Block> blocks;
  std::vector<int> lines;
  std::set<Reference> references;
  std::set<std::string> image_ids;
  int errors = 0;

  article::v1::Block& Add(int line) {
    lines.push_back(line);
    return blocks.emplace_back();
  }
};

}  // namespace broadsheet::cli

#endif  // BROADSHEET_SERVICES_CLI_IMPORTERS_BODY_H_
