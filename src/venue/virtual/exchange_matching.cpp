// Price-time priority, fills, positions and cash.
#include <algorithm>
#include <utility>

#include "venue/virtual/exchange.hpp"

namespace voltage::venue::virtual_kalshi {

using namespace literals;

void Bar::Ohlc::add(std::int32_t pips) {
  if (open < 0) open = high = low = pips;
  high = std::max(high, pips);
  low = std::min(low, pips);
  close = pips;
}

std::optional<Price> Market::best_bid() const {
  return bids.empty() ? std::nullopt : std::optional{bids.rbegin()->first};
}
std::optional<Price> Market::best_ask() const {
  return asks.empty() ? std::nullopt : std::optional{asks.begin()->first};
}

void Exchange::change_level(Order& order, Qty change, Time now) {
  Market& m = markets_[order.market];
  auto& side = order.side == Side::bid ? m.bids : m.asks;
  const auto level = side.try_emplace(order.price).first;
  level->second.total += change;
  CHECK(level->second.total.centis >= 0);
  ++m.clock;
  tell(now, BookChange{order.market, order.side, order.price, change, m.clock, order.account, order.client_order_id});
  if (level->second.total.centis == 0) side.erase(level);
}

void Exchange::rest(Order& order, Time now) {
  order.status = OrderStatus::resting;
  Market& m = markets_[order.market];
  auto& side = order.side == Side::bid ? m.bids : m.asks;
  side[order.price].queue.push_back(order.id);
  change_level(order, order.remaining, now);
  if (order.account != kHouse) accounts_[order.account].resting.insert(order.id);
  if (order.expires) expiries_.insert({*order.expires, order.id});
}

void Exchange::unrest(Order& order, Time now) {
  Market& m = markets_[order.market];
  auto& side = order.side == Side::bid ? m.bids : m.asks;
  const auto level = side.find(order.price);
  CHECK(level != side.end());
  auto& queue = level->second.queue;
  queue.erase(std::find(queue.begin(), queue.end(), order.id));
  if (order.account != kHouse) accounts_[order.account].resting.erase(order.id);
  if (order.expires) expiries_.erase({*order.expires, order.id});
  change_level(order, -order.remaining, now);
}

// Ends an order that no longer rests. House orders are forgotten.
void Exchange::finish(Order& order, OrderStatus status, const char* reason, Time now) {
  order.status = status;
  order.reason = reason;
  order.updated = now;
  if (status == OrderStatus::canceled) order.remaining = Qty{0};
  if (order.account == kHouse) {
    orders_.erase(order.id);
    return;
  }
  tell_order(order, now);
}

void Exchange::tell_order(const Order& order, Time now) {
  if (order.account != kHouse) tell(now, OrderNotice{order.account, order});
}

bool Exchange::would_cross(const Market& m, Side side, Price price) const {
  return side == Side::bid ? m.best_ask() && *m.best_ask() <= price : m.best_bid() && *m.best_bid() >= price;
}

Qty Exchange::fillable(const Order& taker) const {
  const Market& m = markets_[taker.market];
  Qty total{};
  const auto add = [&](Price price, const Level& level) {
    if (taker.side == Side::bid ? price > taker.price : price < taker.price) return;
    for (const auto id : level.queue) {
      const Order& maker = orders_.at(id);
      if (maker.account == kHouse || maker.account != taker.account) total += maker.remaining;
    }
  };
  for (const auto& [price, level] : taker.side == Side::bid ? m.asks : m.bids) add(price, level);
  return total;
}

Exchange::Match Exchange::match(Order& taker, Time now) {
  Match out;
  Market& m = markets_[taker.market];
  auto& against = taker.side == Side::bid ? m.asks : m.bids;
  while (taker.remaining.centis > 0 && !against.empty()) {
    const auto level = taker.side == Side::bid ? against.begin() : std::prev(against.end());
    if (taker.side == Side::bid ? level->first > taker.price : level->first < taker.price) break;
    Order& maker = orders_.at(level->second.queue.front());
    if (maker.account == taker.account && taker.account != kHouse) {
      if (taker.stp == Stp::taker_at_cross) {
        out.stopped = true;
        break;
      }
      unrest(maker, now);
      finish(maker, OrderStatus::canceled, "SelfTradeCancel", now);
      continue;
    }
    const Qty qty = min(taker.remaining, maker.remaining);
    const Price price = maker.price;
    const Money fees_before = taker.taker_fees;
    trade(taker, maker, qty, now);
    out.filled += qty;
    out.cost += price * qty;
    out.fees += taker.taker_fees - fees_before;
  }
  return out;
}

void Exchange::trade(Order& taker, Order& maker, Qty qty, Time now) {
  Market& m = markets_[taker.market];
  const Price price = maker.price;
  const std::uint64_t id = ++last_trade_;
  m.last = price;
  m.last_qty = qty;
  m.volume += qty;
  m.open_interest += qty;
  m.trades.push_back({id, now, price, qty, taker.side});
  if (m.trades.size() > 20'000) m.trades.pop_front();
  update_bar(m, now);
  Bar& bar = m.bars.back();
  bar.price.add(price.pips);
  bar.price_qty_sum += std::int64_t{price.pips} * qty.centis;
  bar.volume += qty;
  // The level shrinks by what was traded before the order's own size does.
  const bool done = maker.remaining == qty;
  if (done) {
    auto& side = maker.side == Side::bid ? m.bids : m.asks;
    side.at(price).queue.pop_front();
    if (maker.account != kHouse) accounts_[maker.account].resting.erase(maker.id);
    if (maker.expires) expiries_.erase({*maker.expires, maker.id});
  }
  change_level(maker, -qty, now);
  tell(now, TradePrint{taker.market, m.trades.back()});
  apply_fill(maker, price, qty, false, id, now);
  apply_fill(taker, price, qty, true, id, now);
  if (done) {
    finish(maker, OrderStatus::executed, "Trade", now);
  } else {
    maker.reason = "Trade";
    tell_order(maker, now);
  }
}

void Exchange::apply_fill(Order& order, Price price, Qty qty, bool taker, std::uint64_t trade_id, Time now) {
  order.filled += qty;
  order.remaining -= qty;
  order.updated = now;
  if (order.account == kHouse) return;
  Account& account = accounts_[order.account];
  const Market& m = markets_[order.market];
  const auto fee = order.fees.charge(m.contract.fees, order.side, price, qty,
                                     taker ? ledger::Liquidity::taker : ledger::Liquidity::maker);
  const Money cash = move_position(account, order.market, order.side, price, qty) - fee.net();
  account.cash[m.contract.exchange_index] += cash;
  Position& position = account.positions[order.market];
  position.fees += fee.net();
  position.traded += price * qty;
  position.volume += qty;
  position.updated = now;
  (taker ? order.taker_fees : order.maker_fees) += fee.net();
  (taker ? order.taker_cost : order.maker_cost) += price * qty;
  const Fill fill{trade_id, order.id, order.market, order.side, price, qty, fee.net(), taker, position.qty, now};
  account.fills.push_back(fill);
  tell(now, FillNotice{order.account, fill, order.client_order_id});
  tell(now, PositionNotice{order.account, order.market, position});
  if (!order.group_id.empty()) count_group_fill(order, qty, now);
}

// Moves the signed position and gives the change of cash without fees. Buying back a short pays the dollar
// of each pair less the price; opening a short costs one dollar less the price.
Money Exchange::move_position(Account& account, MarketIndex m, Side side, Price price, Qty qty) {
  Position& p = account.positions[m];
  const Qty held = p.qty;
  const bool reduces = (side == Side::bid && held.centis < 0) || (side == Side::ask && held.centis > 0);
  const Qty closing = reduces ? min(qty, abs(held)) : Qty{0};
  const Qty opening = qty - closing;
  const Price cost_price = side == Side::bid ? price : price.complement();
  Money cash{};
  if (closing.centis > 0) {
    const Money proceeds = cost_price.complement() * closing;
    const Money share = closing == abs(held) ? p.cost : Money{p.cost.micros * closing.centis / abs(held).centis};
    p.realized += proceeds - share;
    p.cost -= share;
    cash += proceeds;
  }
  if (opening.centis > 0) {
    p.cost += cost_price * opening;
    cash -= cost_price * opening;
  }
  p.qty += side == Side::bid ? qty : -qty;
  return cash;
}

Qty Exchange::position(AccountIndex a, MarketIndex m) const {
  const auto& all = accounts_[a].positions;
  const auto found = all.find(m);
  return found == all.end() ? Qty{} : found->second.qty;
}

// What an order would hold back: the part that a held opposite position does not cover, at its worst price.
Money Exchange::open_cost(AccountIndex a, MarketIndex m, Side side, Price price, Qty qty) const {
  const Qty held = position(a, m);
  Qty cover = side == Side::bid ? max(Qty{0}, -held) : max(Qty{0}, held);
  for (const auto id : accounts_[a].resting) {
    const Order& other = orders_.at(id);
    if (other.market == m && other.side == side) cover -= min(cover, other.remaining);
  }
  return (side == Side::bid ? price : price.complement()) * (qty - min(qty, cover));
}

Qty Exchange::queue_ahead(const Order& order) const {
  const Market& m = markets_[order.market];
  Qty ahead{};
  const auto& side = order.side == Side::bid ? m.bids : m.asks;
  for (const auto& [price, level] : side) {
    if (order.side == Side::bid ? price > order.price : price < order.price) ahead += level.total;
    if (price != order.price) continue;
    for (const auto id : level.queue) {
      if (id == order.id) break;
      ahead += orders_.at(id).remaining;
    }
  }
  return ahead;
}

void Exchange::count_group_fill(Order& order, Qty qty, Time now) {
  Account& account = accounts_[order.account];
  const auto found = account.groups.find(order.group_id);
  if (found == account.groups.end() || found->second.triggered) return;
  auto& group = found->second;
  group.fills.push_back({now, qty});
  while (!group.fills.empty() && group.fills.front().first <= now - 15_s) group.fills.pop_front();
  Qty sum{};
  for (const auto& [at, filled] : group.fills) sum += filled;
  if (sum >= group.limit) group.triggered = true;  // its orders go with the next tick, not in the middle of a match
}

}  // namespace voltage::venue::virtual_kalshi
