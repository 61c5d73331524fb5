// The pieces that frames and REST objects have in common.
#include <fmt/format.h>

#include "venue/kalshi/decode.hpp"
#include "venue/schema_watch.hpp"

namespace voltage::venue::kalshi {

market::Level yes_ask_of_no_bid(market::Level no_bid, NoPrices no_prices) {
  return {no_prices == NoPrices::no_axis ? no_bid.price.complement() : no_bid.price, no_bid.qty};
}

Side side_of_order(Fields& fields) {
  const std::string_view book = fields.text_or("book_side");
  const std::string_view outcome = fields.text_or("outcome_side");
  fields.ignore({"side", "action", "purchased_side", "is_yes"});
  if (book == "bid" || (book.empty() && outcome == "yes")) return Side::bid;
  if (book == "ask" || (book.empty() && outcome == "no")) return Side::ask;
  if (book.empty() && outcome.empty()) {
    fields.refuse("book_side", "is missing, and so is outcome_side");
  } else {
    fields.refuse(book.empty() ? "outcome_side" : "book_side",
                  fmt::format("'{}' is no side", book.empty() ? outcome : book));
  }
  return Side::bid;
}

MarketResult market_result(std::string_view text, Flaws& flaws) {
  if (text.empty()) return MarketResult::none;
  if (text == "yes") return MarketResult::yes;
  if (text == "no") return MarketResult::no;
  if (text != "scalar") ++flaws.unknown_values;
  return MarketResult::scalar;
}

std::optional<market::StrikeType> strike_type(std::string_view text, Flaws& flaws) {
  if (text == "greater") return market::StrikeType::greater;
  if (text == "greater_or_equal") return market::StrikeType::greater_or_equal;
  if (text == "less") return market::StrikeType::less;
  if (text == "less_or_equal") return market::StrikeType::less_or_equal;
  if (text == "between") return market::StrikeType::between;
  if (!text.empty()) ++flaws.unknown_values;
  return std::nullopt;
}

std::optional<market::TickGrid> tick_grid(Fields& fields, std::string_view key) {
  const auto array = fields.maybe_child(key, JsonType::array);
  if (!array || array->size() == 0) return std::nullopt;
  std::vector<market::PriceRange> ranges;
  for (const JsonValue entry : *array) {
    Fields range{entry, key, fields.flaws()};
    ranges.push_back({range.price("start"), range.price("end"), range.price("step")});
  }
  auto grid = market::TickGrid::make(std::move(ranges));
  if (!grid) fields.refuse(key, "the ranges are not ascending and contiguous with positive steps");
  return grid;
}

std::optional<market::IndexValue> strike_value(Fields& fields, std::string_view key) {
  constexpr std::int64_t kMaxE8 = 1'000'000'000'000'000'00;  // 10 digits of dollars
  const auto e8 = fields.maybe_fixed(key, 8, -kMaxE8, kMaxE8, Form::number);
  return e8 ? std::optional{market::IndexValue{*e8}} : std::nullopt;
}

OrderState order_state(std::string_view text, Flaws& flaws) {
  if (text == "resting") return OrderState::resting;
  if (text == "canceled") return OrderState::canceled;
  if (text == "executed") return OrderState::executed;
  if (text != "unknown") ++flaws.unknown_values;
  return OrderState::unknown;
}

std::vector<std::string> strings(JsonValue array, std::string_view key, Flaws& flaws) {
  std::vector<std::string> all;
  for (const JsonValue entry : array) {
    if (!entry.is(JsonType::string)) {
      flaws.refuse(fmt::format("{}[{}] is a {}, not a string", key, all.size(), name(entry.type())));
      break;
    }
    all.emplace_back(entry.text());
  }
  return all;
}

std::vector<market::Level> levels(JsonValue array, std::string_view key, Flaws& flaws) {
  std::vector<market::Level> all;
  all.reserve(array.size());
  for (const JsonValue entry : array) {
    const auto refuse = [&](const char* why) { flaws.refuse(fmt::format("{}[{}] {}", key, all.size(), why)); };
    if (!entry.is(JsonType::array) || entry.size() != 2) {
      refuse("is no pair of price and count");
      break;
    }
    std::int64_t numbers[2] = {};
    int at = 0;
    for (const JsonValue number : entry) {
      const bool string = number.is(JsonType::string);
      if (!string) {
        ++flaws.retyped_fields;
        if (flaws.schema != nullptr) flaws.schema->retyped(key, at == 0 ? "price" : "count");
      }
      const auto value =
          string || number.is(JsonType::number) ? parse_token(number.text(), at == 0 ? 4 : 2) : std::nullopt;
      if (!value)
        refuse(at == 0 ? "has a price that is no number of at most 4 decimals"
                       : "has a count that is no number of at most 2 decimals");
      numbers[at] = value.value_or(1);
      ++at;
    }
    if (numbers[0] < 0 || numbers[0] > Price::kOne) refuse("has a price outside one dollar");
    if (numbers[1] <= 0 || numbers[1] > kQtyMax.centis) refuse("has a count that is not positive or too large");
    all.push_back({Price{static_cast<std::int32_t>(numbers[0])}, Qty{numbers[1]}});
  }
  return all;
}

}  // namespace voltage::venue::kalshi
