// waymark: the command line.

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/clock/clock.h"
#include "common/status/status.h"
#include "tools/waymark/commands.h"
#include "tools/waymark/fitness.h"
#include "tools/waymark/import.h"
#include "tools/waymark/person.h"
#include "tools/waymark/report.h"

namespace waymark::cli {
namespace {

// What every command shares.
struct Global {
  std::string config;
  std::string token;
  std::vector<std::string> roles;
  std::string user;
  std::string tenant;
  std::string subject;
  std::string timeout;
  bool json = false;
};

absl::StatusOr<Identity> IdentityOf(const Global& global) {
  Identity identity{.token = global.token,
                    .user = global.user,
                    .tenant = global.tenant,
                    .roles = {},
                    .subject = global.subject};
  if (identity.token.empty()) {
    if (const char* token = std::getenv("WAYMARK_TOKEN"); token != nullptr) identity.token = token;
  }
  for (const std::string& role : global.roles) {
    identity.roles.emplace_back(absl::StripPrefix(absl::AsciiStrToUpper(role), "ROLE_"));
  }
  return identity;
}

// Runs `work` with a connection made from the options.
absl::Status With(const Global& global, const std::function<absl::Status(Remote&)>& work,
                  absl::string_view usual_timeout = "10s") {
  ASSIGN_OR_RETURN(Settings settings, LoadSettings(global.config));
  ASSIGN_OR_RETURN(Identity identity, IdentityOf(global));
  ASSIGN_OR_RETURN(const absl::Duration timeout,
                   ParseSpan(global.timeout.empty() ? usual_timeout : global.timeout));
  Remote remote(std::move(settings), std::move(identity), timeout);
  return work(remote);
}

absl::Status MintToken(const Global& global, const std::string& validity) {
  ASSIGN_OR_RETURN(const Settings settings, LoadSettings(global.config));
  ASSIGN_OR_RETURN(Identity identity, IdentityOf(global));
  ASSIGN_OR_RETURN(const absl::Duration length, ParseSpan(validity));
  identity.token.clear();
  if (identity.roles.empty()) {
    return status::InvalidArgument("ROLE_MISSING", "Name at least one role with --as.");
  }
  if (identity.user.empty()) identity.user = "developer";
  ASSIGN_OR_RETURN(const std::string token, TokenFor(settings, identity, length));
  std::cout << token << "\n";
  return absl::OkStatus();
}

// One line a command: its words, then its subcommands and options.
void CollectWords(const CLI::App& app, const std::string& path, std::vector<std::string>& lines) {
  std::vector<std::string> words;
  for (const CLI::App* sub : app.get_subcommands({})) words.push_back(sub->get_name());
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) words.push_back("--" + name);
  }
  lines.push_back(absl::StrCat("    '", path, "') words='", absl::StrJoin(words, " "), "' ;;"));
  for (const CLI::App* sub : app.get_subcommands({})) {
    CollectWords(*sub, absl::StrCat(path, path.empty() ? "" : " ", sub->get_name()), lines);
  }
}

std::string Completion(const CLI::App& app, const std::string& shell) {
  std::vector<std::string> lines;
  CollectWords(app, "", lines);
  return absl::StrCat(
      shell == "zsh" ? "autoload -U +X bashcompinit && bashcompinit\n" : "",
      "_waymark() {\n  local path='' words='' word\n"
      "  for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
      "    case $word in -*) ;; *) case \"$path $word\" in\n"
      "      *[!a-z_\\ -]*) ;; *) path=\"${path:+$path }$word\" ;; esac ;; esac\n  done\n"
      "  case \"$path\" in\n",
      absl::StrJoin(lines, "\n"),
      "\n    *) words='' ;;\n  esac\n"
      "  if [ -n \"$words\" ]; then\n"
      "    COMPREPLY=($(compgen -W \"$words\" -- \"${COMP_WORDS[COMP_CWORD]}\"))\n"
      "  else\n    COMPREPLY=($(compgen -f -- \"${COMP_WORDS[COMP_CWORD]}\"))\n  fi\n}\n"
      "complete -o filenames -F _waymark waymark\n");
}

