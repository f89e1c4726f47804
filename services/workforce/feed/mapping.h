// Reads a CSV file's rows as people, by a mapping of column names. Pure.
#ifndef WAYMARK_SERVICES_WORKFORCE_FEED_MAPPING_H_
#define WAYMARK_SERVICES_WORKFORCE_FEED_MAPPING_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "services/workforce/feed/csv.h"
#include "waymark/workforce/v1/hr_feed_service.pb.h"

namespace waymark::workforce {

// A row of a file, read and checked.
struct ReadRow {
  int64_t line = 0;
  // When refused: as far as it could be read, for its external_id.
  v1::FeedPerson person;
  // Empty, or why the row is refused, and by which column as the file calls it (empty: the whole
  // row). Beside the reasons of csv.h and person_row.h: COLUMN_COUNT (more or fewer cells than the
  // header), COLUMN_MISSING (a column that must be there), COLUMN_TWICE, COLUMN_NOT_TAKEN (NHS
  // numbers, sickness reasons, ethnicity, vetting and home addresses are never taken from HR).
  std::string reason;
  std::string column;
};

// Reads a whole file, piece by piece. Not thread-safe.
class FileReader {
 public:
  using Take = std::function<void(ReadRow)>;

  // INVALID_ARGUMENT MAPPING_INVALID: a field that is none, or that two columns mean. `force` and
  // `today` as CheckFeedPerson. `take` gets every row but the header; a header at fault comes as
  // one refused row on its line, and nothing after it.
  static absl::StatusOr<FileReader> Create(
      const google::protobuf::RepeatedPtrField<v1::ColumnMapping>& mapping, std::string force,
      absl::CivilDay today, Take take);

  void Push(absl::string_view bytes) { csv_->Push(bytes); }
  void Finish() { csv_->Finish(); }

  // Rows without the header, refused ones among them.
  int64_t rows() const;
  // What the file calls the column of `field`; `field` itself where it has none.
  std::string ColumnOf(absl::string_view field) const;
  // Columns that mean nothing here and are not read.
  const std::vector<std::string>& ignored_columns() const;

 private:
  class Columns;
  FileReader(std::unique_ptr<Columns> columns, Take take);

  std::unique_ptr<Columns> columns_;
  std::unique_ptr<CsvReader> csv_;

 public:
  FileReader(FileReader&&) noexcept;
  ~FileReader();
};

}  // namespace waymark::workforce

#endif  // WAYMARK_SERVICES_WORKFORCE_FEED_MAPPING_H_
