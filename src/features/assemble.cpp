#include "features/assemble.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace voltage::features {
namespace {

constexpr std::int64_t kCoarseNs = 5 * kMinuteNs;
constexpr std::size_t kBinMinutes = 15;
constexpr double kYearMinutes = 365.25 * 24 * 60;
constexpr double kRootRatioMax = 6;  // one crash is not the season

std::int64_t block_of(const market::Candle& bar) {
  return bar.begin.ns / kCoarseNs;
}

}  // namespace

Result<History> assemble(const market::CandleSeries& fine, const market::CandleSeries& coarse, Season season) {
  if (fine.bars.empty() && coarse.bars.empty()) return fail("no candles: name at least one candle file");
  History history{std::move(season)};
  history.reserve(fine.bars.size() + 5 * coarse.bars.size() + 4096);
  auto f = fine.bars.begin();
  for (auto c = coarse.bars.begin(); c != coarse.bars.end() || f != fine.bars.end();) {
    const bool take_fine = f != fine.bars.end() && (c == coarse.bars.end() || block_of(*f) <= block_of(*c));
    if (take_fine && c != coarse.bars.end() && block_of(*f) == block_of(*c)) ++c;
    const Status status = take_fine ? history.append(*f++, fine.interval) : history.append(*c++, coarse.interval);
    if (!status) return fail(status.error().message);
  }
  return history;
}

market::CandleSeries coarsen(const market::CandleSeries& fine) {
  market::CandleSeries out{Duration{kCoarseNs}, {}};
  const auto& bars = fine.bars;
  for (std::size_t i = 0; i + 5 <= bars.size();) {
    const bool whole = bars[i].begin.ns % kCoarseNs == 0 && block_of(bars[i + 4]) == block_of(bars[i]);
    if (!whole) {
      ++i;
      continue;
    }
    market::Candle sum = bars[i];
    for (std::size_t k = i + 1; k < i + 5; ++k) {
      sum.high = std::max(sum.high, bars[k].high);
      sum.low = std::min(sum.low, bars[k].low);
      sum.close = bars[k].close;
      sum.volume += bars[k].volume;
    }
    sum.trades = sum.taker_buy = std::numeric_limits<double>::quiet_NaN();
    out.bars.push_back(sum);
    i += 5;
  }
  return out;
}

Season learn_season(const History& history, std::size_t end) {
  std::vector<double> sums(kSeasonBins, 0.0);
  std::vector<double> weights(kSeasonBins, 0.0);
  std::size_t samples = 0;
  for (std::size_t slot = kWeekMinutes; slot + kBinMinutes <= end; ++slot) {
    const Minute minute = history.minute_of(slot);
    if (minute % static_cast<Minute>(kBinMinutes) != 0) continue;
    const Sums& week_ago = history.sums_before(slot - kWeekMinutes);
    const Sums& before = history.sums_before(slot);
    const Sums& after = history.sums_before(slot + kBinMinutes);
    const std::int32_t week_n = before.n5 - week_ago.n5;
    if (after.n5 - before.n5 != static_cast<std::int32_t>(kBinMinutes) || week_n < 9000) continue;
    const double week = (before.var5 - week_ago.var5) / week_n;
    const double quarter = (after.var5 - before.var5) / static_cast<double>(kBinMinutes);
    if (week <= 0) continue;
    const double age = static_cast<double>(end - slot) / kYearMinutes;
    const double weight = std::exp2(-age);
    const std::size_t bin = new_york_week_minute(minute) / kBinMinutes;
    sums[bin] += weight * std::min(std::sqrt(quarter / week), kRootRatioMax);
    weights[bin] += weight;
    ++samples;
  }
  if (samples < 4 * kSeasonBins) return Season{};
  std::vector<double> root(kSeasonBins);
  for (std::size_t i = 0; i < kSeasonBins; ++i) root[i] = weights[i] > 0 ? sums[i] / weights[i] : 1.0;
  std::vector<double> factors(kSeasonBins);
  for (std::size_t i = 0; i < kSeasonBins; ++i) {
    const double left = root[(i + kSeasonBins - 1) % kSeasonBins];
    const double right = root[(i + 1) % kSeasonBins];
    const double smooth = 0.15 * left + 0.7 * root[i] + 0.15 * right;
    factors[i] = std::max(smooth * smooth, 0.02);
  }
  return Season{factors};
}

