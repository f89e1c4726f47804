#include "services/referral/carriers/letter.h"

#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "common/civil/civil.h"
#include "services/referral/fhir/codes.h"

namespace waymark::referral {
namespace {

enum class Word {
  kReferral,
  kDate,
  kReference,
  kTo,
  kPatient,
  kName,
  kBirthDate,
  kNhsNumber,
  kSex,
  kLanguage,
  kContact,
  kAlias,
  kAskedFor,
  kUrgency,
  kFrom,
  kDue,
  kCloses,
  kClockFrom,
  kWaiting,
  kQuestion,
  kKnown,
  kResults,
  kSafety,
  kReferrer,
  kTelephone,
  kBasis,
  kEmployer,
  kYes,
  kNo,
  kPleaseAnswer,
  kAnswer,
  kAboutOurs,
  kYouAsked,
  kWeAnswer,
};

struct Phrase {
  Word word;
  const char* english;
  const char* welsh;
};
constexpr Phrase kPhrases[] = {
    {Word::kReferral, "Referral", "Atgyfeiriad"},
    {Word::kDate, "Date", "Dyddiad"},
    {Word::kReference, "Our reference", "Ein cyfeirnod"},
    {Word::kTo, "To", "At"},
    {Word::kPatient, "Patient", "Claf"},
    {Word::kName, "Name", "Enw"},
    {Word::kBirthDate, "Date of birth", "Dyddiad geni"},
    {Word::kNhsNumber, "NHS number", "Rhif GIG"},
    {Word::kSex, "Sex", "Rhyw"},
    {Word::kLanguage, "Preferred language", "Dewis iaith"},
    {Word::kContact, "How to reach them", "Sut i gysylltu"},
    {Word::kAlias, "This person is named here by an alias. Call us for anything that is not said.",
     "Enwir y person hwn yma dan enw arall. Ffoniwch ni am unrhyw beth nas dywedir."},
    {Word::kAskedFor, "What is asked for", "Yr hyn y gofynnir amdano"},
    {Word::kUrgency, "How soon", "Pa mor fuan"},
    {Word::kFrom, "Can be given from", "Gellir ei roi o"},
    {Word::kDue, "Should be given by", "Dylid ei roi erbyn"},
    {Word::kCloses, "Too late after", "Rhy hwyr ar ôl"},
    {Word::kClockFrom, "Counted from", "Yn cyfrif o"},
    {Word::kWaiting, "Waiting time began", "Dechreuodd yr amser aros"},
    {Word::kQuestion, "Our question", "Ein cwestiwn"},
    {Word::kKnown, "What you need to know", "Yr hyn y mae angen i chi ei wybod"},
    {Word::kResults, "Test results", "Canlyniadau profion"},
    {Word::kSafety, "Please see to this at the visit", "Trefnwch hyn ar gyfer yr ymweliad"},
    {Word::kReferrer, "Referred by", "Atgyfeiriwyd gan"},
    {Word::kTelephone, "Telephone", "Ffôn"},
    {Word::kBasis, "Basis for sharing", "Sail rhannu"},
    {Word::kEmployer, "Employer", "Cyflogwr"},
    {Word::kYes, "Yes", "Ie"},
    {Word::kNo, "No", "Na"},
    {Word::kPleaseAnswer, "Please call us with your answer and quote our reference.",
     "Ffoniwch ni gyda'ch ateb, gan ddyfynnu ein cyfeirnod."},
    {Word::kAnswer, "Answer to your question", "Ateb i'ch cwestiwn"},
    {Word::kAboutOurs, "About our referral of", "Ynghylch ein hatgyfeiriad dyddiedig"},
    {Word::kYouAsked, "You asked", "Gofynnoch chi"},
    {Word::kWeAnswer, "Our answer", "Ein hateb"},
};

struct Named {
  int value;
  const char* english;
  const char* welsh;
};
constexpr Named kPriorities[] = {
    {v1::PRIORITY_ROUTINE, "Routine", "Arferol"},
    {v1::PRIORITY_URGENT, "Urgent", "Brys"},
    {v1::PRIORITY_ASAP, "As soon as possible", "Cyn gynted â phosibl"},
    {v1::PRIORITY_STAT, "At once", "Ar unwaith"},
};
constexpr Named kSexes[] = {
    {v1::SEX_FEMALE, "Female", "Benyw"},
    {v1::SEX_MALE, "Male", "Gwryw"},
    {v1::SEX_INDETERMINATE, "Indeterminate", "Amhenodol"},
    {v1::SEX_NOT_KNOWN, "Not known", "Anhysbys"},
};
constexpr Named kLanguages[] = {
    {v1::LANGUAGE_ENGLISH, "English", "Saesneg"},
    {v1::LANGUAGE_WELSH, "Welsh", "Cymraeg"},
};
constexpr Named kBases[] = {
    {v1::CONSENT_BASIS_EXPLICIT, "The patient has agreed", "Mae'r claf wedi cytuno"},
    {v1::CONSENT_BASIS_DIRECT_CARE, "Direct care", "Gofal uniongyrchol"},
    {v1::CONSENT_BASIS_VITAL_INTEREST, "The patient's vital interest", "Budd hanfodol y claf"},
};
constexpr Named kSafetyNeeds[] = {
    {v1::SAFETY_NEED_SEPARATE_WAITING, "Let the patient wait apart from others",
     "Gadewch i'r claf aros ar wahân i eraill"},
    {v1::SAFETY_NEED_NOT_CALLED_BY_NAME, "Do not call the patient by name",
     "Peidiwch â galw'r claf wrth ei enw"},
    {v1::SAFETY_NEED_QUIET_ROOM, "A quiet room", "Ystafell dawel"},
    {v1::SAFETY_NEED_STEP_FREE, "Step-free access", "Mynediad heb risiau"},
    {v1::SAFETY_NEED_CHAPERONE, "A chaperone", "Hebryngwr"},
    {v1::SAFETY_NEED_INTERPRETER, "An interpreter", "Cyfieithydd"},
};
constexpr Named kOutcomes[] = {
    {v1::RESULT_OUTCOME_NEGATIVE, "Negative", "Negyddol"},
    {v1::RESULT_OUTCOME_POSITIVE, "Positive", "Cadarnhaol"},
    {v1::RESULT_OUTCOME_INDETERMINATE, "Indeterminate", "Amhendant"},
    {v1::RESULT_OUTCOME_NOT_TESTED, "Not tested", "Heb ei brofi"},
};
constexpr Named kWaitings[] = {
    {v1::WAITING_TIME_KIND_RTT, "Referral to treatment", "Atgyfeirio i driniaeth"},
    {v1::WAITING_TIME_KIND_TALKING_THERAPIES, "Talking therapies", "Therapïau siarad"},
    {v1::WAITING_TIME_KIND_WALES_RTT, "Referral to treatment (Wales)",
     "Atgyfeirio i driniaeth (Cymru)"},
    {v1::WAITING_TIME_KIND_WALES_THERAPIES, "Therapies (Wales)", "Therapïau (Cymru)"},
    {v1::WAITING_TIME_KIND_WALES_MENTAL_HEALTH, "Mental Health Measure (Wales)",
     "Mesur Iechyd Meddwl (Cymru)"},
    {v1::WAITING_TIME_KIND_DIAGNOSTIC, "Diagnostics", "Diagnosteg"},
};
constexpr Named kMonths[] = {
    {1, "January", "Ionawr"},
    {2, "February", "Chwefror"},
    {3, "March", "Mawrth"},
    {4, "April", "Ebrill"},
    {5, "May", "Mai"},
    {6, "June", "Mehefin"},
    {7, "July", "Gorffennaf"},
    {8, "August", "Awst"},
    {9, "September", "Medi"},
    {10, "October", "Hydref"},
    {11, "November", "Tachwedd"},
    {12, "December", "Rhagfyr"},
};

// The letter before it becomes HTML or text: headings with lines of a label and what it says.
struct Line {
  std::string label;  // empty: a sentence of its own
  std::string text;
};
struct Section {
  std::string heading;
  std::vector<Line> lines;
};
struct Letter {
  std::string head;
  std::string title;
  std::vector<Section> sections;
};

class Author {
 public:
  Author(const fhir::ReferralToWrite& referral, LetterLanguage language)
      : referral_(referral), content_(referral.content), language_(language) {}

