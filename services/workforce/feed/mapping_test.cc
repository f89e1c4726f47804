#include "services/workforce/feed/mapping.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "services/workforce/feed/person_row.h"

namespace waymark::workforce {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;
using Mapping = google::protobuf::RepeatedPtrField<v1::ColumnMapping>;

struct File {
  std::vector<ReadRow> rows;
  int64_t count = 0;
  std::vector<std::string> ignored;
};

File Read(absl::string_view text, const Mapping& mapping = {}) {
  File file;
  auto reader = FileReader::Create(mapping, "E23000025", absl::CivilDay(2026, 11, 22),
                                   [&file](ReadRow row) { file.rows.push_back(std::move(row)); });
  EXPECT_TRUE(reader.ok()) << reader.status();
  reader->Push(text);
  reader->Finish();
  file.count = reader->rows();
  file.ignored = reader->ignored_columns();
  return file;
}

void Map(Mapping& mapping, const char* column, const char* field) {
  v1::ColumnMapping* added = mapping.Add();
  added->set_column(column);
  added->set_field(field);
}

constexpr char kHeader[] = "external_id,family_name,given_name,workforce_type\n";

TEST(FileReader, ReadsColumnsByTheirOwnNamesWithoutAMapping) {
  const File file = Read(absl::StrCat(kHeader, "E1,Hughes,Siân,OFFICER\n"));
  ASSERT_THAT(file.rows, SizeIs(1));
  EXPECT_EQ(file.rows[0].reason, "");
  EXPECT_EQ(file.rows[0].line, 2);
  EXPECT_EQ(file.rows[0].person.name().given(), "Siân");
  EXPECT_TRUE(file.rows[0].person.active());
  EXPECT_EQ(file.rows[0].person.employment().force_code(), "E23000025");
}

TEST(FileReader, ReadsColumnsByAMappingAndTranslatesValues) {
  Mapping mapping;
  Map(mapping, "Payroll No", "external_id");
  Map(mapping, "Surname", "family_name");
  Map(mapping, "Forenames", "given_name");
  Map(mapping, "Grade", "workforce_type");
  (*mapping[3].mutable_values())["PC"] = "OFFICER";
  const File file = Read(
      "Payroll No,Surname,Car Park,Forenames,Grade\n1,Hughes,A7,Siân,PC\n2,Evans,,Rhys,Staff\n",
      mapping);
  ASSERT_THAT(file.rows, SizeIs(2));
  EXPECT_EQ(file.rows[0].person.employment().workforce_type(), v1::WORKFORCE_TYPE_OFFICER);
  EXPECT_EQ(file.rows[1].person.employment().workforce_type(), v1::WORKFORCE_TYPE_STAFF);
  EXPECT_THAT(file.ignored, ElementsAre("Car Park"));
}

TEST(FileReader, RefusesARowByTheNameThatTheFileGivesItsColumn) {
  Mapping mapping;
  Map(mapping, "Payroll No", "external_id");
  Map(mapping, "Surname", "family_name");
  Map(mapping, "Forenames", "given_name");
  Map(mapping, "Grade", "workforce_type");
  Map(mapping, "Born", "birth_date");
  const File file = Read(
      "Payroll No,Surname,Forenames,Grade,Born\n1,=cmd(),Siân,Staff,1990-01-01\n"
      "2,Evans,Rhys,Staff,01/01/1990\n3,,Rhys,Staff,\n4,A,B\n,A,B,Staff,\n6,A,B\"x,Staff,\n",
      mapping);
  ASSERT_THAT(file.rows, SizeIs(6));
  const auto is = [&](int i, const char* column, const char* reason, const char* external_id) {
    EXPECT_EQ(file.rows[i].line, i + 2);
    EXPECT_EQ(file.rows[i].column, column) << i;
    EXPECT_EQ(file.rows[i].reason, reason) << i;
    EXPECT_EQ(file.rows[i].person.external_id(), external_id) << i;
  };
  is(0, "Surname", "FORMULA", "1");
  is(1, "Born", "DATE_INVALID", "2");
  is(2, "Surname", "REQUIRED", "3");
  is(3, "", "COLUMN_COUNT", "");
  is(4, "Payroll No", "REQUIRED", "");
  is(5, "Forenames", "QUOTE_MISPLACED", "6");
}

TEST(FileReader, SendsBackAFileWithAColumnThatIsNeverTakenFromHr) {
  for (const char* column : {"NHS Number", "nhs_no", "Ethnicity", "Vetting level",
                             "Sickness Reason", "Home Address", "Home Postcode"}) {
    // Blank, twice the same, and malformed: no row is so much as looked at.
    const File file =
        Read(absl::StrCat("external_id,", column, "\n1,\n2,9434765919\n3,9434765919\n"));
    ASSERT_THAT(file.rows, SizeIs(1)) << column;
    EXPECT_EQ(file.rows[0].line, 1);
    EXPECT_EQ(file.rows[0].column, column);
    EXPECT_EQ(file.rows[0].reason, "COLUMN_NOT_TAKEN");
    EXPECT_EQ(file.count, 0);
  }
}

TEST(FileReader, MissesAColumnThatMustBeThereOrThatTheMappingNames) {
  EXPECT_EQ(Read("external_id,family_name,given_name\n").rows.at(0).column, "workforce_type");
  Mapping mapping;
  Map(mapping, "id", "external_id");
  Map(mapping, "surname", "family_name");
  Map(mapping, "forename", "given_name");
  Map(mapping, "type", "workforce_type");
  Map(mapping, "boss", "manager_external_id");
  const File file = Read("id,surname,forename,type\n1,a,b,STAFF\n", mapping);
  ASSERT_THAT(file.rows, SizeIs(1));
  EXPECT_EQ(file.rows[0].column, "boss");
  EXPECT_EQ(file.rows[0].reason, "COLUMN_MISSING");
  EXPECT_EQ(Read("external_id,external_id\n").rows.at(0).reason, "COLUMN_TWICE");
}

TEST(FileReader, RefusesAMappingToNoFieldOrOfOneFieldTwice) {
  for (const auto& columns : std::vector<std::vector<std::pair<const char*, const char*>>>{
           {{"a", "shoe_size"}},
           {{"a", "nhs_number"}},
           {{"a", "external_id"}, {"a", "title"}},
           {{"a", "external_id"}, {"b", "external_id"}},
           {{" ", "external_id"}}}) {
    Mapping mapping;
    for (const auto& [column, field] : columns) Map(mapping, column, field);
    const auto reader = FileReader::Create(mapping, "f", absl::CivilDay(), [](const ReadRow&) {});
    EXPECT_EQ(status::Reason(reader.status()), "MAPPING_INVALID");
  }
}

TEST(FeedFields, AreAllTaken) {
  for (const absl::string_view field : FeedFields()) {
    v1::FeedPerson person;
    EXPECT_EQ(SetFeedField(person, field, ""), "") << field;
  }
}

}  // namespace
}  // namespace waymark::workforce
