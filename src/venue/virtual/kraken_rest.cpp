#include <algorithm>
#include <array>
#include <tuple>

#include <fmt/format.h>

#include "base/decimal.hpp"
#include "base/time.hpp"
#include "venue/virtual/kraken_api.hpp"

namespace voltage::venue::virtual_kraken {
namespace {

using io::JsonWriter;

constexpr std::size_t kRowsMax = 720;
constexpr std::int64_t kTradesMax = 1'000;

std::string price(std::int64_t e8) {
  return format_fixed(e8 / 1'000, 5);
}
std::string price1(std::int64_t e8) {
  return format_fixed(e8 / 10'000'000, 1);
}

net::Response refusal(std::string_view why) {
  JsonWriter w;
  w.begin_object().begin_array("error").string(why);
  return {200, w.end_array().end_object().take(), "application/json"};
}

bool is_pair(std::string_view pair) {
  return pair == "XBTUSD" || pair == "XXBTZUSD" || pair == "BTCUSD" || pair == "BTC/USD" || pair == "XBT/USD";
}

JsonWriter begin_result() {
  JsonWriter w;
  w.begin_object().begin_array("error").end_array();
  w.begin_object("result");
  return w;
}

net::Response done(JsonWriter& w) {
  return {200, w.end_object().end_object().take(), "application/json"};
}

net::Response ohlc(const Tape& tape, const net::Query& query, Time now) {
  const auto interval = parse_int(query.first("interval").value_or("1"));
  constexpr std::array<std::int64_t, 9> kIntervals = {1, 5, 15, 30, 60, 240, 1440, 10080, 21600};
  if (!interval || std::find(kIntervals.begin(), kIntervals.end(), *interval) == kIntervals.end()) {
    return refusal("EGeneral:Invalid arguments:interval");
  }
  const std::int64_t span = *interval * 60'000'000'000;
  const Time current{now.ns - now.ns % span};
  const Time oldest{std::max<std::int64_t>(0, current.ns - static_cast<std::int64_t>(kRowsMax - 1) * span)};
  auto made = tape.candles(*interval, oldest);
  // REST gives every interval, the quiet ones flat, and always the one in progress.
  std::vector<Candle> rows;
  for (const auto& c : made) {
    while (!rows.empty() && rows.back().begin.ns + span < c.begin.ns) {
      Candle flat;
      flat.begin = Time{rows.back().begin.ns + span};
      flat.open_e8 = flat.high_e8 = flat.low_e8 = flat.close_e8 = rows.back().close_e8;
      rows.push_back(flat);
    }
    rows.push_back(c);
  }
  while (!rows.empty() && rows.back().begin < current) {
    Candle flat;
    flat.begin = Time{rows.back().begin.ns + span};
    flat.open_e8 = flat.high_e8 = flat.low_e8 = flat.close_e8 = rows.back().close_e8;
    rows.push_back(flat);
  }
  if (rows.size() > kRowsMax) rows.erase(rows.begin(), rows.end() - kRowsMax);
  const auto since = parse_int(query.first("since").value_or("0")).value_or(0);
  auto w = begin_result();
  w.begin_array("XXBTZUSD");
  for (const auto& c : rows) {
    if (c.begin.ns / 1'000'000'000 < since) continue;
    w.begin_array().integer(c.begin.ns / 1'000'000'000).string(price1(c.open_e8)).string(price1(c.high_e8));
    w.string(price1(c.low_e8)).string(price1(c.close_e8)).string(price1(c.trades == 0 ? 0 : c.vwap_e8()));
    w.string(format_fixed(c.volume_e8, 8)).integer(c.trades).end_array();
  }
  w.end_array();
  const std::int64_t last = rows.size() < 2 ? 0 : rows[rows.size() - 2].begin.ns / 1'000'000'000;
  w.integer("last", last);
  return done(w);
}

net::Response trades(const Tape& tape, const net::Query& query) {
  const auto count = parse_int(query.first("count").value_or("1000"));
  if (!count || *count < 1 || *count > kTradesMax) return refusal("EGeneral:Invalid arguments:count");
  const auto& all = tape.trades();
  auto from = all.end() -
              std::min<std::ptrdiff_t>(static_cast<std::ptrdiff_t>(all.size()), static_cast<std::ptrdiff_t>(*count));
  if (const auto since = query.first("since")) {
    // Seconds or nanoseconds: Kraken takes both.
    auto ns = parse_int(*since);
    if (!ns || *ns < 0) return refusal("EGeneral:Invalid arguments:since");
    if (*ns < 1'000'000'000'000) *ns *= 1'000'000'000;
    from = std::upper_bound(all.begin(), all.end(), *ns, [](std::int64_t t, const Trade& x) { return t < x.at.ns; });
  }
  auto w = begin_result();
  w.begin_array("XXBTZUSD");
  std::int64_t left = *count;
  std::int64_t last = all.empty() ? 0 : all.back().at.ns;
  // Trades that share the last one's time stay on its page: the cursor is a time.
  for (; from != all.end() && (left > 0 || from->at.ns == last); ++from, --left) {
    const Trade& t = *from;
    last = t.at.ns;
    w.begin_array().string(price(t.price_e8)).string(format_fixed(t.qty_e8, 8));
    w.raw(fmt::format("{}.{:06}", t.at.ns / 1'000'000'000, t.at.ns / 1'000 % 1'000'000));
    w.string(t.buyer ? "b" : "s").string(t.market_order ? "m" : "l").string("").integer(t.id).end_array();
  }
  w.end_array().string("last", std::to_string(last));
  return done(w);
}

net::Response ticker(const Tape& tape) {
  const auto& all = tape.trades();
  const std::int64_t last = all.empty() ? 0 : all.back().price_e8;
  auto w = begin_result();
  w.begin_object("XXBTZUSD");
  const auto list = [&](const char* key, std::initializer_list<std::string> values) {
    w.begin_array(key);
    for (const auto& v : values) w.string(v);
    w.end_array();
  };
  list("a", {price(last + 5'000'000), "1", "1.000"});
  list("b", {price(last - 5'000'000), "1", "1.000"});
  list("c", {price(last), all.empty() ? "0" : format_fixed(all.back().qty_e8, 8)});
  list("v", {"100.00000000", "1000.00000000"});
  list("p", {price(last), price(last)});
  w.begin_array("t").integer(100).integer(1000).end_array();
  list("l", {price(last), price(last)});
  list("h", {price(last), price(last)});
  w.string("o", price(last)).end_object();
  return done(w);
}

net::Response depth(const Tape& tape, const net::Query& query, Time now) {
  const auto count = std::clamp<std::int64_t>(parse_int(query.first("count").value_or("100")).value_or(100), 1, 500);
  const auto& all = tape.trades();
  const std::int64_t middle = all.empty() ? 0 : all.back().price_e8;
  auto w = begin_result();
  w.begin_object("XXBTZUSD");
  for (const bool ask : {true, false}) {
    w.begin_array(ask ? "asks" : "bids");
    for (std::int64_t i = 1; i <= std::min<std::int64_t>(count, 100); ++i) {
      w.begin_array()
          .string(price(middle + (ask ? i : -i) * 10'000'000))
          .string("0.500")
          .integer(now.ns / 1'000'000'000)
          .end_array();
    }
    w.end_array();
  }
  w.end_object();
  return done(w);
}

net::Response asset_pairs() {
  auto w = begin_result();
  w.begin_object("XXBTZUSD").string("altname", "XBTUSD").string("wsname", "XBT/USD").string("aclass_base", "currency");
  w.string("base", "XXBT").string("aclass_quote", "currency").string("quote", "ZUSD").string("lot", "unit");
  w.integer("cost_decimals", 5).integer("pair_decimals", 1).integer("lot_decimals", 8).integer("lot_multiplier", 1);
  w.begin_array("leverage_buy").end_array().begin_array("leverage_sell").end_array();
  w.raw("fees", "[[0,0.4]]").raw("fees_maker", "[[0,0.25]]").string("fee_volume_currency", "ZUSD");
  w.integer("margin_call", 80).integer("margin_stop", 40).string("ordermin", "0.00005").string("costmin", "0.5");
  w.string("tick_size", "0.1").string("status", "online").end_object();
  return done(w);
}

net::Response assets() {
  auto w = begin_result();
  for (const auto& [name, alt, decimals] : {std::tuple{"XXBT", "XBT", 10}, std::tuple{"ZUSD", "USD", 4}}) {
    w.begin_object(name).string("aclass", "currency").string("altname", alt).integer("decimals", decimals);
    w.integer("display_decimals", 5).string("status", "enabled").end_object();
  }
  return done(w);
}

}  // namespace

net::Response rest(const Tape& tape, const net::Request& request, Time now) {
  constexpr std::string_view kRoot = "/0/public/";
  const auto path = request.path();
  if (!path.starts_with(kRoot)) return {404, R"({"error":["EGeneral:Unknown method"]})", "application/json"};
  const auto method = path.substr(kRoot.size());
  const auto query = net::Query::of(request.target);
  if (method == "Time") {
    auto w = begin_result();
    w.integer("unixtime", now.ns / 1'000'000'000).string("rfc1123", format_iso(now));
    return done(w);
  }
  if (method == "SystemStatus") {
    auto w = begin_result();
    w.string("status", "online").string("timestamp", format_iso(now));
    return done(w);
  }
  if (method == "AssetPairs") return asset_pairs();
  if (method == "Assets") return assets();
  if (method != "OHLC" && method != "Trades" && method != "Ticker" && method != "Depth") {
    return refusal("EGeneral:Unknown method");
  }
  if (!is_pair(query.first("pair").value_or(method == "Ticker" ? "XBTUSD" : "")))
    return refusal("EQuery:Unknown asset pair");
  if (method == "OHLC") return ohlc(tape, query, now);
  if (method == "Trades") return trades(tape, query);
  return method == "Ticker" ? ticker(tape) : depth(tape, query, now);
}

}  // namespace voltage::venue::virtual_kraken
