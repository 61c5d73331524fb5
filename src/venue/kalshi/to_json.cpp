#include "venue/kalshi/to_json.hpp"

#include "base/decimal.hpp"
#include "base/time.hpp"

namespace voltage::venue::kalshi {
namespace {

using io::JsonWriter;

const char* name(Side side) {
  return side == Side::bid ? "bid" : "ask";
}

void optional_text(JsonWriter& w, std::string_view key, std::string_view text) {
  if (!text.empty()) w.string(key, text);
}
void optional_time(JsonWriter& w, std::string_view key, const std::optional<Time>& t) {
  if (t) w.string(key, format_iso(*t));
}
void optional_price(JsonWriter& w, std::string_view key, const std::optional<Price>& p) {
  if (p) w.price(key, *p);
}
void optional_qty(JsonWriter& w, std::string_view key, const std::optional<Qty>& q) {
  if (q) w.qty(key, *q);
}
void optional_money(JsonWriter& w, std::string_view key, const std::optional<Money>& m) {
  if (m) w.money(key, *m);
}
void optional_index(JsonWriter& w, std::string_view key, const std::optional<market::IndexValue>& v) {
  if (v) w.string(key, format_fixed(v->e8, 8));
}

void level_array(JsonWriter& w, std::string_view key, const std::vector<market::Level>& levels) {
  w.begin_array(key);
  for (const auto& level : levels) {
    w.begin_array().string(format_price(level.price)).string(format_qty(level.qty)).end_array();
  }
  w.end_array();
}

void text_array(JsonWriter& w, std::string_view key, const std::vector<std::string>& texts) {
  w.begin_array(key);
  for (const auto& text : texts) w.string(text);
  w.end_array();
}

const char* name(market::StrikeType type) {
  constexpr const char* kNames[] = {"greater", "greater_or_equal", "less", "less_or_equal", "between"};
  return kNames[static_cast<std::size_t>(type)];
}
const char* name(MarketResult result) {
  constexpr const char* kNames[] = {"", "yes", "no", "scalar"};
  return kNames[static_cast<std::size_t>(result)];
}
const char* name(OrderState state) {
  constexpr const char* kNames[] = {"resting", "canceled", "executed", "unknown"};
  return kNames[static_cast<std::size_t>(state)];
}

void average(JsonWriter& w, std::string_view key, const std::optional<IndexAverage>& a) {
  if (!a) return;
  w.begin_object(key).string("value", format_fixed(a->value.e8, 8)).integer("count", a->count);
  w.string("from", format_iso(a->from)).string("until", format_iso(a->until)).end_object();
}

void grid(JsonWriter& w, const std::optional<market::TickGrid>& ticks) {
  if (!ticks) return;
  w.begin_array("ticks");
  for (const auto& r : ticks->ranges()) {
    w.begin_object().price("start", r.start).price("end", r.end).price("step", r.step).end_object();
  }
  w.end_array();
}

void order_fields(JsonWriter& w, const Order& m) {
  w.string("market", m.ticker).string("order_id", m.order_id);
  optional_text(w, "client_order_id", m.client_order_id);
  w.string("status", name(m.state)).string("side", name(m.side)).price("price", m.price);
  w.qty("initial", m.initial).qty("filled", m.filled).qty("remaining", m.remaining);
  optional_money(w, "taker_fees", m.taker_fees);
  optional_money(w, "maker_fees", m.maker_fees);
  optional_text(w, "group_id", m.group_id);
  optional_text(w, "reason", m.reason);
  if (m.exchange_index) w.integer("exchange_index", *m.exchange_index);
  optional_time(w, "expires", m.expires);
  optional_time(w, "updated", m.updated);
}

void fill_fields(JsonWriter& w, const Fill& m) {
  w.string("market", m.ticker).string("trade_id", m.trade_id).string("order_id", m.order_id);
  optional_text(w, "client_order_id", m.client_order_id);
  w.string("side", name(m.side)).price("price", m.price).qty("qty", m.qty).money("fee", m.fee);
  w.boolean("taker", m.taker);
  optional_qty(w, "position", m.position);
  if (m.exchange_index) w.integer("exchange_index", *m.exchange_index);
  optional_time(w, "at", m.at);
}

struct Print {
  JsonWriter& w;

