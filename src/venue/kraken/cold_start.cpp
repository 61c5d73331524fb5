#include "venue/kraken/cold_start.hpp"

#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "base/time.hpp"

namespace voltage::venue::kraken {
namespace {

using namespace literals;

constexpr std::array<Duration, 3> kIntervals{Duration{60'000'000'000}, Duration{300'000'000'000},
                                             Duration{900'000'000'000}};
constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

market::Candle flat_after(const market::Candle& c, Duration interval) {
  return {c.begin + interval, c.close, c.close, c.close, c.close, 0, 0, kMissing};
}

market::Candle candle_of(const CandleRow& r) {
  return {r.begin,
          r.open.value(),
          r.high.value(),
          r.low.value(),
          r.close.value(),
          r.volume.value(),
          static_cast<double>(r.trades),
          kMissing};
}

}  // namespace

ColdStart::ColdStart(Time until) : until_{until.ns - until.ns % (1_min).ns} {}

std::string ColdStart::target() const {
  return fmt::format("/0/public/OHLC?pair=XBTUSD&interval={}", kIntervals.at(place_).ns / (1_min).ns);
}

voltage::Status ColdStart::answer(const Candles& answer) {
  const Duration interval = kIntervals.at(place_);
  auto& bars = rows_[place_];
  bars.clear();
  // The last row is the bar in progress, always.
  for (std::size_t i = 0; i + 1 < answer.rows.size(); ++i) {
    const CandleRow& row = answer.rows[i];
    if (row.begin.ns % interval.ns != 0)
      return fail(fmt::format("the bar at {} is not aligned to {}", format_iso(row.begin), format_duration(interval)));
    if (!bars.empty() && row.begin <= bars.back().begin)
      return fail(fmt::format("the bar at {} does not come after the one before it", format_iso(row.begin)));
    while (!bars.empty() && bars.back().begin + interval < row.begin) bars.push_back(flat_after(bars.back(), interval));
    bars.push_back(candle_of(row));
  }
  ++place_;
  return {};
}

std::vector<event::CandleClosed> ColdStart::bars() const {
  // Where each interval may begin: at the first bar that begins on a boundary of the next coarser one, so that
  // the coarser bars before it fill the time up to there and no further.
  std::vector<event::CandleClosed> all;
  Time at{};  // everything before is told
  for (std::size_t i = kIntervals.size(); i-- > 0;) {
    Time finer = until_;
    for (std::size_t f = i; f-- > 0;) {
      if (rows_[f].empty()) continue;
      finer = rows_[f].front().begin;
      if (const auto rest = finer.ns % kIntervals[i].ns; rest != 0) finer = finer + Duration{kIntervals[i].ns - rest};
      break;
    }
    for (const auto& bar : rows_[i]) {
      const Time end = bar.begin + kIntervals[i];
      if (bar.begin < at || end > std::min(finer, until_)) continue;
      all.push_back({event::SpotVenue::kraken, kIntervals[i], bar});
      at = end;
    }
  }
  return all;
}

}  // namespace voltage::venue::kraken
