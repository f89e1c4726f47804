// What the vault keeps of a person, and the values they are found by. The numbers stand in the
// database and never change.
#ifndef WAYMARK_SERVICES_WORKFORCE_VAULT_FIELDS_H_
#define WAYMARK_SERVICES_WORKFORCE_VAULT_FIELDS_H_

#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"

namespace waymark::workforce {

// One sealed value each: the serialised message named behind it, or the text as it is.
enum class Field {
  kName = 1,        // PersonName
  kBirthDate = 2,   // casework.v1.CivilDate
  kSex = 3,         // the enum's number as text
  kNhsNumber = 4,   // NhsNumber
  kWork = 5,        // Contacts
  kPersonal = 6,    // Contacts
  kHomeArea = 7,    // text
  kNextOfKin = 8,   // NextOfKin
  kLanguage = 9,    // the enum's number as text
  kUserId = 10,     // text
  kAlias = 11,      // text
  kChoices = 12,    // Choices
  kDeathDate = 13,  // casework.v1.CivilDate
};

// What a keyed token stands for. Tokens of one kind never meet those of another.
enum class TokenKind {
  kNhsNumber = 1,
  kEmployeeNumber = 2,
  kCollarNumber = 3,
  kEmail = 4,
  kFamilyName = 5,
  kNameAndBirth = 6,
  kUserId = 7,
  // Of the feed, never in blind_index.
  kExternalId = 8,
  kFeedRow = 9,
  kFeedPlace = 10,
  // Of scim_user, never in blind_index.
  kScimUserName = 11,
  kScimExternalId = 12,
};

// The spelling under which a value is looked up. Pure.
// Numbers and addresses: upper or lower case, spaces and points do not matter: "ab 12.3" = "AB123".
std::string NormaliseNumber(absl::string_view number);
std::string NormaliseEmail(absl::string_view email);
// Names: lower case, Latin accents removed, without anything but letters: "O'Brien-Ó" = "obrieno".
std::string NormaliseName(absl::string_view name);
std::string NameAndBirth(absl::string_view family, absl::string_view given, absl::CivilDay birth);

// True for ten digits that pass modulus 11 and are not all equal. Spaces are not accepted: take
// them out first.
bool IsNhsNumber(absl::string_view number);

}  // namespace waymark::workforce

#endif  // WAYMARK_SERVICES_WORKFORCE_VAULT_FIELDS_H_
