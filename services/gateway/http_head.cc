#include "services/gateway/http_head.h"

#include <algorithm>
#include <array>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace waymark::gateway {
namespace {

// RFC 9110 section 5.6.2.
bool IsTokenChar(char c) {
  return absl::ascii_isalnum(static_cast<unsigned char>(c)) ||
         absl::StrContains("!#$%&'*+-.^_`|~", absl::string_view(&c, 1));
}

bool IsToken(absl::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), IsTokenChar);
}

// Field values of this API are ASCII; bytes above it are read as Latin-1 by one program and as
// UTF-8 by the next.
bool IsFieldValue(absl::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return c == '\t' || (c >= 0x20 && c <= 0x7e); });
}

// Of these two are as good as an attack; lists that may come in several lines are not among them.
constexpr std::array<absl::string_view, 10> kOnce = {
    "host",   "content-length", "content-type",       "content-encoding", "authorization",
    "cookie", "origin",         "connect-timeout-ms", "waymark-csrf",     "expect"};

Head Refuse(int status, absl::string_view reason) {
  Head head;
  head.status = status;
  head.reason = reason;
  head.keep_alive = false;
  return head;
}

bool IsPathChar(char c) {
  // pchar without '%', and '/': no path of ours needs an escape, and an escape is a second
  // spelling.
  return absl::ascii_isalnum(static_cast<unsigned char>(c)) ||
         absl::StrContains("/-._~!$&'()*+,;=:@", absl::string_view(&c, 1));
}

bool IsPlainPath(absl::string_view path) {
  if (!absl::StartsWith(path, "/")) return false;
  if (!std::all_of(path.begin(), path.end(), IsPathChar)) return false;
  if (absl::StrContains(path, "//")) return false;
  for (const absl::string_view part : absl::StrSplit(path, '/')) {
    if (part == "." || part == "..") return false;
  }
  return true;
}

bool IsQueryText(absl::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return IsPathChar(c) || c == '%' || c == '?' || c == '[' || c == ']';
  });
}

std::optional<std::string> UrlDecode(absl::string_view text) {
  std::string decoded;
  decoded.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '+') {
      c = ' ';
    } else if (c == '%') {
      if (i + 2 >= text.size() || !absl::ascii_isxdigit(static_cast<unsigned char>(text[i + 1])) ||
          !absl::ascii_isxdigit(static_cast<unsigned char>(text[i + 2]))) {
        return std::nullopt;
      }
      c = absl::HexStringToBytes(text.substr(i + 1, 2)).at(0);
      i += 2;
    }
    decoded.push_back(c);
  }
  return decoded;
}

}  // namespace

absl::string_view HttpRequest::Header(absl::string_view lower_case_name) const {
  for (const auto& [name, value] : headers) {
    if (name == lower_case_name) return value;
  }
  return "";
}

size_t HeadSize(absl::string_view bytes) {
  for (size_t at = bytes.find('\n'); at != absl::string_view::npos; at = bytes.find('\n', at + 1)) {
    if (bytes.substr(at + 1, 1) == "\n") return at + 2;
    if (bytes.substr(at + 1, 2) == "\r\n") return at + 3;
  }
  return 0;
}

