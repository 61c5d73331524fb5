#include "app/sim/auditor.hpp"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "app/sim/order_path.hpp"

namespace voltage::app::sim {

using namespace literals;

bool Auditor::Watched::live() const {
  if (refused && !spoken_of) return false;
  return !final_filled || seen_filled < *final_filled;
}

Auditor::Auditor(const engine::EngineConfig& config, Duration forecast_age_max)
    : config_{config},
      forecast_age_max_{forecast_age_max},
      told_{config.cash.micros},
      venue_{config.cash.micros},
      highest_{config.cash.micros} {}

void Auditor::breach(std::string what) {
  if (!violation_.empty()) return;
  violation_ = std::move(what);
  violation_seq_ = seq_;
}

void Auditor::venue_filled(const event::FillSeen& fill, bool by_hand) {
  venue_.fill(fill);
  if (!by_hand) untold_[fill.contract.v].insert(fill.trade_id);
}

void Auditor::restarted(const engine::EngineConfig& config) {
  config_ = config;
  told_ = Account{config.cash.micros};
  before_ = venue_.trades();
  for (auto& [contract, line] : lines_) line = Line{line.contract, {}, {}, false, false, {}};
  live_.clear();
  recent_.clear();
  forecast_.reset();
  index_ = {};
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
  follow_inputs(e);
  if (const auto* m = std::get_if<event::StreamHealth>(&e.what))
    health_[static_cast<std::size_t>(m->stream)] = m->health;
  if (const auto* m = std::get_if<event::OperatorSaid>(&e.what)) {
    killed_ = m->action != event::OperatorAction::resume;
    // Who resumes takes the loss so far: the next drawdown is counted from here.
    if (!killed_ && std::exchange(drawn_down_, false)) highest_ = told_.cash_and_cost();
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
    const bool rests = w->terms.tif == event::TimeInForce::good_till_time && accepted->remaining.centis > 0;
    if (!rests) w->final_filled = accepted->filled.centis;
  } else if (const auto* updated = std::get_if<event::OrderUpdated>(&what)) {
    if ((w = find(updated->order)) == nullptr) return;
    w->spoken_of = true;
    if (updated->status != event::OrderStatus::resting) w->final_filled = updated->filled.centis;
  } else if (const auto* refused = std::get_if<event::OrderRefused>(&what)) {
    if ((w = find(refused->order)) == nullptr) return;
    w->refused = true;
  } else if (const auto* gone = std::get_if<event::CancelDone>(&what)) {
    if ((w = find(gone->order)) == nullptr) return;
    w->spoken_of = true;
    if (gone->reduced_by.centis > 0) w->reduced = gone->reduced_by.centis;
  } else if (const auto* done = std::get_if<event::AmendDone>(&what)) {
    if ((w = find(done->order)) == nullptr || !w->amend || w->amend->revision != done->revision) return;
    w->terms.limit = w->amend->limit;
    w->terms.qty = w->amend->qty;
    w->amend.reset();
  } else if (const auto* kept = std::get_if<event::AmendRefused>(&what)) {
    if ((w = find(kept->order)) == nullptr || !w->amend || w->amend->revision != kept->revision) return;
    w->amend.reset();
  } else if (const auto* fill = std::get_if<event::FillSeen>(&what)) {
    told_.fill(*fill);
    untold_[fill->contract.v].erase(fill->trade_id);
    touched_.insert(fill->contract.v);
    if ((w = find(fill->order)) == nullptr) return;
    w->spoken_of = true;
    if (w->trades.insert(fill->trade_id).second) w->seen_filled += fill->qty.centis;
    const Qty most = w->amend ? std::max(w->terms.qty, w->amend->qty) : w->terms.qty;
    if (w->seen_filled >= most.centis) w->final_filled = most.centis;
  }
  if (w == nullptr) return;
  // What a cancel took away leaves the rest of what the order was for, once that is known.
  if (w->reduced && !w->amend) w->final_filled = w->terms.qty.centis - *w->reduced;
  if (!w->live()) live_.erase(w->terms.order.v);
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
  if (!engine.gate().halted()) return;
  const std::string& why = engine.gate().halted_why();
  if (why.find("contradicts itself") != std::string::npos || why.find("can't be true") != std::string::npos)
    breach("the venue is said to lie: " + why);
}

void Auditor::finish(const engine::Engine& engine, const OrderVenue& venue, bool tidy) {
  if (!tidy) breach("at the end: an order group of ours is left at the venue");
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
  for (const auto& order : venue.resting()) {
    if (our_order(order.client_order_id)) breach("at the end: " + order.client_order_id + " rests at the venue");
  }
  if (!live_.empty()) breach("at the end: an order was never resolved");
  if (!engine.executor().open().empty()) breach("at the end: the executor holds an order open");
}

}  // namespace voltage::app::sim
