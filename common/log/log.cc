#include "common/log/log.h"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "absl/time/clock.h"

namespace waymark::log {
namespace {

struct Output {
  std::string service = "waymark";
  std::shared_ptr<spdlog::logger> logger;

  Output()
      : logger(std::make_shared<spdlog::logger>(
            "waymark", std::make_shared<spdlog::sinks::stderr_sink_mt>())) {
    logger->set_pattern("%v");
    logger->set_level(spdlog::level::info);
    // A full disk or a closed pipe must not turn into lines about lines.
    logger->set_error_handler([](const std::string&) {});
  }
};

Output& GetOutput() {
  static Output& output = *new Output;  // lines may be written while statics are destroyed
  return output;
}

spdlog::level::level_enum ToSpdlog(Level level) {
  switch (level) {
    case Level::kDebug:
      return spdlog::level::debug;
    case Level::kInfo:
      return spdlog::level::info;
    case Level::kWarning:
      return spdlog::level::warn;
    case Level::kError:
      return spdlog::level::err;
  }
  return spdlog::level::err;
}

const char* Name(Level level) {
  switch (level) {
    case Level::kDebug:
      return "debug";
    case Level::kInfo:
      return "info";
    case Level::kWarning:
      return "warning";
    case Level::kError:
      return "error";
  }
  return "error";
}

struct ToJson {
  nlohmann::ordered_json operator()(absl::string_view value) const { return std::string(value); }
  nlohmann::ordered_json operator()(int64_t value) const { return value; }
  nlohmann::ordered_json operator()(double value) const { return value; }
  nlohmann::ordered_json operator()(bool value) const { return value; }
};

}  // namespace

std::string FormatLine(absl::Time time, Level level, absl::string_view service,
                       absl::string_view message, Fields fields) {
  nlohmann::ordered_json line;
  line["time"] = absl::FormatTime("%Y-%m-%dT%H:%M:%E6SZ", time, absl::UTCTimeZone());
  line["level"] = Name(level);
  line["service"] = std::string(service);
  line["message"] = std::string(message);
  for (const Field& field : fields) line[field.name()] = std::visit(ToJson(), field.value());
  return line.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

void Configure(absl::string_view service, Level lowest) {
  GetOutput().service = std::string(service);
  GetOutput().logger->set_level(ToSpdlog(lowest));
}

void WriteForeign(Level level, absl::string_view message, Fields fields) {
  Output& output = GetOutput();
  if (!output.logger->should_log(ToSpdlog(level))) return;
  const std::string line = FormatLine(absl::Now(), level, output.service, message, fields);
  output.logger->log(ToSpdlog(level), spdlog::string_view_t(line.data(), line.size()));
}

void Debug(Literal message, Fields fields) { WriteForeign(Level::kDebug, message.text(), fields); }
void Info(Literal message, Fields fields) { WriteForeign(Level::kInfo, message.text(), fields); }
void Warning(Literal message, Fields fields) {
  WriteForeign(Level::kWarning, message.text(), fields);
}
void Error(Literal message, Fields fields) { WriteForeign(Level::kError, message.text(), fields); }

}  // namespace waymark::log
