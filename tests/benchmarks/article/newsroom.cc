#include "tests/benchmarks/article/newsroom.h"

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "tests/benchmarks/article/load.h"
#include "tests/benchmarks/article/sample_story.h"

namespace broadsheet::bench {
namespace {

namespace v1 = article::v1;

absl::Status Edit(const std::string& address, const char* method, const google::protobuf::Message& request) {
  const absl::Status done =
      Call(address, absl::StrCat("/broadsheet.article.v1.EditorialService/", method), ToBytes(request))
          .status();
  return absl::IsAlreadyExists(done) ? absl::OkStatus() : done;
}

absl::Status FillMasthead(const std::string& address) {
  absl::Status filled;
  for (int i = 0; i < kSections; ++i) {
    v1::PutSectionRequest request;
    *request.mutable_section() = SampleSection(i);
    filled.Update(Edit(address, "PutSection", request));
  }
  for (int i = 0; i < kAuthors; ++i) {
    v1::PutAuthorRequest request;
    *request.mutable_author() = SampleAuthor(i);
    filled.Update(Edit(address, "PutAuthor", request));
  }
  return filled;
}

}  // namespace

Newsroom::Newsroom(std::string address, int stories, std::size_t body_bytes)
    : address_(std::move(address)),
      stories_(stories),
      body_bytes_(body_bytes),
      counts_(stories),
      run_(absl::StrCat(absl::ToUnixNanos(absl::Now()))) {
  for (int i = 0; i < stories; ++i) {
    v1::UpdateArticleRequest& update = updates_.emplace_back();
    update.set_article_id(absl::StrCat("story-", i));
    *update.mutable_content() = SampleContent(i, body_bytes);
    update.mutable_update_mask()->add_paths("content");
  }
}

absl::Status Newsroom::Fill(bool publish) const {
  absl::Status status = FillMasthead(address_);
  for (int i = 0; i < stories_ && status.ok(); ++i) {
    v1::CreateArticleRequest create;
    create.set_article_id(absl::StrCat("story-", i));
    *create.mutable_content() = SampleContent(i, body_bytes_);
    status.Update(Edit(address_, "CreateArticle", create));
    if (!publish) continue;
    v1::PublishArticleRequest request;
    request.set_article_id(create.article_id());
    status.Update(Edit(address_, "PublishArticle", request));
  }
  return status;
}

grpc::ByteBuffer Newsroom::NextUpdate(int writer, int writers) {
  const int own = stories_ / writers;
  const int story = writer * own + static_cast<int>(counts_[writer * own] % own);
  const std::uint64_t count = ++counts_[writer * own];
  v1::UpdateArticleRequest& update = updates_[story];
  update.set_request_id(absl::StrCat(run_, "-", writer, "-", count));
  update.mutable_content()->set_headline(SampleText(count, 60));
  update.mutable_content()->mutable_body(0)->mutable_paragraph()->mutable_text()->set_text(
      SampleText(count, 300));
  return ToBytes(update);
}

}  // namespace broadsheet::bench
