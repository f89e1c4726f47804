#include "tools/waymark/fitness.h"

#include <CLI/CLI.hpp>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "tools/waymark/commands.h"

namespace waymark::cli {
namespace {

struct Question {
  std::string subject, code, from = "today", until, review, case_id, statement, answer;
  std::vector<std::string> restrictions, adjustments, facts;
  bool treating = false;
  int version = 1;
};

// "field=value" for CallMethod, the value spelt as the API has it.
std::string Set(absl::string_view field, absl::string_view value) {
  return absl::StrCat(field, "=", value);
}
std::string SetCode(absl::string_view field, absl::string_view prefix, absl::string_view code) {
  return Set(field, absl::StrCat(prefix, absl::AsciiStrToUpper(code)));
}

absl::Status Issue(Remote& remote, const Question& question) {
  std::vector<std::string> sets = {Set("fitness.subject_id", question.subject),
                                   SetCode("fitness.code", "FITNESS_CODE_", question.code),
                                   Set("fitness.from_date", question.from)};
  if (!question.until.empty()) sets.push_back(Set("fitness.until_date", question.until));
  if (!question.review.empty()) sets.push_back(Set("fitness.review_date", question.review));
  for (size_t i = 0; i < question.restrictions.size(); ++i) {
    sets.push_back(SetCode(absl::StrCat("fitness.restrictions.", i, ".code"), "RESTRICTION_CODE_",
                           question.restrictions[i]));
  }
  for (size_t i = 0; i < question.adjustments.size(); ++i) {
    sets.push_back(SetCode(absl::StrCat("fitness.adjustments.", i, ".code"), "ADJUSTMENT_CODE_",
                           question.adjustments[i]));
  }
  if (question.treating) sets.push_back("treating_clinician=true");
  if (!question.case_id.empty()) sets.push_back(Set("case_id", question.case_id));
  return CallMethod(remote, "FitnessService.IssueFitness", "{}", sets, "");
}

absl::Status Answer(Remote& remote, const Question& question) {
  std::vector<std::string> sets = {Set("statement_id", question.statement),
                                   Set("expected_version", absl::StrCat(question.version)),
                                   SetCode("answer", "OFFICER_ANSWER_", question.answer)};
  for (size_t i = 0; i < question.facts.size(); ++i) {
    sets.push_back(SetCode(absl::StrCat("disputed_facts.", i), "FACT_CODE_", question.facts[i]));
  }
  return CallMethod(remote, "FitnessService.AnswerFitness", "{}", sets, "");
}

absl::Status MoveStatement(Remote& remote, const std::string& method, const Question& question) {
  return CallMethod(remote, method, "{}",
                    {Set("statement_id", question.statement),
                     Set("expected_version", absl::StrCat(question.version))},
                    "");
}

}  // namespace

void AddFitnessCommands(
    CLI::App& app,
    const std::function<void(CLI::App*, const std::function<absl::Status(Remote&)>&)>& does) {
  // Filled while the line is parsed, read when the command runs.
  const auto question = std::make_shared<Question>();
  CLI::App* fitness =
      app.add_subcommand("fitness", "Fitness statements, as JSON")->require_subcommand(1);

  CLI::App* issue =
      fitness->add_subcommand("issue", "State somebody's fitness; they read it first");
  issue->add_option("subject", question->subject, "subject id")->required();
  issue->add_option("code", question->code, "fit, fit_with_adjustments, temporarily_unfit ...")
      ->required();
  issue->add_option("--from", question->from, "first day")->capture_default_str();
  issue->add_option("--until", question->until, "last day");
  issue->add_option("--review", question->review, "when it is looked at again, e.g. today+4w");
  issue->add_option("--restrict", question->restrictions, "e.g. no_night_work")
      ->allow_extra_args(false);
  issue->add_option("--adjust", question->adjustments, "e.g. extra_breaks")
      ->allow_extra_args(false);
  issue->add_option("--case", question->case_id, "the case that it comes from");
  issue->add_flag("--treating", question->treating, "the clinician treats them: 21 days to read");
  does(issue, [question](Remote& remote) { return Issue(remote, *question); });

  CLI::App* answer =
      fitness->add_subcommand("answer", "As the officer (--subject): before it leaves");
  answer->add_option("statement", question->statement, "statement id")->required();
  answer->add_option("answer", question->answer, "accept, dispute_facts, withhold")
      ->required()
      ->check(CLI::IsMember({"accept", "dispute_facts", "withhold"}));
  answer->add_option("--fact", question->facts, "which fact is wrong, e.g. hours")
      ->allow_extra_args(false);
  answer->add_option("--version", question->version, "of the statement")->capture_default_str();
  does(answer, [question](Remote& remote) { return Answer(remote, *question); });

  for (const auto& [name, method, help] :
       {std::tuple("withdraw", "FitnessService.WithdrawFitness", "Take a statement back"),
        std::tuple("release", "FitnessService.ReleaseFitness",
                   "Let one go that the officer left unanswered, where that is allowed")}) {
    CLI::App* command = fitness->add_subcommand(name, help);
    command->add_option("statement", question->statement, "statement id")->required();
    command->add_option("--version", question->version, "of the statement")->capture_default_str();
    does(command, [question, method = std::string(method)](Remote& remote) {
      return MoveStatement(remote, method, *question);
    });
  }

  CLI::App* list = fitness->add_subcommand("list", "Every statement on one person, newest first");
  list->add_option("subject", question->subject, "subject id; none: the caller's own");
  does(list, [question](Remote& remote) {
    return CallMethod(remote, "FitnessService.ListStatements", "{}",
                      {Set("subject_id", question->subject)}, "");
  });
  does(fitness->add_subcommand("tasks", "What waits for a clinician"), [](Remote& remote) {
    return CallMethod(remote, "FitnessService.ListFitnessTasks", "{}", {}, "");
  });
  does(fitness->add_subcommand("delivery", "How far the HR system's webhook has come"),
       [](Remote& remote) {
         return CallMethod(remote, "FitnessService.GetFitnessDelivery", "{}", {}, "");
       });
}

}  // namespace waymark::cli
