#ifndef BROADSHEET_SERVICES_ARTICLE_NEWSROOM_TESTING_H_
#define BROADSHEET_SERVICES_ARTICLE_NEWSROOM_TESTING_H_

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "broadsheet/article/v1/article_service.grpc.pb.h"
#include "broadsheet/article/v1/editorial_service.grpc.pb.h"
#include "google/protobuf/message.h"
#include "libs/change/publisher.h"
#include "libs/rpc/status.h"
#include "libs/testing/grpc_server.h"
#include "services/article/article_cache.h"
#include "services/article/article_service.h"
#include "services/article/editorial_service.h"
#include "services/article/engine_testing.h"
#include "services/article/scheduler.h"
#include "services/article/sql_article_store.h"

namespace broadsheet::article {

// What TestNewsroom runs on: SQLite, unless the environment says ARTICLE_TEST_ENGINE=postgres.
Engine EngineOfServices();

// The services for a test: a real server on the loopback over a real database in a folder of its own, and a
// clock that stands still. There are the sections `harbour` and `town` and the authors `ann` and `bo`.
// Requests are written in protobuf's text format.
class TestNewsroom {
 public:
  explicit TestNewsroom(Engine engine = EngineOfServices());

  // Ends the server and the store and starts them again on the same data.
  void Restart();

  absl::Time now() const { return absl::FromUnixMicros(now_micros_); }
  void Pass(absl::Duration time) { now_micros_ += absl::ToInt64Microseconds(time); }
  // `time: { seconds: … nanos: … }` of a time this long from now.
  std::string After(absl::Duration time) const;
  // What is due by now; the number of commits.
  int RunDue();

  absl::StatusOr<v1::CreateArticleResponse> Create(const std::string& request);
  absl::StatusOr<v1::UpdateArticleResponse> Update(const std::string& request);
  absl::StatusOr<v1::PublishArticleResponse> Publish(const std::string& request);
  absl::StatusOr<v1::WithholdArticleResponse> Withhold(const std::string& request);
  absl::StatusOr<v1::MoveArticleResponse> Move(const std::string& request);
  absl::StatusOr<v1::AddCorrectionResponse> Correct(const std::string& request);
  absl::StatusOr<v1::RestoreRevisionResponse> Restore(const std::string& request);
  absl::StatusOr<v1::ImportArticlesResponse> Import(const std::string& request);
  absl::StatusOr<v1::GetDraftResponse> GetDraft(const std::string& request);
  absl::StatusOr<v1::ListDraftsResponse> ListDrafts(const std::string& request);
  absl::StatusOr<v1::ListRevisionsResponse> ListRevisions(const std::string& request);
  absl::StatusOr<v1::GetRevisionResponse> GetRevision(const std::string& request);
  absl::StatusOr<v1::DiffRevisionsResponse> Diff(const std::string& request);
  absl::StatusOr<v1::ReservePathResponse> Reserve(const std::string& request);
  absl::StatusOr<v1::ReleasePathResponse> Release(const std::string& request);
  absl::StatusOr<v1::PutAuthorResponse> PutAuthor(const std::string& request);
  absl::StatusOr<v1::DeleteAuthorResponse> DeleteAuthor(const std::string& request);
  absl::StatusOr<v1::PutSectionResponse> PutSection(const std::string& request);
  absl::StatusOr<v1::DeleteSectionResponse> DeleteSection(const std::string& request);
  absl::StatusOr<v1::GetCurationResponse> GetCuration(const std::string& request);
  absl::StatusOr<v1::PutCurationResponse> PutCuration(const std::string& request);

  absl::StatusOr<v1::GetArticleResponse> Get(const std::string& request);
  absl::StatusOr<v1::BatchGetArticlesResponse> BatchGet(const std::string& request);
  absl::StatusOr<v1::ListArticlesResponse> List(const std::string& request);
  absl::StatusOr<v1::GetAuthorResponse> GetAuthor(const std::string& request);
  absl::StatusOr<v1::ListSectionsResponse> ListSections(const std::string& request);

  // A draft of a story that is fit to be published, with a body; ends the test's expectations if it cannot be
  // made.
  v1::Draft CreateStory(const std::string& article_id, const std::string& headline = "Sea wall opens");
  // The same, published.
  v1::Draft PublishStory(const std::string& article_id, const std::string& headline = "Sea wall opens");

  std::vector<change::v1::Change> Changes(std::int64_t after = 0) const;
  std::int64_t Head() const;

  SqlArticleStore& store() { return *store_; }
  // One more on the same database, which knows nothing of the first. The newsroom must outlive it.
  std::unique_ptr<SqlArticleStore> OpenAnotherStore() const;
  ArticleCache& cache() { return *cache_; }
  std::shared_ptr<grpc::Channel> channel() { return server_->channel(); }
  std::string address() const { return server_->address(); }
  v1::EditorialService::Stub& editing() { return *editing_; }
  v1::ArticleService::Stub& reading() { return *reading_; }

 private:
  void Start();

  const TestDatabase database_;
  std::atomic<std::int64_t> now_micros_{1'763'900'000'000'000};
  std::unique_ptr<SqlArticleStore> store_;
  std::unique_ptr<ArticleCache> cache_;
  std::unique_ptr<change::Publisher> publisher_;
  std::unique_ptr<ArticleService> article_service_;
  std::unique_ptr<EditorialService> editorial_service_;
  std::unique_ptr<Scheduler> scheduler_;
  std::unique_ptr<test::GrpcServer> server_;
  std::unique_ptr<v1::EditorialService::Stub> editing_;
  std::unique_ptr<v1::ArticleService::Stub> reading_;
};

// Fills `message` from text format; a mistake fails the test.
void ParseText(const std::string& text, google::protobuf::Message& message);

// The fields a BadRequest names.
std::vector<std::string> FieldsOf(const absl::Status& status);

}  // namespace broadsheet::article

#endif  // BROADSHEET_SERVICES_ARTICLE_NEWSROOM_TESTING_H_
