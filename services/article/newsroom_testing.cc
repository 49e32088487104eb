#include "services/article/newsroom_testing.h"

#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <limits>

#include "absl/strings/str_cat.h"

namespace broadsheet::article {
namespace {

template <class Stub, class Request, class Response>
absl::StatusOr<Response> Call(Stub& stub,
                              grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                              const std::string& text) {
  Request request;
  ParseText(text, request);
  grpc::ClientContext context;
  context.set_deadline(absl::ToChronoTime(absl::Now() + absl::Seconds(20)));
  Response response;
  const absl::Status status = rpc::FromGrpc((stub.*method)(&context, request, &response));
  if (!status.ok()) return status;
  return response;
}

}  // namespace

Engine EngineOfServices() {
  const char* name = std::getenv("ARTICLE_TEST_ENGINE");  // NOLINT(concurrency-mt-unsafe): nobody sets it
  return name != nullptr && absl::string_view(name) == "postgres" ? Engine::kPostgres : Engine::kSqlite;
}

void ParseText(const std::string& text, google::protobuf::Message& message) {
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &message)) << text;
}

std::vector<std::string> FieldsOf(const absl::Status& status) {
  std::vector<std::string> fields;
  for (const rpc::Violation& violation : rpc::Violations(status)) fields.push_back(violation.field);
  return fields;
}

TestNewsroom::TestNewsroom(Engine engine) : database_(engine) {
  Start();
  for (const char* section : {"harbour", "town"}) {
    EXPECT_TRUE(
        PutSection(absl::StrCat("section { section_id: '", section, "' name: 'Section ", section, "' }"))
            .ok());
  }
  for (const char* author : {"ann", "bo"}) {
    EXPECT_TRUE(
        PutAuthor(absl::StrCat("author { author_id: '", author, "' name: 'Author ", author, "' }")).ok());
  }
}

std::unique_ptr<SqlArticleStore> TestNewsroom::OpenAnotherStore() const {
  auto database = database_.Open();
  EXPECT_TRUE(database.ok()) << database.status();
  auto store = SqlArticleStore::Open(*std::move(database), {});
  EXPECT_TRUE(store.ok()) << store.status();
  return *std::move(store);
}

void TestNewsroom::Start() {
  auto database = database_.Open();
  ASSERT_TRUE(database.ok()) << database.status();
  auto store = SqlArticleStore::Open(*std::move(database), {});
  ASSERT_TRUE(store.ok()) << store.status();
  store_ = *std::move(store);
  change::v1::Snapshot snapshot;
  snapshot.set_log_id(store_->log_id());
  snapshot.set_position(Head());
  cache_ = std::make_unique<ArticleCache>(*store_, snapshot, 1 << 20);
  change::PublisherOptions options;
  options.source = "article";
  options.lease = absl::Milliseconds(200);
  options.restart_grace = absl::ZeroDuration();  // nobody followed before
  auto publisher = change::Publisher::Start(*store_, options);
  ASSERT_TRUE(publisher.ok()) << publisher.status();
  publisher_ = *std::move(publisher);
  store_->SetCommitListener([this](const std::vector<change::v1::Change>& changes, std::int64_t head) {
    cache_->Apply(changes, head);
    publisher_->Notify(head);
  });
  auto clock = [this] { return now(); };
  article_service_ = std::make_unique<ArticleService>(*cache_, store_->token_key(), clock);
  editorial_service_ = std::make_unique<EditorialService>(
      *store_, [this](std::int64_t position) { return publisher_->WaitForFollowers(position); }, clock);
  scheduler_ = std::make_unique<Scheduler>(*store_, clock);
  rpc::ServerOptions server_options;
  server_options.max_message_bytes = 16 << 20;
  server_ = std::make_unique<test::GrpcServer>(
      std::vector<grpc::Service*>{article_service_.get(), editorial_service_.get()},
      std::vector<rpc::AsyncService*>{publisher_.get()}, server_options);
  editing_ = v1::EditorialService::NewStub(server_->channel());
  reading_ = v1::ArticleService::NewStub(server_->channel());
}

void TestNewsroom::Restart() {
  editing_.reset();
  reading_.reset();
  server_.reset();
  scheduler_.reset();
  editorial_service_.reset();
  article_service_.reset();
  publisher_.reset();
  cache_.reset();
  store_.reset();
  Start();
}

std::string TestNewsroom::After(absl::Duration time) const {
  const google::protobuf::Timestamp timestamp = ToTimestamp(now() + time);
  return absl::StrCat("{ seconds: ", timestamp.seconds(), " nanos: ", timestamp.nanos(), " }");
}

int TestNewsroom::RunDue() {
  absl::StatusOr<int> run = scheduler_->RunDue();
  EXPECT_TRUE(run.ok()) << run.status();
  return run.value_or(-1);
}

using Editing = v1::EditorialService::Stub;
using Reading = v1::ArticleService::Stub;

