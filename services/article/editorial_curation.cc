#include <algorithm>
#include <optional>
#include <utility>

#include "libs/rpc/status.h"
#include "services/article/editorial_service.h"
#include "services/article/idempotent_write.h"
#include "services/article/named_parts.h"
#include "services/article/request_check.h"
#include "services/article/tags.h"
#include "services/article/validation.h"

namespace broadsheet::article {

grpc::Status EditorialService::GetCuration(grpc::ServerContext* /*context*/,
                                           const v1::GetCurationRequest* request,
                                           v1::GetCurationResponse* response) {
  FieldCheck check;
  check.OptionalId("section_id", request->section_id());
  if (absl::Status valid = ToStatus(check); !valid.ok()) return rpc::ToGrpc(valid);
  absl::StatusOr<std::optional<v1::Curation>> found = store_.FindCuration(request->section_id());
  if (!found.ok()) return rpc::ToGrpc(found.status());
  if (*found) *response->mutable_curation() = **std::move(found);
  response->mutable_curation()->set_section_id(request->section_id());
  return grpc::Status::OK;
}

grpc::Status EditorialService::PutCuration(grpc::ServerContext* /*context*/,
                                           const v1::PutCurationRequest* request,
                                           v1::PutCurationResponse* response) {
  v1::Curation curation = request->curation();
  FieldCheck check;
  CheckPut(*request, check);
  if (!request->has_curation()) check.Add("curation", "is required: an empty one chooses nothing");
  CheckCuration("curation", curation, check);
  if (absl::Status valid = ToStatus(check); !valid.ok()) return rpc::ToGrpc(valid);

  const absl::Time now = clock_();
  return rpc::ToGrpc(IdempotentWrite<v1::PutCurationRequest, v1::PutCurationResponse>(
      store_, wait_for_followers_, now, *request, *response,
      [&](EditTransaction& transaction, v1::PutCurationResponse& answer,
          WriteOutcome& outcome) -> absl::Status {
        if (absl::Status named = NamedParts(transaction).Check(curation); !named.ok()) return named;
        absl::StatusOr<std::optional<v1::Curation>> found = transaction.FindCuration(curation.section_id());
        if (!found.ok()) return found.status();
        const std::int64_t revision = *found ? (*found)->revision() : 0;
        absl::Status same = CheckRevisionToPut(request->expected_revision(), revision, "CURATION_EXISTS");
        if (!same.ok()) return same;
        const bool chosen =
            *found && std::equal(curation.article_ids().begin(), curation.article_ids().end(),
                                 (*found)->article_ids().begin(), (*found)->article_ids().end());
        curation.set_revision(chosen ? revision : revision + 1);
        *answer.mutable_curation() = curation;
        if (chosen) {
          *answer.mutable_snapshot() = transaction.snapshot();
          return absl::OkStatus();
        }
        if (absl::Status saved = transaction.SaveCuration(curation); !saved.ok()) return saved;
        return AppendChange(transaction, CurationChange(curation.section_id()), now, answer, outcome);
      }));
}

}  // namespace broadsheet::article