Head ReadHead(absl::string_view text, const HeadLimits& limits) {
  if (text.size() > limits.most_bytes) return Refuse(431, "The headers are too large.");
  if (!absl::EndsWith(text, "\r\n\r\n")) return Refuse(400, "Every line ends with CR LF.");
  text.remove_suffix(4);
  std::vector<absl::string_view> lines = absl::StrSplit(text, "\r\n");
  for (const absl::string_view line : lines) {
    if (line.find_first_of(absl::string_view("\r\n\0", 3)) != absl::string_view::npos) {
      return Refuse(400, "Every line ends with CR LF.");
    }
  }
  const std::vector<absl::string_view> words = absl::StrSplit(lines.front(), ' ');
  if (words.size() != 3 || !IsToken(words[0])) {
    return Refuse(400, "The request line is method, target and version.");
  }
  if (words[2] != "HTTP/1.1") return Refuse(505, "Only version 1.1 of HTTP is spoken here.");
  if (words[1].size() > limits.longest_target) return Refuse(414, "The target is too long.");
  if (lines.size() - 1 > limits.most_fields) return Refuse(431, "There are too many headers.");

  Head head;
  head.method = std::string(words[0]);
  const std::pair<absl::string_view, absl::string_view> target =
      absl::StrSplit(words[1], absl::MaxSplits('?', 1));
  if (!IsPlainPath(target.first) || !IsQueryText(target.second)) {
    return Refuse(400, "The target is a plain path of this server.");
  }
  head.path = std::string(target.first);
  head.query = std::string(target.second);

  for (size_t i = 1; i < lines.size(); ++i) {
    const absl::string_view line = lines[i];
    if (absl::StartsWith(line, " ") || absl::StartsWith(line, "\t")) {
      return Refuse(400, "A header does not go on in the next line.");
    }
    const size_t colon = line.find(':');
    if (colon == absl::string_view::npos || !IsToken(line.substr(0, colon))) {
      return Refuse(400, "A header is a name, a colon and a value.");
    }
    std::string name = absl::AsciiStrToLower(line.substr(0, colon));
    const absl::string_view value = absl::StripAsciiWhitespace(line.substr(colon + 1));
    if (!IsFieldValue(value)) return Refuse(400, "A header holds a byte that is no text.");
    if (name == "transfer-encoding") return Refuse(411, "Send a body with its Content-Length.");
    if (name == "upgrade") return Refuse(400, "No other protocol is spoken here.");
    if (name == "expect") return Refuse(417, "Send the body without asking first.");
    if (std::find(kOnce.begin(), kOnce.end(), name) != kOnce.end() &&
        std::any_of(head.headers.begin(), head.headers.end(),
                    [&](const auto& field) { return field.first == name; })) {
      return Refuse(400, "A header that may come once comes twice.");
    }
    if (name == "content-length") {
      const bool digits =
          !value.empty() && value.size() <= 18 &&
          std::all_of(value.begin(), value.end(), [](char c) { return c >= '0' && c <= '9'; });
      if (!digits || !absl::SimpleAtoi(value, &head.content_length)) {
        return Refuse(400, "The Content-Length is no number.");
      }
    }
    if (name == "connection") {
      for (const absl::string_view option : absl::StrSplit(value, ',')) {
        if (absl::EqualsIgnoreCase(absl::StripAsciiWhitespace(option), "close")) {
          head.keep_alive = false;
        }
      }
    }
    head.headers.emplace_back(std::move(name), std::string(value));
  }
  const auto host = std::find_if(head.headers.begin(), head.headers.end(),
                                 [](const auto& field) { return field.first == "host"; });
  if (host == head.headers.end() || host->second.empty()) return Refuse(400, "Name the host.");
  if (head.content_length > limits.most_body_bytes) return Refuse(413, "The body is too large.");
  return head;
}

std::optional<std::string> Cookie(absl::string_view header, absl::string_view name) {
  std::optional<std::string> found;
  for (absl::string_view pair : absl::StrSplit(header, ';')) {
    pair = absl::StripAsciiWhitespace(pair);
    if (!absl::ConsumePrefix(&pair, name) || !absl::ConsumePrefix(&pair, "=")) continue;
    if (found.has_value()) return std::nullopt;
    found = std::string(pair);
  }
  return found;
}

std::optional<std::vector<std::pair<std::string, std::string>>> ParseQuery(
    absl::string_view query) {
  std::vector<std::pair<std::string, std::string>> fields;
  for (const absl::string_view pair : absl::StrSplit(query, '&', absl::SkipEmpty())) {
    const std::pair<absl::string_view, absl::string_view> parts =
        absl::StrSplit(pair, absl::MaxSplits('=', 1));
    const std::optional<std::string> name = UrlDecode(parts.first);
    const std::optional<std::string> value = UrlDecode(parts.second);
    if (!name.has_value() || !value.has_value()) return std::nullopt;
    for (const std::string* text : {&*name, &*value}) {
      if (std::any_of(text->begin(), text->end(), [](unsigned char c) { return c < 0x20; })) {
        return std::nullopt;
      }
    }
    if (std::any_of(fields.begin(), fields.end(),
                    [&](const auto& field) { return field.first == *name; })) {
      return std::nullopt;
    }
    fields.emplace_back(*name, *value);
  }
  return fields;
}

std::string UrlEncode(absl::string_view text) {
  constexpr char kHex[] = "0123456789ABCDEF";
  std::string encoded;
  for (const unsigned char c : text) {
    if (absl::ascii_isalnum(c) || c == '-' || c == '.' || c == '_' || c == '~') {
      encoded.push_back(static_cast<char>(c));
    } else {
      encoded.push_back('%');
      encoded.push_back(kHex[c >> 4]);
      encoded.push_back(kHex[c & 15]);
    }
  }
  return encoded;
}

bool IsLocalPath(absl::string_view path) {
  const std::pair<absl::string_view, absl::string_view> parts =
      absl::StrSplit(path, absl::MaxSplits('?', 1));
  return path.size() <= 2048 && IsPlainPath(parts.first) && IsQueryText(parts.second) &&
         !absl::StartsWith(path, "/auth/");
}

}  // namespace waymark::gateway
