// Listing, pauses, expiry, order groups, settlement, and what the house does.
#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/decimal.hpp"
#include "venue/virtual/exchange.hpp"

namespace voltage::venue::virtual_kalshi {

using namespace literals;

std::string uuid_of(char kind, std::uint64_t number) {
  return fmt::format("{:02x}000000-0000-4000-8000-{:012x}", static_cast<unsigned>(kind), number);
}

std::optional<std::uint64_t> number_of(std::string_view uuid, char kind) {
  if (uuid.size() != 36 || uuid.substr(0, 24) != std::string_view{uuid_of(kind, 0)}.substr(0, 24)) return std::nullopt;
  std::uint64_t number = 0;
  for (const char c : uuid.substr(24)) {
    const auto digit = std::string_view{"0123456789abcdef"}.find(c);
    if (digit == std::string_view::npos) return std::nullopt;
    number = number << 4 | digit;
  }
  return number;
}

AccountIndex Exchange::open_account(std::map<std::int64_t, Money> cash) {
  accounts_.push_back({});
  accounts_.back().cash = std::move(cash);
  return static_cast<AccountIndex>(accounts_.size() - 1);
}

MarketIndex Exchange::list(Market market, Time now) {
  const auto index = static_cast<MarketIndex>(markets_.size());
  market.contract.id = market::ContractId{index};
  market.market_id = uuid_of('m', index);
  market.created = market.updated = now;
  CHECK(by_ticker_.emplace(market.contract.ticker, index).second);
  apply_fees(market);
  markets_.push_back(std::move(market));
  tell(now, LifecycleNotice{index, LifecycleKind::created});
  return index;
}

market::FeeTerms Exchange::series_fees(std::string_view series) const {
  const auto found = series_fees_.find(series);
  return found == series_fees_.end() ? market::FeeTerms{} : found->second;
}

std::optional<market::FeeTerms> Exchange::event_fees(std::string_view event) const {
  const auto found = event_fees_.find(event);
  return found == event_fees_.end() ? std::nullopt : std::optional{found->second};
}

void Exchange::apply_fees(Market& m) const {
  m.contract.fees = event_fees(m.contract.event).value_or(series_fees(m.contract.series));
}

void Exchange::set_series_fees(const std::string& series, market::FeeTerms terms) {
  series_fees_[series] = terms;
  for (auto& m : markets_) apply_fees(m);
}

void Exchange::set_event_fees(const std::string& event, std::optional<market::FeeTerms> own, Time now) {
  if (own)
    event_fees_[event] = *own;
  else
    event_fees_.erase(event);
  for (auto& m : markets_) apply_fees(m);
  tell(now, FeeNotice{event, own});
}

void Exchange::activate(MarketIndex m, Time now) {
  const bool again = markets_[m].phase == Phase::inactive;
  markets_[m].phase = Phase::active;
  markets_[m].updated = now;
  if (!again) return;  // the timed open is silent
  cancel_matching(m, "HaltCancel", now, false);
  tell(now, LifecycleNotice{m, LifecycleKind::activated});
}

void Exchange::deactivate(MarketIndex m, Time now) {
  markets_[m].phase = Phase::inactive;
  markets_[m].updated = now;
  cancel_matching(m, "HaltCancel", now, true);
  tell(now, LifecycleNotice{m, LifecycleKind::deactivated});
}

void Exchange::publish_strike(MarketIndex m, market::Strike strike, Time now) {
  markets_[m].contract.strike = strike;
  markets_[m].updated = now;
  tell(now, LifecycleNotice{m, LifecycleKind::metadata_updated});
}

void Exchange::close(MarketIndex m, Time now) {
  markets_[m].phase = Phase::closed;
  markets_[m].updated = now;
  cancel_matching(m, "CloseCancel", now, false);
}

// House orders go too: the book is empty after a halt, and makers come back by themselves.
void Exchange::cancel_matching(MarketIndex m, const char* reason, Time now, bool only_on_pause) {
  std::vector<std::uint64_t> ids;
  for (const auto* side : {&markets_[m].bids, &markets_[m].asks}) {
    for (const auto& [price, level] : *side) ids.insert(ids.end(), level.queue.begin(), level.queue.end());
  }
  for (const auto id : ids) {
    Order& order = orders_.at(id);
    if (only_on_pause && order.account != kHouse && !order.cancel_on_pause) continue;
    unrest(order, now);
    finish(order, OrderStatus::canceled, reason, now);
  }
}

void Exchange::determine(MarketIndex m, market::IndexValue value, Time now) {
  Market& market = markets_[m];
  market.phase = Phase::determined;
  market.expiration_value = value;
  market.yes = market.contract.strike.pays(value);
  market.updated = now;
  tell(now, LifecycleNotice{m, LifecycleKind::determined});
}

void Exchange::pay(MarketIndex m, bool yes, Time now) {
  const auto shard = markets_[m].contract.exchange_index;
  for (AccountIndex a = 1; a < accounts_.size(); ++a) {
    Account& account = accounts_[a];
    const auto found = account.positions.find(m);
    if (found == account.positions.end() || found->second.volume.centis == 0) continue;
    Position& p = found->second;
    Settlement s{m, max(Qty{0}, p.qty), max(Qty{0}, -p.qty), {}, {}, {}, p.fees, now};
    (p.qty.centis >= 0 ? s.yes_cost : s.no_cost) = p.cost;
    s.revenue = Price{Price::kOne} * (yes ? s.yes : s.no);
    account.cash[shard] += s.revenue;
    p.realized += s.revenue - p.cost;
    p.cost = Money{};
    p.qty = Qty{};
    p.updated = now;
    account.settlements.push_back(s);
    tell(now, PositionNotice{a, m, p});
  }
}

void Exchange::settle(MarketIndex m, Time now) {
  Market& market = markets_[m];
  CHECK(market.phase == Phase::determined && market.yes);
  market.phase = Phase::finalized;
  market.settled = now;
  market.updated = now;
  pay(m, *market.yes, now);
  tell(now, LifecycleNotice{m, LifecycleKind::settled});
}

void Exchange::amend_settlement(MarketIndex m, market::IndexValue value, Time now) {
  Market& market = markets_[m];
  CHECK(market.phase == Phase::finalized && market.yes);
  const bool before = *market.yes;
  market.expiration_value = value;
  market.yes = market.contract.strike.pays(value);
  market.updated = now;
  if (*market.yes == before) return;
  for (AccountIndex a = 1; a < accounts_.size(); ++a) {
    for (auto& s : accounts_[a].settlements) {
      if (s.market != m) continue;
      const Money right = Price{Price::kOne} * (*market.yes ? s.yes : s.no);
      accounts_[a].cash[market.contract.exchange_index] += right - s.revenue;
      s.revenue = right;
      s.at = now;
    }
  }
  tell(now, LifecycleNotice{m, LifecycleKind::settled});
}

void Exchange::pause(std::int64_t shard, bool cancels_allowed, Time now) {
  paused_[shard] = cancels_allowed;
  for (MarketIndex m = 0; m < markets_.size(); ++m) {
    if (markets_[m].contract.exchange_index != shard || markets_[m].phase != Phase::active) continue;
    cancel_matching(m, "HaltCancel", now, true);
  }
}

void Exchange::resume(std::int64_t shard) {
  paused_.erase(shard);
}

// --- Order groups ------------------------------------------------------------------------------------

Answer<std::string> Exchange::create_group(AccountIndex a, Qty limit, std::int64_t shard, Time now) {
  if (limit.centis <= 0) return refuse(400, "invalid_parameters", "contracts_limit must be positive");
  OrderGroup group;
  group.id = uuid_of('g', ++last_group_);
  group.limit = limit;
  group.exchange_index = shard;
  accounts_[a].groups.emplace(group.id, group);
  tell(now, GroupNotice{a, group.id, "created", limit});
  return group.id;
}

namespace {
Answer<OrderGroup*> find_group(Account& account, const std::string& id) {
  const auto found = account.groups.find(id);
  if (found == account.groups.end()) return refuse(404, "order_group_not_found", "order group not found", id);
  return &found->second;
}
}  // namespace

void Exchange::trip_group(AccountIndex a, OrderGroup& group, Time now) {
  group.triggered = true;
  const std::vector<std::uint64_t> resting(accounts_[a].resting.begin(), accounts_[a].resting.end());
  for (const auto id : resting) {
    Order& order = orders_.at(id);
    if (order.group_id != group.id) continue;
    unrest(order, now);
    finish(order, OrderStatus::canceled, "Decrease", now);
  }
  tell(now, GroupNotice{a, group.id, "triggered", group.limit});
}

Answer<int> Exchange::reset_group(AccountIndex a, const std::string& id, Time now) {
  const auto group = find_group(accounts_[a], id);
  if (!group) return tl::unexpected<ApiError>(group.error());
  (*group)->triggered = false;
  (*group)->fills.clear();
  tell(now, GroupNotice{a, id, "reset", (*group)->limit});
  return 0;
}

Answer<int> Exchange::trigger_group(AccountIndex a, const std::string& id, Time now) {
  const auto group = find_group(accounts_[a], id);
  if (!group) return tl::unexpected<ApiError>(group.error());
  trip_group(a, **group, now);
  return 0;
}

Answer<int> Exchange::limit_group(AccountIndex a, const std::string& id, Qty limit, Time now) {
  const auto group = find_group(accounts_[a], id);
  if (!group) return tl::unexpected<ApiError>(group.error());
  if (limit.centis <= 0) return refuse(400, "invalid_parameters", "contracts_limit must be positive");
  (*group)->limit = limit;
  tell(now, GroupNotice{a, id, "limit_updated", limit});
  return 0;
}

Answer<int> Exchange::delete_group(AccountIndex a, const std::string& id, Time now) {
  const auto group = find_group(accounts_[a], id);
  if (!group) return tl::unexpected<ApiError>(group.error());
  trip_group(a, **group, now);
  accounts_[a].groups.erase(id);
  tell(now, GroupNotice{a, id, "deleted", Qty{}});
  return 0;
}

// --- The house, and time -----------------------------------------------------------------------------

std::optional<std::uint64_t> Exchange::house_quote(MarketIndex m, Side side, Price price, Qty qty, Time now) {
  if (!markets_[m].open_at(now) || paused(markets_[m].contract.exchange_index)) return std::nullopt;
  Order order;
  order.id = ++last_order_;
  order.market = m;
  order.side = side;
  order.price = price;
  order.initial = order.remaining = qty;
  order.created = order.updated = now;
  Order& live = orders_.emplace(order.id, std::move(order)).first->second;
  const std::uint64_t id = live.id;
  match(live, now);
  if (live.remaining.centis == 0) {
    orders_.erase(id);
    return std::nullopt;
  }
  rest(live, now);
  return id;
}

void Exchange::house_cancel(std::uint64_t id, Time now) {
  const auto found = orders_.find(id);
  if (found == orders_.end()) return;  // traded away
  CHECK(found->second.account == kHouse);
  unrest(found->second, now);
  orders_.erase(found);
}

Qty Exchange::house_take(MarketIndex m, Side side, Price limit, Qty qty, Time now) {
  if (!markets_[m].open_at(now) || paused(markets_[m].contract.exchange_index)) return Qty{};
  Order order;
  order.id = ++last_order_;
  order.market = m;
  order.side = side;
  order.price = limit;
  order.initial = order.remaining = qty;
  return match(order, now).filled;
}

void Exchange::update_bar(Market& m, Time now) {
  const Time begin{now.ns - now.ns % (1_min).ns};
  if (m.bars.empty() || m.bars.back().begin < begin) {
    Bar bar;
    bar.begin = begin;
    bar.previous = m.last;
    m.bars.push_back(bar);
    if (m.bars.size() > 3'000) m.bars.pop_front();
  }
  Bar& bar = m.bars.back();
  bar.bid.add(m.best_bid().value_or(Price{0}).pips);
  bar.ask.add(m.best_ask().value_or(Price{Price::kOne}).pips);
  bar.open_interest = m.open_interest;
}

void Exchange::tick(Time now) {
  rebalance(now);
  while (!expiries_.empty() && expiries_.begin()->first <= now) {
    Order& order = orders_.at(expiries_.begin()->second);
    unrest(order, now);
    finish(order, OrderStatus::canceled, "ExpiryCancel", now);
  }
  for (AccountIndex a = 1; a < accounts_.size(); ++a) {
    Account& account = accounts_[a];
    if (account.cancel_all_until && now < *account.cancel_all_until && !account.resting.empty()) {
      const Time until = *account.cancel_all_until;
      cancel_all(a, now);
      account.cancel_all_until = until;
    }
    for (auto& [id, group] : account.groups) {
      const bool has_orders = std::any_of(account.resting.begin(), account.resting.end(),
                                          [&](std::uint64_t order) { return orders_.at(order).group_id == id; });
      if (group.triggered && has_orders) trip_group(a, group, now);
    }
  }
  for (auto& m : markets_) {
    if (m.open_at(now)) update_bar(m, now);
  }
}

std::optional<Time> Exchange::next_expiry() const {
  return expiries_.empty() ? std::nullopt : std::optional{expiries_.begin()->first};
}

}  // namespace voltage::venue::virtual_kalshi
