// The V2 order API: bodies in, the exchange's answer out.
#include <algorithm>

#include <fmt/format.h>

#include "base/decimal.hpp"
#include "io/json_writer.hpp"
#include "venue/virtual/kalshi_api.hpp"

namespace voltage::venue::virtual_kalshi {
namespace {

using io::JsonWriter;

ApiError invalid_body(const Flaws& flaws) {
  return {400, "invalid_parameters", "invalid parameters", flaws.error};
}

// {order_id, client_order_id?, fill_count, remaining_count, averages?, ts_ms} of one order.
void write_placed(JsonWriter& w, const Exchange& x, const Placed& p, Time now) {
  w.string("order_id", uuid_of('o', p.id));
  const Order* order = x.order(p.id);
  if (order != nullptr && !order->client_order_id.empty()) w.string("client_order_id", order->client_order_id);
  w.qty("fill_count", p.filled).qty("remaining_count", p.remaining);
  if (p.average_price) w.money("average_fill_price", *p.average_price);
  if (p.average_fee) w.money("average_fee_paid", *p.average_fee);
  w.integer("ts_ms", now.ms());
}

void write_error(JsonWriter& w, const ApiError& e) {
  w.begin_object("error").string("code", e.code).string("message", e.message);
  if (!e.details.empty()) w.string("details", e.details);
  w.end_object();
}

// -1 asks for routing by the market, as an absent index does.
std::optional<std::int64_t> shard_of(Fields& f) {
  const auto index = f.maybe_integer("exchange_index", -1, 100);
  return index && *index >= 0 ? index : std::nullopt;
}

// One order's fields. The flaws name what is missing or wrong.
OrderRequest request_of(JsonValue value, Flaws& flaws) {
  Fields f{value, "order", flaws};
  OrderRequest r;
  r.ticker = f.text("ticker");
  r.client_order_id = f.text_or("client_order_id");
  const std::string_view side = f.text("side");
  if (side != "bid" && side != "ask") f.refuse("side", "is neither bid nor ask");
  r.side = side == "ask" ? Side::ask : Side::bid;
  r.count = f.qty("count");
  r.price = f.price("price");
  if (const auto seconds = f.maybe_integer("expiration_time", 0, 4'102'444'800))
    r.expires = Time::from_ms(*seconds * 1000);
  r.exchange_index = shard_of(f);
  r.post_only = f.maybe_boolean("post_only").value_or(false);
  r.reduce_only = f.maybe_boolean("reduce_only").value_or(false);
  r.cancel_on_pause = f.maybe_boolean("cancel_order_on_pause").value_or(false);
  r.group_id = f.text_or("order_group_id");
  r.subaccount = f.maybe_integer("subaccount", 0, 63).value_or(0);
  return r;
}

void time_in_force(JsonValue value, OrderRequest& r, Flaws& flaws) {
  Fields f{value, "order", flaws};
  const std::string_view tif = f.text("time_in_force");
  if (tif == "good_till_canceled") {
    r.tif = Tif::good_till_canceled;
  } else if (tif == "immediate_or_cancel") {
    r.tif = Tif::immediate_or_cancel;
  } else if (tif == "fill_or_kill") {
    r.tif = Tif::fill_or_kill;
  } else {
    f.refuse("time_in_force", "is not one of good_till_canceled, immediate_or_cancel, fill_or_kill");
  }
  const std::string_view stp = f.text("self_trade_prevention_type");
  if (stp != "taker_at_cross" && stp != "maker")
    f.refuse("self_trade_prevention_type", "is neither taker_at_cross nor maker");
  r.stp = stp == "maker" ? Stp::maker : Stp::taker_at_cross;
}

Answer<std::uint64_t> order_id_of(std::string_view text) {
  const auto id = number_of(text, 'o');
  if (!id) return refuse(404, "not_found", "not found", "order");
  return *id;
}

}  // namespace

Answer<JsonValue> KalshiApi::body_of(Call& call) {
  const auto parsed = document_.parse(call.request.body);
  if (!parsed) return refuse(400, "bad_request", "the body is no JSON", parsed.error().message);
  if (!parsed->is(JsonType::object)) return refuse(400, "bad_request", "the body is no object");
  return *parsed;
}

Answer<OrderRequest> KalshiApi::order_of(JsonValue body) const {
  Flaws flaws;
  OrderRequest r = request_of(body, flaws);
  time_in_force(body, r, flaws);
  if (!flaws.error.empty()) return tl::unexpected<ApiError>(invalid_body(flaws));
  return r;
}

Answer<std::string> KalshiApi::create_order(Call& call) {
  const auto body = body_of(call);
  if (!body) return tl::unexpected<ApiError>(body.error());
  const auto request = order_of(*body);
  if (!request) return tl::unexpected<ApiError>(request.error());
  const auto account = account_at(request->subaccount);
  if (!account) return tl::unexpected<ApiError>(account.error());
  const auto placed = world_.exchange().create(*account, *request, call.now);
  if (!placed) return tl::unexpected<ApiError>(placed.error());
  JsonWriter w;
  w.begin_object();
  write_placed(w, world_.exchange(), *placed, call.now);
  return w.end_object().take();
}

Answer<std::string> KalshiApi::cancel_order(Call& call) {
  const auto id = order_id_of(call.path[0]);
  if (!id) return tl::unexpected<ApiError>(id.error());
  auto shard = integer_of(call.query, "exchange_index");
  if (!shard) return tl::unexpected<ApiError>(shard.error());
  if (*shard == -1) shard->reset();
  const auto account = account_of(call);
  if (!account) return tl::unexpected<ApiError>(account.error());
  const std::string ticker = call.query.first("market_ticker").value_or("");
  const auto reduced = world_.exchange().cancel(*account, *id, *shard, ticker, call.now);
  if (!reduced) return tl::unexpected<ApiError>(reduced.error());
  JsonWriter w;
  w.begin_object().string("order_id", call.path[0]);
  w.string("client_order_id", world_.exchange().order(*id)->client_order_id);
  return w.qty("reduced_by", *reduced).integer("ts_ms", call.now.ms()).end_object().take();
}

Answer<std::string> KalshiApi::amend_order(Call& call) {
  const auto id = order_id_of(call.path[0]);
  if (!id) return tl::unexpected<ApiError>(id.error());
  const auto body = body_of(call);
  if (!body) return tl::unexpected<ApiError>(body.error());
  Flaws flaws;
  const OrderRequest terms = request_of(*body, flaws);
  Fields f{*body, "order", flaws};
  const std::string new_id{f.text_or("updated_client_order_id")};
  if (!flaws.error.empty()) return tl::unexpected<ApiError>(invalid_body(flaws));
  const auto account = account_of(call);
  if (!account) return tl::unexpected<ApiError>(account.error());
  const auto placed = world_.exchange().amend(*account, *id, terms, new_id, call.now);
  if (!placed) return tl::unexpected<ApiError>(placed.error());
  JsonWriter w;
  w.begin_object();
  write_placed(w, world_.exchange(), *placed, call.now);
  return w.end_object().take();
}

Answer<std::string> KalshiApi::decrease_order(Call& call) {
  const auto id = order_id_of(call.path[0]);
  if (!id) return tl::unexpected<ApiError>(id.error());
  const auto body = body_of(call);
  if (!body) return tl::unexpected<ApiError>(body.error());
  Flaws flaws;
  Fields f{*body, "order", flaws};
  const auto by = f.maybe_qty("reduce_by"), to = f.maybe_qty("reduce_to");
  const auto shard = shard_of(f);
  const std::string ticker{f.text_or("market_ticker")};
  const auto account = account_of(call);
  if (!flaws.error.empty()) return tl::unexpected<ApiError>(invalid_body(flaws));
  if (!account) return tl::unexpected<ApiError>(account.error());
  const auto placed = world_.exchange().decrease(*account, *id, by, to, shard, ticker, call.now);
  if (!placed) return tl::unexpected<ApiError>(placed.error());
  JsonWriter w;
  w.begin_object().string("order_id", call.path[0]);
  w.string("client_order_id", world_.exchange().order(*id)->client_order_id);
  return w.qty("remaining_count", placed->remaining).integer("ts_ms", call.now.ms()).end_object().take();
}

Answer<std::string> KalshiApi::cancel_all(Call& call) {
  const auto all = accounts_of(call);
  if (!all) return tl::unexpected<ApiError>(all.error());
  for (const auto account : *all) world_.exchange().cancel_all(account, call.now);
  return std::string{};
}

Answer<std::string> KalshiApi::batch_create(Call& call) {
  const auto body = body_of(call);
  if (!body) return tl::unexpected<ApiError>(body.error());
  Flaws flaws;
  Fields f{*body, "body", flaws};
  const JsonValue list = f.child("orders", JsonType::array);
  if (!flaws.error.empty()) return tl::unexpected<ApiError>(invalid_body(flaws));
  JsonWriter w;
  w.begin_object().begin_array("orders");
  for (const JsonValue entry : list) {
    w.begin_object();
    const auto request = order_of(entry);
    const auto account = request ? account_at(request->subaccount) : tl::unexpected<ApiError>(request.error());
    const auto placed = account ? world_.exchange().create(*account, *request, call.now)
                                : Answer<Placed>{tl::unexpected<ApiError>(account.error())};
    if (placed) {
      write_placed(w, world_.exchange(), *placed, call.now);
    } else {
      if (request && !request->client_order_id.empty()) w.string("client_order_id", request->client_order_id);
      write_error(w, placed.error());
    }
    w.end_object();
  }
  return w.end_array().end_object().take();
}

Answer<std::string> KalshiApi::batch_cancel(Call& call) {
  const auto body = body_of(call);
  if (!body) return tl::unexpected<ApiError>(body.error());
  Flaws flaws;
  Fields f{*body, "body", flaws};
  const JsonValue list = f.child("orders", JsonType::array);
  JsonWriter w;
  w.begin_object().begin_array("orders");
  for (const JsonValue entry : list) {
    Fields order{entry, "order", flaws};
    const std::string text{order.text("order_id")};
    const auto account = account_at(order.maybe_integer("subaccount", 0, 63).value_or(0));
    const auto shard = shard_of(order);
    const std::string ticker{order.text_or("market_ticker")};
    if (!flaws.error.empty()) break;
    const auto id = order_id_of(text);
    const auto reduced = !id        ? Answer<Qty>{tl::unexpected<ApiError>(id.error())}
                         : !account ? Answer<Qty>{tl::unexpected<ApiError>(account.error())}
                                    : world_.exchange().cancel(*account, *id, shard, ticker, call.now);
    w.begin_object().string("order_id", text).qty("reduced_by", reduced ? *reduced : Qty{0});
    if (reduced) {
      w.string("client_order_id", world_.exchange().order(*id)->client_order_id).integer("ts_ms", call.now.ms());
    } else {
      write_error(w, reduced.error());
    }
    w.end_object();
  }
  if (!flaws.error.empty()) return tl::unexpected<ApiError>(invalid_body(flaws));
  return w.end_array().end_object().take();
}

// --- Order groups ------------------------------------------------------------------------------------------

namespace {
Qty group_limit(Fields& f) {
  const auto fine = f.maybe_qty("contracts_limit_fp");
  const auto whole = f.maybe_integer("contracts_limit", 1, 1'000'000'000);
  if (!fine && !whole) f.refuse("contracts_limit", "is missing, and so is contracts_limit_fp");
  return fine ? *fine : Qty{whole.value_or(1) * 100};
}
}  // namespace

Answer<std::string> KalshiApi::create_group(Call& call) {
  const auto body = body_of(call);
  if (!body) return tl::unexpected<ApiError>(body.error());
  Flaws flaws;
  Fields f{*body, "group", flaws};
  const auto subaccount = f.maybe_integer("subaccount", 0, 63).value_or(0);
  const Qty limit = group_limit(f);
  const auto shard = f.maybe_integer("exchange_index", 0, 2).value_or(0);
  if (!flaws.error.empty()) return tl::unexpected<ApiError>(invalid_body(flaws));
  const auto account = account_at(subaccount);
  if (!account) return tl::unexpected<ApiError>(account.error());
  const auto id = world_.exchange().create_group(*account, limit, shard, call.now);
  if (!id) return tl::unexpected<ApiError>(id.error());
  JsonWriter w;
  return w.begin_object()
      .string("order_group_id", *id)
      .integer("subaccount", subaccount)
      .integer("exchange_index", shard)
      .end_object()
      .take();
}

Answer<std::string> KalshiApi::groups(Call& call) {
  const auto all = accounts_of(call);
  if (!all) return tl::unexpected<ApiError>(all.error());
  JsonWriter w;
  w.begin_object().begin_array("order_groups");
  for (const auto a : *all) {
    for (const auto& [id, group] : world_.exchange().account(a).groups) {
      w.begin_object().string("id", id).qty("contracts_limit_fp", group.limit);
      w.boolean("is_auto_cancel_enabled", true).integer("exchange_index", group.exchange_index).end_object();
    }
  }
  return w.end_array().end_object().take();
}

Answer<std::string> KalshiApi::one_group(Call& call) {
  const Exchange& x = world_.exchange();
  const auto all = accounts_of(call);
  if (!all) return tl::unexpected<ApiError>(all.error());
  const auto owner = std::find_if(all->begin(), all->end(),
                                  [&](AccountIndex a) { return x.account(a).groups.contains(call.path[0]); });
  if (owner == all->end()) return refuse(404, "order_group_not_found", "order group not found");
  const auto& account = x.account(*owner);
  const auto found = account.groups.find(call.path[0]);
  JsonWriter w;
  w.begin_object().boolean("is_auto_cancel_enabled", true).qty("contracts_limit_fp", found->second.limit);
  w.begin_array("orders");
  for (const auto id : account.resting) {
    if (x.order(id)->group_id == call.path[0]) w.string(uuid_of('o', id));
  }
  return w.end_array().integer("exchange_index", found->second.exchange_index).end_object().take();
}

Answer<std::string> KalshiApi::change_group(Call& call) {
  Exchange& x = world_.exchange();
  const auto account = account_of(call);
  if (!account) return tl::unexpected<ApiError>(account.error());
  Answer<int> done{0};
  if (call.action == "reset") {
    done = x.reset_group(*account, call.path[0], call.now);
  } else if (call.action == "trigger") {
    done = x.trigger_group(*account, call.path[0], call.now);
  } else {
    const auto body = body_of(call);
    if (!body) return tl::unexpected<ApiError>(body.error());
    Flaws flaws;
    Fields f{*body, "group", flaws};
    const Qty limit = group_limit(f);
    if (!flaws.error.empty()) return tl::unexpected<ApiError>(invalid_body(flaws));
    done = x.limit_group(*account, call.path[0], limit, call.now);
  }
  if (!done) return tl::unexpected<ApiError>(done.error());
  return std::string{"{}"};
}

Answer<std::string> KalshiApi::delete_group(Call& call) {
  const auto account = account_of(call);
  if (!account) return tl::unexpected<ApiError>(account.error());
  const auto done = world_.exchange().delete_group(*account, call.path[0], call.now);
  if (!done) return tl::unexpected<ApiError>(done.error());
  return std::string{"{}"};
}

}  // namespace voltage::venue::virtual_kalshi
