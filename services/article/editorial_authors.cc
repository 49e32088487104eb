#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/rpc/status.h"
#include "services/article/editorial_service.h"
#include "services/article/idempotent_write.h"
#include "services/article/lifecycle.h"
#include "services/article/path_claims.h"
#include "services/article/request_check.h"
#include "services/article/tags.h"
#include "services/article/validation.h"

namespace broadsheet::article {
namespace {

constexpr int kMaxSections = 100;

}  // namespace

grpc::Status EditorialService::PutAuthor(grpc::ServerContext* /*context*/,
                                         const v1::PutAuthorRequest* request,
                                         v1::PutAuthorResponse* response) {
  v1::Author author = request->author();
  FieldCheck check;
  CheckPut(*request, check);
  CheckAuthor("author", author, check);
  if (absl::Status valid = ToStatus(check); !valid.ok()) return rpc::ToGrpc(valid);

  const absl::Time now = clock_();
  return rpc::ToGrpc(IdempotentWrite<v1::PutAuthorRequest, v1::PutAuthorResponse>(
      store_, wait_for_followers_, now, *request, *response,
      [&](EditTransaction& transaction, v1::PutAuthorResponse& answer,
          WriteOutcome& outcome) -> absl::Status {
        absl::StatusOr<std::optional<v1::Author>> found = transaction.FindAuthor(author.author_id());
        if (!found.ok()) return found.status();
        const std::int64_t revision = *found ? (*found)->revision() : 0;
        absl::Status same = CheckRevisionToPut(request->expected_revision(), revision, "AUTHOR_EXISTS");
        if (!same.ok()) return same;
        author.set_revision(revision);
        if (*found && author.SerializeAsString() == (*found)->SerializeAsString()) {
          *answer.mutable_author() = author;
          *answer.mutable_snapshot() = transaction.snapshot();
          return absl::OkStatus();
        }
        author.set_revision(revision + 1);
        *answer.mutable_author() = author;
        if (absl::Status saved = transaction.SaveAuthor(author); !saved.ok()) return saved;
        return AppendChange(transaction, AuthorChange(author.author_id(), false), now, answer, outcome);
      }));
}

grpc::Status EditorialService::DeleteAuthor(grpc::ServerContext* /*context*/,
                                            const v1::DeleteAuthorRequest* request,
                                            v1::DeleteAuthorResponse* response) {
  FieldCheck check;
  CheckWrite(*request, check);
  check.Id("author_id", request->author_id());
  if (absl::Status valid = ToStatus(check); !valid.ok()) return rpc::ToGrpc(valid);

  const absl::Time now = clock_();
  return rpc::ToGrpc(IdempotentWrite<v1::DeleteAuthorRequest, v1::DeleteAuthorResponse>(
      store_, wait_for_followers_, now, *request, *response,
      [&](EditTransaction& transaction, v1::DeleteAuthorResponse& answer,
          WriteOutcome& outcome) -> absl::Status {
        absl::StatusOr<std::optional<v1::Author>> found = transaction.FindAuthor(request->author_id());
        if (!found.ok()) return found.status();
        if (!*found)
          return rpc::NotFound("AUTHOR_NOT_FOUND", absl::StrCat("there is no author ", request->author_id()));
        absl::Status same = CheckRevision(request->expected_revision(), (*found)->revision());
        if (!same.ok()) return same;
        absl::StatusOr<bool> named = transaction.IsReferenced(AuthorTag(request->author_id()));
        if (!named.ok()) return named.status();
        if (*named) return InvalidState("a story names the author");
        if (absl::Status removed = transaction.RemoveAuthor(request->author_id()); !removed.ok())
          return removed;
        return AppendChange(transaction, AuthorChange(request->author_id(), true), now, answer, outcome);
      }));
}

grpc::Status EditorialService::PutSection(grpc::ServerContext* /*context*/,
                                          const v1::PutSectionRequest* request,
                                          v1::PutSectionResponse* response) {
  v1::Section section = request->section();
  FieldCheck check;
  CheckPut(*request, check);
  CheckSection("section", section, check);
  if (absl::Status valid = ToStatus(check); !valid.ok()) return rpc::ToGrpc(valid);

  const absl::Time now = clock_();
  return rpc::ToGrpc(IdempotentWrite<v1::PutSectionRequest, v1::PutSectionResponse>(
      store_, wait_for_followers_, now, *request, *response,
      [&](EditTransaction& transaction, v1::PutSectionResponse& answer,
          WriteOutcome& outcome) -> absl::Status {
        absl::StatusOr<std::optional<v1::Section>> found = transaction.FindSection(section.section_id());
        if (!found.ok()) return found.status();
        const std::int64_t revision = *found ? (*found)->revision() : 0;
        absl::Status same = CheckRevisionToPut(request->expected_revision(), revision, "SECTION_EXISTS");
        if (!same.ok()) return same;
        if (!*found) {
          absl::StatusOr<int> count = transaction.CountSections();
          if (!count.ok()) return count.status();
          if (*count >= kMaxSections) return InvalidState(absl::StrCat("there are ", *count, " sections"));
          if (absl::Status free = CheckPageFree(transaction, absl::StrCat("/", section.section_id()));
              !free.ok())
            return free;
          // Programs before schema 8 left what was chosen for the page of one that had this id.
          if (absl::Status none = transaction.RemoveSection(section.section_id()); !none.ok()) return none;
        }
        section.set_revision(revision);
        if (*found && section.SerializeAsString() == (*found)->SerializeAsString()) {
          *answer.mutable_section() = section;
          *answer.mutable_snapshot() = transaction.snapshot();
          return absl::OkStatus();
        }
        section.set_revision(revision + 1);
        *answer.mutable_section() = section;
        if (absl::Status saved = transaction.SaveSection(section); !saved.ok()) return saved;
        return AppendChange(transaction, SectionChange(section.section_id(), false), now, answer, outcome);
      }));
}

grpc::Status EditorialService::DeleteSection(grpc::ServerContext* /*context*/,
                                             const v1::DeleteSectionRequest* request,
                                             v1::DeleteSectionResponse* response) {
  FieldCheck check;
  CheckWrite(*request, check);
  check.Id("section_id", request->section_id());
  if (absl::Status valid = ToStatus(check); !valid.ok()) return rpc::ToGrpc(valid);

  const absl::Time now = clock_();
  return rpc::ToGrpc(IdempotentWrite<v1::DeleteSectionRequest, v1::DeleteSectionResponse>(
      store_, wait_for_followers_, now, *request, *response,
      [&](EditTransaction& transaction, v1::DeleteSectionResponse& answer,
          WriteOutcome& outcome) -> absl::Status {
        absl::StatusOr<std::optional<v1::Section>> found = transaction.FindSection(request->section_id());
        if (!found.ok()) return found.status();
        if (!*found) {
          return rpc::NotFound("SECTION_NOT_FOUND",
                               absl::StrCat("there is no section ", request->section_id()));
        }
        absl::Status same = CheckRevision(request->expected_revision(), (*found)->revision());
        if (!same.ok()) return same;
        absl::StatusOr<bool> named = transaction.IsReferenced(SectionTag(request->section_id()));
        if (!named.ok()) return named.status();
        if (*named) return InvalidState("a story belongs to the section");
        if (absl::Status removed = transaction.RemoveSection(request->section_id()); !removed.ok())
          return removed;
        return AppendChange(transaction, SectionChange(request->section_id(), true), now, answer, outcome);
      }));
}

}  // namespace broadsheet::article
