// The engine's way from a wish to orders: what they could lose and how they would move, cut to what the limits leave,
// approved, placed.
#include <algorithm>
#include <map>

#include "engine/engine.hpp"
#include "ledger/fees.hpp"

namespace voltage::engine {
namespace {

using event::bit;

constexpr risk::Sensitivity kNotMeasured{event::kNotKnown, event::kNotKnown};

// What an order takes off the cost of what is held when it closes some of it at a gain. What it closes may have hedged
// something else of its instant: bare, that can lose this much more than the order itself costs.
Money gain_if_closed(const ledger::Position& held, Side side, Price limit, Qty qty) {
  const bool sells = side == Side::ask;
  const Qty have = sells ? held.yes : held.no;
  if (!held.held() || have.centis == 0) return {};
  const Qty closes = min(have, qty);
  const Money cost{(sells ? held.basis_yes : held.basis_no).micros * closes.centis / have.centis};
  return max((sells ? limit : limit.complement()) * closes - cost, Money{});
}

// The most by which all open orders can add to what their instants lose.
Money at_stake(const execution::Executor& executor, const ledger::Ledger& ledger) {
  Money total = executor.in_flight();
  for (const auto id : executor.open()) {
    const auto& order = executor.orders().at(id).order;
    const auto& terms = order.terms();
    const auto& held = ledger.position(terms.contract);
    total += gain_if_closed(held, terms.side, terms.limit, order.open_qty());
    if (const auto* amended = order.pending())
      total += gain_if_closed(held, terms.side, amended->limit, order.pending_qty());
  }
  return total;
}

}  // namespace

// True if the quote is on its way to what is wished, or to its end.
bool Engine::amend(const execution::TrackedOrder& quote, const strategy::Intent& wish) {
  const auto& order = quote.order;
  const auto id = order.terms().order;
  if (order.phase() != ledger::OrderPhase::live || order.pending() != nullptr || withdrawn_.contains(id)) return true;
  if (wish.side != order.terms().side || order.amend_refused()) return false;
  const auto& contract = books_.at(wish.contract).contract;
  const Money in_flight = at_stake(executor_, ledger_);
  const auto part = gate_.fitted(wish, now_, contract, ledger_, in_flight, sensitivity(wish, {}, id));
  const auto verdict =
      gate_.check(strategy::Amend{id, part}, now_, contract, ledger_, in_flight, sensitivity(part, {}, id));
  const auto* approved = std::get_if<risk::Approved<strategy::Amend>>(&verdict);
  if (approved == nullptr) return false;
  ++counters_.amends;
  effects_.emplace_back(executor_.amend(*approved, now_));
  return true;
}

// All that settles with the wish: held, on the way as if filled, and the wish itself. An amend without an answer counts
// as the larger of what it was and is to be: one order is never filled as both.
risk::SensitivityIfFilled Engine::sensitivity(const strategy::Intent& wish, std::span<const strategy::Intent> with,
                                              event::OrderId changed) {
  struct Contracts {
    double before{}, without{}, after{};
    void add(double n) {
      before += n;
      without += n;
      after += n;
    }
  };
  const Time close = books_.at(wish.contract).contract.close;
  const auto signed_contracts = [](Side side, Qty qty) { return static_cast<double>(sign(side)) * qty.contracts(); };
  std::map<event::ContractId, Contracts> contracts;
  for (const auto& listing : books_.all()) {
    if (listing.contract.close != close) continue;
    const auto& position = ledger_.position(listing.contract.id);
    if (position.held()) contracts[listing.contract.id].add(position.net().contracts());
  }
  for (const auto& [id, tracked] : executor_.orders()) {
    const auto& terms = tracked.order.terms();
    const Qty open = max(tracked.order.open_qty(), tracked.order.pending_qty());
    if (open.centis == 0 || books_.at(terms.contract).contract.close != close) continue;
    const double n = signed_contracts(terms.side, open);
    if (id == changed)
      contracts[terms.contract].before += n;
    else
      contracts[terms.contract].add(n);
  }
  for (const auto& other : with) contracts[other.contract].add(signed_contracts(other.side, other.qty));
  contracts[wish.contract].after += signed_contracts(wish.side, wish.qty);
  risk::SensitivityIfFilled out;
  for (const auto& [id, n] : contracts) {
    const auto each = strategy_.greeks(id, context());
    const risk::Sensitivity one = each ? risk::Sensitivity{each->delta_1pct, each->vega_1vol} : kNotMeasured;
    out.before.add(n.before, one);
    out.without.add(n.without, one);
    out.after.add(n.after, one);
  }
  return out;
}

void Engine::try_order(const strategy::Intent& wish, event::Decision& decision) {
  const auto& contract = books_.at(wish.contract).contract;
  const Money in_flight = at_stake(executor_, ledger_);
  const auto greeks = sensitivity(wish);
  const auto part = gate_.fitted(wish, now_, contract, ledger_, in_flight, greeks);
  const auto verdict =
      gate_.check(part, now_, contract, ledger_, in_flight, part.qty == wish.qty ? greeks : sensitivity(part));
  if (const auto* refused = std::get_if<risk::Refused>(&verdict)) {
    decision.vetoes |= bit(refused->why);
    return;
  }
  place(std::get<risk::Approved<strategy::Intent>>(verdict), decision);
}

void Engine::place(const risk::Approved<strategy::Intent>& approved, event::Decision& decision) {
  const auto& contract = books_.at(approved.get().contract).contract;
  const auto order = executor_.place(approved, contract.fees, now_);
  decision.order = order.terms().order;
  ++counters_.orders;
  effects_.emplace_back(order);
}

// The bet that decide() wished: all its legs, or its first by itself.
std::vector<Engine::ApprovedLeg> Engine::send_bet(const strategy::Intent& wish, event::Decision& decision) {
  auto legs = approve_bet(wish, decision);
  if (!legs.empty()) {
    place(legs.front().wish, decision);
    legs.erase(legs.begin());
    return legs;
  }
  if (const auto alone = strategy_.alone(wish))
    try_order(*alone, decision);
  else
    decision.vetoes |= bit(event::Veto::size_too_small);
  return {};
}

// Every leg of a bet of several, cut in the same proportion to the most that fits, and none below one contract; empty:
// not even that does, or there are no others.
std::vector<Engine::ApprovedLeg> Engine::approve_bet(const strategy::Intent& wish, const event::Decision& decision) {
  const auto& companions = strategy_.companions();
  if (companions.empty()) return {};
  const auto& first = books_.at(wish.contract).contract;
  const Money in_flight = at_stake(executor_, ledger_);
  const auto fits = gate_.fitted(wish, now_, first, ledger_, in_flight, sensitivity(wish)).qty;
  std::vector<strategy::Leg> legs{{wish, decision}};
  for (const auto& leg : companions) {
    CHECK(leg.wish.contract != wish.contract);
    if (vetoes(leg.wish.contract) != 0) return {};
    legs.push_back(leg);
  }
  const auto approved_with = [&](Qty qty) {
    auto cut = legs;
    for (auto& leg : cut) {
      const auto share = ledger::Int128{leg.wish.qty.centis} * qty.centis / wish.qty.centis;
      leg.wish.qty = max(Qty{static_cast<std::int64_t>(share)}, min(leg.wish.qty, kContract));
    }
    return approve_all(cut);
  };
  if (auto all = approved_with(fits); !all.empty() || fits <= kContract) return all;
  Qty within = kContract, beyond = fits;
  auto best = approved_with(within);
  while (!best.empty() && beyond - within > Qty{1}) {
    const Qty middle{(within.centis + beyond.centis) / 2};
    gate_.not_sent(best.size());
    auto more = approved_with(middle);
    (more.empty() ? beyond : within) = middle;
    best = more.empty() ? approved_with(within) : std::move(more);
  }
  return best;
}

std::vector<Engine::ApprovedLeg> Engine::approve_all(std::span<const strategy::Leg> legs) {
  Money in_flight = at_stake(executor_, ledger_);
  std::vector<ApprovedLeg> approved;
  std::vector<strategy::Intent> before;
  for (const auto& leg : legs) {
    const auto& contract = books_.at(leg.wish.contract).contract;
    const auto verdict = gate_.check(leg.wish, now_, contract, ledger_, in_flight, sensitivity(leg.wish, before));
    const auto* yes = std::get_if<risk::Approved<strategy::Intent>>(&verdict);
    if (yes == nullptr) {
      gate_.not_sent(approved.size());
      return {};
    }
    approved.push_back({*yes, leg.decision});
    in_flight += risk::cost_max(leg.wish, contract.fees) +
                 gain_if_closed(ledger_.position(leg.wish.contract), leg.wish.side, leg.wish.limit, leg.wish.qty);
    before.push_back(leg.wish);
  }
  return approved;
}

}  // namespace voltage::engine
