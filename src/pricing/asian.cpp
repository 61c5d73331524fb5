#include "pricing/asian.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/check.hpp"

namespace voltage::pricing {
namespace {

using forecast::Density;
using forecast::normal_cdf;
using forecast::normal_pdf;
using forecast::Surface;
using market::CentRange;

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kSurfaceFloor = 60;  // seconds: below it the surface extrapolates from minutes
constexpr double kHorizonMin = 1e-3;  // seconds

// Variance of the mean of r values one second apart, the first of them d seconds ahead, in units of the
// variance of one second: the mean of min(t_i, t_j) over all pairs.
double mean_horizon(double d, double r) {
  return d + (r - 1) * (2 * r - 1) / (6 * r);
}

// Seconds until the first of the last r values before `close`.
double first_value_in(Time now, Time close, int r) {
  return std::max((close - now).seconds() - (r - 1), 0.0);
}

// The surface's law over `seconds` from now, on the variance measured on seconds as the horizon shrinks.
Density law_over(const Surface& surface, double seconds, double second_rate) {
  const double h = std::max(seconds, kHorizonMin);
  const Density density = surface.density(Duration{std::llround(h * 1e9)});
  if (second_rate <= 0 || h >= kSurfaceFloor) return density;
  const double fast = 1 - h / kSurfaceFloor;
  const double variance = density.variance();
  return density.scaled(std::sqrt((1 - fast) + fast * second_rate * h / variance));
}

void check(const SettlementView& view) {
  CHECK(view.index_now > 0 && std::isfinite(view.index_now));
  CHECK(view.index_sd >= 0 && std::isfinite(view.index_sd));
  CHECK(view.seen >= 0 && view.seen <= kAverageValues);
  CHECK(view.seen_sd >= 0 && std::isfinite(view.seen_sd));
}

// P(lead + sd·Z >= 0), and the step it becomes when nothing is left to happen.
double tail(double lead, double sd) {
  if (sd > 0) return normal_cdf(lead / sd);
  return lead >= 0 ? 1 : 0;
}

}  // namespace

SettlementLaw::SettlementLaw(const Surface& surface, const SettlementView& view) {
  check(view);
  const int left = kAverageValues - view.seen;
  index_ = view.index_now;
  known_sum_ = view.seen == 0 ? 0 : view.seen * view.seen_mean;
  left_ = left;
  seen_sd_ = view.seen == 0 ? 0 : view.seen_sd;
  if (left == 0) return;
  const double h = std::max(mean_horizon(first_value_in(view.now, view.close, left), left), kHorizonMin);
  const Density density = law_over(surface, h, view.second_rate);
  annual_vol_ = std::sqrt(density.variance() / h * kSecondsPerYear);
  const double blur = (view.index_sd + seen_sd_ * view.seen / left) / view.index_now;
  noise_ = blur * blur;
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    const auto& c = density.components()[i];
    parts_[i] = {c.weight, c.mean, std::sqrt(c.sd * c.sd + noise_)};
  }
}

double SettlementLaw::at_or_above_usd(double usd) const {
  if (left_ == 0) return tail(known_sum_ / kAverageValues - usd, seen_sd_);
  const double bar = threshold(usd);
  if (bar <= 0) return 1;
  if (bar == kInfinity) return 0;
  const double log_ratio = std::log(index_ / bar);
  double p = 0;
  for (const Part& c : parts_) p += c.weight * tail(log_ratio + c.mean, c.sd);
  return std::min(p, 1.0);
}

double SettlementLaw::at_or_above(std::int64_t cents) const {
  if (cents == CentRange::kBelowAll) return 1;
  if (cents == CentRange::kAboveAll) return 0;
  if (left_ == 0 && seen_sd_ <= 0) return std::llround(known_sum_ / kAverageValues * 100) >= cents ? 1 : 0;
  return at_or_above_usd((static_cast<double>(cents) - 0.5) * 0.01);
}

double SettlementLaw::prob(const CentRange& range) const {
  if (range.high <= range.low) return 0;
  return std::max(at_or_above(range.low) - at_or_above(range.high), 0.0);
}

double SettlementLaw::prob_yes(const market::Strike& strike) const {
  return prob(market::paying_range(strike));
}

std::vector<double> SettlementLaw::ladder(std::span<const market::Strike> strikes) const {
  std::vector<double> out(strikes.size());
  std::int64_t known_at = CentRange::kAboveAll;
  double known = 0;
  for (std::size_t i = 0; i < strikes.size(); ++i) {
    const CentRange range = market::paying_range(strikes[i]);
    if (range.high <= range.low) continue;
    const double low = range.low == known_at ? known : at_or_above(range.low);
    known_at = range.high;
    known = at_or_above(range.high);
    out[i] = std::max(low - known, 0.0);
  }
  return out;
}

