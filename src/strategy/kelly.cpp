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

double worthwhile_count(double win, double cost, double wealth, double held, double aversion) {
  CHECK(cost > 0 && cost < 1);
  double if_won = wealth + held * (1 - win), if_lost = wealth - held * win;
  if (!(if_won > 0) || !(if_lost > 0)) if_won = if_lost = wealth;  // as indifference() does: nothing held
  // One more is worth nothing when win·(1 − cost)·if_won^−a = (1 − win)·cost·if_lost^−a, the count in both outcomes.
  const double ratio = std::pow(win * (1 - cost) / ((1 - win) * cost), 1 / aversion);
  return std::max(0.0, (ratio * if_lost - if_won) / (1 - cost + ratio * cost));
}

}  // namespace voltage::strategy
