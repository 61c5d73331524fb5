#pragma once
// Isotonic regression (pool adjacent violators) and the smooth form that is used of it. Raw isotonic
// steps reach 0 and 1 at their ends, which costs log loss, and become atoms in a density; so the steps
// are averaged in logits over a kernel, bounded by what the counts at the ends can say, and given a
// small slope. What remains is monotone, smooth and inside (0, 1).
#include <span>
#include <vector>

namespace voltage::forecast {

// y regressed on its order: x sorted ascending is implied by the order of y. Non-decreasing result.
std::vector<double> isotonic(std::span<const double> y, std::span<const double> weight);

struct CalibrationPoint {
  double x{};  // a raw logit
  double y{};  // 0 or 1
  double weight{1};
};

struct CalibrationGrid {
  double x0{-8};
  double step{0.25};
  std::size_t points{65};
  double bandwidth{0.35};  // of the kernel, in raw logits
  double prior{100};       // weight of the points that keep the curve near its prior where data is thin
};

// The calibrated logit at each grid point. `prior_shift` + x is where the curve lies without any data.
std::vector<double> smooth_isotonic(std::vector<CalibrationPoint> points, const CalibrationGrid& grid,
                                    double prior_shift = 0);

}  // namespace voltage::forecast
