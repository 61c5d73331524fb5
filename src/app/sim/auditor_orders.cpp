// Of each order and amend: may it be sent, and what if it is filled?
#include <algorithm>
#include <cmath>

#include "app/sim/auditor.hpp"

namespace voltage::app::sim {

using namespace literals;

namespace {

// 7 % of a quarter dollar is the most a contract's fee can be; a cent for the rounding of many fills.
std::int64_t fee_bound(const event::OrderTerms& o) {
  const double p = static_cast<double>(o.limit.pips) * 1e-4;
  return static_cast<std::int64_t>(std::ceil(700.0 * static_cast<double>(o.qty.centis) * p * (1 - p)));
}

void fill_whole(const event::OrderTerms& o, Account& account) {
  if (o.qty.centis == 0) return;
  account.fill({o.order, std::to_string(o.order.v), o.contract, o.side, o.limit, o.qty, Money{fee_bound(o)}, false});
}

constexpr std::size_t kOthersMax = 8;

// What the auditor may be off by in a cap: rounding of fees, a cent a fill as the gate allows for.
constexpr std::int64_t kSlack = 200'000;

}  // namespace

void Auditor::check_order(const event::OrderTerms& o, Time now) {
  const std::string id = "order " + std::to_string(o.order.v) + ": ";
  if (orders_.contains(o.order.v)) return breach(id + "its id was used before");
  if (killed_) breach(id + "after the kill switch");
  if (drawn_down_) breach(id + "after the drawdown limit");
  check_streams(id);
  for (const std::uint64_t other : live_) {
    if (orders_.at(other).terms.contract == o.contract)
      breach(id + "order " + std::to_string(other) + " is live on its contract");
  }
  if (!untold_[o.contract.v].empty()) breach(id + "while the venue has fills of its contract that we don't know");
  if (forecast_is_old(now)) breach(id + "on a forecast that is too old");
  check_book(o, now);
  check_caps(o, now);
  quotes_ += o.post_only;
  orders_[o.order.v].terms = o;
  orders_[o.order.v].asked = now;
  live_.insert(o.order.v);
  recent_.push_back(now);
}

bool Auditor::streams_well() const {
  for (std::size_t i = 0; i < event::kStreams; ++i) {
    if (config_.needed[i] && health_[i] != event::Health::healthy) return false;
  }
  return true;
}

void Auditor::check_streams(const std::string& id) {
  for (std::size_t i = 0; i < event::kStreams; ++i) {
    if (config_.needed[i] && health_[i] != event::Health::healthy)
      breach(id + "stream " + std::to_string(i) + " is not well");
  }
}

// As it is to be; as it was it is checked already. One order is never filled as both.
void Auditor::check_amend(const event::AmendTerms& a, Time now) {
  const std::string id = "amend of order " + std::to_string(a.order.v) + ": ";
  const auto found = orders_.find(a.order.v);
  if (found == orders_.end() || !live_.contains(a.order.v)) return breach(id + "the order is not live");
  Watched& w = found->second;
  if (w.amend) breach(id + "another is without an answer");
  if (killed_) breach(id + "after the kill switch");
  if (drawn_down_) breach(id + "after the drawdown limit");
  check_streams(id);
  event::OrderTerms o = w.terms;
  o.limit = a.limit;
  o.qty = Qty{a.qty.centis - w.seen_filled};
  if (forecast_is_old(now)) breach(id + "on a forecast that is too old");
  check_book(o, now);
  check_caps(o, now);
  w.amend = a;
  w.asked = now;
  ++amends_;
  recent_.push_back(now);
}

// Why nothing may be risked on the contract; empty: it may.
std::string Auditor::doubt(const Line& line, Time now) const {
  if (!line.contract) return "on a contract never seen";
  if (!line.whole || line.gap) return "on a book that is not whole";
  if (line.bids.empty() || line.asks.empty()) return "on a one-sided book";
  if (line.bids.rbegin()->first >= line.asks.begin()->first) return "on a crossed book";
  if (now - line.message > config_.book_age_max) return "on a stale book";
  if (now < line.contract->open) return "before the contract opens";
  if (line.contract->close - now < config_.final_seconds) return "at the contract's close";
  if (!line.contract->strike.floor && !line.contract->strike.cap) return "without a strike";
  return {};
}

void Auditor::check_book(const event::OrderTerms& o, Time now) {
  const std::string why = doubt(lines_[o.contract.v], now);
  if (!why.empty()) breach("order " + std::to_string(o.order.v) + ": " + why);
}

std::int64_t Auditor::pays_at_least(Time close, const Account& account) const {
  struct Held {
    market::Strike strike;
    std::int64_t position;
  };
  std::vector<Held> held;
  std::vector<std::int64_t> values;  // of the index, 1e-8 USD: on both sides of everything that decides
  for (const auto& [id, line] : lines_) {
    if (!line.contract || line.contract->close != close || account.settled(id)) continue;
    const std::int64_t position = account.position(id);
    if (position == 0 || !line.contract->strike.known()) continue;  // an unknown strike pays nothing at worst
    held.push_back({line.contract->strike, position});
    constexpr std::int64_t kCentE8 = 1'000'000;
    for (const auto& bound : {line.contract->strike.floor, line.contract->strike.cap}) {
      if (!bound) continue;
      for (const std::int64_t step : {-kCentE8, std::int64_t{0}, kCentE8}) values.push_back(bound->e8 + step);
    }
  }
  std::optional<std::int64_t> least;
  for (const std::int64_t value : values) {
    std::int64_t paid = 0;
    for (const auto& h : held) {
      const bool yes = h.strike.pays({value});
      if (yes == (h.position > 0)) paid += 10'000 * std::abs(h.position);
    }
    least = least ? std::min(*least, paid) : paid;
  }
  return least.value_or(0);
}

void Auditor::check_caps(const event::OrderTerms& o, Time now) {
  const std::string id = "order " + std::to_string(o.order.v) + ": ";
  const auto& limits = config_.limits;
  if (o.qty.centis <= 0 || o.qty > limits.order_qty_max) breach(id + "size beyond the cap");
  if (o.limit < limits.price_min || o.limit > limits.price_max) breach(id + "price outside the band");
  while (!recent_.empty() && now - recent_.front() >= 60_s) recent_.pop_front();
  if (static_cast<std::int64_t>(recent_.size()) >= limits.orders_per_minute_max) breach(id + "too many in a minute");
  if (!lines_[o.contract.v].contract) return;
  check_sensitivity(o, now, id);
  // Each of the others that are live may be filled before it, or not: all the ways.
  std::vector<event::OrderTerms> others;
  for (const std::uint64_t other : live_) {
    if (other != o.order.v && others.size() < kOthersMax) others.push_back(at_most(orders_.at(other)));
  }
  for (std::uint32_t filled = 0; filled < (1U << others.size()); ++filled) {
    Account account = told_.what_if();
    for (std::size_t i = 0; i < others.size(); ++i) {
      if (((filled >> i) & 1U) != 0) fill_whole(others[i], account);
    }
    fill_whole(o, account);
    check_losses(o, account, id, others.empty());
  }
}

event::OrderTerms Auditor::at_most(const Watched& w) const {
  event::OrderTerms o = w.terms;
  if (w.amend) {
    o.limit = o.side == Side::bid ? std::max(o.limit, w.amend->limit) : std::min(o.limit, w.amend->limit);
    o.qty = std::max(o.qty, w.amend->qty);
  }
  o.qty = Qty{std::max<std::int64_t>(w.final_filled.value_or(o.qty.centis) - w.seen_filled, 0)};
  return o;
}

Auditor::AtStake Auditor::at_stake(const market::Contract& contract, const Account& account, std::int64_t fee) const {
  std::map<Time, std::int64_t> losses;  // by instant
  for (const auto& [id, line] : lines_) {
    if (line.contract) losses[line.contract->close] += account.cost(id);
  }
  AtStake out{account.cost(contract.id.v) + fee, 0, 0, account.cash()};
  for (auto& [close, loss] : losses) {
    const std::int64_t back = pays_at_least(close, account);
    out.worst += back;
    loss += (close == contract.close ? fee : 0) - back;
  }
  out.instant = losses.at(contract.close);
  for (auto first = losses.begin(); first != losses.end() && first->first <= contract.close; ++first) {
    if (contract.close - first->first >= config_.limits.path_span) continue;
    std::int64_t sum = 0;
    for (auto i = first; i != losses.end() && i->first - first->first < config_.limits.path_span; ++i)
      sum += std::max<std::int64_t>(i->second, 0);
    out.path = std::max(out.path, sum);
  }
  return out;
}

// alone: no other order is live. Then one that leaves less of everything at stake is an exit, which no cap holds back.
void Auditor::check_losses(const event::OrderTerms& o, const Account& if_filled, const std::string& id, bool alone) {
  const auto& limits = config_.limits;
  const auto& contract = *lines_.at(o.contract.v).contract;
  const AtStake after = at_stake(contract, if_filled, fee_bound(o));
  if (if_filled.cash() < -kSlack) breach(id + "more than there is cash");
  if (alone && std::abs(if_filled.position(o.contract.v)) < std::abs(told_.position(o.contract.v))) {
    const AtStake before = at_stake(contract, told_, 0);
    if (after.contract <= before.contract + kSlack && after.instant <= before.instant + kSlack &&
        after.worst >= before.worst - kSlack)
      return;
  }
  if (after.contract > limits.contract_loss_max.micros + kSlack) breach(id + "loss of its contract beyond the cap");
  if (after.instant > limits.instant_loss_max.micros + kSlack) breach(id + "loss of its instant beyond the cap");
  if (after.path > limits.path_loss_max.micros + kSlack) breach(id + "loss of its expiry path beyond the cap");
  if (day_start_ - after.worst > limits.day_loss_max.micros + kSlack) breach(id + "loss of the day beyond the cap");
}

}  // namespace voltage::app::sim
