// Candles of contracts: of one, of several, of all in an event.
#include <algorithm>

#include "io/json_writer.hpp"
#include "venue/virtual/kalshi_api.hpp"
#include "venue/virtual/kalshi_json.hpp"

namespace voltage::venue::virtual_kalshi {
namespace {

using namespace literals;
using io::JsonWriter;

constexpr std::size_t kTickersMax = 100;
constexpr std::int64_t kCandlesMax = 10'000;

struct Request {
  std::int64_t start{}, end{};  // seconds
  Duration span{};
};

tl::unexpected<ApiError> bad(const char* details) {
  return refuse(400, "invalid_parameters", "invalid parameters", details);
}

Answer<Request> request_of(const net::Query& query, bool any_interval) {
  const auto start = integer_of(query, "start_ts"), end = integer_of(query, "end_ts");
  const auto interval = integer_of(query, "period_interval");
  if (!start) return tl::unexpected<ApiError>(start.error());
  if (!end) return tl::unexpected<ApiError>(end.error());
  if (!interval) return tl::unexpected<ApiError>(interval.error());
  const std::int64_t minutes = interval->value_or(0);
  const bool known =
      any_interval ? minutes >= 1 && minutes <= 1'440 : minutes == 1 || minutes == 60 || minutes == 1'440;
  if (!*start || !*end || !known || **end < **start)
    return bad("start_ts, end_ts (not before it) and period_interval (1, 60 or 1440) are needed");
  return Request{**start, **end, Duration{minutes * (1_min).ns}};
}

void join(Bar::Ohlc& to, const Bar::Ohlc& from) {
  if (from.open < 0) return;
  if (to.open < 0) to = from;
  to.high = std::max(to.high, from.high);
  to.low = std::min(to.low, from.low);
  to.close = from.close;
}

std::vector<Bar> bars_of(const Market& m, const Request& r) {
  std::vector<Bar> merged;
  for (const auto& bar : m.bars) {
    const Time begin{bar.begin.ns - bar.begin.ns % r.span.ns};
    if (merged.empty() || merged.back().begin < begin) {
      merged.push_back(bar);
      merged.back().begin = begin;
      continue;
    }
    Bar& b = merged.back();
    join(b.bid, bar.bid);
    join(b.ask, bar.ask);
    join(b.price, bar.price);
    b.price_qty_sum += bar.price_qty_sum;
    b.volume += bar.volume;
    b.open_interest = bar.open_interest;
  }
  std::erase_if(merged, [&](const Bar& bar) {
    const std::int64_t stop = (bar.begin + r.span).ns / 1'000'000'000;
    return stop < r.start || stop > r.end;
  });
  return merged;
}

// The last bar before the start, brought to the first boundary after it: nothing but where the price then was.
std::optional<Bar> latest_before(const Market& m, const Request& r) {
  Request earlier{0, r.start - 1, r.span};
  const auto before = bars_of(m, earlier);
  if (before.empty()) return std::nullopt;
  Bar out;
  const Time start{r.start * 1'000'000'000};
  out.begin = Time{start.ns - start.ns % r.span.ns};
  const Bar& last = before.back();
  out.previous = last.price.open >= 0 ? std::optional{Price{last.price.close}} : last.previous;
  out.bid.add(last.bid.close);
  out.ask.add(last.ask.close);
  out.open_interest = last.open_interest;
  return out;
}

void write_bars(JsonWriter& w, const std::vector<Bar>& bars, Duration span) {
  for (const auto& bar : bars) write_bar(w, bar, bar.begin + span);
}

}  // namespace

Answer<std::string> KalshiApi::candlesticks(Call& call) {
  const auto m = world_.exchange().find(call.path[1]);
  if (!m || world_.exchange().market(*m).contract.series != call.path[0])
    return refuse(404, "not_found", "not found", call.path[1]);
  const auto request = request_of(call.query, false);
  if (!request) return tl::unexpected<ApiError>(request.error());
  JsonWriter w;
  w.begin_object().string("ticker", call.path[1]).begin_array("candlesticks");
  write_bars(w, bars_of(world_.exchange().market(*m), *request), request->span);
  return w.end_array().end_object().take();
}

// Markets that are not there are left out.
Answer<std::string> KalshiApi::batch_candlesticks(Call& call) {
  const auto request = request_of(call.query, true);
  if (!request) return tl::unexpected<ApiError>(request.error());
  const auto tickers = call.query.all("market_tickers");
  if (tickers.empty() || tickers.size() > kTickersMax) return bad("market_tickers: 1 to 100 are needed");
  const bool continued = call.query.first("include_latest_before_start").value_or("") == "true";
  std::int64_t left = kCandlesMax;
  JsonWriter w;
  w.begin_object().begin_array("markets");
  for (const auto& ticker : tickers) {
    const auto m = world_.exchange().find(ticker);
    if (!m) continue;
    const Market& market = world_.exchange().market(*m);
    auto bars = bars_of(market, *request);
    if (std::ssize(bars) > left) bars.resize(static_cast<std::size_t>(left));
    left -= std::ssize(bars);
    w.begin_object().string("market_ticker", ticker).begin_array("candlesticks");
    if (const auto before = continued ? latest_before(market, *request) : std::nullopt)
      write_bar(w, *before, before->begin + request->span);
    write_bars(w, bars, request->span);
    w.end_array().end_object();
  }
  return w.end_array().end_object().take();
}

Answer<std::string> KalshiApi::event_candlesticks(Call& call) {
  const auto request = request_of(call.query, false);
  if (!request) return tl::unexpected<ApiError>(request.error());
  std::vector<const Market*> found;
  for (const auto& m : world_.exchange().markets()) {
    if (m.contract.series == call.path[0] && m.contract.event == call.path[1]) found.push_back(&m);
  }
  if (found.empty()) return refuse(404, "not_found", "not found", call.path[1]);
  JsonWriter w;
  w.begin_object().begin_array("market_tickers");
  for (const Market* m : found) w.string(m->contract.ticker);
  w.end_array().begin_array("market_candlesticks");
  for (const Market* m : found) {
    w.begin_array();
    write_bars(w, bars_of(*m, *request), request->span);
    w.end_array();
  }
  return w.end_array().integer("adjusted_end_ts", request->end).end_object().take();
}

}  // namespace voltage::venue::virtual_kalshi