  Letter Write() {
    letter_.head = content_.referrer().organisation_name();
    letter_.title = Say(Word::kReferral);
    Begin("");
    if (referral_.sending.has_sent_time()) PutDay(Word::kDate, referral_.sending.sent_time());
    Addressed();
    Who();
    Reach();
    Need();
    Clinical();
    Referrer();
    Put(Word::kBasis, NameOf(kBases, content_.consent().basis()));
    if (content_.has_employer()) {
      Put(Word::kEmployer, content_.employer().organisation_name());
    }
    PutPlain("", Say(Word::kPleaseAnswer));
    return std::move(letter_);
  }

  Letter Answer(const v1::Question& question) {
    letter_.head = content_.referrer().organisation_name();
    letter_.title = Say(Word::kAnswer);
    Begin("");
    if (question.has_answered_time()) PutDay(Word::kDate, question.answered_time());
    Addressed();
    if (referral_.sending.has_sent_time()) PutDay(Word::kAboutOurs, referral_.sending.sent_time());
    Who();
    Begin(letter_.title);
    Put(Word::kYouAsked, question.text());
    Put(Word::kWeAnswer, question.answer());
    Referrer();
    return std::move(letter_);
  }

 private:
  bool welsh() const { return language_ == LetterLanguage::kWelsh; }

