#include "common/testing/schema_walk.h"

#include <pqxx/connection>
#include <pqxx/nontransaction>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace waymark::testing {
namespace {

// In all of these: tables, partitioned or not, that are not PostgreSQL's own.
#define WAYMARK_OUR_TABLES                                                                   \
  " FROM pg_class t JOIN pg_namespace n ON n.oid = t.relnamespace"                           \
  " WHERE t.relkind IN ('r', 'p') AND n.nspname NOT IN ('pg_catalog', 'information_schema')" \
  " AND n.nspname NOT LIKE 'pg_toast%' AND n.nspname NOT LIKE 'pg_temp%'"

constexpr char kTables[] =
    "SELECT t.relname, t.relrowsecurity, t.relforcerowsecurity,"
    " EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = t.oid AND a.attname = 'tenant'"
    "         AND a.attnotnull AND a.attnum > 0 AND NOT a.attisdropped),"
    " EXISTS (SELECT FROM pg_index i WHERE i.indrelid = t.oid AND i.indisprimary),"
    " EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = t.oid),"
    " EXISTS (SELECT FROM pg_trigger g WHERE g.tgrelid = t.oid AND NOT g.tgisinternal),"
    " pg_get_userbyid(t.relowner)" WAYMARK_OUR_TABLES " ORDER BY 1";

// Unique and primary indexes whose first column is not the tenant.
constexpr char kUniqueWithoutTenant[] =
    "SELECT t.relname, x.relname"
    " FROM pg_index i JOIN pg_class t ON t.oid = i.indrelid JOIN pg_class x ON x.oid = i.indexrelid"
    " JOIN pg_namespace n ON n.oid = t.relnamespace"
    " LEFT JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = i.indkey[0]"
    " WHERE i.indisunique AND t.relkind IN ('r', 'p')"
    " AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg_toast%'"
    " AND a.attname IS DISTINCT FROM 'tenant' ORDER BY 1, 2";

constexpr char kForeignKeys[] =
    "SELECT t.relname, c.conname, a.attname = 'tenant' AND b.attname = 'tenant', c.confdeltype"
    " FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid"
    " JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]"
    " JOIN pg_attribute b ON b.attrelid = c.confrelid AND b.attnum = c.confkey[1]"
    " WHERE c.contype = 'f' ORDER BY 1, 2";

constexpr char kPolicies[] =
    "SELECT t.relname, p.polname, coalesce(pg_get_expr(p.polqual, p.polrelid), ''),"
    " coalesce(pg_get_expr(p.polwithcheck, p.polrelid), '')"
    " FROM pg_policy p JOIN pg_class t ON t.oid = p.polrelid ORDER BY 1, 2";

constexpr char kSequences[] = "SELECT relname FROM pg_class WHERE relkind = 'S' ORDER BY 1";

constexpr char kRole[] =
    "SELECT rolsuper, rolbypassrls, rolcreatedb, rolcreaterole,"
    " EXISTS (SELECT FROM pg_auth_members m WHERE m.member = r.oid),"
    " (SELECT count(*) FROM pg_class c WHERE c.relowner = r.oid)"
    " + (SELECT count(*) FROM pg_proc f WHERE f.proowner = r.oid)"
    " + (SELECT count(*) FROM pg_namespace s WHERE s.nspowner = r.oid)"
    " + (SELECT count(*) FROM pg_database d WHERE d.datdba = r.oid),"
    " EXISTS (SELECT FROM pg_namespace s WHERE s.nspname NOT LIKE 'pg\\_%'"
    "         AND s.nspname <> 'information_schema'"
    "         AND has_schema_privilege(r.oid, s.oid, 'CREATE')),"
    " EXISTS (SELECT" WAYMARK_OUR_TABLES
    " AND has_table_privilege(r.oid, t.oid, 'TRUNCATE'))"
    " FROM pg_roles r WHERE rolname = 'waymark_runtime'";

bool True(const pqxx::field& field) { return !field.is_null() && field.c_str()[0] == 't'; }

}  // namespace

