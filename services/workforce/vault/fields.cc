#include "services/workforce/vault/fields.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_format.h"

namespace waymark::workforce {
namespace {

// The letter below each accent, from U+00C0 on; ' ' for what is no letter.
constexpr char kLatin[] =
    "aaaaaaaceeeeiiiidnooooo ouuuuytsaaaaaaaceeeeiiiidnooooo ouuuuyty"
    "aaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiiiiijjkkklllllllllln"
    "nnnnnnnnoooooooorrrrrrsssssssstttttt"
    "uuuuuuuuuuuuwwyyyzzzzzzs";
static_assert(sizeof(kLatin) - 1 == 0x180 - 0xC0);

}  // namespace

std::string NormaliseNumber(absl::string_view number) {
  std::string normal;
  for (const char c : number) {
    if (absl::ascii_isalnum(c)) normal.push_back(absl::ascii_toupper(c));
  }
  return normal;
}

std::string NormaliseEmail(absl::string_view email) {
  return absl::AsciiStrToLower(absl::StripAsciiWhitespace(email));
}

std::string NormaliseName(absl::string_view name) {
  std::string normal;
  for (size_t i = 0; i < name.size(); ++i) {
    const auto byte = static_cast<unsigned char>(name[i]);
    if (byte < 0x80) {
      if (absl::ascii_isalpha(byte)) normal.push_back(absl::ascii_tolower(name[i]));
      continue;
    }
    const unsigned next = i + 1 < name.size() ? static_cast<unsigned char>(name[i + 1]) : 0;
    const unsigned code = (byte & 0x1Fu) << 6 | (next & 0x3Fu);
    if (byte >= 0xC3 && byte <= 0xC5) {
      if (const char letter = kLatin[code - 0xC0]; letter != ' ') normal.push_back(letter);
      ++i;
    } else if (byte >= 0xCC && byte <= 0xCD && code >= 0x300 && code <= 0x36F) {
      ++i;  // An accent written behind its letter.
    } else {
      normal.push_back(name[i]);  // Another script: as it is.
    }
  }
  return normal;
}

std::string NameAndBirth(absl::string_view family, absl::string_view given, absl::CivilDay birth) {
  return absl::StrFormat("%s|%s|%04d-%02d-%02d", NormaliseName(family), NormaliseName(given),
                         birth.year(), birth.month(), birth.day());
}

bool IsNhsNumber(absl::string_view number) {
  if (number.size() != 10 || !std::all_of(number.begin(), number.end(), absl::ascii_isdigit)) {
    return false;
  }
  // All ten of 0000000000 ... 9999999999 pass modulus 11, and none was ever given to anybody.
  if (number.find_first_not_of(number[0]) == absl::string_view::npos) return false;
  int sum = 0;
  for (int i = 0; i < 9; ++i) sum += (10 - i) * (number[i] - '0');
  const int check = (11 - sum % 11) % 11;  // 10 belongs to no number
  return check == number[9] - '0';
}

}  // namespace waymark::workforce
