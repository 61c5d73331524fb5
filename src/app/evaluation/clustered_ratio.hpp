#pragma once
// Profit a contract where contracts of one market win and lose together: whole markets are drawn, not contracts.
#include <vector>

namespace voltage::app::evaluation {

struct Cluster {
  double sum{};     // of what is earned, any unit
  double weight{};  // contracts, >= 0
};

// NaN where it can't be told: fewer than two clusters for the interval, no weight for the ratio.
struct ClusteredRatio {
  double ratio{};          // Σ sum / Σ weight
  double low{}, high{};    // 90 %, by 4,000 draws of whole clusters from a fixed seed: the same number in every run
  double smallest_edge{};  // that so many clusters could have shown, 5 % one-sided with 80 % power
};
ClusteredRatio clustered_ratio(const std::vector<Cluster>& clusters);

}  // namespace voltage::app::evaluation
