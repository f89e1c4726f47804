#include "services/casework/protocol_loader.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <limits>
#include <optional>
#include <sstream>
#include <system_error>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/crypto/crypto.h"
#include "common/status/status.h"
#include "google/protobuf/io/tokenizer.h"

namespace waymark::casework {
namespace {

using google::protobuf::TextFormat;

constexpr size_t kLargestFile = 1 << 20;
constexpr int kMostFaults = 200;

// Where line `line` (from 0) begins and ends.
std::pair<size_t, size_t> LineBounds(absl::string_view text, int line) {
  size_t begin = 0;
  while (line-- > 0) {
    const size_t end = text.find('\n', begin);
    if (end == absl::string_view::npos) return {text.size(), text.size()};
    begin = end + 1;
  }
  const size_t end = text.find('\n', begin);
  return {begin, end == absl::string_view::npos ? text.size() : end};
}

// Collects what the parser reports. The parser names some faults at the token after the faulty
// word; the collector finds the word itself.
class Collector : public google::protobuf::io::ErrorCollector {
 public:
  Collector(absl::string_view text, std::vector<Fault>& faults) : text_(text), faults_(faults) {}

  void AddError(int line, int column, const std::string& message) override {
    hard_ = true;
    FindWord(message, line, column);
    line_ = line;
    Add(line, column, message);
  }
  // Unknown fields arrive here, because the parser is told to go on after them.
  void AddWarning(int line, int column, const std::string& message) override {
    FindWord(message, line, column);
    Add(line, column, message);
  }

  bool hard() const { return hard_; }
  int line() const { return line_; }

 private:
  void Add(int line, int column, const std::string& message) {
    if (line < 0) return;
    const Fault fault{line + 1, column + 1, "SYNTAX", message};
    // Parsing again after an error finds the earlier warnings again.
    for (const Fault& known : faults_) {
      if (known.line == fault.line && known.column == fault.column) return;
    }
    faults_.push_back(fault);
  }

  void FindWord(absl::string_view message, int& line, int& column) const {
    for (const absl::string_view lead :
         {"has no field named \"", "Unknown enumeration value of \"", "Non-repeated field \""}) {
      const size_t at = message.find(lead);
      if (at == absl::string_view::npos || line < 0) continue;
      absl::string_view word = message.substr(at + lead.size());
      word = word.substr(0, word.find('"'));
      const size_t end = LineBounds(text_, line).first + column;
      const size_t found = text_.substr(0, end).rfind(word);
      if (word.empty() || found == absl::string_view::npos) return;
      line = static_cast<int>(std::count(text_.begin(), text_.begin() + found, '\n'));
      column = static_cast<int>(found - LineBounds(text_, line).first);
      return;
    }
  }

  const absl::string_view text_;
  std::vector<Fault>& faults_;
  bool hard_ = false;
  int line_ = -1;
};

// Offsets just after every top-level entry's closing brace, outside strings and comments.
std::vector<size_t> TopLevelEnds(absl::string_view text) {
  std::vector<size_t> ends;
  int depth = 0;
  char quote = 0;
  bool comment = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (comment) {
      comment = c != '\n';
    } else if (quote != 0) {
      if (c == '\\') {
        ++i;
      } else if (c == quote || c == '\n') {
        quote = 0;
      }
    } else if (c == '#') {
      comment = true;
    } else if (c == '"' || c == '\'') {
      quote = c;
    } else if (c == '{') {
      ++depth;
    } else if (c == '}') {
      depth = std::max(0, depth - 1);
      if (depth == 0) ends.push_back(i + 1);
    }
  }
  return ends;
}

void Blank(std::string& text, size_t begin, size_t end) {
  for (size_t i = begin; i < end && i < text.size(); ++i) {
    if (text[i] != '\n') text[i] = ' ';
  }
}

// Takes the faulty place out so that the rest can be read: the line when its braces balance, else
// the whole top-level entry around it. False when there is nothing left to take out.
bool TakeOut(std::string& text, int line) {
  const auto [begin, end] = LineBounds(text, line);
  const absl::string_view content = absl::string_view(text).substr(begin, end - begin);
  const bool balanced = std::count(content.begin(), content.end(), '{') ==
                        std::count(content.begin(), content.end(), '}');
  if (balanced && !absl::StripAsciiWhitespace(content).empty()) {
    Blank(text, begin, end);
    return true;
  }
  size_t from = 0;
  size_t to = text.size();
  for (const size_t entry_end : TopLevelEnds(text)) {
    if (entry_end <= begin) from = entry_end;
    if (entry_end > begin) {
      to = entry_end;
      break;
    }
  }
  const std::string was = text;
  Blank(text, from, to);
  return text != was;
}

bool IsUtf8(absl::string_view text) {
  for (size_t i = 0; i < text.size();) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const size_t size = byte < 0x80   ? 1
                        : byte < 0xC2 ? 0
                        : byte < 0xE0 ? 2
                        : byte < 0xF0 ? 3
                        : byte < 0xF5 ? 4
                                      : 0;
    if (size == 0 || i + size > text.size()) return false;
    uint32_t code = size == 1 ? byte : byte & (0xFF >> (size + 1));
    for (size_t k = 1; k < size; ++k) {
      const auto next = static_cast<unsigned char>(text[i + k]);
      if ((next & 0xC0) != 0x80) return false;
      code = (code << 6) | (next & 0x3F);
    }
    if ((size == 3 && code < 0x800) || (size == 4 && (code < 0x10000 || code > 0x10FFFF)) ||
        (code >= 0xD800 && code <= 0xDFFF)) {
      return false;
    }
    i += size;
  }
  return true;
}

