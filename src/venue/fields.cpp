#include "venue/fields.hpp"

#include <charconv>
#include <vector>

#include <fmt/format.h>

#include "base/decimal.hpp"
#include "base/time.hpp"
#include "venue/schema_watch.hpp"

namespace voltage::venue {
namespace {

constexpr std::int64_t kMoneyMax = 1'000'000'000'000'000'000;  // micros that 18 digits can hold
constexpr std::int64_t kMsMax = 4'102'444'800'000;             // the year 2100
constexpr int kExponentMax = 30;

std::string_view clipped(std::string_view text) {
  return text.substr(0, 40);
}

// "d.ddd" × 10^exponent as plain decimal text.
std::optional<std::string> without_exponent(std::string_view mantissa, int exponent) {
  const bool negative = !mantissa.empty() && mantissa.front() == '-';
  if (!mantissa.empty() && (mantissa.front() == '-' || mantissa.front() == '+')) mantissa.remove_prefix(1);
  const auto point = mantissa.find('.');
  std::string digits{mantissa.substr(0, point)};
  int places = static_cast<int>(digits.size());
  if (point != std::string_view::npos) digits += mantissa.substr(point + 1);
  if (digits.empty() || digits.find_first_not_of("0123456789") != std::string::npos) return std::nullopt;
  places += exponent;
  if (places <= 0) digits.insert(0, static_cast<std::size_t>(1 - places), '0'), places = 1;
  if (places > static_cast<int>(digits.size())) digits.append(static_cast<std::size_t>(places) - digits.size(), '0');
  digits.insert(static_cast<std::size_t>(places), 1, '.');
  return (negative ? "-" : "") + digits;
}

}  // namespace

std::optional<std::int64_t> parse_token(std::string_view text, int decimals) {
  const auto e = text.find_first_of("eE");
  if (e == std::string_view::npos) return parse_fixed(text, decimals);
  std::string_view tail = text.substr(e + 1);
  if (!tail.empty() && tail.front() == '+') tail.remove_prefix(1);
  const auto exponent = parse_int(tail);
  if (!exponent || *exponent < -kExponentMax || *exponent > kExponentMax) return std::nullopt;
  const auto plain = without_exponent(text.substr(0, e), static_cast<int>(*exponent));
  return plain ? parse_fixed(*plain, decimals) : std::nullopt;
}

Fields::Fields(JsonValue object, std::string_view where, Flaws& flaws) : object_{object}, where_{where}, flaws_{flaws} {
  usable_ = object_.is(JsonType::object);
  if (flaws_.schema != nullptr) object_id_ = flaws_.schema->open_object();
  if (!usable_) flaws_.refuse(fmt::format("{} is a {}, not an object", where, name(object_.type())));
}

Fields::~Fields() {
  if (!usable_ || object_.size() > 64) return;
  std::uint64_t bit = 1;
  std::vector<std::string_view> unknown;
  for (const JsonValue child : object_) {
    if ((taken_ & bit) == 0) {
      ++flaws_.unknown_fields;
      if (flaws_.schema != nullptr) unknown.push_back(child.key());
      if (flaws_.first_unknown_field.empty()) flaws_.first_unknown_field = fmt::format("{}.{}", where_, child.key());
    }
    bit <<= 1;
  }
  if (flaws_.schema != nullptr) flaws_.schema->close_object(object_id_, where_, unknown);
}

void Fields::refuse(std::string_view key, std::string_view why) {
  flaws_.refuse(fmt::format("{}.{}: {}", where_, key, why));
}

std::optional<JsonValue> Fields::find(std::string_view key) {
  if (!usable_) return std::nullopt;
  std::optional<JsonValue> found;
  std::uint64_t bit = 1;
  for (const JsonValue child : object_) {
    if (child.key() == key) {
      if (found) refuse(key, "is there twice");
      found = child;
      taken_ |= bit;
    }
    bit <<= 1;
  }
  if (found && found->is(JsonType::null)) found = std::nullopt;
  if (flaws_.schema != nullptr) flaws_.schema->saw(object_id_, where_, key, found.has_value());
  return found;
}

bool Fields::has(std::string_view key) {
  return find(key).has_value();
}

std::string_view Fields::text(std::string_view key) {
  const auto value = find(key);
  if (!value) {
    refuse(key, "is missing");
    return {};
  }
  if (!value->is(JsonType::string)) {
    refuse(key, fmt::format("is a {}, not a string", name(value->type())));
    return {};
  }
  return value->text();
}

std::string_view Fields::text_or(std::string_view key, std::string_view otherwise) {
  return has(key) ? text(key) : otherwise;
}

std::string_view Fields::number_text(JsonValue value, Form form) {
  if (!value.is(JsonType::string) && !value.is(JsonType::number)) return {};
  if (value.is(JsonType::string) != (form == Form::string)) {
    ++flaws_.retyped_fields;
    if (flaws_.schema != nullptr) flaws_.schema->retyped(where_, value.key());
  }
  return value.text();
}

std::optional<std::int64_t> Fields::maybe_fixed(std::string_view key, int decimals, std::int64_t low, std::int64_t high,
                                                Form form) {
  const auto value = find(key);
  if (!value) return std::nullopt;
  if (!value->is(JsonType::string) && !value->is(JsonType::number)) {
    refuse(key, fmt::format("is a {}, not a number", name(value->type())));
    return std::nullopt;
  }
  const auto parsed = parse_token(number_text(*value, form), decimals);
  if (!parsed) {
    refuse(key, fmt::format("'{}' is no number of at most {} decimals", clipped(value->text()), decimals));
    return std::nullopt;
  }
  if (*parsed < low || *parsed > high) {
    refuse(key, fmt::format("{} is out of range [{}, {}]", clipped(value->text()), format_fixed(low, decimals),
                            format_fixed(high, decimals)));
    return std::nullopt;
  }
  return parsed;
}

std::int64_t Fields::fixed(std::string_view key, int decimals, std::int64_t low, std::int64_t high, Form form) {
  if (!has(key)) refuse(key, "is missing");
  return maybe_fixed(key, decimals, low, high, form).value_or(low <= 0 && high >= 0 ? 0 : low);
}

std::int64_t Fields::integer(std::string_view key, std::int64_t low, std::int64_t high) {
  return fixed(key, 0, low, high, Form::number);
}

std::optional<std::int64_t> Fields::maybe_integer(std::string_view key, std::int64_t low, std::int64_t high) {
  return maybe_fixed(key, 0, low, high, Form::number);
}

std::uint64_t Fields::unsigned_integer(std::string_view key) {
  const auto value = find(key);
  std::uint64_t result = 0;
  if (!value || !(value->is(JsonType::number) || value->is(JsonType::string))) {
    refuse(key, "is missing or no number");
    return 0;
  }
  const std::string_view text = number_text(*value, Form::number);
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), result);
  if (error != std::errc{} || end != text.data() + text.size()) refuse(key, "is no unsigned 64-bit number");
  return result;
}

