#include "venue/kalshi/rest.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/decimal.hpp"
#include "venue/kalshi/read_body.hpp"
#include "venue/schema_watch.hpp"

namespace voltage::venue::kalshi {
namespace {

constexpr std::array<const char*, 9> kStatuses = {"initialized", "inactive", "active",    "closed", "determined",
                                                  "disputed",    "amended",  "finalized", "unknown"};

MarketStatus status_of(std::string_view text, Flaws& flaws) {
  for (std::size_t i = 0; i + 1 < kStatuses.size(); ++i) {
    if (text == kStatuses[i]) return static_cast<MarketStatus>(i);
  }
  ++flaws.unknown_values;
  return MarketStatus::unknown;
}

void add(Counts& counts, const Flaws& flaws) {
  counts.unknown_fields += flaws.unknown_fields;
  counts.retyped_fields += flaws.retyped_fields;
  counts.unknown_values += flaws.unknown_values;
}

Market market_of(JsonValue value, Flaws& flaws) {
  Fields f{value, "market", flaws};
  Market m;
  m.ticker = f.text("ticker");
  m.event_ticker = f.text_or("event_ticker");
  m.status = status_of(f.text("status"), flaws);
  m.open = f.time_iso("open_time");
  m.close = f.time_iso("close_time");
  m.strike_type = strike_type(f.text_or("strike_type"), flaws);
  m.floor = strike_value(f, "floor_strike");
  m.cap = strike_value(f, "cap_strike");
  m.ticks = tick_grid(f, "price_ranges");
  m.price_level_structure = f.text_or("price_level_structure");
  m.bid = f.maybe_price("yes_bid_dollars");
  m.ask = f.maybe_price("yes_ask_dollars");
  m.last = f.maybe_price("last_price_dollars");
  m.result = market_result(f.text_or("result"), flaws);
  m.exchange_index = shard_of(f);
  const std::string_view settled = f.text_or("expiration_value");
  if (const auto e8 = parse_token(settled, 8)) m.expiration_value = market::IndexValue{*e8};
  if (m.ticker.empty()) f.refuse("ticker", "is empty");
  if (m.close <= m.open && flaws.error.empty()) f.refuse("close_time", "is not after open_time");
  f.ignore({"market_type",
            "title",
            "subtitle",
            "yes_sub_title",
            "no_sub_title",
            "created_time",
            "updated_time",
            "expected_expiration_time",
            "expiration_time",
            "latest_expiration_time",
            "settlement_timer_seconds",
            "yes_bid_size_fp",
            "yes_ask_size_fp",
            "no_bid_dollars",
            "no_ask_dollars",
            "volume_fp",
            "volume_24h_fp",
            "can_close_early",
            "open_interest_fp",
            "notional_value_dollars",
            "previous_yes_bid_dollars",
            "previous_yes_ask_dollars",
            "previous_price_dollars",
            "settlement_value_dollars",
            "settlement_ts",
            "settlement_bounds_type",
            "settlement_floor_dollars",
            "occurrence_datetime",
            "fee_waiver_expiration_time",
            "early_close_condition",
            "functional_strike",
            "custom_strike",
            "rules_primary",
            "rules_secondary",
            "mve_collection_ticker",
            "mve_selected_legs",
            "primary_participant_key",
            "is_provisional",
            "liquidity_dollars"});
  return m;
}

Result<RestObject> markets_of(Fields& f, Counts& counts) {
  Markets out;
  out.cursor = f.text_or("cursor");
  if (const auto single = f.maybe_child("market", JsonType::object)) {
    auto market = decode_market(*single, counts);
    if (!market) return fail(market.error().message);
    out.markets.push_back(std::move(*market));
    return out;
  }
  const auto array = f.maybe_child("markets", JsonType::array);
  if (!array) return out;
  for (const JsonValue value : *array) {
    auto market = decode_market(value, counts);
    if (market) {
      out.markets.push_back(std::move(*market));
    } else {
      out.refused.push_back(market.error().message);
    }
  }
  return out;
}

RestObject book_of(Fields& outer, Flaws& flaws) {
  Fields f{outer.child("orderbook_fp", JsonType::object), "orderbook_fp", flaws};
  RestBook out;
  if (const auto side = f.maybe_child("yes_dollars", JsonType::array)) out.bids = levels(*side, "yes_dollars", flaws);
  if (const auto side = f.maybe_child("no_dollars", JsonType::array)) {
    for (const auto level : levels(*side, "no_dollars", flaws)) {
      out.asks.push_back(yes_ask_of_no_bid(level, NoPrices::no_axis));
    }
  }
  // Kalshi does not promise an order.
  std::sort(out.bids.begin(), out.bids.end());
  std::sort(out.asks.begin(), out.asks.end());
  return out;
}

Order order_of(JsonValue value, Flaws& flaws) {
  Fields f{value, "order", flaws};
  return read_order(f, Wire::rest);
}

Fill fill_of(JsonValue value, Flaws& flaws) {
  Fields f{value, "fill", flaws};
  return read_fill(f, Wire::rest);
}

RestError error_of(Fields& f, Flaws& flaws, JsonValue root) {
  for (const JsonValue child : root) {
    if (child.key() != "error") continue;
    f.ignore({"error"});
    if (child.is(JsonType::string)) return {"", std::string{child.text()}, ""};
    Fields e{child, "error", flaws};
    e.ignore({"service"});
    return {std::string{e.text_or("code")}, std::string{e.text_or("message")}, std::string{e.text_or("details")}};
  }
  return {std::string{f.text_or("code")}, std::string{f.text_or("message")}, std::string{f.text_or("details")}};
}

}  // namespace

const char* name(MarketStatus status) {
  return kStatuses[static_cast<std::size_t>(status)];
}

Result<Market> decode_market(JsonValue value, Counts& counts) {
  Flaws flaws;
  flaws.schema = counts.schema;
  if (counts.schema != nullptr) counts.schema->begin("REST market");
  Market market = market_of(value, flaws);
  if (counts.schema != nullptr) counts.schema->end(flaws.error);
  add(counts, flaws);
  if (!flaws.error.empty()) return fail(market.ticker + ": " + flaws.error);
  return market;
}

Result<RestObject> decode_rest(JsonValue root, Counts& counts) {
  ++counts.frames;
  Flaws flaws;
  RestObject out = RestUnknown{};
  {
    Fields f{root, "body", flaws};
    if (f.has("market") || f.has("markets")) return markets_of(f, counts);
    if (f.has("orderbook_fp")) {
      out = book_of(f, flaws);
    } else if (f.has("error") || (f.has("code") && f.has("message"))) {
      out = error_of(f, flaws, root);
    } else if (const auto orders = f.maybe_child("orders", JsonType::array)) {
      RestOrders all;
      for (const JsonValue value : *orders) all.orders.push_back(order_of(value, flaws));
      all.cursor = f.text_or("cursor");
      out = std::move(all);
    } else if (const auto order = f.maybe_child("order", JsonType::object)) {
      out = RestOrders{{order_of(*order, flaws)}, {}};
    } else if (const auto fills = f.maybe_child("fills", JsonType::array)) {
      RestFills all;
      for (const JsonValue value : *fills) all.fills.push_back(fill_of(value, flaws));
      all.cursor = f.text_or("cursor");
      out = std::move(all);
    }
  }
  add(counts, flaws);
  if (!flaws.error.empty()) return fail(flaws.error);
  return out;
}

Result<market::Contract> contract_of(const Market& m, const market::FeeTerms& fees) {
  market::Contract contract;
  contract.ticker = m.ticker;
  contract.series = std::string{m.series()};
  contract.event = m.event_ticker;
  contract.open = m.open;
  contract.close = m.close;
  if (!m.strike_type) return fail(m.ticker + ": strike_type is missing or not one that settles on a value");
  contract.strike = {*m.strike_type, m.floor, m.cap};
  // Up or down within a quarter of an hour: the strike is the mean of the minute before, not known until it is over.
  contract.strike_is_opening_average = contract.series == "KXBTC15M";
  contract.fees = fees;
  // Unsaid stays unsaid: an order then names its market, and the venue finds the shard.
  contract.exchange_index = m.exchange_index ? static_cast<std::int32_t>(*m.exchange_index) : -1;
  if (m.ticks) {
    contract.ticks = *m.ticks;
  } else if (m.price_level_structure == "linear_cent") {
    contract.ticks = market::TickGrid::linear_cent();
  } else if (m.price_level_structure == "tapered_deci_cent") {
    contract.ticks = market::TickGrid::tapered_deci_cent();
  } else {
    return fail(m.ticker + ": price_ranges is missing and price_level_structure '" + m.price_level_structure +
                "' is not known");
  }
  return contract;
}

Result<std::set<std::int64_t>> decode_paused_shards(std::string_view body) {
  using Shards = std::set<std::int64_t>;
  return read_body<Shards>(body, "exchange status", [](Fields& f, Flaws& flaws, Shards& out) {
    const auto look = [&](Fields& of, std::int64_t shard) {
      const auto active = of.maybe_boolean("exchange_active"), trading = of.maybe_boolean("trading_active");
      if (!active || !trading) flaws.refuse("exchange status: exchange_active and trading_active are needed");
      if (active && trading && !(*active && *trading)) out.insert(shard);
    };
    look(f, 0);
    for (const JsonValue value : f.child("exchange_index_statuses", JsonType::array)) {
      Fields entry{value, "exchange_index_statuses", flaws};
      look(entry, entry.integer("exchange_index", 0, 1'000));
    }
  });
}

RestError decode_error(std::string_view body) {
  JsonDocument document;
  const auto root = document.parse(body);
  if (!root || !root->is(JsonType::object)) return {"", std::string{body.substr(0, 200)}, ""};
  Flaws flaws;
  Fields f{*root, "body", flaws};
  return error_of(f, flaws, *root);
}

}  // namespace voltage::venue::kalshi
