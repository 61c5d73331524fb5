#include "venue/json.hpp"

#include <cstring>
#include <string>

#include <fmt/format.h>
#include <simdjson.h>

namespace voltage::venue {
namespace {

namespace ondemand = simdjson::ondemand;
constexpr int kDepthMax = 64;

std::string_view trimmed(std::string_view token) {
  while (!token.empty() && static_cast<unsigned char>(token.back()) <= ' ') token.remove_suffix(1);
  return token;
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// The number grammar of RFC 8259.
bool is_number(std::string_view t) {
  std::size_t i = 0;
  const auto digits = [&] {
    const std::size_t from = i;
    while (i < t.size() && is_digit(t[i])) ++i;
    return i > from;
  };
  if (i < t.size() && t[i] == '-') ++i;
  if (i < t.size() && t[i] == '0') {
    ++i;
  } else if (!digits()) {
    return false;
  }
  if (i < t.size() && t[i] == '.') {
    ++i;
    if (!digits()) return false;
  }
  if (i < t.size() && (t[i] == 'e' || t[i] == 'E')) {
    ++i;
    if (i < t.size() && (t[i] == '+' || t[i] == '-')) ++i;
    if (!digits()) return false;
  }
  return i == t.size();
}

class Builder {
 public:
  explicit Builder(std::vector<JsonNode>& nodes) : nodes_{nodes} {}

  // Appends the value and everything below it; false on the first flaw (`why` says which).
  bool add(ondemand::value value, int depth) {
    if (depth > kDepthMax) return flaw("more than 64 levels deep");
    ondemand::json_type type{};
    if (value.type().get(type)) return flaw("a value is neither object, array, string, number nor literal");
    switch (type) {
      case ondemand::json_type::object:
        return object(value, depth);
      case ondemand::json_type::array:
        return array(value, depth);
      case ondemand::json_type::string: {
        std::string_view text;
        if (value.get_string().get(text)) return flaw("a string has a bad escape or does not end");
        return leaf(JsonType::string, text);
      }
      case ondemand::json_type::number: {
        const std::string_view token = trimmed(value.raw_json_token());
        return is_number(token) ? leaf(JsonType::number, token) : flaw("'" + clipped(token) + "' is no number");
      }
      case ondemand::json_type::boolean: {
        const std::string_view token = trimmed(value.raw_json_token());
        return token == "true" || token == "false" ? leaf(JsonType::boolean, token)
                                                   : flaw("'" + clipped(token) + "' is no literal");
      }
      case ondemand::json_type::null: {
        const std::string_view token = trimmed(value.raw_json_token());
        return token == "null" ? leaf(JsonType::null, token) : flaw("'" + clipped(token) + "' is no literal");
      }
    }
    return flaw("an unexpected value");
  }

  const std::string& why() const { return why_; }

 private:
  static std::string clipped(std::string_view token) { return std::string{token.substr(0, 24)}; }

  bool flaw(std::string why) {
    if (why_.empty()) why_ = std::move(why);
    return false;
  }

  bool leaf(JsonType type, std::string_view text) {
    nodes_.push_back({type, 0, 0, 0, {}, text});
    return true;
  }

  // Links the child that was just added at `child` behind the one before it.
  void link(std::uint32_t parent, std::uint32_t& last, std::uint32_t child) {
    if (last == 0) {
      nodes_[parent].first = child;
    } else {
      nodes_[last].next = child;
    }
    last = child;
    ++nodes_[parent].size;
  }

  bool object(ondemand::value& value, int depth) {
    const auto parent = static_cast<std::uint32_t>(nodes_.size());
    nodes_.push_back({JsonType::object, 0, 0, 0, {}, {}});
    ondemand::object object;
    if (value.get_object().get(object)) return flaw("an object does not begin well");
    std::uint32_t last = 0;
    for (auto entry : object) {
      ondemand::field field;
      if (std::move(entry).get(field)) return flaw("an object is broken (key, colon, comma or end missing)");
      std::string_view key;
      if (field.unescaped_key().get(key)) return flaw("a key has a bad escape");
      const auto child = static_cast<std::uint32_t>(nodes_.size());
      if (!add(field.value(), depth + 1)) return false;
      nodes_[child].key = key;
      link(parent, last, child);
    }
    return true;
  }

  bool array(ondemand::value& value, int depth) {
    const auto parent = static_cast<std::uint32_t>(nodes_.size());
    nodes_.push_back({JsonType::array, 0, 0, 0, {}, {}});
    ondemand::array array;
    if (value.get_array().get(array)) return flaw("an array does not begin well");
    std::uint32_t last = 0;
    for (auto entry : array) {
      ondemand::value element;
      if (std::move(entry).get(element)) return flaw("an array is broken (comma or end missing)");
      const auto child = static_cast<std::uint32_t>(nodes_.size());
      if (!add(element, depth + 1)) return false;
      link(parent, last, child);
    }
    return true;
  }

  std::vector<JsonNode>& nodes_;
  std::string why_;
};

}  // namespace

const char* name(JsonType type) {
  constexpr const char* kNames[] = {"null", "true or false", "number", "string", "array", "object"};
  return kNames[static_cast<std::size_t>(type)];
}

struct JsonDocument::Parser {
  ondemand::parser ondemand;
  std::string padded;
};

JsonDocument::JsonDocument() : parser_{std::make_unique<Parser>()} {}
JsonDocument::~JsonDocument() = default;

Result<JsonValue> JsonDocument::parse(std::string_view text) {
  nodes_.clear();
  std::string& padded = parser_->padded;
  padded.assign(text);
  padded.append(simdjson::SIMDJSON_PADDING, '\0');
  ondemand::document document;
  const auto view = simdjson::padded_string_view(padded.data(), text.size(), padded.size());
  if (const auto error = parser_->ondemand.iterate(view).get(document)) {
    return fail(fmt::format("not JSON: {}", simdjson::error_message(error)));
  }
  ondemand::value root;
  if (document.get_value().get(root)) return fail("not a frame: neither a JSON object nor an array");
  Builder builder{nodes_};
  if (!builder.add(root, 0)) return fail("not JSON: " + builder.why());
  const char* rest = nullptr;
  if (!document.current_location().get(rest)) return fail("not JSON: something follows the end of the value");
  return JsonValue{&nodes_, 0};
}

}  // namespace voltage::venue
