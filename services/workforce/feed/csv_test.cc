#include "services/workforce/feed/csv.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"

namespace waymark::workforce {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// The rows of a text that arrives `piece` bytes at a time.
std::vector<CsvRow> Read(absl::string_view text, size_t piece = 1 << 20) {
  std::vector<CsvRow> rows;
  CsvReader reader([&rows](const CsvRow& row) { rows.push_back(row); });
  for (size_t i = 0; i < text.size(); i += piece) reader.Push(text.substr(i, piece));
  reader.Finish();
  return rows;
}

TEST(CsvReader, ReadsRowsWithEitherLineBreakAndWithoutTheLast) {
  for (const size_t piece : {1, 2, 3, 7, 1000}) {
    const auto rows = Read("a,b\r\nc,d\n\n\r\ne,", piece);
    ASSERT_THAT(rows, SizeIs(3));
    EXPECT_THAT(rows[0].cells, ElementsAre("a", "b"));
    EXPECT_THAT(rows[1].cells, ElementsAre("c", "d"));
    EXPECT_THAT(rows[2].cells, ElementsAre("e", ""));
    EXPECT_EQ(rows[2].line, 5) << "blank lines are no rows, but they are lines";
    for (const CsvRow& row : rows) EXPECT_EQ(row.reason, "");
  }
}

TEST(CsvReader, TakesQuotesCommasAndQuotesWithinQuotes) {
  const auto rows = Read("\"O\"\"Brien, Siân\",\"\",x\n");
  ASSERT_THAT(rows, SizeIs(1));
  EXPECT_THAT(rows[0].cells, ElementsAre("O\"Brien, Siân", "", "x"));
}

TEST(CsvReader, StripsTheUtf8MarkOnlyAtTheStart) {
  for (const size_t piece : {1, 2, 1000}) {
    const auto rows = Read("\xEF\xBB\xBFid\n\xEF\xBB\xBFx\n", piece);
    ASSERT_THAT(rows, SizeIs(2));
    EXPECT_THAT(rows[0].cells, ElementsAre("id"));
    EXPECT_THAT(rows[1].cells, ElementsAre("\xEF\xBB\xBFx"));
  }
}

TEST(CsvReader, RefusesUtf16WithOrWithoutItsMarkAndReadsNoFurther) {
  using std::string_literals::operator""s;
  for (const std::string& text :
       {"\xFF\xFEi\0d\0\n\0"s, "\xFE\xFF\0i\0d\0\n"s, "i\0d\0\n\0"s, "\0i\0d\0\n"s}) {
    const auto rows = Read(text);
    ASSERT_THAT(rows, SizeIs(1));
    EXPECT_EQ(rows[0].reason, kUtf16);
    EXPECT_EQ(rows[0].line, 1);
    EXPECT_THAT(rows[0].cells, IsEmpty());
  }
}

TEST(CsvReader, RefusesLatin1WithTheRowAndTheColumn) {
  const auto rows = Read("id,name\n1,Si\xE2n\n2,Ann\n");
  ASSERT_THAT(rows, SizeIs(3));
  EXPECT_EQ(rows[1].reason, kNotUtf8);
  EXPECT_EQ(rows[1].line, 2);
  EXPECT_EQ(rows[1].column, 1);
  EXPECT_EQ(rows[2].reason, "") << "the next row is read again";
}

TEST(CsvReader, RefusesMisplacedQuotesAndGoesOnWithTheNextLine) {
  for (const char* row : {"a\"b,c", "\"a\"b,c"}) {
    const auto rows = Read(absl::StrCat(row, "\nd,e\n"));
    ASSERT_THAT(rows, SizeIs(2));
    EXPECT_EQ(rows[0].reason, kQuoteMisplaced);
    EXPECT_EQ(rows[0].column, 0);
    EXPECT_THAT(rows[1].cells, ElementsAre("d", "e"));
  }
}

TEST(CsvReader, RefusesAQuoteThatIsNeverClosedByTheLineOnWhichItsRowBegins) {
  const auto rows = Read("a,b\nc,\"d\ne,f\ng,h\n");
  ASSERT_THAT(rows, SizeIs(2));
  EXPECT_EQ(rows[1].reason, kQuoteUnclosed);
  EXPECT_EQ(rows[1].line, 2);
  EXPECT_EQ(rows[1].column, 1);
}

TEST(CsvReader, RefusesACellOfTenMegabytesWithoutKeepingIt) {
  const std::string huge(10 << 20, 'x');
  for (const std::string& cell : {huge, absl::StrCat("\"", huge, "\"")}) {
    const auto rows = Read(absl::StrCat("a,", cell, "\nb,c\n"), 65536);
    ASSERT_THAT(rows, SizeIs(2));
    EXPECT_EQ(rows[0].reason, kCellTooLong);
    EXPECT_EQ(rows[0].column, 1);
    EXPECT_LE(rows[0].cells[1].size(), kLongestCell);
    EXPECT_THAT(rows[1].cells, ElementsAre("b", "c"));
  }
}

TEST(CsvReader, RefusesTooManyColumnsWithoutKeepingThem) {
  const auto rows = Read(absl::StrCat(std::string(1 << 20, ','), "\na,b\n"));
  ASSERT_THAT(rows, SizeIs(2));
  EXPECT_EQ(rows[0].reason, kTooManyColumns);
  EXPECT_THAT(rows[0].cells, SizeIs(kMostColumns));
}

TEST(CsvReader, RefusesControlCharactersAndALoneCarriageReturn) {
  using std::string_literals::operator""s;
  for (const std::string& row :
       {"abcde,\x01"s, "abcde,\0"s, "abcde,\"x\ny\""s, "abcde,x\ry"s, "abcde,\x7F"s}) {
    const auto rows = Read(absl::StrCat(row, "\nb,c\n"));
    ASSERT_FALSE(rows.empty());
    EXPECT_EQ(rows[0].reason, kControlCharacter);
    EXPECT_THAT(rows.back().cells, ElementsAre("b", "c"));
  }
}

TEST(CsvReader, RefusesALoneCarriageReturnOnALineOfItsOwn) {
  const auto rows = Read("id\n\r\r\nx\n");
  ASSERT_THAT(rows, SizeIs(3));
  EXPECT_EQ(rows[1].reason, kControlCharacter);
  EXPECT_EQ(rows[1].line, 2);
  EXPECT_THAT(rows[2].cells, ElementsAre("x"));
}

TEST(CsvReader, FindsNothingInAnEmptyFile) {
  EXPECT_THAT(Read(""), IsEmpty());
  EXPECT_THAT(Read("\n\r\n"), IsEmpty());
  EXPECT_THAT(Read("\xEF\xBB\xBF"), IsEmpty());
}

TEST(IsUtf8, KnowsOverlongFormsSurrogatesAndTheEndOfUnicode) {
  for (const char* good : {"", "a", "é", "€", "𝄞", "\xF4\x8F\xBF\xBF"}) EXPECT_TRUE(IsUtf8(good));
  for (const char* bad : {"\x80", "\xC0\xAF", "\xC3", "\xE0\x80\xAF", "\xED\xA0\x80",
                          "\xF0\x80\x80\xAF", "\xF4\x90\x80\x80", "\xE2\x82", "\xFF"}) {
    EXPECT_FALSE(IsUtf8(bad));
  }
}

TEST(CsvCell, TakesTheTeethOutOfFormulasAndQuotesWhatItMust) {
  EXPECT_EQ(CsvCell("plain"), "plain");
  EXPECT_EQ(CsvCell("=HYPERLINK(\"x\")"), "\"'=HYPERLINK(\"\"x\"\")\"");
  EXPECT_EQ(CsvCell("+441234"), "'+441234");
  EXPECT_EQ(CsvCell("a,b"), "\"a,b\"");
  EXPECT_EQ(CsvCell(""), "");
}

}  // namespace
}  // namespace waymark::workforce
