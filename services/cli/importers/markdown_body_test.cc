#include "services/cli/importers/markdown_body.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/cli/importers/recorded_problems.h"

namespace broadsheet::cli {
namespace {

namespace v1 = article::v1;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class MarkdownBody : public testing::Test, protected RecordedProblems {
 protected:
  ImportedBody Convert(absl::string_view markdown, int first_line = 1) {
    const BodyContext context{"x.md", first_line, problems,
                              [this](absl::string_view path, int line) { return FindImage(path, line); }};
    return ConvertMarkdown(markdown, context);
  }

  // The only block of a body without problems.
  v1::Block Only(absl::string_view markdown) {
    ImportedBody body = Convert(markdown);
    EXPECT_EQ(body.errors, 0);
    EXPECT_THAT(body.blocks, SizeIs(1));
    return body.blocks.empty() ? v1::Block() : body.blocks[0];
  }

  std::optional<std::string> FindImage(absl::string_view path, int line) {
    if (path == "images/wall.jpg") return "wall-1";
    problems.Error({"x.md", line}, "there is no image");
    return std::nullopt;
  }
};

// "kind:words" of each span.
std::vector<std::string> Spans(const v1::RichText& text) {
  std::vector<std::string> spans;
  for (const v1::Span& span : text.spans()) {
    std::string kind = v1::SpanKind_Name(span.kind()).substr(sizeof("SPAN_KIND_") - 1);
    spans.push_back(kind + ":" + text.text().substr(span.start(), span.end() - span.start()));
  }
  return spans;
}

TEST_F(MarkdownBody, AParagraphKeepsItsMarks) {
  const v1::RichText text =
      Only(
          "A **strong** and *soft* word, `x < y`, ~~gone~~,\n[far](https://a.example/?b=1&c=2) "
          "[mail](mailto:a@b.example) [near](/city).")
          .paragraph()
          .text();
  EXPECT_EQ(text.text(), "A strong and soft word, x < y, gone, far mail near.");
  EXPECT_THAT(Spans(text), ElementsAre("STRONG:strong", "EMPHASIS:soft", "CODE:x < y", "STRIKETHROUGH:gone",
                                       "LINK:far", "LINK:mail", "LINK:near"));
  EXPECT_EQ(text.spans(4).url(), "https://a.example/?b=1&c=2");
}

TEST_F(MarkdownBody, MarksNestAndAreCountedInBytes) {
  const v1::RichText text = Only("«Łódź» **bold *and soft 🛟* again**").paragraph().text();
  EXPECT_THAT(Spans(text), ElementsAre("STRONG:bold and soft 🛟 again", "EMPHASIS:and soft 🛟"));
  EXPECT_EQ(text.spans(0).start(), std::string("«Łódź» ").size());
}

TEST_F(MarkdownBody, CharactersThatAreNotMarkupAreText) {
  EXPECT_EQ(Only("x < y & z > \"w\" &amp; 2 * 3 * 4 \\<b>").paragraph().text().text(),
            "x < y & z > \"w\" & 2 * 3 * 4 <b>");
  EXPECT_EQ(Only("R&D &copy; &#x2028;").paragraph().text().text(), "R&D © \u2028");
  EXPECT_THAT(lines, IsEmpty());
}

TEST_F(MarkdownBody, ALinkToAStoryIsAReference) {
  ImportedBody body = Convert("See [the wall](story:sea-wall)\nand [the *other*](story:sea-wall-2).", 10);
  const v1::RichText& text = body.blocks.at(0).paragraph().text();
  EXPECT_EQ(text.spans(0).article_id(), "sea-wall");
  EXPECT_EQ(text.spans(0).url(), "");
  ASSERT_THAT(body.references, SizeIs(2));
  EXPECT_EQ(body.references.begin()->id, "sea-wall");
  EXPECT_EQ(body.references.begin()->line, 10);
}

TEST_F(MarkdownBody, OtherLinksAreRefusedWithTheirLine) {
  EXPECT_EQ(
      Convert("one\n\n[x](javascript:alert(1)) [y](ftp://a.example) [z](story:Not_An_Id) [w](image.png)", 5)
          .errors,
      4);
  EXPECT_THAT(lines, ElementsAre(HasSubstr("x.md:7: a link to \"javascript:alert(1)\" is not allowed"),
                                 HasSubstr("x.md:7: a link to \"ftp://"),
                                 "x.md:7: \"Not_An_Id\" is no story id", HasSubstr("image.png")));
}

TEST_F(MarkdownBody, HardBreaksAreNewlinesAndSoftOnesSpaces) {
  EXPECT_EQ(Only("one\ntwo\\\nthree  \nfour").paragraph().text().text(), "one two\nthree\nfour");
}

TEST_F(MarkdownBody, HeadingsHaveThreeLevels) {
  ImportedBody body = Convert("## Two\n\n### *Three*\n\n#### Four: and more");
  EXPECT_EQ(body.errors, 0);
  EXPECT_EQ(body.blocks.at(0).heading().level(), 2);
  EXPECT_THAT(Spans(body.blocks.at(1).heading().text()), ElementsAre("EMPHASIS:Three"));
  EXPECT_EQ(body.blocks.at(2).heading().text().text(), "Four: and more");
  EXPECT_THAT(body.lines, ElementsAre(1, 3, 5));
}

TEST_F(MarkdownBody, OtherHeadingsAreRefusedWithTheirLine) {
  EXPECT_EQ(Convert("# One\n\ntext\n\n##### Five\n\n##", 10).errors, 3);
  EXPECT_THAT(
      lines,
      ElementsAre("x.md:10: heading level 1 is not allowed: ## to #### are; the headline belongs to the "
                  "front matter",
                  "x.md:14: heading level 5 is not allowed: ## to #### are", "x.md:16: an empty heading"));
}

TEST_F(MarkdownBody, AHeadingThatIsALinkToATimeIsAMoment) {
  const v1::KeyEvent event = Only("## [The *gate* opens](moment:2026-11-23T06:40:00Z)").key_event();
  EXPECT_EQ(event.headline(), "The gate opens");
  EXPECT_EQ(event.event_time().seconds(), 1795416000);
  EXPECT_FALSE(event.key());
  EXPECT_TRUE(Only("### [It shuts](moment:2026-11-23T07:40:00.5+01:00 \"key\")").key_event().key());
}

TEST_F(MarkdownBody, AMomentThatIsNoneIsRefused) {
  for (const char* markdown :
       {"## [x](moment:today)", "## [x](moment:)", "## [x](moment:2026-11-23T06:40:00Z \"Key\")",
        "## [](moment:2026-11-23T06:40:00Z)", "## Now: [x](moment:2026-11-23T06:40:00Z)",
        "[x](moment:2026-11-23T06:40:00Z)"}) {
    const ImportedBody body = Convert(markdown);
    EXPECT_EQ(body.errors, 1) << markdown;
    for (const v1::Block& block : body.blocks) EXPECT_FALSE(block.has_key_event()) << markdown;
  }
}

TEST_F(MarkdownBody, AQuoteMayHaveAnAttribution) {
  const v1::Quote quote = Only("> It *held*.\n> All night.\n> — Ann Pell, pilot").quote();
  EXPECT_EQ(quote.text().text(), "It held. All night.");
  EXPECT_THAT(Spans(quote.text()), ElementsAre("EMPHASIS:held"));
  EXPECT_EQ(quote.attribution(), "Ann Pell, pilot");
}

TEST_F(MarkdownBody, AQuotesParagraphsAreSeparatedByNewlines) {
  const v1::Quote quote = Only("> One.\n>\n> Two.\n>\n> — Ann").quote();
  EXPECT_EQ(quote.text().text(), "One.\nTwo.");
  EXPECT_EQ(quote.attribution(), "Ann");
}

TEST_F(MarkdownBody, AQuotesSourceIsTheLinkInItsAttribution) {
  const v1::Quote quote = Only("> One.\n> — Ann, [in the minutes](https://minutes.example/7)").quote();
  EXPECT_EQ(quote.attribution(), "Ann, in the minutes");
  EXPECT_EQ(quote.source_url(), "https://minutes.example/7");
}

TEST_F(MarkdownBody, ADashWithinAQuoteIsNoAttribution) {
  const v1::Quote quote = Only("> One — two\n> three").quote();
  EXPECT_EQ(quote.text().text(), "One — two three");
  EXPECT_EQ(quote.attribution(), "");
}

TEST_F(MarkdownBody, AQuoteHoldsWords) {
  EXPECT_EQ(Convert("> — Ann\n\ntext\n\n> - a list").errors, 2);
  EXPECT_THAT(lines,
              ElementsAre("x.md:1: a quote without words", "x.md:5: a quote may hold paragraphs only"));
}

TEST_F(MarkdownBody, ListsNest) {
  const v1::List list = Only("1. one\n2. **two**\n   - a\n   - b\n     1. i\n3. three").list();
  EXPECT_TRUE(list.ordered());
  ASSERT_EQ(list.items_size(), 3);
  EXPECT_THAT(Spans(list.items(1).text()), ElementsAre("STRONG:two"));
  const v1::List& nested = list.items(1).nested();
  EXPECT_FALSE(nested.ordered());
  ASSERT_EQ(nested.items_size(), 2);
  EXPECT_EQ(nested.items(1).nested().items(0).text().text(), "i");
  EXPECT_FALSE(list.items(0).has_nested());
}

TEST_F(MarkdownBody, AnEntryOfSeveralParagraphsHasSeveralLines) {
  EXPECT_EQ(Only("- one\n\n  two\n- three").list().items(0).text().text(), "one\ntwo");
}

TEST_F(MarkdownBody, ListsHaveLimits) {
  EXPECT_EQ(Convert("- 1\n  - 2\n    - 3\n      - 4\n        - 5").errors, 1);
  EXPECT_EQ(Convert("- one\n  > quote").errors, 1);
  EXPECT_EQ(Convert("- one\n-").errors, 1);
  EXPECT_THAT(lines, ElementsAre("x.md:5: a list may have at most 4 levels",
                                 "x.md:2: an entry of a list may hold text, then one list",
                                 "x.md:2: an empty entry of a list"));
}

TEST_F(MarkdownBody, AListThatStartsLaterIsRemarkedOn) {
  EXPECT_EQ(Convert("3. three").errors, 0);
  EXPECT_THAT(lines, ElementsAre("x.md:1: warning: the list starts at 3; it will be shown from 1"));
}

TEST_F(MarkdownBody, ATableHasAHeaderRowsAndAlignments) {
  const v1::Table table =
      Only("| Boat | Time | Crew | x |\n|:--|--:|:-:|---|\n| *Kitti\\|wake* | 1:02 | 4 | |\n| b |\n").table();
  ASSERT_EQ(table.header().cells_size(), 4);
  EXPECT_EQ(table.header().cells(0).text(), "Boat");
  ASSERT_EQ(table.rows_size(), 2);
  EXPECT_EQ(table.rows(0).cells(0).text(), "Kitti|wake");
  EXPECT_THAT(Spans(table.rows(0).cells(0)), ElementsAre("EMPHASIS:Kitti|wake"));
  EXPECT_EQ(table.rows(1).cells(1).text(), "");
  EXPECT_THAT(table.alignments(), ElementsAre(v1::COLUMN_ALIGNMENT_START, v1::COLUMN_ALIGNMENT_END,
                                              v1::COLUMN_ALIGNMENT_CENTER, v1::COLUMN_ALIGNMENT_START));
}

TEST_F(MarkdownBody, ImagesAloneInAParagraphAreBlocks) {
  ImportedBody body =
      Convert("![The *wall*, seen](images/wall.jpg \"The new wall\")\n![again](images/wall.jpg)");
  ASSERT_THAT(body.blocks, SizeIs(2));
  const v1::ImageReference& image = body.blocks[0].image();
  EXPECT_EQ(image.image_id(), "wall-1");
  EXPECT_EQ(image.alt_text(), "The wall, seen");
  EXPECT_EQ(image.caption(), "The new wall");
  EXPECT_THAT(body.image_ids, ElementsAre("wall-1"));
}

TEST_F(MarkdownBody, AnImageAmongWordsOrMissingIsAnError) {
  EXPECT_EQ(Convert("word ![x](images/wall.jpg)\n\n![x](images/none.jpg)").errors, 2);
  EXPECT_THAT(lines,
              ElementsAre("x.md:1: an image must stand alone in its paragraph", "x.md:3: there is no image"));
}

TEST_F(MarkdownBody, ThreeHyphensDivide) { EXPECT_TRUE(Convert("a\n\n---\n\nb").blocks.at(1).has_divider()); }

TEST_F(MarkdownBody, ACodeBlockIsAParagraphSetAsCode) {
  const v1::RichText text = Only("```\nif (x < y)\n  run();\n```").paragraph().text();
  EXPECT_EQ(text.text(), "if (x < y)\n  run();");
  EXPECT_THAT(Spans(text), ElementsAre("CODE:if (x < y)\n  run();"));
  EXPECT_THAT(lines, IsEmpty());
  Convert("a\n\n    indented by mistake");
  EXPECT_THAT(lines, ElementsAre("x.md:3: warning: indented by four spaces or more, so set as code"));
}

TEST_F(MarkdownBody, InlineHtmlIsTextAndRemarkedOn) {
  const v1::RichText text = Only("a <b>bold</b> <img src=x onerror=alert(1)> b").paragraph().text();
  EXPECT_EQ(text.text(), "a <b>bold</b> <img src=x onerror=alert(1)> b");
  EXPECT_THAT(Spans(text), IsEmpty());
  EXPECT_THAT(lines, SizeIs(3));
  EXPECT_EQ(lines[0], "x.md:1: warning: HTML is not markup here: <b> is shown as text");
}

TEST_F(MarkdownBody, ABlockOfHtmlOrACommentIsAnError) {
  EXPECT_EQ(
      Convert("<script>alert(1)</script>\n\n<div class=\"x\">\ny\n</div>\n\n<!-- note -->\n\na <!-- b -->", 3)
          .errors,
      4);
  EXPECT_THAT(
      lines, ElementsAre("x.md:3: HTML is not allowed in a story: <script>alert(1)</script>",
                         "x.md:5: HTML is not allowed in a story: <div class=\"x\">",
                         "x.md:9: a comment would be shown to readers; a note to the desk belongs to ed_note",
                         HasSubstr("x.md:11: a comment")));
}

TEST_F(MarkdownBody, ControlCharactersAreRefused) {
  EXPECT_EQ(Convert("one\n\na \x01 b").errors, 1);
  EXPECT_THAT(lines, ElementsAre("x.md:3: the text holds the control character U+0001"));
}

TEST_F(MarkdownBody, DeepNestingEndsInAnErrorNotInACrash) {
  EXPECT_GT(Convert(std::string(5000, '>') + " x").errors, 0);
  Convert(std::string(20000, '[') + "x");
  std::string stars;
  for (int i = 0; i < 200; ++i) stars += i % 2 ? "*a " : "**b ";
  for (int i = 199; i >= 0; --i) stars += i % 2 ? "c*" : "d**";
  EXPECT_GT(Convert(stars).errors, 0);
}

TEST_F(MarkdownBody, LinesAreThoseOfTheFile) {
  const ImportedBody body = Convert("one\ntwo\n\nthree\n\n- a\n- b\n\n> c\n", 20);
  EXPECT_THAT(body.lines, ElementsAre(20, 23, 25, 28));
}

}  // namespace
}  // namespace broadsheet::cli