absl::StatusOr<v1::CreateArticleResponse> TestNewsroom::Create(const std::string& request) {
  return Call(*editing_, &Editing::CreateArticle, request);
}
absl::StatusOr<v1::UpdateArticleResponse> TestNewsroom::Update(const std::string& request) {
  return Call(*editing_, &Editing::UpdateArticle, request);
}
absl::StatusOr<v1::PublishArticleResponse> TestNewsroom::Publish(const std::string& request) {
  return Call(*editing_, &Editing::PublishArticle, request);
}
absl::StatusOr<v1::WithholdArticleResponse> TestNewsroom::Withhold(const std::string& request) {
  return Call(*editing_, &Editing::WithholdArticle, request);
}
absl::StatusOr<v1::MoveArticleResponse> TestNewsroom::Move(const std::string& request) {
  return Call(*editing_, &Editing::MoveArticle, request);
}
absl::StatusOr<v1::AddCorrectionResponse> TestNewsroom::Correct(const std::string& request) {
  return Call(*editing_, &Editing::AddCorrection, request);
}
absl::StatusOr<v1::RestoreRevisionResponse> TestNewsroom::Restore(const std::string& request) {
  return Call(*editing_, &Editing::RestoreRevision, request);
}
absl::StatusOr<v1::ImportArticlesResponse> TestNewsroom::Import(const std::string& request) {
  return Call(*editing_, &Editing::ImportArticles, request);
}
absl::StatusOr<v1::GetDraftResponse> TestNewsroom::GetDraft(const std::string& request) {
  return Call(*editing_, &Editing::GetDraft, request);
}
absl::StatusOr<v1::ListDraftsResponse> TestNewsroom::ListDrafts(const std::string& request) {
  return Call(*editing_, &Editing::ListDrafts, request);
}
absl::StatusOr<v1::ListRevisionsResponse> TestNewsroom::ListRevisions(const std::string& request) {
  return Call(*editing_, &Editing::ListRevisions, request);
}
absl::StatusOr<v1::GetRevisionResponse> TestNewsroom::GetRevision(const std::string& request) {
  return Call(*editing_, &Editing::GetRevision, request);
}
absl::StatusOr<v1::DiffRevisionsResponse> TestNewsroom::Diff(const std::string& request) {
  return Call(*editing_, &Editing::DiffRevisions, request);
}
absl::StatusOr<v1::ReservePathResponse> TestNewsroom::Reserve(const std::string& request) {
  return Call(*editing_, &Editing::ReservePath, request);
}
absl::StatusOr<v1::ReleasePathResponse> TestNewsroom::Release(const std::string& request) {
  return Call(*editing_, &Editing::ReleasePath, request);
}
absl::StatusOr<v1::PutAuthorResponse> TestNewsroom::PutAuthor(const std::string& request) {
  return Call(*editing_, &Editing::PutAuthor, request);
}
absl::StatusOr<v1::DeleteAuthorResponse> TestNewsroom::DeleteAuthor(const std::string& request) {
  return Call(*editing_, &Editing::DeleteAuthor, request);
}
absl::StatusOr<v1::PutSectionResponse> TestNewsroom::PutSection(const std::string& request) {
  return Call(*editing_, &Editing::PutSection, request);
}
absl::StatusOr<v1::DeleteSectionResponse> TestNewsroom::DeleteSection(const std::string& request) {
  return Call(*editing_, &Editing::DeleteSection, request);
}
absl::StatusOr<v1::GetCurationResponse> TestNewsroom::GetCuration(const std::string& request) {
  return Call(*editing_, &Editing::GetCuration, request);
}
absl::StatusOr<v1::PutCurationResponse> TestNewsroom::PutCuration(const std::string& request) {
  return Call(*editing_, &Editing::PutCuration, request);
}
absl::StatusOr<v1::GetArticleResponse> TestNewsroom::Get(const std::string& request) {
  return Call(*reading_, &Reading::GetArticle, request);
}
absl::StatusOr<v1::BatchGetArticlesResponse> TestNewsroom::BatchGet(const std::string& request) {
  return Call(*reading_, &Reading::BatchGetArticles, request);
}
absl::StatusOr<v1::ListArticlesResponse> TestNewsroom::List(const std::string& request) {
  return Call(*reading_, &Reading::ListArticles, request);
}
absl::StatusOr<v1::GetAuthorResponse> TestNewsroom::GetAuthor(const std::string& request) {
  return Call(*reading_, &Reading::GetAuthor, request);
}
absl::StatusOr<v1::ListSectionsResponse> TestNewsroom::ListSections(const std::string& request) {
  return Call(*reading_, &Reading::ListSections, request);
}

v1::Draft TestNewsroom::CreateStory(const std::string& article_id, const std::string& headline) {
  auto created =
      Create(absl::StrCat("article_id: '", article_id, "' content { headline: '", headline,
                          "' section_id: 'harbour' author_ids: 'ann' subjects: 'flood defences'",
                          " body { paragraph { text { text: 'The text of ", article_id, ".' } } } }"));
  EXPECT_TRUE(created.ok()) << created.status();
  return created.ok() ? created->draft() : v1::Draft();
}

v1::Draft TestNewsroom::PublishStory(const std::string& article_id, const std::string& headline) {
  CreateStory(article_id, headline);
  auto published = Publish(absl::StrCat("article_id: '", article_id, "'"));
  EXPECT_TRUE(published.ok()) << published.status();
  return published.ok() ? published->draft() : v1::Draft();
}

std::vector<change::v1::Change> TestNewsroom::Changes(std::int64_t after) const {
  auto changes = store_->Read(after, std::numeric_limits<int>::max());
  EXPECT_TRUE(changes.ok()) << changes.status();
  return changes.ok() ? *changes : std::vector<change::v1::Change>();
}

std::int64_t TestNewsroom::Head() const {
  auto head = store_->Head();
  EXPECT_TRUE(head.ok()) << head.status();
  return head.value_or(-1);
}

}  // namespace broadsheet::article
