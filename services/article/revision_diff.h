#ifndef BROADSHEET_SERVICES_ARTICLE_REVISION_DIFF_H_
#define BROADSHEET_SERVICES_ARTICLE_REVISION_DIFF_H_

#include <string>
#include <vector>

#include "broadsheet/article/v1/article.pb.h"
#include "broadsheet/article/v1/editorial_service.pb.h"
#include "google/protobuf/repeated_field.h"

// What differs between two revisions of a story. Pure.
namespace broadsheet::article {

// Places in the bodies, counted from 0, each list in ascending order.
struct BodyDiff {
  std::vector<int> added;    // in the later body
  std::vector<int> removed;  // in the earlier one
  std::vector<int> changed;  // in the later body
  std::vector<int> moved;    // in the later body; may be among the changed ones

  bool operator==(const BodyDiff&) const = default;
};

// Finds for each block its counterpart: the one with its id; failing that, one that says the same under
// another id or none. Of those that say the same the ones along a longest common subsequence are taken first,
// by Myers' algorithm ("An O(ND) Difference Algorithm and Its Variations", Algorithmica 1, 1986), then the
// rest in the order they stand in. Moved are the blocks outside a longest increasing subsequence of places
// (Fredman, "On computing the length of longest increasing subsequences", Discrete Mathematics 11, 1975).
//
// Work: O(n log n) for n blocks, and for the common subsequence O(n d) steps and 4 d² bytes for d insertions
// and deletions, at most 1,000; bodies that differ more are matched by the other rules alone, which may find
// more moves.
BodyDiff DiffBodies(const google::protobuf::RepeatedPtrField<v1::Block>& from,
                    const google::protobuf::RepeatedPtrField<v1::Block>& to);

// Fields of Draft that differ, as paths in the order of their numbers, those of `content` one by one; without
// `revision` and `update_time`.
std::vector<std::string> ChangedFields(const v1::Draft& from, const v1::Draft& to);

}  // namespace broadsheet::article

#endif  // BROADSHEET_SERVICES_ARTICLE_REVISION_DIFF_H_
