#include "forecast/density_fit.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/check.hpp"
#include "forecast/curves.hpp"
#include "forecast/density.hpp"

namespace voltage::forecast {
namespace {

constexpr double kKappaMin = 0.02;
constexpr double kKappaMax = 1.2;
constexpr int kRounds = 12;

struct Sums {
  double cost{};
  double a11{}, a12{}, a22{}, b1{}, b2{};
};

// A point counts by what a probability of its size can tell: p(1 - p), as in a logit regression.
double weight_of(double p) {
  return p * (1 - p);
}

Sums measure(std::span<const CurvePoint> curve, double log_scale, double kappa, bool slopes) {
  constexpr double h = 1e-4;
  const Density here = Density::make(0, std::exp(log_scale), kappa);
  const Density wider = Density::make(0, std::exp(log_scale + h), kappa);
  const Density fatter = Density::make(0, std::exp(log_scale), kappa + h);
  Sums s;
  for (const auto& point : curve) {
    const double logit = logit_of(here.beyond(point.move));
    const double error = logit_of(point.probability) - logit;
    const double w = weight_of(point.probability);
    s.cost += w * error * error;
    if (!slopes) continue;
    const double d1 = (logit_of(wider.beyond(point.move)) - logit) / h;
    const double d2 = (logit_of(fatter.beyond(point.move)) - logit) / h;
    s.a11 += w * d1 * d1;
    s.a12 += w * d1 * d2;
    s.a22 += w * d2 * d2;
    s.b1 += w * d1 * error;
    s.b2 += w * d2 * error;
  }
  return s;
}

}  // namespace

DensityShape fit_density(std::span<const CurvePoint> curve, double start) {
  CHECK(curve.size() >= 3);
  double log_scale = std::log(start);
  double kappa = 0.4;
  double damping = 1e-3;
  Sums now = measure(curve, log_scale, kappa, true);
  for (int round = 0; round < kRounds; ++round) {
    const double a11 = now.a11 * (1 + damping) + 1e-12;
    const double a22 = now.a22 * (1 + damping) + 1e-12;
    const double determinant = a11 * a22 - now.a12 * now.a12;
    const double step1 = std::clamp((a22 * now.b1 - now.a12 * now.b2) / determinant, -1.0, 1.0);
    const double step2 = std::clamp((a11 * now.b2 - now.a12 * now.b1) / determinant, -0.3, 0.3);
    const double next_scale = log_scale + step1;
    const double next_kappa = std::clamp(kappa + step2, kKappaMin, kKappaMax);
    const Sums next = measure(curve, next_scale, next_kappa, true);
    if (!(next.cost < now.cost)) {
      damping *= 10;
      if (damping > 1e4) break;
      continue;
    }
    const bool settled = now.cost - next.cost < 1e-9;
    log_scale = next_scale;
    kappa = next_kappa;
    now = next;
    damping = std::max(damping * 0.1, 1e-6);
    if (settled) break;
  }
  return {std::exp(log_scale), kappa};
}

}  // namespace voltage::forecast
