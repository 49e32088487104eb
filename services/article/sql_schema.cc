#include "services/article/sql_schema.h"

#include <openssl/rand.h>

#include <cstdlib>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

namespace broadsheet::article {
namespace {

struct Trigger {
  const char* name;
  const char* when;
  std::string body;
};

struct Migration {
  int usable_by;  // the oldest schema version whose program can work with the result
  std::vector<const char*> statements;
  std::vector<Trigger> triggers = {};
  // What is to be done to the rows that there are, some at a time, as an engine may bound a statement's time.
  absl::Status (*fill)(sql::Connection& connection) = nullptr;
  // Where no program of another release can be running meanwhile: what earlier ones need and this one does
  // not. `usable_by`: instead of the above.
  struct Alone {
    int usable_by;
    std::vector<std::string> statements;
  };
  std::optional<Alone> alone = std::nullopt;
};

constexpr std::int64_t kFilledAtATime = 1000;

// What a row of public_entry says of its story, which earlier programs leave to the trigger of version 5.
std::string EntryOf(absl::string_view article_id) {
  return absl::StrCat(
      "section = CASE WHEN list = 'latest' THEN '' ELSE COALESCE((SELECT MAX(s.list) FROM public_entry s"
      " WHERE s.article_id = ",
      article_id,
      " AND s.list LIKE 'section/%'), '') END,"
      " urgency = COALESCE((SELECT p.urgency FROM public_story p WHERE p.article_id = ",
      article_id, "), 5)");
}

absl::Status FillEntries(sql::Connection& connection) {
  std::string after;
  while (true) {
    std::string last;
    absl::Status status = connection.Run(
        "SELECT MAX(article_id) FROM (SELECT article_id FROM public_story WHERE article_id > $1"
        " ORDER BY article_id LIMIT $2) p",
        {absl::string_view(after), kFilledAtATime},
        [&](const sql::Row& row) { last = std::string(row.Text(0)); });
    if (!status.ok() || last.empty()) return status;
    status = connection.Run(absl::StrCat("UPDATE public_entry SET ", EntryOf("public_entry.article_id"),
                                         " WHERE article_id > $1 AND article_id <= $2"),
                            {absl::string_view(after), absl::string_view(last)});
    if (!status.ok()) return status;
    after = std::move(last);
  }
}

// {int}, {text}, {blob} and {clustered} are the dialect's words.
const std::vector<Migration>& Migrations() {
  static const auto* const migrations = new std::vector<Migration>{
      // Version 1.
      {1,
       {"CREATE TABLE log (log_id {text} NOT NULL, token_key {blob} NOT NULL)",
        "CREATE TABLE change_log (position {int} NOT NULL PRIMARY KEY, change {blob} NOT NULL)",
        "CREATE TABLE story (article_id {text} NOT NULL PRIMARY KEY, revision {int} NOT NULL,"
        " edit_state {int} NOT NULL, pub_status {int} NOT NULL, section_id {text} NOT NULL,"
        " update_time {int} NOT NULL, next_event {int}, visible {int} NOT NULL, was_visible {int} NOT NULL,"
        " path_claimed {int} NOT NULL)",
        "CREATE INDEX story_by_update ON story (update_time, article_id)",
        "CREATE INDEX story_by_section ON story (section_id, update_time, article_id)",
        "CREATE INDEX story_by_event ON story (next_event) WHERE next_event IS NOT NULL",
        "CREATE TABLE revision (article_id {text} NOT NULL REFERENCES story, revision {int} NOT NULL,"
        " create_time {int} NOT NULL, action {text} NOT NULL, headline {text} NOT NULL, pub_status {int} NOT "
        "NULL,"
        " draft {blob} NOT NULL, body {blob} NOT NULL, PRIMARY KEY (article_id, revision))",
        "CREATE TABLE story_path (path {text} NOT NULL PRIMARY KEY, article_id {text} NOT NULL)",
        "CREATE INDEX story_path_by_story ON story_path (article_id)",
        "CREATE TABLE story_reference (tag {text} NOT NULL, article_id {text} NOT NULL,"
        " PRIMARY KEY (tag, article_id)){clustered}",
        "CREATE INDEX story_reference_by_story ON story_reference (article_id)",
        "CREATE TABLE public_story (article_id {text} NOT NULL PRIMARY KEY REFERENCES story,"
        " first_published_at {int} NOT NULL, urgency {int} NOT NULL, embargoed_until {int}, expires_at {int},"
        " article {blob} NOT NULL, body {blob} NOT NULL)",
        "CREATE TABLE public_entry (list {text} NOT NULL, first_published_at {int} NOT NULL,"
        " article_id {text} NOT NULL, PRIMARY KEY (list, first_published_at, article_id)){clustered}",
        "CREATE INDEX public_entry_by_story ON public_entry (article_id)",
        "CREATE TABLE withdrawn (article_id {text} NOT NULL PRIMARY KEY REFERENCES story, withdrawal {blob} "
        "NOT NULL)",
        "CREATE TABLE author (author_id {text} NOT NULL PRIMARY KEY, author {blob} NOT NULL)",
        "CREATE TABLE section (section_id {text} NOT NULL PRIMARY KEY, section {blob} NOT NULL)",
        "CREATE TABLE request (request_id {text} NOT NULL PRIMARY KEY, digest {blob} NOT NULL,"
        " response {blob} NOT NULL, article_id {text} NOT NULL, revision {int} NOT NULL, position {int} NOT "
        "NULL,"
        " expires_at {int} NOT NULL)",
        "CREATE INDEX request_by_expiry ON request (expires_at)"}},
      // Version 2: what readers had before.
      {1,
       {"CREATE TABLE past_story (article_id {text} NOT NULL REFERENCES story, revision {int} NOT NULL,"
        " article {blob} NOT NULL, body {blob} NOT NULL, PRIMARY KEY (article_id, revision))"}},
      // Version 3: paths kept for stories to come.
      {1,
       {"CREATE TABLE reserved_path (path {text} NOT NULL PRIMARY KEY, article_id {text} NOT NULL)",
        "CREATE INDEX reserved_path_by_story ON reserved_path (article_id)"}},
      // Version 4: what an editor withdrew, earlier programs kept.
      {1,
       {"DELETE FROM past_story WHERE EXISTS (SELECT 1 FROM revision r WHERE r.article_id = "
        "past_story.article_id"
        " AND r.revision > past_story.revision AND r.action = 'withhold')"}},
      // Version 5: two lists at once, and what is urgent, without reading past everything else. Programs
      // before it know nothing of the two columns, so the database sees to them.
      {1,
       {"ALTER TABLE public_entry ADD COLUMN section {text} NOT NULL DEFAULT ''",
        "ALTER TABLE public_entry ADD COLUMN urgency {int} NOT NULL DEFAULT 0",
        "CREATE INDEX public_entry_by_section ON public_entry (list, section, first_published_at, article_id)"
        " WHERE section <> ''",
        "CREATE INDEX public_entry_urgent ON public_entry (list, urgency, first_published_at, article_id)"
        " WHERE urgency < 5"},
       {{"public_entry_added", "AFTER INSERT ON public_entry FOR EACH ROW WHEN (NEW.urgency = 0)",
         absl::StrCat("UPDATE public_entry SET ", EntryOf("NEW.article_id"),
                      " WHERE article_id = NEW.article_id")},
        {"public_story_urgency",
         "AFTER UPDATE OF urgency ON public_story FOR EACH ROW WHEN (OLD.urgency <> NEW.urgency)",
         "UPDATE public_entry SET urgency = NEW.urgency WHERE article_id = NEW.article_id"}},
       FillEntries},
      // Version 6: a body is kept once while readers have it, by programs that are alone with the database.
      // They find a story's entries by what its public side says, and write sections and urgencies
      // themselves. A trigger on a table costs each row that is added a copy of every page it changes.
      {1,
       {"ALTER TABLE public_story ADD COLUMN body_revision {int} NOT NULL DEFAULT 0"},
       {},
       nullptr,
       Migration::Alone{6,
                        {"DROP TRIGGER public_entry_added", "DROP TRIGGER public_story_urgency",
                         "DROP INDEX public_entry_by_story", "DROP INDEX public_entry_by_section",
                         ("CREATE INDEX public_entry_by_section ON public_entry"
                          " (list, section, first_published_at, article_id)"
                          " WHERE section <> '' AND list <> section")}}},
      // Version 7: a path leads to its story without a second search. It makes a difference where {clustered}
      // says something, and nothing to any program.
      {1,
       {},
       {},
       nullptr,
       Migration::Alone{
           6,
           {("CREATE TABLE path_of_story (path {text} NOT NULL PRIMARY KEY, article_id {text} NOT "
             "NULL){clustered}"),
            "INSERT INTO path_of_story SELECT path, article_id FROM story_path ORDER BY path",
            "DROP TABLE story_path", "ALTER TABLE path_of_story RENAME TO story_path",
            "CREATE INDEX story_path_by_story ON story_path (article_id)"}}},
      // Version 8: what editors have chosen for the front and the sections' pages. Programs before it show
      // what they showed.
      {1,
       {"CREATE TABLE curation (section_id {text} NOT NULL PRIMARY KEY, curation {blob} NOT NULL)"},
       {},
       nullptr,
       Migration::Alone{6, {}}},
  };
  return *migrations;
}

std::string RandomBytes(int count) {
  std::string bytes(count, '\0');
  // Without randomness two databases could take each other for the same log: never go on.
  if (RAND_bytes(reinterpret_cast<unsigned char*>(bytes.data()), count) != 1) std::abort();
  return bytes;
}

std::string InDialect(absl::string_view statement, const sql::Dialect& dialect) {
  return absl::StrReplaceAll(statement, {{"{int}", dialect.integer_type},
                                         {"{text}", dialect.text_type},
                                         {"{blob}", dialect.blob_type},
                                         {"{clustered}", dialect.clustered}});
}

absl::Status Apply(sql::Connection& connection, const sql::Dialect& dialect, const Migration& migration) {
  for (const char* statement : migration.statements) {
    if (absl::Status run = connection.Run(InDialect(statement, dialect)); !run.ok()) return run;
  }
  for (const Trigger& trigger : migration.triggers) {
    for (const std::string& statement : dialect.trigger(trigger.name, trigger.when, trigger.body)) {
      if (absl::Status run = connection.Run(statement); !run.ok()) return run;
    }
  }
  if (migration.fill != nullptr) {
    if (absl::Status filled = migration.fill(connection); !filled.ok()) return filled;
  }
  if (dialect.shared || !migration.alone) return absl::OkStatus();
  for (const std::string& statement : migration.alone->statements) {
    if (absl::Status run = connection.Run(InDialect(statement, dialect)); !run.ok()) return run;
  }
  return absl::OkStatus();
}

int UsableBy(const Migration& migration, const sql::Dialect& dialect) {
  return dialect.shared || !migration.alone ? migration.usable_by : migration.alone->usable_by;
}

absl::Status Migrate(sql::Connection& connection, const sql::Dialect& dialect) {
  std::int64_t version = 0;
  std::int64_t usable_by = 0;
  absl::Status read =
      connection.Run(absl::StrCat("CREATE TABLE IF NOT EXISTS schema_version (version ", dialect.integer_type,
                                  " NOT NULL, usable_by ", dialect.integer_type, " NOT NULL)"));
  read.Update(connection.Run("SELECT version, usable_by FROM schema_version", {}, [&](const sql::Row& row) {
    version = row.Int64(0);
    usable_by = row.Int64(1);
  }));
  if (!read.ok()) return read;
  const auto known = static_cast<std::int64_t>(Migrations().size());
  if (usable_by > known) {
    return absl::FailedPreconditionError(absl::StrCat("the database has schema ", version,
                                                      ", which needs a program of schema ", usable_by,
                                                      " or later; this one is of schema ", known));
  }
  if (version >= known) return absl::OkStatus();
  if (!dialect.before_migration.empty()) {
    if (absl::Status ready = connection.Run(dialect.before_migration); !ready.ok()) return ready;
  }
  for (std::int64_t next = version; next < known; ++next) {
    if (absl::Status applied = Apply(connection, dialect, Migrations()[next]); !applied.ok()) return applied;
    usable_by = UsableBy(Migrations()[next], dialect);
  }
  if (version == 0) {
    const std::string log_id = absl::BytesToHexString(RandomBytes(16));
    const std::string token_key = RandomBytes(32);
    if (absl::Status stored = connection.Run("INSERT INTO log (log_id, token_key) VALUES ($1, $2)",
                                             {absl::string_view(log_id), sql::Blob{token_key}});
        !stored.ok()) {
      return stored;
    }
  }
  absl::Status stored = connection.Run("DELETE FROM schema_version");
  stored.Update(
      connection.Run("INSERT INTO schema_version (version, usable_by) VALUES ($1, $2)", {known, usable_by}));
  return stored;
}

}  // namespace

absl::StatusOr<LogIdentity> PrepareSchema(sql::Database& database) {
  auto connection = database.Connect();
  if (!connection.ok()) return connection.status();
  if (absl::Status begun = (*connection)->Begin(sql::TransactionMode::kWrite); !begun.ok()) return begun;
  LogIdentity identity;
  absl::Status prepared = Migrate(**connection, database.dialect());
  prepared.Update((*connection)->Run("SELECT log_id, token_key FROM log", {}, [&](const sql::Row& row) {
    identity = {std::string(row.Text(0)), std::string(row.Text(1))};
  }));
  if (!prepared.ok()) {
    (*connection)->Rollback();
    return prepared;
  }
  if (absl::Status committed = (*connection)->Commit(); !committed.ok()) return committed;
  return identity;
}

}  // namespace broadsheet::article
