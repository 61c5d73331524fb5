#include "venue/virtual/kalshi_json.hpp"

#include <algorithm>

#include "base/decimal.hpp"
#include "base/time.hpp"
#include "venue/virtual/listing.hpp"

namespace voltage::venue::virtual_kalshi {
namespace {

using namespace literals;
using io::JsonWriter;

Qty size_at(const Market& m, Side side) {
  if (side == Side::bid) return m.bids.empty() ? Qty{} : m.bids.rbegin()->second.total;
  return m.asks.empty() ? Qty{} : m.asks.begin()->second.total;
}

void write_strike(JsonWriter& w, const market::Strike& strike) {
  w.string("strike_type", name(strike.type));
  if (strike.floor) w.raw("floor_strike", strike_text(*strike.floor));
  if (strike.cap) w.raw("cap_strike", strike_text(*strike.cap));
}

std::string ohlc_price(std::int32_t pips) {
  return format_price(Price{pips});
}

void write_ohlc(JsonWriter& w, std::string_view key, const Bar::Ohlc& o) {
  w.begin_object(key);
  w.string("open_dollars", ohlc_price(o.open)).string("low_dollars", ohlc_price(o.low));
  w.string("high_dollars", ohlc_price(o.high)).string("close_dollars", ohlc_price(o.close)).end_object();
}

}  // namespace

const char* name(Phase phase) {
  constexpr const char* kNames[] = {"initialized", "active", "inactive", "closed", "determined", "finalized"};
  return kNames[static_cast<std::size_t>(phase)];
}
const char* name(OrderStatus status) {
  constexpr const char* kNames[] = {"resting", "canceled", "executed"};
  return kNames[static_cast<std::size_t>(status)];
}
const char* name(market::StrikeType type) {
  constexpr const char* kNames[] = {"greater", "greater_or_equal", "less", "less_or_equal", "between"};
  return kNames[static_cast<std::size_t>(type)];
}
std::string_view price_structure(const market::TickGrid& ticks) {
  return ticks == market::TickGrid::tapered_deci_cent() ? "tapered_deci_cent" : "linear_cent";
}

void write_ranges(JsonWriter& w, const market::TickGrid& ticks) {
  w.begin_array("price_ranges");
  for (const auto& r : ticks.ranges()) {
    w.begin_object().price("start", r.start).price("end", r.end).price("step", r.step).end_object();
  }
  w.end_array();
}

const char* name(market::FeeType type) {
  constexpr const char* kNames[] = {"quadratic", "quadratic_with_maker_fees", "flat",
                                    "margin_market_maker_program_fees"};
  return kNames[static_cast<std::size_t>(type)];
}

std::string multiplier_text(const market::FeeTerms& terms) {
  return format_fixed(terms.multiplier_e6, 6);
}

void write_market(JsonWriter& w, const Market& m, Time now) {
  const auto& c = m.contract;
  const Price bid = m.best_bid().value_or(Price{0});
  const Price ask = m.best_ask().value_or(Price{Price::kOne});
  const Price before = m.bars.size() > 1 ? m.last.value_or(Price{0}) : Price{0};
  w.begin_object().string("ticker", c.ticker).string("event_ticker", c.event).string("market_type", "binary");
  w.string("title", m.title).string("subtitle", m.yes_title);
  w.string("yes_sub_title", m.yes_title).string("no_sub_title", m.no_title);
  w.string("created_time", format_iso(m.created)).string("updated_time", format_iso(m.updated));
  w.string("open_time", format_iso(c.open)).string("close_time", format_iso(c.close));
  w.string("expected_expiration_time", format_iso(c.close + 5_min));
  w.string("expiration_time", format_iso(c.close + 168_h))
      .string("latest_expiration_time", format_iso(c.close + 168_h));
  w.string("occurrence_datetime", format_iso(c.close + 5_min));
  w.integer("settlement_timer_seconds", m.settlement_timer.ns / 1'000'000'000);
  // Between the timed close and the engine's own the object says closed already.
  w.string("status", m.phase == Phase::active && now >= c.close ? "closed" : name(m.phase));
  w.price("yes_bid_dollars", bid).qty("yes_bid_size_fp", size_at(m, Side::bid));
  w.price("yes_ask_dollars", ask).qty("yes_ask_size_fp", size_at(m, Side::ask));
  w.price("no_bid_dollars", ask.complement()).price("no_ask_dollars", bid.complement());
  w.price("last_price_dollars", m.last.value_or(Price{0})).qty("volume_fp", m.volume).qty("volume_24h_fp", m.volume);
  w.string("result", m.yes ? (*m.yes ? "yes" : "no") : "").boolean("can_close_early", true);
  w.qty("open_interest_fp", m.open_interest).string("notional_value_dollars", "1.0000");
  w.string("previous_yes_bid_dollars", "0.0000").string("previous_yes_ask_dollars", "0.0000");
  w.price("previous_price_dollars", before).string("liquidity_dollars", "0.0000");
  if (m.phase == Phase::finalized) {
    w.string("settlement_value_dollars", *m.yes ? "1.0000" : "0.0000").string("settlement_ts", format_iso(*m.settled));
  }
  w.string("settlement_bounds_type", "default");
  w.string("expiration_value", m.expiration_value ? format_fixed(m.expiration_value->e8 / 1'000'000, 2) : "");
  write_strike(w, c.strike);
  if (c.series == "KXBTC15M") w.begin_object("custom_strike").string("round_digits", "2").end_object();
  w.string("rules_primary", m.rules);
  w.string("rules_secondary",
           "Simulated: the index is that of a virtual market. The final value is the average of "
           "the last 60 values before the close, rounded to 2 decimal places.");
  w.string("price_level_structure", price_structure(c.ticks));
  write_ranges(w, c.ticks);
  w.integer("exchange_index", c.exchange_index).end_object();
}

void write_event(JsonWriter& w, const Exchange& x, std::string_view event, bool with_markets, Time now) {
  const Market* first = nullptr;
  for (const auto& m : x.markets()) {
    if (m.contract.event == event && first == nullptr) first = &m;
  }
  CHECK(first != nullptr);
  const bool ranges = first->contract.series == "KXBTC";
  w.begin_object().string("event_ticker", event).string("series_ticker", first->contract.series);
  w.string("sub_title", "").string("title", first->title);
  w.string("collateral_return_type", ranges ? "MECNET" : first->contract.series == "KXBTCD" ? "DIRECNET" : "");
  w.boolean("mutually_exclusive", ranges).string("category", "Crypto");
  w.string("strike_date", format_iso(first->contract.close)).string("strike_period", "");
  w.begin_array("settlement_sources").begin_object();
  w.string("name", "Simulated index").string("url", "").end_object().end_array();
  if (with_markets) {
    w.begin_array("markets");
    for (const auto& m : x.markets()) {
      if (m.contract.event == event) write_market(w, m, now);
    }
    w.end_array();
  }
  if (const auto own = x.event_fees(event))
    w.string("fee_type_override", name(own->type)).raw("fee_multiplier_override", multiplier_text(*own));
  w.string("last_updated_ts", format_iso(first->updated));
  w.integer("exchange_index", first->contract.exchange_index).end_object();
}

void write_series(JsonWriter& w, const Exchange& x, std::string_view series, Time now) {
  const auto fees = x.series_fees(series);
  w.begin_object().string("ticker", series).string("frequency", series == "KXBTC15M" ? "fifteen_min" : "hourly");
  w.string("title", "Bitcoin (simulated)").string("category", "Crypto");
  w.begin_array("categories").string("Crypto").end_array();
  w.begin_array("tags").string("BTC").end_array();
  w.begin_array("settlement_sources").begin_object();
  w.string("name", "Simulated index").string("url", "").end_object().end_array();
  w.string("contract_url", "")
      .string("contract_terms_url", "")
      .string("fee_type", name(fees.type))
      .raw("fee_multiplier", multiplier_text(fees));
  w.begin_array("additional_prohibitions").end_array();
  w.string("last_updated_ts", format_iso(now)).integer("exchange_index", kCryptoShard).end_object();
}

void write_order_amounts(JsonWriter& w, const Order& o) {
  w.qty("fill_count_fp", o.filled).qty("remaining_count_fp", o.remaining).qty("initial_count_fp", o.initial);
  w.money("taker_fill_cost_dollars", o.taker_cost).money("maker_fill_cost_dollars", o.maker_cost);
  w.money("taker_fees_dollars", o.taker_fees).money("maker_fees_dollars", o.maker_fees);
}

void write_order(JsonWriter& w, const Exchange& x, const Order& o) {
  const bool bid = o.side == Side::bid;
  const auto& c = x.market(o.market).contract;
  w.begin_object().string("order_id", uuid_of('o', o.id)).string("user_id", kUserId);
  w.string("client_order_id", o.client_order_id).string("ticker", c.ticker);
  w.string("side", bid ? "yes" : "no").string("action", "buy");
  w.string("outcome_side", bid ? "yes" : "no").string("book_side", bid ? "bid" : "ask");
  w.string("type", "limit").string("status", name(o.status));
  w.price("yes_price_dollars", o.price).price("no_price_dollars", o.price.complement());
  write_order_amounts(w, o);
  if (o.expires) w.string("expiration_time", format_iso(*o.expires));
  w.string("created_time", format_iso(o.created)).string("last_update_time", format_iso(o.updated));
  w.string("self_trade_prevention_type", o.stp == Stp::maker ? "maker" : "taker_at_cross");
  if (!o.group_id.empty()) w.string("order_group_id", o.group_id);
  w.boolean("cancel_order_on_pause", o.cancel_on_pause).integer("subaccount_number", subaccount_of(o.account));
  w.integer("exchange_index", c.exchange_index).end_object();
}

void write_fill(JsonWriter& w, const Exchange& x, const Fill& f) {
  const bool bid = f.side == Side::bid;
  const auto& c = x.market(f.market).contract;
  const std::string id = uuid_of('t', f.trade_id);
  w.begin_object().string("fill_id", id).integer("exchange_index", c.exchange_index).string("trade_id", id);
  w.string("order_id", uuid_of('o', f.order_id)).string("ticker", c.ticker).string("market_ticker", c.ticker);
  w.string("side", bid ? "yes" : "no").string("action", "buy");
  w.string("outcome_side", bid ? "yes" : "no").string("book_side", bid ? "bid" : "ask");
  w.qty("count_fp", f.qty).price("yes_price_dollars", f.price).price("no_price_dollars", f.price.complement());
  w.boolean("is_taker", f.taker).string("created_time", format_iso(f.at)).money("fee_cost", f.fee);
  const Order* order = x.order(f.order_id);
  w.integer("subaccount_number", order == nullptr ? 0 : subaccount_of(order->account))
      .integer("ts", f.at.ns / 1'000'000'000)
      .end_object();
}

void write_position(JsonWriter& w, const Exchange& x, MarketIndex m, const Position& p) {
  const auto& c = x.market(m).contract;
  w.begin_object().string("ticker", c.ticker).integer("exchange_index", c.exchange_index);
  w.money("total_traded_dollars", p.traded).qty("position_fp", p.qty).money("market_exposure_dollars", p.cost);
  w.money("realized_pnl_dollars", p.realized).money("fees_paid_dollars", p.fees);
  w.string("last_updated_ts", format_iso(p.updated)).integer("resting_orders_count", 0).end_object();
}

void write_settlement(JsonWriter& w, const Exchange& x, const Settlement& s) {
  const Market& m = x.market(s.market);
  const bool yes = m.yes.value_or(false);
  w.begin_object().string("ticker", m.contract.ticker).integer("exchange_index", m.contract.exchange_index);
  w.string("event_ticker", m.contract.event).string("market_result", yes ? "yes" : "no");
  w.qty("yes_count_fp", s.yes).money("yes_total_cost_dollars", s.yes_cost);
  w.qty("no_count_fp", s.no).money("no_total_cost_dollars", s.no_cost);
  w.integer("revenue", s.revenue.micros / 10'000).string("settled_time", format_iso(s.at));
  w.money("fee_cost", s.fees).integer("value", yes ? 100 : 0).end_object();
}

void write_trade(JsonWriter& w, const Exchange& x, MarketIndex m, const Trade& t) {
  const bool bid = t.taker == Side::bid;
  w.begin_object().string("trade_id", uuid_of('t', t.id)).string("ticker", x.market(m).contract.ticker);
  w.qty("count_fp", t.qty).price("yes_price_dollars", t.price).price("no_price_dollars", t.price.complement());
  w.string("taker_side", bid ? "yes" : "no").string("taker_outcome_side", bid ? "yes" : "no");
  w.string("taker_book_side", bid ? "bid" : "ask").string("created_time", format_iso(t.at));
  w.boolean("is_block_trade", false).end_object();
}

void write_bar(JsonWriter& w, const Bar& bar, Time end) {
  w.begin_object().integer("end_period_ts", end.ns / 1'000'000'000);
  write_ohlc(w, "yes_bid", bar.bid);
  write_ohlc(w, "yes_ask", bar.ask);
  w.begin_object("price");
  if (bar.volume.centis > 0) {
    w.string("open_dollars", ohlc_price(bar.price.open)).string("low_dollars", ohlc_price(bar.price.low));
    w.string("high_dollars", ohlc_price(bar.price.high)).string("close_dollars", ohlc_price(bar.price.close));
    w.price("mean_dollars", Price{static_cast<std::int32_t>(bar.price_qty_sum / bar.volume.centis)});
    w.string("min_dollars", ohlc_price(bar.price.low)).string("max_dollars", ohlc_price(bar.price.high));
  }
  if (bar.previous) w.price("previous_dollars", *bar.previous);
  w.end_object().qty("volume_fp", bar.volume).qty("open_interest_fp", bar.open_interest).end_object();
}

void write_book(JsonWriter& w, const Market& m, std::size_t depth) {
  const auto level = [&](Price price, Qty qty) {
    w.begin_array().string(format_price(price)).string(format_qty(qty)).end_array();
  };
  const auto skip = [&](std::size_t size) { return depth == 0 || depth >= size ? 0 : size - depth; };
  w.begin_array("yes_dollars");
  std::size_t left = skip(m.bids.size());
  for (const auto& [price, l] : m.bids) {
    if (left > 0) {
      --left;
      continue;
    }
    level(price, l.total);
  }
  w.end_array().begin_array("no_dollars");
  left = skip(m.asks.size());
  for (auto a = m.asks.rbegin(); a != m.asks.rend(); ++a) {
    if (left > 0) {
      --left;
      continue;
    }
    level(a->first.complement(), a->second.total);
  }
  w.end_array();
}

}  // namespace voltage::venue::virtual_kalshi
