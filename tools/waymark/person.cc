#include "tools/waymark/person.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <iostream>
#include <memory>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "common/ids/ids.h"
#include "common/status/status.h"
#include "waymark/workforce/v1/workforce_service.pb.h"

namespace waymark::cli {
namespace {

namespace v1 = ::waymark::workforce::v1;

PersonPart Subject() { return {.name = "subject", .field = "subject_id", .help = "subject id"}; }
PersonPart Reason(absl::string_view why) {
  return {.name = "reason", .field = "reason", .help = std::string(why)};
}

// What may be said of a person, as both entering and changing take it.
std::vector<PersonPart> Described(std::vector<PersonPart> first) {
  const std::vector<PersonPart> described = {
      {.name = "--family", .field = "name.family", .help = "family name"},
      {.name = "--given", .field = "name.given", .help = "given name"},
      {.name = "--known-as", .field = "name.known_as", .help = "what they want to be called"},
      {.name = "--born", .field = "birth_date", .help = "1990-02-01"},
      {.name = "--sex", .field = "sex", .help = "female, male, indeterminate", .prefix = "SEX_"},
      {.name = "--nhs", .field = "nhs_number.number", .help = "ten digits"},
      {.name = "--nhs-status",
       .field = "nhs_number.status",
       .help = "self_declared, traced, verified, in_doubt",
       .prefix = "NHS_NUMBER_STATUS_"},
      {.name = "--email", .field = "personal.email", .help = "personal e-mail"},
      {.name = "--mobile", .field = "personal.mobile", .help = "personal, +447700900123"},
      {.name = "--work-email", .field = "work.email", .help = "work e-mail"},
      {.name = "--work-mobile", .field = "work.mobile", .help = "work mobile"},
      {.name = "--area", .field = "home_area", .help = "outward half of the home postcode"},
      {.name = "--language", .field = "language", .help = "english, welsh", .prefix = "LANGUAGE_"},
      {.name = "--sign-in", .field = "user_id", .help = "user id with which they sign in"},
  };
  first.insert(first.end(), described.begin(), described.end());
  return first;
}

// Asks, and shows the answer.
absl::Status Show(Remote& remote, const std::string& method_name,
                  const std::vector<std::string>& sets, const Output& output) {
  ASSIGN_OR_RETURN(const auto* method, FindLinkedMethod(method_name));
  const auto request = remote.NewRequest(*method);
  ASSIGN_OR_RETURN(const absl::Time now, ClinicalNow(remote.settings()));
  RETURN_IF_ERROR(FillMessage("{}", sets, now, *request));
  return remote.Stream(*method, *request, [&output](const google::protobuf::Message& answer) {
    if (output.json) {
      std::cout << ToJson(answer);
    } else if (const std::string page = Page(answer); page.empty()) {
      std::cout << "Done.\n";
    } else {
      std::cout << page;
    }
    std::cout << std::flush;
    return true;
  });
}

absl::Status RunPerson(Remote& remote, const PersonCommand& command, std::vector<std::string> sets,
                       const std::string& subject, const Output& output) {
  if (command.versioned) {
    v1::GetPersonRequest request;
    request.set_subject_id(subject);
    ASSIGN_OR_RETURN(const auto got,
                     remote.Ask<v1::GetPersonResponse>("workforce.GetPerson", request));
    sets.push_back(absl::StrCat("expected_version=", got.person().version()));
  }
  return Show(remote, command.method, sets, output);
}

struct FindQuestion {
  std::string number;
  std::map<std::string, std::string> by;  // field -> value
};

// A word is taken for whatever it may be: the first look-up that finds somebody answers.
absl::Status Find(Remote& remote, const FindQuestion& question, const Output& output) {
  std::vector<std::vector<std::string>> tries;
  std::vector<std::string> sets;
  for (const auto& [field, value] : question.by) {
    if (!value.empty()) sets.push_back(absl::StrCat(field, "=", value));
  }
  if (question.number.empty()) {
    tries.push_back(sets);
  } else {
    const std::string digits = absl::StrReplaceAll(question.number, {{" ", ""}, {"-", ""}});
    const bool nhs =
        digits.size() == 10 && digits.find_first_not_of("0123456789") == std::string::npos;
    std::vector<std::string> fields = {"employee_number", "collar_number", "family_name"};
    if (absl::StrContains(question.number, '@')) fields = {"email"};
    if (nhs) fields.insert(fields.begin(), "nhs_number");
    for (const std::string& field : fields) {
      tries.push_back(sets);
      tries.back().push_back(
          absl::StrCat(field, "=", field == "nhs_number" ? digits : question.number));
    }
  }
  ASSIGN_OR_RETURN(const auto* method, FindLinkedMethod("workforce.FindPeople"));
  ASSIGN_OR_RETURN(const absl::Time now, ClinicalNow(remote.settings()));
  v1::FindPeopleResponse found;
  absl::Status refused;
  bool answered = false;
  for (const std::vector<std::string>& one : tries) {
    v1::FindPeopleRequest request;
    RETURN_IF_ERROR(FillMessage("{}", one, now, request));
    const auto answer = remote.Call(*method, request);
    if (!answer.ok()) {
      // Ten digits that are no NHS number may still be somebody's number at work.
      if (!absl::IsInvalidArgument(answer.status())) return answer.status();
      refused.Update(answer.status());
      continue;
    }
    answered = true;
    found = static_cast<const v1::FindPeopleResponse&>(**answer);
    if (found.hits_size() > 0) break;
  }
  if (!answered) return refused;
  if (output.json) {
    std::cout << ToJson(found);
  } else if (found.hits_size() == 0) {
    std::cout << "Nobody is found by that.\n";
  } else {
    std::cout << Page(found);
  }
  return absl::OkStatus();
}

struct ChoicesQuestion {
  std::vector<std::string> routes, never;
  std::string language;
  bool remind = false;
  bool no_reminders = false;
};

// What is not named stays as it was.
absl::Status Choose(Remote& remote, const ChoicesQuestion& question, const Output& output) {
  ASSIGN_OR_RETURN(const auto mine, remote.Ask<v1::GetMyRecordResponse>("workforce.GetMyRecord",
                                                                        v1::GetMyRecordRequest()));
  v1::SetMyChoicesRequest request;
  request.set_request_id(ids::NewUuid());
  request.set_expected_version(mine.choices_version());
  v1::Choices& choices = *request.mutable_choices();
  choices = mine.choices();
  const auto put = [](const std::vector<std::string>& typed, auto* routes) -> absl::Status {
    if (typed.empty()) return absl::OkStatus();
    routes->Clear();
    for (const std::string& word : typed) {
      if (word == "none") continue;
      v1::Route route = v1::ROUTE_UNSPECIFIED;
      if (!v1::Route_Parse(absl::StrCat("ROUTE_", absl::AsciiStrToUpper(word)), &route)) {
        return status::InvalidArgument("ROUTE_UNKNOWN",
                                       absl::StrCat("There is no route '", word,
                                                    "': work_email, work_phone, personal_email, "
                                                    "personal_phone, post, console or none."));
      }
      routes->Add(route);
    }
    return absl::OkStatus();
  };
  RETURN_IF_ERROR(put(question.routes, choices.mutable_routes()));
  RETURN_IF_ERROR(put(question.never, choices.mutable_never()));
  if (question.remind || question.no_reminders) choices.set_reminders(question.remind);
  if (!question.language.empty()) {
    choices.set_language(question.language == "welsh" ? v1::LANGUAGE_WELSH : v1::LANGUAGE_ENGLISH);
  }
  ASSIGN_OR_RETURN(const auto set,
                   remote.Ask<v1::SetMyChoicesResponse>("workforce.SetMyChoices", request));
  std::cout << (output.json ? ToJson(set) : Page(choices));
  return absl::OkStatus();
}

// What was typed for one part.
struct Typed {
  std::string one;
  std::vector<std::string> many;
  bool flag = false;
};

// `app`'s subcommand of these words; those before the last are made on the way.
CLI::App* SubcommandOf(CLI::App* app, const std::string& words, const std::string& help) {
  const std::vector<std::string> path = absl::StrSplit(words, ' ');
  static const auto* const kGroups = new std::map<std::string, std::string>{
      {"transfer", "A move to another force, with the person's consent"},
      {"reidentify", "Who stands behind a pseudonym: two people, a reason, for a time"},
      {"glass", "Uses of emergency access"},
  };
  for (size_t i = 0; i + 1 < path.size(); ++i) {
    const std::vector<CLI::App*> there =
        app->get_subcommands([&](const CLI::App* sub) { return sub->get_name() == path[i]; });
    app = there.empty() ? app->add_subcommand(path[i], kGroups->at(path[i]))->require_subcommand(1)
                        : there.front();
  }
  return app->add_subcommand(path.back(), help);
}

}  // namespace

const std::vector<PersonCommand>& PersonCommands() {
  static const auto* const kCommands = new std::vector<PersonCommand>{
      {.words = "show",
       .help = "One person, as far as you may see them",
       .method = "workforce.GetPerson",
       .parts = {Subject()}},
      {.words = "add",
       .help = "Enter somebody whom no HR feed brings",
       .method = "workforce.RegisterPerson",
       .parts = Described({{.name = "--type",
                            .field = "workforce_type",
                            .help = "volunteer, family_member, retired ...",
                            .prefix = "WORKFORCE_TYPE_"},
                           {.name = "--subject",
                            .field = "subject_id",
                            .help = "a subject id that a case uses already"}})},
      {.words = "adopt",
       .help = "Take in subject ids that cases use, to be named later",
       .method = "workforce.AdoptSubjects",
       .parts = {{.name = "subjects",
                  .field = "subject_ids",
                  .help = "subject ids",
                  .prefix = "",
                  .many = true}}},
      {.words = "change",
       .help = "Change who somebody is and how they are reached; only what is named",
       .method = "workforce.ChangePerson",
       .parts = Described({Subject(),
                           {.name = "--clear",
                            .field = "clear",
                            .help = "take away: personal, home_area, next_of_kin, user_id",
                            .prefix = "",
                            .many = true},
                           {.name = "--seal-history!",
                            .field = "seal_history",
                            .help = "the old name and sex are for a clinical lead alone"}}),
       .says = {},
       .versioned = true},
      {.words = "employment",
       .help = "Where somebody works as of a day, as it was known at a time",
       .method = "workforce.GetEmployment",
       .parts = {Subject(),
                 {.name = "--on", .field = "as_of_date", .help = "2026-03-01, today-4w"},
                 {.name = "--known-at",
                  .field = "known_at_time",
                  .help = "2026-03-01T12:00:00Z: as it was known then"},
                 {.name = "--history!", .field = "history", .help = "every statement ever made"}}},
      {.words = "staff",
       .help = "Whom the caller manages today; for HR the force",
       .method = "workforce.ListStaff",
       .parts = {{.name = "--page", .field = "page_token", .help = "next_page_token from before"}}},
      {.words = "names",
       .help = "The names of subjects, those that the caller may see",
       .method = "workforce.ResolveNames",
       .parts = {{.name = "subjects",
                  .field = "subject_ids",
                  .help = "subject ids",
                  .prefix = "",
                  .many = true}}},
      {.words = "former",
       .help = "Sealed earlier names and sexes; the reason is stored",
       .method = "workforce.GetNameHistory",
       .parts = {Subject(), Reason("why the care needs it")}},
      {.words = "died",
       .help = "Record a death: from then on nothing is sent",
       .method = "workforce.RecordDeath",
       .parts = {Subject(), {.name = "day", .field = "death_date", .help = "2026-03-01 or today"}}},
      {.words = "me",
       .help = "As an officer: all that is held on the caller",
       .method = "workforce.GetMyRecord",
       .parts = {}},
      {.words = "protect",
       .help = "Hide somebody under an alias from all but those named",
       .method = "workforce.SetProtection",
       .parts = {Subject(),
                 {.name = "--alias",
                  .field = "protection.alias",
                  .help = "what everybody else reads"},
                 {.name = "--allow",
                  .field = "protection.allowed_user_ids",
                  .help = "user id of somebody who may see them",
                  .prefix = "",
                  .many = true}},
       .says = {"protection.active=true"},
       .versioned = true},
      {.words = "unprotect",
       .help = "End a protection",
       .method = "workforce.SetProtection",
       .parts = {Subject()},
       .says = {"protection.active=false"},
       .versioned = true},
      {.words = "break-glass",
       .help = "Open a protected person to the caller in an emergency; it is reviewed",
       .method = "workforce.BreakGlass",
       .parts = {Subject(),
                 Reason("why, in 10 characters or more"),
                 {.name = "--minutes", .field = "minutes", .help = "5 to 180, else 60"}}},
      {.words = "glass list",
       .help = "Uses of emergency access",
       .method = "workforce.ListBreakGlasses",
       .parts = {{.name = "--open!", .field = "open_only", .help = "only those not reviewed"}}},
      {.words = "glass justified",
       .help = "Say that another person's use was right",
       .method = "workforce.ReviewBreakGlass",
       .parts = {{.name = "grant", .field = "grant_id", .help = "grant id"},
                 {.name = "--note", .field = "note", .help = "what was found"}},
       .says = {"justified=true"}},
      {.words = "glass unjustified",
       .help = "Say that another person's use was wrong",
       .method = "workforce.ReviewBreakGlass",
       .parts = {{.name = "grant", .field = "grant_id", .help = "grant id"},
                 {.name = "note", .field = "note", .help = "what was found"}},
       .says = {"justified=false"}},
      {.words = "duplicates",
       .help = "Records that may be the same person",
       .method = "workforce.ListDuplicates",
       .parts = {}},
      {.words = "distinct",
       .help = "They are two people: the pair does not come up again",
       .method = "workforce.DismissDuplicate",
       .parts = {{.name = "duplicate", .field = "duplicate_id", .help = "duplicate id"}}},
      {.words = "merge",
       .help = "They are one person; nothing is deleted, and unmerge parts them",
       .method = "workforce.MergePeople",
       .parts = {{.name = "kept", .field = "kept_subject_id", .help = "whose data is shown"},
                 {.name = "merged", .field = "merged_subject_id", .help = "who shows the other"},
                 {.name = "--reason", .field = "reason", .help = "why"}}},
      {.words = "unmerge",
       .help = "Undo a merge",
       .method = "workforce.UndoMerge",
       .parts = {{.name = "merge", .field = "merge_id", .help = "merge id"},
                 {.name = "--reason", .field = "reason", .help = "why"}}},
      {.words = "consent",
       .help = "As an officer: consent to a disclosure",
       .method = "workforce.GiveConsent",
       .parts = {{.name = "kind",
                  .field = "kind",
                  .help = "record_to_force, referral_to_nhs, fitness_to_employer ...",
                  .prefix = "DISCLOSURE_KIND_"},
                 {.name = "recipient", .field = "recipient", .help = "force or provider code"}}},
      {.words = "withdraw-consent",
       .help = "As an officer: from now on no more",
       .method = "workforce.WithdrawConsent",
       .parts = {{.name = "consent", .field = "consent_id", .help = "consent id"}}},
      {.words = "transfer propose",
       .help = "Offer somebody to the force they consented to",
       .method = "workforce.OfferTransfer",
       .parts = {Subject(),
                 {.name = "force", .field = "to_force", .help = "the other force"},
                 {.name = "consent", .field = "consent_id", .help = "consent id"}}},
      {.words = "transfer list",
       .help = "Offered and received",
       .method = "workforce.ListTransfers",
       .parts = {}},
      {.words = "transfer accept",
       .help = "Take somebody over from another force",
       .method = "workforce.AnswerTransfer",
       .parts = {{.name = "transfer", .field = "transfer_id", .help = "transfer id"}},
       .says = {"accept=true"}},
      {.words = "transfer decline",
       .help = "Leave them with the force that offers",
       .method = "workforce.AnswerTransfer",
       .parts = {{.name = "transfer", .field = "transfer_id", .help = "transfer id"}},
       .says = {"accept=false"}},
      {.words = "transfer withdraw",
       .help = "Take an offer back",
       .method = "workforce.WithdrawTransfer",
       .parts = {{.name = "transfer", .field = "transfer_id", .help = "transfer id"}}},
      {.words = "who-looked",
       .help = "Who looked at somebody's record, or changed it; an officer's own without a subject",
       .method = "audit.ListAccesses",
       .parts = {{.name = "--of", .field = "subject_id", .help = "subject id"},
                 {.name = "--page", .field = "page_token", .help = "next_page_token from before"}}},
      {.words = "export",
       .help = "Everything held on somebody here, section by section (subject access)",
       .method = "workforce.ExportSubject",
       .parts = {{.name = "--of", .field = "subject_id", .help = "subject id; else the caller"}}},
      {.words = "reidentify ask",
       .help = "Ask who stands behind a pseudonym; another person decides",
       .method = "workforce.RequestReidentification",
       .parts = {{.name = "pseudonym", .field = "pseudonym", .help = "p1...., as the log shows it"},
                 Reason("why, in 10 characters or more")}},
      {.words = "reidentify list",
       .help = "What was asked and decided",
       .method = "workforce.ListReidentifications",
       .parts = {}},
      {.words = "reidentify grant",
       .help = "Let another person know",
       .method = "workforce.DecideReidentification",
       .parts = {{.name = "request", .field = "reidentification_id", .help = "request id"},
                 {.name = "--minutes", .field = "minutes", .help = "5 to 1440, else 60"}},
       .says = {"grant=true"}},
      {.words = "reidentify refuse",
       .help = "Refuse another person's request",
       .method = "workforce.DecideReidentification",
       .parts = {{.name = "request", .field = "reidentification_id", .help = "request id"}},
       .says = {"grant=false"}},
      {.words = "reidentify read",
       .help = "The person behind it, to who asked, while the grant lasts",
       .method = "workforce.GetReidentified",
       .parts = {{.name = "request", .field = "reidentification_id", .help = "request id"}}},
      {.words = "hold",
       .help = "Keep a record beyond its retention",
       .method = "workforce.SetLegalHold",
       .parts = {Subject(), Reason("why, in 10 characters or more")}},
      {.words = "lift",
       .help = "Let retention run again",
       .method = "workforce.LiftLegalHold",
       .parts = {{.name = "hold", .field = "hold_id", .help = "hold id"}}},
      {.words = "retention",
       .help = "What is kept for how long, and what is due to be erased",
       .method = "workforce.ListRetention",
       .parts = {}},
  };
  return *kCommands;
}

std::vector<std::string> SetsOf(const PersonPart& part, const std::vector<std::string>& typed) {
  std::vector<std::string> sets;
  for (size_t i = 0; i < typed.size(); ++i) {
    const std::string value =
        part.prefix.empty() ? typed[i] : absl::StrCat(part.prefix, absl::AsciiStrToUpper(typed[i]));
    sets.push_back(
        absl::StrCat(part.many ? absl::StrCat(part.field, ".", i) : part.field, "=", value));
  }
  return sets;
}

void AddPersonCommands(
    CLI::App& app,
    const std::function<void(CLI::App*, const std::function<absl::Status(Remote&)>&)>& does,
    const std::function<Output()>& output) {
  CLI::App* person = app.add_subcommand("person", "People")->require_subcommand(1);

  const auto find = std::make_shared<FindQuestion>();
  CLI::App* find_command = person->add_subcommand("find", "Somebody by a number, e-mail or name");
  find_command->add_option("number", find->number, "NHS, employee or collar number, e-mail, name");
  for (const auto& [option, field, help] :
       {std::tuple("--nhs", "nhs_number", "NHS number"),
        std::tuple("--employee", "employee_number", "employee number"),
        std::tuple("--collar", "collar_number", "collar number"),
        std::tuple("--email", "email", "work or personal e-mail"),
        std::tuple("--family", "family_name", "family name, whole"),
        std::tuple("--born", "birth_date", "with a family name: 1990-02-01"),
        std::tuple("--on", "as_of_date", "the day a collar number was worn")}) {
    find_command->add_option(option, find->by[field], help);
  }
  does(find_command, [find, output](Remote& remote) { return Find(remote, *find, output()); });

  const auto choices = std::make_shared<ChoicesQuestion>();
  CLI::App* choose = person->add_subcommand("choices", "As an officer: how the caller is reached");
  choose->add_option("--route", choices->routes, "in this order, e.g. personal_email; or none")
      ->allow_extra_args(false);
  choose->add_option("--never", choices->never, "never used, e.g. work_email; or none")
      ->allow_extra_args(false);
  choose->add_option("--language", choices->language, "english, welsh")
      ->check(CLI::IsMember({"english", "welsh"}));
  choose->add_flag("--remind", choices->remind, "remind me of appointments");
  choose->add_flag("--no-reminders", choices->no_reminders, "do not")->excludes("--remind");
  does(choose, [choices, output](Remote& remote) { return Choose(remote, *choices, output()); });

  for (const PersonCommand& command : PersonCommands()) {
    CLI::App* sub = SubcommandOf(person, command.words, command.help);
    // Filled while the line is parsed, read when the command runs.
    const auto typed = std::make_shared<std::vector<Typed>>(command.parts.size());
    for (size_t i = 0; i < command.parts.size(); ++i) {
      const PersonPart& part = command.parts[i];
      Typed& into = (*typed)[i];
      if (part.name.back() == '!') {
        sub->add_flag(part.name.substr(0, part.name.size() - 1), into.flag, part.help);
        continue;
      }
      const bool placed = part.name.front() != '-';
      CLI::Option* option = part.many ? sub->add_option(part.name, into.many, part.help)
                                      : sub->add_option(part.name, into.one, part.help);
      if (placed) option->required();
      if (part.many && !placed) option->allow_extra_args(false);
    }
    does(sub, [&command, typed, output](Remote& remote) {
      std::vector<std::string> sets = command.says;
      std::string subject;
      for (size_t i = 0; i < command.parts.size(); ++i) {
        const PersonPart& part = command.parts[i];
        Typed& one = (*typed)[i];
        if (one.flag) sets.push_back(absl::StrCat(part.field, "=true"));
        if (part.field == "subject_id") subject = one.one;
        if (!one.one.empty()) one.many.push_back(one.one);
        const std::vector<std::string> more = SetsOf(part, one.many);
        sets.insert(sets.end(), more.begin(), more.end());
      }
      return RunPerson(remote, command, std::move(sets), subject, output());
    });
  }
}

std::map<std::string, std::string> NamesOf(Remote& remote, const std::set<std::string>& subjects) {
  std::map<std::string, std::string> names;
  v1::ResolveNamesRequest request;
  for (const std::string& subject : subjects) {
    if (!subject.empty()) request.add_subject_ids(subject);
  }
  if (request.subject_ids().empty()) return names;
  const auto answer = remote.Ask<v1::ResolveNamesResponse>("workforce.ResolveNames", request);
  if (!answer.ok()) return names;
  for (const v1::NamedSubject& one : answer->names()) {
    names[one.subject_id()] = one.display_name();
  }
  return names;
}

}  // namespace waymark::cli
