#include "strategy/joint.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/check.hpp"
#include "strategy/growth.hpp"
#include "strategy/kelly.hpp"
#include "strategy/states.hpp"

namespace voltage::strategy {
namespace {

// Nothing is certain: a state of probability 0 could not be given weight by any market.
constexpr double kProbabilityFloor = 1e-12;

std::vector<double> wealth_by_state(const States& states, const InstantBet& bet) {
  std::vector<double> wealth(states.size(), bet.cash.dollars());
  for (const ledger::Holding& h : bet.held) {
    const StateRun run = h.strike_known ? states.run(h.pays) : StateRun{0, 0};
    for (std::size_t s = 0; s < wealth.size(); ++s) {
      if (!h.strike_known) {
        wealth[s] += min(h.yes, h.no).contracts();
      } else {
        wealth[s] += (s >= run.first && s < run.last ? h.yes : h.no).contracts();
      }
    }
  }
  return wealth;
}

std::vector<market::CentRange> ranges_of(const InstantBet& bet) {
  std::vector<market::CentRange> ranges;
  for (const auto& h : bet.held) {
    if (h.strike_known) ranges.push_back(h.pays);
  }
  for (const auto& o : bet.offers) ranges.push_back(o.pays);
  for (const auto& b : bet.tilts) ranges.push_back(b.pays);
  return ranges;
}

}  // namespace

double cost_per_contract(Side side, Price price, const market::FeeTerms& fees, ledger::Liquidity liquidity) {
  const Price own = side == Side::bid ? price : price.complement();
  return own.dollars() + ledger::fee_per_contract(fees, price.dollars(), liquidity);
}

std::vector<Qty> size_instant(const pricing::SettlementLaw& law, const InstantBet& bet) {
  CHECK(bet.fraction >= 0 && bet.fraction <= 1);
  std::vector<Qty> counts(bet.offers.size());
  const States states{ranges_of(bet)};
  GrowthProblem problem;
  problem.wealth = wealth_by_state(states, bet);
  problem.budget = std::max(bet.budget.dollars(), 0.0);
  if (!(*std::min_element(problem.wealth.begin(), problem.wealth.end()) > 0)) return counts;

  std::vector<Constraint> constraints;
  for (const Tilt& b : bet.tilts) {
    constraints.push_back({states.run(b.pays), std::clamp(b.p, 1e-9, 1 - 1e-9), Constraint::Kind::equal});
  }
  std::vector<double> density = states.probabilities(law);
  double total = 0;
  for (double& p : density) total += p = std::max(p, kProbabilityFloor);
  for (double& p : density) p /= total;
  const std::vector<double> ours = nearest_measure(std::move(density), constraints);

  std::vector<std::size_t> offer_of;  // leg -> offer
  for (std::size_t i = 0; i < bet.offers.size(); ++i) {
    const Offer& o = bet.offers[i];
    if (!(o.cost > 0 && o.cost < 1) || o.available.centis <= 0) continue;
    problem.legs.push_back({states.run(o.pays), o.side == Side::bid, o.cost, o.available.contracts()});
    offer_of.push_back(i);
  }
  // The market's word on a group is the cost of the level that we stop at: it starts with the cheapest, and
  // moves on while a level is bought out.
  std::vector<std::size_t> anchor;  // leg index, one for each group in order
  for (std::size_t k = 0; k < offer_of.size(); ++k) {
    if (k == 0 || bet.offers[offer_of[k]].group != bet.offers[offer_of[k - 1]].group) anchor.push_back(k);
  }
  std::vector<double> x;
  for (bool moved = true; moved;) {
    constraints.clear();
    for (const std::size_t k : anchor) {
      const GrowthLeg& leg = problem.legs[k];
      if (leg.inside) {
        constraints.push_back({leg.run, leg.cost, Constraint::Kind::at_most});
      } else {
        constraints.push_back({leg.run, 1 - leg.cost, Constraint::Kind::at_least});
      }
    }
    const std::vector<double> market = nearest_measure(ours, constraints);
    problem.probability.resize(ours.size());
    for (std::size_t s = 0; s < ours.size(); ++s) {
      problem.probability[s] = bet.fraction * ours[s] + (1 - bet.fraction) * market[s];
    }
    x = maximise_growth(problem);
    moved = false;
    for (std::size_t& k : anchor) {
      const bool bought_out = x[k] >= problem.legs[k].cap;
      const bool deeper = k + 1 < offer_of.size() && bet.offers[offer_of[k + 1]].group == bet.offers[offer_of[k]].group;
      if (!bought_out || !deeper) continue;
      ++k;
      moved = true;
    }
  }
  for (std::size_t k = 0; k < x.size(); ++k) counts[offer_of[k]] = round_down(x[k]);
  return counts;
}

}  // namespace voltage::strategy
