#include "services/workforce/feed/mapping.h"

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "common/status/status.h"
#include "services/workforce/feed/person_row.h"

namespace waymark::workforce {
namespace {

// Lower case letters and digits alone: "NHS No." is "nhsno".
std::string Plain(absl::string_view name) {
  std::string plain;
  for (const char c : name) {
    const auto byte = static_cast<unsigned char>(c);
    if (absl::ascii_isalnum(byte)) plain.push_back(absl::ascii_tolower(byte));
  }
  return plain;
}

// interop.md 3.2, "never ingest". A file with such a column goes back whole: what is never read
// cannot leak.
bool IsNeverTaken(absl::string_view column) {
  static const auto& names = *new std::set<std::string>{
      "nhsnumber",         "nhsno",        "nhsnum",         "ethnicity",
      "ethnicorigin",      "ethnicgroup",  "sicknessreason", "absencereason",
      "reasonforabsence",  "vetting",      "vettinglevel",   "vettingstatus",
      "homeaddress",       "homeaddress1", "homepostcode",   "religion",
      "sexualorientation", "disability"};
  return names.contains(Plain(column));
}

const std::vector<absl::string_view>& RequiredFields() {
  static const auto& fields = *new std::vector<absl::string_view>{"external_id", "family_name",
                                                                  "given_name", "workforce_type"};
  return fields;
}

}  // namespace

class FileReader::Columns {
 public:
  struct Meaning {
    std::string field;
    std::map<std::string, std::string> values;
  };

  Columns(std::map<std::string, Meaning> mapping, std::string force, absl::CivilDay today)
      : mapping_(std::move(mapping)), force_(std::move(force)), today_(today) {}

  void Take(const CsvRow& row, const FileReader::Take& take) {
    if (stopped_) return;
    if (header_.empty()) {
      ReadRow fault{.line = row.line};
      ReadHeader(row, fault);
      if (fault.reason.empty()) return;
      stopped_ = true;
      take(std::move(fault));
      return;
    }
    ++rows_;
    ReadRow read{.line = row.line};
    ReadCells(row, read);
    take(std::move(read));
  }

  int64_t rows() const { return rows_; }
  const std::vector<std::string>& ignored() const { return ignored_; }

 private:
  void ReadHeader(const CsvRow& row, ReadRow& fault) {
    fault.reason = std::string(row.reason);
    if (!fault.reason.empty()) return;
    std::set<std::string> seen;
    std::set<std::string> fields;
    for (const std::string& cell : row.cells) {
      const std::string name(absl::StripAsciiWhitespace(cell));
      header_.push_back(name);
      meanings_.push_back(nullptr);
      fault.column = name;
      if (IsNeverTaken(name)) {
        fault.reason = "COLUMN_NOT_TAKEN";
        return;
      }
      if (!name.empty() && !seen.insert(name).second) {
        fault.reason = "COLUMN_TWICE";
        return;
      }
      const auto meaning = mapping_.find(name);
      if (meaning == mapping_.end()) {
        ignored_.push_back(name);
        continue;
      }
      meanings_.back() = &meaning->second;
      fields.insert(meaning->second.field);
    }
    // A column that the mapping names and the file has not was renamed at the source; reading on
    // would empty the field for everybody.
    for (const auto& [column, meaning] : mapping_) {
      if (mapped_by_hand_ && !seen.contains(column)) {
        fault.column = column;
        fault.reason = "COLUMN_MISSING";
        return;
      }
    }
    for (const absl::string_view field : RequiredFields()) {
      if (!fields.contains(std::string(field))) {
        fault.column = std::string(field);
        fault.reason = "COLUMN_MISSING";
        return;
      }
    }
    fault.column.clear();
  }

