#include "forecast/density.hpp"

#include <cmath>

#include "base/check.hpp"

namespace voltage::forecast {
namespace {

// Gauss-Hermite of order five for the standard normal.
constexpr std::array<double, kComponents> kNodes{-2.8569700138728056, -1.3556261799742659, 0.0, 1.3556261799742659,
                                                 2.8569700138728056};
constexpr std::array<double, kComponents> kWeights{0.011257411327720688, 0.22207592200561264, 0.53333333333333333,
                                                   0.22207592200561264, 0.011257411327720688};

}  // namespace

double normal_cdf(double z) {
  return 0.5 * std::erfc(-z * 0.70710678118654752);
}
double normal_pdf(double z) {
  return 0.39894228040143268 * std::exp(-0.5 * z * z);
}

Density Density::make(double drift, double scale, double kappa, double skew) {
  CHECK(scale > 0 && std::isfinite(scale));
  CHECK(kappa >= 0 && kappa <= 1.5);
  double mean_square = 0;
  for (std::size_t i = 0; i < kComponents; ++i) mean_square += kWeights[i] * std::exp(2 * kappa * kNodes[i]);
  std::array<Component, kComponents> parts{};
  for (std::size_t i = 0; i < kComponents; ++i) {
    const double relative_variance = std::exp(2 * kappa * kNodes[i]) / mean_square;
    parts[i] = {kWeights[i], drift + skew * scale * (relative_variance - 1), scale * std::sqrt(relative_variance)};
  }
  return Density{parts};
}

double Density::above(double log_return) const {
  double p = 0;
  for (const auto& c : components_) p += c.weight * normal_cdf((c.mean - log_return) / c.sd);
  return p < 1 ? p : 1;
}

double Density::beyond(double move) const {
  double p = 0;
  for (const auto& c : components_) {
    p += c.weight * (normal_cdf((c.mean - move) / c.sd) + normal_cdf((-move - c.mean) / c.sd));
  }
  return p < 1 ? p : 1;
}

double Density::pdf(double log_return) const {
  double p = 0;
  for (const auto& c : components_) p += c.weight * normal_pdf((log_return - c.mean) / c.sd) / c.sd;
  return p;
}

double Density::mean() const {
  double m = 0;
  for (const auto& c : components_) m += c.weight * c.mean;
  return m;
}

double Density::variance() const {
  const double m = mean();
  double v = 0;
  for (const auto& c : components_) v += c.weight * (c.sd * c.sd + (c.mean - m) * (c.mean - m));
  return v;
}

Density Density::plus_noise(double mean, double variance) const {
  auto parts = components_;
  for (auto& c : parts) {
    c.mean += mean;
    c.sd = std::sqrt(c.sd * c.sd + variance);
  }
  return Density{parts};
}

Density Density::scaled(double k) const {
  CHECK(k > 0);
  auto parts = components_;
  for (auto& c : parts) {
    c.mean *= k;
    c.sd *= k;
  }
  return Density{parts};
}

}  // namespace voltage::forecast