std::optional<std::string> ReadFile(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::nullopt;
  std::ostringstream content;
  content << file.rdbuf();
  if (file.bad()) return std::nullopt;
  return content.str();
}

std::string Sha256Hex(absl::string_view content) {
  const crypto::Digest digest = crypto::Sha256(content);
  return crypto::Hex(
      absl::string_view(reinterpret_cast<const char*>(digest.data()), digest.size()));
}

// File name to hash.
std::map<std::string, std::string> ParseReleased(absl::string_view text,
                                                 std::vector<Fault>& faults) {
  std::map<std::string, std::string> released;
  int number = 0;
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    ++number;
    line = absl::StripAsciiWhitespace(line);
    if (line.empty() || absl::StartsWith(line, "#")) continue;
    const std::vector<std::string> parts = absl::StrSplit(line, ' ', absl::SkipEmpty());
    const bool is_hash = parts.size() == 2 && parts[0].size() == 64 &&
                         parts[0].find_first_not_of("0123456789abcdef") == std::string::npos;
    if (!is_hash || !released.emplace(parts[1], parts[0]).second) {
      faults.push_back({number, 1, "RELEASED_INVALID",
                        "Each line is a lower-case SHA-256 and a file name, each name once."});
    }
  }
  return released;
}

}  // namespace

v1::Protocol ParseProtocol(absl::string_view text, const KnownFacts* known,
                           std::vector<Fault>& faults) {
  v1::Protocol protocol;
  if (text.size() > kLargestFile) {
    faults.push_back({1, 1, "SYNTAX", "A protocol file is at most 1 MiB."});
    return protocol;
  }
  if (!IsUtf8(text)) {
    faults.push_back({1, 1, "SYNTAX", "A protocol file is UTF-8 text."});
    return protocol;
  }
  std::string rest(text);
  std::vector<Fault> syntax;
  for (int round = 0; round < kMostFaults; ++round) {
    Collector collector(rest, syntax);
    TextFormat::ParseInfoTree locations;
    TextFormat::Parser parser;
    parser.RecordErrorsTo(&collector);
    parser.WriteLocationsTo(&locations);
    parser.AllowUnknownField(true);
    protocol.Clear();
    const bool parsed = parser.ParseFromString(rest, &protocol);
    if (parsed && syntax.empty()) {
      std::vector<Fault> found = Lint(protocol, known, &locations);
      faults.insert(faults.end(), found.begin(), found.end());
      return protocol;
    }
    if (parsed || !collector.hard() || !TakeOut(rest, collector.line())) break;
  }
  if (syntax.empty()) syntax.push_back({1, 1, "SYNTAX", "The file is not a protocol."});
  std::stable_sort(syntax.begin(), syntax.end(), [](const Fault& a, const Fault& b) {
    return a.line != b.line ? a.line < b.line : a.column < b.column;
  });
  faults.insert(faults.end(), syntax.begin(), syntax.end());
  return protocol;
}

