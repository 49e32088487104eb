#include "libs/rpc/process.h"

#include <sys/resource.h>

#include <fstream>
#include <sstream>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/testing/child_process.h"
#include "libs/testing/temp_dir.h"

namespace broadsheet::rpc {
namespace {

std::string Read(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

// The program process_test_main, beside this test.
std::string Program() {
  std::string self(1024, '\0');
  self.resize(
      static_cast<std::size_t>(std::max<ssize_t>(readlink("/proc/self/exe", self.data(), self.size()), 0)));
  return self + "_main";
}

bool Eventually(const std::string& path, const std::string& text) {
  for (int i = 0; i < 5000; ++i) {
    if (Read(path).find(text) != std::string::npos) return true;
    usleep(2000);
  }
  return false;
}

TEST(Process, RunsUntilItIsToldToStopAndExitsWithZero) {
  test::TempDir directory;
  for (const int signal : {SIGTERM, SIGINT}) {
    const std::string output = directory.File(std::to_string(signal));
    test::ChildProcess program({Program(), "--port_file=" + directory.File("ports")}, output);
    ASSERT_TRUE(Eventually(output, "serving"));
    EXPECT_EQ(Read(directory.File("ports")), "grpc=1\nops=2\n");
    program.Signal(SIGPIPE);
    program.Signal(signal);
    EXPECT_EQ(program.Wait(absl::Seconds(20)), 0);
    EXPECT_TRUE(Eventually(output, "stopped"));
  }
}

TEST(Process, MayOpenAsManyFilesAsAreAllowed) {
  rlimit before = {};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
  const rlimit low = {.rlim_cur = 128, .rlim_max = before.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &low), 0);
  test::TempDir directory;
  const std::string output = directory.File("output");
  test::ChildProcess program({Program()}, output);
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &before), 0);
  ASSERT_TRUE(Eventually(output, "serving"));
  rlimit raised = {};
  ASSERT_EQ(prlimit(program.pid(), RLIMIT_NOFILE, nullptr, &raised), 0);
  EXPECT_EQ(raised.rlim_cur, before.rlim_max);
}

TEST(Process, ExplainsItsFlagsAndOnlyThose) {
  test::TempDir directory;
  test::ChildProcess program({Program(), "--help"}, directory.File("help"));
  EXPECT_TRUE(program.Wait(absl::Seconds(20)).has_value());
  const std::string help = Read(directory.File("help"));
  EXPECT_THAT(help, ::testing::HasSubstr("Shows how a program begins and ends."));
  EXPECT_THAT(help, ::testing::HasSubstr("--port_file"));
  EXPECT_THAT(help, ::testing::HasSubstr("where to write the ports"));
}

TEST(Process, SaysInOneSentenceWhyItCannotGoOn) {
  test::TempDir directory;
  test::ChildProcess program({Program(), "--port_file=/no/such/directory/ports"}, directory.File("output"));
  EXPECT_EQ(program.Wait(absl::Seconds(20)), 1);
  EXPECT_THAT(Read(directory.File("output")),
              ::testing::HasSubstr("process_test_main: cannot write /no/such/directory/ports"));
}

TEST(Process, TellsWhatItFoundOutOrWhyItCouldNot) {
  test::TempDir directory;
  test::ChildProcess told({Program(), "--tell", "--port_file=there"}, directory.File("told"));
  EXPECT_EQ(told.Wait(absl::Seconds(20)), 0);
  EXPECT_EQ(Read(directory.File("told")), "there\n");
  test::ChildProcess not_told({Program(), "--tell"}, directory.File("not_told"));
  EXPECT_EQ(not_told.Wait(absl::Seconds(20)), 1);
  EXPECT_EQ(Read(directory.File("not_told")), "process_test_main: nobody said\n");
}

TEST(Process, NamesItsFlagsInForceButNoSecret) {
  test::TempDir directory;
  test::ChildProcess told({Program(), "--tell_flags", "--port_file=there", "--database=article:hush@db"},
                          directory.File("told"));
  EXPECT_EQ(told.Wait(absl::Seconds(20)), 0);
  EXPECT_EQ(Read(directory.File("told")),
            "database=set, and not shown;port_file=there;tell=false;tell_flags=true;\n");
  test::ChildProcess unset({Program(), "--tell_flags"}, directory.File("unset"));
  EXPECT_EQ(unset.Wait(absl::Seconds(20)), 0);
  EXPECT_EQ(Read(directory.File("unset")), "database=;port_file=;tell=false;tell_flags=true;\n");
}

TEST(Process, RefusesAFlagItDoesNotKnow) {
  test::TempDir directory;
  test::ChildProcess program({Program(), "--no_such_flag=1"}, directory.File("output"));
  EXPECT_NE(program.Wait(absl::Seconds(20)), 0);
  EXPECT_THAT(Read(directory.File("output")), ::testing::HasSubstr("no_such_flag"));
}

TEST(Process, RefusesAnArgumentThatIsNoFlag) {
  test::TempDir directory;
  test::ChildProcess program({Program(), "port_file=ports"}, directory.File("output"));
  EXPECT_EQ(program.Wait(absl::Seconds(20)), 1);
  EXPECT_THAT(Read(directory.File("output")),
              ::testing::HasSubstr("takes flags only, not \"port_file=ports\""));
}

}  // namespace
}  // namespace broadsheet::rpc