  void ReadCells(const CsvRow& row, ReadRow& read) const {
    const auto refuse = [&](absl::string_view reason, int column) {
      read.reason = std::string(reason);
      read.column = column >= 0 && column < static_cast<int>(header_.size()) ? header_[column] : "";
    };
    if (!row.reason.empty()) {
      refuse(row.reason, row.column);
    } else if (row.cells.size() != header_.size()) {
      refuse("COLUMN_COUNT", -1);
    }
    // Without a column for it a row of the file is somebody who is employed.
    read.person.set_active(true);
    for (size_t i = 0; i < header_.size() && i < row.cells.size(); ++i) {
      if (meanings_[i] == nullptr) continue;
      // Of a broken row only the key is read, for the report.
      if (!read.reason.empty() && (meanings_[i]->field != "external_id" ||
                                   static_cast<int>(i) >= row.column || row.column < 0)) {
        continue;
      }
      const std::string cell(absl::StripAsciiWhitespace(row.cells[i]));
      const auto value = meanings_[i]->values.find(cell);
      const absl::string_view reason =
          SetFeedField(read.person, meanings_[i]->field,
                       value == meanings_[i]->values.end() ? cell : value->second);
      if (!reason.empty() && read.reason.empty()) refuse(reason, static_cast<int>(i));
    }
    if (!read.reason.empty()) return;
    if (const auto fault = CheckFeedPerson(read.person, force_, today_)) {
      const auto at = std::find_if(meanings_.begin(), meanings_.end(), [&](const Meaning* meaning) {
        return meaning != nullptr && meaning->field == fault->field;
      });
      read.reason = std::string(fault->reason);
      read.column =
          at == meanings_.end() ? std::string(fault->field) : header_[at - meanings_.begin()];
    }
  }

  friend class FileReader;
  const std::map<std::string, Meaning> mapping_;
  const std::string force_;
  const absl::CivilDay today_;
  bool mapped_by_hand_ = true;
  bool stopped_ = false;
  std::vector<std::string> header_;
  std::vector<const Meaning*> meanings_;
  std::vector<std::string> ignored_;
  int64_t rows_ = 0;
};

FileReader::FileReader(std::unique_ptr<Columns> columns, Take take)
    : columns_(std::move(columns)),
      csv_(std::make_unique<CsvReader>([columns = columns_.get(), take = std::move(take)](
                                           const CsvRow& row) { columns->Take(row, take); })) {}
FileReader::FileReader(FileReader&&) noexcept = default;
FileReader::~FileReader() = default;

absl::StatusOr<FileReader> FileReader::Create(
    const google::protobuf::RepeatedPtrField<v1::ColumnMapping>& mapping, std::string force,
    absl::CivilDay today, Take take) {
  std::map<std::string, Columns::Meaning> columns;
  const auto& fields = FeedFields();
  std::set<std::string> meant;
  for (const v1::ColumnMapping& column : mapping) {
    const std::string name(absl::StripAsciiWhitespace(column.column()));
    if (std::find(fields.begin(), fields.end(), column.field()) == fields.end()) {
      return status::InvalidArgument("MAPPING_INVALID",
                                     "The mapping names a field that there is none of; "
                                     "services/workforce/feed/README.md lists "
                                     "them.");
    }
    if (name.empty() || columns.contains(name) || !meant.insert(column.field()).second) {
      return status::InvalidArgument("MAPPING_INVALID",
                                     "The mapping names a column or a field twice, or no column.");
    }
    columns[name] = {column.field(), {column.values().begin(), column.values().end()}};
  }
  const bool by_hand = !columns.empty();
  if (!by_hand) {
    for (const absl::string_view field : fields)
      columns[std::string(field)] = {std::string(field), {}};
  }
  auto state = std::make_unique<Columns>(std::move(columns), std::move(force), today);
  state->mapped_by_hand_ = by_hand;
  return FileReader(std::move(state), std::move(take));
}

std::string FileReader::ColumnOf(absl::string_view field) const {
  for (const auto& [column, meaning] : columns_->mapping_) {
    if (meaning.field == field) return column;
  }
  return std::string(field);
}
int64_t FileReader::rows() const { return columns_->rows(); }
const std::vector<std::string>& FileReader::ignored_columns() const { return columns_->ignored(); }

}  // namespace waymark::workforce
