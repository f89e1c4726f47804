#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/civil/civil.h"
#include "common/crypto/crypto.h"
#include "common/db/fields.h"
#include "common/ids/ids.h"
#include "common/metrics/metrics.h"
#include "common/status/status.h"
#include "common/testing/matchers.h"
#include "services/casework/instants.h"
#include "services/workforce/feed/feed.h"
#include "services/workforce/feed/importer.h"
#include "services/workforce/people/lifecycle.h"
#include "services/workforce/store/joins.h"
#include "services/workforce/testing/ground.h"

namespace waymark::workforce {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::IsOk;
using ::testing::Not;
using ::testing::SizeIs;
using testing::StatusIs;

constexpr char kSource[] = "origin";

// Columns of the files of these tests.
constexpr char kHeader[] =
    "external_id,family_name,given_name,workforce_type,site_code,manager_external_id,work_email,"
    "collar_number,active,effective_date,source_version,end_date,end_reason\n";

struct Line {
  std::string id;
  std::string family = "Hughes";
  std::string given = "Siân";
  std::string type = "OFFICER";
  std::string site = "HQ";
  std::string manager;
  std::string email;
  std::string collar;
  std::string active = "yes";
  std::string on;
  std::string version;
  std::string end;
  std::string end_reason;
};

std::string Csv(const std::vector<Line>& lines) {
  std::string csv = kHeader;
  for (const Line& l : lines) {
    absl::StrAppend(&csv,
                    absl::StrJoin({l.id, l.family, l.given, l.type, l.site, l.manager, l.email,
                                   l.collar, l.active, l.on, l.version, l.end, l.end_reason},
                                  ","),
                    "\n");
  }
  return csv;
}

class FeedPgTest : public Ground {
 protected:
  FeedPgTest() : feed_(*desk_, nullptr), importer_(*desk_) {}

  rpc::Call Hr(const char* method) {
    return CallOf(absl::StrCat("HrFeedService.", method), {options::v1::ROLE_HR_INTEGRATION}, "hr");
  }
  rpc::Call Lead(const char* method) {
    return CallOf(absl::StrCat("HrFeedService.", method), {options::v1::ROLE_OH_LEAD}, "lead");
  }

  v1::SyncPeopleRequest Header(const std::string& run_id, const std::string& csv,
                               v1::FeedKind kind) {
    v1::SyncPeopleRequest message;
    message.set_request_id(run_id);
    v1::FeedHeader& header = *message.mutable_header();
    header.set_kind(kind);
    v1::FeedManifest& manifest = *header.mutable_manifest();
    manifest.set_file_name("people.csv");
    manifest.set_sha256(crypto::Hex(crypto::Bytes(crypto::Sha256(csv))));
    manifest.set_row_count(std::count(csv.begin(), csv.end(), '\n') - 1);
    *manifest.mutable_extract_time() = casework::ToTimestamp(clock_.Now());
    manifest.set_source(kSource);
    manifest.set_schema_version(1);
    return message;
  }

  // Sends messages until they are used up; the client then closes its side.
  absl::StatusOr<v1::FeedRun> Send(const std::vector<v1::SyncPeopleRequest>& messages) {
    rpc::Call call = Hr("SyncPeople");
    call.request_id = messages.front().request_id();
    v1::SyncPeopleResponse response;
    size_t next = 1;
    const absl::Status status = feed_.SyncPeople(
        call, messages.front(),
        [&](v1::SyncPeopleRequest* message) -> absl::StatusOr<bool> {
          if (next == messages.size()) return false;
          *message = messages[next++];
          return true;
        },
        &response);
    if (!status.ok()) return status;
    return response.run();
  }

  std::vector<v1::SyncPeopleRequest> Messages(const std::string& csv, v1::FeedKind kind,
                                              size_t chunk = 1 << 20) {
    std::vector<v1::SyncPeopleRequest> messages = {Header(ids::NewUuid(), csv, kind)};
    for (size_t at = 0; at < csv.size(); at += chunk) {
      v1::SyncPeopleRequest message;
      message.set_request_id(messages.front().request_id());
      message.set_number(static_cast<int64_t>(messages.size()));
      message.set_csv(csv.substr(at, chunk));
      messages.push_back(message);
    }
    v1::SyncPeopleRequest end;
    end.set_request_id(messages.front().request_id());
    end.set_end(true);
    messages.push_back(end);
    return messages;
  }

  v1::FeedRun RunNow(const std::string& run_id) {
    v1::GetFeedRunRequest request;
    request.set_run_id(run_id);
    v1::GetFeedRunResponse response;
    EXPECT_THAT(feed_.GetFeedRun(Hr("GetFeedRun"), request, &response), IsOk());
    return response.run();
  }

  v1::FeedRun Preview(const std::string& csv, v1::FeedKind kind = v1::FEED_KIND_SNAPSHOT) {
    // No two extracts are of one instant.
    clock_.Advance(absl::Seconds(1));
    const auto run = Send(Messages(csv, kind));
    EXPECT_TRUE(run.ok()) << run.status();
    if (!run.ok()) return {};
    EXPECT_EQ(run->state(), v1::FEED_RUN_STATE_RECEIVED);
    EXPECT_THAT(importer_.RunOnce(), IsOk());
    return RunNow(run->run_id());
  }

