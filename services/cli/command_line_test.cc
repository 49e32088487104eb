#include "services/cli/command_line.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "absl/flags/flag.h"
#include "services/cli/draft_text.h"
#include "services/cli/importers/text.h"
#include "services/cli/printed_testing.h"
#include "services/cli/progress.h"

// The flags the tests name, as main.cc declares them.
ABSL_FLAG(std::string, article_address, "", "");
ABSL_FLAG(bool, json, false, "");
ABSL_FLAG(bool, dry_run, false, "");
ABSL_FLAG(int, concurrency, 4, "");
ABSL_FLAG(std::string, notice, "", "");

namespace broadsheet::cli {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

struct Found {
  std::string command;  // empty: none
  int exit_status = -1;
  std::string out;
  std::string err;
};

Found Parse(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "broadsheet");
  std::vector<char*> argv;
  for (std::string& argument : arguments) argv.push_back(argument.data());
  Printed out;
  Printed err;
  const auto result = FindCommand(static_cast<int>(argv.size()), argv.data(), out.file(), err.file());
  Found found{.command = "", .exit_status = -1, .out = out.text(), .err = err.text()};
  if (const int* status = std::get_if<int>(&result)) {
    found.exit_status = *status;
  } else {
    found.command = std::string(std::get<const Command*>(result)->name);
  }
  return found;
}

TEST(CommandLine, FindsTheCommandAndItsFlags) {
  EXPECT_EQ(Parse({"import", "--dry_run", "--concurrency=3", "dir"}).command, "import");
  EXPECT_EQ(Parse({"import", "--nodry_run", "dir"}).command, "import");
  EXPECT_EQ(Parse({"withhold", "--notice", "--text", "id"}).command, "withhold")
      << "a value may look like a flag";
  EXPECT_EQ(Parse({"show", "--", "--odd"}).command, "show");
  EXPECT_EQ(Parse({"list", "--article_address=a:1", "-json"}).command, "list");
}

TEST(CommandLine, HelpExplainsEachCommandWithExamplesAndEndsWell) {
  const Found overview = Parse({"--help"});
  EXPECT_EQ(overview.exit_status, kDone);
  for (const Command& command : Commands()) {
    EXPECT_THAT(overview.out, HasSubstr(std::string(command.summary)));
    const Found help = Parse({std::string(command.name), "--help"});
    EXPECT_EQ(help.exit_status, kDone);
    EXPECT_THAT(help.out, AllOf(HasSubstr("usage: broadsheet " + std::string(command.name)),
                                HasSubstr("examples:"), HasSubstr("exit status: 0")));
    for (absl::string_view flag : command.flags) EXPECT_THAT(help.out, HasSubstr("--" + std::string(flag)));
  }
}

TEST(CommandLine, WrongUsageIsOneLineAndStatusTwo) {
  for (const auto& [arguments, words] : std::vector<std::pair<std::vector<std::string>, std::string>>{
           {{"imprt"}, "there is no command \"imprt\" (did you mean \"import\"?)"},
           {{"import", "--dryrun"}, "unknown flag --dryrun (did you mean \"dry_run\"?)"},
           {{"import", "--notice=x"}, "unknown flag --notice"},
           {{"import", "--concurrency=many"}, "\"many\" is no value for --concurrency"},
           {{"import", "--concurrency"}, "the flag --concurrency needs a value"},
           {{"import", "--noconcurrency"}, "unknown flag --noconcurrency"}}) {
    const Found found = Parse(arguments);
    EXPECT_EQ(found.exit_status, kWrongUsage) << words;
    EXPECT_THAT(found.err, AllOf(StartsWith("broadsheet"), HasSubstr(words)));
    EXPECT_EQ(std::count(found.err.begin(), found.err.end(), '\n'), 1);
  }
  EXPECT_EQ(Parse({}).exit_status, kWrongUsage);
}

TEST(Progress, IsABarOnATerminalAndLinesElsewhere) {
  Printed terminal;
  Printed file;
  for (Printed* to : {&terminal, &file}) {
    Progress progress(to->file(), to == &terminal);
    progress.Begin("stories", 2);
    progress.Advance();
    progress.Line("story x: created");
    progress.Advance();
  }
  EXPECT_EQ(file.text(), "story x: created\n");
  EXPECT_THAT(terminal.text(),
              AllOf(HasSubstr("] 1 of 2"), HasSubstr("\r\033[Kstory x: created\n"), HasSubstr("] 2 of 2")));
}

TEST(DraftText, ShowsEveryKindOfBlock) {
  namespace v1 = article::v1;
  v1::Draft draft;
  draft.set_article_id("wall");
  draft.set_revision(3);
  draft.set_pub_status(v1::PUB_STATUS_USABLE);
  draft.set_edit_state(v1::EDIT_STATE_DRAFT);
  v1::ArticleContent& content = *draft.mutable_content();
  content.set_headline("Wall opens");
  *content.add_body()->mutable_paragraph()->mutable_text() = PlainText("One.");
  v1::Heading& heading = *content.add_body()->mutable_heading();
  heading.set_level(3);
  *heading.mutable_text() = PlainText("Two");
  v1::Quote& quote = *content.add_body()->mutable_quote();
  *quote.mutable_text() = PlainText("Said.");
  quote.set_attribution("Ann");
  v1::List& list = *content.add_body()->mutable_list();
  list.set_ordered(true);
  *list.add_items()->mutable_text() = PlainText("first");
  *list.mutable_items(0)->mutable_nested()->add_items()->mutable_text() = PlainText("inner");
  *content.add_body()->mutable_table()->mutable_header()->add_cells() = PlainText("Boat");
  content.add_body()->mutable_image()->set_image_id("wall-1");
  content.add_body()->mutable_embed()->set_url("https://video.example/1");
  content.add_body()->mutable_divider();
  content.add_body()->mutable_key_event()->set_headline("Goal");
  const std::string text = DescribeDraft(draft);
  for (const char* words :
       {"published, newer draft", "Wall opens", "One.", "### Two", "> Said.\n> — Ann", "1. first\n  - inner",
        "| Boat |", "[image wall-1]", "[embed https://video.example/1]", "---", "Goal"}) {
    EXPECT_THAT(text, HasSubstr(words));
  }
  EXPECT_THAT(ToJson(draft, true), HasSubstr("\"article_id\":\"wall\""));
}

}  // namespace
}  // namespace broadsheet::cli