  std::string Say(Word word) const {
    for (const Phrase& phrase : kPhrases) {
      if (phrase.word == word) return welsh() ? phrase.welsh : phrase.english;
    }
    return "";
  }

  template <size_t size>
  std::string NameOf(const Named (&names)[size], int value) const {
    for (const Named& named : names) {
      if (named.value == value) return welsh() ? named.welsh : named.english;
    }
    return "";
  }

  std::string Day(absl::CivilDay day) const {
    return absl::StrCat(day.day(), " ", NameOf(kMonths, day.month()), " ", day.year());
  }

  std::string Day(const casework::v1::CivilDate& date) const {
    return Day(absl::CivilDay(date.year(), date.month(), date.day()));
  }

  // With its zone: a deadline in hours can fall on either side of a change of the clocks.
  std::string Moment(const google::protobuf::Timestamp& time) const {
    const absl::Time instant = fhir::ToTime(time);
    return absl::StrCat(Day(absl::ToCivilDay(instant, civil::London())), ", ",
                        absl::FormatTime("%H:%M %Z", instant, civil::London()));
  }

  void Begin(std::string heading) { letter_.sections.push_back({std::move(heading), {}}); }

  void PutPlain(std::string label, std::string text) {
    if (!text.empty()) {
      letter_.sections.back().lines.push_back({std::move(label), std::move(text)});
    }
  }
  void Put(Word label, std::string text) { PutPlain(Say(label), std::move(text)); }

  void PutDay(Word label, const google::protobuf::Timestamp& time) {
    Put(label, Day(absl::ToCivilDay(fhir::ToTime(time), civil::London())));
  }

  void Addressed() {
    Put(Word::kReference, referral_.referral_id);
    std::string to = referral_.provider.organisation_name();
    if (!referral_.provider.service_name().empty()) {
      absl::StrAppend(&to, to.empty() ? "" : ", ", referral_.provider.service_name());
    }
    Put(Word::kTo, to);
  }

