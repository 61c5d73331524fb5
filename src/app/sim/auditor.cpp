#include "app/sim/auditor.hpp"

#include <algorithm>
#include <cmath>

namespace voltage::app::sim {

using namespace literals;

namespace {

// 7 % of a quarter dollar is the most a contract's fee can be; a cent for the rounding of many fills.
std::int64_t cost_bound(const event::OrderTerms& o) {
  const std::int64_t each = o.side == Side::bid ? o.limit.pips : 10'000 - o.limit.pips;
  const double p = static_cast<double>(o.limit.pips) * 1e-4;
  return each * o.qty.centis +
         static_cast<std::int64_t>(std::ceil(700.0 * static_cast<double>(o.qty.centis) * p * (1 - p)));
}

// What the auditor may be off by in a cap: rounding of fees, a cent a fill as the gate allows for.
constexpr std::int64_t kSlack = 200'000;

}  // namespace

bool Auditor::Watched::live() const {
  if (refused && !spoken_of) return false;
  return !final_filled || seen_filled < *final_filled;
}

Auditor::Auditor(const engine::EngineConfig& config)
    : config_{config}, told_{config.cash.micros}, venue_{config.cash.micros}, highest_{config.cash.micros} {}

void Auditor::breach(std::string what) {
  if (!violation_.empty()) return;
  violation_ = std::move(what);
  violation_seq_ = seq_;
}

void Auditor::venue_filled(const event::FillSeen& fill) {
  venue_.fill(fill);
  untold_[fill.contract.v].insert(fill.trade_id);
}

void Auditor::restarted(const engine::EngineConfig& config) {
  config_ = config;
  told_ = Account{config.cash.micros};
  before_ = venue_.trades();
  for (auto& [contract, line] : lines_) line = Line{line.contract, {}, {}, false, false, {}};
  live_.clear();
  recent_.clear();
  untold_.clear();
  health_ = {};
}

void Auditor::saw(const event::Event& e, std::span<const event::Effect> effects, const engine::Engine& engine) {
  seq_ = e.seq;
  follow(e);
  follow_equity(e.at);
  for (const auto& fx : effects) {
    if (const auto* order = std::get_if<event::PlaceOrder>(&fx)) check_order(order->terms(), e.at);
    if (const auto* amended = std::get_if<event::AmendOrder>(&fx)) check_amend(amended->terms(), e.at);
  }
  check_money(engine, effects);
}

void Auditor::follow(const event::Event& e) {
  touched_.clear();
  follow_book(e.at, e.what);
  follow_order(e.what);
  if (const auto* m = std::get_if<event::StreamHealth>(&e.what))
    health_[static_cast<std::size_t>(m->stream)] = m->health;
  if (const auto* m = std::get_if<event::OperatorSaid>(&e.what)) {
    killed_ = m->action != event::OperatorAction::resume;
    if (!killed_) drawn_down_ = false;
  }
  if (const auto* m = std::get_if<event::Settled>(&e.what)) {
    told_.settle(m->contract.v, m->outcome == event::Outcome::yes);
    touched_.insert(m->contract.v);
    std::erase_if(live_, [&](std::uint64_t id) { return orders_.at(id).terms.contract == m->contract; });
  }
}

void Auditor::follow_book(Time at, const event::Payload& what) {
  if (const auto* m = std::get_if<event::ContractSeen>(&what)) {
    lines_[m->contract.id.v].contract = m->contract;
  } else if (const auto* s = std::get_if<event::BookSnapshot>(&what)) {
    Line& line = lines_[s->contract.v];
    line.bids.clear();
    line.asks.clear();
    for (const auto& level : s->bids) line.bids[level.price.pips] = level.qty.centis;
    for (const auto& level : s->asks) line.asks[level.price.pips] = level.qty.centis;
    line.whole = true;
    line.message = at;
  } else if (const auto* d = std::get_if<event::BookDelta>(&what)) {
    Line& line = lines_[d->contract.v];
    if (!line.whole) return;
    line.message = at;
    auto& levels = d->side == Side::bid ? line.bids : line.asks;
    auto& size = levels[d->price.pips];
    size += d->change.centis;
    if (size < 0) line.whole = false;
    if (size <= 0) levels.erase(d->price.pips);
  } else if (const auto* lost = std::get_if<event::BookLost>(&what)) {
    lines_[lost->contract.v].whole = false;
  }
}

void Auditor::follow_order(const event::Payload& what) {
  const auto find = [&](event::OrderId id) -> Watched* {
    const auto entry = orders_.find(id.v);
    return entry == orders_.end() ? nullptr : &entry->second;
  };
  Watched* w = nullptr;
  if (const auto* accepted = std::get_if<event::OrderAccepted>(&what)) {
    if ((w = find(accepted->order)) == nullptr) return;
    w->spoken_of = true;
    w->final_filled = accepted->filled.centis;
  } else if (const auto* updated = std::get_if<event::OrderUpdated>(&what)) {
    if ((w = find(updated->order)) == nullptr) return;
    w->spoken_of = true;
    if (updated->status != event::OrderStatus::resting) w->final_filled = updated->filled.centis;
  } else if (const auto* refused = std::get_if<event::OrderRefused>(&what)) {
    if ((w = find(refused->order)) == nullptr) return;
    w->refused = true;
  } else if (const auto* fill = std::get_if<event::FillSeen>(&what)) {
    told_.fill(*fill);
    untold_[fill->contract.v].erase(fill->trade_id);
    touched_.insert(fill->contract.v);
    if ((w = find(fill->order)) == nullptr) return;
    w->spoken_of = true;
    if (w->trades.insert(fill->trade_id).second) w->seen_filled += fill->qty.centis;
    if (w->seen_filled >= w->terms.qty.centis) w->final_filled = w->terms.qty.centis;
  }
  if (w != nullptr && !w->live()) live_.erase(w->terms.order.v);
}

void Auditor::follow_equity(Time now) {
  const std::int64_t equity = told_.cash_and_cost();
  const std::int64_t day = now.ns / (24_h).ns;
  if (day != day_) {
    day_ = day;
    day_start_ = equity;
  }
  highest_ = std::max(highest_, equity);
  if (highest_ - equity > config_.limits.drawdown_max.micros) drawn_down_ = true;
}

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
  check_book(o, now);
  check_caps(o, now, Qty{});
  orders_[o.order.v].terms = o;
  live_.insert(o.order.v);
  recent_.push_back(now);
}

