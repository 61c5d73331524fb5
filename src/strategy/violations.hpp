#pragma once
// Prices of one settlement instant that can't all be right: portfolios that cost less than they are sure to
// pay, fees included, across strikes and across series (KXBTCD's aboves against KXBTC's ranges).
//
// On the line of payoffs (payoff_line.hpp) a sure gain is a cycle of negative length, and Bellman-Ford finds one if
// there is any.
#include <optional>
#include <span>
#include <vector>

#include "base/types.hpp"
#include "market/payoff.hpp"

namespace voltage::strategy {

// What one contract costs to take now; empty where nobody offers. Dollars a contract, fee included.
struct Ask {
  double cost{};
  Qty available{};
};
struct TakerQuote {
  market::CentRange pays;
  std::optional<Ask> yes, no;
};

struct ViolationLeg {
  std::size_t quote{};  // index into what was given
  Side side{};          // bid: buy YES, ask: buy NO
};
struct Violation {
  std::vector<ViolationLeg> legs;  // one contract each
  double sure_gain{};              // dollars for one of each
  Qty available{};                 // of the scarcest leg
};

// Gains below `gain_min` dollars are not looked for.
std::optional<Violation> find_violation(std::span<const TakerQuote> quotes, double gain_min = 1e-9);

}  // namespace voltage::strategy
