#pragma once
// What all that settles at one instant gains or loses, in dollars, when bitcoin rises by 1 % and when annual
// volatility rises by a point: of what is held, of every order on the way as if it were filled, and of the
// wish. The strategy gives the numbers of one contract; adding them up is not its business.
#include <cmath>

namespace voltage::risk {

struct Sensitivity {
  double delta_1pct{}, vega_point{};  // dollars
  void add(double contracts, const Sensitivity& each) {
    delta_1pct += contracts * each.delta_1pct;
    vega_point += contracts * each.vega_point;
  }
};

struct SensitivityIfFilled {
  Sensitivity before;   // as things stand
  Sensitivity without;  // the same without the order that the wish would change; of a new one there is none
  Sensitivity after;    // and with the wish
};

// Beyond the limit and not on the way back to it: further out on the same side, or out on the other.
inline bool worsens(double before, double after, double limit) {
  const bool back = std::signbit(before) == std::signbit(after) && std::abs(after) <= std::abs(before);
  return std::abs(after) > limit && !back;
}

}  // namespace voltage::risk
