// Files of an HR feed: any bytes, cut anywhere.
#include <string>
#include <vector>

#include "services/workforce/feed/csv.h"
#include "services/workforce/feed/mapping.h"
#include "services/workforce/feed/person_row.h"
#include "tests/fuzz/fuzz_target.h"

namespace waymark::workforce {
namespace {

struct Seen {
  std::vector<std::string> rows;
  int64_t last_line = 0;
};

Seen Read(absl::string_view text, size_t piece) {
  Seen seen;
  CsvReader reader([&seen](const CsvRow& row) {
    FUZZ_REQUIRE(row.line > seen.last_line);
    FUZZ_REQUIRE(row.cells.size() <= kMostColumns);
    seen.last_line = row.line;
    std::string all = std::string(row.reason);
    for (const std::string& cell : row.cells) {
      FUZZ_REQUIRE(cell.size() <= kLongestCell);
      FUZZ_REQUIRE(!row.reason.empty() || IsUtf8(cell));
      all += "\x1F" + cell;
    }
    seen.rows.push_back(all);
  });
  for (size_t at = 0; at < text.size(); at += piece) reader.Push(text.substr(at, piece));
  reader.Finish();
  return seen;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view text = fuzz::Text(data, size);
  const Seen whole = Read(text, 1 << 20);
  // Where the file is cut into pieces does not matter.
  FUZZ_REQUIRE(Read(text, 1).rows == whole.rows);
  FUZZ_REQUIRE(Read(text, 7).rows == whole.rows);

  auto reader =
      FileReader::Create({}, "demo", absl::CivilDay(2026, 11, 22), [](const ReadRow& row) {
        FUZZ_REQUIRE(row.line > 0);
        if (!row.reason.empty()) return;
        // What is taken holds nothing that a spreadsheet would run, and passes again.
        FUZZ_REQUIRE(!row.person.external_id().empty());
        FUZZ_REQUIRE(!IsFormula(row.person.name().family()));
        v1::FeedPerson again = row.person;
        FUZZ_REQUIRE(!CheckFeedPerson(again, "demo", absl::CivilDay(2026, 11, 22)));
        FUZZ_REQUIRE(RowText(again) == RowText(row.person));
      });
  FUZZ_REQUIRE(reader.ok());
  reader->Push(text);
  reader->Finish();

  // A cell of ours comes back as it was, but for a formula's apostrophe.
  if (size <= kLongestCell && IsUtf8(text) && !IsFormula(text)) {
    std::string back;
    CsvReader cell([&back](const CsvRow& row) {
      if (row.reason.empty() && row.cells.size() == 1) back = row.cells[0];
    });
    cell.Push("header\n" + CsvCell(text) + "\n");
    cell.Finish();
    FUZZ_REQUIRE(back == "header" || back == text);
  }
  return 0;
}

}  // namespace waymark::workforce
