#include "pricing/implied.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <utility>

#include "base/check.hpp"

namespace voltage::pricing {
namespace {

using forecast::Density;
using market::CentRange;

constexpr std::size_t kQuotesMin = 3;
// What fatness and skew are where the prices don't say (a few buckets minutes before the close).
constexpr double kFatnessPrior = -1.2, kFatnessSd = 1.5;  // in the coordinate of Shape
constexpr double kSkewSd = 0.5;
constexpr int kStepsMax = 60;
constexpr double kWidthFloor = 0.005;  // dollars: no quote is believed to better than half a cent
constexpr double kVegaMin = 1e-4;      // dollars a vol point: below it a price says nothing of volatility

// Level and scale in log units, fatness and skew free, each in a coordinate without bounds.
using Shape = std::array<double, 4>;

Density density_of(const Shape& s) {
  const double kappa = 1.5 / (1 + std::exp(-s[2]));
  return Density::make(s[0], std::exp(s[1]), kappa, std::tanh(s[3]));
}

double log_of(std::int64_t cents, double reference) {
  return std::log(std::max((static_cast<double>(cents) - 0.5) * 0.01, 0.01) / reference);
}
double above(const Density& density, std::int64_t cents, double reference) {
  if (cents == CentRange::kBelowAll) return 1;
  if (cents == CentRange::kAboveAll) return 0;
  return density.above(log_of(cents, reference));
}
double mass(const Density& density, const CentRange& range, double reference) {
  if (range.high <= range.low) return 0;
  return std::max(above(density, range.low, reference) - above(density, range.high, reference), 0.0);
}

// In quote widths. Where nobody bids (or asks), the market says only that the price lies beyond the other
// side: a wing at 0 to 2 cents is not worth one.
double misfit(double p, const LadderQuote& q) {
  const double width = std::max(q.ask - q.bid, kWidthFloor);
  if (q.bid <= 0) return std::max(p - q.ask, 0.0) / width;
  if (q.ask >= 1) return std::min(p - q.bid, 0.0) / width;
  return (p - q.mid()) / width;
}
bool two_sided(const LadderQuote& q) {
  return q.bid > 0 && q.ask < 1;
}

std::vector<double> misfits(const Shape& s, std::span<const LadderQuote> quotes, double reference) {
  const Density density = density_of(s);
  std::vector<double> out;
  out.reserve(quotes.size());
  for (const auto& q : quotes) {
    out.push_back(misfit(mass(density, q.pays, reference), q));
  }
  out.push_back((s[2] - kFatnessPrior) / kFatnessSd);
  out.push_back(s[3] / kSkewSd);
  return out;
}
double squared(const std::vector<double>& r) {
  double sum = 0;
  for (const double v : r) sum += v * v;
  return sum;
}

// Median and spread of the mids as they stand, for a start.
Shape first_guess(std::span<const LadderQuote> quotes, double reference) {
  double weight = 0, mean = 0, square = 0;
  for (const auto& q : quotes) {
    if (q.pays.low == CentRange::kBelowAll || q.pays.high == CentRange::kAboveAll || !two_sided(q)) continue;
    const double x = 0.5 * (log_of(q.pays.low, reference) + log_of(q.pays.high, reference));
    weight += q.mid();
    mean += q.mid() * x;
    square += q.mid() * x * x;
  }
  if (weight > 0.3) {
    mean /= weight;
    return {mean, 0.5 * std::log(std::max(square / weight - mean * mean, 1e-10)), -1, 0};
  }
  // A ladder of tails: where it crosses 84 and 16 %.
  double high = std::numeric_limits<double>::quiet_NaN(), low = high, best_high = 1, best_low = 1;
  for (const auto& q : quotes) {
    if (q.pays.low == CentRange::kBelowAll) continue;
    const double x = log_of(q.pays.low, reference);
    if (std::abs(q.mid() - 0.84) < best_low) best_low = std::abs(q.mid() - 0.84), low = x;
    if (std::abs(q.mid() - 0.16) < best_high) best_high = std::abs(q.mid() - 0.16), high = x;
  }
  if (!(high > low)) return {0, std::log(1e-3), -1, 0};
  return {0.5 * (high + low), std::log(0.5 * (high - low)), -1, 0};
}

// Solves (JᵀJ + damping·diag)·d = −Jᵀr in place; false if it can't.
bool solve(std::array<std::array<double, 5>, 4>& m) {
  for (std::size_t c = 0; c < 4; ++c) {
    std::size_t pivot = c;
    for (std::size_t r = c + 1; r < 4; ++r) {
      if (std::abs(m[r][c]) > std::abs(m[pivot][c])) pivot = r;
    }
    if (!(std::abs(m[pivot][c]) > 0)) return false;
    std::swap(m[c], m[pivot]);
    for (std::size_t r = 0; r < 4; ++r) {
      if (r == c) continue;
      const double factor = m[r][c] / m[c][c];
      for (std::size_t k = c; k < 5; ++k) m[r][k] -= factor * m[c][k];
    }
  }
  for (std::size_t c = 0; c < 4; ++c) m[c][4] /= m[c][c];
  return true;
}

// Levenberg-Marquardt with slopes by differences: four numbers, a few hundred quotes.
Shape fit(Shape s, std::span<const LadderQuote> quotes, double reference) {
  std::vector<double> r = misfits(s, quotes, reference);
  double best = squared(r), damping = 1e-3;
  for (int step = 0; step < kStepsMax && damping < 1e8; ++step) {
    std::array<std::vector<double>, 4> slopes;
    for (std::size_t k = 0; k < 4; ++k) {
      const double h = k == 0 ? 1e-4 * std::exp(s[1]) : 1e-5;
      Shape up = s;
      up[k] += h;
      slopes[k] = misfits(up, quotes, reference);
      for (std::size_t i = 0; i < r.size(); ++i) slopes[k][i] = (slopes[k][i] - r[i]) / h;
    }
    std::array<std::array<double, 5>, 4> m{};
    for (std::size_t a = 0; a < 4; ++a) {
      for (std::size_t i = 0; i < r.size(); ++i) {
        for (std::size_t b = 0; b < 4; ++b) m[a][b] += slopes[a][i] * slopes[b][i];
        m[a][4] -= slopes[a][i] * r[i];
      }
      m[a][a] += damping * (m[a][a] + 1e-9);
    }
    if (!solve(m)) break;
    Shape next = s;
    for (std::size_t k = 0; k < 4; ++k) next[k] += m[k][4];
    next[2] = std::clamp(next[2], -6.0, 6.0);
    next[3] = std::clamp(next[3], -2.0, 2.0);
    next[1] = std::clamp(next[1], s[1] - 1, s[1] + 1);
    const std::vector<double> then = misfits(next, quotes, reference);
    const double value = squared(then);
    if (value < best) {
      const bool done = best - value < 1e-10 * best;
      s = next;
      r = then;
      best = value;
      damping = std::max(damping * 0.3, 1e-9);
      if (done) break;
    } else {
      damping *= 4;
    }
  }
  return s;
}

}  // namespace

double ImpliedLadder::prob(const CentRange& range) const {
  return mass(density, range, reference);
}

std::optional<ImpliedLadder> imply_ladder(std::span<const LadderQuote> quotes, double reference, double horizon) {
  CHECK(reference > 0 && horizon > 0);
  for (const auto& q : quotes) CHECK(q.bid >= 0 && q.ask <= 1 && q.bid <= q.ask);
  if (static_cast<std::size_t>(std::count_if(quotes.begin(), quotes.end(), two_sided)) < kQuotesMin)
    return std::nullopt;
  const Shape shape = fit(first_guess(quotes, reference), quotes, reference);
  const Density density = density_of(shape);
  const double variance = density.variance();
  double square = 0, outside = 0, sided = 0;
  for (const auto& q : quotes) {
    const double p = mass(density, q.pays, reference);
    if (two_sided(q)) square += (p - q.mid()) * (p - q.mid()), ++sided;
    outside += std::max({q.bid - p, p - q.ask, 0.0});
  }
  const double n = static_cast<double>(quotes.size());
  const double rms = std::sqrt(square / sided);
  if (!(rms < 0.1) || !std::isfinite(variance)) return std::nullopt;
  const double centre = reference * std::exp(density.mean());
  return ImpliedLadder{.level = centre,
                       .sd_usd = centre * std::sqrt(variance),
                       .annual_vol = std::sqrt(variance / horizon * kSecondsPerYear),
                       .kappa = 1.5 / (1 + std::exp(-shape[2])),
                       .skew = std::tanh(shape[3]),
                       .rms_cents = 100 * rms,
                       .outside_cents = 100 * outside / n,
                       .reference = reference,
                       .density = density};
}

std::vector<RichCheap> rich_cheap(std::span<const LadderQuote> quotes, const SettlementLaw& ours) {
  std::vector<RichCheap> out;
  out.reserve(quotes.size());
  for (const auto& q : quotes) {
    const double p = ours.prob(q.pays);
    double gap = q.mid() - p;
    if (q.bid <= 0) gap = std::min(q.ask - p, 0.0);
    if (q.ask >= 1) gap = std::max(q.bid - p, 0.0);
    const double vega = ours.greeks(q.pays).vega_1vol;
    out.push_back({100 * gap, std::abs(vega) > kVegaMin ? gap / vega : 0});
  }
  return out;
}

}  // namespace voltage::pricing
