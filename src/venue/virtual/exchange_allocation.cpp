// What resting orders hold back of a shard's cash, and cash that is spread over the shards by the account's own plan.
#include <algorithm>

#include "venue/virtual/exchange.hpp"

namespace voltage::venue::virtual_kalshi {
namespace {

using namespace literals;

constexpr Duration kRebalanceEvery = 10_s;
constexpr std::int64_t kUnit = 100;  // micro-dollars: transfers are in 1/10,000 dollar

}  // namespace

std::map<std::pair<MarketIndex, Side>, Money> Exchange::commitments(AccountIndex a, std::int64_t shard) const {
  std::map<std::pair<MarketIndex, Side>, Qty> cover;
  std::map<std::pair<MarketIndex, Side>, Money> out;
  for (const auto id : accounts_[a].resting) {
    const Order& order = orders_.at(id);
    if (markets_[order.market].contract.exchange_index != shard) continue;
    const Qty held = position(a, order.market);
    const Qty opposite = order.side == Side::bid ? max(Qty{0}, -held) : max(Qty{0}, held);
    const std::pair of{order.market, order.side};
    Qty& left = cover.try_emplace(of, opposite).first->second;
    const Qty covered = min(left, order.remaining);
    left -= covered;
    out[of] += (order.side == Side::bid ? order.price : order.price.complement()) * (order.remaining - covered);
  }
  return out;
}

Money Exchange::reserved(AccountIndex a, std::int64_t shard) const {
  Money total{};
  for (const auto& [of, money] : commitments(a, shard)) total += money;
  return total;
}

Money Exchange::available(AccountIndex a, std::int64_t shard) const {
  const auto& cash = accounts_[a].cash;
  const auto found = cash.find(shard);
  return (found == cash.end() ? Money{} : found->second) - reserved(a, shard);
}

Answer<int> Exchange::allocate(AccountIndex a, Allocation wish) {
  int total = 0;
  for (const auto& [shard, percent] : wish.percent) {
    if (!accounts_[a].cash.contains(shard)) return refuse(400, "invalid_parameters", "no such exchange shard");
    total += percent;
  }
  if (!wish.percent.empty() && total != 100) return refuse(400, "invalid_parameters", "percentages must total 100");
  accounts_[a].allocation = std::move(wish);
  return 0;
}

Money Exchange::kept_back(AccountIndex a, std::int64_t shard) const {
  if (accounts_[a].allocation.keep == Reservation::none) return Money{};
  if (accounts_[a].allocation.keep == Reservation::sum) return reserved(a, shard);
  Money largest{};
  for (const auto& [of, money] : commitments(a, shard)) largest = std::max(largest, money);
  return largest;
}

// What a shard's percentage leaves over by rounding down goes to the first shard of the plan.
void Exchange::rebalance(Time now) {
  if (now < rebalance_at_) return;
  rebalance_at_ = now + kRebalanceEvery;
  for (AccountIndex a = 1; a < accounts_.size(); ++a) {
    Account& account = accounts_[a];
    const auto& plan = account.allocation.percent;
    if (plan.empty()) continue;
    Money sweepable{};
    for (auto& [shard, cash] : account.cash) {
      const Money kept = std::min(cash, kept_back(a, shard));
      sweepable += cash - kept;
      cash = kept;
    }
    Money left = sweepable;
    for (const auto& [shard, percent] : plan) {
      const Money share{sweepable.micros / 100 * percent / kUnit * kUnit};
      account.cash[shard] += share;
      left -= share;
    }
    account.cash[plan.begin()->first] += left;
  }
}

}  // namespace voltage::venue::virtual_kalshi
