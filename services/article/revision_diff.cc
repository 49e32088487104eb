#include "services/article/revision_diff.h"

#include <google/protobuf/util/message_differencer.h>

#include <algorithm>
#include <deque>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "absl/strings/str_cat.h"

namespace broadsheet::article {
namespace {

using Blocks = google::protobuf::RepeatedPtrField<v1::Block>;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

constexpr int kMaxEdits = 1000;
constexpr int kNone = -1;

// Numbers contents, so that equal ones get equal numbers.
class Contents {
 public:
  // What each block says, whatever its id.
  std::vector<int> NumbersOf(const Blocks& blocks) {
    std::vector<int> numbers;
    numbers.reserve(blocks.size());
    for (v1::Block block : blocks) {
      block.clear_block_id();
      const int next = static_cast<int>(numbers_.size());
      numbers.push_back(numbers_.emplace(block.SerializeAsString(), next).first->second);
    }
    return numbers;
  }

 private:
  std::unordered_map<std::string, int> numbers_;
};

// The state of the search: `counterpart[i]` is the place in `to` of block i of `from`.
struct Matching {
  std::vector<int> counterpart;
  std::vector<bool> taken;  // of `to`

  void Match(int from, int to) {
    counterpart[from] = to;
    taken[to] = true;
  }
};

void MatchById(const Blocks& from, const Blocks& to, Matching& matching) {
  std::unordered_map<std::string_view, int> places;
  for (int i = 0; i < to.size(); ++i) {
    if (!to[i].block_id().empty()) places.emplace(to[i].block_id(), i);
  }
  for (int i = 0; i < from.size(); ++i) {
    const auto found = places.find(from[i].block_id());
    if (found != places.end() && !matching.taken[found->second]) matching.Match(i, found->second);
  }
}

// Pairs of places of a longest common subsequence of `a` and `b`; nothing if they are more than kMaxEdits
// insertions and deletions apart. Myers' greedy algorithm: `furthest[k]` is the furthest place in `a` reached
// on the diagonal k (place in `a` minus place in `b`) with so many edits; the steps taken are kept to walk
// back.
class CommonSubsequence {
 public:
  CommonSubsequence(const std::vector<int>& a, const std::vector<int>& b) : a_(a), b_(b) {}

  std::vector<std::pair<int, int>> Find() {
    const int max_edits = std::min(kMaxEdits, Size(a_) + Size(b_));
    std::vector<int> furthest(2 * max_edits + 3, 0);
    const int middle = max_edits + 1;
    for (int edits = 0; edits <= max_edits; ++edits) {
      for (int k = -edits; k <= edits; k += 2) {
        int x = Start(furthest, middle, k, edits);
        while (x < Size(a_) && x - k < Size(b_) && a_[x] == b_[x - k]) ++x;
        furthest[middle + k] = x;
        if (x >= Size(a_) && x - k >= Size(b_)) {
          Keep(furthest, middle, edits);
          return WalkBack(edits, k);
        }
      }
      Keep(furthest, middle, edits);
    }
    return {};
  }

 private:
  static int Size(const std::vector<int>& sequence) { return static_cast<int>(sequence.size()); }

  // Where diagonal k is entered with its last edit: down from k + 1 (an insertion) or right from k - 1.
  static bool IsInsertion(const std::vector<int>& furthest, int middle, int k, int edits) {
    return k == -edits || (k != edits && furthest[middle + k - 1] < furthest[middle + k + 1]);
  }
  static int Start(const std::vector<int>& furthest, int middle, int k, int edits) {
    if (edits == 0) return 0;
    return IsInsertion(furthest, middle, k, edits) ? furthest[middle + k + 1] : furthest[middle + k - 1] + 1;
  }

  // Of step `edits` only the diagonals -edits to edits have been reached.
  void Keep(const std::vector<int>& furthest, int middle, int edits) {
    steps_.emplace_back(furthest.begin() + (middle - edits), furthest.begin() + (middle + edits + 1));
  }

  std::vector<std::pair<int, int>> WalkBack(int edits, int k) const {
    std::vector<std::pair<int, int>> pairs;
    int x = Size(a_);
    for (; edits > 0; --edits) {
      const std::vector<int>& before = steps_[edits - 1];
      const int middle = edits - 1;
      const bool insertion = IsInsertion(before, middle, k, edits);
      const int start = Start(before, middle, k, edits);
      while (x > start) {
        --x;
        pairs.emplace_back(x, x - k);
      }
      k += insertion ? 1 : -1;
      x = insertion ? start : start - 1;
    }
    while (x > 0) {
      --x;
      pairs.emplace_back(x, x - k);
    }
    return pairs;
  }

