// WebSocket v1: arrays [channelID, payload…, channelName, pair] for data, objects with an event for the rest.
#include <fmt/format.h>

#include "base/decimal.hpp"
#include "venue/kraken/decode.hpp"

namespace voltage::venue::kraken::detail {
namespace {

constexpr std::int64_t kE8Max = 100'000'000'000'000'000;
constexpr std::int64_t kMinutesMax = 21'600;

// "ohlc-5" → 5; 0 if it is not of this form.
std::int64_t suffix(std::string_view name, std::string_view prefix) {
  if (!name.starts_with(prefix)) return 0;
  return parse_int(name.substr(prefix.size())).value_or(0);
}

Message candle(JsonValue payload, std::string_view channel, std::string_view symbol, Flaws& flaws) {
  const std::int64_t minutes = channel == "ohlc" ? 1 : suffix(channel, "ohlc-");
  if (minutes < 1 || minutes > kMinutesMax) {
    flaws.refuse(fmt::format("channel name '{}' has no interval", channel));
    return Unknown{};
  }
  Row r{payload, "candle", 9, flaws};
  CandleRow row;
  row.symbol = symbol;
  row.interval = Duration{minutes * 60'000'000'000};
  const Time end = r.seconds(1, "etime");
  // The time of the last trade (element 0) moves with every update: the bar is named by its end alone.
  row.begin = end - row.interval;
  read_bar(r, 2, row);
  r.seconds(0, "time");
  if (flaws.error.empty() && row.begin.ns < 0) flaws.refuse("candle: begins before 1970");
  if (flaws.error.empty()) check_candle(row, flaws);
  return Candles{false, {row}};
}

Message ticker(JsonValue payload, std::string_view symbol, Flaws& flaws) {
  Fields f{payload, "ticker", flaws};
  f.ignore({"v", "p", "t", "l", "h", "o"});
  Ticker out;
  out.row.symbol = symbol;
  Row ask{f.child("a", JsonType::array), "ticker.a", 3, flaws};
  Row bid{f.child("b", JsonType::array), "ticker.b", 3, flaws};
  Row last{f.child("c", JsonType::array), "ticker.c", 2, flaws};
  out.row.ask = ask.fixed8(0, "price");
  out.row.ask_qty = ask.fixed8(2, "lot volume");
  out.row.bid = bid.fixed8(0, "price");
  out.row.bid_qty = bid.fixed8(2, "lot volume");
  out.row.last = last.fixed8(0, "price");
  return out;
}

void book_side(Fields& f, std::string_view key, std::vector<BookLevel>& into, Flaws& flaws) {
  const auto array = f.maybe_child(key, JsonType::array);
  if (!array) return;
  for (const JsonValue entry : *array) {
    Row r{entry, fmt::format("book.{}[{}]", key, into.size()), 3, flaws};
    into.push_back({r.fixed8(0, "price"), r.fixed8(1, "volume")});
    if (!flaws.error.empty()) return;
  }
}

void book(JsonValue payload, Book& out, Flaws& flaws) {
  Fields f{payload, "book", flaws};
  out.snapshot = out.snapshot || f.has("as") || f.has("bs");
  book_side(f, "as", out.asks, flaws);
  book_side(f, "a", out.asks, flaws);
  book_side(f, "bs", out.bids, flaws);
  book_side(f, "b", out.bids, flaws);
  if (const auto sum = f.maybe_fixed("c", 0, 0, 0xFFFFFFFFLL, Form::string)) {
    out.checksum = static_cast<std::uint32_t>(*sum);
  }
}

}  // namespace

Message v1_array(JsonValue root, Flaws& flaws) {
  std::vector<JsonValue> parts;
  for (const JsonValue part : root) parts.push_back(part);
  if (parts.size() < 4 || !parts[parts.size() - 2].is(JsonType::string) || !parts.back().is(JsonType::string)) {
    flaws.refuse("frame: an array that does not end in channel name and pair");
    return Unknown{};
  }
  const std::string_view channel = parts[parts.size() - 2].text();
  const std::string_view symbol = v2_symbol(parts.back().text());
  if (channel.starts_with("ohlc")) return candle(parts[1], channel, symbol, flaws);
  if (channel == "trade") return read_trades(parts[1], "trade", symbol, flaws);
  if (channel == "ticker") return ticker(parts[1], symbol, flaws);
  if (channel.starts_with("book")) {
    Book out;
    out.symbol = symbol;
    for (std::size_t i = 1; i + 2 < parts.size(); ++i) book(parts[i], out, flaws);
    return out;
  }
  return Unknown{std::string{channel}};
}

Message v1_event(Fields& f, Flaws& flaws, std::optional<std::int64_t>& request) {
  const std::string_view event = f.text("event");
  request = f.maybe_integer("reqid", 0, kE8Max);
  if (event == "heartbeat") return Heartbeat{};
  if (event == "pong") return Pong{};
  if (event == "systemStatus") {
    f.ignore({"upcoming_maintenance", "emergency"});
    Status out;
    out.system = f.text("status");
    out.version = f.text_or("version");
    out.connection_id = f.unsigned_integer("connectionID");
    return out;
  }
  if (event != "subscriptionStatus") return Unknown{std::string{event}};
  f.ignore({"channelID"});
  Ack out;
  const std::string_view status = f.text("status");
  out.ok = status == "subscribed" || status == "unsubscribed";
  out.method = status == "unsubscribed" ? "unsubscribe" : "subscribe";
  out.error = f.text_or("errorMessage");
  out.symbol = v2_symbol(f.text_or("pair"));
  f.ignore({"channelName"});
  if (const auto subscription = f.maybe_child("subscription", JsonType::object)) {
    Fields s{*subscription, "subscription", flaws};
    s.ignore({"depth", "maxratecount", "token"});
    out.channel = s.text("name");
    if (const auto n = s.maybe_integer("interval", 1, kMinutesMax)) out.interval = Duration{*n * 60'000'000'000};
  }
  return out;
}

}  // namespace voltage::venue::kraken::detail
