#include "services/scheduling/store/rota.h"

#include <algorithm>
#include <pqxx/result>

#include "absl/strings/str_cat.h"
#include "common/crypto/crypto.h"
#include "common/db/fields.h"
#include "common/status/status.h"
#include "services/casework/instants.h"

namespace waymark::scheduling {
namespace {

using casework::FromTimestamp;
using casework::ToTimestamp;

constexpr char kPutRotaEntry[] =
    "INSERT INTO rota_entry (tenant, rota_entry_id, role, person, starts_at, ends_at, channel,"
    "  key_version, wrapped_key, sealed_contact)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
    " ON CONFLICT (tenant, rota_entry_id) DO UPDATE SET role = excluded.role,"
    "  person = excluded.person, starts_at = excluded.starts_at, ends_at = excluded.ends_at,"
    "  channel = excluded.channel, key_version = excluded.key_version,"
    "  wrapped_key = excluded.wrapped_key, sealed_contact = excluded.sealed_contact";

constexpr char kDeleteRotaEntry[] =
    "DELETE FROM rota_entry WHERE tenant = $1 AND rota_entry_id = $2";

constexpr char kListRota[] =
    "SELECT rota_entry_id, role, person, starts_at, ends_at, key_version, wrapped_key,"
    "  sealed_contact FROM rota_entry"
    " WHERE tenant = $1 AND ends_at > $2 AND starts_at < $3"
    " ORDER BY starts_at, rota_entry_id LIMIT 1000";

constexpr char kReadContacts[] =
    "SELECT rota_entry_id, key_version, wrapped_key, sealed_contact FROM rota_entry"
    " WHERE tenant = $1 AND rota_entry_id = ANY ($2::uuid[])";

constexpr char kSetDutyAddress[] =
    "INSERT INTO tenant_setting (tenant, duty_channel, key_version, wrapped_key, sealed_contact,"
    "  telephone)"
    " VALUES ($1, $2, $3, $4, $5, $6)"
    " ON CONFLICT (tenant) DO UPDATE SET duty_channel = excluded.duty_channel,"
    "  key_version = excluded.key_version, wrapped_key = excluded.wrapped_key,"
    "  sealed_contact = excluded.sealed_contact, telephone = excluded.telephone";

constexpr char kReadDutyAddress[] =
    "SELECT active_since IS NOT NULL, key_version, wrapped_key, sealed_contact, telephone"
    " FROM tenant_setting WHERE tenant = $1";

constexpr char kActivate[] =
    "UPDATE tenant_setting SET active_since = coalesce(active_since, $2) WHERE tenant = $1";

// The loop looks at once and finds what fell due before the tenant was live.
constexpr char kAddDueTenant[] =
    "INSERT INTO due_tenant (tenant, next_at) VALUES ($1, '-infinity')"
    " ON CONFLICT (tenant) DO UPDATE SET next_at = '-infinity'";

constexpr char kAddDelegation[] =
    "INSERT INTO delegation (tenant, delegation_id, from_person, to_person, starts_at, ends_at)"
    " VALUES ($1, $2, $3, $4, $5, $6)"
    " ON CONFLICT (tenant, delegation_id) DO NOTHING";

constexpr char kListDelegations[] =
    "SELECT delegation_id, from_person, to_person, starts_at, ends_at FROM delegation"
    " WHERE tenant = $1 AND ends_at > $2 ORDER BY starts_at, delegation_id";

constexpr char kEndDelegation[] =
    "UPDATE delegation SET ends_at = greatest(starts_at, $3)"
    " WHERE tenant = $1 AND delegation_id = $2 AND ends_at > $3";

constexpr char kReadDutyChannel[] = "SELECT duty_channel FROM tenant_setting WHERE tenant = $1";

// Who is on duty now, and the entries of whoever covers for somebody, for their address.
constexpr char kReadDuties[] =
    "SELECT rota_entry_id, role, person, starts_at, ends_at, channel FROM rota_entry r"
    " WHERE tenant = $1 AND ((ends_at > $2 AND starts_at <= $2) OR person IN ("
    "  SELECT to_person FROM delegation WHERE tenant = $1 AND ends_at > $2 AND starts_at <= $2))";

std::string ContactBinding(absl::string_view tenant, absl::string_view owner) {
  return crypto::BindingOf({tenant, "contact", owner});
}

absl::StatusOr<v1::Contact> OpenContact(const crypto::KeyProvider& keys, absl::string_view tenant,
                                        absl::string_view owner, const pqxx::field& version,
                                        const pqxx::field& wrapped, const pqxx::field& sealed) {
  crypto::Envelope envelope;
  envelope.key = {static_cast<int32_t>(db::Int(version)), db::Bytes(wrapped)};
  envelope.sealed = db::Bytes(sealed);
  ASSIGN_OR_RETURN(const std::string bytes,
                   crypto::OpenEnvelope(keys, tenant, ContactBinding(tenant, owner), envelope));
  v1::Contact contact;
  if (!contact.ParseFromString(bytes)) {
    return status::DataLoss("CONTACT_UNREADABLE", "A stored contact cannot be read.");
  }
  return contact;
}

bool IsPrintable(absl::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](unsigned char c) { return c > 0x20 && c < 0x7f; });
}

