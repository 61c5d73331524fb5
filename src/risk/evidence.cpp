#include "risk/evidence.hpp"

#include <algorithm>
#include <cmath>

#include "base/check.hpp"

namespace voltage::risk {
namespace {

// At most this part of what could be lost in one bet is bet: the capital stays positive.
constexpr double kBetMax = 0.5;

}  // namespace

MeanBounds::MeanBounds(double low, double high, double alpha)
    : low_{low},
      high_{high},
      log_bar_{std::log(1 / alpha)},
      up_(kGrid + 1),
      down_(kGrid + 1),
      lower_{low},
      upper_{high} {
  CHECK(low < high && alpha > 0 && alpha < 1);
}

double MeanBounds::candidate(std::size_t i) const {
  return low_ + (high_ - low_) * static_cast<double>(i) / kGrid;
}

void MeanBounds::add(double x) {
  x = std::clamp(x, low_, high_);
  // The bet may know only what came before: variance and count so far, begun with a quarter of the range.
  const double n = static_cast<double>(count_), prior = 0.25 * (high_ - low_);
  const double centre = (sum_ + 0.5 * (low_ + high_)) / (n + 1);
  const double variance = (square_ - 2 * centre * sum_ + n * centre * centre + prior * prior) / (n + 1);
  const double t = n + 1;
  const double bet = std::sqrt(2 * log_bar_ / (std::max(variance, 1e-12) * t * std::log(1 + t)));
  for (std::size_t i = 0; i <= kGrid; ++i) {
    const double m = candidate(i);
    const double more = std::min(bet, kBetMax / std::max(m - low_, 1e-9));
    const double less = std::min(bet, kBetMax / std::max(high_ - m, 1e-9));
    up_[i] += std::log1p(more * (x - m));
    down_[i] += std::log1p(-less * (x - m));
    if (up_[i] >= log_bar_) lower_ = std::max(lower_, m);
    if (down_[i] >= log_bar_) upper_ = std::min(upper_, m);
  }
  sum_ += x;
  square_ += x * x;
  ++count_;
}

const char* name(Rung rung) {
  switch (rung) {
    case Rung::paper:
      return "paper";
    case Rung::shadow:
      return "shadow";
    case Rung::demo:
      return "demo";
    case Rung::canary:
      return "canary";
    case Rung::scale:
      return "scale";
  }
  return "?";
}

// A contract can't win or lose more than a dollar and its fee.
EvidenceGate::EvidenceGate(const EvidenceRules& rules)
    : rules_{rules}, net_{-1.02, 1.02, rules.alpha}, closing_line_{-1.02, 1.02, rules.alpha} {}

void EvidenceGate::on_market(double net, double markout) {
  net_.add(net);
  closing_line_.add(markout);
}

Rung EvidenceGate::allowed() const {
  const bool hopeless = net_.upper() < 0 || closing_line_.upper() < 0;
  if (hopeless || net_.count() < rules_.shadow_markets) return Rung::paper;
  if (net_.count() < rules_.demo_markets) return Rung::shadow;
  if (!(closing_line_.lower() > rules_.canary_clv_min)) return Rung::demo;
  if (!(net_.lower() > rules_.scale_net_min)) return Rung::canary;
  return Rung::scale;
}

}  // namespace voltage::risk
