#include "strategy/kelly.hpp"

#include <algorithm>
#include <cmath>

namespace voltage::strategy {

Qty round_down(double contracts) {
  constexpr double kSlack = 1e-6;
  return {static_cast<std::int64_t>(std::floor(std::max(contracts, 0.0) * 100 + kSlack))};
}

double kelly_fraction(double win, double cost) {
  CHECK(cost > 0);
  if (cost >= 1) return 0;
  return std::max(0.0, (win - cost) / (1 - cost));
}

Qty kelly_count(double win, double cost, Money bankroll, double part) {
  if (bankroll.micros <= 0) return {};
  const double stake = part * kelly_fraction(win, cost) * bankroll.dollars();
  return round_down(stake / cost);
}

}  // namespace voltage::strategy
