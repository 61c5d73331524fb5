// Isotonic calibration makes probabilities again of what a model says, smoothly and inside (0, 1); curves
// stay monotone between nodes; a density carries the curve it was fitted to.
#include <gmock/gmock.h>

#include <cmath>

#include "base/rng.hpp"
#include "forecast/curves.hpp"
#include "forecast/density.hpp"
#include "forecast/density_fit.hpp"
#include "forecast/isotonic.hpp"

namespace voltage::forecast {
namespace {

double value_at(const std::vector<double>& curve, const CalibrationGrid& grid, double x) {
  const double place = (x - grid.x0) / grid.step;
  const auto i = static_cast<std::size_t>(place);
  return curve[i] + (place - static_cast<double>(i)) * (curve[i + 1] - curve[i]);
}

TEST(Isotonic, pools_adjacent_violators) {
  const std::vector<double> y{0, 1, 0, 1, 1};
  const std::vector<double> w{1, 1, 1, 1, 2};
  EXPECT_THAT(isotonic(y, w), ::testing::ElementsAre(0, 0.5, 0.5, 1, 1));
  const std::vector<double> heavy{1, 3, 1, 1, 1};
  EXPECT_THAT(isotonic(y, heavy), ::testing::ElementsAre(0, 0.75, 0.75, 1, 1));
}

// What is_unbalance does: with positives weighted up k-fold, a right model's log odds rise by ln k.
TEST(Isotonic, gives_back_the_probabilities_that_class_weights_took) {
  Rng rng{3};
  constexpr double shift = 1.4;
  std::vector<CalibrationPoint> points;
  for (int i = 0; i < 200'000; ++i) {
    const double truth = rng.uniform(-4, 1);
    points.push_back({truth + shift, rng.chance(logistic(truth)) ? 1.0 : 0.0, 1});
  }
  const CalibrationGrid grid;
  const auto curve = smooth_isotonic(points, grid, 0);
  for (double truth = -3.5; truth < 0.9; truth += 0.5) {
    EXPECT_NEAR(logistic(value_at(curve, grid, truth + shift)), logistic(truth), 0.012) << truth;
  }
}

TEST(Isotonic, is_strictly_rising_and_never_reaches_zero_or_one) {
  std::vector<CalibrationPoint> points;
  for (int i = 0; i < 500; ++i) points.push_back({-2.0 + 0.004 * i, 0.0, 1});
  for (int i = 0; i < 500; ++i) points.push_back({1.0 + 0.004 * i, 1.0, 1});
  const auto curve = smooth_isotonic(points, {}, 0);
  for (std::size_t i = 0; i < curve.size(); ++i) {
    EXPECT_TRUE(std::isfinite(curve[i]));
    EXPECT_LT(std::abs(curve[i]), kLogitMax + 1);
    if (i > 0) {
      EXPECT_GT(curve[i], curve[i - 1]);
    }
  }
}

TEST(Isotonic, without_data_the_prior_stands) {
  const CalibrationGrid grid;
  const auto curve = smooth_isotonic({}, grid, -0.7);
  EXPECT_NEAR(value_at(curve, grid, 0.1), -0.6, 0.02);
}

TEST(Curves, are_monotone_between_and_beyond_nodes) {
  std::vector<std::vector<double>> rows;
  for (std::size_t n = 0; n < kNodes; ++n) {
    std::vector<double> row;
    for (int i = 0; i < 20; ++i) row.push_back(3 - 0.2 * i - 0.01 * static_cast<double>(n) * i);
    rows.push_back(row);
  }
  const CurveTable table{-2, 0.2, rows};
  for (const double minutes : {0.5, 1.0, 1.7, 37.0, 1439.0, 1440.0, 3000.0}) {
    const auto place = node_place(minutes);
    double before = 1e9;
    for (double x = -5; x < 6; x += 0.01) {
      const double y = table.at(place, x);
      EXPECT_LT(y, before);
      before = y;
    }
  }
}

TEST(DensityFit, finds_the_density_that_a_curve_came_from) {
  for (const double kappa : {0.1, 0.4, 0.8}) {
    const auto truth = Density::make(0, 0.004, kappa);
    std::vector<CurvePoint> curve;
    for (const double z : {-2.2, -1.2, -0.4, 0.2, 0.7, 1.2}) {
      curve.push_back({0.004 * std::exp(z), truth.beyond(0.004 * std::exp(z))});
    }
    const auto shape = fit_density(curve, 0.007);
    EXPECT_NEAR(shape.scale / 0.004, 1, 0.01) << kappa;
    EXPECT_NEAR(shape.kappa, kappa, 0.02);
  }
}

}  // namespace
}  // namespace voltage::forecast