Exempt CommonExempt() {
  return {
      {"schema_migration", "says which migrations were applied; belongs to no tenant"},
      {"tenant", "lists the tenants for background duties; holds only their codes"},
  };
}

std::vector<std::string> WalkSchema(const TestDatabase& database, const Exempt& exempt) {
  std::vector<std::string> violations;
  const auto say = [&](const auto&... words) { violations.push_back(absl::StrCat(words...)); };
  Exempt missing = exempt;
  try {
    pqxx::connection connection(database.superuser_dsn().Reveal());
    pqxx::nontransaction catalog(connection);
    for (const pqxx::row& row : catalog.exec(kTables)) {
      const std::string table = row[0].c_str();
      missing.erase(table);
      if (True(row[6])) say("table ", table, " has a trigger");
      if (absl::string_view(row[7].c_str()) != kOwnerRole) {
        say("table ", table, " belongs to ", row[7].c_str(), ", not to ", kOwnerRole);
      }
      if (exempt.count(table) > 0) continue;
      if (!True(row[1])) say("table ", table, " has row-level security disabled");
      if (!True(row[2])) say("table ", table, " does not force row-level security on its owner");
      if (!True(row[3])) say("table ", table, " has no column tenant NOT NULL");
      if (!True(row[4])) say("table ", table, " has no primary key");
      if (!True(row[5])) say("table ", table, " has no policy");
    }
    for (const pqxx::row& row : catalog.exec(kUniqueWithoutTenant)) {
      if (exempt.count(row[0].c_str()) > 0) continue;
      say("table ", row[0].c_str(), ": tenant does not lead ", row[1].c_str());
    }
    for (const pqxx::row& row : catalog.exec(kForeignKeys)) {
      if (!True(row[2])) say("table ", row[0].c_str(), ": tenant does not lead ", row[1].c_str());
      const char action = row[3].c_str()[0];
      if (action == 'n' || action == 'd') {
        say("table ", row[0].c_str(), ": ", row[1].c_str(), " sets columns when its target goes");
      }
    }
    for (const pqxx::row& row : catalog.exec(kPolicies)) {
      for (int field : {2, 3}) {
        const absl::string_view rule = row[field].c_str();
        if (rule.empty() && field == 3) continue;
        if (!absl::StrContains(rule, "NULLIF(current_setting('waymark.tenant'::text, true)")) {
          say("table ", row[0].c_str(), ": policy ", row[1].c_str(),
              " does not compare with waymark.tenant");
        }
      }
    }
    for (const pqxx::row& row : catalog.exec(kSequences)) {
      say("sequence ", row[0].c_str(), " exists");
    }
    const pqxx::result roles = catalog.exec(kRole);
    if (roles.empty()) {
      say("role ", kRuntimeRole, " does not exist");
    } else {
      const pqxx::row role = roles[0];
      const char* const faults[] = {"is a superuser", "bypasses row-level security",
                                    "may create databases", "may create roles",
                                    "is a member of a role"};
      for (int i = 0; i < 5; ++i) {
        if (True(role[i])) say("role ", kRuntimeRole, " ", faults[i]);
      }
      if (absl::string_view(role[5].c_str()) != "0") {
        say("role ", kRuntimeRole, " owns ", role[5].c_str(), " objects");
      }
      if (True(role[6])) say("role ", kRuntimeRole, " may create tables");
      if (True(role[7])) say("role ", kRuntimeRole, " may truncate");
    }
  } catch (const std::exception& error) {
    say("cannot read the catalogue: ", error.what());
  }
  for (const auto& [table, reason] : exempt) {
    if (reason.empty()) say("table ", table, " is exempt without a reason");
  }
  for (const auto& [table, reason] : missing) say("exempt table ", table, " does not exist");
  return violations;
}

}  // namespace waymark::testing
