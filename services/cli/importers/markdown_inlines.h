#ifndef BROADSHEET_SERVICES_CLI_IMPORTERS_MARKDOWN_INLINES_H_
#define BROADSHEET_SERVICES_CLI_IMPORTERS_MARKDOWN_INLINES_H_

#include <string>

#include "absl/strings/string_view.h"
#include "services/cli/importers/body.h"
#include "services/cli/importers/text.h"

struct cmark_node;

namespace broadsheet::cli {

// The inline half of ConvertMarkdown: nodes within a paragraph → text with spans. Used by markdown_body.cc
// alone.
class MarkdownInlines {
 public:
  struct Nodes {
    cmark_node* first;
    cmark_node* end;  // not included; null: up to the last
  };

  // Reports to `context`, counts errors and collects references in `body`; both must outlive it.
  MarkdownInlines(const BodyContext& context, ImportedBody& body) : context_(context), body_(body) {}

  article::v1::RichText Convert(cmark_node* block);
  article::v1::RichText Convert(const Nodes& nodes, int block_line);
  // The words alone, on one line.
  std::string Plain(const Nodes& nodes);

  // Reports HTML, a block or inline, that cannot be kept.
  void RefuseHtml(cmark_node* node);
  // Line of the file at which a node starts.
  int Line(cmark_node* node) const;

 private:
  void AppendAll(const Nodes& nodes, int depth);
  void Append(cmark_node* node, int depth);
  void AppendMarked(cmark_node* node, article::v1::SpanKind kind, int depth);
  void AppendLink(cmark_node* node, int depth);
  void AppendHtml(cmark_node* node);
  void Error(cmark_node* node, absl::string_view message);

  const BodyContext& context_;
  ImportedBody& body_;
  RichTextBuilder builder_;
  int block_line_ = 0;
};

}  // namespace broadsheet::cli

#endif  // BROADSHEET_SERVICES_CLI_IMPORTERS_MARKDOWN_INLINES_H_