  void operator()(const Subscribed& m) { w.string("kind", "subscribed").string("channel", m.channel); }
  void operator()(const Unsubscribed&) { w.string("kind", "unsubscribed"); }
  void operator()(const Ok& m) {
    w.string("kind", "ok");
    text_array(w, "markets", m.tickers);
    if (!m.index_ids.empty()) text_array(w, "index_ids", m.index_ids);
    if (m.subscriptions.empty()) return;
    w.begin_array("subscriptions");
    for (const auto& s : m.subscriptions) {
      w.begin_object().string("channel", s.channel).integer("sid", s.sid).end_object();
    }
    w.end_array();
  }
  void operator()(const Refusal& m) {
    w.string("kind", "refusal").integer("code", m.code).string("message", m.message);
    optional_text(w, "market", m.ticker);
    w.boolean("terminal", m.terminal());
  }
  void operator()(const BookSnapshot& m) {
    w.string("kind", "orderbook_snapshot").string("market", m.ticker);
    if (m.clock) w.integer("clock", *m.clock);
    level_array(w, "bids", m.bids);
    level_array(w, "asks", m.asks);
  }
  void operator()(const BookDelta& m) {
    w.string("kind", "orderbook_delta").string("market", m.ticker).string("side", name(m.side));
    w.price("price", m.price).qty("qty", m.change);
    if (m.clock) w.integer("clock", *m.clock);
    optional_time(w, "at", m.at);
    optional_text(w, "client_order_id", m.client_order_id);
  }
  void operator()(const Ticker& m) {
    w.string("kind", "ticker").string("market", m.ticker);
    optional_price(w, "price", m.last);
    optional_price(w, "bid", m.bid);
    optional_price(w, "ask", m.ask);
    optional_qty(w, "bid_qty", m.bid_qty);
    optional_qty(w, "ask_qty", m.ask_qty);
    optional_qty(w, "last_qty", m.last_qty);
    optional_qty(w, "volume", m.volume);
    optional_qty(w, "open_interest", m.open_interest);
    optional_time(w, "at", m.at);
  }
  void operator()(const Trade& m) {
    w.string("kind", "trade").string("market", m.ticker).string("trade_id", m.trade_id);
    w.string("side", name(m.taker)).price("price", m.price).qty("qty", m.qty);
    if (m.block) w.boolean("block", true);
    optional_time(w, "at", m.at);
  }
  void operator()(const Fill& m) {
    w.string("kind", "fill");
    fill_fields(w, m);
  }
  void operator()(const Order& m) {
    w.string("kind", "user_order");
    order_fields(w, m);
  }
  void operator()(const Position& m) {
    w.string("kind", "market_position").string("market", m.ticker).qty("position", m.qty);
    optional_money(w, "cost", m.cost);
    optional_money(w, "realized", m.realized);
    optional_money(w, "fees", m.fees);
  }
  void operator()(const Lifecycle& m) {
    w.string("kind", "market_lifecycle").string("market", m.ticker).string("event_type", m.event_type);
    optional_text(w, "event", m.event_ticker);
    optional_time(w, "open", m.open);
    optional_time(w, "close", m.close);
    optional_time(w, "determined", m.determined);
    optional_time(w, "settled", m.settled);
    optional_text(w, "result", name(m.result));
    if (m.settlement_value) w.money("settlement_value", *m.settlement_value);
    if (m.strike_type) w.string("strike_type", name(*m.strike_type));
    optional_index(w, "floor", m.floor);
    optional_index(w, "cap", m.cap);
    grid(w, m.ticks);
    if (m.exchange_index) w.integer("exchange_index", *m.exchange_index);
  }
  void operator()(const EventSeen& m) {
    w.string("kind", "event_lifecycle").string("event", m.event_ticker).string("series", m.series);
  }
  void operator()(const FeeUpdate& m) {
    w.string("kind", "event_fee_update").string("event", m.event_ticker).string("fee_type", m.fee_type);
    if (m.multiplier_e6) w.string("multiplier", format_fixed(*m.multiplier_e6, 6));
  }
  void operator()(const GroupUpdate& m) {
    w.string("kind", "order_group").string("group_id", m.group_id).string("event_type", m.event_type);
    optional_qty(w, "limit", m.limit);
  }
  void operator()(const IndexTick& m) {
    w.string("kind", "index").string("index_id", m.index_id).string("price", format_fixed(m.value.e8, 8));
    w.string("at", format_iso(m.value_time));
    average(w, "last_60s", m.last_60s);
    average(w, "settlement_minute", m.settlement_minute);
  }
  void operator()(const IndexList& m) {
    w.string("kind", "index_list");
    text_array(w, "index_ids", m.index_ids);
  }
  void operator()(const Unknown& m) { w.string("kind", "unknown").string("type", m.type); }
};

void market_fields(JsonWriter& w, const Market& m) {
  w.begin_object().string("market", m.ticker);
  optional_text(w, "event", m.event_ticker);
  w.string("status", name(m.status)).string("open", format_iso(m.open)).string("close", format_iso(m.close));
  if (m.strike_type) w.string("strike_type", name(*m.strike_type));
  optional_index(w, "floor", m.floor);
  optional_index(w, "cap", m.cap);
  optional_price(w, "bid", m.bid);
  optional_price(w, "ask", m.ask);
  optional_price(w, "price", m.last);
  optional_text(w, "result", name(m.result));
  optional_index(w, "expiration_value", m.expiration_value);
  optional_text(w, "price_level_structure", m.price_level_structure);
  grid(w, m.ticks);
  if (m.exchange_index) w.integer("exchange_index", *m.exchange_index);
  w.end_object();
}

struct PrintRest {
  JsonWriter& w;

