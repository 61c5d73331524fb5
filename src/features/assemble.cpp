#include "features/assemble.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

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

}  // namespace voltage::features