std::optional<bool> Fields::maybe_boolean(std::string_view key) {
  const auto value = find(key);
  if (!value) return std::nullopt;
  if (!value->is(JsonType::boolean)) {
    refuse(key, fmt::format("is a {}, not true or false", name(value->type())));
    return std::nullopt;
  }
  return value->boolean();
}

std::optional<Price> Fields::maybe_price(std::string_view key) {
  const auto value = find(key);
  if (!value || (value->is(JsonType::string) && value->text().empty())) return std::nullopt;
  const auto pips = maybe_fixed(key, 4, 0, Price::kOne, Form::string);
  return pips ? std::optional{Price{static_cast<std::int32_t>(*pips)}} : std::nullopt;
}

Price Fields::price(std::string_view key) {
  const auto pips = fixed(key, 4, 0, Price::kOne, Form::string);
  return Price{static_cast<std::int32_t>(pips)};
}

std::optional<Qty> Fields::maybe_qty(std::string_view key, bool may_be_negative) {
  const auto value = find(key);
  if (!value || (value->is(JsonType::string) && value->text().empty())) return std::nullopt;
  const auto low = may_be_negative ? -kQtyMax.centis : 0;
  const auto centis = maybe_fixed(key, 2, low, kQtyMax.centis, Form::string);
  return centis ? std::optional{Qty{*centis}} : std::nullopt;
}

Qty Fields::qty(std::string_view key, bool may_be_negative) {
  return Qty{fixed(key, 2, may_be_negative ? -kQtyMax.centis : 0, kQtyMax.centis, Form::string)};
}

std::optional<Money> Fields::maybe_money(std::string_view key) {
  const auto value = find(key);
  if (!value || (value->is(JsonType::string) && value->text().empty())) return std::nullopt;
  const auto micros = maybe_fixed(key, 6, -kMoneyMax, kMoneyMax, Form::string);
  return micros ? std::optional{Money{*micros}} : std::nullopt;
}

Money Fields::money(std::string_view key) {
  return Money{fixed(key, 6, -kMoneyMax, kMoneyMax, Form::string)};
}

Time Fields::time_ms(std::string_view key) {
  return Time::from_ms(integer(key, 0, kMsMax));
}

std::optional<Time> Fields::maybe_time_ms(std::string_view key) {
  const auto ms = maybe_integer(key, 0, kMsMax);
  return ms ? std::optional{Time::from_ms(*ms)} : std::nullopt;
}

std::optional<Time> Fields::maybe_time_s(std::string_view key) {
  const auto s = maybe_integer(key, 0, kMsMax / 1000);
  return s ? std::optional{Time::from_ms(*s * 1000)} : std::nullopt;
}

Time Fields::time_iso(std::string_view key) {
  const std::string_view value = text(key);
  const auto time = parse_iso(value);
  if (!time && !value.empty()) refuse(key, fmt::format("'{}' is no ISO 8601 time", clipped(value)));
  if (!time && value.empty()) refuse(key, "is no ISO 8601 time");
  return time.value_or(Time{});
}

std::optional<Time> Fields::maybe_time_iso(std::string_view key) {
  const auto value = find(key);
  if (!value || (value->is(JsonType::string) && value->text().empty())) return std::nullopt;
  return time_iso(key);
}

std::optional<JsonValue> Fields::maybe_child(std::string_view key, JsonType type) {
  const auto value = find(key);
  if (!value) return std::nullopt;
  if (!value->is(type)) {
    refuse(key, fmt::format("is a {}, not an {}", name(value->type()), name(type)));
    return std::nullopt;
  }
  return value;
}

JsonValue Fields::child(std::string_view key, JsonType type) {
  if (!has(key)) refuse(key, "is missing");
  static const std::vector<JsonNode> empty_object{{JsonType::object, 0, 0, 0, {}, {}}};
  static const std::vector<JsonNode> empty_array{{JsonType::array, 0, 0, 0, {}, {}}};
  return maybe_child(key, type).value_or(JsonValue{type == JsonType::object ? &empty_object : &empty_array, 0});
}

void Fields::ignore(std::initializer_list<std::string_view> keys) {
  if (!usable_) return;
  std::uint64_t bit = 1;
  for (const JsonValue child : object_) {
    for (const std::string_view key : keys) {
      if (child.key() == key) taken_ |= bit;
    }
    bit <<= 1;
  }
}

}  // namespace voltage::venue
