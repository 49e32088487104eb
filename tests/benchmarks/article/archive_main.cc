// Writes a great many published stories straight into the tables of the article service, which is not
// running.

#include <SQLiteCpp/SQLiteCpp.h>

#include <cstdint>
#include <string>

#include "absl/flags/flag.h"
#include "absl/strings/str_cat.h"
#include "broadsheet/article/v1/editorial_service.pb.h"
#include "libs/rpc/process.h"
#include "tests/benchmarks/article/sample_story.h"

ABSL_FLAG(std::string, database, "", "The file, whose tables, sections and authors the service has made.");
ABSL_FLAG(std::int64_t, stories, 1'000'000, "How many.");
ABSL_FLAG(int, body_bytes, 1200, "Of a story.");
ABSL_FLAG(std::string, image, "",
          "Id of the picture that every story shows; empty: SampleStory's, which nobody has.");

namespace {

namespace bench = broadsheet::bench;
namespace v1 = broadsheet::article::v1;

constexpr std::int64_t kFirstSecond = 1'700'000'000;
constexpr std::int64_t kSecondsApart = 30;
constexpr std::int64_t kAtOnce = 10'000;

// Every tenth story is about the election, but only every fifty-thousandth of section-0 is: two long lists
// that have little in common.
constexpr char kElection[] = "election";

v1::Draft MakeDraft(std::int64_t number, int body_bytes) {
  v1::Draft draft;
  draft.set_article_id(bench::ArticleId(number));
  draft.set_revision(2);
  draft.set_published_revision(2);
  draft.set_edit_state(v1::EDIT_STATE_DONE);
  draft.set_pub_status(v1::PUB_STATUS_USABLE);
  *draft.mutable_content() = bench::SampleContent(number, body_bytes);
  if (const std::string image = absl::GetFlag(FLAGS_image); !image.empty())
    draft.mutable_content()->mutable_lead_image()->set_image_id(image);
  const bool in_section_0 = draft.content().section_id() == bench::SectionId(0);
  if (in_section_0 ? number % 1000 == 0 : number % 10 == 0) draft.mutable_content()->add_subjects(kElection);
  draft.set_path(absl::StrCat("/", draft.article_id()));
  const std::int64_t seconds = kFirstSecond + number * kSecondsApart;
  for (auto* time : {draft.mutable_create_time(), draft.mutable_update_time(),
                     draft.mutable_first_published_at(), draft.mutable_version_created_at()}) {
    time->set_seconds(seconds);
  }
  return draft;
}

void Bind(SQLite::Statement& statement, int index, const std::string& bytes) {
  statement.bind(index, static_cast<const void*>(bytes.data()), static_cast<int>(bytes.size()));
}

// The statements for one story.
class Writer {
 public:
  explicit Writer(SQLite::Database& database)
      : story_(database, "INSERT INTO story VALUES (?1, 2, 3, 1, ?2, ?3, NULL, 1, 1, 1)"),
        revision_(database, "INSERT INTO revision VALUES (?1, 2, ?2, 'publish', ?3, 1, ?4, ?5)"),
        path_(database, "INSERT INTO story_path VALUES (?1, ?2)"),
        reference_(database, "INSERT INTO story_reference VALUES (?1, ?2)"),
        public_(database,
                "INSERT INTO public_story (article_id, first_published_at, urgency, article, body)"
                " VALUES (?1, ?2, ?3, ?4, ?5)"),
        entry_(database,
               "INSERT OR IGNORE INTO public_entry (list, first_published_at, article_id, section, urgency)"
               " VALUES (?1, ?2, ?3, ?4, ?5)") {}

  void Write(v1::Draft draft) {
    const std::string id = draft.article_id();
    const std::int64_t micros = draft.first_published_at().seconds() * 1'000'000;
    v1::Article article;
    article.set_article_id(id);
    article.set_revision(2);
    article.set_path(draft.path());
    article.set_pub_status(v1::PUB_STATUS_USABLE);
    *article.mutable_first_published_at() = draft.first_published_at();
    *article.mutable_version_created_at() = draft.version_created_at();
    v1::ArticleContent body;
    body.mutable_body()->Swap(draft.mutable_content()->mutable_body());
    *article.mutable_content() = draft.content();
    v1::Article article_body;
    *article_body.mutable_content() = body;
    story_.bind(1, id);
    story_.bind(2, draft.content().section_id());
    story_.bind(3, micros);
    Run(story_);
    revision_.bind(1, id);
    revision_.bind(2, micros);
    revision_.bind(3, draft.content().headline());
    Bind(revision_, 4, draft.SerializeAsString());
    Bind(revision_, 5, body.SerializeAsString());
    Run(revision_);
    path_.bind(1, draft.path());
    path_.bind(2, id);
    Run(path_);
    Refer("section/" + draft.content().section_id(), id);
    Refer("author/" + draft.content().author_ids(0), id);
    public_.bind(1, id);
    public_.bind(2, micros);
    public_.bind(3, draft.content().urgency());
    Bind(public_, 4, article.SerializeAsString());
    Bind(public_, 5, article_body.SerializeAsString());
    Run(public_);
    const std::string section = "section/" + draft.content().section_id();
    entry_.bind(5, draft.content().urgency());
    List("latest", "", micros, id);
    List(section, section, micros, id);
    List("author/" + draft.content().author_ids(0), section, micros, id);
    for (const std::string& subject : draft.content().subjects())
      List("subject/" + subject, section, micros, id);
  }

 private:
  static void Run(SQLite::Statement& statement) {
    statement.exec();
    statement.reset();
  }
  void Refer(const std::string& tag, const std::string& id) {
    reference_.bind(1, tag);
    reference_.bind(2, id);
    Run(reference_);
  }
  void List(const std::string& list, const std::string& section, std::int64_t micros, const std::string& id) {
    entry_.bind(1, list);
    entry_.bind(2, micros);
    entry_.bind(3, id);
    entry_.bind(4, section);
    Run(entry_);
  }

  SQLite::Statement story_, revision_, path_, reference_, public_, entry_;
};

}  // namespace

int main(int argc, char** argv) {
  broadsheet::rpc::Process process(argc, argv,
                                   "Fills the article service's SQLite file with published stories.");
  try {
    SQLite::Database database(absl::GetFlag(FLAGS_database), SQLite::OPEN_READWRITE);
    // A crash would cost the file, which is then made again.
    for (const char* setting :
         {"journal_mode = OFF", "synchronous = OFF", "locking_mode = EXCLUSIVE", "cache_size = -4000000"}) {
      database.exec(absl::StrCat("PRAGMA ", setting));
    }
    Writer writer(database);
    for (std::int64_t number = 0; number < absl::GetFlag(FLAGS_stories); ++number) {
      if (number % kAtOnce == 0) database.exec("BEGIN");
      writer.Write(MakeDraft(number, absl::GetFlag(FLAGS_body_bytes)));
      if (number % kAtOnce == kAtOnce - 1 || number + 1 == absl::GetFlag(FLAGS_stories))
        database.exec("COMMIT");
    }
    database.exec("PRAGMA optimize");
  } catch (const SQLite::Exception& error) {
    return process.Fail(absl::InternalError(error.what()));
  }
  return 0;
}