void Auditor::check_streams(const std::string& id) {
  for (std::size_t i = 0; i < event::kStreams; ++i) {
    if (config_.needed[i] && health_[i] != event::Health::healthy)
      breach(id + "stream " + std::to_string(i) + " is not well");
  }
}

// As it was and as it is to be, both at once and at the dearer price.
void Auditor::check_amend(const event::AmendTerms& a, Time now) {
  const std::string id = "amend of order " + std::to_string(a.order.v) + ": ";
  const auto found = orders_.find(a.order.v);
  if (found == orders_.end() || !live_.contains(a.order.v)) return breach(id + "the order is not live");
  Watched& w = found->second;
  if (killed_) breach(id + "after the kill switch");
  if (drawn_down_) breach(id + "after the drawdown limit");
  check_streams(id);
  event::OrderTerms o = w.terms;
  const Qty stands{o.qty.centis - w.seen_filled};
  const bool buys = o.side == Side::bid;
  o.limit = buys ? std::max(o.limit, a.limit) : std::min(o.limit, a.limit);
  o.qty = Qty{a.qty.centis - w.seen_filled};
  check_book(o, now);
  check_caps(o, now, stands);
  w.terms.qty = std::max(w.terms.qty, a.qty);
  w.terms.limit = o.limit;
  recent_.push_back(now);
}

void Auditor::check_book(const event::OrderTerms& o, Time now) {
  const std::string id = "order " + std::to_string(o.order.v) + ": ";
  const Line& line = lines_[o.contract.v];
  if (!line.contract) return breach(id + "on a contract never seen");
  if (!line.whole || line.gap) breach(id + "on a book that is not whole");
  if (line.bids.empty() || line.asks.empty()) return breach(id + "on a one-sided book");
  if (line.bids.rbegin()->first >= line.asks.begin()->first) breach(id + "on a crossed book");
  if (now - line.message > config_.book_age_max) breach(id + "on a stale book");
  if (now < line.contract->open) breach(id + "before the contract opens");
  if (line.contract->close - now < config_.final_seconds) breach(id + "at the contract's close");
  if (!line.contract->strike.floor && !line.contract->strike.cap) breach(id + "without a strike");
}

