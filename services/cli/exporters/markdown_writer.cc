#include "services/cli/exporters/markdown_writer.h"

#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "absl/time/time.h"
#include "services/cli/importers/own_uri.h"
#include "services/cli/importers/times.h"

namespace broadsheet::cli {

namespace v1 = article::v1;

namespace {

// A double-quoted scalar of YAML, on one line.
std::string Quoted(absl::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      quoted += {'\\', c};
    } else if (c == '\n') {
      quoted += "\\n";
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) {
      absl::StrAppendFormat(&quoted, "\\x%02X", static_cast<unsigned char>(c));
    } else {
      quoted += c;
    }
  }
  return quoted + "\"";
}

std::string Time(const google::protobuf::Timestamp& time) {
  return absl::FormatTime(absl::RFC3339_full, ToTime(time), absl::UTCTimeZone());
}

class FrontMatter {
 public:
  void Text(absl::string_view key, absl::string_view value) {
    if (!value.empty()) absl::StrAppend(&yaml_, key, ": ", Quoted(value), "\n");
  }
  void Plain(absl::string_view key, absl::string_view value) {
    absl::StrAppend(&yaml_, key, ": ", value, "\n");
  }
  void When(absl::string_view key, bool present, const google::protobuf::Timestamp& time) {
    if (present) Text(key, Time(time));
  }
  template <class Texts>
  void List(absl::string_view key, const Texts& texts) {
    if (texts.empty()) return;
    std::vector<std::string> quoted;
    for (const std::string& text : texts) quoted.push_back(Quoted(text));
    Plain(key, absl::StrCat("[", absl::StrJoin(quoted, ", "), "]"));
  }
  void Corrections(const google::protobuf::RepeatedPtrField<v1::Correction>& corrections) {
    if (corrections.empty()) return;
    yaml_ += "corrections:\n";
    for (const v1::Correction& correction : corrections) {
      absl::string_view type = v1::CorrectionType_Name(correction.type());
      absl::ConsumePrefix(&type, "CORRECTION_TYPE_");
      absl::StrAppend(&yaml_, "  - type: ", absl::AsciiStrToLower(type), "\n");
      if (correction.has_create_time())
        absl::StrAppend(&yaml_, "    time: ", Quoted(Time(correction.create_time())), "\n");
      absl::StrAppend(&yaml_, "    text: ", Quoted(correction.text().text()), "\n");
    }
  }
  std::string Take() { return std::move(yaml_); }

 private:
  std::string yaml_;
};

void WriteContent(const v1::ArticleContent& content, FrontMatter& front) {
  front.Text("headline", content.headline());
  front.Text("standfirst", content.standfirst());
  front.Text("kicker", content.kicker());
  front.Text("trail_text", content.trail_text());
  front.Text("section", content.section_id());
  front.Text("slugline", content.slugline());
  front.Text("language", content.language());
  front.Text("located", content.located());
  front.List("authors", content.author_ids());
  front.Text("byline", content.byline());
  front.List("subjects", content.subjects());
  front.Text("genre", content.genre());
  if (content.urgency() > 0) front.Plain("urgency", absl::StrCat(content.urgency()));
  if (content.has_lead_image()) {
    const v1::ImageReference& lead = content.lead_image();
    front.Text("image", OwnUri("image", lead.image_id()));
    front.Text("image_alt", lead.alt_text());
    front.Text("image_caption", lead.caption());
    front.Text("image_credit", lead.credit_line());
  }
  front.List("related", content.related_article_ids());
  front.Text("follows", content.follows_article_id());
  front.Text("copyright_notice", content.copyright_notice());
  front.Text("usage_terms", content.usage_terms());
  front.When("coverage_ended", content.has_coverage_ended_at(), content.coverage_ended_at());
}

}  // namespace

std::string WriteMarkdown(const ExportedStory& story) {
  const v1::Draft& draft = story.draft;
  FrontMatter front;
  WriteContent(draft.content(), front);
  if (!story.is_public() && !story.is_scheduled()) front.Plain("status", "draft");
  const bool is_future = story.is_scheduled() && !story.is_public();
  front.When("published", is_future || draft.has_first_published_at(),
             is_future ? draft.scheduled_at() : draft.first_published_at());
  front.When("embargoed_until", draft.has_embargoed_until(), draft.embargoed_until());
  front.When("expires_at", draft.has_expires_at(), draft.expires_at());
  front.Text("path", draft.path());
  front.Text("ed_note", draft.ed_note());
  front.Corrections(draft.corrections());
  return absl::StrCat("---\n", front.Take(), "---\n\n", WriteMarkdownBody(draft.content().body()));
}

}  // namespace broadsheet::cli