  absl::Status Apply(const std::string& run_id) {
    v1::ApplyFeedRunRequest request;
    const rpc::Call call = Hr("ApplyFeedRun");
    request.set_request_id(call.request_id);
    request.set_run_id(run_id);
    v1::ApplyFeedRunResponse response;
    RETURN_IF_ERROR(feed_.ApplyFeedRun(call, request, &response));
    return importer_.RunOnce();
  }

  // The whole way; the run must end applied.
  v1::FeedRun Import(const std::vector<Line>& lines, v1::FeedKind kind = v1::FEED_KIND_SNAPSHOT) {
    const v1::FeedRun previewed = Preview(Csv(lines), kind);
    EXPECT_EQ(previewed.state(), v1::FEED_RUN_STATE_PREVIEWED) << previewed.DebugString();
    EXPECT_THAT(Apply(previewed.run_id()), IsOk());
    const v1::FeedRun applied = RunNow(previewed.run_id());
    EXPECT_EQ(applied.state(), v1::FEED_RUN_STATE_APPLIED) << applied.DebugString();
    return applied;
  }
  v1::FeedRun Change(const std::vector<Line>& lines) {
    return Import(lines, v1::FEED_KIND_CHANGES);
  }

  // No brake: these tests have two or three people.
  void ReleaseBrake() {
    v1::PutFeedSourceRequest request;
    const rpc::Call call = Lead("PutFeedSource");
    request.set_request_id(call.request_id);
    request.mutable_source()->set_source(kSource);
    request.mutable_source()->set_brake_basis_points(10000);
    v1::PutFeedSourceResponse response;
    EXPECT_THAT(feed_.PutFeedSource(call, request, &response), IsOk());
  }

  std::vector<std::string> Rows(const std::string& run_id, v1::FeedEffect effect) {
    v1::ListFeedRowsRequest request;
    request.set_run_id(run_id);
    request.set_effect(effect);
    v1::ListFeedRowsResponse response;
    EXPECT_THAT(feed_.ListFeedRows(Hr("ListFeedRows"), request, &response), IsOk());
    std::vector<std::string> rows;
    for (const v1::FeedRowResult& row : response.rows()) {
      rows.push_back(absl::StrJoin(
          {absl::StrCat(row.line()), row.external_id(), row.column(), row.reason()}, " "));
    }
    return rows;
  }

  // The person of a key of the source.
  std::string Subject(const std::string& external_id) {
    std::string id;
    Run([&](db::Transaction& txn, const TenantKeys& keys) -> absl::Status {
      const std::string token = keys.Token(TokenKind::kExternalId, external_id);
      ASSIGN_OR_RETURN(const pqxx::result rows,
                       txn.Exec("SELECT person_id FROM feed_link WHERE tenant = $1"
                                " AND external_token = $2",
                                txn.tenant(), db::Bytea{token}));
      id = rows.empty() ? "" : db::Text(rows[0][0]);
      return absl::OkStatus();
    });
    return id;
  }
  v1::Person PersonOf(const std::string& external_id) {
    const std::string id = Subject(external_id);
    v1::Person person;
    Run([&](db::Transaction& txn, const TenantKeys& keys) -> absl::Status {
      ASSIGN_OR_RETURN(const auto fields, ReadFields(txn, keys, {id}));
      ASSIGN_OR_RETURN(const auto rows, ReadPeople(txn, {id}));
      person.set_state(rows.at(id).state);
      person.set_version(rows.at(id).version);
      return FromFields(fields.at(id), person);
    });
    return person;
  }
  // "2026-06-01 HQ WORKING" for each slice that is known now, in order.
  std::vector<std::string> History(const std::string& external_id) {
    std::map<absl::CivilDay, std::string> history;
    const std::string id = Subject(external_id);
    Run([&](db::Transaction& txn, const TenantKeys& keys) -> absl::Status {
      ASSIGN_OR_RETURN(const auto slices, ReadSlices(txn, keys, {id}, std::nullopt, clock_.Now()));
      for (const Slice& slice : slices) {
        absl::StrAppend(&history[slice.from], slice.employment.site_code(), " ",
                        v1::EmploymentState_Name(slice.employment.state()).substr(17));
      }
      return absl::OkStatus();
    });
    std::vector<std::string> lines;
    for (const auto& [day, text] : history) {
      lines.push_back(absl::StrCat(civil::FormatDay(day), " ", text));
    }
    return lines;
  }
  std::vector<std::string> Staff(const std::string& manager, absl::CivilDay day) {
    std::vector<std::string> staff;
    const std::string id = Subject(manager);
    Run([&](db::Transaction& txn, const TenantKeys&) -> absl::Status {
      ASSIGN_OR_RETURN(staff, StaffOf(txn, {id}, day));
      return absl::OkStatus();
    });
    return staff;
  }
  int64_t Count(const std::string& table) {
    return std::stoll(test_database_.Query("SELECT count(*) FROM " + table));
  }

