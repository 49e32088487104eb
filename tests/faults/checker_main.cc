// The freshness checker: editors and readers against a running site, and a judge of every answer.
//
// Driven over standard input by whoever causes the faults, one command a line, each answered with one line:
//   cut N | mend N      article cannot be reached from gateway N | it can again
//   down N | up N       gateway N does not answer | it does again
//   restarted N         gateway N has lost its memory
//   article_down | article_up
//   faults WORDS        what is wrong at the moment, for the details of violations
//   counts              answered with: reads publishes withholds violations
//   finish              answered with the report as JSON; the program ends: 0 without violations, 1 with some

#include <cstdint>
#include <iostream>
#include <string>
#include <thread>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "libs/rpc/process.h"
#include "tests/faults/editor.h"
#include "tests/faults/grpc_reader.h"
#include "tests/faults/http_reader.h"
#include "tests/faults/probe.h"
#include "tests/faults/report.h"
#include "tests/faults/site.h"
#include "tests/faults/stalls.h"

ABSL_FLAG(std::string, article_address, "127.0.0.1:8082", "gRPC target of the article service.");
ABSL_FLAG(std::vector<std::string>, gateways, {"127.0.0.1:8080"}, "host:port of each gateway's HTTP port.");
ABSL_FLAG(std::vector<std::string>, grpc_gateways, {},
          "host:port of each gateway's gRPC port; may be fewer.");
ABSL_FLAG(std::uint64_t, seed, 1, "Decides who reads and writes what.");
ABSL_FLAG(int, run, 0, "0 to 9: tells the stories of several runs on one site apart.");
ABSL_FLAG(int, stories, 120, "How many stories there are.");
ABSL_FLAG(int, sections, 6, "How many sections they belong to; a section page shows 40 stories.");
ABSL_FLAG(bool, feed_lists_all, false,
          "Whether a story that is not in the feed is missing there: with no more of them than it lists.");
ABSL_FLAG(int, editors, 4, "Editors at a time.");
ABSL_FLAG(double, publishes_per_second, 60, "Of all editors together, at most.");
ABSL_FLAG(std::int64_t, publishes, 1'000'000'000, "Stop publishing after so many.");
ABSL_FLAG(int, withhold_one_in, 7, "Writes to public stories; 0: none is withheld.");
ABSL_FLAG(int, connections, 8, "HTTP connections to each gateway.");
ABSL_FLAG(int, grpc_readers, 4, "GetPage calls at a time to each gateway.");

namespace broadsheet::faults {
namespace {

GatewayView* FindGateway(Site& site, const std::string& number) {
  for (GatewayView& gateway : site.gateways()) {
    if (absl::StrCat(gateway.number) == number) return &gateway;
  }
  return nullptr;
}

bool Obey(Site& site, const std::string& command, const std::string& argument) {
  if (command == "faults") {
    site.SetFaults(argument);
  } else if (command == "article_down") {
    site.article_down.Begin();
  } else if (command == "article_up") {
    site.article_down.End();
  } else if (GatewayView* gateway = FindGateway(site, argument); gateway == nullptr) {
    return false;
  } else if (command == "cut") {
    gateway->cut_off.Begin();
  } else if (command == "mend") {
    gateway->cut_off.End();
  } else if (command == "down") {
    gateway->down.Begin();
  } else if (command == "up") {
    gateway->down.End();
  } else if (command == "restarted") {
    gateway->ForgetEverything();
  } else {
    return false;
  }
  return true;
}

void ObeyUntilFinish(Site& site, const Report& report) {
  std::string line;
  while (std::getline(std::cin, line) && line != "finish") {
    const std::pair<std::string, std::string> words = absl::StrSplit(line, absl::MaxSplits(' ', 1));
    if (line == "counts") {
      std::cout << report.count("reads") << ' ' << report.count("publishes") << ' '
                << report.count("withholds") << ' ' << report.violations() << std::endl;
    } else {
      std::cout << (Obey(site, words.first, words.second) ? "ok" : "not a command") << std::endl;
    }
  }
}

Site::Options OptionsFromFlags() {
  Site::Options options;
  options.gateways = absl::GetFlag(FLAGS_gateways);
  options.grpc_gateways = absl::GetFlag(FLAGS_grpc_gateways);
  options.article_address = absl::GetFlag(FLAGS_article_address);
  options.run = absl::GetFlag(FLAGS_run);
  options.stories = absl::GetFlag(FLAGS_stories);
  options.sections = absl::GetFlag(FLAGS_sections);
  options.feed_lists_all = absl::GetFlag(FLAGS_feed_lists_all);
  return options;
}

int Check(const rpc::Process& process) {
  Site site(OptionsFromFlags());
  Report report;
  const int number_of_editors = absl::GetFlag(FLAGS_editors);
  const std::uint64_t seed = absl::GetFlag(FLAGS_seed) * 1'000'000;
  std::vector<Editor> editors;
  for (int i = 0; i < number_of_editors; ++i)
    editors.emplace_back(site, report, i, number_of_editors, seed + i);
  for (Editor& editor : editors) {
    if (absl::Status ready = editor.SetUp(); !ready.ok()) return process.Fail(ready);
  }
  std::vector<std::thread> threads;
  for (Editor& editor : editors) {
    threads.emplace_back([&] {
      editor.Run({.per_second = absl::GetFlag(FLAGS_publishes_per_second) / number_of_editors,
                  .max_publishes = absl::GetFlag(FLAGS_publishes) / number_of_editors,
                  .withhold_one_in = absl::GetFlag(FLAGS_withhold_one_in)});
    });
  }
  Stalls stalls;
  threads.emplace_back([&] { WatchArticle(site, stalls); });
  threads.emplace_back([&] { ReadOverHttp(site, report, absl::GetFlag(FLAGS_connections), seed + 1000); });
  threads.emplace_back([&] { ReadOverGrpc(site, report, absl::GetFlag(FLAGS_grpc_readers), seed + 2000); });
  std::cout << "running" << std::endl;
  ObeyUntilFinish(site, report);
  site.Stop();
  for (std::thread& thread : threads) thread.join();
  report.Settle(stalls, Probe::kRecovery);
  report.Took("excused by stalls", stalls.Total(Probe::kRecovery));
  std::cout << report.ToJson() << std::endl;
  return report.violations() == 0 ? 0 : 1;
}

}  // namespace
}  // namespace broadsheet::faults

int main(int argc, char** argv) {
  const broadsheet::rpc::Process process(argc, argv, "Reads and writes a site and judges what it answers.");
  return broadsheet::faults::Check(process);
}