Greeks SettlementLaw::greeks(const CentRange& range) const {
  if (left_ == 0 || range.high <= range.low) return {};
  // Of one tail: dP/d ln(index), and dP/dk with all volatilities k times as large.
  const auto slopes = [&](std::int64_t cents, double sign, double& by_log, double& by_vol) {
    if (cents == CentRange::kBelowAll || cents == CentRange::kAboveAll) return;
    const double bar = threshold((static_cast<double>(cents) - 0.5) * 0.01);
    if (bar <= 0) return;
    const double log_ratio = std::log(index_ / bar);
    for (const Part& c : parts_) {
      if (c.sd <= 0) continue;
      const double z = (log_ratio + c.mean) / c.sd;
      const double density = sign * c.weight * normal_pdf(z) / c.sd;
      const double own = 1 - noise_ / (c.sd * c.sd);  // the share of the variance that is volatility
      by_log += density;
      by_vol += density * (c.mean - z * c.sd * own);
    }
  };
  double by_log = 0, by_vol = 0;
  slopes(range.low, 1, by_log, by_vol);
  slopes(range.high, -1, by_log, by_vol);
  return {by_log * 0.01, annual_vol_ > 0 ? by_vol * 0.01 / annual_vol_ : 0};
}

double SettlementLaw::sd_usd() const {
  double mean = 0, square = 0;
  for (const Part& c : parts_) {
    mean += c.weight * c.mean;
    square += c.weight * (c.mean * c.mean + c.sd * c.sd);
  }
  return index_ * std::sqrt(std::max(square - mean * mean, 0.0)) * left_ / kAverageValues;
}

SettlementLaw SettlementLaw::with_vol(double k) const {
  CHECK(k > 0);
  SettlementLaw scaled = *this;
  for (Part& c : scaled.parts_) {
    c.mean *= k;
    c.sd = std::sqrt(k * k * std::max(c.sd * c.sd - noise_, 0.0) + noise_);
  }
  scaled.annual_vol_ *= k;
  return scaled;
}

double prob_yes(const Surface& surface, const SettlementView& view, const market::Strike& strike) {
  return SettlementLaw{surface, view}.prob_yes(strike);
}

double prob_yes_forward(const Surface& surface, const SettlementView& view, const ForwardStrike& strike) {
  check(view);
  CHECK(strike.open < view.close);
  CHECK(strike.seen >= 0 && strike.seen <= kAverageValues);
  const int left = kAverageValues - strike.seen;
  if (left == 0 || view.seen > 0) {
    // The strike's minute is over: an ordinary contract whose strike is that mean.
    return SettlementLaw{surface, view}.at_or_above(std::llround(strike.seen_mean * 100));
  }
  // A >= K, with x the log of the mean of K's values to come: ln(A/S) >= ln(share of K seen + rest·e^x),
  // the right side taken linear in x about 0. Exact for none seen and for all seen.
  const double rest = static_cast<double>(left) / kAverageValues;
  const double known = strike.seen == 0 ? 0 : strike.seen * strike.seen_mean / (kAverageValues * view.index_now);
  const double level = std::log(known + rest);
  const double w = rest / (known + rest);
  const double d_strike = first_value_in(view.now, strike.open, left);
  const double d_close = first_value_in(view.now, view.close, kAverageValues);
  const Density close_law = law_over(surface, mean_horizon(d_close, kAverageValues), view.second_rate);
  const Density strike_law = law_over(surface, mean_horizon(d_strike, left), view.second_rate);
  const Density shared_law = law_over(surface, d_strike + 0.5 * (left - 1), view.second_rate);
  const double noise = view.index_sd * view.index_sd / (view.index_now * view.index_now) * (1 - w) * (1 - w);
  double p = 0;
  for (std::size_t i = 0; i < forecast::kComponents; ++i) {
    const auto& a = close_law.components()[i];
    const auto& x = strike_law.components()[i];
    const auto& both = shared_law.components()[i];
    const double variance = a.sd * a.sd - 2 * w * both.sd * both.sd + w * w * x.sd * x.sd + noise;
    p += a.weight * tail(a.mean - w * x.mean - level, std::sqrt(std::max(variance, 0.0)));
  }
  return std::min(p, 1.0);
}

std::optional<double> implied_vol(const SettlementLaw& law, const CentRange& range, double probability) {
  const bool one_sided = (range.low == CentRange::kBelowAll) != (range.high == CentRange::kAboveAll);
  if (!one_sided || !(probability > 0 && probability < 1) || law.annual_vol() <= 0) return std::nullopt;
  double low = std::log(0.001 / law.annual_vol()), high = std::log(100 / law.annual_vol());
  const auto excess = [&](double log_k) { return law.with_vol(std::exp(log_k)).prob(range) - probability; };
  const double at_low = excess(low), at_high = excess(high);
  if (!(at_low * at_high < 0)) return std::nullopt;
  for (int i = 0; i < 60; ++i) {
    const double middle = 0.5 * (low + high);
    (excess(middle) * at_low > 0 ? low : high) = middle;
  }
  return law.annual_vol() * std::exp(0.5 * (low + high));
}

}  // namespace voltage::pricing