  Feed feed_;
  Importer importer_;
};

TEST_F(FeedPgTest, LoadsPeopleWithTheirManagersWhereverTheseStandInTheFile) {
  const v1::FeedRun run = Import({{.id = "1", .manager = "2", .email = "s@x.uk", .collar = "77"},
                                  {.id = "2", .family = "Evans", .given = "Rhys"}});
  EXPECT_EQ(run.counts().joiners(), 2);
  EXPECT_EQ(run.counts().rows(), 2);
  EXPECT_EQ(run.counts().staff_before(), 0);
  const v1::Person person = PersonOf("1");
  EXPECT_EQ(person.name().given(), "Siân");
  EXPECT_EQ(person.work().email(), "s@x.uk");
  EXPECT_EQ(person.state(), v1::PERSON_STATE_ACTIVE);
  EXPECT_THAT(Staff("2", kToday), ElementsAre(Subject("1")));
  EXPECT_THAT(History("1"), ElementsAre("2026-06-01 HQ WORKING"));
  Run([&](db::Transaction& txn, const TenantKeys& keys) -> absl::Status {
    ASSIGN_OR_RETURN(const auto found,
                     FindByToken(txn, keys, TokenKind::kCollarNumber, "77", kToday, 10));
    EXPECT_THAT(found, ElementsAre(Subject("1")));
    return absl::OkStatus();
  });
}

TEST_F(FeedPgTest, ChangesNothingWhenAFileComesAgain) {
  const std::vector<Line> lines = {{.id = "1", .manager = "2"}, {.id = "2"}};
  Import(lines);
  const int64_t version = PersonOf("1").version();
  const std::vector<std::string> events = Events();
  const v1::FeedRun again = Import(lines);
  EXPECT_EQ(again.counts().unchanged(), 2);
  EXPECT_EQ(PersonOf("1").version(), version);
  EXPECT_EQ(Count("employment_slice"), 2);
  EXPECT_EQ(Count("person"), 2);
  // The second run itself is in the audit log, people are not.
  for (size_t i = events.size(); i < Events().size(); ++i) {
    EXPECT_THAT(Events()[i], HasSubstr("feed_run"));
  }
}

TEST_F(FeedPgTest, GivesAMoverToTheNewManagerOnTheDayAndTakesThemFromTheOld) {
  Import({{.id = "1", .manager = "2"}, {.id = "2"}, {.id = "3"}});
  const v1::FeedRun run =
      Change({{.id = "1", .site = "North", .manager = "3", .on = "2026-06-10"}});
  EXPECT_EQ(run.counts().movers(), 1);
  EXPECT_THAT(Staff("2", absl::CivilDay(2026, 6, 9)), SizeIs(1));
  EXPECT_THAT(Staff("2", absl::CivilDay(2026, 6, 10)), IsEmpty());
  EXPECT_THAT(Staff("3", absl::CivilDay(2026, 6, 9)), IsEmpty());
  EXPECT_THAT(Staff("3", absl::CivilDay(2026, 6, 10)), SizeIs(1));
  EXPECT_THAT(Events(), ::testing::Contains(absl::StrCat("ACTION_CHANGE person ", Subject("1"))));
}

TEST_F(FeedPgTest, SettlesEventsThatComeOutOfOrderByTheDayTheyAreTrueFrom) {
  Import({{.id = "1"}});
  Change({{.id = "1", .family = "Later", .site = "South", .on = "2026-06-20"}});
  const v1::FeedRun late =
      Change({{.id = "1", .family = "Earlier", .site = "North", .on = "2026-06-10"}});
  EXPECT_EQ(late.counts().changes(), 1);
  EXPECT_THAT(History("1"), ElementsAre("2026-06-01 HQ WORKING", "2026-06-10 North WORKING",
                                        "2026-06-20 South WORKING"));
  EXPECT_EQ(PersonOf("1").name().family(), "Later");
  const v1::FeedRun again =
      Change({{.id = "1", .family = "Late", .site = "X", .on = "2026-06-10", .version = "1"}});
  EXPECT_EQ(again.counts().outdated(), 1) << "a lower version of the same day";
  EXPECT_THAT(History("1"), SizeIs(3));
}

TEST_F(FeedPgTest, KeepsWhatWasConfirmedLaterWhenSomethingEarlierComesLate) {
  Import({{.id = "1"}});
  // The same again ten days later: nothing new, but it was so on that day.
  EXPECT_EQ(Change({{.id = "1", .on = "2026-06-20"}}).counts().unchanged(), 1);
  Change({{.id = "1", .site = "North", .on = "2026-06-10"}});
  EXPECT_THAT(History("1"), ElementsAre("2026-06-01 HQ WORKING", "2026-06-10 North WORKING",
                                        "2026-06-20 HQ WORKING"));
}

TEST_F(FeedPgTest, TakesTheHigherVersionOfOneDayWhicheverComesFirst) {
  Import({{.id = "1", .on = "2026-06-01", .version = "1"}});
  Change({{.id = "1", .site = "B", .on = "2026-06-05", .version = "9"}});
  EXPECT_EQ(
      Change({{.id = "1", .site = "A", .on = "2026-06-05", .version = "8"}}).counts().outdated(),
      1);
  EXPECT_THAT(History("1"), ElementsAre("2026-06-01 HQ WORKING", "2026-06-05 B WORKING"));
}

TEST_F(FeedPgTest, AppliesSeveralEventsOfOnePersonInOneFileInTheirOrder) {
  const v1::FeedRun run = Change({{.id = "1", .site = "C", .on = "2026-06-20", .version = "3"},
                                  {.id = "1", .site = "A", .on = "2026-06-02", .version = "1"},
                                  {.id = "1", .site = "B", .on = "2026-06-10", .version = "2"}});
  EXPECT_EQ(run.counts().joiners(), 1);
  EXPECT_EQ(run.counts().movers(), 2);
  EXPECT_THAT(History("1"),
              ElementsAre("2026-06-02 A WORKING", "2026-06-10 B WORKING", "2026-06-20 C WORKING"));
  EXPECT_EQ(Count("person"), 1);
}

TEST_F(FeedPgTest, LetsALeaverGoAndKeepsTheirPersonalContacts) {
  ReleaseBrake();
  Import({{.id = "1"}, {.id = "2"}});
  v1::Person personal;
  personal.mutable_personal()->set_mobile("+447700900123");
  const std::string id = Subject("1");
  Run([&](db::Transaction& txn, const TenantKeys& keys) {
    return WriteFields(txn, keys, {{.person_id = id, .set = ToFields(personal)}});
  });
  const v1::FeedRun run = Change({{.id = "1", .active = "no"}});
  EXPECT_EQ(run.counts().leavers(), 1);
  const v1::Person left = PersonOf("1");
  EXPECT_EQ(left.state(), v1::PERSON_STATE_LEFT);
  EXPECT_EQ(left.personal().mobile(), "+447700900123");
  EXPECT_EQ(left.name().family(), "Hughes");
}

TEST_F(FeedPgTest, LetsThoseGoWhoAreMissingFromASnapshotAndNobodyWhoIsMissingFromChanges) {
  ReleaseBrake();
  Import({{.id = "1"}, {.id = "2"}, {.id = "3"}});
  EXPECT_EQ(Change({{.id = "1", .site = "North"}}).counts().leavers(), 0);
  clock_.Advance(absl::Hours(24));
  const v1::FeedRun run = Import({{.id = "1", .site = "North"}, {.id = "3"}});
  EXPECT_EQ(run.counts().leavers(), 1);
  EXPECT_EQ(run.counts().rows(), 2);
  EXPECT_EQ(PersonOf("2").state(), v1::PERSON_STATE_LEFT);
  EXPECT_THAT(History("2"), ElementsAre("2026-06-01 HQ WORKING", "2026-06-02 HQ ENDED"));
  EXPECT_EQ(PersonOf("1").state(), v1::PERSON_STATE_ACTIVE);
}

TEST_F(FeedPgTest, GivesARejoinerAnotherEmploymentAndTheSameRecord) {
  ReleaseBrake();
  Import({{.id = "1"}, {.id = "2"}});
  const std::string id = Subject("1");
  Change({{.id = "1", .active = "no", .on = "2026-06-05"}});
  const v1::FeedRun run = Change({{.id = "1", .site = "North", .on = "2026-09-01"}});
  EXPECT_EQ(run.counts().rejoiners(), 1);
  EXPECT_EQ(Subject("1"), id);
  EXPECT_EQ(PersonOf("1").state(), v1::PERSON_STATE_ACTIVE);
  EXPECT_EQ(test_database_.Query("SELECT count(DISTINCT employment_id) FROM employment_slice"
                                 " WHERE person_id = '" +
                                 id + "'"),
            "2");
}

TEST_F(FeedPgTest, AnnouncesAnEndAndTakesItBack) {
  ReleaseBrake();
  Import({{.id = "1"}, {.id = "2"}});
  EXPECT_EQ(Change({{.id = "1", .end = "2026-06-30", .end_reason = "RETIRED"}}).counts().leavers(),
            1);
  EXPECT_EQ(PersonOf("1").state(), v1::PERSON_STATE_ACTIVE) << "until the day has come";
  EXPECT_THAT(History("1"), ElementsAre("2026-06-01 HQ WORKING", "2026-07-01 HQ ENDED"));
  clock_.Advance(absl::Hours(24));
  EXPECT_EQ(Change({{.id = "1"}}).counts().changes(), 1);
  EXPECT_THAT(History("1"), ::testing::Not(::testing::Contains(HasSubstr("ENDED"))));
}

TEST_F(FeedPgTest, HoldsAFeedThatEndsTooManyUntilALeadHasSeenHowMany) {
  std::vector<Line> lines;
  for (int i = 1; i <= 50; ++i) lines.push_back({.id = absl::StrCat(i)});
  Import(lines);
  clock_.Advance(absl::Hours(24));
  lines.resize(49);
  EXPECT_EQ(Preview(Csv(lines)).state(), v1::FEED_RUN_STATE_PREVIEWED) << "2 % of 50 is one";
  lines.resize(48);
  const v1::FeedRun held = Preview(Csv(lines));
  EXPECT_EQ(held.state(), v1::FEED_RUN_STATE_BRAKED);
  EXPECT_EQ(held.counts().leavers(), 2);
  EXPECT_THAT(Apply(held.run_id()), StatusIs(absl::StatusCode::kFailedPrecondition, "BRAKE"));
  EXPECT_EQ(test_database_.Query("SELECT count(*) FROM person WHERE state = 3"), "0");

  v1::ConfirmFeedRunRequest confirm;
  rpc::Call call = Lead("ConfirmFeedRun");
  confirm.set_request_id(call.request_id);
  confirm.set_run_id(held.run_id());
  confirm.set_leavers(3);
  v1::ConfirmFeedRunResponse confirmed;
  EXPECT_THAT(feed_.ConfirmFeedRun(call, confirm, &confirmed),
              StatusIs(absl::StatusCode::kFailedPrecondition, "LEAVERS_DIFFER"));
  call = Lead("ConfirmFeedRun");
  confirm.set_request_id(call.request_id);
  confirm.set_leavers(2);
  EXPECT_THAT(feed_.ConfirmFeedRun(call, confirm, &confirmed), IsOk());
  EXPECT_EQ(confirmed.run().confirmed_by(), "lead");
  EXPECT_THAT(Apply(held.run_id()), IsOk());
  EXPECT_EQ(test_database_.Query("SELECT count(*) FROM person WHERE state = 3"), "2");
}

TEST_F(FeedPgTest, CountsAnAnnouncedEndForTheBrakeToo) {
  Import({{.id = "1"}, {.id = "2"}});
  EXPECT_EQ(Preview(Csv({{.id = "1", .end = "2026-06-02"}, {.id = "2"}})).state(),
            v1::FEED_RUN_STATE_BRAKED);
}

TEST_F(FeedPgTest, AppliesNothingWhenOneRowIsRefusedAndSaysWhereAndWhy) {
  const v1::FeedRun run = Preview(Csv({{.id = "1"},
                                       {.id = "2", .family = "=cmd()"},
                                       {.id = "3", .manager = "99"},
                                       {.id = "1", .given = "Twice"},
                                       {.id = "4", .end = "31/12/2026"}}) +
                                  "5,\"unclosed\n");
  EXPECT_EQ(run.state(), v1::FEED_RUN_STATE_REFUSED);
  EXPECT_EQ(run.refusal(), "ROWS_REFUSED");
  EXPECT_EQ(run.counts().refused(), 5);
  EXPECT_EQ(run.counts().joiners(), 1);
  EXPECT_THAT(Rows(run.run_id(), v1::FEED_EFFECT_REFUSED),
              ElementsAre("3 2 family_name FORMULA", "4 3 manager_external_id MANAGER_UNKNOWN",
                          "5 1 external_id DUPLICATE_ROW", "6 4 end_date DATE_INVALID",
                          "7 5 family_name QUOTE_UNCLOSED"));
  EXPECT_THAT(Apply(run.run_id()), StatusIs(absl::StatusCode::kFailedPrecondition, "RUN_STATE"));
  EXPECT_EQ(Count("person"), 0);
  EXPECT_EQ(Count("feed_chunk"), 0);
}

TEST_F(FeedPgTest, RefusesAFileWithNhsNumbersHoweverTheyAreWithoutKeepingOne) {
  for (const char* cells : {"1\n2\n", "1,\n2,\n", "1,9434765919\n2,9434765919\n"}) {
    const v1::FeedRun run = Preview(absl::StrCat("external_id,NHS Number\n", cells));
    EXPECT_EQ(run.state(), v1::FEED_RUN_STATE_REFUSED);
    EXPECT_THAT(Rows(run.run_id(), v1::FEED_EFFECT_REFUSED),
                ElementsAre("1  NHS Number COLUMN_NOT_TAKEN"));
  }
  EXPECT_EQ(Count("feed_chunk"), 0);
  EXPECT_EQ(Count("person"), 0);
}

TEST_F(FeedPgTest, RefusesAFileThatIsNotTheOneOfItsManifest) {
  const std::string csv = Csv({{.id = "1"}});
  for (const bool digest : {true, false}) {
    std::vector<v1::SyncPeopleRequest> messages = Messages(csv, v1::FEED_KIND_SNAPSHOT);
    v1::FeedManifest& manifest = *messages[0].mutable_header()->mutable_manifest();
    if (digest) {
      manifest.set_sha256(std::string(64, '0'));
    } else {
      manifest.set_row_count(2);
    }
    ASSERT_THAT(Send(messages), IsOk());
    EXPECT_THAT(importer_.RunOnce(), IsOk());
    const v1::FeedRun run = RunNow(messages[0].request_id());
    EXPECT_EQ(run.state(), v1::FEED_RUN_STATE_REFUSED);
    EXPECT_EQ(run.refusal(), digest ? "MANIFEST_DIGEST" : "MANIFEST_ROWS");
  }
  EXPECT_EQ(Count("feed_row"), 0);
  EXPECT_EQ(Count("feed_chunk"), 0);
}

TEST_F(FeedPgTest, RefusesASnapshotThatIsOlderThanTheLastOne) {
  const std::vector<v1::SyncPeopleRequest> old =
      Messages(Csv({{.id = "1"}}), v1::FEED_KIND_SNAPSHOT);
  Import({{.id = "1"}, {.id = "2"}});
  ASSERT_THAT(Send(old), IsOk());
  EXPECT_THAT(importer_.RunOnce(), IsOk());
  EXPECT_EQ(RunNow(old[0].request_id()).refusal(), "EXTRACT_OUTDATED");
}

TEST_F(FeedPgTest, GoesOnWhereTheLineBroke) {
  std::vector<Line> lines;
  for (int i = 1; i <= 40; ++i) lines.push_back({.id = absl::StrCat(i)});
  const std::vector<v1::SyncPeopleRequest> messages =
      Messages(Csv(lines), v1::FEED_KIND_SNAPSHOT, 100);
  ASSERT_GT(messages.size(), 10U);
  const auto broken =
      Send(std::vector<v1::SyncPeopleRequest>(messages.begin(), messages.begin() + 6));
  ASSERT_TRUE(broken.ok()) << broken.status();
  EXPECT_EQ(broken->state(), v1::FEED_RUN_STATE_RECEIVING);
  EXPECT_EQ(broken->received_chunks(), 5);
  // The header, then from a chunk that is stored already.
  std::vector<v1::SyncPeopleRequest> rest = {messages[0]};
  rest.insert(rest.end(), messages.begin() + 4, messages.end());
  const auto whole = Send(rest);
  ASSERT_TRUE(whole.ok()) << whole.status();
  EXPECT_EQ(whole->state(), v1::FEED_RUN_STATE_RECEIVED);
  EXPECT_THAT(importer_.RunOnce(), IsOk());
  EXPECT_EQ(RunNow(messages[0].request_id()).counts().joiners(), 40);
  // All of it again is the same run, wherever it stands.
  EXPECT_EQ(Send(messages)->state(), v1::FEED_RUN_STATE_PREVIEWED);

  auto gap = Messages(Csv(lines), v1::FEED_KIND_SNAPSHOT, 100);
  gap.erase(gap.begin() + 2);
  EXPECT_THAT(Send(gap), StatusIs(absl::StatusCode::kFailedPrecondition, "CHUNK_OUT_OF_ORDER"));
  auto other = messages;
  other[0].mutable_header()->mutable_manifest()->set_file_name("other.csv");
  EXPECT_THAT(Send(other), StatusIs(absl::StatusCode::kInvalidArgument, "REQUEST_ID_REUSED"));
}

TEST_F(FeedPgTest, PreviewsAnewWhatAnotherRunHasOvertaken) {
  Import({{.id = "1"}, {.id = "2"}});
  const v1::FeedRun first = Preview(Csv({{.id = "1", .site = "A"}}), v1::FEED_KIND_CHANGES);
  Change({{.id = "1", .site = "A"}});
  EXPECT_THAT(Apply(first.run_id()), IsOk());
  const v1::FeedRun again = RunNow(first.run_id());
  EXPECT_EQ(again.state(), v1::FEED_RUN_STATE_PREVIEWED);
  EXPECT_EQ(again.counts().movers(), 0);
  EXPECT_THAT(Apply(first.run_id()), IsOk());
  EXPECT_EQ(RunNow(first.run_id()).state(), v1::FEED_RUN_STATE_APPLIED);
}

TEST_F(FeedPgTest, NeverTouchesTheDeadAndNeverTakesAFeedsWordForADeath) {
  ReleaseBrake();
  Import({{.id = "1"}, {.id = "2"}});
  const v1::FeedRun reported = Change({{.id = "1", .active = "no", .end_reason = "DIED"}});
  EXPECT_THAT(Rows(reported.run_id(), v1::FEED_EFFECT_LEAVER),
              ElementsAre("2 1  DEATH_TO_CONFIRM"));
  EXPECT_EQ(PersonOf("1").state(), v1::PERSON_STATE_LEFT);

  const std::string id = Subject("2");
  Run([&](db::Transaction& txn, const TenantKeys&) {
    return SetPersonState(txn, id, v1::PERSON_STATE_DECEASED, clock_.Now());
  });
  const v1::FeedRun run = Change({{.id = "2", .family = "Other", .site = "North"}});
  EXPECT_THAT(Rows(run.run_id(), v1::FEED_EFFECT_OUTDATED), ElementsAre("2 2  PERSON_DECEASED"));
  EXPECT_EQ(PersonOf("2").name().family(), "Hughes");
  EXPECT_EQ(PersonOf("2").state(), v1::PERSON_STATE_DECEASED);
  EXPECT_EQ(Preview(Csv({{.id = "1", .active = "no", .end_reason = "DIED"}})).counts().leavers(), 0)
      << "missing from a snapshot, and dead";
}

TEST_F(FeedPgTest, SealsTheFormerNameWhenAsked) {
  Import({{.id = "1"}});
  v1::SyncPeopleRequest rows;
  std::vector<v1::SyncPeopleRequest> messages = Messages("", v1::FEED_KIND_CHANGES);
  v1::FeedManifest& manifest = *messages[0].mutable_header()->mutable_manifest();
  manifest.clear_sha256();
  manifest.set_row_count(1);
  *manifest.mutable_extract_time() = casework::ToTimestamp(clock_.Now() + absl::Seconds(1));
  rows.set_request_id(messages[0].request_id());
  rows.set_number(1);
  v1::FeedPerson& person = *rows.mutable_rows()->add_people();
  person.set_external_id("1");
  person.mutable_name()->set_family("Hughes");
  person.mutable_name()->set_given("Sam");
  person.mutable_employment()->set_workforce_type(v1::WORKFORCE_TYPE_OFFICER);
  person.mutable_employment()->set_site_code("HQ");
  person.set_active(true);
  person.set_seal_history(true);
  messages.insert(messages.begin() + 1, rows);
  ASSERT_THAT(Send(messages), IsOk());
  EXPECT_THAT(importer_.RunOnce(), IsOk());
  ASSERT_THAT(Apply(messages[0].request_id()), IsOk());
  EXPECT_EQ(PersonOf("1").name().given(), "Sam");
  EXPECT_EQ(Count("former_identity"), 1);
}

TEST_F(FeedPgTest, WritesToTheRecordThatAMergeHasKept) {
  Import({{.id = "1"}, {.id = "2"}});
  const std::string merged = Subject("1"), kept = Subject("2");
  test_database_.Query("UPDATE person SET state = 5, merged_into = '" + kept +
                       "' WHERE person_id = '" + merged + "' RETURNING 1");
  Change({{.id = "1", .family = "Married"}});
  EXPECT_EQ(PersonOf("2").name().family(), "Married");
  // Both keys now mean one person: a file with both is applied all the same.
  Import({{.id = "1", .family = "Both"}, {.id = "2", .family = "Both"}});
  EXPECT_EQ(PersonOf("2").name().family(), "Both");
}

TEST_F(FeedPgTest, FollowsEveryMergeAndComesBackWhenItIsUndone) {
  const Line one{.id = "1", .family = "Ash", .given = "Sam", .site = "EAST", .collar = "A1"};
  const Line two{.id = "2", .family = "Birch", .given = "Sam", .site = "HQ"};
  const Line three{.id = "3", .family = "Cedar", .given = "Sam", .site = "HQ"};
  Import({one, two, three, {.id = "9"}});
  const std::string a = Subject("1"), b = Subject("2"), c = Subject("3");
  const auto join = [&](const std::string& kept, const std::string& merged) {
    MergeRow merge = {ids::NewUuid(), kept, merged, v1::PERSON_STATE_ACTIVE, clock_.Now()};
    Run([&](db::Transaction& txn, const TenantKeys& keys) {
      return Join(txn, keys, merge, "One person, two files.", "lee");
    });
    return merge;
  };
  const auto part = [&](const MergeRow& merge) {
    Run([&](db::Transaction& txn, const TenantKeys& keys) {
      return Part(txn, keys, merge, "lee", kToday, clock_.Now());
    });
  };
  const auto family = [&](const std::string& id) {
    v1::Person person;
    Run([&](db::Transaction& txn, const TenantKeys& keys) -> absl::Status {
      ASSIGN_OR_RETURN(const auto fields, ReadFields(txn, keys, {id}, {Field::kName}));
      return FromFields(fields.at(id), person);
    });
    return person.name().family();
  };
  const auto sites = [&](const std::string& id) {
    std::vector<std::string> sites;
    Run([&](db::Transaction& txn, const TenantKeys& keys) -> absl::Status {
      ASSIGN_OR_RETURN(const auto slices, ReadSlices(txn, keys, {id}, kToday, clock_.Now()));
      for (const Slice& slice : slices) sites.push_back(slice.employment.site_code());
      return absl::OkStatus();
    });
    return sites;
  };
  const auto found = [&](const std::string& collar) {
    std::vector<std::string> people;
    Run([&](db::Transaction& txn, const TenantKeys& keys) -> absl::Status {
      ASSIGN_OR_RETURN(people, FindByToken(txn, keys, TokenKind::kCollarNumber,
                                           NormaliseNumber(collar), kToday, 9));
      return absl::OkStatus();
    });
    return people;
  };

  const MergeRow first = join(b, a);
  const MergeRow second = join(c, b);
  Line moved = one;
  moved.family = "Ash-Dale";
  moved.site = "SOUTH";
  moved.collar = "A2";
  Change({moved});
  EXPECT_EQ(family(c), "Ash-Dale") << "over two merges";
  EXPECT_THAT(found("A2"), ElementsAre(c));

  part(second);
  moved.family = "Ash-Elm";
  Change({moved});
  EXPECT_EQ(family(b), "Ash-Elm");

  part(first);
  EXPECT_THAT(sites(a), ElementsAre("SOUTH")) << "where they went while they were merged";
  EXPECT_THAT(sites(b), ElementsAre("HQ"));
  EXPECT_THAT(sites(c), ElementsAre("HQ"));
  EXPECT_THAT(found("A2"), ElementsAre(a));
  // The same words as ever, and each record says them again.
  Import({moved, two, three, {.id = "9"}});
  EXPECT_EQ(family(a), "Ash-Elm");
  EXPECT_EQ(family(b), "Birch");
  EXPECT_EQ(family(c), "Cedar");
  moved.site = "NORTH";
  Change({moved});
  EXPECT_THAT(sites(a), ElementsAre("NORTH"));
  EXPECT_THAT(sites(b), ElementsAre("HQ"));
}

TEST_F(FeedPgTest, RaisesTheAlarmWhenAFeedHasStopped) {
  v1::PutFeedSourceRequest request;
  const rpc::Call call = Lead("PutFeedSource");
  request.set_request_id(call.request_id);
  request.mutable_source()->set_source(kSource);
  request.mutable_source()->set_brake_basis_points(200);
  request.mutable_source()->set_expected_every_hours(26);
  v1::PutFeedSourceResponse response;
  ASSERT_THAT(feed_.PutFeedSource(call, request, &response), IsOk());
  const auto stopped = [&] {
    EXPECT_THAT(WatchFeeds(*desk_), IsOk());
    v1::ListFeedSourcesResponse sources;
    EXPECT_THAT(feed_.ListFeedSources(Hr("ListFeedSources"), {}, &sources), IsOk());
    EXPECT_THAT(metrics::Default().Text(),
                HasSubstr(absl::StrCat("waymark_workforce_feeds_stopped ",
                                       sources.sources(0).stopped() ? 1 : 0, "\n")));
    return sources.sources(0).stopped();
  };
  EXPECT_FALSE(stopped());
  clock_.Advance(absl::Hours(26) + absl::Seconds(1));
  EXPECT_TRUE(stopped()) << "it never came";
  Import({{.id = "1"}});
  EXPECT_FALSE(stopped());
  clock_.Advance(absl::Hours(27));
  EXPECT_TRUE(stopped());
}

TEST_F(FeedPgTest, HoldsNothingInClearAndForgetsTheRowsAfterAWeek) {
  const v1::FeedRun run = Import(
      {{.id = "KEY77", .family = "Featherstonehaugh", .email = "f@clear.uk", .collar = "CX4711"}});
  for (const char* table : {"feed_run", "feed_row", "feed_link", "feed_chunk", "feed_source"}) {
    const std::string dump = test_database_.Query(
        absl::StrCat("SELECT coalesce(string_agg(replace(encode(convert_to(t::text, 'UTF8'), "
                     "'escape'), '\\', ''),"
                     " ''), '') FROM ",
                     table, " AS t"));
    for (const char* clear :
         {"Featherstonehaugh", "clear.uk", "CX4711", "KEY77", "4665617468657273746f6e6568617567"}) {
      EXPECT_THAT(dump, Not(HasSubstr(clear))) << table;
    }
  }
  EXPECT_EQ(Count("feed_chunk"), 0);
  EXPECT_EQ(Count("feed_row"), 1);
  EXPECT_THAT(PurgeFeeds(*desk_), IsOk());
  EXPECT_EQ(Count("feed_row"), 1);
  clock_.Advance(absl::Hours(24 * 8));
  EXPECT_THAT(PurgeFeeds(*desk_), IsOk());
  EXPECT_EQ(Count("feed_row"), 0);
  EXPECT_EQ(RunNow(run.run_id()).state(), v1::FEED_RUN_STATE_APPLIED) << "the run itself stays";
}

TEST_F(FeedPgTest, IsWholeOrNotAtAllWhereverTheProcessIsKilledAndGoesOn) {
  ReleaseBrake();
  std::vector<Line> lines;
  for (int i = 1; i <= 30; ++i) lines.push_back({.id = absl::StrCat(i)});
  Import(lines);
  clock_.Advance(absl::Hours(24));
  lines.resize(25);                                                         // five leave
  for (Line& line : lines) line.site = "North";                             // all move
  for (int i = 41; i <= 60; ++i) lines.push_back({.id = absl::StrCat(i)});  // twenty join
  const auto messages = Messages(Csv(lines), v1::FEED_KIND_SNAPSHOT);
  ASSERT_THAT(Send(messages), IsOk());
  const std::string run_id = messages[0].request_id();
  const auto people = [&] {
    return test_database_.Query(
        "SELECT (SELECT count(*) FROM person) || '/' || (SELECT count(*) FROM person WHERE state = "
        "3)"
        " || '/' || (SELECT count(*) FROM employment_slice WHERE site_code = 'North') || '/' ||"
        " (SELECT count(*) FROM feed_link)");
  };
  ASSERT_EQ(people(), "30/0/0/30");

  int kills = 0;
  // Imports in a process that is killed at its nth step; true when it lived to the end.
  const auto import_killed_at = [&](int nth) {
    const pid_t child = fork();
    if (child == 0) {
      // Its own pool: the parent's connections are not the child's.
      const auto database = test_database_.Open();
      db::Tenants tenants(*database);
      Vault vault(*database, *keys_, clock_);
      casework::AuditTrail audit("workforce", *database, tenants, *keys_, clock_, nullptr);
      Desk desk({.database = database.get(),
                 .tenants = &tenants,
                 .keys = keys_.get(),
                 .vault = &vault,
                 .audit = &audit,
                 .clinical_clock = &clock_,
                 .real_clock = &clock_});
      int step = 0;
      Importer importer(desk, {.rows_at_once = 4, .step = [&](absl::string_view) {
                                 if (++step == nth) kill(getpid(), SIGKILL);
                               }});
      _exit(importer.RunOnce().ok() ? 0 : 1);
    }
    int ended = 0;
    waitpid(child, &ended, 0);
    if (WIFSIGNALED(ended)) ++kills;
    return !WIFSIGNALED(ended);
  };

  int nth = 1;
  while (!import_killed_at(nth)) {
    EXPECT_EQ(people(), "30/0/0/30") << "killed at step " << nth << " of the preview";
    EXPECT_EQ(RunNow(run_id).state(), v1::FEED_RUN_STATE_PREVIEWING);
    ASSERT_LT(++nth, 100);
  }
  ASSERT_EQ(RunNow(run_id).state(), v1::FEED_RUN_STATE_PREVIEWED);
  EXPECT_EQ(RunNow(run_id).counts().movers(), 25);
  EXPECT_EQ(RunNow(run_id).counts().joiners(), 20);
  EXPECT_EQ(RunNow(run_id).counts().leavers(), 5);

  v1::ApplyFeedRunRequest request;
  const rpc::Call call = Hr("ApplyFeedRun");
  request.set_request_id(call.request_id);
  request.set_run_id(run_id);
  v1::ApplyFeedRunResponse response;
  ASSERT_THAT(feed_.ApplyFeedRun(call, request, &response), IsOk());
  nth = 1;
  while (!import_killed_at(nth)) {
    EXPECT_EQ(people(), "30/0/0/30") << "killed at step " << nth << " of applying";
    EXPECT_EQ(RunNow(run_id).state(), v1::FEED_RUN_STATE_APPLYING);
    ASSERT_LT(++nth, 100);
  }
  EXPECT_EQ(RunNow(run_id).state(), v1::FEED_RUN_STATE_APPLIED);
  EXPECT_EQ(people(), "50/5/25/50");
  EXPECT_GE(kills, 15);
}

}  // namespace
}  // namespace waymark::workforce
