#pragma once
// Typed reading of one JSON object. The first field that is missing, of the wrong type or out of range is
// named in Flaws::error; fields that nobody asked for are counted, never refused. A number may come as a
// number or as a string of it (venues changed between the two): the other form is accepted and counted.
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "base/types.hpp"
#include "venue/json.hpp"

namespace voltage::venue {

class SchemaWatch;

struct Flaws {
  SchemaWatch* schema{nullptr};  // told of every field that is looked for; may be none
  std::string error;             // the first one; empty: none
  int unknown_fields{0};         // fields that no known field list has
  int retyped_fields{0};         // numbers that came in the other of the two tolerated forms
  int unknown_values{0};         // enum values that no known list has
  std::string first_unknown_field;

  void refuse(std::string why) {
    if (error.empty()) error = std::move(why);
  }
};

// The text of a JSON number or of a string that holds one, in units of 10^-decimals; exponents are allowed
// ("1e-8"). Empty if it is no decimal number, needs more digits than `decimals`, or has more than 18.
std::optional<std::int64_t> parse_token(std::string_view text, int decimals);

enum class Form : std::uint8_t { string, number };  // how a number is documented to come

class Fields {
 public:
  // `where` names the object in errors ("msg"). A value that is no object is refused.
  Fields(JsonValue object, std::string_view where, Flaws& flaws);
  ~Fields();
  Fields(const Fields&) = delete;
  Fields& operator=(const Fields&) = delete;

  // Present and not null.
  bool has(std::string_view key);

  std::string_view text(std::string_view key);  // required
  std::string_view text_or(std::string_view key, std::string_view otherwise = {});
  std::int64_t integer(std::string_view key, std::int64_t low, std::int64_t high);
  std::optional<std::int64_t> maybe_integer(std::string_view key, std::int64_t low, std::int64_t high);
  std::uint64_t unsigned_integer(std::string_view key);
  std::optional<bool> maybe_boolean(std::string_view key);

  // Fixed point at 10^-decimals, within [low, high].
  std::int64_t fixed(std::string_view key, int decimals, std::int64_t low, std::int64_t high, Form form);
  std::optional<std::int64_t> maybe_fixed(std::string_view key, int decimals, std::int64_t low, std::int64_t high,
                                          Form form);

  Price price(std::string_view key);                       // dollars in [0, 1]
  std::optional<Price> maybe_price(std::string_view key);  // empty text counts as absent
  Qty qty(std::string_view key, bool may_be_negative = false);
  std::optional<Qty> maybe_qty(std::string_view key, bool may_be_negative = false);
  Money money(std::string_view key);
  std::optional<Money> maybe_money(std::string_view key);

  Time time_ms(std::string_view key);
  std::optional<Time> maybe_time_ms(std::string_view key);
  std::optional<Time> maybe_time_s(std::string_view key);
  Time time_iso(std::string_view key);
  std::optional<Time> maybe_time_iso(std::string_view key);

  // The child, which must be of the type if it is there (null counts as absent).
  std::optional<JsonValue> maybe_child(std::string_view key, JsonType type);
  JsonValue child(std::string_view key, JsonType type);

  // Known, and of no use to us: deprecated or decorative.
  void ignore(std::initializer_list<std::string_view> keys);

  void refuse(std::string_view key, std::string_view why);
  Flaws& flaws() { return flaws_; }

 private:
  std::optional<JsonValue> find(std::string_view key);
  std::string_view number_text(JsonValue value, Form form);

  JsonValue object_;
  std::string where_;
  Flaws& flaws_;
  bool usable_{false};
  std::uint64_t object_id_{0};
  std::uint64_t taken_{0};  // bit i: child i was asked for; objects of more than 64 fields count none
};

}  // namespace voltage::venue