// What the order does if it is filled in full: to the cost of its contract, and to cash.
Auditor::IfFilled Auditor::if_filled(const event::OrderTerms& o) const {
  const bool buys = o.side == Side::bid;
  const std::int64_t each = buys ? o.limit.pips : 10'000 - o.limit.pips;
  const std::int64_t held = told_.position(o.contract.v), other_side = buys ? -held : held;
  const std::int64_t closes = std::clamp<std::int64_t>(other_side, 0, o.qty.centis), opens = o.qty.centis - closes;
  const std::int64_t fee = cost_bound(o) - each * o.qty.centis;
  std::int64_t cost = told_.cost(o.contract.v);
  if (closes > 0) cost -= cost * closes / std::abs(held);
  return {cost + each * opens + fee, told_.cash() - each * opens + (10'000 - each) * closes - fee};
}

std::int64_t Auditor::pays_at_least(Time close, const event::OrderTerms& o) const {
  struct Held {
    market::Strike strike;
    std::int64_t position;
  };
  std::vector<Held> held;
  std::vector<std::int64_t> values;  // of the index, 1e-8 USD: on both sides of everything that decides
  for (const auto& [id, line] : lines_) {
    if (!line.contract || line.contract->close != close || told_.settled(id)) continue;
    std::int64_t position = told_.position(id);
    if (id == o.contract.v) position += o.side == Side::bid ? o.qty.centis : -o.qty.centis;
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

void Auditor::check_caps(event::OrderTerms o, Time now, Qty beside) {
  const std::string id = "order " + std::to_string(o.order.v) + ": ";
  const auto& limits = config_.limits;
  if (o.qty.centis <= 0 || o.qty > limits.order_qty_max) breach(id + "size beyond the cap");
  o.qty += beside;
  if (o.limit < limits.price_min || o.limit > limits.price_max) breach(id + "price outside the band");
  while (!recent_.empty() && now - recent_.front() >= 60_s) recent_.pop_front();
  if (static_cast<std::int64_t>(recent_.size()) >= limits.orders_per_minute_max) breach(id + "too many in a minute");
  const Line& line = lines_[o.contract.v];
  if (!line.contract) return;
  const IfFilled filled = if_filled(o);
  std::int64_t instant = filled.cost;
  for (const auto& [contract, other] : lines_) {
    if (contract != o.contract.v && other.contract && other.contract->close == line.contract->close)
      instant += told_.cost(contract);
  }
  if (filled.cost > limits.contract_loss_max.micros + kSlack) breach(id + "loss of its contract beyond the cap");
  instant -= pays_at_least(line.contract->close, o);
  if (instant > limits.instant_loss_max.micros + kSlack) breach(id + "loss of its instant beyond the cap");
  if (filled.cash < -kSlack) breach(id + "more than there is cash");
  std::int64_t worst = filled.cash;
  std::set<Time> instants;
  for (const auto& [contract, other] : lines_) {
    if (other.contract && instants.insert(other.contract->close).second)
      worst += pays_at_least(other.contract->close, o);
  }
  if (day_start_ - worst > limits.day_loss_max.micros + kSlack) breach(id + "loss of the day beyond the cap");
}

void Auditor::check_money(const engine::Engine& engine, std::span<const event::Effect> effects) {
  if (engine.ledger().cash().micros != told_.cash()) {
    breach("cash is " + std::to_string(engine.ledger().cash().micros) + ", the trades make it " +
           std::to_string(told_.cash()));
  }
  for (const std::uint32_t contract : touched_) {
    const auto& p = engine.ledger().position({contract});
    if (!p.outcome && p.net().centis != told_.position(contract))
      breach("position of contract " + std::to_string(contract));
  }
  for (auto fx = effects.rbegin(); fx != effects.rend(); ++fx) {
    const auto* change = std::get_if<event::CashChange>(&*fx);
    if (change == nullptr) continue;
    if (change->balance.micros != told_.cash()) breach("a cash change says another balance");
    break;
  }
  if (told_.cash() < 0) breach("cash below zero");
}

void Auditor::finish(const engine::Engine& engine) {
  std::set<std::string> known = before_;
  known.insert(told_.trades().begin(), told_.trades().end());
  if (known != venue_.trades()) breach("at the end: the trades told are not the venue's");
  if (engine.ledger().cash().micros != venue_.cash()) {
    breach("at the end: cash is " + std::to_string(engine.ledger().cash().micros) + ", at the venue " +
           std::to_string(venue_.cash()));
  }
  for (const auto& [contract, line] : lines_) {
    const auto& p = engine.ledger().position({contract});
    // Of one that was settled before a restart the new core was told nothing: its cash is checked above.
    if (!p.outcome && !venue_.settled(contract) && p.net().centis != venue_.position(contract))
      breach("at the end: position of contract " + std::to_string(contract));
  }
  if (!live_.empty()) breach("at the end: an order was never resolved");
  if (!engine.executor().open().empty()) breach("at the end: the executor holds an order open");
}

}  // namespace voltage::app::sim
