// What the account's owner may read, and moving cash between shards.
#include <algorithm>

#include "base/decimal.hpp"
#include "base/time.hpp"
#include "io/json_writer.hpp"
#include "venue/virtual/kalshi_api.hpp"
#include "venue/virtual/kalshi_json.hpp"

namespace voltage::venue::virtual_kalshi {
namespace {

using io::JsonWriter;

struct Filter {
  std::string ticker, event, status, order_id;
  std::optional<std::int64_t> min_ts, max_ts, shard;

  bool holds(const Market& m, Time at) const {
    const std::int64_t s = at.ns / 1'000'000'000;
    const auto& c = m.contract;
    return (ticker.empty() || c.ticker == ticker) && (event.empty() || c.event == event) && (!min_ts || s >= *min_ts) &&
           (!max_ts || s <= *max_ts) && (!shard || c.exchange_index == *shard);
  }
};

Answer<Filter> filter_of(const net::Query& query) {
  Filter f;
  f.ticker = query.first("ticker").value_or("");
  f.event = query.first("event_ticker").value_or("");
  f.status = query.first("status").value_or("");
  f.order_id = query.first("order_id").value_or("");
  const auto low = integer_of(query, "min_ts"), high = integer_of(query, "max_ts");
  const auto shard = integer_of(query, "exchange_index");
  if (!low) return tl::unexpected<ApiError>(low.error());
  if (!high) return tl::unexpected<ApiError>(high.error());
  if (!shard) return tl::unexpected<ApiError>(shard.error());
  f.min_ts = *low;
  f.max_ts = *high;
  f.shard = *shard;
  return f;
}

std::int64_t cents(Money m) {
  return m.micros / 10'000;
}

// What held contracts would fetch at the mid: the venue's "portfolio value".
Money portfolio_value(const Exchange& x, const Account& account) {
  Money total{};
  for (const auto& [m, p] : account.positions) {
    const auto bid = x.market(m).best_bid(), ask = x.market(m).best_ask();
    const Price mid{((bid ? bid->pips : 0) + (ask ? ask->pips : Price::kOne)) / 2};
    total += p.qty.centis >= 0 ? mid * p.qty : mid.complement() * (-p.qty);
  }
  return total;
}

}  // namespace

Answer<std::string> KalshiApi::balance(Call& call) {
  const Exchange& x = world_.exchange();
  const auto owner = account_of(call);
  if (!owner) return tl::unexpected<ApiError>(owner.error());
  const auto& account = x.account(*owner);
  const auto shard = integer_of(call.query, "exchange_index");
  if (!shard) return tl::unexpected<ApiError>(shard.error());
  Money total{};
  for (const auto& [index, cash] : account.cash) {
    if (!*shard || index == **shard) total += x.available(*owner, index);
  }
  JsonWriter w;
  w.begin_object().integer("balance", cents(total)).money("balance_dollars", total);
  w.integer("portfolio_value", cents(portfolio_value(x, account))).integer("updated_ts", call.now.ns / 1'000'000'000);
  w.begin_array("balance_breakdown");
  for (const auto& [index, cash] : account.cash) {
    w.begin_object().integer("exchange_index", index).money("balance", x.available(*owner, index)).end_object();
  }
  return w.end_array().end_object().take();
}

Answer<std::string> KalshiApi::orders(Call& call) {
  const auto page = page_of(call.query, 100, 1'000);
  if (!page) return tl::unexpected<ApiError>(page.error());
  const auto filter = filter_of(call.query);
  if (!filter) return tl::unexpected<ApiError>(filter.error());
  if (!filter->status.empty() && filter->status != "resting" && filter->status != "canceled" &&
      filter->status != "executed") {
    return refuse(400, "invalid_parameters", "invalid parameters", "status is one of resting, canceled, executed");
  }
  const Exchange& x = world_.exchange();
  const auto all = accounts_of(call);
  if (!all) return tl::unexpected<ApiError>(all.error());
  std::vector<const Order*> found;
  for (const auto a : *all) {
    for (const auto id : x.account(a).orders) {
      const Order* order = x.order(id);
      if (!filter->holds(x.market(order->market), order->created)) continue;
      if (!filter->status.empty() && filter->status != name(order->status)) continue;
      found.push_back(order);
    }
  }
  std::sort(found.begin(), found.end(), [](const Order* a, const Order* b) { return a->id > b->id; });
  JsonWriter w;
  w.begin_object().begin_array("orders");
  for (std::size_t i = page->from; i < found.size() && i < page->from + page->limit; ++i) write_order(w, x, *found[i]);
  return w.end_array().string("cursor", page->next(found.size())).end_object().take();
}

Answer<std::string> KalshiApi::one_order(Call& call) {
  const auto id = number_of(call.path[0], 'o');
  const Order* order = id ? world_.exchange().order(*id) : nullptr;
  if (order == nullptr || order->account == kHouse) return refuse(404, "not_found", "not found", "order");
  JsonWriter w;
  w.begin_object().name("order");
  write_order(w, world_.exchange(), *order);
  return w.end_object().take();
}

Answer<std::string> KalshiApi::queue_positions(Call& call) {
  const auto tickers = call.query.all("market_tickers");
  const std::string event = call.query.first("event_ticker").value_or("");
  const auto account = account_of(call);
  if (!account) return tl::unexpected<ApiError>(account.error());
  const Exchange& x = world_.exchange();
  JsonWriter w;
  w.begin_object().begin_array("queue_positions");
  for (const auto id : x.account(*account).resting) {
    const Order& order = *x.order(id);
    const auto& c = x.market(order.market).contract;
    if (!tickers.empty() && std::find(tickers.begin(), tickers.end(), c.ticker) == tickers.end()) continue;
    if (!event.empty() && c.event != event) continue;
    w.begin_object().string("order_id", uuid_of('o', id)).string("market_ticker", c.ticker);
    w.qty("queue_position_fp", x.queue_ahead(order)).end_object();
  }
  return w.end_array().end_object().take();
}

Answer<std::string> KalshiApi::queue_position(Call& call) {
  const auto id = number_of(call.path[0], 'o');
  const Order* order = id ? world_.exchange().order(*id) : nullptr;
  const bool resting = order != nullptr && order->account != kHouse && order->status == OrderStatus::resting;
  if (!resting) return refuse(404, "not_found", "not found", "order");
  JsonWriter w;
  return w.begin_object().qty("queue_position_fp", world_.exchange().queue_ahead(*order)).end_object().take();
}

Answer<std::string> KalshiApi::fills(Call& call) {
  const auto page = page_of(call.query, 100, 1'000);
  if (!page) return tl::unexpected<ApiError>(page.error());
  const auto filter = filter_of(call.query);
  if (!filter) return tl::unexpected<ApiError>(filter.error());
  const Exchange& x = world_.exchange();
  const auto all = accounts_of(call);
  if (!all) return tl::unexpected<ApiError>(all.error());
  std::vector<const Fill*> found;
  for (const auto a : *all) {
    for (const auto& fill : x.account(a).fills) {
      if (!filter->holds(x.market(fill.market), fill.at)) continue;
      if (!filter->order_id.empty() && filter->order_id != uuid_of('o', fill.order_id)) continue;
      found.push_back(&fill);
    }
  }
  std::sort(found.begin(), found.end(), [](const Fill* a, const Fill* b) { return a->trade_id > b->trade_id; });
  JsonWriter w;
  w.begin_object().begin_array("fills");
  for (std::size_t i = page->from; i < found.size() && i < page->from + page->limit; ++i) write_fill(w, x, *found[i]);
  return w.end_array().string("cursor", page->next(found.size())).end_object().take();
}

Answer<std::string> KalshiApi::positions(Call& call) {
  const auto page = page_of(call.query, 100, 1'000);
  if (!page) return tl::unexpected<ApiError>(page.error());
  const auto filter = filter_of(call.query);
  if (!filter) return tl::unexpected<ApiError>(filter.error());
  const std::string nonzero = call.query.first("count_filter").value_or("");
  const Exchange& x = world_.exchange();
  std::vector<MarketIndex> found;
  std::map<std::string, Position> events;
  const auto account = account_of(call);
  if (!account) return tl::unexpected<ApiError>(account.error());
  const auto& all = x.account(*account).positions;
  for (const auto& [m, p] : all) {
    if (!filter->holds(x.market(m), p.updated)) continue;
    if (nonzero.find("position") != std::string::npos && p.qty.centis == 0) continue;
    found.push_back(m);
    Position& e = events[x.market(m).contract.event];
    e.cost += p.cost;
    e.realized += p.realized;
    e.fees += p.fees;
    e.traded += p.traded;
    e.volume += p.volume;
  }
  JsonWriter w;
  w.begin_object().begin_array("market_positions");
  for (std::size_t i = page->from; i < found.size() && i < page->from + page->limit; ++i) {
    write_position(w, x, found[i], all.at(found[i]));
  }
  w.end_array().begin_array("event_positions");
  for (const auto& [event, p] : events) {
    w.begin_object().string("event_ticker", event).money("total_cost_dollars", p.traded);
    w.qty("total_cost_shares_fp", p.volume).money("event_exposure_dollars", p.cost);
    w.money("realized_pnl_dollars", p.realized).money("fees_paid_dollars", p.fees).end_object();
  }
  return w.end_array().string("cursor", page->next(found.size())).end_object().take();
}

Answer<std::string> KalshiApi::settlements(Call& call) {
  const auto page = page_of(call.query, 100, 1'000);
  if (!page) return tl::unexpected<ApiError>(page.error());
  const auto filter = filter_of(call.query);
  if (!filter) return tl::unexpected<ApiError>(filter.error());
  const Exchange& x = world_.exchange();
  const auto all = accounts_of(call);
  if (!all) return tl::unexpected<ApiError>(all.error());
  std::vector<const Settlement*> found;
  for (const auto a : *all) {
    for (const auto& s : x.account(a).settlements) {
      if (filter->holds(x.market(s.market), s.at)) found.push_back(&s);
    }
  }
  std::stable_sort(found.begin(), found.end(), [](const Settlement* a, const Settlement* b) { return a->at > b->at; });
  JsonWriter w;
  w.begin_object().begin_array("settlements");
  for (std::size_t i = page->from; i < found.size() && i < page->from + page->limit; ++i)
    write_settlement(w, x, *found[i]);
  return w.end_array().string("cursor", page->next(found.size())).end_object().take();
}

Answer<std::string> KalshiApi::resting_value(Call&) {
  const Exchange& x = world_.exchange();
  Money total{};
  JsonWriter shards;
  shards.begin_array();
  for (const auto& [index, cash] : x.account(world_.account()).cash) {
    const Money held = x.reserved(world_.account(), index);
    total += held;
    shards.begin_object().integer("exchange_index", index).money("balance", held).end_object();
  }
  shards.end_array();
  JsonWriter w;
  w.begin_object().integer("total_resting_order_value", cents(total));
  return w.raw("resting_order_value_breakdown", shards.take()).end_object().take();
}

Answer<std::string> KalshiApi::limits(Call&) {
  JsonWriter w;
  w.begin_object().string("usage_tier", tier_.name).begin_object("read");
  w.integer("refill_rate", tier_.read_rate).integer("bucket_capacity", tier_.read_capacity).end_object();
  w.begin_object("write").integer("refill_rate", tier_.write_rate).integer("bucket_capacity", tier_.write_capacity);
  return w.end_object().begin_array("grants").end_array().end_object().take();
}

Answer<std::string> KalshiApi::endpoint_costs(Call&) {
  constexpr std::int64_t kDefaultCost = 10;
  JsonWriter w;
  w.begin_object().integer("default_cost", kDefaultCost).begin_array("endpoint_costs");
  for (const auto& route : routes()) {
    if (route.cost == kDefaultCost) continue;
    std::string path = "/trade-api/v2/" + std::string{route.pattern};
    for (auto hole = path.find("{}"); hole != std::string::npos; hole = path.find("{}")) path.replace(hole, 2, ":id");
    w.begin_object().string("method", route.method).string("path", path).integer("cost", route.cost).end_object();
  }
  return w.end_array().end_object().take();
}

}  // namespace voltage::venue::virtual_kalshi
