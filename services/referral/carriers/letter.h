// A referral as a letter: for a provider without anything better, and for the patient's copy. Its
// words are a table, in English and in Welsh. Pure.
//
// It says what the content says and no more: the letterhead is the referrer's neutral name, and an
// employer is named only when the content names one.
#ifndef WAYMARK_SERVICES_REFERRAL_CARRIERS_LETTER_H_
#define WAYMARK_SERVICES_REFERRAL_CARRIERS_LETTER_H_

#include <string>

#include "services/referral/fhir/referral_writer.h"

namespace waymark::referral {

enum class LetterLanguage { kEnglish, kWelsh };

// One page of HTML that needs nothing from elsewhere, made to be printed.
std::string LetterHtml(const fhir::ReferralToWrite& referral, LetterLanguage language);
// The same as plain text, UTF-8, lines as long as they are.
std::string LetterText(const fhir::ReferralToWrite& referral, LetterLanguage language);

// The answer to what the provider asked. Quotes the referral, and says of the patient only who it
// is.
std::string AnswerHtml(const fhir::ReferralToWrite& referral, const v1::Question& question,
                       LetterLanguage language);
std::string AnswerText(const fhir::ReferralToWrite& referral, const v1::Question& question,
                       LetterLanguage language);

}  // namespace waymark::referral

#endif  // WAYMARK_SERVICES_REFERRAL_CARRIERS_LETTER_H_
