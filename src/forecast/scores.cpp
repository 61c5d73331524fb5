#include "forecast/scores.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include "base/rng.hpp"

namespace voltage::forecast {
namespace {

constexpr double kLossFloor = 1e-4;

std::vector<std::size_t> order_of(std::span<const double> p) {
  std::vector<std::size_t> order(p.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return p[a] < p[b]; });
  return order;
}

std::vector<CalibrationBin> bins_in(std::span<const std::size_t> order, std::span<const double> p,
                                    std::span<const std::uint8_t> y) {
  std::vector<CalibrationBin> bins(kCalibrationBins);
  for (std::size_t b = 0; b < kCalibrationBins; ++b) {
    const std::size_t from = order.size() * b / kCalibrationBins;
    const std::size_t to = order.size() * (b + 1) / kCalibrationBins;
    CalibrationBin& bin = bins[b];
    bin.n = to - from;
    for (std::size_t i = from; i < to; ++i) {
      bin.mean_p += p[order[i]] / static_cast<double>(bin.n);
      bin.rate += static_cast<double>(y[order[i]]) / static_cast<double>(bin.n);
    }
  }
  return bins;
}

double error_of(const std::vector<CalibrationBin>& bins) {
  double sum = 0;
  std::size_t n = 0;
  for (const auto& b : bins) {
    sum += static_cast<double>(b.n) * std::abs(b.mean_p - b.rate);
    n += b.n;
  }
  return n > 0 ? sum / static_cast<double>(n) : 0;
}

// E|N(mean, variance)| of the closed form.
double absolute_normal(double mean, double variance) {
  const double sd = std::sqrt(variance);
  const double z = mean / sd;
  return 2 * sd * normal_pdf(z) + mean * (2 * normal_cdf(z) - 1);
}

}  // namespace

double log_loss(double p, bool happened) {
  const double q = std::clamp(p, kLossFloor, 1 - kLossFloor);
  return -std::log(happened ? q : 1 - q);
}

double auc_of(std::span<const double> p, std::span<const std::uint8_t> y) {
  const auto order = order_of(p);
  double rank_sum = 0;
  double positives = 0;
  for (std::size_t i = 0; i < order.size();) {
    std::size_t j = i;
    while (j < order.size() && p[order[j]] == p[order[i]]) ++j;
    const double rank = 0.5 * static_cast<double>(i + j + 1);  // ties share their mean rank
    for (std::size_t k = i; k < j; ++k) {
      if (y[order[k]] != 0) {
        rank_sum += rank;
        positives += 1;
      }
    }
    i = j;
  }
  const double negatives = static_cast<double>(p.size()) - positives;
  if (positives == 0 || negatives == 0) return 0.5;
  return (rank_sum - positives * (positives + 1) / 2) / (positives * negatives);
}

std::vector<CalibrationBin> calibration_bins(std::span<const double> p, std::span<const std::uint8_t> y) {
  return bins_in(order_of(p), p, y);
}

double calibration_error(std::span<const double> p, std::span<const std::uint8_t> y) {
  return error_of(calibration_bins(p, y));
}

BinaryScore score_binary(std::span<const double> p, std::span<const std::uint8_t> y) {
  CHECK(p.size() == y.size());
  BinaryScore s;
  s.n = p.size();
  if (s.n == 0) return s;
  const auto n = static_cast<double>(s.n);
  for (std::size_t i = 0; i < s.n; ++i) {
    s.base_rate += y[i] / n;
    s.brier += (p[i] - y[i]) * (p[i] - y[i]) / n;
    s.log_loss += log_loss(p[i], y[i] != 0) / n;
  }
  const double reference = s.base_rate * (1 - s.base_rate);
  s.skill = reference > 0 ? 1 - s.brier / reference : 0;
  s.auc = auc_of(p, y);
  s.calibration_error = calibration_error(p, y);
  return s;
}

