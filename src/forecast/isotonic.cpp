#include "forecast/isotonic.hpp"

#include <algorithm>
#include <cmath>

#include "base/check.hpp"
#include "forecast/curves.hpp"

namespace voltage::forecast {
namespace {

struct Pool {
  double x{};
  double sum{};
  double weight{};
  double mean() const { return sum / weight; }
};

// Pools of equal fitted value, left to right; x is the pool's weighted mean place.
std::vector<Pool> pools_of(const std::vector<CalibrationPoint>& sorted) {
  std::vector<Pool> pools;
  for (const auto& p : sorted) {
    pools.push_back({p.x, p.y * p.weight, p.weight});
    while (pools.size() > 1 && pools[pools.size() - 2].mean() >= pools.back().mean()) {
      const Pool last = pools.back();
      pools.pop_back();
      Pool& into = pools.back();
      into.x = (into.x * into.weight + last.x * last.weight) / (into.weight + last.weight);
      into.sum += last.sum;
      into.weight += last.weight;
    }
  }
  return pools;
}

// Many points of nearly one x become one: the fit is the same to the grid's precision, the sort far smaller.
std::vector<CalibrationPoint> binned(const std::vector<CalibrationPoint>& points, const CalibrationGrid& grid) {
  constexpr double bins_per_step = 16;
  const double width = grid.step / bins_per_step;
  const auto bins = static_cast<std::size_t>(bins_per_step * static_cast<double>(grid.points - 1)) + 1;
  std::vector<CalibrationPoint> out(bins, {0, 0, 0});
  for (const auto& p : points) {
    const double place = std::clamp((p.x - grid.x0) / width, 0.0, static_cast<double>(bins - 1));
    auto& bin = out[static_cast<std::size_t>(std::lround(place))];
    bin.x += p.x * p.weight;
    bin.y += p.y * p.weight;
    bin.weight += p.weight;
  }
  std::erase_if(out, [](const CalibrationPoint& b) { return b.weight <= 0; });
  for (auto& bin : out) {
    bin.x /= bin.weight;
    bin.y /= bin.weight;
  }
  return out;
}

}  // namespace

std::vector<double> isotonic(std::span<const double> y, std::span<const double> weight) {
  CHECK(y.size() == weight.size());
  struct Block {
    double sum, weight;
    std::size_t count;
  };
  std::vector<Block> blocks;
  for (std::size_t i = 0; i < y.size(); ++i) {
    blocks.push_back({y[i] * weight[i], weight[i], 1});
    while (blocks.size() > 1) {
      const Block& b = blocks.back();
      Block& a = blocks[blocks.size() - 2];
      if (a.sum / a.weight < b.sum / b.weight) break;
      a = {a.sum + b.sum, a.weight + b.weight, a.count + b.count};
      blocks.pop_back();
    }
  }
  std::vector<double> out;
  out.reserve(y.size());
  for (const auto& b : blocks) out.insert(out.end(), b.count, b.sum / b.weight);
  return out;
}

std::vector<double> smooth_isotonic(std::vector<CalibrationPoint> points, const CalibrationGrid& grid,
                                    double prior_shift) {
  // The prior is data too: pseudo-points on the curve x + shift, spread over the grid.
  points = binned(points, grid);
  const double each = grid.prior / static_cast<double>(grid.points);
  for (std::size_t i = 0; i < grid.points; ++i) {
    const double x = grid.x0 + grid.step * static_cast<double>(i);
    points.push_back({x, logistic(x + prior_shift), each});
  }
  std::sort(points.begin(), points.end(),
            [](const CalibrationPoint& a, const CalibrationPoint& b) { return a.x < b.x; });
  const auto pools = pools_of(points);
  // The step function at every point, as a correction of the prior's logit, so that smoothing over a
  // kernel does not flatten a curve that is right already.
  std::vector<double> correction;
  std::size_t pool = 0;
  double used = 0;
  for (const auto& p : points) {
    while (used >= pools[pool].weight * (1 - 1e-12) && pool + 1 < pools.size()) {
      used = 0;
      ++pool;
    }
    used += p.weight;
    correction.push_back(logit_of(pools[pool].mean()) - p.x);
  }
  std::vector<double> out(grid.points);
  for (std::size_t i = 0; i < grid.points; ++i) {
    const double x = grid.x0 + grid.step * static_cast<double>(i);
    double sum = 0;
    double weight = 0;
    for (std::size_t k = 0; k < points.size(); ++k) {
      const double z = (points[k].x - x) / grid.bandwidth;
      if (std::abs(z) > 4) continue;
      const double w = points[k].weight * std::exp(-0.5 * z * z);
      sum += w * correction[k];
      weight += w;
    }
    out[i] = x + sum / weight;
  }
  constexpr double slope_min = 0.05;  // per unit of raw logit: two different questions keep different answers
  for (std::size_t i = 1; i < out.size(); ++i) out[i] = std::max(out[i], out[i - 1] + slope_min * grid.step);
  return out;
}

}  // namespace voltage::forecast
