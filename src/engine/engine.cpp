#include "engine/engine.hpp"

#include <cmath>
#include <map>

#include "ledger/fees.hpp"
#include "market/pause.hpp"

namespace voltage::engine {
namespace {

using namespace literals;
using event::bit;
using event::kNotKnown;
using event::Veto;

}  // namespace

Engine::Engine(const EngineConfig& config, strategy::Strategy& strategy)
    : config_{config},
      strategy_{strategy},
      ledger_{config.cash},
      executor_{config.run_number},
      gate_{config.limits, config.carried},
      evidence_{config.evidence} {}

std::span<const event::Effect> Engine::on(const event::Event& e) {
  CHECK(e.seq == next_seq_);
  CHECK(e.at >= now_);
  ++next_seq_;
  ++counters_.events;
  now_ = e.at;
  effects_.clear();
  touched_.clear();
  if (const auto* bar = std::get_if<event::CandleClosed>(&e.what); bar != nullptr && fills_the_past(*bar))
    return effects_;
  std::visit([this](const auto& m) { apply(m); }, e.what);
  gate_.follow(now_, ledger_);
  strategy_.observe(e, context());
  for (const auto& alarm : strategy_.take_alarms()) effects_.emplace_back(alarm);
  for (const auto contract : touched_) consider(contract);
  return effects_;
}

void Engine::apply(const event::ContractSeen& m) {
  books_.see(m.contract);
  ledger_.know(m.contract);
  touched_.push_back(m.contract.id);
}

void Engine::apply(const event::BookSnapshot& m) {
  books_.load(m.contract, now_, m.bids, m.asks);
  touched_.push_back(m.contract);
}

void Engine::apply(const event::BookDelta& m) {
  books_.apply(m.contract, now_, m.side, m.price, m.change);
  touched_.push_back(m.contract);
}

void Engine::apply(const event::BookLost& m) {
  books_.lose(m.contract, m.reason);
}

void Engine::apply(const event::StreamHealth& m) {
  health_[static_cast<std::size_t>(m.stream)] = m.health;
  withdraw_vetoed();
}

bool Engine::fills_the_past(const event::CandleClosed& bar) {
  auto& until = bars_until_[bar.venue];
  const Time end = bar.candle.begin + bar.interval;
  if (end < until) return true;
  until = end;
  return false;
}

void Engine::apply(const event::CandleClosed& m) {
  effects_.emplace_back(event::RequestForecast{++forecasts_asked_, m.candle.begin + m.interval});
}

void Engine::apply(const event::ForecastReady&) {
  for (const auto& listing : books_.all()) {
    if (listing.contract.close > now_) touched_.push_back(listing.contract.id);
  }
}

void Engine::apply(const event::FillSeen& m) {
  follow_order(m);
  const auto verdict = ledger_.on(m, cash_changes_);
  if (verdict == ledger::FillVerdict::applied) {
    ++counters_.fills;
    if (books_.has(m.contract)) evidence_.on_fill(now_, m);
  } else
    ++counters_.fills_refused;
  if (verdict == ledger::FillVerdict::conflict || verdict == ledger::FillVerdict::invalid)
    gate_.halt("fill " + m.trade_id + " can't be true");
  emit_cash();
}

void Engine::apply(const event::Settled& m) {
  executor_.settled(m.contract);
  ledger_.on(m, cash_changes_);
  if (books_.has(m.contract)) evidence_.settle(books_.at(m.contract).contract, ledger_.position(m.contract).flow);
  emit_cash();
}

void Engine::apply(const event::CashMoved& m) {
  ledger_.on(m, cash_changes_);
  emit_cash();
}

void Engine::apply(const event::TimePassed&) {
  books_.pass_time(now_);
  evidence_.pass_time(now_, books_);
  withdraw_vetoed();
  reconsider_quotes();
  if (now_.ns % (60_s).ns == 0) quote_all();
}

// What rests does not wait for news of its own book: bitcoin moves first.
void Engine::reconsider_quotes() {
  for (const auto id : executor_.open()) {
    const auto& terms = executor_.orders().at(id).order.terms();
    if (terms.post_only && books_.has(terms.contract)) touched_.push_back(terms.contract);
  }
}

// An amend without an answer: the worse of both terms.
void Engine::list_on_the_way() {
  on_the_way_.clear();
  for (const auto id : executor_.open()) {
    const auto& order = executor_.orders().at(id).order;
    const auto& terms = order.terms();
    strategy::Intent open{terms.contract, terms.side,      terms.limit,  order.open_qty(),
                          terms.tif,      terms.post_only, terms.expires};
    if (const auto* amended = order.pending()) {
      open.qty = max(open.qty, order.pending_qty());
      open.limit =
          terms.side == Side::bid ? std::max(terms.limit, amended->limit) : std::min(terms.limit, amended->limit);
    }
    if (open.qty.centis > 0) on_the_way_.push_back(open);
  }
}

void Engine::apply(const event::OperatorSaid& m) {
  if (m.action == event::OperatorAction::resume) {
    gate_.resume();
    return;
  }
  gate_.halt(m.reason);
  if (m.action == event::OperatorAction::pause) return;
  for (const auto order : executor_.open()) effects_.emplace_back(event::CancelOrder{order});
  effects_.emplace_back(event::KillOrders{});
}

void Engine::emit_cash() {
  for (const auto& change : cash_changes_) effects_.emplace_back(change);
  cash_changes_.clear();
}

void Engine::quote_all() {
  for (const auto& listing : books_.all()) {
    if (listing.contract.close <= now_ || listing.trust != market::Trust::valid) continue;
    const auto bid = listing.book.best(Side::bid), ask = listing.book.best(Side::ask);
    const auto view = strategy_.view(listing.contract.id, context());
    effects_.emplace_back(event::Quote{listing.contract.id, bid ? std::optional{bid->price} : std::nullopt,
                                       ask ? std::optional{ask->price} : std::nullopt, view.fair, view.blend,
                                       (listing.contract.close - now_).seconds()});
  }
}

// Reasons of the outside world and of our own state not to take risk on this contract now. What the
// strategy thinks and what the limits say comes after.
event::Vetoes Engine::vetoes(event::ContractId contract) const {
  const auto& listing = books_.at(contract);
  event::Vetoes v = 0;
  if (gate_.halted()) v |= bit(Veto::halted);
  if (listing.trust == market::Trust::missing) v |= bit(Veto::book_missing);
  if (listing.trust == market::Trust::lost) v |= bit(Veto::book_lost);
  if (listing.trust == market::Trust::crossed) v |= bit(Veto::book_crossed);
  if (listing.trust == market::Trust::valid && !listing.book.two_sided()) v |= bit(Veto::book_one_sided);
  if (now_ - listing.updated > config_.book_age_max) v |= bit(Veto::book_stale);
  for (std::size_t i = 0; i < event::kStreams; ++i) {
    if (config_.needed[i] && health_[i] != event::Health::healthy) v |= bit(Veto::stream_unhealthy);
  }
  if (!listing.contract.strike.known()) v |= bit(Veto::strike_unknown);
  if (now_ < listing.contract.open) v |= bit(Veto::not_open);
  if (listing.contract.close - now_ < config_.final_seconds) v |= bit(Veto::final_seconds);
  if (market::exchange_paused(now_)) v |= bit(Veto::exchange_paused);
  if (market::quiet_at(config_.quiet, now_)) v |= bit(Veto::macro_release);
  if (config_.assumptions_open > 0) v |= bit(Veto::assumption_open);
  if (config_.rung >= risk::Rung::canary && evidence_.allowed(listing.contract.series) < config_.rung)
    v |= bit(Veto::evidence);
  if (executor_.pending(contract)) v |= bit(Veto::order_pending);
  return v;
}

void Engine::count(const event::Decision& decision) {
  ++counters_.decisions;
  for (std::size_t i = 0; i < event::kVetoes; ++i) counters_.vetoes[i] += (decision.vetoes >> i) & 1U;
}

void Engine::consider(event::ContractId contract) {
  if (books_.at(contract).contract.close <= now_) return;
  if (!strategy_.wants_decision(contract, context())) return;
  list_on_the_way();
  event::Decision decision{
      contract,  kNotKnown,        kNotKnown, kNotKnown, (books_.at(contract).contract.close - now_).seconds(),
      kNotKnown, vetoes(contract), {}};
  const auto wish = strategy_.decide(contract, context(), decision);
  std::vector<ApprovedLeg> companions;
  if (wish && decision.vetoes == 0) companions = send_bet(*wish, decision);
  count(decision);
  effects_.emplace_back(decision);
  // Each leg's order and the decision behind it, in the same breath as the first.
  for (auto& leg : companions) {
    place(leg.wish, leg.decision);
    count(leg.decision);
    effects_.emplace_back(leg.decision);
  }
  rest(contract);
}

// A quote's reason is a decision like a taker's; where a limit is in the way it is counted, not said four times a
// second.
void Engine::quote_anew(const strategy::Intent& wish) {
  const auto& listing = books_.at(wish.contract);
  const auto view = strategy_.view(wish.contract, context());
  const bool buys = wish.side == Side::bid;
  const double price = wish.limit.dollars();
  const double fee = ledger::fee_per_contract(listing.contract.fees, price, ledger::Liquidity::maker);
  event::Decision decision{wish.contract,
                           view.fair,
                           view.blend,
                           listing.book.microprice().value_or(kNotKnown),
                           (listing.contract.close - now_).seconds(),
                           (buys ? view.blend - price : price - view.blend) - fee,
                           0,
                           {}};
  try_order(wish, decision);
  count(decision);
  if (decision.order.v != 0) effects_.emplace_back(decision);
}

// Keeps the quote that should rest on the contract: places it, moves it when it has rested long enough, withdraws it
// at once when there should be none. Moving is amending; where that can't be (another side, a limit, an amend that was
// refused before) it is taking away and, when that is certain, placing anew: two orders of one wish never rest
// together.
void Engine::rest(event::ContractId contract) {
  constexpr event::Vetoes kOwnQuote = bit(Veto::order_pending);
  const execution::TrackedOrder* quote = executor_.quote(contract);
  const bool free = (vetoes(contract) & ~kOwnQuote) == 0;
  const auto wish = free ? strategy_.quote(contract, context()) : std::nullopt;
  if (quote == nullptr) {
    if (!wish || executor_.pending(contract)) return;
    return quote_anew(*wish);
  }
  if (!wish) return withdraw(*quote);
  const auto& terms = quote->order.terms();
  const bool other = wish->side != terms.side || wish->limit != terms.limit;
  if (!other || now_ - quote->sent < strategy_.rest_min()) return;
  if (!amend(*quote, *wish)) withdraw(*quote);
}

void Engine::withdraw(const execution::TrackedOrder& quote) {
  const auto& order = quote.order;
  if (!order.cancellable() || !withdrawn_.insert(order.terms().order).second) return;
  effects_.emplace_back(event::CancelOrder{order.terms().order});
}

// What stands on a book or a stream that is not to be believed any more does not wait for the next decision.
void Engine::withdraw_vetoed() {
  for (const auto id : executor_.open()) {
    const auto& tracked = executor_.orders().at(id);
    const auto& terms = tracked.order.terms();
    if (terms.post_only && (vetoes(terms.contract) & ~bit(Veto::order_pending)) != 0) withdraw(tracked);
  }
}

}  // namespace voltage::engine
