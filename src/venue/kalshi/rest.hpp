#pragma once
// Kalshi's REST objects, from text: markets, books, orders, fills, positions, settlements, balances, limits
// and errors. The same rules as for frames: YES axis, fixed point, unknown fields counted, known ones strict.
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.hpp"
#include "venue/kalshi/decode.hpp"

namespace voltage::venue::kalshi {

enum class MarketStatus : std::uint8_t {
  initialized,
  inactive,
  active,
  closed,
  determined,
  disputed,
  amended,
  finalized,
  unknown
};

struct Market {
  std::string ticker;
  std::string event_ticker;
  MarketStatus status{};
  Time open{}, close{};
  std::optional<market::StrikeType> strike_type;
  std::optional<market::IndexValue> floor, cap;
  std::optional<market::TickGrid> ticks;  // absent in old answers: then price_level_structure names it
  std::string price_level_structure;
  std::optional<Price> bid, ask, last;
  MarketResult result{};
  std::optional<market::IndexValue> expiration_value;
  std::optional<std::int64_t> exchange_index;
  // "KXBTC15M" of "KXBTC15M-26AUG170100-00".
  std::string_view series() const { return std::string_view{ticker}.substr(0, ticker.find('-')); }
};

struct Markets {
  std::vector<Market> markets;
  std::vector<std::string> refused;  // one bad market never takes the others with it
  std::string cursor;
};

struct RestBook {
  std::vector<market::Level> bids, asks;
};
struct RestError {
  std::string code, message, details;
};
struct RestOrders {
  std::vector<Order> orders;
  std::string cursor;
};
struct RestFills {
  std::vector<Fill> fills;
  std::string cursor;
};
struct RestUnknown {};

using RestObject = std::variant<Markets, RestBook, RestError, RestOrders, RestFills, RestUnknown>;

// Any REST body, told by its keys.
Result<RestObject> decode_rest(JsonValue root, Counts& counts);

// The shards that pause: nothing can be placed there, and perhaps not even cancelled. The answer's top level is shard
// 0.
Result<std::set<std::int64_t>> decode_paused_shards(std::string_view body);

Result<Market> decode_market(JsonValue value, Counts& counts);
const char* name(MarketStatus status);
// The contract as the core knows it; fails if ticks or the strike's type are missing.
Result<market::Contract> contract_of(const Market& market, const market::FeeTerms& fees);

// {"error":{code,message,details}}, {"error":"text"}, {code,message,details}: all three exist. The code of a
// body that is none of them is empty.
RestError decode_error(std::string_view body);

}  // namespace voltage::venue::kalshi
