#include "services/cli/upload/failure.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/rpc/status.h"

namespace broadsheet::cli {
namespace {

using testing::SizeIs;

std::vector<std::string> Lines(const Complaints& complaints) {
  std::vector<std::string> lines;
  for (const auto& [where, message] : complaints) lines.push_back(Describe(where, Severity::kError, message));
  return lines;
}

TEST(Failure, AFieldOfAStoryBecomesItsLine) {
  ImportedArticle article;
  article.where = {"x.md"};
  article.field_lines = {{"headline", 2}, {"lead_image", 9}, {"corrections", 12}, {"embargoed_until", 15}};
  article.block_lines = {20, 22, 30};
  const absl::Status status = rpc::InvalidArgument({{"content.headline", "is too long"},
                                                    {"content.body[2].heading.level", "must be 2 to 4"},
                                                    {"content.body[7].quote", "is odd"},
                                                    {"content.lead_image.alt_text", "is too long"},
                                                    {"correction.text", "is too long"},
                                                    {"embargoed_until", "is out of range"},
                                                    {"content.new_field", "is odd"}});
  EXPECT_THAT(
      Lines(Explain(status, article)),
      testing::ElementsAre("x.md:2: headline: is too long", "x.md:30: body[2].heading.level: must be 2 to 4",
                           "x.md: body[7].quote: is odd", "x.md:9: lead_image.alt_text: is too long",
                           "x.md:12: correction.text: is too long",
                           "x.md:15: embargoed_until: is out of range", "x.md: new_field: is odd"));
}

TEST(Failure, OtherErrorsAreSentences) {
  EXPECT_THAT(Lines(Explain(absl::InternalError("disk is full"), Location{"authors.yaml", 3})),
              testing::ElementsAre("authors.yaml:3: disk is full"));
  EXPECT_THAT(Lines(Explain(rpc::Aborted("REVISION_MISMATCH", "revision is 7"), Location{"x.md"})),
              testing::ElementsAre(testing::HasSubstr("somebody else has just changed it")));
  EXPECT_THAT(Explain(absl::DeadlineExceededError(""), Location{"x.md"}), SizeIs(1));
}

}  // namespace
}  // namespace broadsheet::cli
