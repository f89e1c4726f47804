#include "services/gateway/draft_service.h"

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/rpc/unary.h"
#include "common/status/status.h"
#include "waymark/gateway/v1/draft_service.grpc.pb.h"

namespace waymark::gateway {
namespace {

// Over a long weekend, and no longer: what is clinical belongs into a record, not here.
constexpr absl::Duration kKept = absl::Hours(24 * 7);
constexpr size_t kLongestForm = 300;
constexpr size_t kLongestContent = size_t{64} * 1024;
constexpr int kMostDrafts = 50;

absl::Status CheckForm(absl::string_view form) {
  if (!form.empty() && form.size() <= kLongestForm) return absl::OkStatus();
  return status::InvalidArgument("DRAFT_FORM_INVALID", "Name the form in 1 to 300 bytes.");
}

void SetInstant(absl::Time instant, google::protobuf::Timestamp* timestamp) {
  timestamp->set_seconds(absl::ToUnixSeconds(instant));
}

class DraftService final : public v1::DraftService::CallbackService {
 public:
  DraftService(rpc::Corridor& corridor, store::Store& store, crypto::Pseudonymiser pseudonymiser,
               const clock::Clock& clock)
      : corridor_(corridor),
        store_(store),
        pseudonymiser_(std::move(pseudonymiser)),
        clock_(clock) {}

  grpc::ServerUnaryReactor* SaveDraft(grpc::CallbackServerContext* context,
                                      const v1::SaveDraftRequest* request,
                                      v1::SaveDraftResponse* response) override {
    return rpc::Unary(corridor_, context, request, response,
                      [this](const rpc::Call& call, const v1::SaveDraftRequest& asked,
                             v1::SaveDraftResponse* answer) { return Save(call, asked, answer); });
  }

  grpc::ServerUnaryReactor* GetDraft(grpc::CallbackServerContext* context,
                                     const v1::GetDraftRequest* request,
                                     v1::GetDraftResponse* response) override {
    return rpc::Unary(
        corridor_, context, request, response,
        [this](const rpc::Call& call, const v1::GetDraftRequest& asked,
               v1::GetDraftResponse* answer) -> absl::Status {
          RETURN_IF_ERROR(CheckForm(asked.form()));
          ASSIGN_OR_RETURN(const std::optional<store::DraftRow> row,
                           store_.ReadDraft(call.deadline, call.caller.tenant, User(call),
                                            Form(call, asked.form()), clock_.Now()));
          return row.has_value() ? Show(*row, answer->mutable_draft()) : absl::OkStatus();
        });
  }

  grpc::ServerUnaryReactor* ListDrafts(grpc::CallbackServerContext* context,
                                       const v1::ListDraftsRequest* request,
                                       v1::ListDraftsResponse* response) override {
    return rpc::Unary(corridor_, context, request, response,
                      [this](const rpc::Call& call, const v1::ListDraftsRequest&,
                             v1::ListDraftsResponse* answer) -> absl::Status {
                        ASSIGN_OR_RETURN(const std::vector<store::DraftRow> rows,
                                         store_.ListDrafts(call.deadline, call.caller.tenant,
                                                           User(call), clock_.Now()));
                        for (const store::DraftRow& row : rows) {
                          v1::Draft* draft = answer->add_drafts();
                          RETURN_IF_ERROR(Show(row, draft));
                          draft->clear_content();
                        }
                        return absl::OkStatus();
                      });
  }

  grpc::ServerUnaryReactor* DeleteDraft(grpc::CallbackServerContext* context,
                                        const v1::DeleteDraftRequest* request,
                                        v1::DeleteDraftResponse* response) override {
    return rpc::Unary(corridor_, context, request, response,
                      [this](const rpc::Call& call, const v1::DeleteDraftRequest& asked,
                             v1::DeleteDraftResponse*) -> absl::Status {
                        RETURN_IF_ERROR(CheckForm(asked.form()));
                        return store_.DeleteDraft(call.deadline, call.caller.tenant, User(call),
                                                  Form(call, asked.form()));
                      });
  }

 private:
  std::string User(const rpc::Call& call) const {
    return pseudonymiser_.Token("user", call.caller.user_id);
  }
  // Of the person's, so that the table does not show that two people work on one form.
  std::string Form(const rpc::Call& call, absl::string_view form) const {
    return pseudonymiser_.Token("form", absl::StrCat(call.caller.user_id, "\n", form));
  }

  absl::Status Save(const rpc::Call& call, const v1::SaveDraftRequest& asked,
                    v1::SaveDraftResponse* answer) {
    const v1::Draft& draft = asked.draft();
    RETURN_IF_ERROR(CheckForm(draft.form()));
    if (draft.content().size() > kLongestContent) {
      return status::InvalidArgument("DRAFT_TOO_LARGE",
                                     "A draft is at most 64 KiB. Send the form, or shorten it.");
    }
    v1::Draft kept;
    kept.set_form(draft.form());
    kept.set_content(draft.content());
    const absl::Time now = clock_.Now();
    RETURN_IF_ERROR(store_.PutDraft(call.deadline,
                                    {.tenant = call.caller.tenant,
                                     .user_token = User(call),
                                     .form_token = Form(call, draft.form()),
                                     .saved = now,
                                     .expires = now + kKept,
                                     .content = kept.SerializeAsString()},
                                    kMostDrafts));
    SetInstant(now + kKept, answer->mutable_expire_time());
    return absl::OkStatus();
  }

  static absl::Status Show(const store::DraftRow& row, v1::Draft* draft) {
    if (!draft->ParseFromString(row.content)) {
      return status::DataLoss("DRAFT_BROKEN", "The draft cannot be read.");
    }
    SetInstant(row.saved, draft->mutable_save_time());
    SetInstant(row.expires, draft->mutable_expire_time());
    return absl::OkStatus();
  }

  rpc::Corridor& corridor_;
  store::Store& store_;
  const crypto::Pseudonymiser pseudonymiser_;
  const clock::Clock& clock_;
};

}  // namespace

server::Exposed MakeDraftService(rpc::Corridor& corridor, store::Store& store,
                                 crypto::Pseudonymiser pseudonymiser, const clock::Clock& clock) {
  return server::Expose<v1::DraftService>(
      std::make_shared<DraftService>(corridor, store, std::move(pseudonymiser), clock));
}

}  // namespace waymark::gateway
