#pragma once
// The law of a log return: a scale mixture of normals with five fixed weights, so it is smooth and
// positive everywhere, has its tail in closed form, and takes on independent Gaussian noise (basis,
// index smoothing) exactly, by adding variances. Two shape numbers make it fat-tailed and skewed:
//
//   sd_i = scale · exp(kappa · node_i) / c(kappa),   mean_i = drift + skew · sd · (sd_i² / sd² − 1)
//
// with the Gauss-Hermite nodes and weights of order five and c(kappa) such that the standard deviation
// of the whole is `scale` when skew is 0: log-normal volatility of volatility. kappa = 0 is a normal.
// Source: normal variance-mean mixtures, Barndorff-Nielsen (1982); quadrature: Abramowitz & Stegun 25.4.46.
#include <array>
#include <cstddef>

namespace voltage::forecast {

inline constexpr std::size_t kComponents = 5;

struct Component {
  double weight{};
  double mean{};  // log return
  double sd{};    // log return, > 0
};

class Density {
 public:
  // A point mass is not a density: scale > 0, 0 <= kappa <= 1.5.
  static Density make(double drift, double scale, double kappa, double skew = 0);
  explicit Density(const std::array<Component, kComponents>& components) : components_{components} {}

  double above(double log_return) const;  // P(R > log_return)
  double beyond(double move) const;       // P(|R| > move), move >= 0
  double pdf(double log_return) const;
  double mean() const;
  double variance() const;
  const std::array<Component, kComponents>& components() const { return components_; }

  // The law of R + N(mean, variance), independent.
  Density plus_noise(double mean, double variance) const;
  // The law of k·R.
  Density scaled(double k) const;

 private:
  std::array<Component, kComponents> components_;
};

double normal_cdf(double z);  // to 1e-15 absolute, by erfc
double normal_pdf(double z);

}  // namespace voltage::forecast
