#include "forecast/curves.hpp"

#include <algorithm>
#include <utility>

#include "base/check.hpp"

namespace voltage::forecast {

NodePlace node_place(double minutes) {
  CHECK(minutes > 0);
  static const auto logs = [] {
    std::array<double, kNodes> out{};
    for (std::size_t i = 0; i < kNodes; ++i) out[i] = std::log(kNodeMinutes[i]);
    return out;
  }();
  const double x = std::log(minutes);
  if (x <= logs.front()) return {0, 0.0};
  if (x >= logs.back()) return {kNodes - 2, 1.0};
  const auto high = static_cast<std::size_t>(std::upper_bound(logs.begin(), logs.end(), x) - logs.begin());
  return {high - 1, (x - logs[high - 1]) / (logs[high] - logs[high - 1])};
}

CurveTable::CurveTable(double x0, double step, std::vector<std::vector<double>> rows)
    : x0_{x0}, step_{step}, rows_{std::move(rows)} {
  CHECK(step_ > 0);
  CHECK(rows_.size() == kNodes);
  for (const auto& row : rows_) CHECK(row.size() == rows_.front().size() && row.size() >= 2);
}

double CurveTable::at_node(std::size_t node, double x) const {
  const auto& y = rows_[node];
  const double place = (x - x0_) / step_;
  const double last = static_cast<double>(y.size() - 2);
  const double base = std::clamp(std::floor(place), 0.0, last);
  const auto i = static_cast<std::size_t>(base);
  return y[i] + (place - base) * (y[i + 1] - y[i]);
}

double logit_of(double probability) {
  if (probability <= 0) return -kLogitMax;
  if (probability >= 1) return kLogitMax;
  return std::clamp(std::log(probability / (1 - probability)), -kLogitMax, kLogitMax);
}

}  // namespace voltage::forecast
