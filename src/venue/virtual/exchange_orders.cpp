// The order API: what is checked, in which order, and how it is refused.
#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/decimal.hpp"
#include "venue/virtual/exchange.hpp"

namespace voltage::venue::virtual_kalshi {
namespace {

using namespace literals;

tl::unexpected<ApiError> invalid(std::string details) {
  return refuse(400, "invalid_order", "invalid order", std::move(details));
}
ApiError invalid_error(std::string details) {
  return {400, "invalid_order", "invalid order", std::move(details)};
}
tl::unexpected<ApiError> not_found(std::string what) {
  return refuse(404, "not_found", "not found", std::move(what));
}

Money per_contract(Money total, Qty qty) {
  return {(total.micros * 100 + qty.centis / 2) / qty.centis};
}

}  // namespace

std::optional<MarketIndex> Exchange::find(std::string_view ticker) const {
  const auto found = by_ticker_.find(ticker);
  return found == by_ticker_.end() ? std::nullopt : std::optional{found->second};
}

const Order* Exchange::order(std::uint64_t id) const {
  const auto found = orders_.find(id);
  return found == orders_.end() ? nullptr : &found->second;
}

std::optional<ApiError> Exchange::check_shape(const OrderRequest& r, Time now) const {
  const auto m = find(r.ticker);
  if (!m || (r.exchange_index && *r.exchange_index != markets_[*m].contract.exchange_index)) {
    return ApiError{404, "market_not_found", "market not found", r.ticker};
  }
  const Market& market = markets_[*m];
  const auto shard = market.contract.exchange_index;
  if (paused(shard)) return ApiError{409, "trading_is_paused", "trading is paused", fmt::format("exchange {}", shard)};
  if (!market.open_at(now)) return ApiError{400, "MARKET_INACTIVE", "market is not active", r.ticker};
  if (r.count.centis <= 0 || r.count > rules_.order_limit) return invalid_error("count out of range");
  if (!market.contract.ticks.on_grid(r.price)) {
    return ApiError{400, "invalid_price", "invalid price", "price is not on the market's tick grid"};
  }
  if (r.tif != Tif::good_till_canceled && r.expires) return invalid_error("expiration_time needs good_till_canceled");
  if (r.tif != Tif::good_till_canceled && r.post_only) return invalid_error("post_only needs good_till_canceled");
  if (r.expires && *r.expires <= now) return invalid_error("expiration_time is in the past");
  if (r.reduce_only && r.tif != Tif::immediate_or_cancel) return invalid_error("reduce_only needs immediate_or_cancel");
  return std::nullopt;
}

std::optional<ApiError> Exchange::check_account(AccountIndex a, const OrderRequest& r, MarketIndex m, Time) const {
  const Account& account = accounts_[a];
  const Market& market = markets_[m];
  if (!r.group_id.empty()) {
    const auto group = account.groups.find(r.group_id);
    if (group == account.groups.end())
      return ApiError{404, "order_group_not_found", "order group not found", r.group_id};
    if (group->second.exchange_index != market.contract.exchange_index)
      return invalid_error("order group is of another shard");
    if (group->second.triggered) return ApiError{409, "order_group_triggered", "order group is triggered", r.group_id};
  }
  const Qty after = position(a, m) + (r.side == Side::bid ? r.count : -r.count);
  if (abs(after) > rules_.position_limit && abs(after) > abs(position(a, m))) {
    return ApiError{400, "position_limit_exceeded", "position limit exceeded", format_qty(rules_.position_limit)};
  }
  const Money fee = ledger::trade_fee(market.contract.fees, r.price, r.count, ledger::Liquidity::taker);
  const Money need = open_cost(a, m, r.side, r.price, r.count) + (r.post_only ? Money{} : fee);
  const auto shard = market.contract.exchange_index;
  if (need > available(a, shard)) {
    return ApiError{
        400, "insufficient_balance", "insufficient balance",
        fmt::format("needs {} on exchange {}, has {}", format_money(need), shard, format_money(available(a, shard)))};
  }
  return std::nullopt;
}

Answer<Placed> Exchange::create(AccountIndex a, const OrderRequest& request, Time now) {
  if (!request.client_order_id.empty() && accounts_[a].by_client_id.contains(request.client_order_id)) {
    return refuse(409, "order_already_exists", "an order with this client_order_id exists", request.client_order_id);
  }
  if (const auto error = check_shape(request, now)) return tl::unexpected<ApiError>(*error);
  const MarketIndex m = *find(request.ticker);
  OrderRequest r = request;
  if (r.reduce_only) {
    const Qty held = position(a, m);
    const Qty most = r.side == Side::bid ? max(Qty{0}, -held) : max(Qty{0}, held);
    if (most.centis == 0) return invalid("reduce only with nothing to reduce");
    r.count = min(r.count, most);
  }
  if (const auto error = check_account(a, r, m, now)) return tl::unexpected<ApiError>(*error);
  if (r.post_only && would_cross(markets_[m], r.side, r.price)) return invalid("post only cross");

  Order order;
  order.account = a;
  order.market = m;
  order.client_order_id = r.client_order_id;
  order.side = r.side;
  order.price = r.price;
  order.initial = order.remaining = r.count;
  order.stp = r.stp;
  order.cancel_on_pause = r.cancel_on_pause;
  order.post_only = r.post_only;
  order.expires = r.expires;
  order.group_id = r.group_id;
  order.created = order.updated = now;
  order.fees = ledger::OrderFees{rules_.fee_precision};
  if (r.tif == Tif::fill_or_kill && fillable(order) < order.remaining) {
    return refuse(409, "fill_or_kill_insufficient_resting_volume", "fill or kill cannot be filled");
  }
  order.id = ++last_order_;
  Order& live = orders_.emplace(order.id, std::move(order)).first->second;
  Account& account = accounts_[a];
  account.orders.push_back(live.id);
  if (!live.client_order_id.empty()) account.by_client_id.emplace(live.client_order_id, live.id);
  const Match matched = match(live, now);
  Placed placed{live.id, live.filled, live.remaining, {}, {}};
  if (matched.filled.centis > 0) {
    placed.average_price = per_contract(matched.cost, matched.filled);
    placed.average_fee = per_contract(matched.fees, matched.filled);
  }
  if (live.remaining.centis == 0) {
    finish(live, OrderStatus::executed, "Trade", now);
  } else if (matched.stopped || r.tif != Tif::good_till_canceled) {
    finish(live, OrderStatus::canceled, matched.stopped ? "SelfTradeCancel" : "Trade", now);
    placed.remaining = Qty{0};
  } else {
    rest(live, now);
    tell_order(live, now);
  }
  return placed;
}

Answer<Order*> Exchange::find_own(AccountIndex a, std::uint64_t id, std::optional<std::int64_t> shard,
                                  std::string_view ticker, Time now, bool is_cancel) {
  const auto found = orders_.find(id);
  if (found == orders_.end() || found->second.account != a) return not_found("order");
  Order& order = found->second;
  const Market& m = markets_[order.market];
  // Without an index or a ticker the request goes to shard 0, and the order is not there.
  const bool routed = shard ? *shard == m.contract.exchange_index
                            : (ticker.empty() ? m.contract.exchange_index == 0 : ticker == m.contract.ticker);
  if (!routed) return not_found("order");
  if (now >= m.contract.close) return refuse(400, "MARKET_INACTIVE", "market is not active", m.contract.ticker);
  const auto pause = paused_.find(m.contract.exchange_index);
  if (pause != paused_.end() && !(is_cancel && pause->second)) {
    return refuse(409, "trading_is_paused", "trading is paused");
  }
  if (order.status != OrderStatus::resting) return not_found("order is not resting");
  return &order;
}

Answer<Qty> Exchange::cancel(AccountIndex a, std::uint64_t id, std::optional<std::int64_t> shard,
                             std::string_view ticker, Time now) {
  const auto found = find_own(a, id, shard, ticker, now, true);
  if (!found) return tl::unexpected<ApiError>(found.error());
  Order& order = **found;
  const Qty reduced = order.remaining;
  unrest(order, now);
  finish(order, OrderStatus::canceled, "Decrease", now);
  return reduced;
}

Answer<Placed> Exchange::amend(AccountIndex a, std::uint64_t id, const OrderRequest& terms,
                               std::string_view new_client_id, Time now) {
  const auto found = find_own(a, id, terms.exchange_index, terms.ticker, now, false);
  if (!found) return tl::unexpected<ApiError>(found.error());
  Order& order = **found;
  const Market& m = markets_[order.market];
  if (terms.ticker != m.contract.ticker || terms.side != order.side)
    return invalid("ticker or side is another order's");
  if (!m.contract.ticks.on_grid(terms.price)) return refuse(400, "invalid_price", "invalid price", "off the tick grid");
  const Qty remaining = terms.count - order.filled;
  if (remaining.centis <= 0 || terms.count > rules_.order_limit) return invalid("count is not above what is filled");
  if (order.post_only && would_cross(m, order.side, terms.price)) return invalid("post only cross");
  if (!new_client_id.empty() && accounts_[a].by_client_id.contains(std::string{new_client_id})) {
    return refuse(409, "order_already_exists", "an order with this client_order_id exists");
  }
  unrest(order, now);
  const Money need = open_cost(a, order.market, order.side, terms.price, remaining) +
                     ledger::trade_fee(m.contract.fees, terms.price, remaining, ledger::Liquidity::taker);
  if (need > available(a, m.contract.exchange_index)) {
    rest(order, now);
    return refuse(400, "insufficient_balance", "insufficient balance");
  }
  order.price = terms.price;
  order.initial = terms.count;
  order.remaining = remaining;
  if (terms.expires) order.expires = terms.expires;
  if (!new_client_id.empty()) {
    order.client_order_id = new_client_id;
    accounts_[a].by_client_id.emplace(order.client_order_id, order.id);
  }
  order.updated = now;
  order.reason = "Amend";
  const Match matched = match(order, now);
  Placed placed{order.id, order.filled, order.remaining, {}, {}};
  if (matched.filled.centis > 0) {
    placed.average_price = per_contract(matched.cost, matched.filled);
    placed.average_fee = per_contract(matched.fees, matched.filled);
  }
  if (order.remaining.centis == 0) {
    finish(order, OrderStatus::executed, "Trade", now);
  } else if (matched.stopped) {
    finish(order, OrderStatus::canceled, "SelfTradeCancel", now);
    placed.remaining = Qty{0};
  } else {
    rest(order, now);
    tell_order(order, now);
  }
  return placed;
}

Answer<Placed> Exchange::decrease(AccountIndex a, std::uint64_t id, std::optional<Qty> reduce_by,
                                  std::optional<Qty> reduce_to, std::optional<std::int64_t> shard,
                                  std::string_view ticker, Time now) {
  if (reduce_by.has_value() == reduce_to.has_value()) return invalid("exactly one of reduce_by and reduce_to");
  const auto found = find_own(a, id, shard, ticker, now, false);
  if (!found) return tl::unexpected<ApiError>(found.error());
  Order& order = **found;
  const Qty target = reduce_to ? *reduce_to : order.remaining - min(order.remaining, *reduce_by);
  if (target.centis < 0 || target >= order.remaining) return invalid("nothing to decrease");
  if (target.centis == 0) {
    unrest(order, now);
    finish(order, OrderStatus::canceled, "Decrease", now);
    return Placed{order.id, order.filled, Qty{0}, {}, {}};
  }
  const Qty change = target - order.remaining;
  order.remaining = target;
  order.initial += change;
  order.updated = now;
  order.reason = "Decrease";
  change_level(order, change, now);  // the place in the queue is kept
  tell_order(order, now);
  return Placed{order.id, order.filled, order.remaining, {}, {}};
}

void Exchange::cancel_all(AccountIndex a, Time now) {
  Account& account = accounts_[a];
  const std::vector<std::uint64_t> resting(account.resting.begin(), account.resting.end());
  for (const auto id : resting) {
    Order& order = orders_.at(id);
    unrest(order, now);
    finish(order, OrderStatus::canceled, "Decrease", now);
  }
  account.cancel_all_until = now + 1_min;
}

Answer<int> Exchange::transfer(AccountIndex a, std::int64_t from, std::int64_t to, Money amount) {
  Account& account = accounts_[a];
  if (!account.cash.contains(from) || !account.cash.contains(to))
    return refuse(404, "not_found", "no such exchange shard");
  if (amount.micros <= 0) return refuse(400, "invalid_amount", "amount must be positive");
  if (available(a, from) < amount) return refuse(400, "insufficient_balance", "insufficient balance");
  account.cash[from] -= amount;
  account.cash[to] += amount;
  return 0;
}

Answer<int> Exchange::move_cash(AccountIndex from, AccountIndex to, std::int64_t shard, Money amount) {
  if (!accounts_[from].cash.contains(shard)) return refuse(400, "invalid_parameters", "no such exchange shard");
  if (amount.micros <= 0) return refuse(400, "invalid_amount", "amount must be positive");
  if (available(from, shard) < amount) return refuse(400, "insufficient_balance", "insufficient balance");
  accounts_[from].cash[shard] -= amount;
  accounts_[to].cash[shard] += amount;
  return 0;
}

void Exchange::bank_transfer(AccountIndex a, std::int64_t shard, Money amount, Time now, bool listed) {
  accounts_[a].cash[shard] += amount;
  if (listed) accounts_[a].bank.push_back({amount, now});
}

}  // namespace voltage::venue::virtual_kalshi
