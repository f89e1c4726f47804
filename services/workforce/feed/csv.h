// Reads CSV as it arrives, in pieces cut anywhere, and says where it is wrong.
//
// RFC 4180: commas, rows ended by LF or CRLF, cells in double quotes where they must be, "" for a
// quote within. UTF-8 with or without its mark. What is not that is refused with line and column
// and never guessed at: a guess puts one person's number beside another's name. Memory does not
// grow with the file, with a row or with a cell. Why not a library: services/decisions/0033.
#ifndef WAYMARK_SERVICES_WORKFORCE_FEED_CSV_H_
#define WAYMARK_SERVICES_WORKFORCE_FEED_CSV_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace waymark::workforce {

// More than any field may hold, so that a longer cell is a fault in the file.
inline constexpr size_t kLongestCell = 2000;
inline constexpr size_t kMostColumns = 200;

// Why a row cannot be read. Stable: they leave the service as FeedRowResult.reason.
inline constexpr absl::string_view kNotUtf8 = "NOT_UTF8";
inline constexpr absl::string_view kUtf16 = "ENCODING_UTF16";
inline constexpr absl::string_view kControlCharacter = "CONTROL_CHARACTER";
inline constexpr absl::string_view kQuoteMisplaced = "QUOTE_MISPLACED";
inline constexpr absl::string_view kQuoteUnclosed = "QUOTE_UNCLOSED";
inline constexpr absl::string_view kCellTooLong = "CELL_TOO_LONG";
inline constexpr absl::string_view kTooManyColumns = "TOO_MANY_COLUMNS";

struct CsvRow {
  // On which the row begins; the first line is 1.
  int64_t line = 0;
  // Whole only when `reason` is empty.
  std::vector<std::string> cells;
  // Empty, or why the row cannot be read.
  absl::string_view reason;
  // Cell at fault, from 0; -1: the row as a whole.
  int column = -1;
};

// Calls `take` for every row that is not blank, the header among them, in order. Not thread-safe.
class CsvReader {
 public:
  using Take = std::function<void(const CsvRow&)>;
  explicit CsvReader(Take take) : take_(std::move(take)) {}

  // Rows that end in `bytes` are taken before it returns.
  void Push(absl::string_view bytes);
  // The end of the file: takes a last row without a line break. Nothing may be pushed after it.
  void Finish();

 private:
  enum class State { kCellStart, kPlain, kQuoted, kQuoteInQuoted, kSkippingLine };

  void Byte(char c);
  void BeginRow();
  void Append(char c);
  void EndCell();
  void EndRow();
  void Fault(absl::string_view reason);
  void Start(absl::string_view bytes);

  const Take take_;
  State state_ = State::kCellStart;
  // The first bytes, until they tell the encoding.
  std::string mark_;
  bool started_ = false;
  // Nothing after it can be read: another encoding.
  bool stopped_ = false;
  bool carriage_return_ = false;
  bool row_has_bytes_ = false;
  int64_t line_ = 1;
  CsvRow row_;
  std::string cell_;
};

// True for well-formed UTF-8: no overlong forms, no surrogates, nothing beyond U+10FFFF.
bool IsUtf8(absl::string_view text);

// One cell for a CSV file of ours, quoted where it must be. A text that a spreadsheet would run as
// a formula (begins with = + - @ tab or CR) gets an apostrophe in front.
std::string CsvCell(absl::string_view text);
// True for a text that a spreadsheet would run.
bool IsFormula(absl::string_view text);

}  // namespace waymark::workforce

#endif  // WAYMARK_SERVICES_WORKFORCE_FEED_CSV_H_
