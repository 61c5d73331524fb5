// What the exchange tells, in the words of the WebSocket.
#include "base/decimal.hpp"
#include "base/time.hpp"
#include "io/json_writer.hpp"
#include "venue/virtual/kalshi_json.hpp"
#include "venue/virtual/kalshi_session.hpp"
#include "venue/virtual/listing.hpp"

namespace voltage::venue::virtual_kalshi {
namespace {

std::int64_t seconds(Time t) {
  return t.ns / 1'000'000'000;
}

const char* yes_no(Side side) {
  return side == Side::bid ? "yes" : "no";
}
const char* bid_ask(Side side) {
  return side == Side::bid ? "bid" : "ask";
}

const char* name(LifecycleKind kind) {
  constexpr const char* kNames[] = {"created", "activated", "deactivated", "determined", "settled", "metadata_updated"};
  return kNames[static_cast<std::size_t>(kind)];
}

}  // namespace

void KalshiSession::book_change(std::int64_t sid, Subscription& s, const BookChange& change, Time at) {
  const Market& m = world_.exchange().market(change.market);
  const bool flip = change.side == Side::ask && !s.use_yes_price;
  auto w = begin("orderbook_delta", sid, &s);
  w.begin_object("msg").string("market_ticker", m.contract.ticker).string("market_id", m.market_id);
  w.integer("clock", change.clock).price("price_dollars", flip ? change.price.complement() : change.price);
  w.qty("delta_fp", change.change).string("side", yes_no(change.side));
  if (owns(change.account) && !change.client_order_id.empty()) {
    w.string("client_order_id", change.client_order_id).integer("subaccount", subaccount_of(change.account));
  }
  w.string("ts", format_iso(at)).integer("ts_ms", at.ms()).end_object();
  send(w);
}

void KalshiSession::ticker(std::int64_t sid, MarketIndex index) {
  const Market& m = world_.exchange().market(index);
  const Time now = world_.now();
  io::JsonWriter w;
  w.begin_object().string("type", "ticker").integer("sid", sid).begin_object("msg");
  w.string("market_id", m.market_id).string("market_ticker", m.contract.ticker);
  w.price("price_dollars", m.last.value_or(Price{0})).price("yes_bid_dollars", m.best_bid().value_or(Price{0}));
  w.price("yes_ask_dollars", m.best_ask().value_or(Price{Price::kOne})).qty("volume_fp", m.volume);
  w.qty("open_interest_fp", m.open_interest).integer("dollar_volume", m.volume.centis / 100);
  w.integer("dollar_open_interest", m.open_interest.centis / 100);
  w.qty("yes_bid_size_fp", m.bids.empty() ? Qty{} : m.bids.rbegin()->second.total);
  w.qty("yes_ask_size_fp", m.asks.empty() ? Qty{} : m.asks.begin()->second.total);
  w.qty("last_trade_size_fp", m.last_qty).integer("ts", seconds(now)).integer("ts_ms", now.ms());
  w.string("time", format_iso(now)).end_object();
  send(w);
}

void KalshiSession::lifecycle(std::int64_t sid, Subscription& s, const LifecycleNotice& notice) {
  const Market& m = world_.exchange().market(notice.market);
  const auto& c = m.contract;
  auto w = begin("market_lifecycle_v2", sid, &s);
  w.begin_object("msg").string("event_type", name(notice.kind)).string("market_ticker", c.ticker);
  const auto strike = [&] {
    w.string("strike_type", virtual_kalshi::name(c.strike.type));
    if (c.strike.floor) w.raw("floor_strike", strike_text(*c.strike.floor));
    if (c.strike.cap) w.raw("cap_strike", strike_text(*c.strike.cap));
  };
  switch (notice.kind) {
    case LifecycleKind::created:
      w.integer("exchange_index", c.exchange_index)
          .integer("open_ts", seconds(c.open))
          .integer("close_ts", seconds(c.close));
      w.begin_object("additional_metadata").string("name", m.title).string("title", m.title);
      w.string("yes_sub_title", m.yes_title).string("no_sub_title", m.no_title).string("rules_primary", m.rules);
      w.string("rules_secondary", "").boolean("can_close_early", true).string("event_ticker", c.event);
      w.integer("expected_expiration_ts", seconds(c.close) + 300);
      strike();
      w.end_object().string("price_level_structure", price_structure(c.ticks));
      write_ranges(w, c.ticks);
      break;
    case LifecycleKind::activated:
    case LifecycleKind::deactivated:
      w.boolean("is_deactivated", notice.kind == LifecycleKind::deactivated);
      break;
    case LifecycleKind::determined:
      w.string("result", m.yes.value_or(false) ? "yes" : "no").integer("determination_ts", seconds(m.updated));
      w.string("settlement_value", m.yes.value_or(false) ? "1.0000" : "0.0000");
      break;
    case LifecycleKind::settled:
      w.integer("settled_ts", seconds(m.settled.value_or(m.updated)));
      break;
    case LifecycleKind::metadata_updated:
      strike();
      w.string("yes_sub_title", m.yes_title);
      break;
  }
  w.end_object();
  send(w);
}

void KalshiSession::on_notice(const Stamped& notice) {
  const Exchange& x = world_.exchange();
  if (const auto* change = std::get_if<BookChange>(&notice.what)) {
    moved_.insert(change->market);
    each("orderbook_delta", [&](std::int64_t sid, Subscription& s) {
      if (s.wants(change->market)) book_change(sid, s, *change, notice.at);
    });
  } else if (const auto* print = std::get_if<TradePrint>(&notice.what)) {
    each("trade", [&](std::int64_t sid, Subscription& s) {
      if (!s.wants(print->market)) return;
      const auto& t = print->trade;
      auto w = begin("trade", sid, &s);
      w.begin_object("msg").string("trade_id", uuid_of('t', t.id));
      w.string("market_ticker", x.market(print->market).contract.ticker);
      w.price("yes_price_dollars", t.price).price("no_price_dollars", t.price.complement()).qty("count_fp", t.qty);
      w.string("taker_side", yes_no(t.taker)).string("taker_outcome_side", yes_no(t.taker));
      w.string("taker_book_side", bid_ask(t.taker)).boolean("is_block_trade", false);
      w.integer("ts", seconds(t.at)).integer("ts_ms", t.at.ms()).end_object();
      send(w);
    });
  } else if (const auto* lifecycle_notice = std::get_if<LifecycleNotice>(&notice.what)) {
    each("market_lifecycle_v2", [&](std::int64_t sid, Subscription& s) { lifecycle(sid, s, *lifecycle_notice); });
  } else if (const auto* fill = std::get_if<FillNotice>(&notice.what); fill != nullptr && owns(fill->account)) {
    each("fill", [&](std::int64_t sid, Subscription& s) {
      if (!s.wants(fill->fill.market)) return;
      const auto& f = fill->fill;
      const auto& c = x.market(f.market).contract;
      auto w = begin("fill", sid, &s);
      w.begin_object("msg").string("trade_id", uuid_of('t', f.trade_id)).string("order_id", uuid_of('o', f.order_id));
      if (!fill->client_order_id.empty()) w.string("client_order_id", fill->client_order_id);
      w.string("market_ticker", c.ticker).integer("exchange_index", c.exchange_index).boolean("is_taker", f.taker);
      w.string("side", yes_no(f.side)).integer("ts", seconds(f.at)).integer("ts_ms", f.at.ms());
      w.price("yes_price_dollars", f.price).qty("count_fp", f.qty).money("fee_cost", f.fee).string("action", "buy");
      w.qty("post_position_fp", f.position_after).string("purchased_side", yes_no(f.side));
      w.string("outcome_side", yes_no(f.side))
          .string("book_side", bid_ask(f.side))
          .integer("subaccount", subaccount_of(fill->account))
          .end_object();
      send(w);
    });
  } else if (const auto* order = std::get_if<OrderNotice>(&notice.what); order != nullptr && owns(order->account)) {
    each("user_orders", [&](std::int64_t sid, Subscription& s) {
      if (!s.wants(order->order.market)) return;
      const auto& o = order->order;
      const auto& c = x.market(o.market).contract;
      auto w = begin("user_order", sid, &s);
      w.begin_object("msg")
          .string("order_id", uuid_of('o', o.id))
          .string("user_id", kUserId)
          .string("ticker", c.ticker);
      w.integer("exchange_index", c.exchange_index).string("status", virtual_kalshi::name(o.status));
      w.string("side", yes_no(o.side)).boolean("is_yes", o.side == Side::bid).string("outcome_side", yes_no(o.side));
      w.string("book_side", bid_ask(o.side)).price("yes_price_dollars", o.price);
      write_order_amounts(w, o);
      w.string("client_order_id", o.client_order_id);
      if (!o.group_id.empty()) w.string("order_group_id", o.group_id);
      w.string("self_trade_prevention_type", o.stp == Stp::maker ? "maker" : "taker_at_cross");
      w.string("created_time", format_iso(o.created)).integer("created_ts_ms", o.created.ms());
      if (o.expires) w.string("expiration_time", format_iso(*o.expires)).integer("expiration_ts_ms", o.expires->ms());
      if (!o.reason.empty()) {
        w.string("last_update_time", format_iso(o.updated)).integer("last_updated_ts_ms", o.updated.ms());
        w.string("last_update_reason", o.reason);
      }
      w.integer("subaccount_number", subaccount_of(order->account)).end_object();
      send(w);
    });
  } else if (const auto* p = std::get_if<PositionNotice>(&notice.what); p != nullptr && owns(p->account)) {
    each("market_positions", [&](std::int64_t sid, Subscription& s) {
      if (!s.wants(p->market)) return;
      auto w = begin("market_position", sid, &s);
      w.begin_object("msg").string("user_id", kUserId).string("market_ticker", x.market(p->market).contract.ticker);
      w.qty("position_fp", p->position.qty).money("position_cost_dollars", p->position.cost);
      w.money("realized_pnl_dollars", p->position.realized).money("fees_paid_dollars", p->position.fees);
      w.string("position_fee_cost_dollars", "0.000000")
          .qty("volume_fp", p->position.volume)
          .integer("subaccount", subaccount_of(p->account));
      w.end_object();
      send(w);
    });
  } else if (const auto* fees = std::get_if<FeeNotice>(&notice.what)) {
    each("market_lifecycle_v2", [&](std::int64_t sid, Subscription& s) {
      auto w = begin("event_fee_update", sid, &s);
      w.begin_object("msg").string("event_ticker", fees->event);
      if (fees->own) {
        w.string("fee_type_override", virtual_kalshi::name(fees->own->type));
        w.raw("fee_multiplier_override", multiplier_text(*fees->own));
      } else {
        w.raw("fee_type_override", "null").raw("fee_multiplier_override", "null");
      }
      w.end_object();
      send(w);
    });
  } else if (const auto* g = std::get_if<GroupNotice>(&notice.what); g != nullptr && owns(g->account)) {
    each("order_group_updates", [&](std::int64_t sid, Subscription& s) {
      auto w = begin("order_group_updates", sid, &s);
      w.begin_object("msg").string("event_type", g->kind).string("order_group_id", g->id);
      w.qty("contracts_limit_fp", g->limit).integer("ts_ms", notice.at.ms()).end_object();
      send(w);
    });
  }
}

void KalshiSession::on_index(const IndexSecond& second) {
  const std::string value = format_fixed(second.value.e8 / 1'000'000, 2);
  io::JsonWriter data;
  data.begin_object()
      .string("type", "value")
      .integer("time", second.at.ms())
      .string("id", "BRTI")
      .string("value", value);
  const std::string inner = data.end_object().take();
  const auto average = [](io::JsonWriter& w, std::string_view key, std::int64_t e8, int count, Time from, Time until) {
    w.begin_object(key).string("value", format_fixed(e8, 8)).integer("window_size", count);
    w.integer("window_start_ts_ms", from.ms()).integer("window_end_ts_exclusive", until.ms()).end_object();
  };
  const auto back = [&](int s) { return Time{second.at.ns - s * 1'000'000'000LL}; };
  each("cfbenchmarks_value", [&](std::int64_t sid, Subscription& s) {
    if (!s.index_ids.contains("BRTI")) return;
    auto w = begin("cfbenchmarks_value", sid, &s);
    w.begin_object("msg").string("index_id", "BRTI").integer("received_at", second.at.ms() + 30).string("data", inner);
    average(w, "avg_60s_data", second.average_60s_e8, second.average_count, back(60), second.at);
    if (second.settlement_e8) {
      average(w, "last_60s_windowed_average_15min", *second.settlement_e8, second.settlement_count,
              back(second.settlement_count - 1), Time{second.at.ns + 1'000'000});
    }
    w.end_object();
    send(w);
  });
  each("cfbenchmarks_value_5hz", [&](std::int64_t sid, Subscription& s) {
    if (!s.index_ids.contains("BRTI")) return;
    auto w = begin("cfbenchmarks_value_5hz", sid, &s);
    w.begin_object("msg").string("index_id", "BRTI").string("value_usd", format_fixed(second.value.e8, 8));
    w.integer("source_ts_ms", second.at.ms())
        .integer("received_at", second.at.ms() + 30)
        .string("data", inner)
        .end_object();
    send(w);
  });
}

}  // namespace voltage::venue::virtual_kalshi
