#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/article/unicode.h"
#include "services/article/validation.h"

namespace broadsheet::article {
namespace {

constexpr int kMaxSpans = 1000;

std::string SpanField(absl::string_view field, int index) {
  return absl::StrCat(field, ".spans[", index, "]");
}

void CheckRange(const std::string& field, const std::string& text, const v1::Span& span, FieldCheck& check) {
  if (span.end() > text.size()) return check.Add(field + ".end", "lies behind the end of the text");
  if (span.start() >= span.end()) return check.Add(field + ".end", "must be greater than start");
  if (!IsCharacterBoundary(text, span.start())) check.Add(field + ".start", "lies inside a character");
  if (!IsCharacterBoundary(text, span.end())) check.Add(field + ".end", "lies inside a character");
}

void CheckMeaning(const std::string& field, const v1::Span& span, FieldCheck& check) {
  if (span.kind() == v1::SPAN_KIND_UNSPECIFIED || !v1::SpanKind_IsValid(span.kind())) {
    return check.Add(field + ".kind", "must be one of the kinds of mark");
  }
  if (span.kind() == v1::SPAN_KIND_LINK) {
    if (span.article_id().empty()) {
      check.Link(field + ".url", span.url());
    } else {
      check.Id(field + ".article_id", span.article_id());
      if (!span.url().empty()) check.Add(field + ".url", "must be empty when article_id is set");
    }
  } else {
    if (!span.url().empty()) check.Add(field + ".url", "is for the kind LINK only");
    if (!span.article_id().empty()) check.Add(field + ".article_id", "is for the kind LINK only");
  }
  if (span.kind() == v1::SPAN_KIND_LANGUAGE) {
    if (span.language().empty()) check.Add(field + ".language", "is required");
    check.Language(field + ".language", span.language());
  } else if (!span.language().empty()) {
    check.Add(field + ".language", "is for the kind LANGUAGE only");
  }
}

// Indexes of the spans, outer before inner.
std::vector<int> NestingOrder(const v1::RichText& text) {
  std::vector<int> order(text.spans_size());
  for (int i = 0; i < text.spans_size(); ++i) order[i] = i;
  std::stable_sort(order.begin(), order.end(), [&](int a, int b) {
    const v1::Span& left = text.spans(a);
    const v1::Span& right = text.spans(b);
    return left.start() != right.start() ? left.start() < right.start() : left.end() > right.end();
  });
  return order;
}

void CheckNesting(absl::string_view field, const v1::RichText& text, const std::vector<int>& order,
                  FieldCheck& check) {
  std::vector<const v1::Span*> open;
  int open_links = 0;
  for (int index : order) {
    const v1::Span& span = text.spans(index);
    while (!open.empty() && open.back()->end() <= span.start()) {
      open_links -= open.back()->kind() == v1::SPAN_KIND_LINK;
      open.pop_back();
    }
    if (!open.empty() && open.back()->end() < span.end()) {
      return check.Add(SpanField(field, index), "crosses another span instead of nesting in it");
    }
    if (span.kind() == v1::SPAN_KIND_LINK && open_links++ > 0) {
      return check.Add(SpanField(field, index), "is a link within a link");
    }
    open.push_back(&span);
  }
}

void Reorder(const std::vector<int>& order, v1::RichText& text) {
  if (std::is_sorted(order.begin(), order.end())) return;
  google::protobuf::RepeatedPtrField<v1::Span> sorted;
  for (int index : order) *sorted.Add() = text.spans(index);
  text.mutable_spans()->Swap(&sorted);
}

// False if a span begins or ends inside a sequence that composes into one character.
bool Normalize(v1::RichText& text) {
  std::vector<std::size_t> offsets;
  for (const v1::Span& span : text.spans()) {
    offsets.push_back(span.start());
    offsets.push_back(span.end());
  }
  if (!NormalizeNfcWithOffsets(*text.mutable_text(), offsets)) return false;
  for (int i = 0; i < text.spans_size(); ++i) {
    text.mutable_spans(i)->set_start(static_cast<std::uint32_t>(offsets[2 * i]));
    text.mutable_spans(i)->set_end(static_cast<std::uint32_t>(offsets[2 * i + 1]));
  }
  return true;
}

}  // namespace

void CheckRichText(absl::string_view field, std::size_t max_bytes, v1::RichText& text, FieldCheck& check) {
  const std::string text_field = absl::StrCat(field, ".text");
  if (text.text().size() > max_bytes) {
    return check.Add(text_field, absl::StrCat("is longer than ", max_bytes, " bytes"));
  }
  if (auto error = FindForbiddenCharacter(text.text(), TextKind::kLines))
    return check.Add(text_field, *error);
  if (text.spans_size() > kMaxSpans) {
    return check.Add(absl::StrCat(field, ".spans"), absl::StrCat("has more than ", kMaxSpans, " entries"));
  }
  const std::size_t before = check.violations().size();
  for (int i = 0; i < text.spans_size(); ++i) {
    const std::string name = SpanField(field, i);
    CheckRange(name, text.text(), text.spans(i), check);
    CheckMeaning(name, text.spans(i), check);
  }
  if (check.violations().size() != before) return;
  const std::vector<int> order = NestingOrder(text);
  CheckNesting(field, text, order, check);
  if (check.violations().size() != before) return;
  Reorder(order, text);
  if (!Normalize(text))
    return check.Add(text_field, "has a span that begins or ends inside a composed character");
  if (text.text().size() > max_bytes) {
    check.Add(text_field, absl::StrCat("is longer than ", max_bytes, " bytes"));
  }
}

}  // namespace broadsheet::article
