#include "app/evaluation/clustered_ratio.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/rng.hpp"

namespace voltage::app::evaluation {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr int kResamples = 4000;
constexpr std::uint64_t kSeed = 7;
constexpr double kOneSided = 1.645, kPower = 0.842;  // normal quantiles of 95 % and 80 %

double ratio_of(const Cluster& total, double none) {
  return total.weight > 0 ? total.sum / total.weight : none;
}

}  // namespace

ClusteredRatio clustered_ratio(const std::vector<Cluster>& clusters) {
  ClusteredRatio out{kNaN, kNaN, kNaN, kNaN};
  const auto add = [](Cluster& into, const Cluster& c) {
    into.sum += c.sum;
    into.weight += c.weight;
  };
  Cluster all;
  for (const auto& c : clusters) add(all, c);
  out.ratio = ratio_of(all, kNaN);
  if (clusters.size() < 2) return out;
  Rng rng{kSeed};
  std::vector<double> draws;
  for (int i = 0; i < kResamples; ++i) {
    Cluster drawn;
    for (std::size_t k = 0; k < clusters.size(); ++k) add(drawn, clusters[rng.below(clusters.size())]);
    draws.push_back(ratio_of(drawn, 0));
  }
  std::sort(draws.begin(), draws.end());
  out.low = draws[kResamples / 20];
  out.high = draws[kResamples - kResamples / 20 - 1];
  double mean = 0, square = 0;
  for (const double d : draws) mean += d / kResamples;
  for (const double d : draws) square += (d - mean) * (d - mean) / kResamples;
  out.smallest_edge = (kOneSided + kPower) * std::sqrt(square);
  return out;
}

}  // namespace voltage::app::evaluation
