#include "libs/telemetry/trace_context.h"

#include <gtest/gtest.h>

namespace broadsheet::telemetry {
namespace {

constexpr char kExample[] = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

TEST(TraceContext, ReadsAndWritesTheExampleOfTheSpecification) {
  const std::optional<TraceContext> context = TraceContext::Parse(kExample);
  ASSERT_TRUE(context);
  EXPECT_EQ(context->trace_id(), "4bf92f3577b34da6a3ce929d0e0e4736");
  EXPECT_EQ(context->span_id(), "00f067aa0ba902b7");
  EXPECT_TRUE(context->sampled());
  EXPECT_EQ(context->ToHeader(), kExample);
}

TEST(TraceContext, ReadsWhatItKnowsOfALaterVersion) {
  EXPECT_TRUE(TraceContext::Parse("cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-what-comes-next"));
  EXPECT_FALSE(TraceContext::Parse("cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01.what"));
}

TEST(TraceContext, RefusesWhatIsMalformed) {
  for (const char* text : {
           "",
           "00",
           "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
           "0g-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
           "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
           "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
           "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
           "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0x",
           "00-4bf92f3577b34da6a3ce929d0e0e4736_00f067aa0ba902b7-01",
           "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
           "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-1",
       }) {
    EXPECT_FALSE(TraceContext::Parse(text)) << text;
  }
}

TEST(TraceContext, GivesAChildTheSameTraceAndAnotherSpan) {
  const TraceContext parent = TraceContext::FromHeader(kExample);
  const TraceContext child = parent.Child();
  EXPECT_EQ(child.trace_id(), parent.trace_id());
  EXPECT_NE(child.span_id(), parent.span_id());
  EXPECT_EQ(child.sampled(), parent.sampled());
  EXPECT_TRUE(TraceContext::Parse(child.ToHeader()));
}

TEST(TraceContext, StartsANewTraceWhenThereIsNone) {
  const TraceContext one = TraceContext::FromHeader("not a trace");
  const TraceContext other = TraceContext::New(/*sampled=*/true);
  EXPECT_NE(one.trace_id(), other.trace_id());
  EXPECT_FALSE(one.sampled());
  EXPECT_TRUE(other.sampled());
  EXPECT_EQ(TraceContext::Parse(other.ToHeader())->trace_id(), other.trace_id());
}

}  // namespace
}  // namespace broadsheet::telemetry
