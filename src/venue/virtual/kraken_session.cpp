#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/decimal.hpp"
#include "base/time.hpp"
#include "venue/fields.hpp"
#include "venue/virtual/kraken_api.hpp"

namespace voltage::venue::virtual_kraken {
namespace {

using io::JsonWriter;

constexpr std::int64_t kMinuteNs = 60'000'000'000;
constexpr std::int64_t kSnapshotCandles = 10;
constexpr std::array<std::int64_t, 9> kIntervals = {1, 5, 15, 30, 60, 240, 1440, 10080, 21600};

bool is_interval(std::int64_t minutes) {
  return std::find(kIntervals.begin(), kIntervals.end(), minutes) != kIntervals.end();
}

std::string price(std::int64_t e8) {
  return format_fixed(e8 / 10'000'000, 1);
}
std::string price5(std::int64_t e8) {
  return format_fixed(e8 / 1'000, 5);
}
std::string volume(std::int64_t e8) {
  return format_fixed(e8, 8);
}
// RFC 3339 with exactly `digits` of fraction.
std::string rfc3339(Time t, int digits) {
  const std::int64_t ns = t.ns % 1'000'000'000;
  const std::string whole = format_iso(Time{t.ns - ns});
  const std::string fraction = fmt::format("{:09}", ns).substr(0, static_cast<std::size_t>(digits));
  return whole.substr(0, whole.size() - 1) + "." + fraction + "Z";
}
std::string epoch(Time t) {
  return fmt::format("{}.{:06}", t.ns / 1'000'000'000, t.ns / 1'000 % 1'000'000);
}

void write_candle(JsonWriter& w, const Candle& c, std::int64_t interval) {
  w.begin_object().string("symbol", "BTC/USD").raw("open", price(c.open_e8)).raw("high", price(c.high_e8));
  w.raw("low", price(c.low_e8)).raw("close", price(c.close_e8)).integer("trades", c.trades);
  w.raw("volume", volume(c.volume_e8)).raw("vwap", price(c.vwap_e8())).string("interval_begin", rfc3339(c.begin, 9));
  w.integer("interval", interval).string("timestamp", rfc3339(Time{c.begin.ns + interval * kMinuteNs}, 6)).end_object();
}

}  // namespace

KrakenSession::KrakenSession(const Tape& tape, Version version, Time now, std::uint64_t connection_id)
    : tape_{tape}, version_{version}, seen_{tape.trades().size()}, now_{now} {
  const std::string id = std::to_string(connection_id);
  if (version == Version::v2) {
    send(
        R"({"channel":"status","type":"update","data":[{"version":"2.0.10","system":"online","api_version":"v2","connection_id":)" +
            id + R"(,"upcoming_maintenance":[],"emergency":[]}]})",
        now);
  } else {
    send(R"({"event":"systemStatus","version":"1.9.6","status":"online","connectionID":)" + id +
             R"(,"upcoming_maintenance":[],"emergency":[]})",
         now);
  }
}

void KrakenSession::send(std::string text, Time now) {
  frames_.push_back(std::move(text));
  last_sent_ = now;
}

void KrakenSession::on_text(std::string_view text, Time now) {
  now_ = now;
  const auto root = document_.parse(text);
  if (!root || !root->is(JsonType::object)) {
    return send(version_ == Version::v2 ? R"({"error":"Malformed request","success":false})"
                                        : R"({"event":"error","errorMessage":"Malformed request"})",
                now);
  }
  if (version_ == Version::v2) {
    command_v2(*root, now);
  } else {
    command_v1(*root, now);
  }
}

void KrakenSession::command_v2(JsonValue root, Time now) {
  Flaws flaws;
  Fields f{root, "command", flaws};
  const std::string method{f.text_or("method")};
  const auto id = f.maybe_integer("req_id", 0, 1'000'000'000'000);
  const std::string request = id ? fmt::format(",\"req_id\":{}", *id) : std::string{};
  if (method == "ping") {
    return send(fmt::format(R"({{"method":"pong"{},"time_in":"{}","time_out":"{}"}})", request, rfc3339(now, 6),
                            rfc3339(now, 6)),
                now);
  }
  const auto params = f.maybe_child("params", JsonType::object);
  if ((method != "subscribe" && method != "unsubscribe") || !params) {
    return send(fmt::format(R"({{"error":"Unknown method","method":"{}","success":false{}}})",
                            method == "subscribe" ? method : "unknown", request),
                now);
  }
  subscribe_v2(*params, method, request, now);
}

void KrakenSession::subscribe_v2(JsonValue params, const std::string& method, const std::string& request, Time now) {
  Flaws flaws;
  Fields p{params, "params", flaws};
  const std::string channel{p.text_or("channel")};
  const auto interval = p.maybe_integer("interval", 0, 100'000).value_or(1);
  const bool ohlc = channel == "ohlc";
  const bool snapshot = p.maybe_boolean("snapshot").value_or(channel != "trade");
  std::vector<std::string> symbols;
  if (const auto array = p.maybe_child("symbol", JsonType::array)) {
    for (const JsonValue v : *array) symbols.emplace_back(v.text());
  }
  const std::string times = fmt::format(R"("time_in":"{}","time_out":"{}")", rfc3339(now, 6), rfc3339(now, 6));
  const auto refuse = [&](const std::string& why, const std::string& symbol) {
    JsonWriter w;
    w.begin_object().string("error", why).string("method", method).boolean("success", false).string("symbol", symbol);
    std::string text = w.end_object().take();
    text.pop_back();
    send(text + "," + times + request + "}", now);
  };
  const bool known = ohlc || channel == "trade" || channel == "ticker";
  for (const auto& symbol : symbols) {
    if (!known) {
      refuse("Unsupported channel", symbol);
      continue;
    }
    if (symbol != "BTC/USD") {
      refuse("Currency pair not supported " + symbol, symbol);
      continue;
    }
    if (ohlc && !is_interval(interval)) {
      refuse("Invalid interval", symbol);
      continue;
    }
    const Subscription s{channel, ohlc ? interval : 0};
    JsonWriter result;
    result.begin_object().string("channel", channel);
    if (ohlc) result.integer("interval", interval);
    result.boolean("snapshot", snapshot).string("symbol", symbol);
    if (ohlc) result.begin_array("warnings").string("timestamp is deprecated, use interval_begin").end_array();
    send(fmt::format(R"({{"method":"{}","result":{},"success":true,{}{}}})", method, result.end_object().take(), times,
                     request),
         now);
    if (method == "unsubscribe") {
      subscriptions_.erase(s);
      continue;
    }
    subscriptions_[s] = true;
    if (ohlc && snapshot) send_candle_snapshot(s, now);
    if (channel == "ticker") send_ticker();
    if (channel == "trade" && snapshot) {
      const std::size_t n = tape_.trades().size();
      send_trades(n > 50 ? n - 50 : 0, n);
      frames_.back().replace(frames_.back().find("\"update\""), 8, "\"snapshot\"");
    }
  }
}

void KrakenSession::command_v1(JsonValue root, Time now) {
  Flaws flaws;
  Fields f{root, "command", flaws};
  const std::string_view event = f.text_or("event");
  const auto id = f.maybe_integer("reqid", 0, 1'000'000'000'000);
  if (event == "ping") {
    JsonWriter w;
    w.begin_object().string("event", "pong");
    if (id) w.integer("reqid", *id);
    return send(w.end_object().take(), now);
  }
  const auto subscription = f.maybe_child("subscription", JsonType::object);
  if ((event != "subscribe" && event != "unsubscribe") || !subscription) {
    return send(R"({"event":"error","errorMessage":"Unsupported event"})", now);
  }
  Fields s{*subscription, "subscription", flaws};
  const std::string name{s.text_or("name")};
  const auto interval = s.maybe_integer("interval", 0, 100'000).value_or(1);
  const bool ohlc = name == "ohlc";
  const auto pairs = f.maybe_child("pair", JsonType::array);
  if (!pairs) return send(R"({"event":"subscriptionStatus","status":"error","errorMessage":"Pair(s) not found"})", now);
  for (const JsonValue pair : *pairs) {
    JsonWriter w;
    w.begin_object();
    const bool known = ohlc || name == "trade";
    const bool good = known && (pair.text() == "XBT/USD") && (!ohlc || is_interval(interval));
    if (good)
      w.integer("channelID", ohlc ? 343 : 337).string("channelName", ohlc ? fmt::format("ohlc-{}", interval) : name);
    if (!good)
      w.string("errorMessage", !known ? "Subscription name invalid"
                               : ohlc && !is_interval(interval)
                                   ? "Subscription ohlc interval not supported"
                                   : "Currency pair not supported " + std::string{pair.text()});
    w.string("event", "subscriptionStatus").string("pair", pair.text());
    if (id) w.integer("reqid", *id);
    w.string("status", good ? (event == "subscribe" ? "subscribed" : "unsubscribed") : "error");
    w.begin_object("subscription");
    if (ohlc) w.integer("interval", interval);
    send(w.string("name", name).end_object().end_object().take(), now);
    if (!good) continue;
    const Subscription key{name, ohlc ? interval : 0};
    if (event == "unsubscribe") {
      subscriptions_.erase(key);
    } else {
      subscriptions_[key] = true;
      // The last valid candle comes at once, even if it ended minutes ago.
      const auto recent = tape_.candles(interval, Time{now.ns - 600 * kMinuteNs});
      if (ohlc && !recent.empty()) send_candle(key, recent.back(), now);
    }
  }
}

void KrakenSession::send_candle_snapshot(const Subscription& s, Time now) {
  const auto rows = tape_.candles(s.interval, Time{now.ns - kSnapshotCandles * s.interval * kMinuteNs});
  JsonWriter w;
  w.begin_object().string("channel", "ohlc").string("type", "snapshot").string("timestamp", rfc3339(now, 9));
  w.begin_array("data");
  for (const auto& row : rows) write_candle(w, row, s.interval);
  send(w.end_array().end_object().take(), now);
}

void KrakenSession::send_candle(const Subscription& s, const Candle& c, Time now) {
  JsonWriter w;
  if (version_ == Version::v2) {
    w.begin_object().string("channel", "ohlc").string("type", "update").string("timestamp", rfc3339(now, 9));
    w.begin_array("data");
    write_candle(w, c, s.interval);
    return send(w.end_array().end_object().take(), now);
  }
  w.begin_array().integer(343).begin_array().string(epoch(c.last_trade));
  w.string(epoch(Time{c.begin.ns + s.interval * kMinuteNs})).string(price5(c.open_e8)).string(price5(c.high_e8));
  w.string(price5(c.low_e8)).string(price5(c.close_e8)).string(price5(c.vwap_e8())).string(volume(c.volume_e8));
  w.integer(c.trades).end_array().string(fmt::format("ohlc-{}", s.interval)).string("XBT/USD");
  send(w.end_array().take(), now);
}

void KrakenSession::send_trades(std::size_t from, std::size_t to) {
  JsonWriter w;
  if (version_ == Version::v2) {
    w.begin_object().string("channel", "trade").string("type", "update").begin_array("data");
  } else {
    w.begin_array().integer(337).begin_array();
  }
  for (std::size_t i = from; i < to; ++i) {
    const Trade& t = tape_.trades()[i];
    if (version_ == Version::v2) {
      w.begin_object()
          .string("symbol", "BTC/USD")
          .string("side", t.buyer ? "buy" : "sell")
          .raw("price", price(t.price_e8));
      w.raw("qty", volume(t.qty_e8)).string("ord_type", t.market_order ? "market" : "limit").integer("trade_id", t.id);
      w.string("timestamp", rfc3339(t.at, 6)).end_object();
    } else {
      w.begin_array().string(price5(t.price_e8)).string(volume(t.qty_e8)).string(epoch(t.at));
      w.string(t.buyer ? "b" : "s").string(t.market_order ? "m" : "l").string("").end_array();
    }
  }
  w.end_array();
  if (version_ == Version::v2) {
    w.end_object();
  } else {
    w.string("trade").string("XBT/USD").end_array();
  }
  send(w.take(), now_);
}

void KrakenSession::send_ticker() {
  if (tape_.trades().empty()) return;
  const std::int64_t last = tape_.trades().back().price_e8;
  JsonWriter w;
  w.begin_object().string("channel", "ticker").string("type", "update").begin_array("data").begin_object();
  w.string("symbol", "BTC/USD").raw("bid", price(last - 10'000'000)).raw("bid_qty", "1.00000000");
  w.raw("ask", price(last)).raw("ask_qty", "1.00000000").raw("last", price(last)).raw("volume", "1000.00000000");
  w.raw("vwap", price(last))
      .raw("low", price(last))
      .raw("high", price(last))
      .raw("change", "0.0")
      .raw("change_pct", "0.00");
  send(w.end_object().end_array().end_object().take(), now_);
}

void KrakenSession::on_time(Time now) {
  now_ = now;
  const std::size_t total = tape_.trades().size();
  if (total > seen_) {
    const std::size_t from = std::exchange(seen_, total);
    for (const auto& [s, on] : subscriptions_) {
      if (s.channel == "trade") send_trades(from, total);
      if (s.channel == "ticker") send_ticker();
      if (s.channel != "ohlc") continue;
      // Every bar that the new trades touched, the last one last.
      const auto bars = tape_.candles(s.interval, tape_.trades()[from].at);
      for (const auto& bar : bars) send_candle(s, bar, now);
    }
  }
  if (!subscriptions_.empty() && now.ns - last_sent_.ns >= 1'000'000'000) {
    send(version_ == Version::v2 ? R"({"channel":"heartbeat"})" : R"({"event":"heartbeat"})", now);
  }
}

}  // namespace voltage::venue::virtual_kraken
