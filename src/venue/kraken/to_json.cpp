#include "venue/kraken/to_json.hpp"

#include "base/decimal.hpp"
#include "base/time.hpp"

namespace voltage::venue::kraken {
namespace {

using io::JsonWriter;

void number(JsonWriter& w, std::string_view key, Fixed8 v) {
  w.string(key, format_fixed(v.e8, 8));
}

void candle(JsonWriter& w, const CandleRow& r) {
  w.begin_object().string("market", r.symbol).string("begin", format_iso(r.begin));
  if (r.interval.ns > 0) w.string("interval", format_duration(r.interval));
  number(w, "open", r.open);
  number(w, "high", r.high);
  number(w, "low", r.low);
  number(w, "close", r.close);
  number(w, "vwap", r.vwap);
  number(w, "volume", r.volume);
  w.integer("trades", r.trades).end_object();
}

void trade(JsonWriter& w, const TradeRow& r) {
  w.begin_object().string("market", r.symbol).string("at", format_iso(r.at));
  w.string("side", r.taker == Taker::buyer ? "buy" : "sell");
  number(w, "price", r.price);
  number(w, "qty", r.qty);
  w.string("order_type", r.market_order ? "market" : "limit");
  if (r.id) w.integer("trade_id", *r.id);
  w.end_object();
}

void side(JsonWriter& w, std::string_view key, const std::vector<BookLevel>& levels) {
  w.begin_array(key);
  for (const auto& level : levels) {
    w.begin_array().string(format_fixed(level.price.e8, 8)).string(format_fixed(level.qty.e8, 8)).end_array();
  }
  w.end_array();
}

struct Print {
  JsonWriter& w;

  void operator()(const Status& m) {
    w.string("kind", "status").string("system", m.system).string("version", m.version);
    w.raw("connection_id", std::to_string(m.connection_id));
  }
  void operator()(const Heartbeat&) { w.string("kind", "heartbeat"); }
  void operator()(const Pong&) { w.string("kind", "pong"); }
  void operator()(const Ack& m) {
    w.string("kind", m.ok ? m.method + "d" : "refusal").string("channel", m.channel).string("market", m.symbol);
    if (m.interval) w.string("interval", format_duration(*m.interval));
    if (!m.ok) w.string("method", m.method).string("message", m.error);
  }
  void operator()(const Candles& m) {
    w.string("kind", "ohlc").boolean("snapshot", m.snapshot).begin_array("candles");
    for (const auto& row : m.rows) candle(w, row);
    w.end_array();
  }
  void operator()(const Trades& m) {
    w.string("kind", "trade").boolean("snapshot", m.snapshot).begin_array("trades");
    for (const auto& row : m.rows) trade(w, row);
    w.end_array();
    if (m.cursor_ns) w.integer("cursor", *m.cursor_ns);
  }
  void operator()(const Ticker& m) {
    w.string("kind", "ticker").string("market", m.row.symbol);
    number(w, "bid", m.row.bid);
    number(w, "bid_qty", m.row.bid_qty);
    number(w, "ask", m.row.ask);
    number(w, "ask_qty", m.row.ask_qty);
    number(w, "price", m.row.last);
  }
  void operator()(const Book& m) {
    w.string("kind", "book").string("market", m.symbol).boolean("snapshot", m.snapshot);
    side(w, "bids", m.bids);
    side(w, "asks", m.asks);
    if (m.checksum) w.integer("checksum", *m.checksum);
  }
  void operator()(const Refusal& m) { w.string("kind", "refusal").string("message", m.message); }
  void operator()(const ServerTime& m) { w.string("kind", "time").string("at", format_iso(m.at)); }
  void operator()(const Unknown& m) { w.string("kind", "unknown").string("channel", m.channel); }
};

}  // namespace

void write(JsonWriter& out, const Frame& frame) {
  std::visit(Print{out}, frame.message);
  constexpr const char* kApis[] = {"v1", "v2", "rest"};
  out.string("api", kApis[static_cast<std::size_t>(frame.api)]);
  if (frame.request) out.integer("request", *frame.request);
}

}  // namespace voltage::venue::kraken