std::string DescribeFaults(absl::string_view file, const std::vector<Fault>& faults) {
  std::string text;
  for (const Fault& fault : faults) {
    absl::StrAppend(&text, file, ":", fault.line, ":", fault.column, ": ", fault.reason, ": ",
                    fault.message, "\n");
  }
  return text;
}

absl::StatusOr<Protocols> Protocols::Load(absl::string_view folder, const KnownFacts* known) {
  const std::filesystem::path path{std::string(folder)};
  std::vector<std::filesystem::path> files;
  std::error_code error;
  for (std::filesystem::directory_iterator it(path, error), end; !error && it != end;
       it.increment(error)) {
    if (it->path().extension() == ".textproto") files.push_back(it->path());
  }
  if (error) {
    return status::FailedPrecondition(
        "PROTOCOLS_UNREADABLE", absl::StrCat("The protocol folder ", folder, " cannot be read: ",
                                             error.message(), ". Check the path and its rights."));
  }
  std::sort(files.begin(), files.end());
  std::string all_faults;
  std::map<std::string, std::string> released;
  if (const std::optional<std::string> list = ReadFile(path / "RELEASED")) {
    std::vector<Fault> faults;
    released = ParseReleased(*list, faults);
    all_faults += DescribeFaults("RELEASED", faults);
  }
  Protocols protocols;
  for (const std::filesystem::path& file : files) {
    const std::string name = file.filename().string();
    const std::optional<std::string> content = ReadFile(file);
    if (!content) {
      return status::FailedPrecondition("PROTOCOLS_UNREADABLE",
                                        absl::StrCat("Protocol file ", name, " cannot be read."));
    }
    std::vector<Fault> faults;
    ProtocolFile loaded;
    loaded.protocol = ParseProtocol(*content, known, faults);
    loaded.name = name;
    loaded.sha256 = Sha256Hex(*content);
    if (const auto listed = released.find(name); listed != released.end()) {
      loaded.released = true;
      if (listed->second != loaded.sha256) {
        faults.push_back({1, 1, "RELEASED_FILE_CHANGED",
                          "A released protocol never changes. Restore it, and make the correction "
                          "the next version."});
      }
      released.erase(listed);
    }
    const std::pair<std::string, int> id(loaded.protocol.key(), loaded.protocol.version());
    if (faults.empty() && !protocols.files_.emplace(id, std::move(loaded)).second) {
      faults.push_back({1, 1, "VERSION_DUPLICATE", "Another file has the same key and version."});
    }
    all_faults += DescribeFaults(name, faults);
  }
  for (const auto& [name, hash] : released) {
    all_faults += DescribeFaults(
        "RELEASED", {{1, 1, "RELEASED_FILE_MISSING",
                      absl::StrCat(name, " was released and is gone; cases may follow it.")}});
  }
  if (!all_faults.empty()) return status::InvalidArgument("PROTOCOL_FAULTS", all_faults);
  return protocols;
}

Protocols Protocols::Of(std::vector<v1::Protocol> protocols) {
  Protocols result;
  for (v1::Protocol& protocol : protocols) {
    const std::pair<std::string, int> id(protocol.key(), protocol.version());
    result.files_[id] = {.protocol = std::move(protocol), .released = true};
  }
  return result;
}

absl::StatusOr<const v1::Protocol*> Protocols::Find(absl::string_view key, int version) const {
  const auto found = files_.find({std::string(key), version});
  if (found == files_.end() || !found->second.released) {
    return status::NotFound("PROTOCOL_NOT_FOUND", "No released protocol has this key and version.");
  }
  return &found->second.protocol;
}

absl::StatusOr<const v1::Protocol*> Protocols::Latest(absl::string_view key) const {
  auto after = files_.upper_bound({std::string(key), std::numeric_limits<int>::max()});
  while (after != files_.begin()) {
    --after;
    if (after->first.first != key) break;
    if (after->second.released) return &after->second.protocol;
  }
  return status::NotFound("PROTOCOL_NOT_FOUND", "No released protocol has this key.");
}

}  // namespace waymark::casework
