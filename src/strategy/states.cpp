#include "strategy/states.hpp"

#include <algorithm>
#include <cmath>

#include "base/check.hpp"

namespace voltage::strategy {
namespace {

using market::CentRange;

constexpr int kSweepsMax = 400;
constexpr double kMassTolerance = 1e-13;

}  // namespace

States::States(std::span<const CentRange> ranges) {
  for (const CentRange& r : ranges) {
    if (r.low != CentRange::kBelowAll) cuts_.push_back(r.low);
    if (r.high != CentRange::kAboveAll) cuts_.push_back(r.high);
  }
  std::sort(cuts_.begin(), cuts_.end());
  cuts_.erase(std::unique(cuts_.begin(), cuts_.end()), cuts_.end());
}

StateRun States::run(const CentRange& range) const {
  if (range.high <= range.low) return {0, 0};
  const auto state_from = [&](std::int64_t cents) {
    return static_cast<std::size_t>(std::lower_bound(cuts_.begin(), cuts_.end(), cents) - cuts_.begin()) + 1;
  };
  return {range.low == CentRange::kBelowAll ? 0 : state_from(range.low),
          range.high == CentRange::kAboveAll ? size() : state_from(range.high)};
}

std::vector<double> States::probabilities(const pricing::SettlementLaw& law) const {
  std::vector<double> out(size());
  double above = 1;
  for (std::size_t i = 0; i < cuts_.size(); ++i) {
    const double next = std::min(law.at_or_above(cuts_[i]), above);
    out[i] = above - next;
    above = next;
  }
  out.back() = above;
  return out;
}

std::vector<double> nearest_measure(std::vector<double> prior, std::span<const Constraint> constraints) {
  // The multiplier of each inequality, so that a step may be taken back once others have done its work.
  std::vector<double> pull(constraints.size());
  for (int sweep = 0; sweep < kSweepsMax; ++sweep) {
    double moved = 0;
    for (std::size_t k = 0; k < constraints.size(); ++k) {
      const Constraint& c = constraints[k];
      CHECK(c.mass > 0 && c.mass < 1 && c.run.last <= prior.size());
      double inside = 0, outside = 0;
      for (std::size_t s = 0; s < prior.size(); ++s)
        (s >= c.run.first && s < c.run.last ? inside : outside) += prior[s];
      if (inside <= 0 || outside <= 0) continue;
      double step = std::log(c.mass / (1 - c.mass) * outside / inside);
      if (c.kind == Constraint::Kind::at_most) step = std::min(step, -pull[k]);
      if (c.kind == Constraint::Kind::at_least) step = std::max(step, -pull[k]);
      pull[k] += step;
      const double factor = std::exp(step), total = inside * factor + outside;
      for (std::size_t s = 0; s < prior.size(); ++s) {
        prior[s] *= (s >= c.run.first && s < c.run.last ? factor : 1) / total;
      }
      moved = std::max(moved, std::abs(step) * inside * outside);
    }
    if (moved < kMassTolerance) break;
  }
  return prior;
}

}  // namespace voltage::strategy
