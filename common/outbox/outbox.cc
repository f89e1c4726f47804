#include "common/outbox/outbox.h"

#include "common/status/status.h"

namespace waymark::outbox {
namespace {

constexpr char kAppend[] =
    "INSERT INTO outbox (tenant, destination, event_id, payload)"
    " SELECT $1::text, m.destination, m.event_id, m.payload"
    " FROM unnest($2::text[], $3::uuid[], $4::bytea[]) AS m(destination, event_id, payload)";

constexpr char kPurge[] =
    "WITH old AS (SELECT destination, max(delivered_through) AS through FROM outbox_day"
    "  WHERE tenant = $1 AND day < ($2::timestamptz AT TIME ZONE 'UTC')::date"
    "  GROUP BY destination)"
    " DELETE FROM outbox o USING old, outbox_counter c"
    " WHERE o.tenant = $1 AND o.destination = old.destination AND o.number <= old.through"
    " AND c.tenant = $1 AND c.destination = old.destination AND o.number <= c.delivered_through";

constexpr char kPurgeDays[] =
    "DELETE FROM outbox_day"
    " WHERE tenant = $1 AND day < ($2::timestamptz AT TIME ZONE 'UTC')::date";

}  // namespace

void AddMessages(const std::vector<Message>& messages, db::Params& params) {
  std::vector<std::string> destinations, event_ids, payloads;
  destinations.reserve(messages.size());
  event_ids.reserve(messages.size());
  payloads.reserve(messages.size());
  for (const Message& message : messages) {
    destinations.push_back(message.destination);
    event_ids.push_back(message.event_id);
    payloads.push_back(message.payload);
  }
  params.Add(db::TextArray(destinations));
  params.Add(db::UuidArray(event_ids));
  params.Add(db::ByteaArray(payloads));
}

absl::Status Append(db::Transaction& txn, const std::vector<Message>& messages) {
  if (messages.empty()) return absl::OkStatus();
  db::Params params;
  params.Add(txn.tenant());
  AddMessages(messages, params);
  return txn.ExecParams(kAppend, params).status();
}

absl::StatusOr<int64_t> PurgeDelivered(db::Transaction& txn, absl::Time before) {
  ASSIGN_OR_RETURN(const pqxx::result purged, txn.Exec(kPurge, txn.tenant(), before));
  RETURN_IF_ERROR(txn.Exec(kPurgeDays, txn.tenant(), before).status());
  return static_cast<int64_t>(purged.affected_rows());
}

}  // namespace waymark::outbox
