#include "libs/testing/real_postgres.h"

#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

namespace broadsheet::test {
namespace {

constexpr char kPrograms[] = "/usr/lib/postgresql/15/bin/";
constexpr char kUser[] = "postgres";  // within the database
constexpr int kNobody = 65534;        // Debian's user nobody and group nogroup

[[noreturn]] void GiveUp(const std::string& message) {
  std::fprintf(stderr, "%s\n", message.c_str());
  std::abort();
}

std::string Read(const std::string& file) {
  std::ostringstream text;
  text << std::ifstream(file).rdbuf();
  return text.str();
}

// The command line of one of PostgreSQL's programs. The server refuses to run as root; it loses the wish to
// die with its parent when it changes the user, so that is renewed.
std::vector<std::string> Program(const std::string& name, const std::vector<std::string>& arguments) {
  const std::string path = kPrograms + name;
  if (access(path.c_str(), X_OK) != 0) GiveUp(path + " is not there: install postgresql-15");
  std::vector<std::string> command;
  if (geteuid() == 0) {
    command = {"/usr/bin/setpriv",
               absl::StrCat("--reuid=", kNobody),
               absl::StrCat("--regid=", kNobody),
               "--clear-groups",
               "--pdeathsig=KILL",
               "--"};
  }
  command.push_back(path);
  command.insert(command.end(), arguments.begin(), arguments.end());
  return command;
}

}  // namespace

RealPostgres::RealPostgres(std::vector<std::string> settings) : settings_(std::move(settings)) {
  if (geteuid() == 0 && chown(directory_.path().c_str(), kNobody, kNobody) != 0) {
    GiveUp("cannot give a folder to nobody");
  }
  const std::string log = directory_.File("initdb.log");
  ChildProcess initdb(Program("initdb", {"--pgdata", directory_.File("data"), "--username", kUser, "--auth",
                                         "trust", "--encoding", "UTF8", "--locale", "C.UTF-8",
                                         "--locale-provider", "icu", "--icu-locale", "en-US", "--no-sync"}),
                      log);
  if (initdb.Wait(absl::Seconds(60)) != 0) GiveUp("initdb failed: " + Read(log));
  Start();
}

RealPostgres::~RealPostgres() { Kill(); }

RealPostgres& RealPostgres::Shared() {
  static RealPostgres shared;
  return shared;
}

// The server itself rather than pg_ctl, which would leave it behind when the test crashes.
void RealPostgres::Start() {
  std::vector<std::string> arguments = {"-D", directory_.File("data"), "-k", directory_.path()};
  for (const char* setting :
       {"listen_addresses=", "fsync=off", "shared_buffers=32MB", "max_connections=60"}) {
    arguments.insert(arguments.end(), {"-c", setting});
  }
  for (const std::string& setting : settings_) arguments.insert(arguments.end(), {"-c", setting});
  const std::string log = directory_.File("postgres.log");
  const absl::Time deadline = absl::Now() + absl::Seconds(30);
  process_.reset();
  while (absl::Now() < deadline) {
    // Right after a crash it may find the old server's last processes and refuse to start.
    if (process_ == nullptr || process_->Wait(absl::ZeroDuration())) {
      process_ = std::make_unique<ChildProcess>(Program("postgres", arguments), log);
    }
    if (Answers()) return;
    absl::SleepFor(absl::Milliseconds(20));
  }
  GiveUp("postgres does not answer: " + Read(log));
}

bool RealPostgres::Answers() {
  ChildProcess ready({absl::StrCat(kPrograms, "pg_isready"), "-q", "-h", directory_.path(), "-U", kUser});
  return ready.Wait(absl::Seconds(5)) == 0;
}

void RealPostgres::Stop() {
  process_->Signal(SIGINT);
  if (!process_->Wait(absl::Seconds(30))) Kill();
}

void RealPostgres::Kill() {
  process_->Signal(SIGQUIT);  // so that the server's processes end with it
  process_->Wait(absl::Seconds(10));
  process_->Kill();
}

std::string RealPostgres::NewDatabase() {
  const std::string name = absl::StrCat("test", ++databases_);
  // Written to the log, as it would be by itself, it takes three times as long.
  const std::string made = Command(absl::StrCat("CREATE DATABASE ", name, " STRATEGY file_copy"));
  if (made != "CREATE DATABASE") GiveUp("no database: " + made);
  return address(name);
}

std::string RealPostgres::address(const std::string& database) const {
  return absl::StrCat("postgresql://", kUser, "@/", database, "?host=", directory_.path());
}

std::string RealPostgres::Command(const std::string& statements, const std::string& address_of_database) {
  const TempDir folder;
  const std::string file = folder.File("psql.out");
  ChildProcess psql(
      {absl::StrCat(kPrograms, "psql"), "--no-psqlrc", "--tuples-only", "--no-align", "-d",
       address_of_database.empty() ? address("postgres") : address_of_database, "-c", statements},
      file);
  psql.Wait(absl::Seconds(30));
  std::string output = Read(file);
  while (!output.empty() && output.back() == '\n') output.pop_back();
  return output;
}

}  // namespace broadsheet::test
