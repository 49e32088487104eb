#ifndef BROADSHEET_SERVICES_CLI_IMPORTERS_HTML_FLOW_H_
#define BROADSHEET_SERVICES_CLI_IMPORTERS_HTML_FLOW_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "services/cli/importers/body.h"
#include "services/cli/importers/html_dom.h"
#include "services/cli/importers/text.h"

namespace broadsheet::cli {

// Turns a stream of HTML nodes into blocks: inline content gathers in a paragraph until a block begins. Used
// by html_body.cc, and by itself for what is inside of quotes, list entries and cells.
class HtmlFlow {
 public:
  // `context` must outlive this.
  HtmlFlow(const BodyContext& context, std::string headline)
      : context_(context), headline_(std::move(headline)) {}

  void AddChildren(const HtmlNode& node);
  // What has been added. The flow is spent.
  ImportedBody Finish();

 private:
  void Add(const HtmlNode& node);
  bool AddInline(const HtmlNode& node);
  bool AddBlock(const HtmlNode& node);
  void AddText(absl::string_view text);
  void AddMarked(const HtmlNode& node, article::v1::Span span);
  void AddLink(const HtmlNode& node);
  void AddBreak();
  void AddParagraph(const HtmlNode& node);
  void AddHeading(const HtmlNode& node, int level);
  bool AddKeyEvent(const HtmlNode& node);
  void AddPreformatted(const HtmlNode& node);
  void AddQuote(const HtmlNode& node);
  void AddList(const HtmlNode& node);
  void AddTable(const HtmlNode& node);
  void AddFigure(const HtmlNode& node);
  void AddImage(const HtmlNode& node, const std::string& caption, const std::string& credit);
  void AddFrame(const HtmlNode& node);

  // The list at `node`; false if it has no entries.
  bool ToList(const HtmlNode& node, int depth, article::v1::List& list);
  // The content of an element as lines of text; lists go to `nested` if that is not null and has none yet.
  article::v1::RichText ToText(const HtmlNode& node, int depth, article::v1::List* nested);
  article::v1::RichText TextOf(const HtmlNode& node);
  // Blocks as lines of text: what a list entry, a cell or a quote can hold.
  article::v1::RichText Flatten(ImportedBody content);

  // Ends the paragraph being gathered.
  void Flush();
  void Warn(absl::string_view message);

  const BodyContext& context_;
  const std::string headline_;
  ImportedBody body_;
  RichTextBuilder builder_;
  std::vector<article::v1::Span> open_;  // marks that go on across blocks
  bool after_break_ = false;             // the last thing gathered was a line break
};

}  // namespace broadsheet::cli

#endif  // BROADSHEET_SERVICES_CLI_IMPORTERS_HTML_FLOW_H_
