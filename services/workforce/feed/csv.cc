#include "services/workforce/feed/csv.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

namespace waymark::workforce {
namespace {

constexpr absl::string_view kUtf8Mark = "\xEF\xBB\xBF";

bool IsControl(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }

}  // namespace

void CsvReader::Push(absl::string_view bytes) {
  if (!started_) {
    mark_.append(bytes.data(), bytes.size());
    // Four bytes tell; a shorter file is told at its end.
    if (mark_.size() < 4) return;
    const std::string first = std::exchange(mark_, "");
    Start(first);
    return;
  }
  for (size_t i = 0; i < bytes.size() && !stopped_; ++i) Byte(bytes[i]);
}

void CsvReader::Finish() {
  if (!started_) Start(std::exchange(mark_, ""));
  if (stopped_) return;
  if (state_ == State::kQuoted) Fault(kQuoteUnclosed);
  if (carriage_return_) Fault(kControlCharacter);
  if (row_has_bytes_) EndRow();
}

void CsvReader::Start(absl::string_view bytes) {
  started_ = true;
  // A NUL among the first four bytes is UTF-16 or UTF-32 without a mark: CSV begins with a header.
  if (absl::StartsWith(bytes, "\xFE\xFF") || absl::StartsWith(bytes, "\xFF\xFE") ||
      bytes.substr(0, 4).find('\0') != absl::string_view::npos) {
    stopped_ = true;
    Fault(kUtf16);
    row_.line = 1;
    row_.column = -1;
    take_(row_);
    return;
  }
  if (absl::StartsWith(bytes, kUtf8Mark)) bytes.remove_prefix(kUtf8Mark.size());
  Push(bytes);
}

void CsvReader::Byte(char c) {
  if (carriage_return_) {
    carriage_return_ = false;
    // A lone CR ends rows in very old files and hides text in terminals.
    if (c != '\n') {
      BeginRow();  // it may stand on a line of its own
      Fault(kControlCharacter);
      state_ = State::kSkippingLine;
    }
  }
  if (c != '\n' && c != '\r') BeginRow();
  if (c == '\n') ++line_;
  switch (state_) {
    case State::kSkippingLine:
      if (c == '\n') EndRow();
      return;
    case State::kQuoted:
      if (c == '"') {
        state_ = State::kQuoteInQuoted;
      } else {
        Append(c);
      }
      return;
    case State::kQuoteInQuoted:
      if (c == '"') {
        Append(c);
        state_ = State::kQuoted;
        return;
      }
      if (c != ',' && c != '\n' && c != '\r') {
        Fault(kQuoteMisplaced);
        state_ = State::kSkippingLine;
        return;
      }
      break;
    case State::kCellStart:
      if (c == '"') {
        state_ = State::kQuoted;
        return;
      }
      break;
    case State::kPlain:
      if (c == '"') {
        Fault(kQuoteMisplaced);
        state_ = State::kSkippingLine;
        return;
      }
      break;
  }
  if (c == ',') {
    EndCell();
  } else if (c == '\n') {
    if (row_has_bytes_) EndRow();
  } else if (c == '\r') {
    carriage_return_ = true;
  } else {
    state_ = State::kPlain;
    Append(c);
  }
}

void CsvReader::BeginRow() {
  if (row_has_bytes_) return;
  row_has_bytes_ = true;
  row_.line = line_;
}

void CsvReader::Append(char c) {
  if (cell_.size() < kLongestCell) {
    cell_.push_back(c);
  } else {
    Fault(kCellTooLong);
  }
  if (IsControl(c)) Fault(kControlCharacter);
}

void CsvReader::EndCell() {
  state_ = State::kCellStart;
  if (!IsUtf8(cell_)) Fault(kNotUtf8);
  if (row_.cells.size() < kMostColumns) {
    row_.cells.push_back(std::exchange(cell_, ""));
  } else {
    cell_.clear();
    Fault(kTooManyColumns);
  }
}

void CsvReader::EndRow() {
  EndCell();
  take_(row_);
  row_ = CsvRow();
  row_has_bytes_ = false;
}

// The first fault of a row is its reason, but for a quote that is never closed: it is the cause of
// what came before it.
void CsvReader::Fault(absl::string_view reason) {
  if (!row_.reason.empty() && reason != kQuoteUnclosed) return;
  row_.reason = reason;
  row_.column = static_cast<int>(row_.cells.size());
}

bool IsUtf8(absl::string_view text) {
  for (size_t i = 0; i < text.size();) {
    const auto byte = [&](size_t k) {
      return i + k < text.size() ? static_cast<unsigned char>(text[i + k]) : 0U;
    };
    const auto follows = [&](size_t k, unsigned low = 0x80, unsigned high = 0xBF) {
      return byte(k) >= low && byte(k) <= high;
    };
    const unsigned first = byte(0);
    if (first < 0x80) {
      i += 1;
    } else if (first >= 0xC2 && first <= 0xDF && follows(1)) {
      i += 2;
    } else if (first >= 0xE0 && first <= 0xEF &&
               follows(1, first == 0xE0 ? 0xA0 : 0x80, first == 0xED ? 0x9F : 0xBF) && follows(2)) {
      i += 3;
    } else if (first >= 0xF0 && first <= 0xF4 &&
               follows(1, first == 0xF0 ? 0x90 : 0x80, first == 0xF4 ? 0x8F : 0xBF) && follows(2) &&
               follows(3)) {
      i += 4;
    } else {
      return false;
    }
  }
  return true;
}

bool IsFormula(absl::string_view text) {
  return !text.empty() && absl::string_view("=+-@\t\r").find(text[0]) != absl::string_view::npos;
}

std::string CsvCell(absl::string_view text) {
  std::string safe = IsFormula(text) ? absl::StrCat("'", text) : std::string(text);
  if (safe.find_first_of(",\"\r\n") == std::string::npos) return safe;
  return absl::StrCat("\"", absl::StrReplaceAll(safe, {{"\"", "\"\""}}), "\"");
}

}  // namespace waymark::workforce
