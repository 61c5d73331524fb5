#pragma once
// How far a training is, 0 to 1: by its steps, or by its time budget where that is about to bind.
#include <algorithm>

namespace voltage::torch_trainer {

struct Pace {
  double done{};
  bool time_bound{};
};

// Both shares of the whole, 0 on. For half of the budget time is not looked at: the first steps wait for memory and
// for other processes, and a training that then ends well within its budget must not depend on how long they waited.
inline Pace pace(double by_steps, double by_time) {
  constexpr double grace = 0.5;
  if (by_time <= grace || by_time <= by_steps) return {std::min(by_steps, 1.0), false};
  return {std::min(by_time, 1.0), true};
}

}  // namespace voltage::torch_trainer
