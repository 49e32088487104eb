#include "services/cli/draft_text.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "google/protobuf/util/json_util.h"
#include "services/cli/importers/times.h"

namespace broadsheet::cli {

namespace v1 = article::v1;

namespace {

std::string Time(const google::protobuf::Timestamp& time) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", ToTime(time), absl::UTCTimeZone());
}

void AddRow(std::string& text, absl::string_view name, absl::string_view value) {
  if (!value.empty()) absl::StrAppendFormat(&text, "%-14s %s\n", name, value);
}

void AddTime(std::string& text, absl::string_view name, bool present,
             const google::protobuf::Timestamp& time) {
  if (present) AddRow(text, name, Time(time));
}

std::string DescribeList(const v1::List& list, int depth) {
  std::string text;
  int number = 0;
  for (const v1::ListItem& item : list.items()) {
    const std::string bullet = list.ordered() ? absl::StrCat(++number, ". ") : "- ";
    absl::StrAppend(&text, std::string(2 * depth, ' '), bullet, item.text().text(), "\n");
    if (item.has_nested()) text += DescribeList(item.nested(), depth + 1);
  }
  return text;
}

std::string DescribeRow(const v1::TableRow& row) {
  return absl::StrCat(
      "| ",
      absl::StrJoin(row.cells(), " | ",
                    [](std::string* out, const v1::RichText& cell) { out->append(cell.text()); }),
      " |\n");
}

std::string DescribeTable(const v1::Table& table) {
  std::string text = table.caption().empty() ? "" : absl::StrCat(table.caption(), "\n");
  if (table.has_header()) text += DescribeRow(table.header());
  for (const v1::TableRow& row : table.rows()) text += DescribeRow(row);
  return text;
}

std::string TypeName(v1::CorrectionType type) {
  absl::string_view name = v1::CorrectionType_Name(type);
  absl::ConsumePrefix(&name, "CORRECTION_TYPE_");
  return absl::AsciiStrToLower(name);
}

}  // namespace

std::string DescribeState(const v1::Draft& draft) {
  if (draft.pub_status() == v1::PUB_STATUS_CANCELED) return "canceled";
  if (draft.pub_status() == v1::PUB_STATUS_WITHHELD) return "withheld";
  const bool is_public = draft.pub_status() == v1::PUB_STATUS_USABLE;
  if (draft.edit_state() == v1::EDIT_STATE_SCHEDULED) {
    return absl::StrCat(is_public ? "published, newer draft scheduled for " : "scheduled for ",
                        Time(draft.scheduled_at()));
  }
  if (!is_public) return "draft";
  return draft.edit_state() == v1::EDIT_STATE_DONE ? "published" : "published, newer draft";
}

std::string DescribeDraft(const v1::Draft& draft) {
  const v1::ArticleContent& content = draft.content();
  std::string text;
  AddRow(text, "id", draft.article_id());
  AddRow(text, "state", DescribeState(draft));
  AddRow(text, "path", draft.path());
  AddRow(
      text, "revision",
      absl::StrCat(draft.revision(), draft.published_revision() == 0
                                         ? ""
                                         : absl::StrCat(" (published: ", draft.published_revision(), ")")));
  AddRow(text, "section", content.section_id());
  AddRow(text, "authors", absl::StrJoin(content.author_ids(), ", "));
  AddRow(text, "byline", content.byline());
  AddRow(text, "slugline", content.slugline());
  AddRow(text, "language", content.language());
  AddRow(text, "located", content.located());
  AddRow(text, "genre", content.genre());
  AddRow(text, "urgency", content.urgency() == 0 ? "" : absl::StrCat(content.urgency()));
  AddRow(text, "subjects", absl::StrJoin(content.subjects(), ", "));
  AddRow(text, "image", content.lead_image().image_id());
  AddRow(text, "related", absl::StrJoin(content.related_article_ids(), ", "));
  AddRow(text, "follows", content.follows_article_id());
  AddTime(text, "published", draft.has_first_published_at(), draft.first_published_at());
  AddTime(text, "version of", draft.has_version_created_at(), draft.version_created_at());
  AddTime(text, "embargo", draft.has_embargoed_until(), draft.embargoed_until());
  AddTime(text, "expires", draft.has_expires_at(), draft.expires_at());
  AddRow(text, "note", draft.ed_note());
  AddRow(text, "notice", draft.withdrawal().notice());
  AddRow(text, "redirect", draft.withdrawal().redirect_path());
  absl::StrAppend(&text, "\n", content.kicker().empty() ? "" : absl::StrCat(content.kicker(), "\n"),
                  content.headline(), "\n");
  if (!content.standfirst().empty()) absl::StrAppend(&text, "\n", content.standfirst(), "\n");
  for (const v1::Correction& correction : draft.corrections()) {
    absl::StrAppend(&text, "\n[", TypeName(correction.type()), ", ", Time(correction.create_time()), "] ",
                    correction.text().text(), "\n");
  }
  for (const v1::Block& block : content.body()) absl::StrAppend(&text, "\n", DescribeBlock(block));
  return text;
}

std::string DescribeBlock(const v1::Block& block) {
  switch (block.kind_case()) {
    case v1::Block::kParagraph:
      return absl::StrCat(block.paragraph().text().text(), "\n");
    case v1::Block::kHeading:
      return absl::StrCat(std::string(std::clamp(block.heading().level(), 1, 6), '#'), " ",
                          block.heading().text().text(), "\n");
    case v1::Block::kImage:
      return absl::StrCat("[image ", block.image().image_id(), "] ", block.image().caption(), "\n");
    case v1::Block::kQuote:
      return absl::StrCat(
          "> ", block.quote().text().text(), "\n",
          block.quote().attribution().empty() ? "" : absl::StrCat("> — ", block.quote().attribution(), "\n"));
    case v1::Block::kList:
      return DescribeList(block.list(), 0);
    case v1::Block::kTable:
      return DescribeTable(block.table());
    case v1::Block::kEmbed:
      return absl::StrCat("[embed ", block.embed().url(), "] ", block.embed().title(), "\n");
    case v1::Block::kDivider:
      return "---\n";
    case v1::Block::kKeyEvent:
      return absl::StrCat("[", Time(block.key_event().event_time()), "] ", block.key_event().headline(),
                          "\n");
    case v1::Block::KIND_NOT_SET:
      break;
  }
  return "[a block of a kind this version does not know]\n";
}

std::string ToJson(const google::protobuf::Message& message, bool one_line) {
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  options.add_whitespace = !one_line;
  std::string json;
  if (!google::protobuf::util::MessageToJsonString(message, &json, options).ok()) return "{}";
  return std::string(absl::StripTrailingAsciiWhitespace(json));
}

}  // namespace broadsheet::cli
