#include "services/cli/importers/xml_import.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "services/cli/importers/feed.h"
#include "services/cli/importers/newsml.h"
#include "services/cli/importers/wxr.h"
#include "services/cli/importers/xml_reader.h"

namespace broadsheet::cli {

void ReadXmlFile(const std::filesystem::path& file, const std::string& section_id, ImportedEdition& edition,
                 Problems& problems) {
  const std::optional<XmlRoot> root = ReadXmlRoot(file, file.string(), problems);
  if (!root) return;
  if (root->name == "rss" && root->declares_wordpress)
    return ReadWxrFile(file, section_id, edition, problems);
  if (root->name == "rss" || root->name == "feed" || absl::EndsWith(root->name, "RDF")) {
    return ReadFeedFile(file, section_id, edition, problems);
  }
  if (root->name == "newsItem" || root->name == "newsMessage" || root->name == "packageItem") {
    return ReadNewsmlFile(file, section_id, edition, problems);
  }
  problems.Error(
      {file.string()},
      absl::StrCat("is <", root->name, ">: WordPress exports, RSS, Atom and NewsML-G2 can be imported"));
}

}  // namespace broadsheet::cli
