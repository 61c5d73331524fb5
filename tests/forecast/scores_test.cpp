// The scores say what they are for: a perfect forecaster looks perfect within its noise, a worse one is
// found out, and the density's score is least for the truth.
#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>

#include "base/rng.hpp"
#include "forecast/curves.hpp"
#include "forecast/scores.hpp"

namespace voltage::forecast {
namespace {

struct Drawn {
  std::vector<double> p;
  std::vector<std::uint8_t> y;
  std::vector<Time> at;
};

Drawn draw(std::size_t n, std::uint64_t seed) {
  Rng rng{seed};
  Drawn d;
  for (std::size_t i = 0; i < n; ++i) {
    d.p.push_back(logistic(rng.uniform(-3, 2)));
    d.y.push_back(rng.chance(d.p.back()) ? 1 : 0);
    d.at.push_back(Time{static_cast<std::int64_t>(i) * 900'000'000'000});
  }
  return d;
}

TEST(Scores, auc_counts_pairs_and_halves_ties) {
  const std::vector<double> p{0.1, 0.4, 0.4, 0.8};
  const std::vector<std::uint8_t> y{0, 0, 1, 1};
  EXPECT_DOUBLE_EQ(auc_of(p, y), 0.875);  // of 4 pairs: 3 right, one tie
  EXPECT_DOUBLE_EQ(auc_of(p, std::vector<std::uint8_t>{1, 1, 1, 1}), 0.5);
}

TEST(Scores, a_perfect_forecaster_lies_inside_its_own_noise_and_a_shifted_one_outside) {
  auto d = draw(6'000, 1);
  const auto band = calibration_noise(d.p, 1, 100, 7);
  EXPECT_LT(calibration_error(d.p, d.y), band.upper);
  EXPECT_GT(calibration_error(d.p, d.y), 0.3 * band.median);
  for (double& p : d.p) p = logistic(logit_of(p) + 0.4);
  EXPECT_GT(calibration_error(d.p, d.y), 2 * band.upper);
}

TEST(Scores, overlapping_outcomes_make_the_noise_wider) {
  auto d = draw(6'000, 2);
  std::sort(d.p.begin(), d.p.end());  // neighbours in time fall into one bin, as calm and wild days do
  EXPECT_GT(calibration_noise(d.p, 16, 60, 7).median, 1.5 * calibration_noise(d.p, 1, 60, 7).median);
}

TEST(Scores, diebold_mariano_finds_the_better_and_nothing_between_equals) {
  const auto d = draw(20'000, 3);
  Rng rng{4};
  std::vector<double> good, bad, other;
  for (std::size_t i = 0; i < d.p.size(); ++i) {
    const bool y = d.y[i] != 0;
    good.push_back(log_loss(d.p[i], y));
    bad.push_back(log_loss(logistic(logit_of(d.p[i]) + 0.5 * rng.normal()), y));
    other.push_back(log_loss(logistic(logit_of(d.p[i]) + 0.001 * rng.normal()), y));
  }
  EXPECT_LT(diebold_mariano(good, bad, d.at), -5);
  EXPECT_GT(diebold_mariano(bad, good, d.at), 5);
  EXPECT_LT(std::abs(diebold_mariano(good, other, d.at)), 3);
}

TEST(Scores, crps_in_closed_form_equals_the_integral_and_prefers_the_truth) {
  const auto density = Density::make(0.001, 0.004, 0.5, 0.1);
  const double outcome = 0.0023;
  double integral = 0;
  constexpr double step = 1e-6;
  for (double x = -0.08; x < 0.08; x += step) {
    const double cdf = 1 - density.above(x);
    const double d = cdf - (x >= outcome ? 1 : 0);
    integral += d * d * step;
  }
  EXPECT_NEAR(crps(density, outcome), integral, 1e-6);
  Rng rng{5};
  double truth = 0, wide = 0;
  for (int i = 0; i < 5'000; ++i) {
    const double r = 0.004 * rng.normal();
    truth += crps_normal(0.004, r);
    wide += crps_normal(0.006, r);
  }
  EXPECT_LT(truth, wide);
}

}  // namespace
}  // namespace voltage::forecast