int Run(int argc, char** argv) {
  CLI::App app{"Waymark: cases, deadlines and the audit log, from the terminal.", "waymark"};
  app.footer(kExitCodes);
  app.require_subcommand(1);
  app.fallthrough();

  Global global;
  app.add_option("--config", global.config, "config.json (else $WAYMARK_CONFIG, .waymark/, /etc)");
  app.add_option("--token", global.token, "bearer token (else $WAYMARK_TOKEN, else minted)");
  app.add_option("--as", global.roles, "role to ask as, e.g. OH_NURSE (development)")
      ->allow_extra_args(false);
  app.add_option("--user", global.user, "user id to ask as (development)");
  app.add_option("--tenant", global.tenant, "organisation to ask in (development)");
  app.add_option("--subject", global.subject, "the user's own subject UUID (development)");
  app.add_option("--timeout", global.timeout,
                 "how long to wait: 10s, 2m (else 10s, or 12h to watch)");
  app.add_flag("--json", global.json, "answers as JSON");

  absl::Status result;
  const auto output = [&global] {
    return Output{.json = global.json, .style = {.colour = isatty(STDOUT_FILENO) != 0}};
  };
  std::string method, opening, body, service, file, other, address, span, step_ref, case_id, shell;
  std::string outcome, telephone, at = "now";
  std::string pathway = "bbv", validity = "1h";
  std::vector<std::string> sets, files;
  bool list = false, id_only = false, watch = false;
  WorklistQuestion question;
  RotaQuestion rota_question;
  std::string rota_length = "30d";

  // Gives `command` its action.
  const auto does = [&](CLI::App* command, const std::function<absl::Status(Remote&)>& work) {
    command->callback(
        [&, work] { result = With(global, work, watch || question.watch ? "12h" : "10s"); });
  };

  CLI::App* call = app.add_subcommand("call", "Call any method with JSON");
  call->add_option("method", method, "Service.Method, e.g. BbvService.GetCase");
  call->add_option("json", body, "the request, @FILE, or - for standard input");
  call->add_option("--set", sets, "field.path=value, on top of the JSON; times may be now-40m")
      ->allow_extra_args(false);
  call->add_option("--service", service, "ask this service by reflection for an unknown method");
  call->add_flag("--list", list, "show every method");
  call->callback([&] {
    if (list) {
      result = ListMethods();
    } else if (method.empty()) {
      throw CLI::RequiredError("method");
    } else {
      result = With(
          global, [&](Remote& remote) { return CallMethod(remote, method, body, sets, service); });
    }
  });

  CLI::App* token =
      app.add_subcommand("token", "Mint a development token (--as, --user, --tenant)");
  token->add_option("--for", validity, "how long it is good")->capture_default_str();
  token->callback([&] { result = MintToken(global, validity); });

  // What one does with a case, whatever its pathway. `whose` is read when the command runs.
  const auto add_case_commands = [&](CLI::App* group, const std::string& whose) {
    CLI::App* show = group->add_subcommand("show", "One case as a timeline");
    show->add_option("case", case_id, "case id")->required();
    does(show, [&](Remote& remote) { return ShowCase(remote, case_id, whose, output()); });
    CLI::App* events = group->add_subcommand("events", "What happened to a case");
    events->add_option("case", case_id, "case id")->required();
    does(events, [&](Remote& remote) { return ShowEvents(remote, case_id, whose, output()); });
    CLI::App* act =
        group->add_subcommand("do", "Any act on a case: RecordRiskAssessment, CloseCase ...");
    act->add_option("case", case_id, "case id")->required();
    act->add_option("act", method, "the method of the pathway's service")->required();
    act->add_option("json", body, "the request, @FILE, or - for standard input");
    act->add_option("--set", sets, "field.path=value; times may be now-40m")
        ->allow_extra_args(false);
    does(act,
         [&](Remote& remote) { return Act(remote, case_id, whose, method, body, sets, output()); });
    does(group->add_subcommand("list", "Cases of the force, newest first"),
         [&](Remote& remote) { return ListCases(remote, whose, output()); });
  };
  const std::vector<std::string> pathways = Pathways();
  for (const std::string& name : pathways) {
    CLI::App* group = app.add_subcommand(name, absl::StrCat("Cases of the pathway ", name))
                          ->require_subcommand(1);
    CLI::App* log = group->add_subcommand("log", "Open cases from a JSON report");
    log->add_option("file", file, "the request as JSON, - for standard input")->required();
    log->add_option("--by", opening, "the method that opens the case (else the first that fits)");
    log->add_option("--set", sets, "field.path=value, on top of the JSON")->allow_extra_args(false);
    log->add_flag("--id-only", id_only, "print the id of the first case and nothing else");
    does(log, [&](Remote& remote) {
      return LogReport(remote, name, opening, file, sets, id_only, output());
    });
    add_case_commands(group, name);
  }
  CLI::App* cases = app.add_subcommand("case", "Cases")->require_subcommand(1);
  cases->add_option("--pathway", pathway, "whose case")->capture_default_str();
  add_case_commands(cases, pathway);

  CLI::App* bbv = app.get_subcommand("bbv");
  CLI::App* results = bbv->add_subcommand("results", "Record the results of one blood sample");
  results->add_option("case", case_id, "case id")->required();
  results->add_option("outcome", outcome, "negative, positive, indeterminate, not_tested")
      ->required()
      ->check(CLI::IsMember({"negative", "positive", "indeterminate", "not_tested"}));
  results->add_option("tests", files, "e.g. HBSAG HCV_AB HIV_AG_AB")->required();
  results->add_option("--sampled", at, "when the blood was taken")->capture_default_str();
  does(results, [&](Remote& remote) {
    return RecordResults(remote, case_id, outcome, files, at, output());
  });
  CLI::App* told = bbv->add_subcommand("told", "Record that the patient knows every result");
  told->add_option("case", case_id, "case id")->required();
  told->add_option("--at", at, "when they were told")->capture_default_str();
  does(told, [&](Remote& remote) { return RecordTold(remote, case_id, at, output()); });

  CLI::App* worklist = app.add_subcommand("worklist", "What is due, least time left first");
  worklist->add_option("--tab", question.tab, "open, now, overdue, shut, later")
      ->check(CLI::IsMember({"open", "now", "overdue", "shut", "later"}));
  worklist->add_option("--role", question.role, "only steps this role answers for");
  worklist->add_option("--case", question.case_id, "only steps of this case");
  worklist->add_flag("--mine", question.mine, "only the caller's own work");
  worklist->add_flag("--all", question.all, "every page");
  worklist->add_flag("--watch", question.watch,
                     "again whenever it changes (Ctrl-C or --timeout ends it)");
  does(worklist, [&](Remote& remote) { return ShowWorklist(remote, question, output()); });

  CLI::App* acknowledge =
      app.add_subcommand("acknowledge", "Say that somebody is on it: holds a step's ladder");
  acknowledge->add_option("step", step_ref, "step reference from the worklist")->required();
  acknowledge->add_option("length", span, "for how long: 30m, 2h")->required();
  does(acknowledge, [&](Remote& remote) -> absl::Status {
    ASSIGN_OR_RETURN(const absl::Duration hold, ParseSpan(span));
    return Acknowledge(remote, step_ref, hold);
  });
  CLI::App* claim = app.add_subcommand("claim", "Take a step as one's own work");
  claim->add_option("step", step_ref, "step reference from the worklist")->required();
  does(claim, [&](Remote& remote) { return Claim(remote, step_ref); });

  CLI::App* notices = app.add_subcommand("notices", "Notices sent to the caller");
  notices->add_flag("--watch", watch, "as they come (Ctrl-C or --timeout ends it)");
  does(notices, [&](Remote& remote) { return ShowNotices(remote, watch, output()); });

  CLI::App* rota = app.add_subcommand("rota", "Who is on call")->require_subcommand(1);
  does(rota->add_subcommand("show", "The rota, the duty address, whether the force is live"),
       [&](Remote& remote) { return ShowRota(remote, output()); });
  CLI::App* put = rota->add_subcommand("put", "Put somebody on call from now on");
  put->add_option("role", rota_question.role, "e.g. OH_NURSE")->required();
  put->add_option("person", rota_question.person, "user id")->required();
  put->add_option("address", rota_question.address, "work e-mail or https; none: console only");
  put->add_option("--for", rota_length, "how long")->capture_default_str();
  does(put, [&](Remote& remote) -> absl::Status {
    ASSIGN_OR_RETURN(rota_question.length, ParseSpan(rota_length));
    return PutOnRota(remote, rota_question);
  });
  CLI::App* duty = rota->add_subcommand("duty-address", "Who is told when nobody else can be");
  duty->add_option("address", address, "work e-mail or https address")->required();
  const CLI::Option* ring = duty->add_option(
      "--telephone", telephone,
      "where officers may ring, for their reminders; '' for nowhere; left out: as it was");
  does(duty, [&, ring](Remote& remote) {
    return SetDutyAddress(remote, address,
                          ring->count() > 0 ? std::optional(telephone) : std::nullopt);
  });
  does(rota->add_subcommand("activate", "Switch the force live"),
       [](Remote& remote) { return Activate(remote); });

  AddFitnessCommands(app, does);
  AddPersonCommands(app, does, output);

  does(app.add_subcommand("health", "Whether every service is serving"),
       [](Remote& remote) { return ShowHealth(remote); });

  AuditQuestion audit_question;
  bool from_server = false, with_contents = false;
  CLI::App* audit = app.add_subcommand("audit", "The audit log")->require_subcommand(1);
  CLI::App* verify =
      audit->add_subcommand("verify", "Derive everything again and find what differs");
  verify->add_option("file", audit_question.file, "an export; no service is asked");
  verify->add_flag("--server", from_server, "export from the server, then verify here");
  verify->add_option("--key", audit_question.keys, "verifier key that you hold, or its file")
      ->allow_extra_args(false);
  verify
      ->add_option("--checkpoint", audit_question.held, "file with a checkpoint kept from earlier")
      ->allow_extra_args(false);
  verify->callback([&] {
    if (audit_question.file.empty() == !from_server) throw CLI::RequiredError("file or --server");
    if (from_server) {
      result = With(global, [&](Remote& remote) {
        return VerifyAudit(&remote, &remote.settings(), audit_question);
      });
      return;
    }
    const auto settings = LoadSettings(global.config);
    result = VerifyAudit(nullptr, settings.ok() ? &*settings : nullptr, audit_question);
  });
  CLI::App* audit_export = audit->add_subcommand("export", "The whole log into a file");
  audit_export->add_option("file", file, "where to, - for standard output")->required();
  audit_export->add_flag("--contents", with_contents, "with salts and contents: personal data");
  does(audit_export, [&](Remote& remote) { return ExportLog(remote, file, with_contents); });
  does(audit->add_subcommand("checkpoint", "The newest signed checkpoint, to be kept elsewhere"),
       [&](Remote& remote) { return ShowCheckpoint(remote, output()); });

  ImportQuestion import_question;
  CLI::App* workforce = app.add_subcommand("workforce", "People")->require_subcommand(1);
  CLI::App* import = workforce->add_subcommand("import", "A CSV file from an HR system");
  import->add_option("file", import_question.file, "the CSV file")->required();
  import->add_option("--mapping", import_question.mapping, "JSON: which column is which field");
  import->add_option("--manifest", import_question.manifest,
                     "JSON: sha256, row_count, extract_time, source (else FILE.manifest.json)");
  import->add_option("--source", import_question.source, "name of the HR system, e.g. origin");
  import->add_flag("--changes", import_question.changes, "who is missing in the file stays");
  import->add_flag("--check", import_question.check, "read the file here and send nothing");
  import->add_flag("--apply", import_question.apply, "apply it after the preview");
  import->add_option("--confirm", import_question.confirm,
                     "let through what the brake holds: the number of leavers you looked at");
  import->add_option("--run", import_question.run, "go on with this run");
  does(import, [&](Remote& remote) { return ImportPeople(remote, import_question); });

  CLI::App* clock = app.add_subcommand("clock", "The clinical clock (development)");
  CLI::App* advance = clock->add_subcommand("advance", "Move it forward; it never goes back");
  advance->add_option("length", span, "by how much: 1h, 6w")->required();
  does(advance, [&](Remote& remote) -> absl::Status {
    ASSIGN_OR_RETURN(const absl::Duration step, ParseSpan(span));
    return AdvanceClock(remote.settings(), step);
  });
  clock->callback([&] {
    if (clock->get_subcommands().empty()) {
      result = With(global, [](Remote& remote) { return ShowClock(remote.settings()); });
    }
  });

  CLI::App* protocol = app.add_subcommand("protocol", "Protocol files")->require_subcommand(1);
  CLI::App* lint = protocol->add_subcommand("lint", "Every fault, with line and column");
  lint->add_option("files", files, "protocol files")->required();
  lint->callback([&] { result = LintProtocols(files); });
  CLI::App* page = protocol->add_subcommand("show", "A protocol as a clinician reads it");
  page->add_option("file", file, "protocol file")->required();
  page->callback([&] { result = ShowProtocol(file); });
  CLI::App* diff = protocol->add_subcommand("diff", "What differs between two versions");
  diff->add_option("before", file, "protocol file")->required();
  diff->add_option("after", other, "protocol file")->required();
  diff->callback([&] { result = DiffProtocols(file, other); });

  CLI::App* completion = app.add_subcommand("completion", "Shell completion: bash or zsh");
  completion->add_option("shell", shell, "bash or zsh")
      ->required()
      ->check(CLI::IsMember({"bash", "zsh"}));
  completion->callback([&] { std::cout << Completion(app, shell); });

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  if (IsNotInOrder(result)) return 1;
  if (!result.ok()) std::cerr << Describe(result);
  return ExitCode(result);
}

}  // namespace
}  // namespace waymark::cli

int main(int argc, char** argv) { return waymark::cli::Run(argc, argv); }
