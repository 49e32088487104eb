// Every bound the contract documents for a text or a list: what fits is accepted, what does not is refused by
// name. The other bounds of a body are in validation_test.cc, those of whole requests in bad_input_test.cc.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "absl/strings/str_cat.h"
#include "services/article/validation.h"

namespace broadsheet::article {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

using Fields = std::vector<std::string>;

Fields FieldsOf(const FieldCheck& check) {
  Fields fields;
  for (const FieldViolation& violation : check.violations()) fields.push_back(violation.field);
  return fields;
}

// What a text may be.
enum class Kind {
  kLine,   // one line: no line break, nothing that turns the direction around
  kLines,  // line breaks are allowed
  kId      // ASCII
};

struct TextField {
  std::string name;
  std::size_t max_bytes;
  Kind kind;
  std::function<Fields(const std::string& text)> check;  // the fields at fault of a message with that text
};

TextField OfContent(const std::string& name, std::size_t max_bytes, Kind kind,
                    const std::function<void(v1::ArticleContent&, const std::string&)>& set) {
  return {absl::StrCat("content.", name), max_bytes, kind, [set](const std::string& text) {
            v1::ArticleContent content;
            set(content, text);
            FieldCheck check;
            CheckContent("content", content, check);
            return FieldsOf(check);
          }};
}

TextField OfAuthor(const std::string& name, std::size_t max_bytes, Kind kind,
                   const std::function<void(v1::Author&, const std::string&)>& set) {
  return {absl::StrCat("author.", name), max_bytes, kind, [set](const std::string& text) {
            v1::Author author;
            author.set_author_id("ann");
            author.set_name("Ann");
            set(author, text);
            FieldCheck check;
            CheckAuthor("author", author, check);
            return FieldsOf(check);
          }};
}

TextField OfSection(const std::string& name, std::size_t max_bytes, Kind kind,
                    const std::function<void(v1::Section&, const std::string&)>& set) {
  return {absl::StrCat("section.", name), max_bytes, kind, [set](const std::string& text) {
            v1::Section section;
            section.set_section_id("harbour");
            section.set_name("Harbour");
            set(section, text);
            FieldCheck check;
            CheckSection("section", section, check);
            return FieldsOf(check);
          }};
}

v1::ImageReference Image(const std::function<void(v1::ImageReference&)>& set) {
  v1::ImageReference image;
  image.set_image_id("wall");
  set(image);
  return image;
}

std::vector<TextField> FieldsOfContent() {
  using Content = v1::ArticleContent;
  using Text = const std::string&;
  return {
      OfContent("headline", 500, Kind::kLine, [](Content& c, Text t) { c.set_headline(t); }),
      OfContent("standfirst", 2000, Kind::kLines, [](Content& c, Text t) { c.set_standfirst(t); }),
      OfContent("kicker", 100, Kind::kLine, [](Content& c, Text t) { c.set_kicker(t); }),
      OfContent("trail_text", 2000, Kind::kLines, [](Content& c, Text t) { c.set_trail_text(t); }),
      OfContent("byline", 300, Kind::kLine, [](Content& c, Text t) { c.set_byline(t); }),
      OfContent("slugline", 200, Kind::kLine, [](Content& c, Text t) { c.set_slugline(t); }),
      OfContent("located", 200, Kind::kLine, [](Content& c, Text t) { c.set_located(t); }),
      OfContent("genre", 100, Kind::kLine, [](Content& c, Text t) { c.set_genre(t); }),
      OfContent("section_id", 100, Kind::kId, [](Content& c, Text t) { c.set_section_id(t); }),
      OfContent("author_ids[0]", 100, Kind::kId, [](Content& c, Text t) { c.add_author_ids(t); }),
      OfContent("subjects[0]", 100, Kind::kLine, [](Content& c, Text t) { c.add_subjects(t); }),
      OfContent("related_article_ids[0]", 100, Kind::kId,
                [](Content& c, Text t) { c.add_related_article_ids(t); }),
      OfContent("follows_article_id", 100, Kind::kId,
                [](Content& c, Text t) { c.set_follows_article_id(t); }),
      OfContent("copyright_notice", 300, Kind::kLine, [](Content& c, Text t) { c.set_copyright_notice(t); }),
      OfContent("usage_terms", 2000, Kind::kLines, [](Content& c, Text t) { c.set_usage_terms(t); }),
      OfContent("lead_image.image_id", 100, Kind::kId,
                [](Content& c, Text t) { c.mutable_lead_image()->set_image_id(t); }),
      OfContent("lead_image.caption", 2000, Kind::kLines,
                [](Content& c, Text t) {
                  *c.mutable_lead_image() = Image([&](auto& image) { image.set_caption(t); });
                }),
      OfContent("lead_image.alt_text", 1000, Kind::kLines,
                [](Content& c, Text t) {
                  *c.mutable_lead_image() = Image([&](auto& image) { image.set_alt_text(t); });
                }),
      OfContent("lead_image.credit_line", 300, Kind::kLine,
                [](Content& c, Text t) {
                  *c.mutable_lead_image() = Image([&](auto& image) { image.set_credit_line(t); });
                }),
  };
}

std::vector<TextField> FieldsOfBlocks() {
  using Content = v1::ArticleContent;
  using Text = const std::string&;
  return {
      OfContent("body[0].block_id", 50, Kind::kId,
                [](Content& c, Text t) {
                  c.add_body()->mutable_divider();
                  c.mutable_body(0)->set_block_id(t);
                }),
      OfContent("body[0].paragraph.text.text", 64 << 10, Kind::kLines,
                [](Content& c, Text t) { c.add_body()->mutable_paragraph()->mutable_text()->set_text(t); }),
      OfContent("body[0].heading.text.text", 500, Kind::kLines,
                [](Content& c, Text t) {
                  c.add_body()->mutable_heading()->set_level(4);
                  c.mutable_body(0)->mutable_heading()->mutable_text()->set_text(t);
                }),
      OfContent("body[0].image.caption", 2000, Kind::kLines,
                [](Content& c, Text t) {
                  *c.add_body()->mutable_image() = Image([&](auto& image) { image.set_caption(t); });
                }),
      OfContent("body[0].quote.text.text", 16 << 10, Kind::kLines,
                [](Content& c, Text t) { c.add_body()->mutable_quote()->mutable_text()->set_text(t); }),
      OfContent("body[0].quote.attribution", 300, Kind::kLine,
                [](Content& c, Text t) {
                  c.add_body()->mutable_quote()->mutable_text()->set_text("x");
                  c.mutable_body(0)->mutable_quote()->set_attribution(t);
                }),
      OfContent("body[0].list.items[0].nested.items[0].text.text", 16 << 10, Kind::kLines,
                [](Content& c, Text t) {
                  v1::ListItem* item = c.add_body()->mutable_list()->add_items();
                  item->mutable_nested()->add_items()->mutable_text()->set_text(t);
                }),
      OfContent("body[0].table.caption", 1000, Kind::kLines,
                [](Content& c, Text t) { c.add_body()->mutable_table()->set_caption(t); }),
      OfContent("body[0].table.header.cells[0].text", 4 << 10, Kind::kLines,
                [](Content& c, Text t) {
                  c.add_body()->mutable_table()->mutable_header()->add_cells()->set_text(t);
                }),
      OfContent(
          "body[0].table.rows[0].cells[0].text", 4 << 10, Kind::kLines,
          [](Content& c, Text t) { c.add_body()->mutable_table()->add_rows()->add_cells()->set_text(t); }),
      OfContent("body[0].embed.title", 500, Kind::kLine,
                [](Content& c, Text t) {
                  c.add_body()->mutable_embed()->set_url("https://a.example/");
                  c.mutable_body(0)->mutable_embed()->set_title(t);
                }),
      OfContent("body[0].key_event.headline", 500, Kind::kLine,
                [](Content& c, Text t) {
                  c.add_body()->mutable_key_event()->mutable_event_time();
                  c.mutable_body(0)->mutable_key_event()->set_headline(t);
                }),
  };
}

std::vector<TextField> FieldsOfOtherMessages() {
  using Text = const std::string&;
  return {
      OfAuthor("author_id", 100, Kind::kId, [](v1::Author& a, Text t) { a.set_author_id(t); }),
      OfAuthor("name", 200, Kind::kLine, [](v1::Author& a, Text t) { a.set_name(t); }),
      OfAuthor("role", 200, Kind::kLine, [](v1::Author& a, Text t) { a.set_role(t); }),
      OfAuthor("bio", 2000, Kind::kLines, [](v1::Author& a, Text t) { a.set_bio(t); }),
      OfSection("section_id", 100, Kind::kId, [](v1::Section& s, Text t) { s.set_section_id(t); }),
      OfSection("name", 100, Kind::kLine, [](v1::Section& s, Text t) { s.set_name(t); }),
      OfSection("description", 1000, Kind::kLines, [](v1::Section& s, Text t) { s.set_description(t); }),
      {"correction.text.text", 2000, Kind::kLines,
       [](Text t) {
         v1::Correction correction;
         correction.set_type(v1::CORRECTION_TYPE_UPDATE);
         correction.mutable_text()->set_text(t);
         FieldCheck check;
         CheckCorrection("correction", correction, check);
         return FieldsOf(check);
       }},
      {"withdrawal.notice", 2000, Kind::kLines,
       [](Text t) {
         v1::Withdrawal withdrawal;
         withdrawal.set_mode(v1::WITHDRAWAL_MODE_NOTICE);
         withdrawal.set_notice(t);
         FieldCheck check;
         CheckWithdrawal("withdrawal", withdrawal, check);
         return FieldsOf(check);
       }},
  };
}

std::vector<TextField> AllFields() {
  std::vector<TextField> all = FieldsOfContent();
  for (auto* more : {&FieldsOfBlocks, &FieldsOfOtherMessages}) {
    for (TextField& field : more()) all.push_back(std::move(field));
  }
  return all;
}

TEST(Bounds, EveryTextIsBoundedInBytes) {
  for (const TextField& field : AllFields()) {
    EXPECT_THAT(field.check(std::string(field.max_bytes, 'a')), IsEmpty()) << field.name;
    EXPECT_THAT(field.check(std::string(field.max_bytes + 1, 'a')), ElementsAre(field.name));
  }
}

TEST(Bounds, NoTextHasControlCharactersOrNoncharactersOrBytesThatAreNotUtf8) {
  for (const TextField& field : AllFields()) {
    for (const char* text : {"a\x01", "a\tb", "a\x1F", "a\x7F", "a\xC2\x85", "a\r\nb", "a\xEF\xBF\xBE",
                             "a\xFF", "a\xC3", "a\xED\xA0\x80", "a\xC0\xAF", "a\xF4\x90\x80\x80"}) {
      EXPECT_THAT(field.check(text), ElementsAre(field.name)) << testing::PrintToString(text);
    }
    EXPECT_THAT(field.check(std::string("a\0b", 3)), ElementsAre(field.name));
  }
}

TEST(Bounds, ATextOfOneLineHasNoLineBreakAndTurnsNothingAround) {
  for (const TextField& field : AllFields()) {
    for (const char* text : {"a\nb", "a\xE2\x80\xAA", "a\xE2\x80\xAB", "a\xE2\x80\xAD", "a\xE2\x80\xAE",
                             "a\xE2\x81\xA6", "a\xE2\x81\xA7", "a\xE2\x81\xA8", "a\xE2\x81\xA9"}) {
      const Fields expected = field.kind == Kind::kLines ? Fields{} : Fields{field.name};
      EXPECT_EQ(field.check(text), expected) << field.name << " " << testing::PrintToString(text);
    }
  }
}

TEST(Bounds, EveryUrlIsBoundedInBytes) {
  using Content = v1::ArticleContent;
  using Text = const std::string&;
  const std::vector<TextField> urls = {
      OfContent("body[0].quote.source_url", 2000, Kind::kLine,
                [](Content& c, Text t) {
                  c.add_body()->mutable_quote()->mutable_text()->set_text("x");
                  c.mutable_body(0)->mutable_quote()->set_source_url(t);
                }),
      OfContent("body[0].embed.url", 2000, Kind::kLine,
                [](Content& c, Text t) { c.add_body()->mutable_embed()->set_url(t); }),
      OfContent("body[0].paragraph.text.spans[0].url", 2000, Kind::kLine,
                [](Content& c, Text t) {
                  v1::RichText* text = c.add_body()->mutable_paragraph()->mutable_text();
                  text->set_text("x");
                  v1::Span* span = text->add_spans();
                  span->set_end(1);
                  span->set_kind(v1::SPAN_KIND_LINK);
                  span->set_url(t);
                }),
      OfAuthor("profile_urls[0]", 2000, Kind::kLine, [](v1::Author& a, Text t) { a.add_profile_urls(t); }),
  };
  const std::string site = "https://a.example/";
  for (const TextField& field : urls) {
    const std::string fits = site + std::string(field.max_bytes - site.size(), 'a');
    EXPECT_THAT(field.check(fits), IsEmpty()) << field.name;
    EXPECT_THAT(field.check(fits + "a"), ElementsAre(field.name));
    EXPECT_THAT(field.check(site + "\xE2\x80\xAE"), ElementsAre(field.name));
    EXPECT_THAT(field.check(site + "\n"), ElementsAre(field.name));
  }
}

TEST(Bounds, EveryListIsBoundedInEntries) {
  using Content = v1::ArticleContent;
  struct ListField {
    std::string name;
    int max;
    std::function<void(Content&, int)> add;  // the i-th entry
  };
  auto item = [](Content& c) -> v1::Block& { return c.body().empty() ? *c.add_body() : *c.mutable_body(0); };
  const std::vector<ListField> lists = {
      {"author_ids", 20, [](Content& c, int i) { c.add_author_ids(absl::StrCat("a", i)); }},
      {"subjects", 50, [](Content& c, int i) { c.add_subjects(absl::StrCat("s", i)); }},
      {"related_article_ids", 20, [](Content& c, int i) { c.add_related_article_ids(absl::StrCat("r", i)); }},
      {"body", 2000, [](Content& c, int) { c.add_body()->mutable_divider(); }},
      {"body[0].list.items", 500, [&](Content& c, int) { item(c).mutable_list()->add_items(); }},
      {"body[0].table.rows", 1000, [&](Content& c, int) { item(c).mutable_table()->add_rows(); }},
      {"body[0].table.header.cells", 50,
       [&](Content& c, int) { item(c).mutable_table()->mutable_header()->add_cells(); }},
      {"body[0].table.rows[0].cells", 50,
       [&](Content& c, int i) {
         v1::Table* table = item(c).mutable_table();
         (i == 0 ? table->add_rows() : table->mutable_rows(0))->add_cells();
       }},
      {"body[0].table.alignments", 50,
       [&](Content& c, int) { item(c).mutable_table()->add_alignments(v1::COLUMN_ALIGNMENT_END); }},
      {"body[0].paragraph.text.spans", 1000,
       [&](Content& c, int i) {
         v1::RichText* text = item(c).mutable_paragraph()->mutable_text();
         text->mutable_text()->push_back('a');
         v1::Span* span = text->add_spans();
         span->set_start(i);
         span->set_end(i + 1);
         span->set_kind(v1::SPAN_KIND_CODE);
       }},
  };
  for (const ListField& list : lists) {
    Content content;
    auto faults = [&] {
      Content copy = content;
      FieldCheck check;
      CheckContent("content", copy, check);
      return FieldsOf(check);
    };
    for (int i = 0; i < list.max; ++i) list.add(content, i);
    EXPECT_THAT(faults(), IsEmpty()) << list.name;
    list.add(content, list.max);
    EXPECT_THAT(faults(), ElementsAre("content." + list.name));
  }
  v1::Author author;
  author.set_author_id("ann");
  author.set_name("Ann");
  for (int i = 0; i < 11; ++i) author.add_profile_urls("https://a.example/");
  FieldCheck check;
  CheckAuthor("author", author, check);
  EXPECT_THAT(FieldsOf(check), ElementsAre("author.profile_urls"));
}

}  // namespace
}  // namespace broadsheet::article
