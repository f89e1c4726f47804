#include "tools/waymark/import.h"

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "common/civil/civil.h"
#include "common/crypto/crypto.h"
#include "common/ids/ids.h"
#include "common/status/status.h"
#include "common/status/status_grpc.h"
#include "services/workforce/feed/mapping.h"
#include "tools/waymark/commands.h"
#include "waymark/workforce/v1/hr_feed_service.grpc.pb.h"

namespace waymark::cli {
namespace {

namespace v1 = ::waymark::workforce::v1;
using nlohmann::json;

constexpr size_t kChunk = 512 << 10;
constexpr int kTries = 5;

absl::StatusOr<json> ReadJson(const std::string& file) {
  ASSIGN_OR_RETURN(const std::string text, ReadFile(file));
  json value = json::parse(text, nullptr, false);
  if (!value.is_object()) {
    return status::InvalidArgument("JSON_INVALID", absl::StrCat(file, " holds no JSON object."));
  }
  return value;
}

absl::Status ReadMapping(const std::string& file, v1::FeedHeader& header) {
  if (file.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const json mapping, ReadJson(file));
  for (auto it = mapping.begin(); it != mapping.end(); ++it) {
    v1::ColumnMapping& column = *header.add_mapping();
    column.set_column(it.key());
    const json field = it->is_object() ? it->value("field", json()) : *it;
    const json values = it->is_object() ? it->value("values", json::object()) : json::object();
    if (!field.is_string() || !values.is_object()) {
      return status::InvalidArgument("MAPPING_INVALID",
                                     "Each column is given a field, or {\"field\", \"values\"}.");
    }
    column.set_field(field.get<std::string>());
    for (auto value = values.begin(); value != values.end(); ++value) {
      if (!value->is_string()) {
        return status::InvalidArgument("MAPPING_INVALID", "A value is given another text.");
      }
      (*column.mutable_values())[value.key()] = value->get<std::string>();
    }
  }
  return absl::OkStatus();
}

// What the manifest says; what it leaves out is taken from the file and the clock.
absl::Status ReadManifest(const ImportQuestion& question, v1::FeedManifest& manifest) {
  std::string path = question.manifest;
  if (path.empty() && std::filesystem::exists(question.file + ".manifest.json")) {
    path = question.file + ".manifest.json";
  }
  manifest.set_file_name(std::filesystem::path(question.file).filename().string());
  manifest.set_schema_version(1);
  absl::Time extract = absl::Now();
  if (path.empty()) {
    std::error_code error;
    const auto written = std::filesystem::last_write_time(question.file, error);
    if (!error) {
      extract = absl::FromChrono(std::chrono::file_clock::to_sys(written));
    }
    manifest.set_row_count(-1);
  } else {
    ASSIGN_OR_RETURN(const json stated, ReadJson(path));
    std::string error;
    const bool whole = stated.value("sha256", json()).is_string() &&
                       stated.value("row_count", json()).is_number_integer() &&
                       stated.value("extract_time", json()).is_string() &&
                       absl::ParseTime(absl::RFC3339_full,
                                       stated["extract_time"].get<std::string>(), &extract, &error);
    if (!whole) {
      return status::InvalidArgument(
          "MANIFEST_INVALID",
          "A manifest has sha256, row_count, extract_time (2026-11-22T06:00:00Z) and source.");
    }
    manifest.set_sha256(stated["sha256"].get<std::string>());
    manifest.set_row_count(stated["row_count"].get<int64_t>());
    if (stated.value("source", json()).is_string()) {
      manifest.set_source(stated["source"].get<std::string>());
    }
  }
  if (!question.source.empty()) manifest.set_source(question.source);
  if (manifest.source().empty()) manifest.set_source("hr");
  manifest.mutable_extract_time()->set_seconds(absl::ToUnixSeconds(extract));
  return absl::OkStatus();
}

// Reads the whole file as the service will, shows the rows it would refuse, and checks the
// manifest.
absl::Status CheckFile(const ImportQuestion& question, const std::string& force,
                       v1::FeedHeader& header) {
  std::ifstream file(question.file, std::ios::binary);
  if (!file) {
    return status::NotFound("FILE_UNREADABLE", absl::StrCat("Cannot read ", question.file, "."));
  }
  int64_t refused = 0;
  const absl::CivilDay today = civil::DateOf(absl::Now(), civil::London());
  std::set<std::string> keys;
  ASSIGN_OR_RETURN(workforce::FileReader reader,
                   workforce::FileReader::Create(
                       header.mapping(), force, today, [&](const workforce::ReadRow& row) {
                         std::string reason = row.reason, column = row.column;
                         if (reason.empty() && header.kind() == v1::FEED_KIND_SNAPSHOT &&
                             !keys.insert(row.person.external_id()).second) {
                           reason = "DUPLICATE_ROW";
                           column = "external_id";
                         }
                         if (reason.empty()) return;
                         if (++refused <= 50) {
                           std::cout << question.file << ":" << row.line << ": " << column
                                     << (column.empty() ? "" : ": ") << reason << "\n";
                         }
                       }));
  crypto::Sha256Stream digest;
  std::string bytes(kChunk, '\0');
  while (file.read(bytes.data(), static_cast<std::streamsize>(bytes.size())) || file.gcount() > 0) {
    const absl::string_view part(bytes.data(), static_cast<size_t>(file.gcount()));
    digest.Update(part);
    reader.Push(part);
  }
  reader.Finish();
  v1::FeedManifest& manifest = *header.mutable_manifest();
  const std::string found = crypto::Hex(crypto::Bytes(digest.Finish()));
  if (!manifest.sha256().empty() && manifest.sha256() != found) {
    return status::InvalidArgument("MANIFEST_DIGEST",
                                   "The file is not the one that its manifest was written for.");
  }
  if (manifest.row_count() >= 0 && manifest.row_count() != reader.rows()) {
    return status::InvalidArgument("MANIFEST_ROWS",
                                   absl::StrCat("The manifest says ", manifest.row_count(),
                                                " rows, the file has ", reader.rows(), "."));
  }
  manifest.set_sha256(found);
  manifest.set_row_count(reader.rows());
  if (!reader.ignored_columns().empty()) {
    std::cout << "Columns that are not read: " << absl::StrJoin(reader.ignored_columns(), ", ")
              << "\n";
  }
  std::cout << reader.rows() << " rows read, " << refused << " refused.\n";
  return refused == 0 ? absl::OkStatus() : NotInOrder();
}

// Sends the whole file, and the whole again when the line breaks: the service passes over what it
// has stored.
absl::Status SendFile(Remote& remote, const ImportQuestion& question, const std::string& run_id,
                      const v1::FeedHeader& header, v1::FeedRun& run) {
  ASSIGN_OR_RETURN(const auto method, remote.FindMethod("HrFeedService.SyncPeople", ""));
  absl::Status last;
  for (int tried = 0; tried < kTries; ++tried) {
    ASSIGN_OR_RETURN(const Remote::Line line, remote.LineTo(*method));
    const auto stub = v1::HrFeedService::NewStub(line.channel);
    grpc::ClientContext context;
    if (!line.token.empty()) context.AddMetadata("authorization", "Bearer " + line.token);
    context.set_deadline(absl::ToChronoTime(absl::Now() + absl::Hours(1)));
    v1::SyncPeopleResponse response;
    const auto writer = stub->SyncPeople(&context, &response);
    v1::SyncPeopleRequest message;
    message.set_request_id(run_id);
    *message.mutable_header() = header;
    bool open = writer->Write(message);
    std::ifstream file(question.file, std::ios::binary);
    std::string bytes(kChunk, '\0');
    int64_t number = 0;
    while (open && (file.read(bytes.data(), static_cast<std::streamsize>(bytes.size())) ||
                    file.gcount() > 0)) {
      // Chunks that are stored already are told by their number and passed over by the service.
      message.set_number(++number);
      message.set_csv(bytes.substr(0, static_cast<size_t>(file.gcount())));
      open = writer->Write(message);
    }
    if (open) {
      message.set_number(0);
      message.set_end(true);
      writer->Write(message);
    }
    writer->WritesDone();
    last = status::FromGrpc(writer->Finish());
    run = response.run();
    if (last.ok() || !absl::IsUnavailable(last)) return last;
    std::cerr << "The line broke; sending again.\n";
    std::this_thread::sleep_for(std::chrono::seconds(1 << tried));
  }
  return last;
}

absl::StatusOr<v1::FeedRun> RunOf(Remote& remote, const std::string& run_id) {
  v1::GetFeedRunRequest request;
  request.set_run_id(run_id);
  ASSIGN_OR_RETURN(const auto response,
                   remote.Ask<v1::GetFeedRunResponse>("HrFeedService.GetFeedRun", request));
  return response.run();
}

// Looks every second until the service has done what it is about.
absl::StatusOr<v1::FeedRun> Await(Remote& remote, const std::string& run_id) {
  while (true) {
    ASSIGN_OR_RETURN(v1::FeedRun run, RunOf(remote, run_id));
    switch (run.state()) {
      case v1::FEED_RUN_STATE_RECEIVED:
      case v1::FEED_RUN_STATE_PREVIEWING:
      case v1::FEED_RUN_STATE_APPLYING:
        std::this_thread::sleep_for(std::chrono::seconds(1));
        continue;
      default:
        return run;
    }
  }
}

void Show(const v1::FeedRun& run) {
  const v1::FeedCounts& counts = run.counts();
  std::cout << "Run " << run.run_id() << ": "
            << absl::StripPrefix(v1::FeedRunState_Name(run.state()), "FEED_RUN_STATE_")
            << (run.refusal().empty() ? "" : " (" + run.refusal() + ")") << "\n";
  if (!run.has_counts()) return;
  for (const auto& [name, count] :
       std::initializer_list<std::pair<const char*, int64_t>>{{"joiners", counts.joiners()},
                                                              {"movers", counts.movers()},
                                                              {"leavers", counts.leavers()},
                                                              {"rejoiners", counts.rejoiners()},
                                                              {"other changes", counts.changes()},
                                                              {"unchanged", counts.unchanged()},
                                                              {"outdated", counts.outdated()},
                                                              {"refused", counts.refused()}}) {
    std::cout << "  " << count << " " << name << "\n";
  }
  std::cout << "  of " << counts.rows() << " rows; " << counts.staff_before()
            << " at work before\n";
}

absl::Status ShowRefused(Remote& remote, const v1::FeedRun& run) {
  v1::ListFeedRowsRequest request;
  request.set_run_id(run.run_id());
  request.set_effect(v1::FEED_EFFECT_REFUSED);
  ASSIGN_OR_RETURN(const auto response,
                   remote.Ask<v1::ListFeedRowsResponse>("HrFeedService.ListFeedRows", request));
  for (const v1::FeedRowResult& row : response.rows()) {
    std::cout << run.manifest().file_name() << ":" << row.line() << ": " << row.column()
              << (row.column().empty() ? "" : ": ") << row.reason() << "\n";
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status ImportPeople(Remote& remote, const ImportQuestion& question) {
  v1::FeedHeader header;
  header.set_kind(question.changes ? v1::FEED_KIND_CHANGES : v1::FEED_KIND_SNAPSHOT);
  RETURN_IF_ERROR(ReadMapping(question.mapping, header));
  RETURN_IF_ERROR(ReadManifest(question, *header.mutable_manifest()));
  const std::string force =
      remote.identity().tenant.empty() ? remote.settings().tenant : remote.identity().tenant;
  RETURN_IF_ERROR(CheckFile(question, force, header));
  if (question.check) return absl::OkStatus();

  const std::string run_id = question.run.empty() ? ids::NewUuid() : question.run;
  if (question.run.empty()) std::cout << "Goes on after a break with --run " << run_id << "\n";
  v1::FeedRun run;
  RETURN_IF_ERROR(SendFile(remote, question, run_id, header, run));
  ASSIGN_OR_RETURN(run, Await(remote, run_id));
  Show(run);
  if (run.state() == v1::FEED_RUN_STATE_REFUSED) {
    if (run.refusal() == "ROWS_REFUSED") RETURN_IF_ERROR(ShowRefused(remote, run));
    return NotInOrder();
  }
  if (run.state() == v1::FEED_RUN_STATE_BRAKED) {
    if (question.confirm < 0) {
      std::cout << "The brake holds it: look at the leavers, then --apply --confirm "
                << run.counts().leavers() << " --run " << run_id << " (OH lead).\n";
      return NotInOrder();
    }
    v1::ConfirmFeedRunRequest confirm;
    confirm.set_request_id(ids::NewUuid());
    confirm.set_run_id(run_id);
    confirm.set_leavers(question.confirm);
    RETURN_IF_ERROR(
        remote.Ask<v1::ConfirmFeedRunResponse>("HrFeedService.ConfirmFeedRun", confirm).status());
  }
  if (run.state() == v1::FEED_RUN_STATE_APPLIED) return absl::OkStatus();
  if (!question.apply) {
    std::cout << "Nothing is applied yet: --apply --run " << run_id << "\n";
    return absl::OkStatus();
  }
  v1::ApplyFeedRunRequest apply;
  apply.set_request_id(ids::NewUuid());
  apply.set_run_id(run_id);
  RETURN_IF_ERROR(
      remote.Ask<v1::ApplyFeedRunResponse>("HrFeedService.ApplyFeedRun", apply).status());
  ASSIGN_OR_RETURN(run, Await(remote, run_id));
  Show(run);
  return run.state() == v1::FEED_RUN_STATE_APPLIED ? absl::OkStatus() : NotInOrder();
}

}  // namespace waymark::cli
