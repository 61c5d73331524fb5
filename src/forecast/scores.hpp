#pragma once
// How good probabilities and densities were, with the uncertainty of the answer. Pure functions.
// Outcomes of forecasts every few minutes overlap and are far from independent; so differences are
// tested on daily sums with a HAC variance, and the noise of calibration is simulated with the overlap.
#include <cstdint>
#include <span>
#include <vector>

#include "base/types.hpp"
#include "forecast/density.hpp"

namespace voltage::forecast {

// The log loss of one answer, with p held inside [1e-4, 1 − 1e-4].
double log_loss(double p, bool happened);

struct BinaryScore {
  std::size_t n{};
  double base_rate{};
  double brier{};
  double skill{};  // 1 − Brier / that of the span's own base rate
  double log_loss{};
  double auc{};
  double calibration_error{};
};
inline constexpr std::size_t kCalibrationBins = 15;  // of equal mass

struct CalibrationBin {
  double mean_p{};
  double rate{};
  std::size_t n{};
};

BinaryScore score_binary(std::span<const double> p, std::span<const std::uint8_t> y);
double auc_of(std::span<const double> p, std::span<const std::uint8_t> y);
std::vector<CalibrationBin> calibration_bins(std::span<const double> p, std::span<const std::uint8_t> y);
double calibration_error(std::span<const double> p, std::span<const std::uint8_t> y);

// The calibration error that a perfect forecaster would show on these p by chance: the middle and the
// upper 95 % of `draws` simulations, in which outcomes less than `overlap` rows apart share their luck.
struct NoiseBand {
  double median{};
  double upper{};
};
NoiseBand calibration_noise(std::span<const double> p, std::size_t overlap, int draws, std::uint64_t seed);

// Is the mean of these daily sums (in order of time) zero? Newey-West variance with 5 lags, and the small-sample
// correction of Harvey, Leybourne and Newbold (1997). t is 0 where there are fewer than ten days.
struct DailyTest {
  std::size_t days{};
  double mean{};
  double error{};  // standard error of the mean
  double t{};
};
DailyTest daily_test(std::span<const double> daily_sums);

// Diebold-Mariano on daily sums of loss_a − loss_b, Newey-West variance with 5 lags: below −2, a is better
// than chance explains. 0 where there are fewer than ten days.
double diebold_mariano(std::span<const double> loss_a, std::span<const double> loss_b, std::span<const Time> at);

// Continuous ranked probability score of a mixture of normals, in closed form (Grimit et al. 2006).
double crps(const Density& density, double outcome);
double crps_normal(double sd, double outcome);

}  // namespace voltage::forecast
