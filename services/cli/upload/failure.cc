#include "services/cli/upload/failure.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "libs/rpc/status.h"

namespace broadsheet::cli {

namespace {

// `body[3].heading` → 3.
bool BlockIndex(absl::string_view field, std::size_t& index) {
  if (!absl::ConsumePrefix(&field, "body[")) return false;
  return absl::SimpleAtoi(field.substr(0, field.find(']')), &index);
}

int LineOf(absl::string_view field, const ImportedArticle& article) {
  std::size_t block = 0;
  if (BlockIndex(field, block)) return block < article.block_lines.size() ? article.block_lines[block] : 0;
  if (absl::ConsumePrefix(&field, "correction")) field = "corrections";
  // The most precise name that is known: `lead_image.alt_text`, then `lead_image`.
  for (std::string name(field); !name.empty();) {
    if (auto known = article.field_lines.find(name); known != article.field_lines.end()) return known->second;
    const std::size_t cut = name.find_last_of(".[");
    name.resize(cut == std::string::npos ? 0 : cut);
  }
  return 0;
}

std::string Sentence(const absl::Status& status) {
  if (rpc::Reason(status) == "REVISION_MISMATCH") {
    return "somebody else has just changed it in the newsroom; import again";
  }
  if (absl::IsDeadlineExceeded(status)) return "the service did not answer in time";
  return std::string(status.message());
}

}  // namespace

Complaints Explain(const absl::Status& status, const Location& where) {
  Complaints complaints;
  for (const rpc::Violation& violation : rpc::Violations(status)) {
    complaints.emplace_back(where, absl::StrCat(violation.field, ": ", violation.description));
  }
  if (complaints.empty()) complaints.emplace_back(where, Sentence(status));
  return complaints;
}

Complaints Explain(const absl::Status& status, const ImportedArticle& article) {
  Complaints complaints;
  for (const rpc::Violation& violation : rpc::Violations(status)) {
    const absl::string_view field = absl::StripPrefix(violation.field, "content.");
    complaints.emplace_back(Location{article.where.file, LineOf(field, article)},
                            absl::StrCat(field, ": ", violation.description));
  }
  if (complaints.empty()) complaints.emplace_back(article.where, Sentence(status));
  return complaints;
}

}  // namespace broadsheet::cli
