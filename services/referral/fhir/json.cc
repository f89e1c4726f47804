#include "services/referral/fhir/json.h"

#include <cstdint>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/status/status.h"

namespace waymark::referral::fhir {
namespace {

// Builds the value bottom-up and counts while it does; returning false ends the reading.
class Builder final : public nlohmann::json_sax<Json> {
 public:
  bool null() override { return Put(Json()); }
  bool boolean(bool value) override { return Put(Json(value)); }
  bool number_integer(int64_t value) override { return Put(Json(value)); }
  bool number_unsigned(uint64_t value) override { return Put(Json(value)); }
  bool number_float(double /*value*/, const std::string& text) override {
    return Put(Decimal(text));
  }
  bool string(std::string& value) override { return Put(Json(std::move(value))); }
  bool binary(Json::binary_t& /*value*/) override { return false; }
  bool start_object(size_t /*size*/) override { return Open(Json::object()); }
  bool end_object() override { return Close(); }
  bool start_array(size_t /*size*/) override { return Open(Json::array()); }
  bool end_array() override { return Close(); }
  bool key(std::string& name) override {
    if (open_.back().value.contains(name)) {
      return Fail(status::InvalidArgument(
          "FHIR_DUPLICATE_NAME", "An object says the same member twice; say each member once."));
    }
    open_.back().name = std::move(name);
    return true;
  }
  bool parse_error(size_t offset, const std::string& /*token*/,
                   const nlohmann::detail::exception& /*error*/) override {
    return Fail(status::WithMetadata(
        status::InvalidArgument("FHIR_NOT_JSON",
                                absl::StrCat("The text is not JSON from byte ", offset, " on.")),
        "offset", absl::StrCat(offset)));
  }

  absl::StatusOr<Json> Result() {
    if (!failure_.ok()) return failure_;
    return std::move(root_);
  }

 private:
  struct Level {
    std::string name;  // of this value in the one around it; of the next member once that is open
    Json value;
  };

  bool Fail(absl::Status failure) {
    if (failure_.ok()) failure_ = std::move(failure);
    return false;
  }

  bool Count() {
    if (++values_ <= kMostValues) return true;
    return Fail(status::InvalidArgument("FHIR_TOO_LARGE", "The text holds too many values."));
  }

  bool Put(Json value) {
    if (!Count()) return false;
    if (open_.empty()) {
      root_ = std::move(value);
    } else if (open_.back().value.is_array()) {
      open_.back().value.push_back(std::move(value));
    } else {
      open_.back().value[open_.back().name] = std::move(value);
    }
    return true;
  }

  bool Open(Json value) {
    if (static_cast<int>(open_.size()) >= kDeepest) {
      return Fail(status::InvalidArgument(
          "FHIR_TOO_DEEP", absl::StrCat("Values stand more than ", kDeepest, " deep.")));
    }
    open_.push_back({"", std::move(value)});
    return true;
  }

  bool Close() {
    Json value = std::move(open_.back().value);
    open_.pop_back();
    return Put(std::move(value));
  }

  std::vector<Level> open_;
  Json root_;
  int values_ = 0;
  absl::Status failure_;
};

void Write(const Json& value, std::string& out) {
  if (value.is_object()) {
    absl::string_view comma;
    out += '{';
    for (const auto& [name, member] : value.items()) {
      absl::StrAppend(&out, comma, Json(name).dump(), ":");
      Write(member, out);
      comma = ",";
    }
    out += '}';
  } else if (value.is_array()) {
    absl::string_view comma;
    out += '[';
    for (const Json& item : value) {
      absl::StrAppend(&out, comma);
      Write(item, out);
      comma = ",";
    }
    out += ']';
  } else if (value.is_binary()) {
    out += NumberText(value);
  } else {
    out += value.dump(-1, ' ', false, Json::error_handler_t::replace);
  }
}

const Json& Nothing() {
  static const Json& nothing = *new Json();
  return nothing;
}

}  // namespace

absl::StatusOr<Json> ParseJson(absl::string_view text) {
  if (text.size() > kLongestText) {
    return status::InvalidArgument(
        "FHIR_TOO_LARGE", absl::StrCat("The text has more than ", kLongestText, " bytes."));
  }
  Builder builder;
  Json::sax_parse(text.begin(), text.end(), &builder);
  return builder.Result();
}

std::string WriteJson(const Json& value) {
  std::string out;
  Write(value, out);
  return out;
}

bool IsDecimalText(absl::string_view text) {
  const auto digits = [&text] {
    size_t count = 0;
    while (count < text.size() && absl::ascii_isdigit(text[count])) ++count;
    const absl::string_view found = text.substr(0, count);
    text.remove_prefix(count);
    return found;
  };
  if (!text.empty() && text[0] == '-') text.remove_prefix(1);
  const absl::string_view whole = digits();
  if (whole.empty() || (whole.size() > 1 && whole[0] == '0') || whole.size() > 18) return false;
  if (!text.empty() && text[0] == '.') {
    text.remove_prefix(1);
    if (const size_t count = digits().size(); count == 0 || count > 18) return false;
  }
  if (!text.empty() && (text[0] == 'e' || text[0] == 'E')) {
    text.remove_prefix(1);
    if (!text.empty() && (text[0] == '+' || text[0] == '-')) text.remove_prefix(1);
    if (const size_t count = digits().size(); count == 0 || count > 3) return false;
  }
  return text.empty();
}

Json Decimal(absl::string_view text) {
  return Json::binary(std::vector<uint8_t>(text.begin(), text.end()));
}

std::string NumberText(const Json& value) {
  if (value.is_binary()) {
    const Json::binary_t& bytes = value.get_binary();
    return std::string(bytes.begin(), bytes.end());
  }
  return value.is_number() ? value.dump() : "";
}

const Json& Member(const Json& object, absl::string_view name) {
  if (!object.is_object()) return Nothing();
  const auto found = object.find(std::string(name));
  return found == object.end() ? Nothing() : *found;
}

const Json& Item(const Json& array, size_t index) {
  return array.is_array() && index < array.size() ? array[index] : Nothing();
}

std::string Text(const Json& object, absl::string_view name) {
  const Json& member = Member(object, name);
  return member.is_string() ? member.get<std::string>() : "";
}

}  // namespace waymark::referral::fhir