bool IsMailAddress(absl::string_view text) {
  const size_t at = text.find('@');
  return IsPrintable(text) && at != absl::string_view::npos && at > 0 && at + 1 < text.size() &&
         text.find('@', at + 1) == absl::string_view::npos &&
         text.find_first_of("<>,;\"()[]\\") == absl::string_view::npos;
}

}  // namespace

absl::Status CheckContact(const v1::Contact& contact, absl::string_view field,
                          webhook::Transport transport) {
  status::FieldViolations violations;
  const auto add = [&](absl::string_view part, absl::string_view description) {
    violations.Add(absl::StrCat(field, ".", part), "CONTACT_INVALID", description);
  };
  if (contact.address().size() > 500) add("address", "At most 500 characters.");
  switch (contact.channel()) {
    case v1::CHANNEL_CONSOLE:
      if (!contact.address().empty()) add("address", "The console needs no address.");
      break;
    case v1::CHANNEL_EMAIL:
      if (!IsMailAddress(contact.address())) add("address", "One e-mail address, without a name.");
      break;
    case v1::CHANNEL_WEBHOOK:
      if (!webhook::IsUrl(contact.address(), transport)) add("address", "An https URL.");
      if (!webhook::IsSecret(contact.secret())) add("secret", "32 to 200 characters.");
      break;
    default:
      add("channel", "How notices travel is required.");
  }
  return violations.ToStatus();
}

absl::Status PutRotaEntry(db::Transaction& txn, const crypto::KeyProvider& keys,
                          const v1::RotaEntry& entry) {
  ASSIGN_OR_RETURN(
      const crypto::Envelope envelope,
      crypto::SealEnvelope(keys, txn.tenant(), ContactBinding(txn.tenant(), entry.rota_entry_id()),
                           entry.contact().SerializeAsString()));
  return txn
      .Exec(kPutRotaEntry, txn.tenant(), entry.rota_entry_id(), static_cast<int>(entry.role()),
            entry.person(), FromTimestamp(entry.starts_time()), FromTimestamp(entry.ends_time()),
            static_cast<int>(entry.contact().channel()), envelope.key.key_version,
            db::Bytea{envelope.key.bytes}, db::Bytea{envelope.sealed})
      .status();
}

absl::StatusOr<bool> DeleteRotaEntry(db::Transaction& txn, absl::string_view rota_entry_id) {
  ASSIGN_OR_RETURN(const pqxx::result rows,
                   txn.Exec(kDeleteRotaEntry, txn.tenant(), rota_entry_id));
  return rows.affected_rows() > 0;
}

absl::StatusOr<std::vector<v1::RotaEntry>> ListRota(db::Transaction& txn,
                                                    const crypto::KeyProvider& keys,
                                                    absl::Time from, absl::Time until) {
  ASSIGN_OR_RETURN(const pqxx::result rows, txn.Exec(kListRota, txn.tenant(), from, until));
  std::vector<v1::RotaEntry> entries;
  for (const pqxx::row& row : rows) {
    v1::RotaEntry& entry = entries.emplace_back();
    entry.set_rota_entry_id(db::Text(row[0]));
    entry.set_role(static_cast<options::v1::Role>(db::Int(row[1])));
    entry.set_person(db::Text(row[2]));
    *entry.mutable_starts_time() = ToTimestamp(db::Instant(row[3]));
    *entry.mutable_ends_time() = ToTimestamp(db::Instant(row[4]));
    ASSIGN_OR_RETURN(
        *entry.mutable_contact(),
        OpenContact(keys, txn.tenant(), entry.rota_entry_id(), row[5], row[6], row[7]));
    entry.mutable_contact()->clear_secret();
  }
  return entries;
}

absl::Status SetDutyAddress(db::Transaction& txn, const crypto::KeyProvider& keys,
                            const v1::Contact& contact, absl::string_view telephone) {
  ASSIGN_OR_RETURN(const crypto::Envelope envelope,
                   crypto::SealEnvelope(keys, txn.tenant(), ContactBinding(txn.tenant(), "duty"),
                                        contact.SerializeAsString()));
  return txn
      .Exec(kSetDutyAddress, txn.tenant(), static_cast<int>(contact.channel()),
            envelope.key.key_version, db::Bytea{envelope.key.bytes}, db::Bytea{envelope.sealed},
            telephone)
      .status();
}