  void operator()(const Markets& m) {
    w.string("kind", "markets").begin_array("markets");
    for (const auto& market : m.markets) market_fields(w, market);
    w.end_array();
    text_array(w, "refused", m.refused);
    w.string("cursor", m.cursor);
  }
  void operator()(const RestBook& m) {
    w.string("kind", "orderbook");
    level_array(w, "bids", m.bids);
    level_array(w, "asks", m.asks);
  }
  void operator()(const RestError& m) {
    w.string("kind", "refusal").string("code", m.code).string("message", m.message).string("details", m.details);
  }
  void operator()(const RestOrders& m) {
    w.string("kind", "orders").begin_array("orders");
    for (const auto& order : m.orders) {
      w.begin_object();
      order_fields(w, order);
      w.end_object();
    }
    w.end_array();
  }
  void operator()(const RestFills& m) {
    w.string("kind", "fills").begin_array("fills");
    for (const auto& fill : m.fills) {
      w.begin_object();
      fill_fields(w, fill);
      w.end_object();
    }
    w.end_array();
  }
  void operator()(const RestUnknown&) { w.string("kind", "unknown"); }
};

}  // namespace

void write(JsonWriter& out, const Message& message) {
  std::visit(Print{out}, message);
}

void write(JsonWriter& out, const Frame& frame) {
  write(out, frame.message);
  const bool own_sid = std::holds_alternative<Subscribed>(frame.message);
  if (frame.sid) {
    out.integer("sid", *frame.sid);
  } else if (own_sid) {
    out.integer("sid", std::get<Subscribed>(frame.message).sid);
  }
  if (frame.seq) out.integer("seq", *frame.seq);
  if (frame.id) out.integer("id", *frame.id);
  optional_time(out, "sent", frame.sent);
}

void write(JsonWriter& out, const RestObject& object) {
  std::visit(PrintRest{out}, object);
}

}  // namespace voltage::venue::kalshi
