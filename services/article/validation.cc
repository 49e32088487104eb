#include "services/article/validation.h"

#include <set>
#include <string>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "services/article/block_validation.h"
#include "services/article/paths.h"
#include "services/article/sha256.h"

namespace broadsheet::article {
namespace {

constexpr int kMaxAuthors = 20;
constexpr int kMaxSubjects = 50;
constexpr int kMaxRelated = 20;
constexpr int kMaxBlocks = 2000;
constexpr std::size_t kMaxBodyBytes = 4 << 20;
constexpr std::size_t kMaxCorrectionBytes = 64 << 10;  // most of it marks: the text has 2,000
constexpr int kMaxProfileUrls = 10;
constexpr int kMaxCurated = 20;

void CheckLines(absl::string_view field, v1::ArticleContent& content, FieldCheck& check) {
  check.Line(Child(field, "headline"), 500, *content.mutable_headline());
  check.Lines(Child(field, "standfirst"), 2000, *content.mutable_standfirst());
  check.Line(Child(field, "kicker"), 100, *content.mutable_kicker());
  check.Lines(Child(field, "trail_text"), 2000, *content.mutable_trail_text());
  check.Line(Child(field, "byline"), 300, *content.mutable_byline());
  check.Line(Child(field, "slugline"), 200, *content.mutable_slugline());
  check.Line(Child(field, "located"), 200, *content.mutable_located());
  check.Language(Child(field, "language"), content.language());
  check.Line(Child(field, "genre"), 100, *content.mutable_genre());
  check.Line(Child(field, "copyright_notice"), 300, *content.mutable_copyright_notice());
  check.Lines(Child(field, "usage_terms"), 2000, *content.mutable_usage_terms());
}

void CheckSubjects(absl::string_view field, v1::ArticleContent& content, FieldCheck& check) {
  if (content.subjects_size() > kMaxSubjects) {
    return check.Add(std::string(field), absl::StrCat("has more than ", kMaxSubjects, " entries"));
  }
  std::set<std::string> seen;
  for (int i = 0; i < content.subjects_size(); ++i) {
    const std::string name = absl::StrCat(field, "[", i, "]");
    check.Line(name, 100, *content.mutable_subjects(i));
    check.Required(name, content.subjects(i));
    if (!seen.insert(content.subjects(i)).second) check.Add(name, "is repeated");
  }
}

void CheckBody(absl::string_view field, v1::ArticleContent& content, FieldCheck& check) {
  if (content.body_size() > kMaxBlocks) {
    return check.Add(std::string(field), absl::StrCat("has more than ", kMaxBlocks, " blocks"));
  }
  std::size_t bytes = 0;
  std::set<absl::string_view> ids;
  for (int i = 0; i < content.body_size(); ++i) {
    v1::Block& block = *content.mutable_body(i);
    const std::string name = absl::StrCat(field, "[", i, "]");
    CheckBlock(name, block, check);
    if (!block.block_id().empty() && !ids.insert(block.block_id()).second) {
      check.Add(Child(name, "block_id"), "is repeated");
    }
    bytes += block.ByteSizeLong();
    if (bytes > kMaxBodyBytes) {
      return check.Add(std::string(field), absl::StrCat("is longer than ", kMaxBodyBytes, " bytes"));
    }
  }
}

}  // namespace

void CheckContent(absl::string_view field, v1::ArticleContent& content, FieldCheck& check) {
  CheckLines(field, content, check);
  if (content.urgency() < 0 || content.urgency() > 9) check.Add(Child(field, "urgency"), "must be 0 to 9");
  check.OptionalId(Child(field, "section_id"), content.section_id());
  check.Ids(Child(field, "author_ids"), kMaxAuthors, content.author_ids());
  CheckSubjects(Child(field, "subjects"), content, check);
  if (content.has_lead_image()) CheckImage(Child(field, "lead_image"), *content.mutable_lead_image(), check);
  CheckBody(Child(field, "body"), content, check);
  check.Ids(Child(field, "related_article_ids"), kMaxRelated, content.related_article_ids());
  check.OptionalId(Child(field, "follows_article_id"), content.follows_article_id());
  if (content.has_coverage_ended_at())
    check.Time(Child(field, "coverage_ended_at"), *content.mutable_coverage_ended_at());
}

void CheckCorrection(absl::string_view field, v1::Correction& correction, FieldCheck& check) {
  if (correction.type() == v1::CORRECTION_TYPE_UNSPECIFIED ||
      !v1::CorrectionType_IsValid(correction.type())) {
    check.Add(Child(field, "type"), "must be CORRECTION, CLARIFICATION, UPDATE or RETRACTION");
  }
  CheckRichText(Child(field, "text"), 2000, *correction.mutable_text(), check);
  check.Required(absl::StrCat(field, ".text.text"), correction.text().text());
  if (correction.has_create_time())
    check.Time(Child(field, "create_time"), *correction.mutable_create_time());
  if (correction.ByteSizeLong() > kMaxCorrectionBytes) {
    check.Add(Child(field, "text"),
              absl::StrCat("is longer than ", kMaxCorrectionBytes, " bytes with its marks"));
  }
}

void CheckWithdrawal(absl::string_view field, v1::Withdrawal& withdrawal, FieldCheck& check) {
  if (!v1::WithdrawalMode_IsValid(withdrawal.mode())) check.Add(Child(field, "mode"), "is not known");
  const bool redirect = withdrawal.mode() == v1::WITHDRAWAL_MODE_REDIRECT;
  if (redirect) {
    if (auto error = FindPathError(withdrawal.redirect_path()); error && withdrawal.redirect_path() != "/") {
      check.Add(Child(field, "redirect_path"), *error);
    }
  } else if (!withdrawal.redirect_path().empty()) {
    check.Add(Child(field, "redirect_path"), "is for the mode REDIRECT only");
  }
  check.Lines(Child(field, "notice"), 2000, *withdrawal.mutable_notice());
  if (withdrawal.mode() == v1::WITHDRAWAL_MODE_NOTICE) {
    check.Required(Child(field, "notice"), withdrawal.notice());
  } else if (!withdrawal.notice().empty()) {
    check.Add(Child(field, "notice"), "is for the mode NOTICE only");
  }
}

void CheckAuthor(absl::string_view field, v1::Author& author, FieldCheck& check) {
  check.Id(Child(field, "author_id"), author.author_id());
  check.Line(Child(field, "name"), 200, *author.mutable_name());
  check.Required(Child(field, "name"), author.name());
  check.Line(Child(field, "role"), 200, *author.mutable_role());
  check.Lines(Child(field, "bio"), 2000, *author.mutable_bio());
  if (author.has_portrait()) CheckImage(Child(field, "portrait"), *author.mutable_portrait(), check);
  if (author.profile_urls_size() > kMaxProfileUrls) {
    return check.Add(Child(field, "profile_urls"),
                     absl::StrCat("has more than ", kMaxProfileUrls, " entries"));
  }
  for (int i = 0; i < author.profile_urls_size(); ++i) {
    const std::string name = absl::StrCat(field, ".profile_urls[", i, "]");
    check.Required(name, author.profile_urls(i));
    check.HttpsUrl(name, author.profile_urls(i));
  }
}

void CheckSection(absl::string_view field, v1::Section& section, FieldCheck& check) {
  check.Id(Child(field, "section_id"), section.section_id());
  check.Line(Child(field, "name"), 100, *section.mutable_name());
  check.Required(Child(field, "name"), section.name());
  check.Lines(Child(field, "description"), 1000, *section.mutable_description());
}

void CheckCuration(absl::string_view field, const v1::Curation& curation, FieldCheck& check) {
  check.OptionalId(Child(field, "section_id"), curation.section_id());
  if (curation.article_ids_size() > kMaxCurated) {
    return check.Add(Child(field, "article_ids"), absl::StrCat("has more than ", kMaxCurated, " entries"));
  }
  absl::flat_hash_set<absl::string_view> seen;
  for (int i = 0; i < curation.article_ids_size(); ++i) {
    const std::string name = absl::StrCat(field, ".article_ids[", i, "]");
    check.Id(name, curation.article_ids(i));
    if (!seen.insert(curation.article_ids(i)).second) check.Add(name, "is there twice");
  }
}

void CheckPublishable(const v1::ArticleContent& content, FieldCheck& check) {
  check.Required("content.headline", content.headline());
  check.Required("content.section_id", content.section_id());
}

void AssignBlockIds(v1::ArticleContent& content) {
  absl::flat_hash_set<std::string> taken;
  for (const v1::Block& block : content.body()) taken.insert(block.block_id());
  Sha256Sum sum;
  std::string bytes;
  for (v1::Block& block : *content.mutable_body()) {
    if (!block.block_id().empty()) continue;
    block.SerializeToString(&bytes);
    sum.Add(bytes);
    const std::string digest = sum.Finish();
    const std::string stem =
        absl::StrCat("b-", absl::BytesToHexString(absl::string_view(digest).substr(0, 5)));
    std::string id = stem;
    for (int number = 2; !taken.insert(id).second; ++number) id = absl::StrCat(stem, "-", number);
    block.set_block_id(id);
  }
}

}  // namespace broadsheet::article