absl::StatusOr<std::optional<DutyAddress>> ReadDutyAddress(db::Transaction& txn,
                                                           const crypto::KeyProvider& keys) {
  ASSIGN_OR_RETURN(const pqxx::result rows, txn.Exec(kReadDutyAddress, txn.tenant()));
  if (rows.empty()) return std::nullopt;
  DutyAddress duty;
  duty.active = db::Bool(rows[0][0]);
  duty.telephone = db::Text(rows[0][4]);
  ASSIGN_OR_RETURN(duty.contact,
                   OpenContact(keys, txn.tenant(), "duty", rows[0][1], rows[0][2], rows[0][3]));
  return duty;
}

absl::StatusOr<bool> Activate(db::Transaction& txn, absl::Time now) {
  ASSIGN_OR_RETURN(const pqxx::result rows, txn.Exec(kActivate, txn.tenant(), now));
  if (rows.affected_rows() == 0) return false;
  RETURN_IF_ERROR(txn.Exec(kAddDueTenant, txn.tenant()).status());
  return true;
}

absl::StatusOr<std::map<std::string, v1::Contact>> ReadContacts(
    db::Transaction& txn, const crypto::KeyProvider& keys,
    const std::vector<std::string>& rota_entry_ids) {
  std::map<std::string, v1::Contact> contacts;
  if (rota_entry_ids.empty()) return contacts;
  ASSIGN_OR_RETURN(const pqxx::result rows,
                   txn.Exec(kReadContacts, txn.tenant(), db::UuidArray(rota_entry_ids)));
  for (const pqxx::row& row : rows) {
    const std::string id = db::Text(row[0]);
    ASSIGN_OR_RETURN(contacts[id], OpenContact(keys, txn.tenant(), id, row[1], row[2], row[3]));
  }
  return contacts;
}

absl::Status AddDelegation(db::Transaction& txn, const v1::Delegation& delegation) {
  return txn
      .Exec(kAddDelegation, txn.tenant(), delegation.delegation_id(), delegation.from_person(),
            delegation.to_person(), FromTimestamp(delegation.starts_time()),
            FromTimestamp(delegation.ends_time()))
      .status();
}

absl::StatusOr<std::vector<v1::Delegation>> ListDelegations(db::Transaction& txn, absl::Time now) {
  ASSIGN_OR_RETURN(const pqxx::result rows, txn.Exec(kListDelegations, txn.tenant(), now));
  std::vector<v1::Delegation> delegations;
  for (const pqxx::row& row : rows) {
    v1::Delegation& delegation = delegations.emplace_back();
    delegation.set_delegation_id(db::Text(row[0]));
    delegation.set_from_person(db::Text(row[1]));
    delegation.set_to_person(db::Text(row[2]));
    *delegation.mutable_starts_time() = ToTimestamp(db::Instant(row[3]));
    *delegation.mutable_ends_time() = ToTimestamp(db::Instant(row[4]));
  }
  return delegations;
}

absl::Status EndDelegation(db::Transaction& txn, absl::string_view delegation_id, absl::Time now) {
  return txn.Exec(kEndDelegation, txn.tenant(), delegation_id, now).status();
}

absl::StatusOr<std::vector<Cover>> ReadCover(db::Transaction& txn, absl::Time now) {
  ASSIGN_OR_RETURN(const pqxx::result rows, txn.Exec(kListDelegations, txn.tenant(), now));
  std::vector<Cover> cover;
  for (const pqxx::row& row : rows) {
    cover.push_back({db::Text(row[1]), db::Text(row[2]), db::Instant(row[3]), db::Instant(row[4])});
  }
  return cover;
}

absl::StatusOr<Reachable> ReadReachable(db::Transaction& txn, absl::Time now) {
  ASSIGN_OR_RETURN(const std::vector<Cover> cover, ReadCover(txn, now));
  ASSIGN_OR_RETURN(const pqxx::result rows, txn.Exec(kReadDuties, txn.tenant(), now));
  std::vector<Duty> rota;
  for (const pqxx::row& row : rows) {
    rota.push_back({db::Text(row[0]), static_cast<options::v1::Role>(db::Int(row[1])),
                    db::Text(row[2]), db::Instant(row[3]), db::Instant(row[4]),
                    static_cast<v1::Channel>(db::Int(row[5]))});
  }
  Reachable reachable;
  reachable.recipients = RecipientsAt(rota, cover, now);
  ASSIGN_OR_RETURN(const pqxx::result duty, txn.Exec(kReadDutyChannel, txn.tenant()));
  if (!duty.empty()) reachable.duty_channel = static_cast<v1::Channel>(db::Int(duty[0][0]));
  return reachable;
}

}  // namespace waymark::scheduling
