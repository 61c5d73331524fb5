#include "forecast/live_weights.hpp"

#include <algorithm>
#include <cmath>

namespace voltage::forecast {
namespace {

constexpr double kAnotherRegime = 0.35;  // in ln volatility: variance doubled or halved
constexpr double kPull = 1;              // of the bundle's own weights: a factor of e is one standard deviation
constexpr double kLeast = 0.02;          // so that a member without weight can win some
constexpr double kBound = 3;
constexpr int kSteps = 4;

}  // namespace

Regime regime_of(double log_vol_half_hour, double log_vol_day) {
  const double over = log_vol_half_hour - log_vol_day;
  return over > kAnotherRegime ? Regime::wild : over < -kAnotherRegime ? Regime::calm : Regime::middle;
}

void LiveWeights::on_forecast(Time at, double log_close, Regime regime,
                              const std::vector<event::MemberForecast>& members) {
  if (members.size() != kMembers) return;
  for (std::size_t h = 0; h < kHorizons.size(); ++h) {
    Open open{{}, log_close, regime, {}, {}};
    for (std::size_t m = 0; m < kMembers; ++m) {
      if (members[m].nodes.size() != kNodes) return;
      const auto& node = members[m].nodes[kHorizons[h]];
      open.due = at + node.horizon;
      for (std::size_t i = 0; i < node.beyond.size(); ++i) {
        open.move[i] = node.beyond[i][0];
        const double p = node.beyond[i][1];
        open.logit[i][m] = std::isnan(p) ? p : std::log(p / (1 - p));
      }
    }
    open_[h].push_back(open);
  }
}

void LiveWeights::on_bar(Time end, double log_close) {
  std::array<bool, kRegimes> learnt{};
  for (std::size_t h = 0; h < kHorizons.size(); ++h) {
    while (!open_[h].empty() && open_[h].front().due <= end) {
      const Open open = open_[h].front();
      open_[h].pop_front();
      if (open.due != end) continue;  // its last bar never came
      const auto regime = static_cast<std::size_t>(open.regime);
      const double r = std::abs(log_close - open.log_close);
      // Overlapping forecasts share their luck, and so do the three moves.
      const double weight = 0.5 / kNodeMinutes[kHorizons[h]];
      for (std::size_t i = 0; i < open.move.size(); ++i) {
        rows_[regime].push_back({open.logit[i], weight, kHorizons[h], r > open.move[i]});
        if (rows_[regime].size() > kWindow) rows_[regime].pop_front();
      }
      learnt[regime] = true;
      if (kHorizons[h] == 4) ++settled_;
    }
  }
  for (std::size_t k = 0; k < kRegimes; ++k) {
    if (learnt[k]) fit(static_cast<Regime>(k));
  }
}

std::array<double, kMembers> LiveWeights::node_weights(std::size_t node, const std::array<double, kMembers>& g) const {
  std::array<double, kMembers> w{};
  double sum = 0;
  for (std::size_t m = 0; m < kMembers; ++m) sum += w[m] = std::max(bundle_[node][m], kLeast) * std::exp(g[m]);
  for (double& v : w) v /= sum;
  return w;
}

NodeWeights LiveWeights::weights(Regime regime) const {
  const auto& g = g_[static_cast<std::size_t>(regime)];
  if (std::all_of(g.begin(), g.end(), [](double v) { return v == 0; })) return bundle_;
  NodeWeights out{};
  for (std::size_t node = 0; node < kNodes; ++node) out[node] = node_weights(node, g);
  return out;
}

void LiveWeights::fit(Regime regime) {
  auto& g = g_[static_cast<std::size_t>(regime)];
  const auto& rows = rows_[static_cast<std::size_t>(regime)];
  for (int step = 0; step < kSteps; ++step) {
    std::array<std::array<double, kMembers>, kNodes> weights{};
    for (const std::size_t node : kHorizons) weights[node] = node_weights(node, g);
    std::array<double, kMembers> slope{};
    double bend = kPull;  // no curvature is greater: the factors pull at each other, so each step bounds them all
    for (std::size_t m = 0; m < kMembers; ++m) slope[m] = kPull * g[m];
    for (const Row& row : rows) {
      double logit = 0, sum = 0;
      for (std::size_t m = 0; m < kMembers; ++m) {
        if (std::isnan(row.logit[m])) continue;
        logit += weights[row.node][m] * row.logit[m];
        sum += weights[row.node][m];
      }
      if (sum <= 0) continue;
      logit /= sum;
      const double p = logistic(logit);
      for (std::size_t m = 0; m < kMembers; ++m) {
        if (std::isnan(row.logit[m])) continue;
        const double pull = weights[row.node][m] / sum * (row.logit[m] - logit);
        slope[m] += row.weight * (p - (row.moved ? 1 : 0)) * pull;
        bend += row.weight * p * (1 - p) * pull * pull;
      }
    }
    for (std::size_t m = 0; m < kMembers; ++m) g[m] = std::clamp(g[m] - slope[m] / bend, -kBound, kBound);
  }
}

}  // namespace voltage::forecast
