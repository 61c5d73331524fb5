#pragma once
// Curves that are learnt at a few horizons and hold for all: a table of logits over an even grid of x at
// each node, linear between grid points and, in log horizon, between nodes; beyond its ends a curve goes
// on with its end slope. A table of monotone curves is monotone everywhere.
#include <array>
#include <cmath>
#include <cstddef>
#include <vector>

namespace voltage::forecast {

inline constexpr std::array<double, 12> kNodeMinutes{1, 2, 5, 10, 15, 30, 60, 120, 240, 480, 960, 1440};
inline constexpr std::size_t kNodes = kNodeMinutes.size();

// Where a horizon lies between the nodes: value = (1 - share) · node[low] + share · node[low + 1].
// Outside the nodes the nearest one holds.
struct NodePlace {
  std::size_t low{};
  double share{};
};
NodePlace node_place(double minutes);

inline double between(const NodePlace& at, double low, double high) {
  return low + at.share * (high - low);
}

class CurveTable {
 public:
  CurveTable() = default;
  // One row of equal length a node, at least two points each; y[node][i] stands at x0 + i · step.
  CurveTable(double x0, double step, std::vector<std::vector<double>> rows);

  bool empty() const { return rows_.empty(); }
  double at_node(std::size_t node, double x) const;
  double at(const NodePlace& place, double x) const {
    return between(place, at_node(place.low, x), at_node(place.low + 1, x));
  }
  double x0() const { return x0_; }
  double step() const { return step_; }
  const std::vector<std::vector<double>>& rows() const { return rows_; }

 private:
  double x0_{};
  double step_{};
  std::vector<std::vector<double>> rows_;
};

inline double logistic(double logit) {
  return 1 / (1 + std::exp(-logit));
}
double logit_of(double probability);  // bounded to ±kLogitMax

// Probabilities stay this far from 0 and 1 (6e-6): nobody knows more than that about a market.
inline constexpr double kLogitMax = 12;

}  // namespace voltage::forecast