  const std::vector<int>& a_;
  const std::vector<int>& b_;
  std::vector<std::vector<int>> steps_;
};

// The blocks that have no counterpart yet: where they stand and what they say.
struct Rest {
  std::vector<int> places;
  std::vector<int> contents;
};

Rest RestOf(const std::vector<int>& contents, const std::vector<bool>& matched) {
  Rest rest;
  for (std::size_t i = 0; i < contents.size(); ++i) {
    if (matched[i]) continue;
    rest.places.push_back(static_cast<int>(i));
    rest.contents.push_back(contents[i]);
  }
  return rest;
}

std::vector<bool> Matched(const std::vector<int>& counterpart) {
  std::vector<bool> matched;
  for (int place : counterpart) matched.push_back(place != kNone);
  return matched;
}

void MatchByContent(const std::vector<int>& from, const std::vector<int>& to, Matching& matching) {
  Rest earlier = RestOf(from, Matched(matching.counterpart));
  Rest later = RestOf(to, matching.taken);
  for (const auto& [a, b] : CommonSubsequence(earlier.contents, later.contents).Find()) {
    matching.Match(earlier.places[a], later.places[b]);
  }
  earlier = RestOf(from, Matched(matching.counterpart));
  later = RestOf(to, matching.taken);
  std::unordered_map<int, std::deque<int>> left;  // by content: where it still stands in the later body
  for (std::size_t i = 0; i < later.places.size(); ++i) left[later.contents[i]].push_back(later.places[i]);
  for (std::size_t i = 0; i < earlier.places.size(); ++i) {
    const auto found = left.find(earlier.contents[i]);
    if (found == left.end() || found->second.empty()) continue;
    matching.Match(earlier.places[i], found->second.front());
    found->second.pop_front();
  }
}

// The values of `sequence`, all different and kNone left out, that are not on a longest increasing
// subsequence of it; ascending.
std::vector<int> OutOfOrder(const std::vector<int>& sequence) {
  std::vector<int> tops;  // place of the smallest end of an increasing subsequence of each length
  std::vector<int> previous(sequence.size(), kNone);
  for (std::size_t i = 0; i < sequence.size(); ++i) {
    if (sequence[i] == kNone) continue;
    const auto pile = std::lower_bound(tops.begin(), tops.end(), sequence[i],
                                       [&](int place, int value) { return sequence[place] < value; });
    if (pile != tops.begin()) previous[i] = *std::prev(pile);
    if (pile == tops.end()) {
      tops.push_back(static_cast<int>(i));
    } else {
      *pile = static_cast<int>(i);
    }
  }
  std::vector<bool> in_order(sequence.size(), false);
  for (int i = tops.empty() ? kNone : tops.back(); i != kNone; i = previous[i]) in_order[i] = true;
  std::vector<int> out_of_order;
  for (std::size_t i = 0; i < sequence.size(); ++i) {
    if (sequence[i] != kNone && !in_order[i]) out_of_order.push_back(sequence[i]);
  }
  std::sort(out_of_order.begin(), out_of_order.end());
  return out_of_order;
}

bool SameField(const Message& from, const Message& to, const FieldDescriptor* field) {
  if (field->has_presence() &&
      from.GetReflection()->HasField(from, field) != to.GetReflection()->HasField(to, field)) {
    return false;
  }
  google::protobuf::util::MessageDifferencer differencer;
  return differencer.CompareWithFields(from, to, {field}, {field});
}

}  // namespace

BodyDiff DiffBodies(const Blocks& from, const Blocks& to) {
  Contents contents;
  const std::vector<int> earlier = contents.NumbersOf(from);
  const std::vector<int> later = contents.NumbersOf(to);
  Matching matching{.counterpart = std::vector<int>(from.size(), kNone),
                    .taken = std::vector<bool>(to.size(), false)};
  MatchById(from, to, matching);
  MatchByContent(earlier, later, matching);

  BodyDiff diff;
  for (int i = 0; i < from.size(); ++i) {
    const int place = matching.counterpart[i];
    if (place == kNone) {
      diff.removed.push_back(i);
    } else if (earlier[i] != later[place]) {
      diff.changed.push_back(place);
    }
  }
  std::sort(diff.changed.begin(), diff.changed.end());
  for (int i = 0; i < to.size(); ++i) {
    if (!matching.taken[i]) diff.added.push_back(i);
  }
  diff.moved = OutOfOrder(matching.counterpart);
  return diff;
}

std::vector<std::string> ChangedFields(const v1::Draft& from, const v1::Draft& to) {
  std::vector<std::string> changed;
  const auto* draft = v1::Draft::descriptor();
  for (int i = 0; i < draft->field_count(); ++i) {
    const FieldDescriptor* field = draft->field(i);
    if (field->number() == v1::Draft::kRevisionFieldNumber ||
        field->number() == v1::Draft::kUpdateTimeFieldNumber) {
      continue;
    }
    if (field->number() != v1::Draft::kContentFieldNumber) {
      if (!SameField(from, to, field)) changed.emplace_back(field->name());
      continue;
    }
    const auto* content = v1::ArticleContent::descriptor();
    for (int j = 0; j < content->field_count(); ++j) {
      if (!SameField(from.content(), to.content(), content->field(j))) {
        changed.push_back(absl::StrCat("content.", content->field(j)->name()));
      }
    }
  }
  return changed;
}

}  // namespace broadsheet::article
