// What anyone may read: the exchange, its markets, books, trades and candles.
#include <algorithm>
#include <set>

#include "base/decimal.hpp"
#include "base/time.hpp"
#include "io/json_writer.hpp"
#include "venue/virtual/kalshi_api.hpp"
#include "venue/virtual/kalshi_json.hpp"

namespace voltage::venue::virtual_kalshi {
namespace {

using namespace literals;
using io::JsonWriter;

constexpr std::array<std::string_view, 3> kSeries = {"KXBTC15M", "KXBTCD", "KXBTC"};

// The filter word of ?status= against the phase.
bool has_status(const Market& m, std::string_view wanted, Time now) {
  const bool closed = m.phase == Phase::active && now >= m.contract.close;
  if (wanted == "unopened") return m.phase == Phase::initialized;
  if (wanted == "open") return m.phase == Phase::active && !closed;
  if (wanted == "paused") return m.phase == Phase::inactive;
  if (wanted == "closed") return m.phase == Phase::closed || m.phase == Phase::determined || closed;
  return m.phase == Phase::finalized;
}

bool is_status(std::string_view word) {
  return word == "unopened" || word == "open" || word == "paused" || word == "closed" || word == "settled";
}

struct Window {
  std::optional<std::int64_t> low, high;  // seconds
  bool holds(Time t) const {
    const std::int64_t s = t.ns / 1'000'000'000;
    return (!low || s >= *low) && (!high || s <= *high);
  }
};

Answer<Window> window_of(const net::Query& query, std::string_view low, std::string_view high) {
  const auto from = integer_of(query, low), to = integer_of(query, high);
  if (!from) return tl::unexpected<ApiError>(from.error());
  if (!to) return tl::unexpected<ApiError>(to.error());
  return Window{*from, *to};
}

tl::unexpected<ApiError> no_market(std::string_view ticker) {
  return refuse(404, "not_found", "not found", std::string{ticker});
}

}  // namespace

Answer<std::string> KalshiApi::exchange_status(Call&) {
  const Exchange& x = world_.exchange();
  JsonWriter w;
  w.begin_object().boolean("exchange_active", true).boolean("trading_active", !x.paused(0));
  w.boolean("intra_exchange_transfers_active", true).begin_array("exchange_index_statuses");
  for (const std::int64_t shard : {0, 1, 2}) {
    w.begin_object().integer("exchange_index", shard).string("description", shard == 2 ? "crypto" : "general");
    w.boolean("exchange_active", true).boolean("trading_active", !x.paused(shard));
    w.boolean("intra_exchange_transfers_active", true).end_object();
  }
  return w.end_array().end_object().take();
}

Answer<std::string> KalshiApi::exchange_schedule(Call& call) {
  JsonWriter w;
  w.begin_object().begin_object("schedule").begin_array("standard_hours").begin_object();
  w.string("start_time", format_iso(call.now - 8'760_h)).string("end_time", format_iso(call.now + 8'760_h));
  for (const char* day : {"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"}) {
    w.begin_array(day)
        .begin_object()
        .string("open_time", "00:00")
        .string("close_time", "23:59")
        .end_object()
        .end_array();
  }
  w.end_object().end_array().begin_array("maintenance_windows").end_array();
  return w.end_object().end_object().take();
}

Answer<std::string> KalshiApi::user_data_timestamp(Call& call) {
  JsonWriter w;
  return w.begin_object().string("as_of_time", format_iso(call.now)).end_object().take();
}

Answer<std::string> KalshiApi::markets(Call& call) {
  const auto page = page_of(call.query, 100, 1'000);
  if (!page) return tl::unexpected<ApiError>(page.error());
  const auto closes = window_of(call.query, "min_close_ts", "max_close_ts");
  if (!closes) return tl::unexpected<ApiError>(closes.error());
  const auto settles = window_of(call.query, "min_settled_ts", "max_settled_ts");
  if (!settles) return tl::unexpected<ApiError>(settles.error());
  const std::string status = call.query.first("status").value_or("");
  if (!status.empty() && !is_status(status)) {
    return refuse(400, "invalid_parameters", "invalid parameters",
                  "status is one of unopened, open, paused, closed, settled");
  }
  const std::string series = call.query.first("series_ticker").value_or("");
  const std::string event = call.query.first("event_ticker").value_or("");
  const auto tickers = call.query.all("tickers");
  std::vector<const Market*> found;
  for (const auto& m : world_.exchange().markets()) {
    const auto& c = m.contract;
    if (!series.empty() && c.series != series) continue;
    if (!event.empty() && c.event != event) continue;
    if (!status.empty() && !has_status(m, status, call.now)) continue;
    if (!tickers.empty() && std::find(tickers.begin(), tickers.end(), c.ticker) == tickers.end()) continue;
    if (!closes->holds(c.close)) continue;
    if ((settles->low || settles->high) && !(m.settled && settles->holds(*m.settled))) continue;
    found.push_back(&m);
  }
  JsonWriter w;
  w.begin_object().begin_array("markets");
  for (std::size_t i = page->from; i < found.size() && i < page->from + page->limit; ++i)
    write_market(w, *found[i], call.now);
  return w.end_array().string("cursor", page->next(found.size())).end_object().take();
}

Answer<std::string> KalshiApi::one_market(Call& call) {
  const auto m = world_.exchange().find(call.path[0]);
  if (!m) return no_market(call.path[0]);
  JsonWriter w;
  w.begin_object().name("market");
  write_market(w, world_.exchange().market(*m), call.now);
  return w.end_object().take();
}

Answer<std::string> KalshiApi::orderbook(Call& call) {
  const auto m = world_.exchange().find(call.path[0]);
  if (!m) return no_market(call.path[0]);
  const auto depth = integer_of(call.query, "depth");
  if (!depth) return tl::unexpected<ApiError>(depth.error());
  if (*depth && (**depth < 0 || **depth > 100)) {
    return refuse(400, "invalid_parameters", "invalid parameters", "depth is between 0 and 100");
  }
  JsonWriter w;
  w.begin_object().begin_object("orderbook_fp");
  write_book(w, world_.exchange().market(*m), static_cast<std::size_t>(depth->value_or(0)));
  return w.end_object().end_object().take();
}

Answer<std::string> KalshiApi::orderbooks(Call& call) {
  const auto tickers = call.query.all("tickers");
  if (tickers.empty() || tickers.size() > 100) {
    return refuse(400, "invalid_parameters", "invalid parameters", "tickers: between 1 and 100");
  }
  JsonWriter w;
  w.begin_object().begin_array("orderbooks");
  for (const auto& ticker : tickers) {
    const auto m = world_.exchange().find(ticker);
    if (!m) continue;
    w.begin_object().string("ticker", ticker).begin_object("orderbook_fp");
    write_book(w, world_.exchange().market(*m), 0);
    w.end_object().end_object();
  }
  return w.end_array().end_object().take();
}

Answer<std::string> KalshiApi::trades(Call& call) {
  const auto page = page_of(call.query, 100, 1'000);
  if (!page) return tl::unexpected<ApiError>(page.error());
  const auto times = window_of(call.query, "min_ts", "max_ts");
  if (!times) return tl::unexpected<ApiError>(times.error());
  const std::string ticker = call.query.first("ticker").value_or("");
  const Exchange& x = world_.exchange();
  // The cursor is the id of the last trade given: newer trades in between shift nothing.
  std::vector<std::pair<MarketIndex, const Trade*>> found;
  for (MarketIndex m = 0; m < x.markets().size(); ++m) {
    if (!ticker.empty() && x.market(m).contract.ticker != ticker) continue;
    for (const auto& t : x.market(m).trades) {
      if (times->holds(t.at) && (page->from == 0 || t.id < page->from)) found.emplace_back(m, &t);
    }
  }
  std::sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.second->id > b.second->id; });
  JsonWriter w;
  w.begin_object().begin_array("trades");
  const std::size_t shown = std::min(page->limit, found.size());
  for (std::size_t i = 0; i < shown; ++i) write_trade(w, x, found[i].first, *found[i].second);
  const bool more = shown < found.size();
  return w.end_array().string("cursor", more ? std::to_string(found[shown - 1].second->id) : "").end_object().take();
}

Answer<std::string> KalshiApi::events(Call& call) {
  const auto page = page_of(call.query, 200, 200);
  if (!page) return tl::unexpected<ApiError>(page.error());
  const std::string series = call.query.first("series_ticker").value_or("");
  const std::string status = call.query.first("status").value_or("");
  const bool nested = call.query.first("with_nested_markets").value_or("") == "true";
  std::vector<std::string> found;
  std::set<std::string> seen;
  for (const auto& m : world_.exchange().markets()) {
    if (!series.empty() && m.contract.series != series) continue;
    if (!status.empty() && !has_status(m, status, call.now)) continue;
    if (seen.insert(m.contract.event).second) found.push_back(m.contract.event);
  }
  JsonWriter w;
  w.begin_object().begin_array("events");
  for (std::size_t i = page->from; i < found.size() && i < page->from + page->limit; ++i) {
    write_event(w, world_.exchange(), found[i], nested, call.now);
  }
  return w.end_array().string("cursor", page->next(found.size())).end_object().take();
}

Answer<std::string> KalshiApi::one_event(Call& call) {
  const auto& all = world_.exchange().markets();
  const bool known =
      std::any_of(all.begin(), all.end(), [&](const Market& m) { return m.contract.event == call.path[0]; });
  if (!known) return no_market(call.path[0]);
  const bool nested = call.query.first("with_nested_markets").value_or("") == "true";
  JsonWriter w;
  w.begin_object().name("event");
  write_event(w, world_.exchange(), call.path[0], nested, call.now);
  w.begin_array("markets");
  for (const auto& m : all) {
    if (!nested && m.contract.event == call.path[0]) write_market(w, m, call.now);
  }
  return w.end_array().end_object().take();
}

Answer<std::string> KalshiApi::all_series(Call& call) {
  JsonWriter w;
  w.begin_object().begin_array("series");
  for (const auto series : kSeries) write_series(w, world_.exchange(), series, call.now);
  return w.end_array().end_object().take();
}

Answer<std::string> KalshiApi::one_series(Call& call) {
  if (std::find(kSeries.begin(), kSeries.end(), call.path[0]) == kSeries.end()) return no_market(call.path[0]);
  JsonWriter w;
  w.begin_object().name("series");
  write_series(w, world_.exchange(), call.path[0], call.now);
  return w.end_object().take();
}

Answer<std::string> KalshiApi::historical_cutoff(Call& call) {
  const std::string cutoff = format_iso(call.now - 2'160_h);
  JsonWriter w;
  w.begin_object().string("market_settled_ts", cutoff).string("trades_created_ts", cutoff);
  w.string("orders_updated_ts", cutoff).string("market_positions_last_updated_ts", cutoff);
  return w.end_object().take();
}

// Nothing here is old enough to be history.
Answer<std::string> KalshiApi::empty_history(Call& call) {
  JsonWriter w;
  if (call.action == "positions") {
    w.begin_object().begin_array("market_positions").end_array().begin_array("event_positions").end_array();
    return w.string("cursor", "").end_object().take();
  }
  return w.begin_object().begin_array(call.action).end_array().string("cursor", "").end_object().take();
}

Answer<std::string> KalshiApi::no_history(Call& call) {
  return no_market(call.path[0]);
}

// Nobody pays rewards here.
Answer<std::string> KalshiApi::incentives(Call&) {
  return std::string{R"({"incentive_programs":[]})"};
}

}  // namespace voltage::venue::virtual_kalshi