MinuteProfile learn_minutes(const History& history, std::size_t end) {
  MinuteProfile roots{};
  std::size_t samples = 0;
  for (std::size_t slot = kWeekMinutes; slot < end; ++slot) {
    const Sums& week_ago = history.sums_before(slot - kWeekMinutes);
    const Sums& before = history.sums_before(slot);
    const Sums& after = history.sums_before(slot + 1);
    const std::int32_t week_n = before.n1 - week_ago.n1;
    const double week = before.var1 - week_ago.var1;
    if (after.n1 == before.n1 || week_n < 9000 || week <= 0) continue;
    const double weight = std::exp2(-static_cast<double>(end - slot) / kYearMinutes);
    const double ratio = (after.var1 - before.var1) * week_n / week;
    // Every minute of an hour is met equally often, so their sums compare as their means do.
    roots[static_cast<std::size_t>(history.minute_of(slot) % Minute{kHourMinutes})] +=
        weight * std::min(std::sqrt(std::max(ratio, 0.0)), kRootRatioMax);
    ++samples;
  }
  if (samples < kWeekMinutes) return flat_minutes();
  const double mean = std::accumulate(roots.begin(), roots.end(), 0.0) / kHourMinutes;
  MinuteProfile factors{};
  for (std::size_t i = 0; i < kHourMinutes; ++i) factors[i] = std::max(roots[i] * roots[i] / (mean * mean), 0.02);
  return factors;
}

namespace {

// Sum of weight · root ratio, and of the weights.
struct RootMean {
  double sum{};
  double weight{};
  double square() const { return weight > 0 ? sum * sum / (weight * weight) : 1; }
};

// Variance a minute of the minutes [from, to) counted from slot `at`; NaN where one of them is missing.
double variance_of(const History& history, std::ptrdiff_t at, int from, int to) {
  const std::ptrdiff_t begin = at + from, end = at + to;
  if (begin < 0 || end > static_cast<std::ptrdiff_t>(history.size())) return std::numeric_limits<double>::quiet_NaN();
  const Sums& a = history.sums_before(static_cast<std::size_t>(begin));
  const Sums& b = history.sums_before(static_cast<std::size_t>(end));
  return b.n1 - a.n1 == to - from ? (b.var1 - a.var1) / (to - from) : std::numeric_limits<double>::quiet_NaN();
}

// Root of the variance of each bin over that of the day before the moment, into `out`.
void add_moment(const History& history, std::ptrdiff_t at, double weight, std::array<RootMean, kReleaseBins>& out) {
  constexpr double root_ratio_max = 15;
  const double day = variance_of(history, at, kReleaseEdges.front() - 1440, kReleaseEdges.front());
  for (std::size_t k = 0; k < kReleaseBins; ++k) {
    const double ratio = variance_of(history, at, kReleaseEdges[k], kReleaseEdges[k + 1]) / day;
    if (!std::isfinite(ratio)) continue;
    out[k].sum += weight * std::min(std::sqrt(ratio), root_ratio_max);
    out[k].weight += weight;
  }
}

}  // namespace

ReleaseProfile learn_releases(const History& history, std::size_t end) {
  ReleaseProfile profile = flat_profile();
  constexpr int least = 8;
  for (std::size_t kind = 0; kind < kReleaseKinds; ++kind) {
    std::array<RootMean, kReleaseBins> with{}, without{};
    int count = 0;
    for (const Release& r : releases()) {
      const auto at = static_cast<std::ptrdiff_t>(r.at - history.origin());
      const auto past_end = at + kReleaseEdges.back() >= static_cast<std::ptrdiff_t>(end);
      if (static_cast<std::size_t>(r.kind) != kind || at < static_cast<std::ptrdiff_t>(kWeekMinutes) || past_end)
        continue;
      const double weight = std::exp2(-static_cast<double>(static_cast<std::ptrdiff_t>(end) - at) / kYearMinutes);
      add_moment(history, at, weight, with);
      add_moment(history, at - static_cast<std::ptrdiff_t>(kWeekMinutes), weight, without);
      ++count;
    }
    if (count < least) continue;
    for (std::size_t k = 0; k < kReleaseBins; ++k) {
      profile[kind][k] = std::max(1.0, with[k].square() / without[k].square());
    }
  }
  return profile;
}

}  // namespace voltage::features
