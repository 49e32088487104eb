#include "services/cli/exporters/losses.h"

#include <algorithm>
#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "google/protobuf/util/message_differencer.h"
#include "services/cli/importers/markdown.h"
#include "services/cli/importers/ninjs.h"
#include "services/cli/importers/times.h"

namespace broadsheet::cli {

namespace v1 = article::v1;
using google::protobuf::util::MessageDifferencer;

namespace {

// The content in one of its equivalent forms: block ids are the service's affair, an unset language is
// English, an unset alignment is START.
v1::ArticleContent Normal(v1::ArticleContent content) {
  if (content.language().empty()) content.set_language("en");
  for (v1::Block& block : *content.mutable_body()) {
    block.clear_block_id();
    if (!block.has_table()) continue;
    v1::Table& table = *block.mutable_table();
    int columns = table.header().cells_size();
    for (const v1::TableRow& row : table.rows()) columns = std::max(columns, row.cells_size());
    while (table.alignments_size() < columns) table.add_alignments(v1::COLUMN_ALIGNMENT_START);
    for (int i = 0; i < table.alignments_size(); ++i) {
      if (table.alignments(i) == v1::COLUMN_ALIGNMENT_UNSPECIFIED)
        table.set_alignments(i, v1::COLUMN_ALIGNMENT_START);
    }
  }
  return content;
}

std::string NameOf(const v1::Block& block) {
  const google::protobuf::OneofDescriptor* kinds = v1::Block::descriptor()->FindOneofByName("kind");
  const google::protobuf::FieldDescriptor* kind =
      block.GetReflection()->GetOneofFieldDescriptor(block, kinds);
  return kind == nullptr ? "unknown" : kind->name();
}

class Comparison {
 public:
  explicit Comparison(const ExportedStory& story) : draft_(story.draft), story_(story) {}

  std::vector<std::string> With(const ImportedArticle& read) {
    CompareFields(Normal(draft_.content()), Normal(read.content));
    if (draft_.ed_note() != read.ed_note) Lose("the note to the desk");
    if (draft_.path() != read.path) Lose("the path");
    CompareTime("the embargo", draft_.has_embargoed_until(), draft_.embargoed_until(), read.embargoed_until);
    CompareTime("the end of publication", draft_.has_expires_at(), draft_.expires_at(), read.expires_at);
    CompareState(read);
    CompareCorrections(read.corrections);
    return std::move(losses_);
  }

 private:
  void CompareFields(const v1::ArticleContent& wanted, const v1::ArticleContent& read) {
    const google::protobuf::Descriptor* descriptor = v1::ArticleContent::descriptor();
    for (int i = 0; i < descriptor->field_count(); ++i) {
      const google::protobuf::FieldDescriptor* field = descriptor->field(i);
      if (field->name() == "body") continue;
      MessageDifferencer differencer;
      if (!differencer.CompareWithFields(wanted, read, {field}, {field})) Lose(field->name());
    }
    if (wanted.body_size() != read.body_size()) {
      return Lose(absl::StrCat("the body: ", wanted.body_size(), " blocks come back as ", read.body_size()));
    }
    for (int i = 0; i < wanted.body_size(); ++i) {
      if (MessageDifferencer::Equals(wanted.body(i), read.body(i))) continue;
      Lose(absl::StrCat("all of block ", i + 1, ", ", NameOf(wanted.body(i))));
    }
  }

  void CompareTime(absl::string_view what, bool present, const google::protobuf::Timestamp& time,
                   const std::optional<absl::Time>& read) {
    if (present != read.has_value() || (present && ToTime(time) != *read)) Lose(what);
  }

  void CompareState(const ImportedArticle& read) {
    const bool is_future = story_.is_scheduled() && !story_.is_public();
    if (is_future && (read.intent != Intent::kPublish || read.published != ToTime(draft_.scheduled_at()))) {
      Lose("its scheduled publication");
    }
    if (story_.is_public() && read.intent != Intent::kPublish) Lose("its publication");
    if (draft_.has_first_published_at()) {
      CompareTime("the time of its first publication", true, draft_.first_published_at(), read.published);
    }
    const bool is_withdrawn =
        draft_.pub_status() == v1::PUB_STATUS_WITHHELD || draft_.pub_status() == v1::PUB_STATUS_CANCELED;
    if (draft_.pub_status() == v1::PUB_STATUS_UNSPECIFIED && !is_future && read.intent != Intent::kDraft) {
      Lose("that it is a draft");
    }
    if (is_withdrawn && read.intent == Intent::kDraft) Lose("that it is withdrawn: it is written as a draft");
    if (draft_.has_withdrawal()) Lose("what readers see instead of it");
  }

  void CompareCorrections(const std::vector<v1::Correction>& read) {
    for (int i = 0; i < draft_.corrections_size(); ++i) {
      v1::Correction wanted = draft_.corrections(i);
      wanted.clear_correction_id();
      const bool is_same =
          static_cast<std::size_t>(i) < read.size() && MessageDifferencer::Equals(wanted, read[i]);
      if (!is_same) Lose(absl::StrCat("all of correction ", i + 1));
    }
  }

  void Lose(absl::string_view what) { losses_.push_back(absl::StrCat("does not carry ", what)); }

  const v1::Draft& draft_;
  const ExportedStory& story_;
  std::vector<std::string> losses_;
};

std::vector<std::string> Compare(const ExportedStory& story, const ImportedArticle* read,
                                 const std::vector<std::string>& lines) {
  if (read != nullptr) return Comparison(story).With(*read);
  std::vector<std::string> losses = {"cannot be imported as it is written"};
  losses.insert(losses.end(), lines.begin(), lines.end());
  return losses;
}

}  // namespace

std::vector<std::string> LossesOfNinjs(const ExportedStory& story, const std::string& text) {
  std::vector<std::string> lines;
  Problems problems([&](const std::string& line) { lines.push_back(line); });
  ImportedEdition edition;
  ReadNinjs(text, story.draft.article_id() + ".json", story.draft.content().section_id(), edition, problems);
  return Compare(story, edition.articles.empty() ? nullptr : &edition.articles.front(), lines);
}

std::vector<std::string> LossesOfMarkdown(const ExportedStory& story, const std::string& text) {
  std::vector<std::string> lines;
  Problems problems([&](const std::string& line) { lines.push_back(line); });
  ImportedEdition edition;
  ImageFiles images(".", edition.images, problems);
  const std::string& id = story.draft.article_id();
  const std::optional<ImportedArticle> read = ParseMarkdownStory(text, id, id + ".md", images, problems);
  return Compare(story, read ? &*read : nullptr, lines);
}

}  // namespace broadsheet::cli
