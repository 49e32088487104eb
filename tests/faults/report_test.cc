#include "tests/faults/report.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace broadsheet::faults {
namespace {

using ::testing::HasSubstr;

TEST(Report, CountsWhatAStallDoesNotExcuse) {
  Report report;
  Stalls stalls;
  stalls.Note(100, 200);
  report.ViolationUnlessStalled("labelled old", "", "before", 50, 90);
  report.ViolationUnlessStalled("labelled old", "", "during", 90, 110);
  report.ViolationUnlessStalled("labelled old", "", "after", 5000, 6000);
  report.Violation("old", "", "during");
  EXPECT_EQ(report.violations(), 4);
  report.Settle(stalls, absl::Nanoseconds(1000));
  EXPECT_EQ(report.violations(), 3);
  EXPECT_EQ(report.count("excused by a stall"), 1);
  EXPECT_THAT(report.ToJson(), HasSubstr("\"labelled old, none\": 2, \"old, none\": 1"));
}

}  // namespace
}  // namespace broadsheet::faults
