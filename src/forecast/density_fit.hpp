#pragma once
// From points of the curve P(|R| > x) to the smooth density that carries them: least squares in logits
// over the scale and the tail weight of forecast::Density. The martingale's drift and skew come after.
#include <span>

namespace voltage::forecast {

struct CurvePoint {
  double move{};         // > 0, log return
  double probability{};  // of |R| > move, in (0, 1)
};

struct DensityShape {
  double scale{};
  double kappa{};
};

// At least three points of different moves; `start` is a first guess of the scale.
DensityShape fit_density(std::span<const CurvePoint> curve, double start);

}  // namespace voltage::forecast