NoiseBand calibration_noise(std::span<const double> p, std::size_t overlap, int draws, std::uint64_t seed) {
  if (p.empty() || draws <= 0) return {};
  overlap = std::max<std::size_t>(overlap, 1);
  const auto order = order_of(p);
  Rng rng{seed};
  std::vector<double> errors;
  std::vector<double> normals(p.size() + overlap);
  std::vector<std::uint8_t> y(p.size());
  for (int draw = 0; draw < draws; ++draw) {
    for (double& z : normals) z = rng.normal();
    double sum = std::accumulate(normals.begin(), normals.begin() + static_cast<std::ptrdiff_t>(overlap), 0.0);
    const double root = std::sqrt(static_cast<double>(overlap));
    for (std::size_t i = 0; i < p.size(); ++i) {
      y[i] = normal_cdf(sum / root) < p[i] ? 1 : 0;
      sum += normals[i + overlap] - normals[i];
    }
    errors.push_back(error_of(bins_in(order, p, y)));
  }
  std::sort(errors.begin(), errors.end());
  return {errors[errors.size() / 2], errors[std::min(errors.size() - 1, errors.size() * 95 / 100)]};
}

namespace {

constexpr std::size_t kLags = 5;
constexpr std::size_t kDaysMin = 10;

// Newey-West variance of the mean of d.
double variance_of_mean(std::span<const double> d, double mean) {
  double variance = 0;
  for (std::size_t lag = 0; lag <= kLags; ++lag) {
    double covariance = 0;
    for (std::size_t i = lag; i < d.size(); ++i) covariance += (d[i] - mean) * (d[i - lag] - mean);
    const double weight = lag == 0 ? 1 : 2 * (1 - static_cast<double>(lag) / static_cast<double>(kLags + 1));
    variance += weight * covariance / static_cast<double>(d.size());
  }
  return variance / static_cast<double>(d.size());
}

}  // namespace

DailyTest daily_test(std::span<const double> d) {
  DailyTest test{d.size(), 0, 0, 0};
  if (d.empty()) return test;
  const auto n = static_cast<double>(d.size());
  test.mean = std::accumulate(d.begin(), d.end(), 0.0) / n;
  const double variance = variance_of_mean(d, test.mean);
  if (d.size() < kDaysMin || !(variance > 0)) return test;
  constexpr double h = kLags + 1;
  const double correction = std::max(0.1, (n + 1 - 2 * h + h * (h - 1) / n) / n);
  test.error = std::sqrt(variance / correction);
  test.t = test.mean / test.error;
  return test;
}

double diebold_mariano(std::span<const double> loss_a, std::span<const double> loss_b, std::span<const Time> at) {
  constexpr std::int64_t day_ns = 86'400'000'000'000;
  std::map<std::int64_t, double> by_day;
  for (std::size_t i = 0; i < at.size(); ++i) by_day[at[i].ns / day_ns] += loss_a[i] - loss_b[i];
  if (by_day.size() < kDaysMin) return 0;
  std::vector<double> d;
  for (const auto& [day, sum] : by_day) d.push_back(sum);
  const double mean = std::accumulate(d.begin(), d.end(), 0.0) / static_cast<double>(d.size());
  const double variance = variance_of_mean(d, mean);
  return variance > 0 ? mean / std::sqrt(variance) : 0;
}

double crps(const Density& density, double outcome) {
  const auto& c = density.components();
  double score = 0;
  for (std::size_t i = 0; i < kComponents; ++i) {
    score += c[i].weight * absolute_normal(outcome - c[i].mean, c[i].sd * c[i].sd);
    for (std::size_t j = 0; j < kComponents; ++j) {
      const double variance = c[i].sd * c[i].sd + c[j].sd * c[j].sd;
      score -= 0.5 * c[i].weight * c[j].weight * absolute_normal(c[i].mean - c[j].mean, variance);
    }
  }
  return score;
}

double crps_normal(double sd, double outcome) {
  return absolute_normal(outcome, sd * sd) - 0.5 * absolute_normal(0, 2 * sd * sd);
}

}  // namespace voltage::forecast