  void Referrer() {
    const v1::Referrer& referrer = content_.referrer();
    Begin(Say(Word::kReferrer));
    Put(Word::kName, referrer.practitioner_name());
    PutPlain("", referrer.practitioner_role());
    Put(Word::kTelephone, referrer.phone());
  }

  void Who() {
    const v1::Patient& patient = content_.patient();
    Begin(Say(Word::kPatient));
    std::string name;
    for (const std::string& part : {patient.title(), patient.given_name(), patient.family_name()}) {
      if (!part.empty()) absl::StrAppend(&name, name.empty() ? "" : " ", part);
    }
    Put(Word::kName, name);
    if (patient.alias()) PutPlain("", Say(Word::kAlias));
    if (patient.has_birth_date()) Put(Word::kBirthDate, Day(patient.birth_date()));
    if (fhir::IsNhsNumber(patient.nhs_number())) {
      const std::string& number = patient.nhs_number();
      Put(Word::kNhsNumber,
          absl::StrCat(number.substr(0, 3), " ", number.substr(3, 3), " ", number.substr(6)));
    }
  }

  void Reach() {
    const v1::Patient& patient = content_.patient();
    Put(Word::kSex, NameOf(kSexes, patient.sex()));
    Put(Word::kLanguage, NameOf(kLanguages, patient.language()));
    for (const v1::ContactRoute& route : patient.routes()) {
      Put(Word::kContact, absl::StrReplaceAll(route.value(), {{"\n", ", "}}));
    }
  }

  void Need() {
    const v1::Need& need = content_.need();
    Begin(Say(Word::kAskedFor));
    PutPlain("", need.title());
    if (need.code().display() != need.title()) PutPlain("", need.code().display());
    Put(Word::kUrgency, NameOf(kPriorities, need.priority()));
    if (need.has_opens_time()) Put(Word::kFrom, Moment(need.opens_time()));
    if (need.has_due_time()) Put(Word::kDue, Moment(need.due_time()));
    if (need.has_closes_time()) Put(Word::kCloses, Moment(need.closes_time()));
    if (need.has_anchor_time()) {
      Put(Word::kClockFrom, absl::StrCat(need.anchor(), need.anchor().empty() ? "" : ", ",
                                         Moment(need.anchor_time())));
    }
    for (const v1::WaitingTime& waiting : need.waiting_times()) {
      Put(Word::kWaiting,
          absl::StrCat(NameOf(kWaitings, waiting.kind()), ": ", Day(waiting.start_date())));
    }
    Put(Word::kQuestion, content_.question());
  }

  static std::string Number(const v1::Quantity& quantity) {
    std::string text = quantity.exact().empty() ? absl::StrCat(quantity.value()) : quantity.exact();
    if (!quantity.unit().empty()) absl::StrAppend(&text, " ", quantity.unit());
    return text;
  }

  static std::string Called(const v1::Coding& coding) {
    return coding.display().empty() ? coding.code() : coding.display();
  }

  void Clinical() {
    if (content_.items_size() > 0) Begin(Say(Word::kKnown));
    for (const v1::ClinicalItem& item : content_.items()) {
      std::string value;
      if (item.has_text()) value = item.text();
      if (item.has_quantity()) value = Number(item.quantity());
      if (item.has_coded()) value = Called(item.coded());
      if (item.has_yes()) value = Say(item.yes() ? Word::kYes : Word::kNo);
      if (item.has_effective_time()) {
        absl::StrAppend(&value, value.empty() ? "" : " · ", Moment(item.effective_time()));
      }
      if (value.empty()) {
        PutPlain("", Called(item.code()));
      } else {
        PutPlain(Called(item.code()), value);
      }
    }
    if (content_.results_size() > 0) Begin(Say(Word::kResults));
    for (const v1::TestResult& result : content_.results()) {
      std::string value = NameOf(kOutcomes, result.outcome());
      if (result.has_quantity()) {
        absl::StrAppend(&value, value.empty() ? "" : ", ", Number(result.quantity()));
      }
      if (result.has_sampled_time()) {
        absl::StrAppend(&value, value.empty() ? "" : " · ", Moment(result.sampled_time()));
      }
      PutPlain(Called(result.code()).empty() ? result.test() : Called(result.code()), value);
    }
    if (content_.safety_needs_size() > 0) Begin(Say(Word::kSafety));
    for (int i = 0; i < content_.safety_needs_size(); ++i) {
      PutPlain("", NameOf(kSafetyNeeds, content_.safety_needs(i)));
    }
  }

