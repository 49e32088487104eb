// What SQLite can do at best: writes the rows that an import has left in one database of the article service
// into a new one of the same tables and indices, story by story, many stories a transaction, on one thread,
// and prints how many stories a second that took. Reading the rows is not counted.
//
//   plain_import SOURCE.sqlite TARGET.sqlite STORIES_PER_TRANSACTION
#include <sqlite3.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

namespace {

struct CloseDatabase {
  void operator()(sqlite3* database) const { sqlite3_close_v2(database); }
};
using Database = std::unique_ptr<sqlite3, CloseDatabase>;
struct Finalize {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using Statement = std::unique_ptr<sqlite3_stmt, Finalize>;
struct FreeValue {
  void operator()(sqlite3_value* value) const { sqlite3_value_free(value); }
};
using Values = std::vector<std::unique_ptr<sqlite3_value, FreeValue>>;

void Check(int result, sqlite3* database) {
  if (result == SQLITE_OK || result == SQLITE_DONE || result == SQLITE_ROW) return;
  std::fprintf(stderr, "sqlite: %s\n", sqlite3_errmsg(database));
  std::exit(1);
}

void Execute(const Database& database, const std::string& text) {
  Check(sqlite3_exec(database.get(), text.c_str(), nullptr, nullptr, nullptr), database.get());
}

Database Open(const char* path) {
  sqlite3* database = nullptr;
  const int opened = sqlite3_open(path, &database);
  Database owned(database);
  Check(opened, database);
  for (const char* pragma :
       {"page_size = 8192", "journal_mode = WAL", "synchronous = FULL", "wal_autocheckpoint = 16384",
        "journal_size_limit = 150994944", "foreign_keys = ON", "cache_size = -65536", "temp_store = MEMORY"})
    Execute(owned, std::string("PRAGMA ") + pragma);
  return owned;
}

Statement Prepare(const Database& database, const std::string& text) {
  sqlite3_stmt* statement = nullptr;
  Check(sqlite3_prepare_v2(database.get(), text.c_str(), -1, &statement, nullptr), database.get());
  return Statement(statement);
}

// One table's rows of a story: how they are read and written.
struct Table {
  Statement select;  // by the story's id
  Statement insert;
};

// `from`: the table in the source, if it is called otherwise there.
Table MakeTable(const Database& source, const Database& target, const std::string& name,
                const std::string& condition, const std::string& from = "") {
  Table table;
  table.select = Prepare(source, "SELECT * FROM " + (from.empty() ? name : from) + " WHERE " + condition);
  std::string insert = "INSERT INTO " + name + " VALUES (?";
  for (int i = 1; i < sqlite3_column_count(table.select.get()); ++i) insert += ", ?";
  table.insert = Prepare(target, insert + ")");
  return table;
}

// A row to be written.
struct Row {
  sqlite3_stmt* insert;
  Values values;
};

void Read(const Database& source, Table& table, const std::string& key, std::vector<Row>& rows) {
  sqlite3_stmt* select = table.select.get();
  sqlite3_bind_text(select, 1, key.data(), static_cast<int>(key.size()), SQLITE_STATIC);
  int step = SQLITE_ROW;
  while ((step = sqlite3_step(select)) == SQLITE_ROW) {
    Row& row = rows.emplace_back(Row{table.insert.get(), {}});
    for (int i = 0; i < sqlite3_column_count(select); ++i)
      row.values.emplace_back(sqlite3_value_dup(sqlite3_column_value(select, i)));
  }
  Check(step, source.get());
  sqlite3_reset(select);
}

void Write(const Database& target, const std::vector<Row>& rows) {
  Execute(target, "BEGIN IMMEDIATE");
  for (const Row& row : rows) {
    for (std::size_t i = 0; i < row.values.size(); ++i)
      sqlite3_bind_value(row.insert, static_cast<int>(i) + 1, row.values[i].get());
    Check(sqlite3_step(row.insert), target.get());
    sqlite3_reset(row.insert);
  }
  Execute(target, "COMMIT");
}

// The tables and indices of the source.
void CopySchema(const Database& source, const Database& target) {
  const Statement schema =
      Prepare(source, "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%'");
  while (sqlite3_step(schema.get()) == SQLITE_ROW)
    Execute(target, reinterpret_cast<const char*>(sqlite3_column_text(schema.get(), 0)));
}

std::vector<std::string> StoryIds(const Database& source) {
  std::vector<std::string> ids;
  const Statement order = Prepare(source, "SELECT article_id FROM story ORDER BY rowid");
  while (sqlite3_step(order.get()) == SQLITE_ROW)
    ids.emplace_back(reinterpret_cast<const char*>(sqlite3_column_text(order.get(), 0)));
  return ids;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    std::fprintf(stderr, "usage: plain_import SOURCE TARGET STORIES_PER_TRANSACTION\n");
    return 2;
  }
  const Database source = Open(argv[1]);
  const Database target = Open(argv[2]);
  const std::size_t batch = std::strtoul(argv[3], nullptr, 10);
  CopySchema(source, target);
  const std::vector<std::string> ids = StoryIds(source);
  std::vector<Table> tables;
  for (const char* name : {"story", "revision", "story_path", "story_reference", "public_story"})
    tables.push_back(MakeTable(source, target, name, "article_id = ?1"));
  // The service never looks for a story's entries, so there is no index for that.
  Execute(source, "CREATE TEMP TABLE entry AS SELECT * FROM public_entry");
  Execute(source, "CREATE INDEX temp.entry_by_story ON entry (article_id)");
  tables.push_back(MakeTable(source, target, "public_entry", "article_id = ?1", "temp.entry"));
  // The n-th story's change; sections and authors come before the first.
  Table changes = MakeTable(source, target, "change_log", "position = CAST(?1 AS INTEGER)");
  const Statement first =
      Prepare(source, "SELECT MAX(position) - (SELECT COUNT(*) FROM public_story) FROM change_log");
  sqlite3_step(first.get());
  long position = static_cast<long>(sqlite3_column_int64(first.get(), 0));

  std::chrono::nanoseconds spent{0};
  std::vector<Row> rows;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    for (Table& table : tables) Read(source, table, ids[i], rows);
    Read(source, changes, std::to_string(++position), rows);
    if ((i + 1) % batch != 0 && i + 1 != ids.size()) continue;
    const auto begun = std::chrono::steady_clock::now();
    Write(target, rows);
    spent += std::chrono::steady_clock::now() - begun;
    rows.clear();
  }
  std::printf("%.0f\n", static_cast<double>(ids.size()) / std::chrono::duration<double>(spent).count());
  return 0;
}
