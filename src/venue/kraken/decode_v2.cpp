// WebSocket v2: objects with a channel, or a method for what answers a command.
#include <fmt/format.h>

#include "venue/kraken/decode.hpp"

namespace voltage::venue::kraken::detail {
namespace {

constexpr std::int64_t kE8Max = 100'000'000'000'000'000;
constexpr std::int64_t kMinutesMax = 21'600;

Fixed8 number(Fields& f, std::string_view key) {
  return {f.fixed(key, 8, 0, kE8Max, Form::number)};
}

Duration minutes(std::int64_t n) {
  return Duration{n * 60'000'000'000};
}

CandleRow candle(JsonValue value, std::string_view where, Flaws& flaws) {
  Fields f{value, where, flaws};
  f.ignore({"timestamp"});
  CandleRow row;
  row.symbol = f.text("symbol");
  row.begin = f.time_iso("interval_begin");
  row.interval = minutes(f.integer("interval", 1, kMinutesMax));
  row.open = number(f, "open");
  row.high = number(f, "high");
  row.low = number(f, "low");
  row.close = number(f, "close");
  row.vwap = number(f, "vwap");
  row.volume = number(f, "volume");
  row.trades = f.integer("trades", 0, 1'000'000'000);
  if (flaws.error.empty()) check_candle(row, flaws);
  return row;
}

TradeRow trade(JsonValue value, std::string_view where, Flaws& flaws) {
  Fields f{value, where, flaws};
  TradeRow row;
  row.symbol = f.text("symbol");
  row.at = f.time_iso("timestamp");
  row.price = number(f, "price");
  row.qty = number(f, "qty");
  const std::string_view side = f.text("side");
  if (side != "buy" && side != "sell") f.refuse("side", fmt::format("'{}' is neither buy nor sell", side));
  row.taker = side == "sell" ? Taker::seller : Taker::buyer;
  row.market_order = f.text_or("ord_type") == "market";
  row.id = f.maybe_integer("trade_id", 0, kE8Max);
  if (row.price.e8 == 0) f.refuse("price", "is zero");
  return row;
}

Message ticker(JsonValue value, Flaws& flaws) {
  Fields f{value, "data[0]", flaws};
  f.ignore({"volume", "vwap", "low", "high", "change", "change_pct", "timestamp"});
  Ticker out;
  out.row.symbol = f.text("symbol");
  out.row.bid = number(f, "bid");
  out.row.bid_qty = number(f, "bid_qty");
  out.row.ask = number(f, "ask");
  out.row.ask_qty = number(f, "ask_qty");
  out.row.last = number(f, "last");
  return out;
}

std::vector<BookLevel> side(Fields& f, std::string_view key, Flaws& flaws) {
  std::vector<BookLevel> all;
  const auto array = f.maybe_child(key, JsonType::array);
  if (!array) return all;
  for (const JsonValue entry : *array) {
    Fields level{entry, key, flaws};
    all.push_back({number(level, "price"), number(level, "qty")});
  }
  return all;
}

Message book(JsonValue value, bool snapshot, Flaws& flaws) {
  Fields f{value, "data[0]", flaws};
  f.ignore({"timestamp"});
  Book out;
  out.snapshot = snapshot;
  out.symbol = f.text("symbol");
  out.bids = side(f, "bids", flaws);
  out.asks = side(f, "asks", flaws);
  if (const auto sum = f.maybe_integer("checksum", 0, 0xFFFFFFFFLL)) out.checksum = static_cast<std::uint32_t>(*sum);
  return out;
}

Message status(JsonValue value, Flaws& flaws) {
  Fields f{value, "data[0]", flaws};
  f.ignore({"api_version", "upcoming_maintenance", "emergency"});
  Status out;
  out.system = f.text("system");
  out.version = f.text_or("version");
  out.connection_id = f.unsigned_integer("connection_id");
  return out;
}

}  // namespace

Message v2_channel(Fields& f, Flaws& flaws) {
  const std::string_view channel = f.text("channel");
  if (channel == "heartbeat") {
    f.ignore({"type"});
    return Heartbeat{};
  }
  const bool known =
      channel == "ohlc" || channel == "trade" || channel == "ticker" || channel == "book" || channel == "status";
  if (!known) return Unknown{std::string{channel}};
  const std::string_view type = f.text("type");
  if (!flaws.error.empty()) return Unknown{};
  if (type != "snapshot" && type != "update") return Unknown{fmt::format("{}/{}", channel, type)};
  f.ignore({"timestamp"});
  const bool snapshot = type == "snapshot";
  const JsonValue data = f.child("data", JsonType::array);
  if (!flaws.error.empty()) return Unknown{};
  if (channel == "ohlc") {
    Candles out{snapshot, {}};
    for (const JsonValue row : data) out.rows.push_back(candle(row, fmt::format("data[{}]", out.rows.size()), flaws));
    return out;
  }
  if (channel == "trade") {
    Trades out{snapshot, {}, {}};
    for (const JsonValue row : data) out.rows.push_back(trade(row, fmt::format("data[{}]", out.rows.size()), flaws));
    return out;
  }
  if (data.size() != 1) {
    f.refuse("data", fmt::format("has {} elements, not 1", data.size()));
    return Unknown{};
  }
  const JsonValue only = *data.begin();
  if (channel == "ticker") return ticker(only, flaws);
  if (channel == "book") return book(only, snapshot, flaws);
  return status(only, flaws);
}

Message v2_method(Fields& f, Flaws& flaws, std::optional<std::int64_t>& request) {
  const std::string_view method = f.text("method");
  request = f.maybe_integer("req_id", 0, kE8Max);
  f.ignore({"time_in", "time_out", "warnings"});
  if (method == "pong") {
    f.ignore({"success", "error", "result"});
    return Pong{};
  }
  if (method != "subscribe" && method != "unsubscribe") return Unknown{std::string{method}};
  Ack out;
  out.method = method;
  const auto success = f.maybe_boolean("success");
  if (!success) f.refuse("success", "is missing");
  out.ok = success.value_or(false);
  out.error = f.text_or("error");
  out.symbol = f.text_or("symbol");
  if (const auto result = f.maybe_child("result", JsonType::object)) {
    Fields r{*result, "result", flaws};
    r.ignore({"snapshot", "warnings", "depth", "event_trigger", "max_ratecount"});
    out.channel = r.text("channel");
    out.symbol = r.text_or("symbol", out.symbol);
    if (const auto n = r.maybe_integer("interval", 1, kMinutesMax)) out.interval = minutes(*n);
  }
  return out;
}

}  // namespace voltage::venue::kraken::detail