  const fhir::ReferralToWrite& referral_;
  const v1::ReferralContent& content_;
  const LetterLanguage language_;
  Letter letter_;
};

std::string Escape(absl::string_view text) {
  return absl::StrReplaceAll(text, {{"&", "&amp;"},
                                    {"<", "&lt;"},
                                    {">", "&gt;"},
                                    {"\"", "&quot;"},
                                    {"'", "&#39;"},
                                    {"\n", "<br>"}});
}

constexpr char kStyle[] =
    "@page{size:A4;margin:20mm}body{font:11pt/1.45 Arial,sans-serif;max-width:42em;margin:2em auto;"
    "color:#000}h1{font-size:18pt}h2{font-size:12pt;margin:1.2em 0 .3em;border-bottom:1px solid "
    "#000}"
    "dl{display:grid;grid-template-columns:13em 1fr;gap:.15em 1em;margin:0}dt{font-weight:bold}"
    "dd{margin:0;overflow-wrap:anywhere}dd.alone{grid-column:1/3}";

std::string Html(const Letter& letter, LetterLanguage language) {
  std::string html = absl::StrCat(
      "<!DOCTYPE html>\n<html lang=\"", language == LetterLanguage::kWelsh ? "cy" : "en",
      "\"><head><meta charset=\"utf-8\"><title>", Escape(letter.title), "</title><style>", kStyle,
      "</style></head>\n<body><p>", Escape(letter.head), "</p>\n<h1>", Escape(letter.title),
      "</h1>\n");
  for (const Section& section : letter.sections) {
    if (section.lines.empty()) continue;
    if (!section.heading.empty())
      absl::StrAppend(&html, "<h2>", Escape(section.heading), "</h2>\n");
    absl::StrAppend(&html, "<dl>\n");
    for (const Line& line : section.lines) {
      if (line.label.empty()) {
        absl::StrAppend(&html, "<dd class=\"alone\">", Escape(line.text), "</dd>\n");
      } else {
        absl::StrAppend(&html, "<dt>", Escape(line.label), "</dt><dd>", Escape(line.text),
                        "</dd>\n");
      }
    }
    absl::StrAppend(&html, "</dl>\n");
  }
  absl::StrAppend(&html, "</body></html>\n");
  return html;
}

std::string PlainText(const Letter& letter) {
  std::string text = absl::StrCat(letter.head, "\n\n", letter.title, "\n");
  for (const Section& section : letter.sections) {
    if (section.lines.empty()) continue;
    absl::StrAppend(&text, "\n");
    if (!section.heading.empty()) absl::StrAppend(&text, section.heading, "\n");
    for (const Line& line : section.lines) {
      absl::StrAppend(&text, line.label, line.label.empty() ? "" : ": ", line.text, "\n");
    }
  }
  return text;
}

}  // namespace

std::string LetterHtml(const fhir::ReferralToWrite& referral, LetterLanguage language) {
  return Html(Author(referral, language).Write(), language);
}

std::string LetterText(const fhir::ReferralToWrite& referral, LetterLanguage language) {
  return PlainText(Author(referral, language).Write());
}

std::string AnswerHtml(const fhir::ReferralToWrite& referral, const v1::Question& question,
                       LetterLanguage language) {
  return Html(Author(referral, language).Answer(question), language);
}

std::string AnswerText(const fhir::ReferralToWrite& referral, const v1::Question& question,
                       LetterLanguage language) {
  return PlainText(Author(referral, language).Answer(question));
}

}  // namespace waymark::referral
