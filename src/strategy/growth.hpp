#pragma once
// Expected log wealth, maximised over how much of each leg to buy:
//
//   max over 0 <= x <= cap, Σ cost·x <= budget, of  Σ_s p_s · ln(wealth_s + Σ_i x_i·(pays_is − cost_i))
//
// Concave, with a box and one budget line, of a few to a few hundred legs that each pay in one run of
// states. That structure makes gradient and Hessian prefix sums, so a projected Newton step on the free
// legs (Bertsekas 1982) costs microseconds and ends at the last digit of a double. A general conic solver
// would need exponential cones and stop at 1e-8, a hundredth of a contract on a book of thousands; that,
// and a dependency in the money path, is why none is used. Optimality is checked by the caller's tests
// through `stationarity`.
#include <cstddef>
#include <span>
#include <vector>

#include "strategy/states.hpp"

namespace voltage::strategy {

// A dollar in each state of the run, or in every other state; bought at `cost` dollars, fee included.
struct GrowthLeg {
  StateRun run;
  bool inside{true};
  double cost{};  // in (0, 1)
  double cap{};   // contracts
};

struct GrowthProblem {
  std::vector<double> probability;  // of each state
  std::vector<double> wealth;       // in each state before buying, dollars, > 0
  std::vector<GrowthLeg> legs;
  double budget{};  // dollars, >= 0
};

// Contracts of each leg.
std::vector<double> maximise_growth(const GrowthProblem& problem);

// The greatest breach of the conditions of an optimum, as an edge per dollar: for a leg strictly inside its
// box |∂f/∂x|·wealth, at a bound the same with the wrong sign. `price_of_budget` is what a dollar of budget
// is worth where the budget binds.
double stationarity(const GrowthProblem& problem, std::span<const double> x, double price_of_budget = 0);

double expected_log(const GrowthProblem& problem, std::span<const double> x);

}  // namespace voltage::strategy
